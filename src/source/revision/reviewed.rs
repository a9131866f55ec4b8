//! Which lines of a file somebody has already agreed to.
//!
//! Lines are compared by their text: inserting one above moves all others and
//! changes none. A text that stands more often than it did is new as often as
//! it is more.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::RangeInclusive;
use std::path::Path;

use super::{MAX_FILE, Revision};
use crate::location::FilePlace;

/// The lines that an ignore and what it hides may take up together.
const MAX_LINES: usize = 64;

/// Which ignore comments somebody has agreed to: those of a revision.
pub struct Reviewed<'r> {
    revision: &'r Revision,
    now: Box<ReadNow<'r>>,
    files: RefCell<HashMap<String, Option<Versions>>>,
}

/// Reads a file as it is scanned.
type ReadNow<'r> = dyn Fn(&Path) -> Option<Vec<u8>> + 'r;

impl<'r> Reviewed<'r> {
    /// For a scan of what `now` reads: the disk, the index, or another revision.
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
        if ignore.revision.is_some() {
            return false;
        }
        let mut files = self.files.borrow_mut();
        let versions = files.entry(ignore.path.clone()).or_insert_with(|| {
            let path = Path::new(&ignore.path);
            let before = self.revision.file(path, MAX_FILE).ok().flatten()?;
            let now = (self.now)(path)?;
            let comparable = is_bytewise(&before) && is_bytewise(&now);
            comparable.then(|| Versions::new(&before, &now))
        });
        let lines = ignore.start.line..=last;
        versions.as_mut().is_some_and(|file| file.stood(lines))
    }
}

/// A file before and now, as the numbers of its lines: equal lines have one.
struct Versions {
    before: Vec<usize>,
    now: Vec<usize>,
    hasher: RandomState,
    /// By length: how often each block of lines stood before, and where blocks
    /// of its hash stand now.
    blocks: HashMap<usize, Blocks>,
}

#[derive(Default)]
struct Blocks {
    before: HashMap<u64, usize>,
    now: HashMap<u64, Vec<usize>>,
}

impl Versions {
    fn new<'t>(before: &'t [u8], now: &'t [u8]) -> Self {
        let mut numbers: HashMap<&[u8], usize> = HashMap::new();
        let mut numbered = |text: &'t [u8]| -> Vec<usize> {
            let lines = lines(text).map(|line| {
                let next = numbers.len();
                *numbers.entry(line).or_insert(next)
            });
            lines.collect()
        };
        Self {
            before: numbered(before),
            now: numbered(now),
            hasher: RandomState::new(),
            blocks: HashMap::new(),
        }
    }

    /// Whether the lines, numbered from 1, stood in the file before, one after
    /// the other as they do now.
    ///
    /// For an ignore comment these are the lines from the comment to the end of
    /// what it hides. The comment alone would not do: a pull request could move
    /// an old comment above a new key.
    fn stood(&mut self, lines: RangeInclusive<u64>) -> bool {
        let number = |line: u64| usize::try_from(line).unwrap_or(usize::MAX);
        let (first, last) = (number(*lines.start()), number(*lines.end()));
        let Some(start) = first.checked_sub(1) else {
            return false;
        };
        let Self {
            before,
            now,
            hasher,
            blocks,
        } = self;
        let Some(block) = now.get(start..last) else {
            return false;
        };
        let length = block.len();
        if length == 0 || length > MAX_LINES {
            return false;
        }
        let blocks = blocks.entry(length).or_insert_with(|| {
            let mut blocks = Blocks::default();
            for block in before.windows(length) {
                *blocks.before.entry(hasher.hash_one(block)).or_default() += 1;
            }
            for (at, block) in now.windows(length).enumerate() {
                let places = blocks.now.entry(hasher.hash_one(block)).or_default();
                places.push(at);
            }
            blocks
        });
        let hash = hasher.hash_one(block);
        let places = blocks.now.get(&hash).map_or(&[][..], Vec::as_slice);
        // This one and those above it, each with one that it was.
        let until_here = places.partition_point(|at| *at <= start);
        until_here <= blocks.before.get(&hash).copied().unwrap_or(0)
    }
}

/// Whether the lines of the text are those of its bytes. In UTF-16 a line break
/// is a part of many a character, and what is called line 3 could be another.
fn is_bytewise(text: &[u8]) -> bool {
    let marked = text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]);
    !marked && memchr::memchr(0, text).is_none()
}

/// The lines, without what ends them.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stood(before: &[u8], now: &[u8], lines: RangeInclusive<u64>) -> bool {
        Versions::new(before, now).stood(lines)
    }

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
