//! The files of directories.
//!
//! In a git repository these are the tracked files and those that are not
//! ignored: a tracked file that an ignore rule matches is scanned, since
//! otherwise a pull request could hide a key with one line. `.ignore` files
//! have no say. `.git` itself is not scanned here.
//!
//! A file that the user names is scanned unless the policy excludes it or a
//! directory around it: hooks name files that nobody chose, and get what a walk
//! would. Ignore rules have no say about it, tracked or not: to pass over the
//! one file that was asked for, and call that clean, would be a lie.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::file::{self, FileError};
use super::{Content, Document, Exclusion, Sink, git};
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
    let Some((first, others)) = roots.split_first() else {
        return 0;
    };
    let walk = Walk {
        exclusion: Exclusion::of(options.policy),
        repositories: Repositories::default(),
        met: (!others.is_empty()).then(Mutex::default),
    };
    let mut builder = WalkBuilder::new(first);
    for root in others {
        builder.add(root);
    }
    builder
        .hidden(false)
        .ignore(false)
        .git_ignore(options.gitignore)
        .git_global(options.gitignore)
        .git_exclude(options.gitignore)
        .parents(options.gitignore)
        .threads(options.threads)
        .follow_links(false);
    std::thread::scope(|scope| {
        // git looks through its index while the walk goes on.
        let tracked = options
            .gitignore
            .then(|| scope.spawn(|| Tracked::below(roots)));
        builder.build_parallel().run(|| {
            let mut scratch = S::Scratch::default();
            let walk = &walk;
            Box::new(move |entry| visit(entry, walk, sink, &mut scratch))
        });
        let Some(tracked) = tracked else { return };
        let mut tracked = tracked.join().unwrap_or_default();
        tracked.append(Tracked::below(&walk.repositories.nested(roots)));
        tracked.read(roots, &walk, sink);
    });
    walk.exclusion.count()
}

/// The roots that lie in no other one: what is below two of them is read once,
/// and is a part of the outer one.
#[must_use]
pub fn outermost(roots: &[PathBuf]) -> Vec<PathBuf> {
    let mut outer: Vec<PathBuf> = Vec::new();
    for root in roots {
        let name = PathBuf::from(shown(root));
        let inside = |other: &PathBuf| {
            let around = PathBuf::from(shown(other));
            name != around && name.is_relative() == around.is_relative() && name.starts_with(around)
        };
        if !roots.iter().any(inside) && !outer.iter().any(|other| shown(other) == shown(root)) {
            outer.push(root.clone());
        }
    }
    outer
}

/// What the threads of a walk share.
struct Walk<'p> {
    exclusion: Exclusion<'p>,
    repositories: Repositories,
    /// The names of what was met, where roots could overlap.
    met: Option<Mutex<HashSet<String>>>,
}

impl Walk<'_> {
    /// Whether the file or directory is met for the first time.
    fn is_new(&self, name: &str) -> bool {
        let Some(met) = &self.met else { return true };
        let mut met = met.lock().unwrap_or_else(PoisonError::into_inner);
        met.insert(name.to_owned())
    }
}

/// Repositories that the walk came upon: submodules and clones inside others.
#[derive(Default)]
struct Repositories(Mutex<Vec<PathBuf>>);

impl Repositories {
    fn add(&self, root: &Path) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.push(root.to_owned());
    }

    fn nested(&self, roots: &[PathBuf]) -> Vec<PathBuf> {
        let mut found = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        found.retain(|root| !roots.contains(root));
        found.sort();
        found
    }
}

/// Tracked files that ignore rules match, and the directories where git could
/// not say which they are.
#[derive(Default)]
struct Tracked {
    files: Vec<PathBuf>,
    gaps: Vec<Gap>,
}

