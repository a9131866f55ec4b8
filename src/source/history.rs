//! The whole history: everything that a repository stores.
//!
//! Every blob is read once, in the order in which the packs have them, whatever
//! its names are; only what a key was found in is then looked for in the trees,
//! and the commits told that brought it and took it out. So the time goes with
//! the size of the store, and not with the number of commits.
//!
//! Objects that no ref leads to are left out unless they are asked for. Grafts
//! and replaced objects have no say: what counts is what is stored.
//!
//! What is not a file of a tree is shown below `.git`, which is no name that a
//! tree can have: messages of commits (`.git/commits/<id>`) and of tags
//! (`.git/tags/<name>`), notes (`.git/notes/<id>`), and blobs that no tree
//! names (`.git/objects/<id>`). Lines are those of `git cat-file -p <id>`.

mod beside;
mod graph;
mod lives;
mod objects;
mod outline;
mod places;
mod record;
mod roots;
mod tips;
mod trace;
mod trees;

pub(crate) use graph::Reach;
pub(crate) use lives::{Key, Keys, Life, Version};
pub use objects::Inflated;
pub(crate) use objects::{Known, News};
pub(crate) use trace::Trace;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::git::{BlobStream, GitError, Oid, Repository};
use super::{Content, Document};
use crate::gap::{Gap, GapReason};
use crate::policy::Policy;
use objects::{Body, Damage, Kind, Number, Objects};
use record::{Commit, Tag};

/// Bytes of the largest object that git is asked for when it is a delta and too
/// large to be rebuilt here; git itself makes no deltas of larger ones.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Threads that rebuild objects: each may hold a few large ones.
const MAX_THREADS: usize = 8;

/// What of the history is taken.
#[derive(Clone, Copy)]
pub struct Options<'p> {
    /// Whether objects count that no ref leads to.
    pub unreachable: bool,
    /// What excludes files, by the path that reports show.
    pub policy: &'p Policy,
}

/// A repository, opened for all of its history.
pub struct History {
    repository: Repository,
    objects: Objects,
    /// Bytes of the name of an object.
    hash: usize,
    /// How the paths of reports begin, before that of the repository.
    above: String,
    /// The directory that counts, from the top, with `/`; empty for all.
    within: Vec<u8>,
    unopened: Vec<Gap>,
    visited: AtomicU64,
}

/// The content of an object.
pub(crate) enum Raw<'b> {
    /// In memory, and what of it has not been seen.
    Held(&'b [u8], News<'b>),
    /// Of this length, too long for that.
    Open(u64, Box<Content>),
}

/// What is said of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is in it; of those that are made of it, so much is known.
    Passed(Option<Known>),
    /// It is worth a closer look.
    Wanted,
}

/// What a search came upon.
#[derive(Default)]
pub(crate) struct Found {
    /// The objects that are worth a closer look.
    wanted: HashSet<Number>,
    commits: HashMap<Number, Commit>,
    tags: HashMap<Number, Tag>,
}

impl History {
    /// The repository around the working directory, or around `directory`, of
    /// which then only this part counts.
    ///
    /// # Errors
    /// When there is none, or git does not trust it.
    pub fn open(directory: Option<&Path>) -> Result<Self, GitError> {
        let here = directory.unwrap_or(Path::new("."));
        let repository = Repository::open(here)?;
        let hash = if repository.is_sha256() { 32 } else { 20 };
        let (store, borrowed) = tips::stores(&repository)?;
        let (objects, unopened) = Objects::open(&store, borrowed, hash);
        let unopened = unopened.into_iter().map(|part| Gap {
            subject: super::tree::shown(&part.path),
            reason: GapReason::Unreadable(part.why),
        });
        let above = directory.map(super::tree::shown).unwrap_or_default();
        let within = directory.map(|_| repository.prefix().to_vec());
        Ok(Self {
            hash,
            above,
            within: within.unwrap_or_default(),
            unopened: unopened.collect(),
            objects,
            repository,
            visited: AtomicU64::new(0),
        })
    }

