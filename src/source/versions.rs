//! The other versions of a document that a change made.
//!
//! Most changes hold no key. So the new version is read first, and the ones
//! before it, and the one that is there today, only when something was found:
//! telling what is new costs nothing where nothing is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::Document;
use super::git::{Blobs, GitError, Oid, Repository, Side};
use crate::gap::{Gap, GapReason};

/// How a document came to be what it is.
pub struct Change {
    /// The commit that made it so, in full; none for what is staged.
    pub commit: Option<String>,
    /// What it was before, and what it is today.
    pub versions: Versions,
}

/// The other versions of a document, opened when asked for.
pub struct Versions {
    pub(super) store: Rc<Store>,
    /// Those that it replaced: one for each parent that has the file.
    pub(super) before: Vec<Side>,
    pub(super) today: Today,
}

/// What has become of a document since the change.
pub(super) enum Today {
    /// It is the latest.
    Same,
    /// In HEAD, it would be here.
    At {
        /// Renames since the change followed.
        path: Vec<u8>,
        /// The document itself.
        blob: Oid,
        /// Whether it has another name by now.
        renamed: bool,
    },
}

/// The version of a document in HEAD.
pub enum Present {
    /// This very document.
    Itself,
    /// Another one.
    Other(Box<Document>),
    /// None: it was removed.
    Gone,
}

/// Where versions come from; one for a run.
pub(super) struct Store {
    repository: Rc<Repository>,
    blobs: RefCell<Blobs>,
    head: RefCell<HashMap<Vec<u8>, Option<Oid>>>,
}

impl Versions {
    /// The versions that this one replaced.
    ///
    /// # Errors
    /// With a gap for one that cannot be opened.
    pub fn before(&self) -> impl Iterator<Item = Result<Document, Gap>> {
        self.before.iter().filter_map(|side| {
            let blob = side.blob.as_ref()?;
            Some(self.store.open(&side.path, blob))
        })
    }

    /// What HEAD has in its place.
    ///
    /// # Errors
    /// With a gap when git cannot tell.
    pub fn present(&self) -> Result<Present, Gap> {
        let Today::At {
            path,
            blob,
            renamed,
        } = &self.today
        else {
            return Ok(Present::Itself);
        };
        match self.store.in_head(path)? {
            None => Ok(Present::Gone),
            Some(present) if present == *blob && !renamed => Ok(Present::Itself),
            Some(present) => {
                let document = self.store.open(path, &present)?;
                Ok(Present::Other(Box::new(document)))
            }
        }
    }
}

impl Store {
    pub(super) fn new(repository: &Rc<Repository>) -> Self {
        Self {
            repository: Rc::clone(repository),
            blobs: RefCell::new(Blobs::new(repository.directory())),
            head: RefCell::default(),
        }
    }

    fn open(&self, path: &[u8], blob: &Oid) -> Result<Document, Gap> {
        let path = self.repository.shown(path);
        match self.blobs.borrow_mut().get(blob) {
            Ok(blob) => Ok(Document {
                path,
                len: blob.len,
                content: blob.content,
                change: None,
            }),
            Err(reason) => Err(Gap {
                subject: path,
                reason,
            }),
        }
    }

    /// The blob that HEAD has at a path.
    fn in_head(&self, path: &[u8]) -> Result<Option<Oid>, Gap> {
        if let Some(known) = self.head.borrow().get(path) {
            return Ok(known.clone());
        }
        let found = self.look_up(path).map_err(|error| Gap {
            subject: self.repository.shown(path),
            reason: GapReason::Unreadable(error.to_string()),
        })?;
        self.head.borrow_mut().insert(path.to_vec(), found.clone());
        Ok(found)
    }

    fn look_up(&self, path: &[u8]) -> Result<Option<Oid>, GitError> {
        let Some(head) = self.repository.head() else {
            return Ok(None);
        };
        let entry = self.repository.entry(head, path)?;
        Ok(entry.filter(|entry| entry.is_blob()).map(|entry| entry.oid))
    }
}
