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

use std::fs::{File, Metadata, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

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
    let exclusion = Exclusion::of(options.policy);
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
    let repositories = Repositories::default();
    std::thread::scope(|scope| {
        // git looks through its index while the walk goes on.
        let tracked = options
            .gitignore
            .then(|| scope.spawn(|| Tracked::below(roots)));
        builder.build_parallel().run(|| {
            let mut scratch = S::Scratch::default();
            let (repositories, exclusion) = (&repositories, &exclusion);
            Box::new(move |entry| visit(entry, exclusion, repositories, sink, &mut scratch))
        });
        let Some(tracked) = tracked else { return };
        let mut tracked = tracked.join().unwrap_or_default();
        tracked.append(Tracked::below(&repositories.nested(roots)));
        tracked.read(&exclusion, sink);
    });
    exclusion.count()
}

/// Repositories that the walk came upon: submodules and clones inside others.
#[derive(Default)]
struct Repositories(Mutex<Vec<PathBuf>>);

impl Repositories {
    fn add(&self, root: &Path) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.push(root.to_owned());
    }

    fn nested(self, roots: &[PathBuf]) -> Vec<PathBuf> {
        let mut found = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
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
    fn read<S: Sink>(mut self, exclusion: &Exclusion<'_>, sink: &S) {
        for gap in self.gaps {
            sink.gap(gap);
        }
        self.files.sort();
        self.files.dedup();
        let mut scratch = S::Scratch::default();
        for file in self.files {
            // A tracked file that was deleted is no gap: it is not in the tree.
            if std::fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_file()) {
                read(&file, exclusion, sink, &mut scratch);
            }
        }
    }
}

fn visit<S: Sink>(
    entry: Result<DirEntry, ignore::Error>,
    exclusion: &Exclusion<'_>,
    repositories: &Repositories,
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
            repositories.add(root);
        }
        return WalkState::Skip;
    }
    if kind.is_dir() {
        let excluded = entry.depth() > 0 && exclusion.excludes(&shown(entry.path()));
        return if excluded {
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
    read(entry.path(), exclusion, sink, scratch);
    WalkState::Continue
}

fn read<S: Sink>(path: &Path, exclusion: &Exclusion<'_>, sink: &S, scratch: &mut S::Scratch) {
    let name = shown(path);
    if exclusion.excludes(&name) {
        return;
    }
    let (file, metadata) = match open(path) {
        Ok(opened) => opened,
        Err(error) => {
            // A socket cannot even be opened.
            let what = std::fs::metadata(path).ok().as_ref().and_then(special);
            sink.gap(match what {
                Some(what) => Gap {
                    subject: name,
                    reason: GapReason::NotAFile(what),
                },
                None => Gap::io(name, &error),
            });
            return;
        }
    };
    if let Some(what) = special(&metadata) {
        sink.gap(Gap {
            subject: name,
            reason: GapReason::NotAFile(what),
        });
        return;
    }
    let document = Document {
        path: name,
        len: metadata.len(),
        content: Content::File(file),
        change: None,
    };
    sink.document(document, scratch);
}

/// Opens without waiting: a FIFO has nobody at its other end.
fn open(path: &Path) -> std::io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK);
    }
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
    Some("neither file nor directory")
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

fn gap_of(error: &ignore::Error) -> Gap {
    let subject = path_in(error).map_or_else(|| "the tree".to_owned(), named);
    match error.io_error() {
        Some(io) => Gap::io(subject, io),
        None => Gap {
            subject,
            reason: GapReason::Unreadable(error.to_string()),
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
