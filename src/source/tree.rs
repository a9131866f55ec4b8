//! The files of directories.
//!
//! In a git repository these are the files that git lists: those of its index,
//! and those that are not ignored. A tracked file is scanned whatever an ignore
//! rule says of it, since otherwise a pull request could hide a key with one
//! line. Elsewhere all files are. `.ignore` files have no say, and `.git`
//! itself is not scanned.
//!
//! A file that the user names is scanned unless the policy excludes it or a
//! directory around it: hooks name files that nobody chose, and get what a walk
//! would. Ignore rules have no say about it, nor about what is in a directory
//! that they match and the user names: to pass over what was asked for, and
//! call that clean, would be a lie.

mod listed;
mod names;

pub use names::{outermost, shown};

pub(super) use names::named;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::file::{self, Entry, FileError};
use super::git::{self, GitError};
use super::{Content, Document, Exclusion, Sink};
use crate::gap::{Gap, GapReason};
use crate::policy::Policy;

/// Which files a scan takes.
#[derive(Clone, Copy)]
pub struct Options<'p> {
    /// Whether ignored, untracked files are left out.
    pub gitignore: bool,
    /// What excludes files, by the path that reports show.
    pub policy: &'p Policy,
    /// Threads that read.
    pub threads: usize,
}

/// As many threads as there are processors.
#[must_use]
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// Gives every file below the roots to the sink; answers how many files and
/// directories the policy excluded.
pub fn walk<S: Sink>(roots: &[PathBuf], options: &Options<'_>, sink: &S) -> u64 {
    let walk = Walk {
        exclusion: Exclusion::of(options.policy),
        gitignore: options.gitignore,
        threads: options.threads,
        found: Mutex::default(),
        met: (options.gitignore || roots.len() > 1).then(Met::default),
    };
    // Without doubled slashes and the like: each file has one path from here on.
    let roots = roots
        .iter()
        .map(|root| root.components().collect::<PathBuf>());
    let mut places: Vec<Place> = roots.map(|root| walk.place(&root)).collect();
    while !places.is_empty() {
        let mut directories = Vec::new();
        for place in places {
            match place {
                Place::Repository(directory) => listed::read(&directory, &walk, sink),
                Place::Directory(directory) => directories.push(directory),
            }
        }
        search(&directories, &walk, sink);
        places = std::mem::take(&mut *lock(&walk.found));
        places.sort();
        places.dedup();
    }
    walk.exclusion.count()
}

/// Something that is still to be read.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// What git lists below a directory.
    Repository(PathBuf),
    /// All that is in a directory, or a file.
    Directory(PathBuf),
}

/// What the threads of a walk share.
struct Walk<'p> {
    exclusion: Exclusion<'p>,
    gitignore: bool,
    threads: usize,
    /// Repositories that the walk came upon inside of others, and directories
    /// that git has nothing to say about.
    found: Mutex<Vec<Place>>,
    /// Where a file could be met twice: where roots overlap, where git has been
    /// asked, or where one repository tracks files in another.
    met: Option<Met>,
}

impl Walk<'_> {
    fn place(&self, root: &Path) -> Place {
        let listed = self.gitignore
            && root.is_dir()
            && is_in_repository(root)
            // What git cannot say here, it says when it is to list the files.
            && (has_git(root) || !git::is_ignored(root).unwrap_or(false));
        if listed {
            Place::Repository(root.to_owned())
        } else {
            Place::Directory(root.to_owned())
        }
    }

    /// What reports call the file, if it is to be read: for the first time, and
    /// not excluded.
    fn name(&self, path: &Path) -> Option<String> {
        let name = self.is_new(path).then(|| shown(path))?;
        (!self.exclusion.excludes(&name)).then_some(name)
    }

    fn is_new(&self, path: &Path) -> bool {
        self.met.as_ref().is_none_or(|met| met.insert(path))
    }

    /// Has a directory walked that git could not list: ignored or not, all that
    /// is in it is read.
    fn without_git<S: Sink>(&self, directory: &Path, error: &GitError, sink: &S) {
        if !error.is_outside() {
            sink.gap(Gap {
                subject: named(directory),
                reason: GapReason::GitFailed(error.to_string()),
            });
        }
        self.find(Place::Directory(directory.to_owned()));
    }

    fn find(&self, place: Place) {
        lock(&self.found).push(place);
    }
}