    /// How many objects have been read, and how many there are.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        let visited = self.visited.load(Ordering::Relaxed);
        (visited, u64::from(self.objects.len()))
    }

    /// As many threads as there are processors, within reason.
    fn threads() -> usize {
        super::tree::threads().min(MAX_THREADS)
    }

    /// Gives every blob, commit and tag to `sift`, which says what is in it;
    /// `scratch` is what a thread keeps between them.
    pub(crate) fn search<S: Default>(
        &self,
        sift: impl Fn(&mut S, Raw<'_>) -> Result<Verdict, GapReason> + Sync,
        gap: &(dyn Fn(Gap) + Sync),
    ) -> Found {
        self.unopened.iter().cloned().for_each(gap);
        for number in self.objects.lost() {
            gap(self.gap(number, Damage::Broken("what it is a delta of is not there")));
        }
        let found = Mutex::new(Found::default());
        let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
        let give = |scratch: &mut S, number, kind, body: Body<'_>| {
            self.visited.fetch_add(1, Ordering::Relaxed);
            if let Body::Held(content, _) = body {
                match kind {
                    Some(Kind::Commit) => match Commit::parse(content) {
                        Some(commit) => {
                            lock().commits.insert(number, commit);
                        }
                        None => gap(self.gap(number, Damage::Broken("it is no commit"))),
                    },
                    Some(Kind::Tag) => {
                        if let Some(tag) = Tag::parse(content) {
                            lock().tags.insert(number, tag);
                        }
                    }
                    _ => {}
                }
            }
            let sifted = self
                .raw(number, body)
                .and_then(|content| sift(scratch, content));
            match sifted {
                Ok(Verdict::Wanted) => {
                    lock().wanted.insert(number);
                }
                Ok(Verdict::Passed(_)) => {}
                Err(ref reason) => gap(Gap {
                    subject: self.object(number),
                    reason: reason.clone(),
                }),
            }
            match sifted {
                Ok(Verdict::Passed(known)) => known,
                _ => None,
            }
        };
        let wanted = |_, kind| kind != Kind::Tree;
        self.objects
            .visit(Self::threads(), wanted, S::default, give);
        found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The content of an object, however large.
    fn raw<'b>(&self, number: Number, body: Body<'b>) -> Result<Raw<'b>, GapReason> {
        match body {
            Body::Held(content, news) => Ok(Raw::Held(content, news)),
            Body::Streamed(stream) => {
                Ok(Raw::Open(stream.len(), Box::new(Content::Inflated(stream))))
            }
            Body::Damaged(Damage::Large) => {
                let len = self.objects.size(number).filter(|len| *len <= LARGEST);
                let id = self.objects.id(number).map(|id| id.to_string());
                let oid = id.and_then(|id| Oid::parse(id.as_bytes()));
                match (len, oid) {
                    (Some(len), Some(oid)) => {
                        let stream = BlobStream::new(self.repository.directory(), &oid, len);
                        Ok(Raw::Open(len, Box::new(Content::Blob(stream))))
                    }
                    _ => Err(unreadable(Damage::Large)),
                }
            }
            Body::Damaged(damage) => Err(unreadable(damage)),
        }
    }

    /// Reads each version of what was found, by its path; `read` says which
    /// keys are in it.
    pub(crate) fn read_versions<S: Default>(
        &self,
        trace: &Trace,
        read: impl Fn(&mut S, Document) -> Result<Box<[Key]>, Gap> + Sync,
        gap: &(dyn Fn(Gap) + Sync),
    ) -> Keys {
        let keys = Mutex::new(Keys::new());
        let give = |scratch: &mut S, number, _, body: Body<'_>| {
            let paths = trace.paths_of(number);
            let mut body = Some(body);
            for (path, name) in paths {
                // The last one can have the object itself.
                let copy = match &body {
                    Some(Body::Held(content, _)) => Some(Body::Held(content, News::All)),
                    _ => body.take(),
                };
                let document = match copy {
                    Some(body) => self.document(number, name, body),
                    None => self.reopened(number, name),
                };
                match document.and_then(|document| read(scratch, document)) {
                    Ok(found) if found.is_empty() => {}
                    Ok(found) => {
                        let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
                        keys.insert((path, number), found);
                    }
                    Err(reason) => gap(reason),
                }
            }
            None
        };
        let wanted = |number, _| trace.has(number);
        self.objects
            .visit(Self::threads(), wanted, S::default, give);
        keys.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn document(&self, number: Number, path: &str, body: Body<'_>) -> Result<Document, Gap> {
        let raw = self.raw(number, body).map_err(|reason| Gap {
            subject: path.to_owned(),
            reason,
        })?;
        Ok(match raw {
            Raw::Held(content, _) => Document::held(path.to_owned(), content.to_vec()),
            Raw::Open(len, content) => Document {
                path: path.to_owned(),
                len,
                content: *content,
                change: None,
            },
        })
    }

    /// An object once more, as a document of this path.
    pub(crate) fn reopened(&self, number: Number, path: &str) -> Result<Document, Gap> {
        match self.objects.get(number) {
            Ok((_, content)) => Ok(Document::held(path.to_owned(), content)),
            Err(damage) => self.document(number, path, Body::Damaged(damage)),
        }
    }

    /// The path as reports show it; none outside of the part that counts.
    fn shown(&self, path: &[u8]) -> Option<String> {
        if !path.starts_with(&self.within) {
            return None;
        }
        let shown = self.repository.shown(path);
        Some(match self.above.as_str() {
            "" => shown,
            above => format!("{}/{shown}", above.trim_end_matches('/')),
        })
    }

    /// The same of what is in no tree.
    fn shown_aside(&self, path: &str) -> Option<String> {
        self.within.is_empty().then(|| match self.above.as_str() {
            "" => path.to_owned(),
            above => format!("{}/{path}", above.trim_end_matches('/')),
        })
    }

    /// An object, as messages name it.
    fn object(&self, number: Number) -> String {
        let id = self.objects.id(number);
        id.map_or_else(|| "an object".to_owned(), |id| format!("object {id}"))
    }

    fn gap(&self, number: Number, damage: Damage) -> Gap {
        Gap {
            subject: self.object(number),
            reason: unreadable(damage),
        }
    }
}

fn unreadable(damage: Damage) -> GapReason {
    GapReason::Unreadable(damage.to_string())
}

#[cfg(test)]
mod tests;
