//! Where what was found stands, and since when.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::graph::{Graph, Node, Reach, Root, Vertex};
use super::lives::{self, Event, Keys, Life, Path, Version};
use super::objects::{Body, Id, Kind, Number};
use super::record::{Mode, Tag};
use super::trees::{TreeReader, Trees, directory};
use super::{Found, History, Options, tips};
use crate::gap::{Gap, GapReason};
use crate::project::Files;
use crate::source::{Exclusion, GitError};

/// Changes of files that matter, over all commits: no honest history has more,
/// and trees that contain one another can have any number.
const MAX_CHANGES: usize = 500_000;

/// Refs that are named of those that have a key.
const MAX_REFS: usize = 4;

/// Digits of a commit's name that reports show.
const SHORT: usize = 12;

/// Where what was found stands, and since when.
pub(crate) struct Trace {
    graph: Graph,
    events: Vec<Event>,
    /// Paths as reports show them.
    paths: Vec<String>,
    /// The paths of each object.
    versions: HashMap<Number, Vec<Path>>,
    /// What HEAD has.
    head: Vec<Version>,
    /// The commit that HEAD is.
    pub(crate) head_commit: Option<usize>,
    /// The refs that have a version now, where HEAD has not.
    holders: HashMap<Version, Holders>,
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

        let mut trees = self.trees(&wanted);
        if !trees.are_plain() {
            for node in &graph.nodes {
                if let Root::Tree(tree) = node.vertex.root {
                    trees.mark(tree);
                }
            }
            self.tell_lacks(&mut trees, gap);
        }
        let mut writer = Writer::new(self, options, &trees);
        let notes = notes(&graph, &roots.tips);
        for (place, node) in graph.nodes.iter().enumerate() {
            writer.commit(place, node, &graph, notes.contains(&place));
            let number = node.vertex.id.and_then(|id| self.objects.find(&id));
            if let Some(number) = number.filter(|number| wanted.contains(number)) {
                writer.message(place, node, number);
            }
        }
        let head = head.and_then(|head| graph.place(head));
        writer.head(head.map(|place| &graph.nodes[place]));
        writer.holders(&graph, head, &roots.tips, &notes);
        if options.unreachable {
            let met: HashSet<Number> = writer.trace.versions.keys().copied().collect();
            let mut rest: Vec<Number> = wanted.difference(&met).copied().collect();
            rest.sort_unstable();
            for number in rest {
                writer.aside(number, &mut graph, &commits, &tags);
            }
        }
        if writer.budget == 0 {
            gap(Gap {
                subject: "the history".to_owned(),
                reason: GapReason::Unreadable(format!(
                    "what was found stands in more than {MAX_CHANGES} places; \
                     scan a part of the tree, or leave paths out with [[exclude]]"
                )),
            });
        }
        let excluded = writer.exclusion.count();
        let mut trace = writer.trace;
        trace.excluded = excluded;
        trace.head_commit = head;
        trace.graph = graph;
        Ok(trace)
    }

    /// Reads all trees.
    fn trees(&self, wanted: &HashSet<Number>) -> Trees {
        let reader = TreeReader::new(&self.objects, wanted, self.hash);
        let give = |(): &mut (), number, _, body: Body<'_>| {
            self.visited.fetch_add(1, Ordering::Relaxed);
            let content = match body {
                Body::Held(content) => Some(content),
                _ => None,
            };
            reader.read(number, content);
        };
        let is_tree = |_, kind| kind == Kind::Tree;
        self.objects.visit(Self::threads(), is_tree, || (), give);
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
        if lacks.more > 0 {
            gap(Gap {
                subject: format!("{} further files and directories", lacks.more),
                reason: GapReason::NotFetched,
            });
        }
    }

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

/// What the ways to the objects begin with.
struct Roots<'h> {
    history: &'h History,
    vertices: HashMap<Number, Vertex>,
    tips: Vec<(String, Number)>,
}

impl<'h> Roots<'h> {
    fn new(history: &'h History) -> Self {
        Self {
            history,
            vertices: HashMap::new(),
            tips: Vec::new(),
        }
    }

