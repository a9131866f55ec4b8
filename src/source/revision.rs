//! Files as they were at a revision: what a change has no say in.
//!
//! A pull request must not exempt itself. With `--policy-from REV` the policy,
//! what it extends and the rules are read from its base, and an ignore comment
//! counts only where it, and what it hides, stood there already ([`Reviewed`]).

mod reviewed;

pub use reviewed::Reviewed;

use std::io::Read;
use std::path::{Path, PathBuf};

use super::git::{Blobs, GitError, Oid, Repository, TreeEntry, normal, path_of};
use crate::gap::GapReason;

/// Symbolic links that lead from one to the next.
const MAX_LINKS: usize = 8;

/// The longest file that is held, in bytes, where a caller has no limit of its own.
pub const MAX_FILE: u64 = 8 * 1024 * 1024;

/// A commit, as a source of files.
pub struct Revision {
    repository: Repository,
    name: String,
    commit: Oid,
}

impl Revision {
    /// What a revision names, in the repository around the working directory.
    ///
    /// # Errors
    /// When there is no such commit here: one that was not fetched is no
    /// reason to go without a policy.
    pub fn resolve(directory: &Path, revision: &str) -> Result<Self, GitError> {
        let repository = Repository::open(directory)?;
        let commit = repository.commit(revision)?;
        Ok(Self {
            repository,
            name: crate::excerpt::printable(&crate::excerpt::redact(revision)),
            commit,
        })
    }

    /// The commit, in full.
    #[must_use]
    pub fn commit(&self) -> &str {
        self.commit.as_str()
    }

    /// A path on the disk as one to ask for here, if it leads into the work tree
    /// in whatever spelling: through a link, or from the root.
    #[must_use]
    pub fn repository_path(&self, path: &Path) -> Option<PathBuf> {
        if self.repository.inside(path).is_ok() {
            return Some(path.to_owned());
        }
        let real = path.canonicalize().ok()?;
        let here = self.repository.directory().path().canonicalize().ok()?;
        let up = self.repository.depth();
        let top = here.ancestors().nth(up)?;
        let inside = real.strip_prefix(top).ok()?;
        Some(
            std::iter::repeat_n("..", up)
                .collect::<PathBuf>()
                .join(inside),
        )
    }

    /// The content of a file, if there is one of that name: relative to the
    /// working directory, or absolute. Links inside the repository are
    /// followed.
    ///
    /// # Errors
    /// When the path leads out of the repository, when it is no file or one of
    /// more than `limit` bytes, and when git fails.
    pub fn file(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, GitError> {
        let mut place = self.repository.inside(path)?;
        for _ in 0..MAX_LINKS {
            let Some(entry) = self.entry(&place)? else {
                return Ok(None);
            };
            let what = match &entry.mode[..] {
                mode if mode.starts_with(b"100") => {
                    return self.content(&entry, path, limit).map(Some);
                }
                b"120000" => {
                    let target = self.content(&entry, path, limit)?;
                    let parent = path_of(&place).parent().map(Path::to_owned);
                    let target = parent.unwrap_or_default().join(path_of(&target));
                    place = normal(&target).ok_or_else(|| GitError::Outside(self.show(path)))?;
                    continue;
                }
                b"160000" => "a submodule",
                _ => "a directory",
            };
            return Err(self.not_a_file(path, what, limit));
        }
        Err(self.not_a_file(path, "a link that leads to itself", limit))
    }

    /// The files below a directory, however deep, named as the directory was;
    /// none when it is not there.
    ///
    /// # Errors
    /// When the path leads out of the repository, and when git fails.
    pub fn files(&self, directory: &Path) -> Result<Vec<PathBuf>, GitError> {
        let place = self.repository.inside(directory)?;
        let tree = match place.is_empty() {
            true => self.commit.clone(),
            false => match self.entry(&place)? {
                Some(entry) if entry.mode == b"040000" => entry.oid,
                _ => return Ok(Vec::new()),
            },
        };
        let list = ["ls-tree", "-r", "-z", "--full-tree", tree.as_str()];
        let answer = self.repository.ask(&list, "list the files of a revision")?;
        let mut files = Vec::new();
        for entry in TreeEntry::all(&answer) {
            let entry = entry?;
            if entry.mode != b"160000" {
                files.push(directory.join(path_of(&entry.path)));
            }
        }
        Ok(files)
    }

    /// The nearest file of this name from a directory upward, no further than
    /// the top of the repository.
    ///
    /// # Errors
    /// As for [`Revision::file`].
    pub fn upward(&self, from: &Path, name: &str) -> Result<Option<PathBuf>, GitError> {
        let mut directory = from.to_owned();
        loop {
            let candidate = directory.join(name);
            let place = match self.repository.inside(&candidate) {
                Ok(place) => place,
                Err(GitError::Outside(_)) => return Ok(None),
                Err(other) => return Err(other),
            };
            if self.entry(&place)?.is_some() {
                return Ok(Some(candidate));
            }
            directory = match directory.is_absolute() {
                true => match directory.parent() {
                    Some(parent) => parent.to_owned(),
                    None => return Ok(None),
                },
                false => directory.join(".."),
            };
        }
    }

    fn entry(&self, place: &[u8]) -> Result<Option<TreeEntry>, GitError> {
        if place.is_empty() {
            return Ok(Some(TreeEntry::top(&self.commit)));
        }
        self.repository.entry(&self.commit, place)
    }

    fn content(&self, entry: &TreeEntry, path: &Path, limit: u64) -> Result<Vec<u8>, GitError> {
        let opened = Blobs::new(self.repository.directory()).get(&entry.oid);
        let blob = opened.map_err(|reason| match reason {
            GapReason::NotFetched => GitError::NotFetched {
                path: self.show(path),
                revision: self.name.clone(),
            },
            other => GitError::Failed {
                doing: "read a file of a revision",
                said: other.to_string(),
            },
        })?;
        if blob.len > limit {
            return Err(self.not_a_file(path, "too large", limit));
        }
        let mut bytes = Vec::new();
        let mut content = blob.content;
        content.read_to_end(&mut bytes).map_err(GitError::NotRun)?;
        Ok(bytes)
    }

    fn not_a_file(&self, path: &Path, what: &'static str, limit: u64) -> GitError {
        GitError::NotAFile {
            path: self.show(path),
            revision: self.name.clone(),
            what,
            limit,
        }
    }

    fn show(&self, path: &Path) -> String {
        crate::excerpt::redact_path(&super::tree::shown(path))
    }
}

#[cfg(test)]
mod tests;
