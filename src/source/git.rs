//! Questions to git, asked of its plumbing.
//!
//! A repository that is scanned is not trusted: nothing that its configuration
//! names may run, nothing is fetched, and no object stands for another.

mod blobs;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod listing;
mod raw;
mod repository;
mod running;
mod stream;

pub use error::GitError;
pub use stream::BlobStream;

pub(super) use blobs::Blobs;
pub(super) use listing::{Listed, Listing, is_ignored};
pub(super) use raw::{Entry, Oid, Record, Records, Side};
pub(super) use repository::{Repository, TreeEntry, normal};
pub(super) use running::Running;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// git in `directory`, told to run nothing that the repository configures.
///
/// What git sets for its hooks stays: the index that counts in a commit of
/// named files is the one in `GIT_INDEX_FILE`.
fn git(directory: &Path) -> Command {
    let mut git = Command::new("git");
    git.args(["--no-replace-objects", "-C"])
        .arg(directory)
        .args(["-c", "core.fsmonitor=false"])
        .args(["-c", "core.untrackedCache=false"])
        // What GIT_NO_LAZY_FETCH says, for a git older than 2.44.
        .args(["-c", "protocol.allow=never"])
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        // What is named is a path; the others contradict that.
        .env("GIT_LITERAL_PATHSPECS", "1")
        .env_remove("GIT_GLOB_PATHSPECS")
        .env_remove("GIT_NOGLOB_PATHSPECS")
        .env_remove("GIT_ICASE_PATHSPECS")
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

#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
