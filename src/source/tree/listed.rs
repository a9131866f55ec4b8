//! The files of a repository, in parallel: each thread takes some of git's list.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Place, Walk, give, has_git, lock, shown};
use crate::gap::Unopened;
use crate::source::Sink;
use crate::source::file::{self, FileError};
use crate::source::git::{Known, Listed, Listing};

/// Reads what git lists below a directory of a repository.
pub(super) fn read<S: Sink>(directory: &Path, walk: &Walk<'_>, sink: &S) {
    let listing = match Listing::start(directory) {
        Ok(listing) => Mutex::new(listing),
        Err(error) => return walk.without_git(directory, &error, sink),
    };
    std::thread::scope(|scope| {
        for _ in 0..walk.threads {
            scope.spawn(|| {
                let mut reader = Reader::new(directory, walk, sink);
                let mut batch = Vec::new();
                loop {
                    lock(&listing).next(&mut batch);
                    if batch.is_empty() {
                        return;
                    }
                    for listed in batch.drain(..) {
                        reader.take(listed);
                    }
                }
            });
        }
    });
    let listing = listing.into_inner().unwrap_or_else(PoisonError::into_inner);
    match listing.finish() {
        Ok(gaps) => gaps.into_iter().for_each(|gap| sink.gap(gap)),
        Err(error) => walk.without_git(directory, &error, sink),
    }
}

/// Reads what is listed, in one thread.
struct Reader<'w, S: Sink> {
    directory: &'w Path,
    walk: &'w Walk<'w>,
    sink: &'w S,
    scratch: S::Scratch,
    /// The directory of the last file, and whether a link leads there.
    parent: (PathBuf, bool),
}

impl<'w, S: Sink> Reader<'w, S> {
    fn new(directory: &'w Path, walk: &'w Walk<'w>, sink: &'w S) -> Self {
        Self {
            directory,
            walk,
            sink,
            scratch: S::Scratch::default(),
            parent: (PathBuf::new(), false),
        }
    }

    fn take(&mut self, listed: Listed) {
        let (Listed::File { path, .. } | Listed::Submodule(path) | Listed::Repository(path)) =
            &listed;
        // What the index has there is gone, and the link leads anywhere.
        if self.is_behind_a_link(path) {
            return;
        }
        let path = self.directory.join(path);
        match listed {
            Listed::File { known, .. } => self.read(&path, known),
            // Another file has its place.
            Listed::Submodule(_) if path.is_file() || path.is_symlink() => {
                self.read(&path, Known::Tracked);
            }
            _ if self.walk.exclusion.excludes(&shown(&path)) => {}
            Listed::Submodule(_) if is_empty(&path) => {
                self.sink.unopened(Unopened::Submodule, &shown(&path));
            }
            // git lists nothing that is in the place of a submodule.
            Listed::Submodule(_) if !has_git(&path) => self.walk.find(Place::Directory(path)),
            Listed::Submodule(_) | Listed::Repository(_) => {
                self.walk.find(Place::Repository(path));
            }
        }
    }

    fn read(&mut self, path: &Path, known: Known) {
        let Some(name) = self.walk.name(path) else {
            return;
        };
        match file::entry(path) {
            // It is not in the tree.
            Err(FileError::Io(error)) if known != Known::Untracked && is_gone(&error) => {
                if known == Known::Sparse {
                    self.sink.unopened(Unopened::Sparse, &name);
                }
            }
            entry => give(name, entry, self.sink, &mut self.scratch),
        }
    }

    fn is_behind_a_link(&mut self, path: &Path) -> bool {
        let parent = path.parent().unwrap_or(Path::new(""));
        // As it is written: git writes it the same way each time.
        if self.parent.0.as_os_str() != parent.as_os_str() {
            let linked = self.look_around(parent);
            self.parent = (parent.to_owned(), linked);
        }
        self.parent.1
    }

    /// Looks at the directories that the last file was not in.
    fn look_around(&self, parent: &Path) -> bool {
        let (last, linked) = &self.parent;
        let around = parent
            .ancestors()
            .take_while(|part| *part != Path::new("") && (*linked || !last.starts_with(part)));
        for directory in around.map(|part| self.directory.join(part)) {
            if directory.is_symlink() {
                return true;
            }
            // It has files that are tracked here, and an index of its own.
            if has_git(&directory) {
                self.walk.find(Place::Repository(directory));
            }
        }
        false
    }
}

/// Whether there is nothing: the directory may be gone, too.
fn is_empty(directory: &Path) -> bool {
    match directory.read_dir() {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => is_gone(&error),
    }
}

/// Whether there is no such file, or a file where its directory was.
fn is_gone(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
