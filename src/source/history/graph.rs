//! The commits in the order in which a key can have come and gone.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::objects::{Id, Number};
use super::record::Moment;

/// Who can see a commit; what HEAD leads to comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// HEAD leads to it.
    Head,
    /// Another branch, a tag, a stash.
    Ref,
    /// Nothing does.
    None,
}

/// A commit as it was read, or what stands for one.
pub(super) struct Vertex {
    /// Its name; none of what is no commit.
    pub(super) id: Option<Id>,
    pub(super) root: Root,
    /// Those that are there.
    pub(super) parents: Vec<Number>,
    /// Whether some are not.
    pub(super) cut: bool,
    pub(super) authored: Option<Moment>,
    pub(super) committed: Option<Moment>,
}

/// What a commit has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// A tree.
    Tree(Number),
    /// One file of this path, from outside of every tree.
    File(Vec<u8>, Number),
    /// A tree that is not there.
    Missing,
    /// Nothing.
    Nothing,
}

/// A commit in its place.
pub(super) struct Node {
    pub(super) vertex: Vertex,
    pub(super) reach: Reach,
    /// By their places, which are before its own.
    pub(super) parents: Vec<usize>,
}

/// The commits, no one before its parents; those that HEAD leads to first.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    places: HashMap<Number, usize>,
}

impl Graph {
    /// Orders the commits: by who can see them, then by date.
    pub(super) fn new(
        mut vertices: HashMap<Number, Vertex>,
        head: Option<Number>,
        tips: &[Number],
        unreachable: bool,
    ) -> Self {
        let mut reach = HashMap::new();
        spread(&vertices, head, Reach::Head, &mut reach);
        spread(&vertices, tips.iter().copied(), Reach::Ref, &mut reach);
        if unreachable {
            spread(&vertices, vertices.keys().copied(), Reach::None, &mut reach);
        }
        let mut waiting: HashMap<Number, usize> = HashMap::new();
        let mut children: HashMap<Number, Vec<Number>> = HashMap::new();
        let mut ready = BinaryHeap::new();
        let key = |number: Number, vertices: &HashMap<Number, Vertex>| {
            let vertex = &vertices[&number];
            let date = vertex.committed.map(|moment| moment.seconds);
            Reverse((reach[&number], date, vertex.id, number))
        };
        for number in reach.keys() {
            let parents = &vertices[number].parents;
            waiting.insert(*number, parents.len());
            for parent in parents {
                children.entry(*parent).or_default().push(*number);
            }
            if parents.is_empty() {
                ready.push(key(*number, &vertices));
            }
        }
        let mut graph = Self {
            nodes: Vec::with_capacity(reach.len()),
            places: HashMap::with_capacity(reach.len()),
        };
        while let Some(Reverse((reach, _, _, number))) = ready.pop() {
            for child in children.remove(&number).into_iter().flatten() {
                if let Some(left) = waiting.get_mut(&child) {
                    *left -= 1;
                    if *left == 0 {
                        ready.push(key(child, &vertices));
                    }
                }
            }
            let Some(vertex) = vertices.remove(&number) else {
                continue;
            };
            let parents = vertex
                .parents
                .iter()
                .filter_map(|parent| graph.place(*parent));
            let node = Node {
                reach,
                parents: parents.collect(),
                vertex,
            };
            graph.places.insert(number, graph.nodes.len());
            graph.nodes.push(node);
        }
        graph
    }

    /// A place for what no commit leads to.
    pub(super) fn push_unreachable(&mut self) -> usize {
        self.nodes.push(Node {
            vertex: Vertex {
                id: None,
                root: Root::Nothing,
                parents: Vec::new(),
                cut: false,
                authored: None,
                committed: None,
            },
            reach: Reach::None,
            parents: Vec::new(),
        });
        self.nodes.len() - 1
    }

    /// Where a commit is, if it counts.
    pub(super) fn place(&self, number: Number) -> Option<usize> {
        self.places.get(&number).copied()
    }
}

/// Tells everything that the tips lead to who can see it, unless somebody has.
fn spread(
    vertices: &HashMap<Number, Vertex>,
    tips: impl IntoIterator<Item = Number>,
    by: Reach,
    reach: &mut HashMap<Number, Reach>,
) {
    let mut stack: Vec<Number> = tips.into_iter().collect();
    while let Some(number) = stack.pop() {
        if let Some(vertex) = vertices.get(&number)
            && !reach.contains_key(&number)
        {
            reach.insert(number, by);
            stack.extend(&vertex.parents);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vertices(parents: &[(Number, &[Number])]) -> HashMap<Number, Vertex> {
        let vertex = |parents: &[Number]| Vertex {
            id: None,
            root: Root::Nothing,
            parents: parents.to_vec(),
            cut: false,
            authored: None,
            committed: None,
        };
        let vertices = parents.iter();
        vertices
            .map(|(number, parents)| (*number, vertex(parents)))
            .collect()
    }

    fn order(graph: &Graph) -> Vec<(Number, Reach)> {
        let mut places: Vec<_> = graph.places.iter().collect();
        places.sort_by_key(|(_, place)| **place);
        let reach = |place: usize| graph.nodes[place].reach;
        places
            .into_iter()
            .map(|(number, place)| (*number, reach(*place)))
            .collect()
    }

    #[test]
    fn parents_come_first_and_what_head_sees_before_the_rest() {
        // 1 – 2 – 4 is HEAD, 1 – 3 another branch, 9 nobody's.
        let all = [(4, &[2][..]), (3, &[1]), (2, &[1]), (1, &[]), (9, &[3])];
        let graph = Graph::new(vertices(&all), Some(4), &[3], false);
        let seen = [
            (1, Reach::Head),
            (2, Reach::Head),
            (4, Reach::Head),
            (3, Reach::Ref),
        ];
        assert_eq!(order(&graph), seen);
        let graph = Graph::new(vertices(&all), Some(4), &[3], true);
        assert_eq!(order(&graph).last(), Some(&(9, Reach::None)));
        assert_eq!(graph.nodes[4].parents, [3]);
    }

    #[test]
    fn a_circle_does_not_end_it() {
        // No digest allows one, and nobody computes the digests here.
        let all = [(1, &[2][..]), (2, &[1]), (3, &[])];
        let graph = Graph::new(vertices(&all), Some(1), &[3], false);
        assert_eq!(order(&graph), [(3, Reach::Ref)]);
    }
}
