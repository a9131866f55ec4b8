//! Pieces of the values of a document, to tell whether another text of it
//! repeats one.
//!
//! Eight characters of a value tell of it, in capitals or not: the name of a
//! host has lost them. A document may have tens of thousands of values, and as
//! many lines to compare with each, so the pieces are numbers in a set.

use std::collections::HashSet;
use std::ops::Range;

/// Characters of a value that tell of it.
const TELLING: usize = 8;

/// The shortest value that is looked for: a shorter one is in every text.
const SHORTEST: usize = 4;

/// Pieces of values.
#[derive(Default)]
pub(super) struct Pieces {
    /// By their length and their letters.
    known: HashSet<(u8, u64)>,
    /// The lengths that there are.
    lengths: Vec<u8>,
    /// A bit for each that there can be: nearly all of nearly all texts is
    /// told from a value by it alone.
    filter: Vec<u64>,
}

/// Bits of the filter, as a power of two.
const FILTER: u32 = 16;

impl Pieces {
    /// Adds the pieces of a value.
    pub(super) fn add(&mut self, value: &[u8]) {
        let len = value.len().min(TELLING);
        let Some(length) = u8::try_from(len).ok().filter(|_| len >= SHORTEST) else {
            return;
        };
        if !self.lengths.contains(&length) {
            self.lengths.push(length);
        }
        self.filter.resize(1 << (FILTER - 6), 0);
        for piece in value.windows(len).map(number) {
            let (slot, bit) = place(piece);
            self.filter[slot] |= bit;
            self.known.insert((length, piece));
        }
    }

    /// Whether the text has one of them.
    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        self.find(text).next().is_some()
    }

    /// Where the text has them; the spans may overlap.
    pub(super) fn find(&self, text: &[u8]) -> impl Iterator<Item = Range<usize>> {
        self.lengths.iter().flat_map(move |length| {
            let len = usize::from(*length);
            let pieces = text.windows(len).enumerate();
            pieces.filter_map(move |(at, piece)| {
                let piece = number(piece);
                let (slot, bit) = place(piece);
                let known = self.filter[slot] & bit != 0 && self.known.contains(&(*length, piece));
                known.then_some(at..at + len)
            })
        })
    }
}

/// Where a piece's bit is in the filter.
fn place(piece: u64) -> (usize, u64) {
    // Fibonacci hashing: the upper bits are the mixed ones.
    let hash = piece.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - FILTER);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// Up to eight letters, small ones for capitals.
fn number(piece: &[u8]) -> u64 {
    let letters = piece
        .iter()
        .map(|byte| u64::from(byte.to_ascii_lowercase()));
    letters.fold(0, |number, letter| number << 8 | letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_tells() {
        let mut pieces = Pieces::default();
        pieces.add(b"Harbour-2041-Kestrel");
        pieces.add(b"short");
        pieces.add(b"abc");
        for text in ["x HARBOUR-2 y", "-2041-kes", "a SHORT one"] {
            assert!(pieces.are_in(text.as_bytes()), "{text}");
        }
        for text in ["harbour", "2041-ke", "shor", "abc", ""] {
            assert!(!pieces.are_in(text.as_bytes()), "{text}");
        }
        assert_eq!(pieces.find(b"in short").next(), Some(3..8));
    }
}
