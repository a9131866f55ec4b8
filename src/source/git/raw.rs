//! What changed, as `--raw -z` tells it: paths are bytes, nothing is quoted.

use std::io::{BufRead, Error, ErrorKind, Result};

/// The name of an object: hexadecimal, of SHA-1 or SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Oid(Box<str>);

impl Oid {
    /// If it is one.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let hex = text.len() >= 40 && text.iter().all(u8::is_ascii_hexdigit);
        let text = std::str::from_utf8(text).ok().filter(|_| hex)?;
        Some(Self(text.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One part of the output.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// What follows is of this commit.
    Commit(Oid),
    /// A path that changed.
    Entry(Entry),
}

/// A path that changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `U` for an unmerged path.
    pub(crate) status: u8,
    /// What it is now.
    pub(crate) after: Side,
    /// What it was: in HEAD, or in each parent.
    pub(crate) before: Vec<Side>,
}

/// A path on one side of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    /// From the top of the work tree.
    pub(crate) path: Vec<u8>,
    /// Its content, when it is a file or a link.
    pub(crate) blob: Option<Oid>,
    /// The commit of another repository, when it is a submodule.
    pub(crate) submodule: Option<Oid>,
}

/// Reads `--raw -z`, of one comparison or of many commits (`--stdin`), with
/// `--combined-all-paths` for merges.
pub(crate) struct Records<R>(R);

impl<R: BufRead> Records<R> {
    pub(crate) fn new(output: R) -> Self {
        Self(output)
    }

    fn token(&mut self) -> Result<Option<Vec<u8>>> {
        let mut token = Vec::new();
        self.0.read_until(0, &mut token)?;
        match token.pop() {
            None => Ok(None),
            Some(0) => Ok(Some(token)),
            // Cut: git died.
            Some(_) => Err(malformed()),
        }
    }

    fn record(&mut self) -> Result<Option<Record>> {
        let Some(token) = self.token()? else {
            return Ok(None);
        };
        if token.first() == Some(&b':') {
            return self.entry(&token).map(Record::Entry).map(Some);
        }
        let commit = Oid::parse(&token).ok_or_else(malformed)?;
        Ok(Some(Record::Commit(commit)))
    }

    /// `:modes… blobs… status`, one colon for each side before.
    fn entry(&mut self, token: &[u8]) -> Result<Entry> {
        let parents = token.iter().take_while(|byte| **byte == b':').count();
        let fields: Vec<&[u8]> = token[parents..].split(|byte| *byte == b' ').collect();
        let [modes @ .., statuses] = fields.as_slice() else {
            return Err(malformed());
        };
        if modes.len() != 2 * (parents + 1) {
            return Err(malformed());
        }
        let (modes, blobs) = modes.split_at(parents + 1);
        let status = *statuses.first().ok_or_else(malformed)?;
        let paths = self.paths(parents, status)?;
        let mut sides = modes
            .iter()
            .zip(blobs)
            .zip(paths)
            .map(|((mode, blob), path)| Side::new(mode, blob, path))
            .collect::<Result<Vec<_>>>()?;
        let after = sides.pop().ok_or_else(malformed)?;
        Ok(Entry {
            status,
            after,
            before: sides,
        })
    }

    /// One path for each side: git writes two for a rename, all of a merge.
    fn paths(&mut self, parents: usize, status: u8) -> Result<Vec<Vec<u8>>> {
        let written = match (parents, status) {
            (1, b'R' | b'C') => 2,
            (1, _) => 1,
            _ => parents + 1,
        };
        let mut paths = Vec::with_capacity(parents + 1);
        for _ in 0..written {
            paths.push(self.token()?.ok_or_else(malformed)?);
        }
        if let ([path], 1) = (paths.as_slice(), parents) {
            paths.push(path.clone());
        }
        Ok(paths)
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        self.record().transpose()
    }
}

impl Side {
    fn new(mode: &[u8], blob: &[u8], path: Vec<u8>) -> Result<Self> {
        let oid = Oid::parse(blob).ok_or_else(malformed)?;
        let (blob, submodule) = match mode {
            mode if is_blob(mode) => (Some(oid), None),
            b"160000" => (None, Some(oid)),
            _ => (None, None),
        };
        Ok(Self {
            path,
            blob,
            submodule,
        })
    }
}

/// Whether something of this mode has content: a file, or the text of a link.
pub(crate) fn is_blob(mode: &[u8]) -> bool {
    mode.starts_with(b"100") || mode == b"120000"
}

fn malformed() -> Error {
    Error::from(ErrorKind::InvalidData)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    fn records(text: &str) -> Vec<Record> {
        Records::new(text.as_bytes()).map(Result::unwrap).collect()
    }

    #[test]
    fn reads_renames_and_commits() {
        let [a, b, c] = ['a', 'b', 'c'].map(oid);
        let text = format!("{c}\0:100644 100755 {a} {b} R097\0old\n\0new\0");
        let [Record::Commit(commit), Record::Entry(entry)] = &records(&text)[..] else {
            panic!("a commit and an entry");
        };
        assert_eq!(commit.as_str(), c);
        assert_eq!(entry.before[0].path, b"old\n");
        assert_eq!(entry.after.path, b"new");
        assert_eq!(entry.after.blob, Oid::parse(b.as_bytes()));
    }

    #[test]
    fn reads_merges_with_every_path() {
        let [a, b, c] = ['a', 'b', 'c'].map(oid);
        let text = format!("::100644 160000 120000 {a} {b} {c} MR\0x\0y\0z\0");
        let [Record::Entry(entry)] = &records(&text)[..] else {
            panic!("an entry");
        };
        let before: Vec<_> = entry.before.iter().map(|side| &side.path[..]).collect();
        assert_eq!(before, [b"x", b"y"]);
        assert_eq!(entry.before[1].blob, None);
        assert_eq!(entry.before[1].submodule, Oid::parse(b.as_bytes()));
        assert_eq!(entry.after.blob, Oid::parse(c.as_bytes()), "of a link");
        assert_eq!(entry.after.path, b"z");
    }

    #[test]
    fn a_cut_answer_is_an_error() {
        let text = format!(":100644 100644 {} {} M\0pa", oid('a'), oid('b'));
        assert!(Records::new(text.as_bytes()).next().unwrap().is_err());
        assert!(Records::new(&b"nonsense\0"[..]).next().unwrap().is_err());
    }
}
