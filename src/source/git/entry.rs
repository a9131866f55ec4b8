//! What a commit has at a path.

use super::{GitError, Oid, is_blob};

/// An entry of a tree.
pub(crate) struct TreeEntry {
    pub(crate) mode: Vec<u8>,
    pub(crate) oid: Oid,
    pub(crate) path: Vec<u8>,
}

impl TreeEntry {
    /// Reads what `ls-tree -z` says: `mode type oid`, a tab, the path.
    pub(crate) fn all(answer: &[u8]) -> impl Iterator<Item = Result<Self, GitError>> {
        let lines = answer.split(|byte| *byte == 0);
        lines.filter(|line| !line.is_empty()).map(|line| {
            let tab = memchr::memchr(b'\t', line);
            let parsed = tab.and_then(|tab| {
                let mut words = line[..tab].split(|byte| *byte == b' ');
                Some(Self {
                    mode: words.next()?.to_vec(),
                    oid: Oid::parse(words.nth(1)?)?,
                    path: line[tab + 1..].to_vec(),
                })
            });
            parsed.ok_or_else(|| GitError::malformed("read a directory"))
        })
    }

    /// The top of a commit.
    pub(crate) fn top(commit: &Oid) -> Self {
        Self {
            mode: b"040000".to_vec(),
            oid: commit.clone(),
            path: Vec::new(),
        }
    }

    /// Whether it has content: a file, or the text of a link.
    pub(crate) fn is_blob(&self) -> bool {
        is_blob(&self.mode)
    }

    /// Whether it is a commit of another repository.
    pub(crate) fn is_submodule(&self) -> bool {
        self.mode == b"160000"
    }
}
