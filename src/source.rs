//! Where documents come from.
//!
//! A source finds documents and opens them; a [`Sink`] reads them. What a
//! source cannot open it tells the sink as a [`Gap`]: nothing is skipped
//! without a word.

mod comparison;
pub mod file;
mod git;
pub mod history;
pub mod range;
pub mod revision;
pub mod staged;
mod submodule;
pub mod tree;
mod versions;

pub use git::{BlobStream, GitError};
pub use versions::{Change, Present, Versions};

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::gap::{Gap, Unopened};
use crate::policy::Policy;
use crate::read::text::{ReadAt, Text};

/// A document that a source opened.
pub struct Document {
    /// Its name in reports: relative to the working directory, with `/`.
    pub path: String,
    /// Its length in bytes, when it was opened.
    pub len: u64,
    /// Its content.
    pub content: Content,
    /// How it came to be so, where only what is new in it counts.
    pub change: Option<Change>,
}

/// The bytes of a document.
pub enum Content {
    /// A regular file, open.
    File(File),
    /// Held in memory: standard input, a blob of git.
    Bytes(Cursor<Vec<u8>>),
    /// A blob of git that is too large for that.
    Blob(BlobStream),
    /// One that is inflated while it is read.
    Inflated(Box<history::Inflated>),
    /// What tests need to see go wrong.
    #[cfg(test)]
    Misbehaving(Box<dyn Misbehaving>),
}

/// Content that a test made up.
#[cfg(test)]
pub trait Misbehaving: Read + Seek + Send {}

#[cfg(test)]
impl<T: Read + Seek + Send> Misbehaving for T {}

impl Document {
    /// One that is in memory.
    #[must_use]
    pub fn held(path: String, text: Vec<u8>) -> Self {
        Self {
            path,
            len: text.len() as u64,
            content: Content::Bytes(Cursor::new(text)),
            change: None,
        }
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Bytes(bytes) => bytes.read(buffer),
            Self::Blob(blob) => blob.read(buffer),
            Self::Inflated(blob) => blob.read(buffer),
            #[cfg(test)]
            Self::Misbehaving(content) => content.read(buffer),
        }
    }
}

impl Seek for Content {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Bytes(bytes) => bytes.seek(to),
            Self::Blob(blob) => blob.seek(to),
            Self::Inflated(blob) => blob.seek(to),
            #[cfg(test)]
            Self::Misbehaving(content) => content.seek(to),
        }
    }
}

impl Text for Content {
    fn parts(&self) -> Option<&dyn ReadAt> {
        match self {
            Self::File(file) => Some(file),
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl ReadAt for File {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_at(self, buffer, at);
        #[cfg(windows)]
        return std::os::windows::fs::FileExt::seek_read(self, buffer, at);
    }
}

impl ReadAt for Cursor<Vec<u8>> {
    fn read_at(&self, mut buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
        let bytes = self.get_ref();
        let at = usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
        std::io::Write::write(&mut buffer, &bytes[at..])
    }
}

/// Takes what a source finds; shared by its threads.
pub trait Sink: Sync {
    /// What one thread keeps between documents.
    type Scratch: Default + Send;

    /// Reads a document to its end.
    fn document(&self, document: Document, scratch: &mut Self::Scratch);

    /// Something that should have been read could not be.
    fn gap(&self, gap: Gap);

    /// Something has no content that a source could give.
    fn unopened(&self, what: Unopened, path: &str);
}

/// Excludes files, and counts what it excludes.
struct Exclusion<'p> {
    policy: &'p Policy,
    count: AtomicU64,
}

impl<'p> Exclusion<'p> {
    fn of(policy: &'p Policy) -> Self {
        Self {
            policy,
            count: AtomicU64::new(0),
        }
    }

    /// By the path that reports show.
    fn excludes(&self, path: &str) -> bool {
        let excluded = self.policy.excluded(path).is_some();
        if excluded {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        excluded
    }

    fn count(self) -> u64 {
        self.count.into_inner()
    }
}