    fn commit(&mut self, number: Number, commit: &super::Commit) {
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
    fn tag(&mut self, number: Number, tag: &Tag) {
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
    fn tip(&mut self, tip: &tips::Tip, tags: &HashMap<Number, Tag>) -> bool {
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
            if !self.vertices.contains_key(&number) {
                let path = format!(".git/{}", tip.name).into_bytes();
                let kind = objects.kind(number);
                let kind = kind.or_else(|| Some(objects.get(number).ok()?.0));
                let root = match kind {
                    Some(Kind::Tree) => Root::Tree(number),
                    Some(Kind::Blob) => Root::File(path, number),
                    _ => Root::Nothing,
                };
                self.vertices.insert(
                    number,
                    Vertex {
                        id: None,
                        root,
                        parents: Vec::new(),
                        cut: false,
                        authored: None,
                        committed: None,
                    },
                );
            }
            return true;
        }
        true
    }
}

/// Writes down where what was found stands.
struct Writer<'h> {
    history: &'h History,
    trees: &'h Trees,
    exclusion: Exclusion<'h>,
    known: HashMap<(bool, Vec<u8>), Option<Path>>,
    seen: HashSet<Version>,
    budget: usize,
    trace: Trace,
}

impl<'h> Writer<'h> {
    fn new(history: &'h History, options: &Options<'h>, trees: &'h Trees) -> Self {
        Self {
            history,
            trees,
            exclusion: Exclusion::of(options.policy),
            known: HashMap::new(),
            seen: HashSet::new(),
            budget: MAX_CHANGES,
            trace: Trace {
                graph: Graph::default(),
                events: Vec::new(),
                paths: Vec::new(),
                versions: HashMap::new(),
                head: Vec::new(),
                head_commit: None,
                holders: HashMap::new(),
                excluded: 0,
            },
        }
    }

    /// What a commit changed, compared with its parents.
    fn commit(&mut self, place: usize, node: &Node, graph: &Graph, note: bool) {
        let after = &node.vertex.root;
        let parents: Vec<Option<&Root>> = match node.parents.as_slice() {
            [] => vec![None],
            parents => parents
                .iter()
                .map(|at| Some(&graph.nodes[*at].vertex.root))
                .collect(),
        };
        let mut changed: HashMap<Path, (Option<Number>, Vec<Option<Number>>)> = HashMap::new();
        for (at, before) in parents.iter().enumerate() {
            for change in self.trees.compare(*before, Some(after), &mut self.budget) {
                let Some(path) = self.path(&change.path, note) else {
                    continue;
                };
                self.version(path, change.before);
                self.version(path, change.after);
                // A parent that does not differ has the same.
                let same = || (change.after, vec![change.after; parents.len()]);
                let (_, sides) = changed.entry(path).or_insert_with(same);
                sides[at] = change.before;
            }
        }
        let mut events: Vec<Event> = changed
            .into_iter()
            .map(|(path, (after, before))| Event {
                commit: place,
                path,
                after,
                before,
            })
            .collect();
        events.sort_by_key(|event| event.path);
        self.trace.events.extend(events);
    }

    /// A commit whose own text has something in it.
    fn message(&mut self, place: usize, node: &Node, number: Number) {
        let Some(id) = node.vertex.id else { return };
        let path = format!(".git/commits/{id}").into_bytes();
        if let Some(path) = self.path(&path, false) {
            self.brought(place, path, number);
            if node.reach == Reach::Head {
                self.trace.head.push((path, number));
            }
        }
    }

    /// Something that no commit leads to.
    fn aside(
        &mut self,
        number: Number,
        graph: &mut Graph,
        commits: &HashMap<Number, super::Commit>,
        tags: &HashMap<Number, Tag>,
    ) {
        if commits.contains_key(&number) || tags.contains_key(&number) {
            return;
        }
        let Some(id) = self.history.objects.id(number) else {
            return;
        };
        let path = format!(".git/objects/{id}").into_bytes();
        if let Some(path) = self.path(&path, false) {
            let place = graph.push_unreachable();
            self.brought(place, path, number);
        }
    }

