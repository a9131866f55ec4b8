//! Regular files, and nothing that only looks like one.
//!
//! A FIFO has nobody at its other end, a device may have no end at all: neither
//! is opened for reading, and nothing waits for one.

use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::path::Path;

use thiserror::Error;

/// Why a file is not read.
#[derive(Debug, Error)]
pub enum FileError {
    /// The system refused.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A directory, a FIFO, a socket or a device.
    #[error("it is {0} and no regular file")]
    Special(&'static str),
    /// It is longer than anything that it could be.
    #[error("it has more than {0} bytes")]
    TooLong(u64),
}

/// What is at a path, a link not followed.
pub(super) enum Entry {
    File(File, Metadata),
    /// A symbolic link, to this.
    Link(OsString),
    Directory,
}

/// Opens what is at a path, if it is a file.
///
/// # Errors
/// When the system refuses, and when it is something else than an [`Entry`].
pub(super) fn entry(path: &Path) -> Result<Entry, FileError> {
    if cfg!(unix)
        && let Ok((file, metadata)) = open_without_waiting(path, false)
        && metadata.is_file()
    {
        return Ok(Entry::File(file, metadata));
    }
    let found = path.symlink_metadata()?;
    if found.is_symlink() {
        return Ok(Entry::Link(path.read_link()?.into_os_string()));
    }
    if found.is_dir() {
        return Ok(Entry::Directory);
    }
    if let Some(what) = special(&found) {
        return Err(FileError::Special(what));
    }
    // The system refuses, or another system has told what it is only now.
    let (file, metadata) = open_without_waiting(path, false)?;
    Ok(Entry::File(file, metadata))
}

/// Opens a file; what is none is told from what cannot be opened.
///
/// # Errors
/// When the system refuses, and when it is no regular file.
pub(super) fn open(path: &Path) -> Result<(File, Metadata), FileError> {
    let opened = open_without_waiting(path, true);
    let (file, metadata) = opened.map_err(|error| {
        // A socket cannot even be opened.
        let what = std::fs::metadata(path).ok().as_ref().and_then(special);
        what.map_or(FileError::Io(error), FileError::Special)
    })?;
    match special(&metadata) {
        Some(what) => Err(FileError::Special(what)),
        None => Ok((file, metadata)),
    }
}

/// The content of a file of at most `limit` bytes.
///
/// # Errors
/// As for opening, and when there is more.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let (file, metadata) = open(path)?;
    if metadata.len() > limit {
        return Err(FileError::TooLong(limit));
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLong(limit));
    }
    Ok(bytes)
}

fn open_without_waiting(path: &Path, follow: bool) -> std::io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let stay = if follow { 0 } else { libc::O_NOFOLLOW };
        options.custom_flags(libc::O_NONBLOCK | stay);
    }
    #[cfg(not(unix))]
    let _ = follow;
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    Ok((file, metadata))
}

/// What it is, when it is no regular file.
fn special(metadata: &Metadata) -> Option<&'static str> {
    if metadata.is_file() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Some("a FIFO");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    if metadata.is_dir() {
        return Some("a directory");
    }
    Some("neither file nor directory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_limit_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(matches!(read(&path, 4), Err(FileError::TooLong(4))));
        assert!(matches!(
            read(directory.path(), 4),
            Err(FileError::Special("a directory"))
        ));
    }

    #[test]
    #[cfg(unix)]
    fn nothing_waits_for_a_writer() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        assert!(matches!(read(&path, 9), Err(FileError::Special("a FIFO"))));
        assert!(matches!(
            read(Path::new("/dev/zero"), 9),
            Err(FileError::Special("a device"))
        ));
        assert!(matches!(
            read(&directory.path().join("x"), 9),
            Err(FileError::Io(_))
        ));
    }
}
