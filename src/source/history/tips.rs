//! What a repository keeps: where the ways to its objects begin.

use std::path::PathBuf;

use super::objects::Id;
use crate::source::git::{GitError, Repository, path_of};

/// Something that is kept, and the ref that keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tip {
    pub(super) name: String,
    pub(super) id: Id,
}

/// Every ref, the HEAD of every work tree, and every stash.
pub(super) fn tips(repository: &Repository) -> Result<Vec<Tip>, GitError> {
    let list = ["for-each-ref", "--format=%(objectname) %(refname)"];
    let refs = repository.ask(&list, "list the refs")?;
    let mut tips: Vec<Tip> = lines(&refs)
        .filter_map(|line| {
            let space = memchr::memchr(b' ', line)?;
            Some(Tip {
                name: String::from_utf8_lossy(&line[space + 1..]).into_owned(),
                id: Id::from_hex(&line[..space])?,
            })
        })
        .collect();
    let trees = repository.ask(&["worktree", "list", "--porcelain"], "list the work trees")?;
    let heads = lines(&trees).filter_map(|line| Id::from_hex(line.strip_prefix(b"HEAD ")?));
    // A work tree without a commit has the digest of nothing.
    let heads = heads.filter(|id| id.as_bytes().iter().any(|byte| *byte != 0));
    tips.extend(heads.map(|id| tip("HEAD", id)));
    if tips.iter().any(|tip| tip.name == STASH) {
        let list = ["rev-list", "--walk-reflogs", STASH];
        let stashes = repository.ask(&list, "list the stashes")?;
        tips.extend(
            lines(&stashes)
                .filter_map(Id::from_hex)
                .map(|id| tip(STASH, id)),
        );
    }
    Ok(tips)
}

const STASH: &str = "refs/stash";

fn tip(name: &str, id: Id) -> Tip {
    Tip {
        name: name.to_owned(),
        id,
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

/// The directory of the objects, and what git's environment adds to it while a
/// push is being received.
pub(super) fn stores(repository: &Repository) -> Result<(PathBuf, Vec<PathBuf>), GitError> {
    let asked = repository.ask(&["rev-parse", "--git-path", "objects"], "find its objects")?;
    let path = path_of(asked.strip_suffix(b"\n").unwrap_or(&asked));
    let borrowed = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
    let borrowed = std::env::split_paths(&borrowed).filter(|path| !path.as_os_str().is_empty());
    let here = repository.directory().path();
    Ok((
        here.join(path),
        borrowed.map(|path| here.join(path)).collect(),
    ))
}