    fn brought(&mut self, commit: usize, path: Path, number: Number) {
        self.version(path, Some(number));
        self.trace.events.push(Event {
            commit,
            path,
            after: Some(number),
            before: vec![None],
        });
    }

    fn head(&mut self, head: Option<&Node>) {
        let root = head.map(|node| &node.vertex.root);
        let versions = self.all(root, false);
        self.trace.head.extend(versions);
    }

    /// Everything that a root has.
    fn all(&mut self, root: Option<&Root>, note: bool) -> Vec<Version> {
        let changes = self.trees.compare(None, root, &mut self.budget);
        let versions = changes.into_iter().filter_map(|change| {
            let path = self.path(&change.path, note)?;
            Some((path, change.after?))
        });
        versions.collect()
    }

    /// Which refs have what HEAD has not.
    fn holders(
        &mut self,
        graph: &Graph,
        head: Option<usize>,
        tips: &[(String, Number)],
        notes: &HashSet<usize>,
    ) {
        let known: HashSet<Version> = self.trace.head.iter().copied().collect();
        let mut of_root: HashMap<Number, Vec<Version>> = HashMap::new();
        let head = head.map(|place| graph.nodes[place].vertex.root.clone());
        for (name, tip) in tips {
            let Some(place) = graph.place(*tip) else {
                continue;
            };
            let root = &graph.nodes[place].vertex.root;
            if Some(root) == head.as_ref() {
                continue;
            }
            if !of_root.contains_key(tip) {
                let mut versions = self.all(Some(root), notes.contains(&place));
                versions.retain(|version| !known.contains(version));
                of_root.insert(*tip, versions);
            }
            for version in &of_root[tip] {
                let holders = self.trace.holders.entry(*version).or_default();
                holders.count += 1;
                if holders.names.len() < MAX_REFS && !holders.names.contains(name) {
                    holders.names.push(name.clone());
                }
            }
        }
    }

    fn version(&mut self, path: Path, number: Option<Number>) {
        if let Some(number) = number
            && self.seen.insert((path, number))
        {
            self.trace.versions.entry(number).or_default().push(path);
        }
    }

    /// A path, unless it does not count.
    fn path(&mut self, raw: &[u8], note: bool) -> Option<Path> {
        let key = (note, raw.to_vec());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let shown = if note {
            // git spreads its notes over directories as there are more of them.
            let id: Vec<u8> = raw.iter().copied().filter(|byte| *byte != b'/').collect();
            let path = format!(".git/notes/{}", String::from_utf8_lossy(&id));
            self.history.shown_aside(&path)
        } else if raw.starts_with(b".git/") {
            self.history.shown_aside(&String::from_utf8_lossy(raw))
        } else {
            self.history.shown(raw)
        };
        let taken = shown.filter(|shown| !self.exclusion.excludes(shown));
        let path = taken.and_then(|shown| {
            let path = Path::try_from(self.trace.paths.len()).ok()?;
            self.trace.paths.push(shown);
            Some(path)
        });
        self.known.insert(key, path);
        path
    }
}

/// What stood beside a file in its commit.
pub(crate) struct Beside {
    history: Arc<History>,
    tree: Option<Number>,
}

impl Beside {
    fn directory(&self, directory: &str) -> Option<Vec<(Vec<u8>, Mode, Id)>> {
        let history = &self.history;
        let path = std::path::Path::new(directory);
        let path = path.strip_prefix(&history.above).unwrap_or(path);
        let inside = history.repository.inside(path).ok()?;
        directory_of(history, self.tree?, &inside)
    }
}

fn directory_of(history: &History, tree: Number, path: &[u8]) -> Option<Vec<(Vec<u8>, Mode, Id)>> {
    directory(&history.objects, tree, path, history.hash)
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
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let entries = self.directory(directory).unwrap_or_default();
        let mut entries = entries.into_iter();
        let entry =
            entries.find(|(other, mode, _)| other == name.as_bytes() && *mode == Mode::Blob);
        let content = entry.and_then(|(_, _, id)| {
            let objects = &self.history.objects;
            Some(objects.get(objects.find(&id)?).ok()?.1)
        });
        content.unwrap_or_default()
    }
}
