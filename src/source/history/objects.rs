//! The objects of a repository, read from its files.
//!
//! `git cat-file` rebuilds one object at a time, whole chains of deltas for
//! each. Here a pack is walked from the roots of its deltas, so that every
//! object is rebuilt once, with bounded memory, and one that is damaged costs
//! itself and what is based on it, and not the rest.
//!
//! The formats are those of gitformat-pack(5) and gitrepository-layout(5). The
//! names of objects are taken as they are: no digest is computed.

mod delta;
mod header;
mod id;
mod index;
mod inflate;
mod lookup;
mod loose;
mod pack;
mod walker;

pub(crate) use id::Id;
pub use inflate::Inflated;
pub(crate) use lookup::Lookup;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use loose::Loose;
use pack::{Pack, Plan};
use thiserror::Error;
use walker::Walker;

/// Bytes of the largest object that is held in memory.
pub(crate) const HELD: u64 = 16 * 1024 * 1024;

/// Bytes that objects may take, in all threads, while their deltas are visited.
const BUDGET: usize = 96 * 1024 * 1024;

/// Object stores that borrow from one another, as deep as git follows them.
const MAX_ALTERNATES: usize = 5;

/// An object, by its place in the store: where there are several of one name,
/// it is that of the first.
pub(crate) type Number = u32;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    /// By git's word for it.
    pub(crate) fn of(word: &[u8]) -> Option<Self> {
        match word {
            b"commit" => Some(Self::Commit),
            b"tree" => Some(Self::Tree),
            b"blob" => Some(Self::Blob),
            b"tag" => Some(Self::Tag),
            _ => None,
        }
    }
}

/// The content of an object.
pub(crate) enum Body<'b> {
    /// In memory.
    Held(&'b [u8], News<'b>),
    /// Too large for that.
    Streamed(Box<Inflated>),
    /// It was not rebuilt.
    Damaged(Damage),
}

/// What of an object has not been seen yet.
///
/// Most objects of a history are another one with some lines changed. Where
/// that one was of no interest, only the changes can be.
#[derive(Clone, Copy)]
pub(crate) enum News<'b> {
    /// All of it.
    All,
    /// These parts, in order; an empty one is a seam, where two pieces meet
    /// that did not meet in what it was rebuilt from, of which so much is known.
    Parts(&'b [Range<usize>], Known),
}

/// What is known of an object that others are rebuilt from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing of interest is in any piece of it.
    Plain,
    /// Nothing of interest is in it, nor in a piece with enough around it.
    Empty,
}

/// Why an object was not rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Damage {
    /// Not what git writes.
    #[error("{0}; run `git fsck`")]
    Broken(&'static str),
    /// The file could not be read.
    #[error("its file cannot be read; run `git fsck`")]
    Unreadable,
    /// It takes more memory than it may.
    #[error("it is too large")]
    Large,
}

/// Everything that a repository stores, in the order in which git looks.
pub(crate) struct Objects {
    packs: Vec<(Number, Pack)>,
    loose: Vec<(Number, Loose)>,
    len: Number,
}

/// A part of a store that could not be opened.
pub(crate) struct Unopened {
    pub(crate) path: PathBuf,
    pub(crate) why: String,
}