impl Tracked {
    fn below(directories: &[PathBuf]) -> Self {
        let mut tracked = Self::default();
        for directory in directories {
            if !directory.is_dir() || !git::is_in_repository(directory) {
                continue;
            }
            match git::ignored_but_tracked(directory) {
                Ok(files) => tracked
                    .files
                    .extend(files.into_iter().map(|file| directory.join(file))),
                Err(error) => tracked.gaps.push(Gap {
                    subject: named(directory),
                    reason: GapReason::GitFailed(error.to_string()),
                }),
            }
        }
        tracked
    }

    fn append(&mut self, mut other: Self) {
        self.files.append(&mut other.files);
        self.gaps.append(&mut other.gaps);
    }

    /// Reads the files that the walk passed over.
    fn read<S: Sink>(mut self, roots: &[PathBuf], walk: &Walk<'_>, sink: &S) {
        for gap in self.gaps {
            sink.gap(gap);
        }
        self.files.sort();
        self.files.dedup();
        let mut scratch = S::Scratch::default();
        for file in self.files {
            // A tracked file that was deleted is no gap: it is not in the tree.
            let is_file = std::fs::symlink_metadata(&file).is_ok_and(|found| found.is_file());
            if is_file && !is_behind_a_link(&file, roots) {
                read(&file, walk, sink, &mut scratch);
            }
        }
    }
}

/// Whether a directory on the way from a root to the file is a link: what the
/// index has there is gone, and the link leads anywhere.
fn is_behind_a_link(file: &Path, roots: &[PathBuf]) -> bool {
    file.ancestors()
        .skip(1)
        .take_while(|directory| !roots.iter().any(|root| root == directory))
        .any(Path::is_symlink)
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
    let Some(kind) = entry.file_type() else {
        return WalkState::Continue;
    };
    if entry.depth() > 0 && entry.file_name() == ".git" {
        if let Some(root) = entry.path().parent() {
            walk.repositories.add(root);
        }
        return WalkState::Skip;
    }
    if kind.is_dir() {
        let name = shown(entry.path());
        let excluded = || entry.depth() > 0 && walk.exclusion.excludes(&name);
        return if !walk.is_new(&name) || excluded() {
            WalkState::Skip
        } else {
            WalkState::Continue
        };
    }
    // A link into the tree is found at its target; one out of it is not ours.
    // A link that the user names is followed.
    if kind.is_symlink() && entry.depth() > 0 {
        return WalkState::Continue;
    }
    read(entry.path(), walk, sink, scratch);
    WalkState::Continue
}

fn read<S: Sink>(path: &Path, walk: &Walk<'_>, sink: &S, scratch: &mut S::Scratch) {
    let name = shown(path);
    if !walk.is_new(&name) || walk.exclusion.excludes(&name) {
        return;
    }
    let (file, metadata) = match file::open(path) {
        Ok(opened) => opened,
        Err(error) => return sink.gap(unread(name, &error)),
    };
    let document = Document {
        path: name,
        len: metadata.len(),
        content: Content::File(file),
        change: None,
    };
    sink.document(document, scratch);
}

/// The path as reports show it: relative to the working directory where it lies
/// below that, with `/`.
#[must_use]
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let path = here
        .as_deref()
        .filter(|_| path.is_absolute())
        .and_then(|here| path.strip_prefix(here).ok())
        .unwrap_or(path);
    let path = path.strip_prefix(".").unwrap_or(path);
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// The same for a directory that a message names.
fn named(directory: &Path) -> String {
    let name = shown(directory);
    if name.is_empty() {
        ".".to_owned()
    } else {
        name
    }
}

fn unread(name: String, error: &FileError) -> Gap {
    match error {
        FileError::Io(error) => Gap::io(name, error),
        FileError::Special(what) => Gap {
            subject: name,
            reason: GapReason::NotAFile(what),
        },
        FileError::TooLong(_) => Gap {
            subject: name,
            reason: GapReason::Unreadable(error.to_string()),
        },
    }
}

fn gap_of(error: &ignore::Error) -> Gap {
    let subject = path_in(error).map_or_else(|| "the tree".to_owned(), named);
    match error.io_error() {
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
