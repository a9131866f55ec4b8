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
//! Of a link the index has what it leads to, of a file under git LFS a pointer,
//! and that is what is read; of a submodule it has a commit.

use std::cell::RefCell;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::comparison::{Comparison, RAW};
use super::git::{Blobs, Repository};
use super::{Exclusion, GitError, Sink, submodule};
use crate::policy::Policy;
use crate::project::{Disk, Files};

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

/// Gives every staged file to the sink; answers how many the policy excluded.
/// `directory` is the working directory; the repository is the one around it,
/// or the one that git names to its hook.
///
/// # Errors
/// When git cannot compare the index with HEAD. A file whose content it lacks
/// is a gap.
pub fn read<S: Sink>(directory: &Path, options: &Options<'_>, sink: &S) -> Result<u64, GitError> {
    let exclusion = Exclusion::of(options.policy);
    let repository = Rc::new(Repository::open(directory)?);
    repository.own(&options.paths, None)?;
    let mut command = repository.git(&["diff-index", "--cached", "--ita-invisible-in-index"]);
    command
        .args(RAW)
        .args([repository.renames()?, "-l200"])
        .args([repository.head_or_nothing(), "--"])
        .args(&options.paths);
    let comparison = Comparison {
        repository: &repository,
        commit: None,
        exclusion: &exclusion,
        doing: "compare the index with HEAD",
    };
    let pins = comparison.read(&mut command, sink, &mut S::Scratch::default())?;
    submodule::read(&repository, pins, &exclusion, sink);
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
        let repository = Repository::open(directory)?;
        Ok(Self {
            blobs: RefCell::new(Blobs::new(repository.directory())),
            repository,
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

/// What stands beside staged files: content as the index has it, where it has
/// any, since the commit will be with that.
#[derive(Default)]
pub struct Beside(OnceLock<Option<Mutex<Index>>>);

impl Files for Beside {
    fn names(&self, directory: &str) -> Vec<String> {
        Disk.names(directory)
    }

    fn head(&self, path: &str) -> Vec<u8> {
        Disk.head(path)
    }

    fn whole(&self, path: &str, most: u64) -> Option<Vec<u8>> {
        let open = || Index::open(Path::new(".")).ok().map(Mutex::new);
        let index = self.0.get_or_init(open).as_ref()?;
        let index = index.lock().unwrap_or_else(PoisonError::into_inner);
        index.file(Path::new(path), most)
    }
}

#[cfg(test)]
mod tests;
