//! What stood beside a file in its commit: the manifests that say whose it is.

use std::sync::Arc;

use super::graph::Root;
use super::objects::Id;
use super::record::Mode;
use super::trees::entries_below;
use super::{History, Trace};
use crate::project::Files;

impl History {
    /// What stood beside the files of a commit.
    pub(crate) fn files(self: &Arc<Self>, trace: &Trace, place: usize) -> Beside {
        let root = trace.graph.nodes.get(place).map(|node| &node.vertex.root);
        let tree = match root {
            Some(Root::Tree(tree)) => Some(*tree),
            _ => None,
        };
        Beside {
            history: Arc::clone(self),
            tree,
        }
    }
}

/// What stood beside a file in its commit.
pub(crate) struct Beside {
    history: Arc<History>,
    tree: Option<super::objects::Number>,
}

impl Beside {
    fn directory(&self, directory: &str) -> Option<Vec<(Vec<u8>, Mode, Id)>> {
        let history = &self.history;
        let path = std::path::Path::new(directory);
        let path = path.strip_prefix(&history.above).unwrap_or(path);
        let inside = history.repository.inside(path).ok()?;
        entries_below(&history.objects, self.tree?, &inside, history.hash)
    }

    fn content(&self, path: &str) -> Option<Vec<u8>> {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_it = |(other, mode, _): &(Vec<u8>, Mode, Id)| {
            other == name.as_bytes() && *mode == Mode::Blob
        };
        let (.., id) = self.directory(directory)?.into_iter().find(is_it)?;
        let objects = &self.history.objects;
        Some(objects.get(objects.find(&id)?).ok()?.1)
    }
}

impl Files for Beside {
    fn names(&self, directory: &str) -> Vec<String> {
        let entries = self.directory(directory).unwrap_or_default();
        let names = entries
            .into_iter()
            .map(|(name, ..)| String::from_utf8(name));
        names.filter_map(Result::ok).collect()
    }

    fn head(&self, path: &str) -> Vec<u8> {
        self.content(path).unwrap_or_default()
    }

    fn whole(&self, path: &str, most: u64) -> Option<Vec<u8>> {
        self.content(path)
            .filter(|content| content.len() as u64 <= most)
    }
}
