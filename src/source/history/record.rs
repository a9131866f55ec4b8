//! What commits, tags and trees say.

use jiff::tz::Offset;
use jiff::{Timestamp, civil};

use super::objects::{Id, Kind};

/// A commit, as far as the history needs it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) tree: Id,
    pub(super) parents: Vec<Id>,
    pub(super) authored: Option<Moment>,
    pub(super) committed: Option<Moment>,
}

/// An annotated tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) target: Id,
    pub(super) kind: Option<Kind>,
    pub(super) name: Vec<u8>,
    pub(super) tagged: Option<Moment>,
}

/// A time, and the offset from UTC of the clock that it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    pub(super) seconds: i64,
    offset: i32,
}

impl Moment {
    /// `2021-03-04T05:06:07+01:00`, if the calendar goes that far.
    pub(super) fn text(self) -> Option<String> {
        let time = Timestamp::from_second(self.seconds).ok()?;
        let offset = Offset::from_seconds(self.offset).ok()?;
        let local: civil::DateTime = offset.to_datetime(time);
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs() / 60;
        let (hours, minutes) = (minutes / 60, minutes % 60);
        Some(format!(
            "{}{sign}{hours:02}:{minutes:02}",
            local.strftime("%Y-%m-%dT%H:%M:%S")
        ))
    }

    /// Of `NAME <MAIL> 1614834367 +0100`.
    fn of(line: &[u8]) -> Option<Self> {
        let end = memchr::memrchr(b'>', line)?;
        let text = std::str::from_utf8(&line[end + 1..]).ok()?;
        let mut words = text.split_ascii_whitespace();
        let seconds = words.next()?.parse().ok()?;
        let zone: i32 = words.next().and_then(|zone| zone.parse().ok()).unwrap_or(0);
        let offset = (zone / 100 * 60 + zone % 100) * 60;
        Some(Self { seconds, offset })
    }
}

/// The lines of a header: their first words, and the rest of each.
fn fields(object: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let lines = object.split(|byte| *byte == b'\n');
    lines.take_while(|line| !line.is_empty()).map(|line| {
        let space = memchr::memchr(b' ', line).unwrap_or(line.len());
        (&line[..space], line.get(space + 1..).unwrap_or_default())
    })
}

impl Commit {
    pub(super) fn parse(object: &[u8]) -> Option<Self> {
        let (mut tree, mut parents) = (None, Vec::new());
        let (mut authored, mut committed) = (None, None);
        for (name, value) in fields(object) {
            match name {
                b"tree" => tree = tree.or(Id::from_hex(value)),
                b"parent" => parents.push(Id::from_hex(value)?),
                b"author" => authored = authored.or(Moment::of(value)),
                b"committer" => {
                    committed = Moment::of(value);
                    break;
                }
                _ => {}
            }
        }
        Some(Self {
            tree: tree?,
            parents,
            authored,
            committed,
        })
    }
}

impl Tag {
    pub(super) fn parse(object: &[u8]) -> Option<Self> {
        let (mut target, mut kind, mut name, mut tagged) = (None, None, None, None);
        for (field, value) in fields(object) {
            match field {
                b"object" => target = Id::from_hex(value),
                b"type" => kind = Kind::of(value),
                b"tag" => name = Some(value.to_vec()),
                b"tagger" => tagged = Moment::of(value),
                _ => {}
            }
        }
        Some(Self {
            target: target?,
            kind,
            name: name?,
            tagged,
        })
    }
}

/// An entry of a tree.
pub(super) struct Entry<'t> {
    pub(super) mode: Mode,
    pub(super) name: &'t [u8],
    pub(super) id: Id,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Tree,
    /// A file, or what a link leads to.
    Blob,
    /// A commit of another repository.
    Submodule,
}

/// The entries of a tree; the last is none where the tree is damaged. `hash` is
/// the length of a name in bytes.
pub(super) fn entries(mut tree: &[u8], hash: usize) -> impl Iterator<Item = Option<Entry<'_>>> {
    std::iter::from_fn(move || {
        if tree.is_empty() {
            return None;
        }
        let entry = entry(tree, hash);
        tree = entry.as_ref().map_or(&[][..], |(_, rest)| rest);
        Some(entry.map(|(entry, _)| entry))
    })
}

/// `100644 name`, a zero, the digest; and what follows.
fn entry(tree: &[u8], hash: usize) -> Option<(Entry<'_>, &[u8])> {
    let space = memchr::memchr(b' ', tree)?;
    let end = memchr::memchr(0, tree)?;
    let mode = match tree.get(..space)? {
        b"40000" | b"040000" => Mode::Tree,
        b"160000" => Mode::Submodule,
        _ => Mode::Blob,
    };
    let name = tree.get(space + 1..end)?;
    let (digest, rest) = tree.get(end + 1..)?.split_at_checked(hash)?;
    let id = Id::from_bytes(digest)?;
    Some((Entry { mode, name, id }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "0123456789abcdef0123456789abcdef01234567";

    fn id() -> Id {
        Id::from_hex(HEX.as_bytes()).unwrap()
    }

    #[test]
    fn reads_commits() {
        let text = format!(
            "tree {HEX}\nparent {HEX}\nparent {HEX}\nauthor A > B <a@b> 1614834367 -0330\n\
             committer C <c> 1614834368 +0000\ngpgsig x\n parent {HEX}\n\nparent {HEX}\n"
        );
        let commit = Commit::parse(text.as_bytes()).unwrap();
        assert_eq!(commit.tree, id());
        assert_eq!(commit.parents, [id(), id()]);
        let authored = commit.authored.unwrap();
        assert_eq!(authored.text().unwrap(), "2021-03-04T01:36:07-03:30");
        assert_eq!(commit.committed.unwrap().seconds, 1_614_834_368);
    }

    #[test]
    fn a_commit_without_a_date_is_one() {
        let text = format!("tree {HEX}\nauthor nobody\n\nx");
        assert_eq!(Commit::parse(text.as_bytes()).unwrap().authored, None);
        assert_eq!(Commit::parse(b"author nobody\n\nx"), None);
        let odd = format!("tree {HEX}\nauthor a <b> 99999999999999999 +9999\n");
        let authored = Commit::parse(odd.as_bytes()).unwrap().authored;
        assert_eq!(authored.unwrap().text(), None);
    }

    #[test]
    fn reads_tags() {
        let text = format!("object {HEX}\ntype blob\ntag v1\ntagger T <t> 1 +0000\n\nkey");
        let tag = Tag::parse(text.as_bytes()).unwrap();
        assert_eq!((tag.target, tag.kind), (id(), Some(Kind::Blob)));
        assert_eq!(tag.name, b"v1");
    }

    #[test]
    fn reads_trees_as_far_as_they_go() {
        let digest = id();
        let mut tree = b"100644 a b\0".to_vec();
        tree.extend(digest.as_bytes());
        tree.extend(b"40000 d\0");
        tree.extend(digest.as_bytes());
        let modes = |tree: &[u8]| -> Vec<Option<Mode>> {
            entries(tree, 20)
                .map(|entry| entry.map(|entry| entry.mode))
                .collect()
        };
        assert_eq!(modes(&tree), [Some(Mode::Blob), Some(Mode::Tree)]);
        assert_eq!(modes(&tree[..40]), [Some(Mode::Blob), None]);
        assert_eq!(modes(b"nonsense"), [None]);
    }
}
