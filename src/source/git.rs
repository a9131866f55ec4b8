//! Questions to git, asked of its plumbing.
//!
//! A repository that is scanned is not trusted: nothing that its configuration
//! names may run, nothing is fetched, and no object stands for another.

mod blobs;
mod directory;
mod entry;
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
pub(super) use directory::Directory;
pub(super) use entry::TreeEntry;
pub(super) use listing::{Known, Listed, Listing, is_ignored};
pub(super) use raw::{Entry, Oid, Record, Records, Side, is_blob};
pub(super) use repository::{Repository, normal};
pub(super) use running::Running;

use std::path::PathBuf;
use std::process::Command;

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
