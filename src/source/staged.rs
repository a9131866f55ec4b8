//! What is staged: the content of the index that differs from HEAD.
//!
//! Not what the work tree has: a key that is staged and no longer in the file
//! would be committed, one that is in the file and not staged would not.
//!
//! The index is compared with HEAD also while a merge is in progress: what a
//! merge brings is new where it arrives. A path with conflicts is a gap: the
//! versions in the index are committed already, and the one that will be is
//! not there yet; git refuses to commit until it is.
//!
//! Links and submodules have no content in the index. Of a file under git LFS
//! the index has a pointer, and that is what is read.

use std::cell::{Cell, RefCell};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::git::{Blobs, Entry, Oid, Record, Records, Repository, Running};
use super::versions::{Store, Today};
use super::{Change, Document, Exclusion, GitError, Sink, Versions};
use crate::gap::{Gap, GapReason};
use crate::policy::Policy;

/// What of the index is taken.
#[derive(Clone)]
pub struct Options<'p> {
    /// Files and directories, relative to the working directory; all that is
    /// staged when there are none. Only what is staged counts: of the files
    /// that pre-commit names, those that are not are passed over.
    pub paths: Vec<PathBuf>,
    /// What excludes files, by the path that reports show.
    pub policy: &'p Policy,
}

const DOING: &str = "compare the index with HEAD";

/// Gives every staged file to the sink; answers how many the policy excluded.
/// `directory` is the working directory;
/// the repository is the one around it, or the one that git names to its hook.
///
/// # Errors
/// When git cannot compare the index with HEAD. A file whose content it lacks
/// is a gap.
pub fn read<S: Sink>(directory: &Path, options: &Options<'_>, sink: &S) -> Result<u64, GitError> {
    let exclusion = Exclusion::of(options.policy);
    let repository = Rc::new(Repository::open(directory)?);
    let store = Rc::new(Store::new(&repository));
    let mut command = repository.git(&["diff-index", "--cached", "--raw", "-z", "--no-abbrev"]);
    command
        .args(["--no-ext-diff", "--no-textconv", "--ita-invisible-in-index"])
        .args([repository.renames()?, "-l200"])
        .args([repository.head_or_nothing(), "--"])
        .args(&options.paths);
    let (git, output) = Running::start(&mut command)?;
    let broken = Cell::new(false);
    let entries = Records::new(BufReader::new(output)).map_while(|record| match record {
        Ok(record) => Some(record),
        Err(_) => {
            broken.set(true);
            None
        }
    });
    let wanted = entries.filter_map(|record| match record {
        Record::Entry(entry) => wanted(entry, &repository, &exclusion, sink),
        Record::Commit(_) => None,
    });
    let mut scratch = S::Scratch::default();
    Blobs::new(directory).each(wanted, |(path, entry), blob| match blob {
        Ok(blob) => {
            let versions = Versions {
                store: Rc::clone(&store),
                before: entry.before,
                today: Today::Same,
            };
            let document = Document {
                path,
                len: blob.len,
                content: blob.content,
                change: Some(Change {
                    commit: None,
                    versions,
                }),
            };
            sink.document(document, &mut scratch);
        }
        Err(reason) => sink.gap(Gap {
            subject: path,
            reason,
        }),
    });
    git.finish(DOING)?;
    if broken.get() {
        return Err(GitError::malformed(DOING));
    }
    Ok(exclusion.count())
}

/// The index, as a source of files.
pub struct Index {
    repository: Repository,
    blobs: RefCell<Blobs>,
}

impl Index {
    /// That of the repository around the working directory.
    ///
    /// # Errors
    /// When there is none, or git does not trust it.
    pub fn open(directory: &Path) -> Result<Self, GitError> {
        Ok(Self {
            repository: Repository::open(directory)?,
            blobs: RefCell::new(Blobs::new(directory)),
        })
    }

    /// The content of a file of at most `limit` bytes, relative to the working
    /// directory; none where there is no such file, or no one version of it.
    #[must_use]
    pub fn file(&self, path: &Path, limit: u64) -> Option<Vec<u8>> {
        let oid = self.repository.staged(path).ok()??;
        let mut blob = self.blobs.borrow_mut().get(&oid).ok()?;
        let mut bytes = Vec::new();
        let fits = blob.len <= limit;
        (fits && blob.content.read_to_end(&mut bytes).is_ok()).then_some(bytes)
    }
}

/// The blob to read for an entry, with the name that reports give it.
fn wanted<S: Sink>(
    entry: Entry,
    repository: &Repository,
    exclusion: &Exclusion<'_>,
    sink: &S,
) -> Option<(Oid, (String, Entry))> {
    let path = repository.shown(&entry.after.path);
    if exclusion.excludes(&path) {
        return None;
    }
    if entry.status == b'U' {
        sink.gap(Gap {
            subject: path,
            reason: GapReason::Unmerged,
        });
        return None;
    }
    let blob = entry.after.blob.clone()?;
    let known = entry
        .before
        .iter()
        .any(|side| side.path == entry.after.path && side.blob.as_ref() == Some(&blob));
    // Its mode changed, and nothing else.
    (!known).then_some((blob, (path, entry)))
}

#[cfg(test)]
mod tests;
