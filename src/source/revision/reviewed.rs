//! Which lines of a file somebody has already agreed to.
//!
//! Lines are compared by their text: inserting one above moves all others and
//! changes none. A text that stands more often than it did is new as often as
//! it is more.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::path::Path;

use super::{MAX_FILE, Revision};
use crate::location::FilePlace;

/// Which ignore comments somebody has agreed to: those of a revision.
pub struct Reviewed<'r> {
    revision: &'r Revision,
    now: Box<ReadNow<'r>>,
    files: RefCell<HashMap<String, Option<Versions>>>,
}

/// Reads a file as it is scanned.
type ReadNow<'r> = dyn Fn(&Path) -> Option<Vec<u8>> + 'r;

/// A file before and now.
struct Versions {
    before: Vec<u8>,
    now: Vec<u8>,
}

impl<'r> Reviewed<'r> {
    /// For a scan of what `now` reads: the disk, or another revision.
    #[must_use]
    pub fn new(revision: &'r Revision, now: impl Fn(&Path) -> Option<Vec<u8>> + 'r) -> Self {
        Self {
            revision,
            now: Box::new(now),
            files: RefCell::default(),
        }
    }

    /// Whether an ignore, and all to the last line that it would hide, stood in
    /// the file at the revision. A file that cannot be compared has had no
    /// review; nor has what is in a past version only.
    #[must_use]
    pub fn stood(&self, ignore: &FilePlace, last: u64) -> bool {
        let mut files = self.files.borrow_mut();
        let versions = files.entry(ignore.path.clone()).or_insert_with(|| {
            let path = Path::new(&ignore.path);
            let before = self.revision.file(path, MAX_FILE).ok().flatten()?;
            let now = (self.now)(path)?;
            Some(Versions { before, now })
        });
        versions.as_ref().is_some_and(|Versions { before, now }| {
            ignore.revision.is_none() && stood(before, now, ignore.start.line..=last)
        })
    }
}

/// Whether the lines, numbered from 1, stood in the file before, one after the
/// other as they do now.
///
/// For an ignore comment these are the lines from the comment to the end of
/// what it hides. The comment alone would not do: a pull request could move an
/// old comment above a new key.
fn stood(before: &[u8], now: &[u8], lines: RangeInclusive<u64>) -> bool {
    let (Ok(first), Ok(last)) = (
        usize::try_from(*lines.start()),
        usize::try_from(*lines.end()),
    ) else {
        return false;
    };
    let now: Vec<&[u8]> = texts(now).collect();
    let Some(block) = first.checked_sub(1).and_then(|start| now.get(start..last)) else {
        return false;
    };
    if block.is_empty() {
        return false;
    }
    let before: Vec<&[u8]> = texts(before).collect();
    let count = |lines: &[&[u8]]| lines.windows(block.len()).filter(|at| at == &block).count();
    // This one and those above it, each with one that it was.
    count(&now[..last]) <= count(&before)
}

/// The lines, without what ends them.
fn texts(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_moved_stood_before() {
        let before = b"a\nignore\nkey\nb\n";
        let now = b"new\na\nignore\r\nkey\nb\n";
        assert!(stood(before, now, 3..=4));
    }

    #[test]
    fn an_old_comment_over_a_new_key_did_not_stand() {
        let before = b"ignore\nkey\n";
        assert!(!stood(before, b"ignore\nnew\nkey\n", 1..=2));
        assert!(!stood(before, b"key\nignore\nnew\n", 2..=3));
        assert!(stood(before, b"ignore\nkey\nnew\n", 1..=1));
    }

    #[test]
    fn a_copy_is_new() {
        let before = b"ignore\nkey\n";
        let now = b"ignore\nkey\nignore\nkey\n";
        assert!(stood(before, now, 1..=2));
        assert!(!stood(before, now, 3..=4));
    }

    #[test]
    fn nothing_stood_in_a_new_file_or_past_its_end() {
        assert!(!stood(b"", b"ignore\n", 1..=1));
        assert!(!stood(b"a\n", b"a\n", 0..=1));
        assert!(!stood(b"a\n", b"a\n", 1..=9));
    }
}