/// The paths that were met, as hashes: of a million files, 30 MB.
#[derive(Default)]
struct Met {
    hashers: [RandomState; 2],
    paths: Mutex<HashSet<[u64; 2]>>,
}

impl Met {
    /// Whether the path is met for the first time.
    fn insert(&self, path: &Path) -> bool {
        // Its bytes: to hash it part by part takes four times as long.
        let path = names::from_here(path).as_os_str();
        let hash = self.hashers.each_ref().map(|hasher| hasher.hash_one(path));
        lock(&self.paths).insert(hash)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the directory, or one around it, is a repository.
fn is_in_repository(directory: &Path) -> bool {
    let real = directory.canonicalize();
    real.is_ok_and(|real| real.ancestors().any(has_git))
}

fn has_git(directory: &Path) -> bool {
    directory.join(".git").symlink_metadata().is_ok()
}

/// Reads all that is below directories, but repositories.
fn search<S: Sink>(directories: &[PathBuf], walk: &Walk<'_>, sink: &S) {
    let Some((first, others)) = directories.split_first() else {
        return;
    };
    let mut builder = WalkBuilder::new(first);
    for directory in others {
        builder.add(directory);
    }
    builder
        .standard_filters(false)
        .threads(walk.threads)
        .follow_links(false);
    builder.build_parallel().run(|| {
        let mut scratch = S::Scratch::default();
        Box::new(move |entry| visit(entry, walk, sink, &mut scratch))
    });
}

fn visit<S: Sink>(
    entry: Result<DirEntry, ignore::Error>,
    walk: &Walk<'_>,
    sink: &S,
    scratch: &mut S::Scratch,
) -> WalkState {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            sink.gap(gap_of(&error));
            return WalkState::Continue;
        }
    };
    let named_by_user = entry.depth() == 0;
    if !named_by_user && entry.file_name() == ".git" {
        return WalkState::Skip;
    }
    let path = entry.path();
    if entry.file_type().is_some_and(|kind| kind.is_dir()) {
        if named_by_user {
            return WalkState::Continue;
        }
        if walk.gitignore && has_git(path) {
            walk.find(Place::Repository(path.to_owned()));
            return WalkState::Skip;
        }
        if !walk.is_new(path) || walk.exclusion.excludes(&shown(path)) {
            return WalkState::Skip;
        }
        return WalkState::Continue;
    }
    // A link into the tree is found at its target; one out of it is not ours.
    // One that the user names is followed.
    if let Some(name) = walk.name(path) {
        let entry = if named_by_user {
            file::open(path).map(|(file, metadata)| Entry::File(file, metadata))
        } else {
            file::entry(path)
        };
        give(name, entry, sink, scratch);
    }
    WalkState::Continue
}

/// Gives what is at a path to the sink.
fn give<S: Sink>(
    name: String,
    entry: Result<Entry, FileError>,
    sink: &S,
    scratch: &mut S::Scratch,
) {
    match entry {
        Ok(Entry::File(file, metadata)) => {
            let document = Document {
                path: name,
                len: metadata.len(),
                content: Content::File(file),
                change: None,
            };
            sink.document(document, scratch);
        }
        // Its content is where it leads.
        Ok(Entry::Link(target)) => {
            sink.document(Document::held(name, target.into_encoded_bytes()), scratch);
        }
        // The files in it are found as well.
        Ok(Entry::Directory) => {}
        Err(FileError::Io(error)) => sink.gap(Gap::io(name, &error)),
        Err(FileError::Special(what)) => sink.gap(Gap {
            subject: name,
            reason: GapReason::NotAFile(what),
        }),
        Err(error @ FileError::TooLong(_)) => sink.gap(Gap {
            subject: name,
            reason: GapReason::Unreadable(error.to_string()),
        }),
    }
}

fn gap_of(error: &ignore::Error) -> Gap {
    let path = path_in(error);
    let subject = path.map_or_else(|| "the tree".to_owned(), named);
    match error.io_error() {
        // One that the user names: no other is followed.
        Some(io) if io.kind() == ErrorKind::NotFound && path.is_some_and(Path::is_symlink) => Gap {
            subject,
            reason: GapReason::Unreadable("it is a link to what is not there".to_owned()),
        },
        Some(io) => Gap::io(subject, io),
        None => Gap {
            subject,
            reason: GapReason::Unreadable(crate::excerpt::redact_path(&error.to_string())),
        },
    }
}

fn path_in(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_in(err)
        }
        ignore::Error::Partial(errors) => errors.iter().find_map(path_in),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
