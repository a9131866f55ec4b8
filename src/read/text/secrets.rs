//! What must not be shown of a passage, and the masked line around a key.

use std::ops::Range;

use super::pieces::Pieces;
use crate::excerpt::Excerpt;

/// Bytes of a line that an excerpt is made from, on either side of the key: what
/// is shown, and a key in the longest of its spellings that reaches into it.
const LINE: usize = 512;

/// What must not be shown of a passage.
pub(super) struct Secrets {
    /// Where values stand, in order and apart.
    hidden: Vec<Range<usize>>,
    /// The values, wherever else they stand.
    pieces: Pieces,
}

impl Secrets {
    /// For the lines of the keys at `keys`, in order; `others` are places of
    /// further values. The values may stand elsewhere in those lines, too.
    pub(super) fn new<'v>(
        text: &[u8],
        keys: &[Range<usize>],
        others: impl Iterator<Item = Range<usize>>,
        values: impl Iterator<Item = &'v [u8]>,
    ) -> Self {
        let mut pieces = Pieces::default();
        values.for_each(|value| pieces.add(value));
        let lines = apart(keys.iter().map(|key| line(text, key)).collect());
        let again = lines.into_iter().flat_map(|line| {
            let found = pieces.find(&text[line.clone()]);
            let found = found.map(move |span| line.start + span.start..line.start + span.end);
            found.collect::<Vec<_>>()
        });
        let hidden = apart(keys.iter().cloned().chain(others).chain(again).collect());
        Self { hidden, pieces }
    }

    /// Whether a text repeats a part of a value.
    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        self.pieces.are_in(text)
    }

    /// The masked line around a key.
    pub(super) fn excerpt(&self, text: &[u8], key: &Range<usize>) -> Excerpt {
        let line = line(text, key);
        let from = self.hidden.partition_point(|span| span.end <= line.start);
        let inside: Vec<_> = self.hidden[from..]
            .iter()
            .take_while(|span| span.start < line.end)
            .map(|span| {
                span.start.max(line.start) - line.start..span.end.min(line.end) - line.start
            })
            .collect();
        let key = key.start - line.start..key.end.min(line.end) - line.start;
        Excerpt::new(&text[line], &inside, key)
    }
}

/// The line around a key, as much of it as an excerpt is made from.
fn line(text: &[u8], key: &Range<usize>) -> Range<usize> {
    let from = key.start.saturating_sub(LINE);
    let to = text.len().min(key.end + LINE);
    let start = memchr::memrchr(b'\n', &text[from..key.start]).map_or(from, |at| from + at + 1);
    let end = memchr::memchr(b'\n', &text[key.end..to]).map_or(to, |at| key.end + at);
    start..end
}

/// The spans in order, those that meet as one.
fn apart(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_unstable_by_key(|span| span.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_a_line_is_masked_wherever_it_stands() {
        let text = b"a=first-value b=second-value # not first-value\nthe second-value again\n";
        let keys = [2..13, 16..28];
        let values = keys.iter().map(|key| &text[key.clone()]);
        let secrets = Secrets::new(text, &keys, std::iter::empty(), values);
        let shown = "a=*********** b=************ # not ***********";
        assert_eq!(secrets.excerpt(text, &keys[0]).text(), shown);
        assert_eq!(secrets.excerpt(text, &keys[1]).text(), shown);
        assert!(secrets.are_in(b"SECOND-VALUE"));
    }

    #[test]
    fn spans_that_meet_become_one() {
        assert_eq!(
            apart(vec![5..9, 0..2, 8..12, 20..21, 2..3]),
            [0..3, 5..12, 20..21]
        );
    }
}
