//! Where what was found stands: the paths, and what each commit did to them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::graph::{Graph, Node, Reach, Root};
use super::lives::{Event, Path, Version};
use super::objects::Number;
use super::record::{Commit, Tag};
use super::trace::MAX_REFS;
use super::trees::Trees;
use super::{History, Options, Trace};
use crate::source::Exclusion;

/// Changes of files that matter, over all commits: no honest history has more,
/// and trees that contain one another can have any number.
pub(super) const MAX_CHANGES: usize = 500_000;

/// Writes down where what was found stands.
pub(super) struct Places<'h> {
    history: &'h History,
    trees: &'h Trees,
    pub(super) exclusion: Exclusion<'h>,
    known: HashMap<(bool, Vec<u8>), Option<Path>>,
    seen: HashSet<Version>,
    pub(super) budget: usize,
    pub(super) trace: Trace,
}

impl<'h> Places<'h> {
    pub(super) fn new(history: &'h History, options: &Options<'h>, trees: &'h Trees) -> Self {
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
    pub(super) fn commit(&mut self, place: usize, node: &Node, graph: &Graph, note: bool) {
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
    pub(super) fn message(&mut self, place: usize, node: &Node, number: Number) {
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
    pub(super) fn aside(
        &mut self,
        number: Number,
        graph: &mut Graph,
        commits: &HashMap<Number, Commit>,
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

    pub(super) fn head(&mut self, head: Option<&Node>) {
        let root = head.map(|node| &node.vertex.root);
        for change in self.trees.compare(None, root, &mut self.budget) {
            let path = self.path(&change.path, false);
            self.trace.head.extend(path.zip(change.after));
        }
    }

    /// Which refs have what HEAD has not.
    pub(super) fn holders(
        &mut self,
        graph: &Graph,
        head: Option<usize>,
        tips: &[(String, Number)],
        notes: &HashSet<usize>,
    ) {
        let head = head.map(|place| &graph.nodes[place].vertex.root);
        let mut names: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for (name, tip) in tips {
            if let Some(place) = graph.place(*tip) {
                names.entry(place).or_default().insert(name);
            }
        }
        // A repository can have more branches than anybody wants to read of.
        let mut budget = MAX_CHANGES;
        for (place, names) in names {
            let root = &graph.nodes[place].vertex.root;
            for change in self.trees.compare(head, Some(root), &mut budget) {
                let path = self.path(&change.path, notes.contains(&place));
                let Some(version) = path.zip(change.after) else {
                    continue;
                };
                let holders = self.trace.holders.entry(version).or_default();
                holders.count += names.len();
                let left = MAX_REFS.saturating_sub(holders.names.len());
                let few = names.iter().take(left).map(|name| (*name).to_owned());
                holders.names.extend(few);
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
