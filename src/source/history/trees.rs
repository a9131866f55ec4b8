//! Where in the trees the objects stand that were found.
//!
//! All trees are read once for what they contain, by number, and then those
//! that lead to something that matters once more, for its names: a history has
//! millions of entries, and few that matter. With these the way down from a
//! commit to a file is known, and two commits are compared by what matters
//! alone.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::graph::Root;
use super::objects::{Id, Lookup, Number, Objects};
use super::outline::Outline;
use super::record::{Mode, entries};

/// Directories inside of one another; git follows no more.
pub(super) const MAX_DEPTH: usize = 2048;

/// Entries of trees that are kept of what the repository has not got.
const MAX_MISSING: usize = 100_000;

/// A name, by its place in a list of all.
type Name = u32;

/// What matters of one tree.
#[derive(Default)]
struct Tree {
    trees: Vec<(Name, Number)>,
    files: Vec<(Name, Number)>,
    /// What the repository has not got.
    missing: Vec<(Name, Mode)>,
    damaged: bool,
}

/// What matters of all trees.
#[derive(Default)]
pub(super) struct Trees {
    trees: HashMap<Number, Tree>,
    names: Names,
    /// Those with something that was found at the end of the way.
    marked: HashMap<Number, Vec<(Name, Child)>>,
    met: HashSet<Number>,
    lacks: Lacks,
    /// How many missing entries are kept.
    missing: usize,
}

/// An entry on the way to something that was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Child {
    Tree(Number),
    File(Number),
}

/// What a reachable tree names and nobody has.
#[derive(Default)]
pub(super) struct Lacks {
    /// Paths of files.
    pub(super) files: BTreeSet<Vec<u8>>,
    /// Paths of directories, those that are damaged too.
    pub(super) trees: BTreeSet<Vec<u8>>,
    /// Whether there are further ones.
    pub(super) more: bool,
}

/// A path whose content differs: before, and after.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) path: Vec<u8>,
    pub(super) before: Option<Number>,
    pub(super) after: Option<Number>,
}

/// Reads the trees that lead to something, in several threads.
pub(super) struct TreeReader<'o> {
    found: &'o HashSet<Number>,
    outline: &'o Outline,
    hash: usize,
    trees: Mutex<Trees>,
}

impl<'o> TreeReader<'o> {
    pub(super) fn new(found: &'o HashSet<Number>, outline: &'o Outline, hash: usize) -> Self {
        Self {
            found,
            outline,
            hash,
            trees: Mutex::default(),
        }
    }

