//! What a change of a submodule brings.
//!
//! Of a submodule a repository has the commit that it is pinned to, and nothing
//! else. So a change of it brings what the tree of the new commit has and that
//! of the old one has not; the commits between them are another repository's
//! history. They are looked up where the submodule is checked out. Where it is
//! not, nobody has looked at what the change brings, and that is a gap.

use std::collections::VecDeque;
use std::rc::Rc;

use super::comparison::{Comparison, RAW};
use super::git::{Entry, Oid, Repository};
use super::{Exclusion, GitError, Sink};
use crate::gap::{Gap, GapReason};

const DOING: &str = "compare the commits of the submodule";

/// Characters of a commit's name that messages show.
const SHORT: usize = 12;

/// A submodule that is pinned anew.
pub(super) struct Pin {
    /// From the top of the work tree.
    path: Vec<u8>,
    before: Option<Oid>,
    after: Oid,
    /// The commit of the outermost repository that does it; none if staged.
    commit: Option<String>,
}

impl Pin {
    /// If that is what the entry says.
    pub(super) fn of(entry: &Entry, commit: Option<String>) -> Option<Self> {
        let after = entry.after.submodule.clone()?;
        let before = || {
            entry
                .before
                .iter()
                .filter_map(|side| side.submodule.as_ref())
        };
        let known = before().any(|before| *before == after);
        (!known).then(|| Self {
            path: entry.after.path.clone(),
            before: before().next().cloned(),
            after,
            commit,
        })
    }
}

/// Gives what the pins bring to the sink, submodules of submodules included.
pub(super) fn read<S: Sink>(
    repository: &Rc<Repository>,
    pins: Vec<Pin>,
    exclusion: &Exclusion<'_>,
    sink: &S,
) {
    let mut scratch = S::Scratch::default();
    let all = |repository: &Rc<Repository>, pins: Vec<Pin>| {
        let repository = Rc::clone(repository);
        pins.into_iter()
            .map(move |pin| (Rc::clone(&repository), pin))
    };
    let mut waiting: VecDeque<_> = all(repository, pins).collect();
    while let Some((outer, pin)) = waiting.pop_front() {
        let name = outer.shown(&pin.path);
        if exclusion.excludes(&name) {
            continue;
        }
        let gap = |reason| {
            sink.gap(Gap {
                subject: name.clone(),
                reason,
            });
        };
        match pin.read(&outer, exclusion, sink, &mut scratch, &gap) {
            Ok(Some((inner, pins))) => waiting.extend(all(&inner, pins)),
            Ok(None) => {}
            Err(error) => gap(GapReason::Unreadable(error.to_string())),
        }
    }
}

/// A submodule, and those in it that a change of it pins anew.
type Inside = (Rc<Repository>, Vec<Pin>);

impl Pin {
    fn read<S: Sink>(
        &self,
        outer: &Repository,
        exclusion: &Exclusion<'_>,
        sink: &S,
        scratch: &mut S::Scratch,
        gap: &dyn Fn(GapReason),
    ) -> Result<Option<Inside>, GitError> {
        let absent = |oid: &Oid| {
            gap(GapReason::SubmoduleAbsent(
                oid.as_str().chars().take(SHORT).collect(),
            ));
        };
        let head = match outer.head() {
            Some(head) => outer.entry(head, &self.path)?,
            None => None,
        };
        let today = head.filter(|entry| entry.is_submodule());
        let Some(inner) = outer.submodule(&self.path, today.map(|entry| entry.oid))? else {
            absent(&self.after);
            return Ok(None);
        };
        if !inner.has(&self.after)? {
            absent(&self.after);
            return Ok(None);
        }
        let before = match &self.before {
            Some(before) if inner.has(before)? => before.as_str(),
            // All that is in it counts as new.
            Some(before) => {
                absent(before);
                inner.nothing()
            }
            None => inner.nothing(),
        };
        let inner = Rc::new(inner);
        let mut command = inner.git(&["diff-tree", "-r"]);
        command
            .args(RAW)
            .args([inner.renames()?, "-l200", before, self.after.as_str(), "--"]);
        let comparison = Comparison {
            repository: &inner,
            commit: self.commit.clone(),
            exclusion,
            doing: DOING,
        };
        let pins = comparison.read(&mut command, sink, scratch)?;
        Ok(Some((inner, pins)))
    }
}

#[cfg(test)]
mod tests;
