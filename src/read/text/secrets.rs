//! What must not be shown of a passage, and the masked line around a key.

use std::ops::Range;

use super::pieces::Pieces;
use crate::excerpt::Excerpt;

/// Bytes of a line that an excerpt is made from, on either side of the key.
const LINE: usize = 2048;

/// What must not be shown of a passage.
pub(super) struct Secrets {
    /// Where values stand, in order.
    hidden: Vec<Range<usize>>,
    /// The length of the longest of them.
    longest: usize,
    /// The values, wherever else they stand.
    pieces: Pieces,
}

impl Secrets {
    /// The places of the values and the values themselves, which may stand in
    /// other places, too.
    pub(super) fn new<'v>(
        mut hidden: Vec<Range<usize>>,
        values: impl Iterator<Item = &'v [u8]>,
    ) -> Self {
        hidden.sort_by_key(|span| span.start);
        let mut pieces = Pieces::default();
        values.for_each(|value| pieces.add(value));
        Self {
            longest: hidden.iter().map(Range::len).max().unwrap_or(0),
            hidden,
            pieces,
        }
    }

    /// Whether a text repeats a part of a value.
    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        self.pieces.are_in(text)
    }

    /// The masked line around a span.
    pub(super) fn excerpt(&self, text: &[u8], span: &Range<usize>) -> Excerpt {
        let from = span.start.saturating_sub(LINE);
        let to = text.len().min(span.end + LINE);
        let start =
            memchr::memrchr(b'\n', &text[from..span.start]).map_or(from, |at| from + at + 1);
        let end = memchr::memchr(b'\n', &text[span.end..to]).map_or(to, |at| span.end + at);
        let inside = self
            .between(start, end)
            .map(|other| other.start.max(start) - start..other.end.min(end) - start);
        let again = self.pieces.find(&text[start..end]);
        let inside: Vec<Range<usize>> = inside.chain(again).collect();
        Excerpt::new(
            &text[start..end],
            &inside,
            span.start - start..span.end.min(end) - start,
        )
    }

    /// The values between two places.
    fn between(&self, start: usize, end: usize) -> impl Iterator<Item = &Range<usize>> {
        let reach = start.saturating_sub(self.longest);
        let from = self.hidden.partition_point(|span| span.start < reach);
        let near = self.hidden[from..].iter();
        near.take_while(move |span| span.start < end)
            .filter(move |span| start < span.end)
    }
}