impl Objects {
    /// Opens the store of a directory, and those that it borrows from.
    /// `hash` is the length of a name in bytes.
    pub(crate) fn open(
        directory: &Path,
        borrowed: Vec<PathBuf>,
        hash: usize,
    ) -> (Self, Vec<Unopened>) {
        let mut unopened = Vec::new();
        let directories = directories(directory, borrowed, &mut unopened);
        let mut packs = Vec::new();
        let mut loose = Vec::new();
        for directory in directories {
            for index in indices(&directory) {
                match Pack::open(&index, hash) {
                    Ok(pack) => packs.push(pack),
                    Err(damage) => unopened.push(Unopened {
                        path: index.with_extension("pack"),
                        why: damage.to_string(),
                    }),
                }
            }
            match Loose::open(&directory, hash) {
                Ok(objects) => loose.push(objects),
                Err(error) => unopened.push(Unopened {
                    path: directory,
                    why: error.to_string(),
                }),
            }
        }
        // Most objects are in the first one looked at.
        packs.sort_by_key(|pack| std::cmp::Reverse(pack.len()));
        let mut store = Self {
            packs: Vec::new(),
            loose: Vec::new(),
            len: 0,
        };
        for pack in packs {
            let first = store.reserve(pack.len());
            store.packs.push((first, pack));
        }
        for objects in loose {
            let first = store.reserve(objects.len());
            store.loose.push((first, objects));
        }
        (store, unopened)
    }

    fn reserve(&mut self, more: u32) -> Number {
        let first = self.len;
        self.len = self.len.saturating_add(more);
        first
    }

    /// How many there are, the same one in several places counted each time.
    pub(crate) fn len(&self) -> Number {
        self.len
    }

    /// The object of a name.
    pub(crate) fn find(&self, id: &Id) -> Option<Number> {
        let packed = self
            .packs
            .iter()
            .find_map(|(first, pack)| Some(first + pack.find(id)?));
        packed.or_else(|| {
            let mut loose = self.loose.iter();
            loose.find_map(|(first, objects)| Some(first + objects.find(id)?))
        })
    }

    /// The name of an object.
    pub(crate) fn id(&self, number: Number) -> Option<Id> {
        match self.place(number)? {
            Place::Packed(pack, position) => pack.id(position),
            Place::Loose(objects, position) => objects.id(position),
        }
    }

    /// What an object is; none of one that is loose or lost.
    pub(crate) fn kind(&self, number: Number) -> Option<Kind> {
        match self.place(number)? {
            Place::Packed(pack, position) => pack.kind(position),
            Place::Loose(..) => None,
        }
    }