    pub(super) fn read(&self, lookup: &mut Lookup<'_>, number: Number, content: Option<&[u8]>) {
        let Some(content) = content else {
            let damaged = Tree {
                damaged: true,
                ..Tree::default()
            };
            self.lock().trees.insert(number, damaged);
            return;
        };
        let (mut trees, mut files, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        let mut damaged = false;
        for entry in entries(content, self.hash) {
            let Some(entry) = entry else {
                damaged = true;
                break;
            };
            if entry.mode == Mode::Submodule {
                continue;
            }
            match lookup.find(&entry.id) {
                Some(child) if entry.mode == Mode::Tree => {
                    if self.outline.leads(child) {
                        trees.push((entry.name, child));
                    }
                }
                Some(child) if self.found.contains(&child) => files.push((entry.name, child)),
                Some(_) => {}
                None => missing.push((entry.name, entry.mode)),
            }
        }
        let mut all = self.lock();
        let left = MAX_MISSING - all.missing;
        if missing.len() > left {
            all.lacks.more = true;
            missing.truncate(left);
        }
        all.missing += missing.len();
        let tree = Tree {
            trees: all.names.of(trees),
            files: all.names.of(files),
            missing: all.names.of(missing),
            damaged,
        };
        all.trees.insert(number, tree);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Trees> {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn finish(self) -> Trees {
        self.trees
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every name once.
#[derive(Default)]
struct Names {
    known: HashMap<Box<[u8]>, Name>,
    list: Vec<Box<[u8]>>,
}

impl Names {
    fn of<T>(&mut self, entries: Vec<(&[u8], T)>) -> Vec<(Name, T)> {
        let entries = entries.into_iter();
        entries
            .map(|(name, entry)| (self.name(name), entry))
            .collect()
    }

    fn name(&mut self, text: &[u8]) -> Name {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let name = Name::try_from(self.list.len()).unwrap_or(Name::MAX);
        self.known.insert(text.into(), name);
        self.list.push(text.into());
        name
    }

    fn text(&self, name: Name) -> &[u8] {
        self.list.get(name as usize).map_or(b"", |text| text)
    }
}

impl Trees {
    /// Finds the ways from a root to what was found below it.
    pub(super) fn mark(&mut self, root: Number) {
        self.walk(root, &mut Vec::new(), 0);
    }

    /// Whether something was found below a tree.
    fn walk(&mut self, tree: Number, path: &mut Vec<u8>, depth: usize) -> bool {
        if !self.met.insert(tree) {
            return self.marked.contains_key(&tree);
        }
        let Some(Tree {
            trees,
            files,
            missing,
            damaged,
        }) = self.trees.remove(&tree)
        else {
            return false;
        };
        if damaged || depth >= MAX_DEPTH {
            self.lacks.tree(path.clone());
        }
        if depth >= MAX_DEPTH {
            return false;
        }
        for (name, mode) in missing {
            let len = descend(path, self.names.text(name));
            match mode {
                Mode::Tree => self.lacks.tree(path.clone()),
                Mode::Blob | Mode::Submodule => self.lacks.file(path.clone()),
            }
            path.truncate(len);
        }
        let files = files
            .into_iter()
            .map(|(name, file)| (name, Child::File(file)));
        let mut children: Vec<(Name, Child)> = files.collect();
        for (name, child) in trees {
            let len = descend(path, self.names.text(name));
            if self.walk(child, path, depth + 1) {
                children.push((name, Child::Tree(child)));
            }
            path.truncate(len);
        }
        if children.is_empty() {
            return false;
        }
        children.sort_by_key(|(name, _)| *name);
        self.marked.insert(tree, children);
        true
    }

    /// What was found missing on the way.
    pub(super) fn lacks(&mut self) -> Lacks {
        std::mem::take(&mut self.lacks)
    }

    /// What of the found differs between two roots, at most as much as the
    /// budget allows.
    pub(super) fn compare(
        &self,
        before: Option<&Root>,
        after: Option<&Root>,
        budget: &mut usize,
    ) -> Vec<Change> {
        let mut comparison = Comparison {
            trees: self,
            budget,
            path: Vec::new(),
            changes: Vec::new(),
        };
        let (before, after) = (self.child(before), self.child(after));
        comparison.children(before, after);
        comparison.changes
    }

    /// The root as an entry, and its name.
    fn child(&self, root: Option<&Root>) -> Option<(Vec<u8>, Child)> {
        match root? {
            Root::Tree(tree) => Some((Vec::new(), Child::Tree(*tree))),
            Root::File(path, file) => Some((path.clone(), Child::File(*file))),
            Root::Missing | Root::Nothing => None,
        }
    }
}

struct Comparison<'t> {
    trees: &'t Trees,
    budget: &'t mut usize,
    path: Vec<u8>,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    fn children(&mut self, before: Option<(Vec<u8>, Child)>, after: Option<(Vec<u8>, Child)>) {
        match (before, after) {
            (Some((one, before)), Some((other, after))) if one == other => {
                self.entry(&one, Some(before), Some(after));
            }
            (before, after) => {
                if let Some((name, before)) = before {
                    self.entry(&name, Some(before), None);
                }
                if let Some((name, after)) = after {
                    self.entry(&name, None, Some(after));
                }
            }
        }
    }

    fn entry(&mut self, name: &[u8], before: Option<Child>, after: Option<Child>) {
        if before == after || *self.budget == 0 {
            return;
        }
        let len = descend(&mut self.path, name);
        let file = |child| match child {
            Some(Child::File(file)) => Some(file),
            _ => None,
        };
        let tree = |child| match child {
            Some(Child::Tree(tree)) => Some(tree),
            _ => None,
        };
        let files = (file(before), file(after));
        if files != (None, None) {
            *self.budget -= 1;
            self.changes.push(Change {
                path: self.path.clone(),
                before: files.0,
                after: files.1,
            });
        }
        let trees = (tree(before), tree(after));
        if trees != (None, None) {
            self.trees_differ(trees.0, trees.1);
        }
        self.path.truncate(len);
    }

    fn trees_differ(&mut self, before: Option<Number>, after: Option<Number>) {
        let marked = |tree: Option<Number>| -> &[(Name, Child)] {
            let marked = tree.and_then(|tree| self.trees.marked.get(&tree));
            marked.map_or(&[], |children| children)
        };
        let (mut before, mut after) = (
            marked(before).iter().peekable(),
            marked(after).iter().peekable(),
        );
        loop {
            // Of the two next names the lower one, or both.
            let name = match (before.peek(), after.peek()) {
                (Some((one, _)), Some((other, _))) => *one.min(other),
                (Some((name, _)), None) | (None, Some((name, _))) => *name,
                (None, None) => return,
            };
            let one = before
                .next_if(|(other, _)| *other == name)
                .map(|(_, child)| *child);
            let other = after
                .next_if(|(other, _)| *other == name)
                .map(|(_, child)| *child);
            let trees = self.trees;
            self.entry(trees.names.text(name), one, other);
        }
    }
}

/// Appends a name to a path; answers how long it was.
fn descend(path: &mut Vec<u8>, name: &[u8]) -> usize {
    let len = path.len();
    if len > 0 {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    len
}

impl Lacks {
    /// Paths that are kept.
    const MOST: usize = 1000;

    fn file(&mut self, path: Vec<u8>) {
        Self::note(&mut self.files, path, &mut self.more);
    }

    fn tree(&mut self, path: Vec<u8>) {
        Self::note(&mut self.trees, path, &mut self.more);
    }

    fn note(paths: &mut BTreeSet<Vec<u8>>, path: Vec<u8>, more: &mut bool) {
        if paths.len() < Self::MOST {
            paths.insert(path);
        } else {
            *more |= !paths.contains(&path);
        }
    }
}

/// The names and objects of one directory of a tree.
pub(super) fn entries_below(
    objects: &Objects,
    tree: Number,
    path: &[u8],
    hash: usize,
) -> Option<Vec<(Vec<u8>, Mode, Id)>> {
    let mut content = objects.get(tree).ok()?.1;
    for part in path
        .split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty())
    {
        let below = entries(&content, hash).map_while(|entry| entry);
        let mut below = below.filter(|entry| entry.name == part && entry.mode == Mode::Tree);
        let found = below.next()?.id;
        drop(below);
        content = objects.get(objects.find(&found)?).ok()?.1;
    }
    let all = entries(&content, hash).map_while(|entry| entry);
    Some(
        all.map(|entry| (entry.name.to_vec(), entry.mode, entry.id))
            .collect(),
    )
}
