//! Where documents come from.
//!
//! A source finds documents and opens them; a [`Sink`] reads them. What a
//! source cannot open it tells the sink as a [`Gap`]: nothing is skipped
//! without a word.

mod git;
pub mod tree;

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};

use crate::gap::Gap;

/// A document that a source opened.
pub struct Document {
    /// Its name in reports: relative to the working directory, with `/`.
    pub path: String,
    /// Its length in bytes, when it was opened.
    pub len: u64,
    /// Its content.
    pub content: Content,
}

/// The bytes of a document.
pub enum Content {
    /// A regular file, open.
    File(File),
    /// Held in memory: standard input, a blob of git.
    Bytes(Cursor<Vec<u8>>),
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Bytes(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Content {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Bytes(bytes) => bytes.seek(to),
        }
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
}
