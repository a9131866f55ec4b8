//! What the ways to the objects begin with: commits, tags, and what refs name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::graph::{Root, Vertex};
use super::objects::{Kind, Number};
use super::record::{Commit, Tag};
use super::{History, tips::Tip};

/// What the ways to the objects begin with.
pub(super) struct Roots<'h> {
    history: &'h History,
    pub(super) vertices: HashMap<Number, Vertex>,
    pub(super) tips: Vec<(String, Number)>,
}

impl<'h> Roots<'h> {
    pub(super) fn new(history: &'h History) -> Self {
        Self {
            history,
            vertices: HashMap::new(),
            tips: Vec::new(),
        }
    }

    pub(super) fn commit(&mut self, number: Number, commit: &Commit) {
        let objects = &self.history.objects;
        let parents: Vec<Number> = commit
            .parents
            .iter()
            .filter_map(|id| objects.find(id))
            .collect();
        let vertex = Vertex {
            id: objects.id(number),
            root: objects.find(&commit.tree).map_or(Root::Missing, Root::Tree),
            cut: parents.len() < commit.parents.len(),
            parents,
            authored: commit.authored,
            committed: commit.committed,
        };
        self.vertices.insert(number, vertex);
    }

    /// A tag counts as a commit of its own text.
    pub(super) fn tag(&mut self, number: Number, tag: &Tag) {
        let name = String::from_utf8_lossy(&tag.name);
        let path = format!(".git/tags/{name}").into_bytes();
        self.vertices.insert(
            number,
            Vertex {
                id: None,
                root: Root::File(path, number),
                parents: Vec::new(),
                cut: false,
                authored: tag.tagged,
                committed: tag.tagged,
            },
        );
    }

    /// What a ref leads to; whether that is there.
    pub(super) fn tip(&mut self, tip: &Tip, tags: &HashMap<Number, Tag>) -> bool {
        let objects = &self.history.objects;
        let mut id = tip.id;
        // Tags of tags: no more than git makes sense of.
        for _ in 0..16 {
            let Some(number) = objects.find(&id) else {
                return false;
            };
            self.tips.push((tip.name.clone(), number));
            if let Some(tag) = tags.get(&number) {
                id = tag.target;
                continue;
            }
            if let Entry::Vacant(place) = self.vertices.entry(number) {
                let path = format!(".git/{}", tip.name).into_bytes();
                let kind = objects.kind(number);
                let kind = kind.or_else(|| Some(objects.get(number).ok()?.0));
                let root = match kind {
                    Some(Kind::Tree) => Root::Tree(number),
                    Some(Kind::Blob) => Root::File(path, number),
                    _ => Root::Nothing,
                };
                place.insert(Vertex {
                    id: None,
                    root,
                    parents: Vec::new(),
                    cut: false,
                    authored: None,
                    committed: None,
                });
            }
            return true;
        }
        true
    }
}
