//! What commits added: those that HEAD has and a base lacks.
//!
//! A key that one commit brings and a later one removes has left the machine
//! all the same, so every commit is read, and not only what is left of them. A
//! commit is compared with its parent. A merge is compared with all of its
//! parents at once: what came from one of them is not its own, what is in none
//! of them (an "evil" merge) is.
//!
//! A history that is cut would make a commit look as if it had added the whole
//! tree, or hide commits that nobody has looked at: it is an error, and never
//! a pass.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;

use super::comparison::RAW;
use super::git::{Blobs, Entry, Oid, Record, Records, Repository, Running};
use super::submodule::{self, Pin};
use super::versions::{Store, Today};
use super::{Change, Document, Exclusion, GitError, Sink, Versions};
use crate::gap::Gap;
use crate::policy::Policy;

/// Which commits, and what of them.
#[derive(Clone)]
pub struct Options<'p> {
    /// The base: a branch, a tag or a commit. What it has is not new.
    pub since: String,
    /// Files and directories, relative to the working directory; all if none.
    pub paths: Vec<PathBuf>,
    /// What excludes files, by the path that reports show.
    pub policy: &'p Policy,
}

const DOING: &str = "compare the commits with their parents";

/// Gives what each commit changed to the sink, the latest commit first; answers
/// how many files the policy excluded.
///
/// # Errors
/// When the base is unknown or has nothing in common with HEAD, when the clone
/// is too shallow to tell, or when git fails. A file whose content it lacks is
/// a gap.
pub fn read<S: Sink>(directory: &Path, options: &Options<'_>, sink: &S) -> Result<u64, GitError> {
    let exclusion = Exclusion::of(options.policy);
    let repository = Rc::new(Repository::open(directory)?);
    let commits = commits(&repository, &options.since)?;
    let range = format!("{}..HEAD", repository.commit(&options.since)?.as_str());
    repository.own(&options.paths, Some(&range))?;
    let mut command = repository.git(&["diff-tree", "--stdin", "-r", "--root"]);
    command
        .args(RAW)
        .args(["-c", "--combined-all-paths"])
        .args([repository.renames()?, "-l200", "--"])
        .args(&options.paths)
        .stdin(Stdio::piped());
    let (mut git, output) = Running::start(&mut command)?;
    let Some(mut input) = git.input() else {
        return Err(GitError::malformed(DOING));
    };
    let (pins, complete) = std::thread::scope(|scope| {
        // git is not to wait for us to read while we wait for it to listen; if
        // it does not listen to the end, it says why when it ends.
        scope.spawn(move || {
            let _ = input.write_all(&commits);
        });
        entries(&repository, &exclusion, BufReader::new(output), sink)
    });
    git.finish(DOING)?;
    if !complete {
        return Err(GitError::malformed(DOING));
    }
    submodule::read(&repository, pins, &exclusion, sink);
    Ok(exclusion.count())
}

/// Reads what git says; answers which submodules were changed, and whether all
/// of it could be read.
fn entries<S: Sink>(
    repository: &Rc<Repository>,
    exclusion: &Exclusion<'_>,
    output: impl std::io::BufRead,
    sink: &S,
) -> (Vec<Pin>, bool) {
    let store = Rc::new(Store::new(repository));
    let complete = Cell::new(true);
    let records = Records::new(output).map_while(|record| {
        complete.set(record.is_ok());
        record.ok()
    });
    let mut history = History::default();
    let pins = RefCell::new(Vec::new());
    let wanted = records.filter_map(|record| match record {
        Record::Commit(commit) => {
            history.begin(commit);
            None
        }
        Record::Entry(entry) => {
            let path = repository.shown(&entry.after.path);
            let commit = || Some(history.commit.as_ref()?.as_str().to_owned());
            pins.borrow_mut().extend(Pin::of(&entry, commit()));
            let (blob, today) = history.next(&entry)?;
            let taken = !exclusion.excludes(&path);
            taken.then(|| (blob, (path, entry, today, history.commit.clone())))
        }
    });
    let mut scratch = S::Scratch::default();
    let mut blobs = Blobs::new(repository.directory());
    blobs.each(wanted, |(path, entry, today, commit), blob| match blob {
        Ok(blob) => {
            let versions = Versions {
                store: Rc::clone(&store),
                before: entry.before,
                today,
            };
            let document = Document {
                path,
                len: blob.len,
                content: blob.content,
                change: Some(Change {
                    commit: commit.map(|commit| commit.as_str().to_owned()),
                    versions,
                }),
            };
            sink.document(document, &mut scratch);
        }
        Err(reason) => sink.gap(Gap {
            subject: path,
            reason,
        }),
    });
    (pins.into_inner(), complete.get())
}

/// What is known of later commits while earlier ones are read.
#[derive(Default)]
struct History {
    commit: Option<Oid>,
    /// What the files of the commit at hand are called in HEAD, when it has
    /// them under another name.
    names: HashMap<Vec<u8>, Vec<u8>>,
    /// Renames of the commit at hand: they hold for the commits before it.
    renames: Vec<(Vec<u8>, Vec<u8>)>,
}

impl History {
    fn begin(&mut self, commit: Oid) {
        self.commit = Some(commit);
        self.names.extend(self.renames.drain(..));
    }

    /// The content that an entry added, and what has become of it.
    fn next(&mut self, entry: &Entry) -> Option<(Oid, Today)> {
        let after = &entry.after;
        let name = self.names.get(&after.path).unwrap_or(&after.path).clone();
        for before in &entry.before {
            if before.path != after.path && before.blob.is_some() {
                self.renames.push((before.path.clone(), name.clone()));
            }
        }
        let blob = after.blob.clone()?;
        let same = |before: &super::git::Side| {
            before.path == after.path && before.blob.as_ref() == Some(&blob)
        };
        if entry.before.iter().any(same) {
            return None;
        }
        let today = Today::At {
            renamed: name != after.path,
            path: name,
            blob: blob.clone(),
        };
        Some((blob, today))
    }
}

/// The commits that HEAD has and the base lacks, as `diff-tree --stdin` takes
/// them: no commit before one that builds on it.
fn commits(repository: &Repository, since: &str) -> Result<Vec<u8>, GitError> {
    let base = repository.commit(since)?;
    let head = repository.commit("HEAD")?;
    let shallow = repository.shallow()?;
    let cut = || GitError::Shallow {
        revision: crate::excerpt::redact(since),
    };
    let doing = "find where the change began";
    if !repository.check(&["merge-base", base.as_str(), head.as_str()], doing)? {
        return Err(if shallow.is_empty() {
            GitError::NoMergeBase {
                revision: crate::excerpt::redact(since),
            }
        } else {
            cut()
        });
    }
    let range = format!("{}..{}", base.as_str(), head.as_str());
    let commits = repository.ask(&["rev-list", "--topo-order", &range], "list the commits")?;
    let mut ids = commits.split(|byte| *byte == b'\n').filter_map(Oid::parse);
    if !shallow.is_empty() && ids.any(|id| shallow.contains(&id)) {
        return Err(cut());
    }
    Ok(commits)
}

#[cfg(test)]
mod tests;
