//! What one comparison brings: of the index with a commit, of two trees.

use std::cell::{Cell, RefCell};
use std::io::BufReader;
use std::process::Command;
use std::rc::Rc;

use super::git::{Blobs, Entry, Record, Records, Repository, Running};
use super::submodule::Pin;
use super::versions::{Store, Today};
use super::{Change, Document, Exclusion, GitError, Sink, Versions};
use crate::gap::{Gap, GapReason};

/// How git compares: whole names, nothing run, and a submodule is seen whatever
/// `.gitmodules` says of it.
pub(super) const RAW: [&str; 6] = [
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
];

/// A comparison that git is asked for.
pub(super) struct Comparison<'c> {
    pub(super) repository: &'c Rc<Repository>,
    /// The commit that brings what is new; none for what is staged.
    pub(super) commit: Option<String>,
    pub(super) exclusion: &'c Exclusion<'c>,
    pub(super) doing: &'static str,
}

impl Comparison<'_> {
    /// Gives every file that is not as it was to the sink; answers which
    /// submodules are not.
    ///
    /// # Errors
    /// When git fails. A file whose content it lacks is a gap.
    pub(super) fn read<S: Sink>(
        &self,
        command: &mut Command,
        sink: &S,
        scratch: &mut S::Scratch,
    ) -> Result<Vec<Pin>, GitError> {
        let store = Rc::new(Store::new(self.repository));
        let (git, output) = Running::start(command)?;
        let complete = Cell::new(true);
        let pins = RefCell::new(Vec::new());
        let records = Records::new(BufReader::new(output)).map_while(|record| {
            complete.set(record.is_ok());
            record.ok()
        });
        let wanted = records.filter_map(|record| match record {
            Record::Entry(entry) => {
                pins.borrow_mut()
                    .extend(Pin::of(&entry, self.commit.clone()));
                let path = self.wanted(&entry, sink)?;
                let blob = entry.after.blob.clone()?;
                Some((blob, (path, entry)))
            }
            Record::Commit(_) => None,
        });
        let mut blobs = Blobs::new(self.repository.directory());
        blobs.each(wanted, |(path, entry), blob| match blob {
            Ok(blob) => {
                let change = self.change(entry, &store);
                let document = Document {
                    path,
                    len: blob.len,
                    content: blob.content,
                    change: Some(change),
                };
                sink.document(document, scratch);
            }
            Err(reason) => sink.gap(Gap {
                subject: path,
                reason,
            }),
        });
        git.finish(self.doing)?;
        if complete.get() {
            Ok(pins.into_inner())
        } else {
            Err(GitError::malformed(self.doing))
        }
    }

    /// What reports call the file of an entry, if it brings something.
    fn wanted<S: Sink>(&self, entry: &Entry, sink: &S) -> Option<String> {
        let path = self.repository.shown(&entry.after.path);
        if entry.status == b'U' {
            if !self.exclusion.excludes(&path) {
                sink.gap(Gap {
                    subject: path,
                    reason: GapReason::Unmerged,
                });
            }
            return None;
        }
        let blob = entry.after.blob.as_ref()?;
        let mut before = entry.before.iter();
        // Its mode changed, and nothing else.
        let known =
            before.any(|side| side.path == entry.after.path && side.blob.as_ref() == Some(blob));
        (!known && !self.exclusion.excludes(&path)).then_some(path)
    }

    fn change(&self, entry: Entry, store: &Rc<Store>) -> Change {
        let today = match (&self.commit, entry.after.blob) {
            (Some(_), Some(blob)) => Today::At {
                path: entry.after.path,
                blob,
                renamed: false,
            },
            _ => Today::Same,
        };
        Change {
            commit: self.commit.clone(),
            versions: Versions {
                store: Rc::clone(store),
                before: entry.before,
                today,
            },
        }
    }
}
