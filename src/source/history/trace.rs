//! Where what was found stands, and since when.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

use super::graph::{Graph, Node, Reach, Root};
use super::lives::{self, Event, Keys, Life, Path, Version};
use super::objects::{Body, Id, Kind, Lookup, Number};
use super::outline::{self, Outline, OutlineReader};
use super::places::{MAX_CHANGES, Places};
use super::roots::Roots;
use super::trees::{TreeReader, Trees};
use super::{Found, History, Options, tips};
use crate::gap::{Gap, GapReason};
use crate::source::GitError;

/// Refs that are named of those that have a key.
pub(super) const MAX_REFS: usize = 4;

/// Digits of a commit's name that reports show.
const SHORT: usize = 12;

/// Where what was found stands, and since when.
pub(crate) struct Trace {
    pub(super) graph: Graph,
    pub(super) events: Vec<Event>,
    /// Paths as reports show them.
    pub(super) paths: Vec<String>,
    /// The paths of each object.
    pub(super) versions: HashMap<Number, Vec<Path>>,
    /// What HEAD has.
    pub(super) head: Vec<Version>,
    /// The commit that HEAD is.
    pub(crate) head_commit: Option<usize>,
    /// The refs that have a version now, where HEAD has not.
    pub(super) holders: HashMap<Version, Holders>,
    /// How many paths the policy excluded.
    pub(crate) excluded: u64,
}

/// Refs that have something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders {
    /// The first few.
    pub(crate) names: Vec<String>,
    /// All of them.
    pub(crate) count: usize,
}

/// A commit, as reports name it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// Its name in full; none for what is no commit.
    pub(crate) id: Option<String>,
    /// When its author says that he made it.
    pub(crate) at: Option<String>,
    /// Whether this clone lacks what was before it.
    pub(crate) cut: bool,
}

impl Trace {
    /// The paths of an object, and how reports show them.
    pub(super) fn paths_of(&self, number: Number) -> impl Iterator<Item = (Path, &str)> {
        let paths = self.versions.get(&number).into_iter().flatten();
        paths.map(|path| (*path, self.path(*path)))
    }

    pub(super) fn has(&self, number: Number) -> bool {
        self.versions.contains_key(&number)
    }

    /// A path as reports show it.
    pub(crate) fn path(&self, path: Path) -> &str {
        self.paths.get(path as usize).map_or("", String::as_str)
    }

    /// Whether a path is that of the text of a commit or tag.
    pub(crate) fn is_text(&self, path: Path) -> bool {
        let path = self.path(path);
        path.contains(".git/commits/") || path.contains(".git/tags/")
    }

    /// The life of each key at each path.
    pub(crate) fn lives(&self, keys: &Keys) -> Vec<Life> {
        lives::lives(&self.graph, &self.events, keys, &self.head)
    }

    /// A commit by its place.
    pub(crate) fn commit(&self, place: usize) -> Named {
        let vertex = self.graph.nodes.get(place).map(|node| &node.vertex);
        let id = vertex.and_then(|vertex| vertex.id);
        Named {
            id: id.map(|id| id.to_string()),
            at: vertex.and_then(|vertex| vertex.authored?.text()),
            cut: vertex.is_some_and(|vertex| vertex.cut),
        }
    }

    /// How many commits count.
    pub(crate) fn commits(&self) -> u64 {
        let nodes = self.graph.nodes.iter();
        nodes.filter(|node| node.vertex.id.is_some()).count() as u64
    }

    /// The short name of a commit.
    pub(crate) fn short(&self, place: usize) -> Option<String> {
        let id = self.commit(place).id?;
        Some(id.chars().take(SHORT).collect())
    }

    /// The refs that have one of these versions now.
    pub(crate) fn holders<'v>(&self, versions: impl Iterator<Item = &'v Version>) -> Holders {
        let mut all = Holders::default();
        for holders in versions.filter_map(|version| self.holders.get(version)) {
            all.count += holders.count;
            all.names.extend(holders.names.iter().cloned());
        }
        all.names.sort();
        all.names.truncate(MAX_REFS);
        all
    }
}

impl History {
    /// Looks for what was found in the trees of all commits.
    ///
    /// # Errors
    /// When git cannot say what the repository keeps.
    pub(crate) fn trace(
        &self,
        found: Found,
        options: &Options<'_>,
        gap: &(dyn Fn(Gap) + Sync),
    ) -> Result<Trace, GitError> {
        let Found {
            wanted,
            commits,
            tags,
        } = found;
        let tips = tips::tips(&self.repository)?;
        let shallow = self.repository.shallow()?;
        let mut roots = Roots::new(self);
        for (number, commit) in &commits {
            roots.commit(*number, commit);
        }
        for (number, tag) in &tags {
            roots.tag(*number, tag);
        }
        for tip in &tips {
            if !roots.tip(tip, &tags) {
                gap(Gap {
                    subject: tip.name.clone(),
                    reason: GapReason::NotFetched,
                });
            }
        }
        let head = self.repository.head();
        let head = head.and_then(|head| Id::from_hex(head.as_str().as_bytes()));
        let head = head.and_then(|head| self.objects.find(&head));
        let kept: Vec<Number> = roots.tips.iter().map(|(_, number)| *number).collect();
        let mut graph = Graph::new(roots.vertices, head, &kept, options.unreachable);
        self.tell_ends(&graph, shallow.len(), gap);

        let trees = self.trees(&wanted, &graph, gap);
        let mut places = Places::new(self, options, &trees);
        let notes = notes(&graph, &roots.tips);
        for (place, node) in graph.nodes.iter().enumerate() {
            places.commit(place, node, &graph, notes.contains(&place));
            let number = node.vertex.id.and_then(|id| self.objects.find(&id));
            if let Some(number) = number.filter(|number| wanted.contains(number)) {
                places.message(place, node, number);
            }
        }
        let head = head.and_then(|head| graph.place(head));
        places.head(head.map(|place| &graph.nodes[place]));
        places.holders(&graph, head, &roots.tips, &notes);
        if options.unreachable {
            let met: HashSet<Number> = places.trace.versions.keys().copied().collect();
            let mut rest: Vec<Number> = wanted.difference(&met).copied().collect();
            rest.sort_unstable();
            for number in rest {
                places.aside(number, &mut graph, &commits, &tags);
            }
        }
        if places.budget == 0 {
            gap(Gap {
                subject: "the history".to_owned(),
                reason: GapReason::Unreadable(format!(
                    "what was found stands in more than {MAX_CHANGES} places; \
                     scan a part of the tree, or leave paths out with [[exclude]]"
                )),
            });
        }
        let excluded = places.exclusion.count();
        let mut trace = places.trace;
        trace.excluded = excluded;
        trace.head_commit = head;
        trace.graph = graph;
        Ok(trace)
    }

