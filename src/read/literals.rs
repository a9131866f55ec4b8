//! A vectorised search for a few short literals.

mod arrange;

use std::ops::ControlFlow;

use aho_corasick::AhoCorasick;
use aho_corasick::packed::{Config, MatchKind, Searcher};

/// Literals that are searched for together.
pub(super) struct Literals {
    engine: Engine,
    /// The number that each has in the order of the searcher.
    numbers: Vec<usize>,
}

enum Engine {
    Packed(Searcher),
    /// With more literals than the fast one takes, and where the processor has
    /// no fast way.
    General(AhoCorasick),
}

impl Literals {
    /// They are known by their numbers. Of two that begin at one place the first
    /// is found; none is found inside of another.
    pub(super) fn new(literals: &[&[u8]]) -> Self {
        let numbers = arrange::order(literals);
        let arranged = || numbers.iter().map(|number| literals[*number]);
        let packed = Config::new()
            .match_kind(MatchKind::LeftmostFirst)
            .builder()
            .extend(arranged())
            .build();
        let engine = match packed {
            Some(searcher) => Engine::Packed(searcher),
            None => Engine::General(
                AhoCorasick::builder()
                    .match_kind(aho_corasick::MatchKind::LeftmostFirst)
                    .build(arranged())
                    .expect("a few dozen short literals fit any automaton"),
            ),
        };
        Self { engine, numbers }
    }

    /// Calls `found` with the place and the number of every literal in a text,
    /// in order, until it says that it has seen enough.
    pub(super) fn search<B>(
        &self,
        text: &[u8],
        mut found: impl FnMut(usize, usize) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let mut found = |hit: aho_corasick::Match| {
            let number = self.numbers[hit.pattern().as_usize()];
            found(hit.start(), number)
        };
        // Two arms for two types of iterators.
        match &self.engine {
            Engine::Packed(searcher) => searcher.find_iter(text).try_for_each(&mut found),
            Engine::General(searcher) => searcher.find_iter(text).try_for_each(&mut found),
        }
    }

    /// Whether it is the fast search.
    #[cfg(test)]
    pub(super) fn is_packed(&self) -> bool {
        matches!(self.engine, Engine::Packed(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found_by_their_numbers() {
        let few: Vec<&[u8]> = vec![b"onKey", b"on--", b"ode=", b"ODE="];
        let many: Vec<String> = (0..100).map(|n| format!("word-{n:02}")).collect();
        let many: Vec<&[u8]> = many.iter().map(String::as_bytes).collect();
        for literals in [few, many] {
            let text = literals.concat();
            let mut at = 0;
            let mut numbers = 0..literals.len();
            let searched = Literals::new(&literals).search(&text, |start, number| {
                assert_eq!((start, Some(number)), (at, numbers.next()));
                at += literals[number].len();
                ControlFlow::<()>::Continue(())
            });
            assert!(searched.is_continue() && numbers.is_empty());
        }
    }
}
