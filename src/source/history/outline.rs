//! Which trees lead to something that matters: what was found, what is missing,
//! what is damaged.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::objects::{Lookup, Number};
use super::record::{Mode, entries};
use super::trees::MAX_DEPTH;

/// What trees contain, by number alone.
#[derive(Default)]
pub(super) struct Outline {
    /// The trees in each tree, one tree after the other.
    children: Vec<Number>,
    /// Where those of each are.
    of: HashMap<Number, Range<usize>>,
    /// Those with something that matters in them: at first in themselves, then
    /// also at the end of a way down.
    leading: HashSet<Number>,
    met: HashSet<Number>,
}

/// Reads trees, in several threads.
pub(super) struct OutlineReader<'f> {
    found: &'f HashSet<Number>,
    hash: usize,
    outline: Mutex<Outline>,
}

impl<'f> OutlineReader<'f> {
    /// `hash` is the length of a name in bytes.
    pub(super) fn new(found: &'f HashSet<Number>, hash: usize) -> Self {
        Self {
            found,
            hash,
            outline: Mutex::default(),
        }
    }

    /// Reads one tree; one without content is damaged.
    pub(super) fn read(&self, scratch: &mut Scratch<'_>, number: Number, content: Option<&[u8]>) {
        let Scratch { lookup, children } = scratch;
        children.clear();
        let mut matters = content.is_none();
        for entry in entries(content.unwrap_or_default(), self.hash) {
            let Some(entry) = entry else {
                matters = true;
                break;
            };
            match entry.mode {
                Mode::Submodule => {}
                Mode::Tree => match lookup.find(&entry.id) {
                    Some(child) => children.push(child),
                    None => matters = true,
                },
                Mode::Blob => {
                    let file = lookup.find(&entry.id);
                    matters |= file.is_none_or(|file| self.found.contains(&file));
                }
            }
        }
        if !matters && children.is_empty() {
            return;
        }
        let mut outline = self.outline.lock().unwrap_or_else(PoisonError::into_inner);
        let Outline {
            children: all,
            of,
            leading,
            ..
        } = &mut *outline;
        let start = all.len();
        all.extend_from_slice(children);
        of.insert(number, start..all.len());
        if matters {
            leading.insert(number);
        }
    }

    pub(super) fn finish(self) -> Outline {
        self.outline
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a thread keeps between trees.
pub(super) struct Scratch<'o> {
    lookup: Lookup<'o>,
    children: Vec<Number>,
}

impl<'o> Scratch<'o> {
    pub(super) fn new(lookup: Lookup<'o>) -> Self {
        Self {
            lookup,
            children: Vec::new(),
        }
    }
}

impl Outline {
    /// Whether there is nothing that matters.
    pub(super) fn is_plain(&self) -> bool {
        self.leading.is_empty()
    }

    /// Whether a tree leads to something; of those below a root that was
    /// marked.
    pub(super) fn leads(&self, tree: Number) -> bool {
        self.met.contains(&tree) && self.leading.contains(&tree)
    }

    /// Tells which trees lead to something, from a root downwards. What is too
    /// deep matters: nobody looks into it.
    pub(super) fn mark(&mut self, root: Number) {
        let mut way = Vec::new();
        self.enter(root, &mut way);
        while let Some((tree, below)) = way.last_mut() {
            let tree = *tree;
            if let Some(child) = below.next().and_then(|at| self.children.get(at).copied()) {
                if self.met.contains(&child) {
                    if self.leading.contains(&child) {
                        self.leading.insert(tree);
                    }
                } else {
                    self.enter(child, &mut way);
                }
                continue;
            }
            way.pop();
            if let Some((above, _)) = way.last()
                && self.leading.contains(&tree)
            {
                self.leading.insert(*above);
            }
        }
    }

    fn enter(&mut self, tree: Number, way: &mut Vec<(Number, Range<usize>)>) {
        if !self.met.insert(tree) {
            return;
        }
        if way.len() >= MAX_DEPTH {
            self.leading.insert(tree);
            way.push((tree, 0..0));
            return;
        }
        let below = self.of.get(&tree).cloned().unwrap_or_default();
        way.push((tree, below));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trees by what they contain, and which of them have something.
    fn outline(trees: &[(Number, &[Number])], matter: &[Number]) -> Outline {
        let mut outline = Outline::default();
        for (tree, children) in trees {
            let start = outline.children.len();
            outline.children.extend_from_slice(children);
            outline.of.insert(*tree, start..outline.children.len());
        }
        outline.leading.extend(matter);
        outline
    }

    #[test]
    fn the_way_down_to_something_is_marked() {
        // 1 has 2 and 3, 3 has 4, 5 has 4 as well; 6 is below no root.
        let trees = [(1, &[2, 3][..]), (3, &[4]), (5, &[2, 4]), (6, &[4])];
        let mut outline = outline(&trees, &[4]);
        outline.mark(1);
        outline.mark(5);
        let leading: Vec<_> = (1..7).filter(|tree| outline.leads(*tree)).collect();
        assert_eq!(leading, [1, 3, 4, 5]);
    }

    #[test]
    fn circles_and_abysses_end() {
        let mut circle = outline(&[(1, &[2][..]), (2, &[1])], &[]);
        circle.mark(1);
        assert!(!circle.leads(1));
        let below: Vec<[Number; 1]> = (1..10_000).map(|tree| [tree]).collect();
        let trees: Vec<_> = (0..).zip(below.iter().map(|below| &below[..])).collect();
        let mut abyss = outline(&trees, &[]);
        abyss.mark(0);
        assert!(abyss.leads(0), "nobody looks down there");
    }
}
