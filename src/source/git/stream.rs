//! A blob that is too large to hold.
//!
//! It cannot be held in memory, and a temporary file would leave secrets on a
//! disk. The reader goes back at most twice (to the head, and to the first
//! hit), and a blob never changes: going back starts git anew.

use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::process::{Child, Stdio};

use super::{Directory, Oid};

/// The content of a blob, from a git of its own.
pub struct BlobStream {
    directory: Directory,
    oid: Oid,
    len: u64,
    at: u64,
    git: Option<Child>,
}

impl BlobStream {
    pub(in crate::source) fn new(directory: &Directory, oid: &Oid, len: u64) -> Self {
        Self {
            directory: directory.clone(),
            oid: oid.clone(),
            len,
            at: 0,
            git: None,
        }
    }

    fn output(&mut self) -> Result<&mut std::process::ChildStdout> {
        let child = match self.git.take() {
            Some(child) => child,
            None => self
                .directory
                .git()
                .args(["cat-file", "blob", self.oid.as_str()])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()?,
        };
        self.git
            .insert(child)
            .stdout
            .as_mut()
            .ok_or_else(|| Error::from(ErrorKind::BrokenPipe))
    }

    fn stop(&mut self) {
        if let Some(child) = self.git.take() {
            stop(child);
        }
        self.at = 0;
    }
}

/// Ends a git whose output nobody wants any more.
pub(super) fn stop(mut child: Child) {
    // It has ended by itself, or ends now; there is nobody to tell otherwise.
    let _ = child.kill();
    let _ = child.wait();
}

impl Read for BlobStream {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.output()?.read(buffer)?;
        self.at += read as u64;
        if read == 0 && !buffer.is_empty() && self.at < self.len {
            return Err(Error::new(
                ErrorKind::UnexpectedEof,
                "git stopped in the middle of it; run `git fsck`",
            ));
        }
        Ok(read)
    }
}

impl Seek for BlobStream {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        let to = to.ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        if to < self.at {
            self.stop();
        }
        let ahead = to - self.at;
        std::io::copy(&mut self.take(ahead), &mut std::io::sink())?;
        Ok(self.at)
    }
}

impl Drop for BlobStream {
    fn drop(&mut self) {
        self.stop();
    }
}