    /// What the trees of the commits have of what was found.
    fn trees(&self, wanted: &HashSet<Number>, graph: &Graph, gap: &(dyn Fn(Gap) + Sync)) -> Trees {
        let mut outline = self.outline(wanted);
        if outline.is_plain() {
            return Trees::default();
        }
        let roots = graph.nodes.iter().map(|node| &node.vertex.root);
        let roots = roots.filter_map(|root| match root {
            Root::Tree(tree) => Some(*tree),
            _ => None,
        });
        let roots: Vec<Number> = roots.collect();
        roots.iter().for_each(|root| outline.mark(*root));
        let reader = TreeReader::new(wanted, &outline, self.hash);
        let give = |lookup: &mut Lookup<'_>, number, _, body: Body<'_>| {
            reader.read(lookup, number, held(&body));
            None
        };
        let leads = |number, kind| kind == Kind::Tree && outline.leads(number);
        let lookup = || Lookup::new(&self.objects);
        self.objects.visit(Self::threads(), leads, lookup, give);
        let mut trees = reader.finish();
        roots.iter().for_each(|root| trees.mark(*root));
        self.tell_lacks(&mut trees, gap);
        trees
    }

    /// Reads all trees.
    fn outline(&self, wanted: &HashSet<Number>) -> Outline {
        let reader = OutlineReader::new(wanted, self.hash);
        let give = |scratch: &mut outline::Scratch<'_>, number, _, body: Body<'_>| {
            self.visited.fetch_add(1, Ordering::Relaxed);
            reader.read(scratch, number, held(&body));
            None
        };
        let is_tree = |_, kind| kind == Kind::Tree;
        let scratch = || outline::Scratch::new(Lookup::new(&self.objects));
        self.objects.visit(Self::threads(), is_tree, scratch, give);
        reader.finish()
    }

    /// Says where the history ends before its beginning.
    fn tell_ends(&self, graph: &Graph, shallow: usize, gap: &(dyn Fn(Gap) + Sync)) {
        let some = |what: &str, lacking: &dyn Fn(&Node) -> bool, reason: GapReason| {
            let reachable = graph.nodes.iter().filter(|node| node.reach != Reach::None);
            let mut lacking = reachable.filter(|node| lacking(node));
            let Some(first) = lacking.next() else { return };
            let id = first.vertex.id.map(|id| id.to_string()).unwrap_or_default();
            let subject = match lacking.count() {
                0 => format!("{what} commit {id}"),
                more => format!("{what} commit {id} and {more} others"),
            };
            gap(Gap { subject, reason });
        };
        let reason = match shallow {
            0 => GapReason::NotFetched,
            _ => GapReason::Shallow,
        };
        some("the history before", &|node| node.vertex.cut, reason);
        let missing = |node: &Node| node.vertex.root == Root::Missing;
        some("the files of", &missing, GapReason::NotFetched);
    }

    /// Says what the trees name and the repository has not got.
    fn tell_lacks(&self, trees: &mut Trees, gap: &(dyn Fn(Gap) + Sync)) {
        let lacks = trees.lacks();
        for path in lacks.files.iter().chain(&lacks.trees) {
            if let Some(subject) = self.shown(path) {
                gap(Gap {
                    subject,
                    reason: GapReason::NotFetched,
                });
            }
        }
        if lacks.more {
            gap(Gap {
                subject: "further files and directories".to_owned(),
                reason: GapReason::NotFetched,
            });
        }
    }
}

/// What an object holds, if that is at hand.
fn held<'b>(body: &Body<'b>) -> Option<&'b [u8]> {
    match body {
        Body::Held(content, _) => Some(content),
        _ => None,
    }
}

/// The commits of notes, whose trees have other things than files.
fn notes(graph: &Graph, tips: &[(String, Number)]) -> HashSet<usize> {
    let tips = tips
        .iter()
        .filter(|(name, _)| name.starts_with("refs/notes/"));
    let mut stack: Vec<usize> = tips.filter_map(|(_, tip)| graph.place(*tip)).collect();
    let mut notes = HashSet::new();
    while let Some(place) = stack.pop() {
        if graph.nodes[place].reach != Reach::Head && notes.insert(place) {
            stack.extend(&graph.nodes[place].parents);
        }
    }
    notes
}
