//! When each key came to a path, and when it went.

use std::collections::HashMap;

use super::graph::{Graph, Reach};
use super::objects::Number;

/// A path, by its place in a list of all.
pub(crate) type Path = u32;

/// A key, by its place in a list of all.
pub(crate) type Key = u32;

/// One content of one path.
pub(crate) type Version = (Path, Number);

/// The keys of each version; none for one that has none.
pub(crate) type Keys = HashMap<Version, Box<[Key]>>;

/// What a commit did to a path that has, or had, something in it.
pub(super) struct Event {
    /// The commit's place in the graph.
    pub(super) commit: usize,
    pub(super) path: Path,
    pub(super) after: Option<Number>,
    /// What each of its parents has.
    pub(super) before: Vec<Option<Number>>,
}

/// One key at one path, from its first commit to its last.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) path: Path,
    pub(crate) key: Key,
    /// Who can see the commits that it is in.
    pub(crate) reach: Reach,
    /// The commit that brought it.
    pub(crate) added: usize,
    /// The last commit that took it out, while HEAD has it no more.
    pub(crate) removed: Option<usize>,
    /// The last commit that changed the file and left it there, and the file.
    pub(crate) last: (usize, Number),
    /// What HEAD has at the path, if the key is in it.
    pub(crate) in_head: Option<Number>,
}

/// The lives of all keys; events come in the order of the graph. `head` is
/// what HEAD has.
pub(super) fn lives(graph: &Graph, events: &[Event], keys: &Keys, head: &[Version]) -> Vec<Life> {
    let of = |path: Path, file: Option<Number>| -> &[Key] {
        let keys = file.and_then(|file| keys.get(&(path, file)));
        keys.map_or(&[], |keys| keys)
    };
    let mut lives: HashMap<(Path, Key), (Life, bool)> = HashMap::new();
    for event in events {
        let Event { commit, path, .. } = *event;
        let Some(node) = graph.nodes.get(commit) else {
            continue;
        };
        let after = of(path, event.after);
        for (file, key) in event
            .after
            .iter()
            .flat_map(|file| after.iter().map(move |key| (*file, *key)))
        {
            let (life, _) = lives.entry((path, key)).or_insert_with(|| {
                let life = Life {
                    path,
                    key,
                    reach: node.reach,
                    added: commit,
                    removed: None,
                    last: (commit, file),
                    in_head: None,
                };
                (life, false)
            });
            // What happened on a branch that is not in HEAD is no part of the
            // life of a key that is.
            if life.reach == node.reach {
                life.last = (commit, file);
            }
        }
        for key in event.before.iter().flat_map(|file| of(path, *file)) {
            if after.contains(key) {
                continue;
            }
            let Some((life, by_all)) = lives.get_mut(&(path, *key)) else {
                continue;
            };
            // A merge without what one side has takes it out only if no other
            // commit did: the other side may have done so before.
            let all = event
                .before
                .iter()
                .all(|file| of(path, *file).contains(key));
            if life.reach == node.reach && (all || !*by_all) {
                life.removed = Some(commit);
                *by_all |= all;
            }
        }
    }
    for (path, file) in head {
        for key in of(*path, Some(*file)) {
            if let Some((life, _)) = lives.get_mut(&(*path, *key)) {
                life.in_head = Some(*file);
                life.removed = None;
            }
        }
    }
    lives.into_values().map(|(life, _)| life).collect()
}
