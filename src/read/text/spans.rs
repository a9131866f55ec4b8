//! Stretches of a text that are taken, asked for in any order.

use std::collections::BTreeMap;
use std::ops::Range;

/// Taken stretches, those that meet merged into one: a document can have a
/// hundred thousand, and every new one is compared with all.
#[derive(Default)]
pub(super) struct Spans {
    /// Ends by starts.
    taken: BTreeMap<usize, usize>,
}

impl Spans {
    /// Takes a span.
    pub(super) fn add(&mut self, span: &Range<usize>) {
        if span.is_empty() {
            return;
        }
        let (mut start, mut end) = (span.start, span.end);
        while let Some((&other, &until)) = self.taken.range(..end).next_back() {
            if until <= start {
                break;
            }
            self.taken.remove(&other);
            start = start.min(other);
            end = end.max(until);
        }
        self.taken.insert(start, end);
    }

    /// Whether a part of the span is taken.
    pub(super) fn meet(&self, span: &Range<usize>) -> bool {
        let last = self.taken.range(..span.end).next_back();
        last.is_some_and(|(_, end)| *end > span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn says_what_a_list_would(spans in prop::collection::vec((0_usize..60, 1_usize..12), 0..20)) {
            let mut set = Spans::default();
            let mut list: Vec<Range<usize>> = Vec::new();
            for (start, len) in spans {
                let span = start..start + len;
                let meets = list.iter().any(|other| other.start < span.end && span.start < other.end);
                prop_assert_eq!(set.meet(&span), meets);
                set.add(&span);
                list.push(span);
            }
        }
    }
}