    fn place(&self, number: Number) -> Option<Place<'_>> {
        let in_pack =
            |(first, pack): &&(Number, Pack)| (*first..first + pack.len()).contains(&number);
        if let Some((first, pack)) = self.packs.iter().find(in_pack) {
            return Some(Place::Packed(pack, number - first));
        }
        let in_loose =
            |(first, objects): &&(Number, Loose)| (*first..first + objects.len()).contains(&number);
        let (first, objects) = self.loose.iter().find(in_loose)?;
        Some(Place::Loose(objects, number - first))
    }

    /// Whether it is the one that its name leads to, and not another copy.
    fn is_first(&self, number: Number) -> bool {
        let id = self.id(number);
        id.is_some_and(|id| self.find(&id) == Some(number))
    }

    /// One object by itself.
    ///
    /// # Errors
    /// When it cannot be rebuilt, or is too large.
    pub(crate) fn get(&self, number: Number) -> Result<(Kind, Vec<u8>), Damage> {
        match self.place(number).ok_or(Damage::Unreadable)? {
            Place::Packed(pack, position) => pack.get(position),
            Place::Loose(objects, position) => {
                let mut got = Err(Damage::Large);
                let mut inflate = inflate::Inflate::new();
                objects.read(position, &mut inflate, |_| true, &mut |kind, body| {
                    if let Body::Held(content, _) = body {
                        got = Ok((kind, content.to_vec()));
                    }
                    None
                })?;
                got
            }
        }
    }

    /// The size that an object says it has.
    pub(crate) fn size(&self, number: Number) -> Option<u64> {
        match self.place(number)? {
            Place::Packed(pack, position) => pack.size(position),
            Place::Loose(..) => None,
        }
    }

    /// Gives every object that is wanted, each once, to one of several threads;
    /// `scratch` makes what a thread keeps between objects. The answer says
    /// what is now known of an object: what it shares with another one is then
    /// no news of that.
    pub(crate) fn visit<S>(
        &self,
        threads: usize,
        wanted: impl Fn(Number, Kind) -> bool + Sync,
        scratch: impl Fn() -> S + Sync,
        give: impl Fn(&mut S, Number, Option<Kind>, Body<'_>) -> Option<Known> + Sync,
    ) {
        let several = self.packs.len() > 1;
        let plans: Vec<Plan> = self
            .packs
            .iter()
            .map(|(first, pack)| {
                let is_first = |number| !several || *first == 0 || self.is_first(number);
                pack.plan(|position, kind| {
                    wanted(first + position, kind) && is_first(first + position)
                })
            })
            .collect();
        let mut tasks: Vec<Task> = Vec::new();
        for (at, plan) in plans.iter().enumerate() {
            tasks.extend(plan.roots.iter().map(|root| Task::Tree(at, *root)));
        }
        for (at, (_, objects)) in self.loose.iter().enumerate() {
            tasks.extend((0..objects.len()).map(|position| Task::Loose(at, position)));
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut walker = Walker::new(BUDGET / threads.max(1));
            let mut scratch = scratch();
            while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                match *task {
                    Task::Tree(at, root) => {
                        let (first, pack) = &self.packs[at];
                        pack.tree(
                            root,
                            &plans[at],
                            &mut walker,
                            &mut |position, kind, body| {
                                let number = first + position;
                                let first = *first == 0 || self.is_first(number);
                                (wanted(number, kind) && first)
                                    .then(|| give(&mut scratch, number, Some(kind), body))
                                    .flatten()
                            },
                        );
                    }
                    Task::Loose(at, position) => {
                        let (first, objects) = &self.loose[at];
                        let number = first + position;
                        if !self.is_first(number) {
                            continue;
                        }
                        let read = objects.read(
                            position,
                            &mut walker.inflate,
                            |kind| wanted(number, kind),
                            &mut |kind, body| give(&mut scratch, number, Some(kind), body),
                        );
                        if let Err(damage) = read {
                            give(&mut scratch, number, None, Body::Damaged(damage));
                        }
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
    }

    /// The objects that no header leads to.
    pub(crate) fn lost(&self) -> impl Iterator<Item = Number> {
        let lost = self.packs.iter();
        lost.flat_map(|(first, pack)| pack.lost().map(move |position| first + position))
    }
}

enum Place<'o> {
    Packed(&'o Pack, u32),
    Loose(&'o Loose, u32),
}

#[derive(Clone, Copy)]
enum Task {
    Tree(usize, u32),
    Loose(usize, u32),
}

/// The store and those that it borrows from, each once.
fn directories(
    directory: &Path,
    borrowed: Vec<PathBuf>,
    unopened: &mut Vec<Unopened>,
) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut level: Vec<PathBuf> = vec![directory.to_owned()];
    level.extend(borrowed);
    for _ in 0..=MAX_ALTERNATES {
        for directory in std::mem::take(&mut level) {
            let real = directory
                .canonicalize()
                .unwrap_or_else(|_| directory.clone());
            if !seen.insert(real) {
                continue;
            }
            match alternates(&directory) {
                Ok(others) => level.extend(others),
                Err(error) => unopened.push(Unopened {
                    path: directory.join("info/alternates"),
                    why: error.to_string(),
                }),
            }
            found.push(directory);
        }
    }
    found
}

/// The stores that one borrows from.
fn alternates(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let list = match std::fs::read(directory.join("info/alternates")) {
        Ok(list) => list,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = list.split(|byte| *byte == b'\n');
    let paths = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    Ok(paths
        .map(|path| directory.join(crate::source::git::path_of(path)))
        .collect())
}

/// The indices of a store's packs, by name. A pack without one is being
/// written, or has been given up.
fn indices(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory.join("pack"));
    let mut indices: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "idx"))
        .collect();
    indices.sort();
    indices
}

#[cfg(test)]
mod tests;
