//! Questions to git, asked of its plumbing.
//!
//! A repository that is scanned is not trusted: nothing that its configuration
//! names may run, nothing is fetched, and no object stands for another.

mod blobs;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod raw;
mod repository;
mod stream;

pub use error::GitError;
pub use stream::BlobStream;

pub(super) use blobs::Blobs;
pub(super) use raw::{Entry, Oid, Record, Records, Side};
pub(super) use repository::{Repository, TreeEntry, normal};

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// git in `directory`, told to run nothing that the repository configures.
///
/// What git sets for its hooks stays: the index that counts in a commit of
/// named files is the one in `GIT_INDEX_FILE`.
fn git(directory: &Path) -> Command {
    let mut git = Command::new("git");
    git.args(["--literal-pathspecs", "--no-replace-objects", "-C"])
        .arg(directory)
        .args(["-c", "core.fsmonitor=false"])
        .args(["-c", "core.untrackedCache=false"])
        // What GIT_NO_LAZY_FETCH says, for a git older than 2.44.
        .args(["-c", "protocol.allow=never"])
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    #[cfg(test)]
    fixture::isolate(&mut git);
    git
}

/// What git answers, when it succeeds.
fn answer(command: &mut Command, doing: &'static str) -> Result<Vec<u8>, GitError> {
    let output = command.output().map_err(GitError::not_run)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(GitError::failed(doing, &output.stderr))
    }
}

/// Ends with a git whose output has been read: only now is it known whether
/// that was all.
pub(super) fn finish(child: Child, doing: &'static str) -> Result<(), GitError> {
    let output = child.wait_with_output().map_err(GitError::not_run)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(GitError::failed(doing, &output.stderr))
    }
}

/// The tracked files below `directory` that the repository's ignore rules
/// match, relative to it.
///
/// # Errors
/// With what git said, or why it could not be run.
pub(super) fn ignored_but_tracked(directory: &Path) -> Result<Vec<PathBuf>, GitError> {
    let answer = answer(
        git(directory).args([
            "ls-files",
            "-z",
            "--cached",
            "--ignored",
            "--exclude-standard",
        ]),
        "list the tracked files",
    )?;
    Ok(answer
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty())
        .map(path_of)
        .collect())
}

#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Whether the directory, or one around it, is a repository.
pub(super) fn is_in_repository(directory: &Path) -> bool {
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    absolute
        .ancestors()
        .any(|ancestor| ancestor.join(".git").exists())
}
