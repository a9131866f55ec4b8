//! Lines and columns, counted once and only where a document has findings.

use crate::location::Position;

/// The byte order mark of UTF-8: no column.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// How far a document has been passed: lines end with `\n`, columns are UTF-16
/// code units.
#[derive(Clone, Debug, Default)]
pub(super) struct LineCounter {
    lines: u64,
    column: u64,
    bytes: u64,
}

impl LineCounter {
    /// For the bytes behind so many, which somebody else counts.
    pub(super) fn behind(bytes: u64) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }

    /// How far the document has been passed with what was counted behind this.
    pub(super) fn then(&self, next: &Self) -> Self {
        let before = if next.lines == 0 { self.column } else { 0 };
        Self {
            lines: self.lines + next.lines,
            column: before + next.column,
            bytes: next.bytes,
        }
    }

    /// Passes over the next bytes of the document.
    pub(super) fn pass(&mut self, text: &[u8]) {
        let mut rest = text;
        if self.bytes == 0
            && let Some(text) = text.strip_prefix(MARK)
        {
            rest = text;
        }
        self.bytes += text.len() as u64;
        if let Some(last) = memchr::memrchr(b'\n', rest) {
            self.lines += memchr::memchr_iter(b'\n', &rest[..=last]).count() as u64;
            self.column = 0;
            rest = &rest[last + 1..];
        }
        self.column += units(rest);
    }

    /// The counter as it was `text` ago. Only the lines are exact when a line
    /// began before that: columns are counted from where `text` begins to the
    /// first line break, and corrected by what is known of them.
    pub(super) fn rewound(&self, text: &[u8]) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text).count() as u64;
        let column = if breaks == 0 {
            self.column.saturating_sub(units(text))
        } else {
            // Unknown, and of use to nobody: what stands before the first
            // break belongs to the segment before.
            0
        };
        Self {
            lines: self.lines - breaks.min(self.lines),
            column,
            bytes: self.bytes.saturating_sub(text.len() as u64),
        }
    }

    /// Where the next byte stands.
    pub(super) fn position(&self) -> Position {
        Position {
            line: self.lines + 1,
            column: self.column + 1,
        }
    }

    /// Bytes passed.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Bytes that are counted at a time: the test for ASCII is many times as fast as
/// the count, and nearly all of nearly all texts passes it.
const STRETCH: usize = 4096;

/// The UTF-16 code units of a text in UTF-8: one for each character, two for
/// those outside of the basic plane.
fn units(text: &[u8]) -> u64 {
    let counted = |stretch: &[u8]| {
        if stretch.is_ascii() {
            return stretch.len();
        }
        stretch
            .iter()
            .map(|byte| usize::from(*byte & 0xc0 != 0x80) + usize::from(*byte >= 0xf0))
            .sum()
    };
    text.chunks(STRETCH).map(counted).sum::<usize>() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_count_as_the_whole() {
        let text = "\u{feff}a\nü𝄞x\n\n\u{feff}yz".as_bytes();
        let mut whole = LineCounter::default();
        whole.pass(text);
        for cut in 3..=text.len() {
            let mut first = LineCounter::default();
            first.pass(&text[..cut]);
            let mut second = LineCounter::behind(cut as u64);
            second.pass(&text[cut..]);
            let both = first.then(&second);
            assert_eq!(
                (both.position(), both.bytes()),
                (whole.position(), whole.bytes())
            );
        }
    }

    #[test]
    fn counts_as_editors_do() {
        let mut counter = LineCounter::default();
        counter.pass("\u{feff}a\nü𝄞x".as_bytes());
        assert_eq!(counter.position(), Position { line: 2, column: 5 });
        let back = counter.rewound("𝄞x".as_bytes());
        assert_eq!(back.position(), Position { line: 2, column: 2 });
    }
}
