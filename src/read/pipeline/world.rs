//! What is known of a pipeline while it is followed, and what was seen.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::super::structured::Source;
use super::value::{Key, Place, Scope, Supply, Value, keys};

/// Commands that are followed in one pipeline: with templates, scripts and
/// functions that call each other, a few lines can stand for very many.
pub(super) const BUDGET: u32 = 20_000;

/// Bytes of values that cost as much as a command.
const PER_COMMAND: usize = 4 * 1024;

/// Events that are kept of one pipeline.
const EVENTS: usize = 4_000;

/// Something that a pipeline does.
#[derive(Clone)]
pub(super) struct Event {
    pub what: What,
    pub key: Option<usize>,
    pub place: Place,
    /// The job that does it.
    pub job: usize,
    /// The change that mends it, where one is certain.
    pub mend: Option<Mend>,
}

/// A change of a document.
#[derive(Clone)]
pub(super) struct Mend {
    pub source: Arc<Source>,
    /// What it does, as a sentence.
    pub what: &'static str,
    pub edits: Vec<(Range<usize>, String)>,
}

/// What a pipeline does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A key is fetched.
    Fetch,
    /// A key reaches the log.
    Print(Way),
    /// A key is handed to later steps.
    Pass { masked: bool },
    /// A key is sent to an app.
    Send(Target),
    /// A secret or a variable is named as a key's.
    Name,
    /// The value of a key is chosen.
    Choose(Subject),
    /// A key is created, or made anew.
    Create(Subject),
    /// A key is deleted.
    Delete(Subject),
    /// A key is made anew in place.
    Regenerate(Subject),
    /// Something is stored where a caller takes it from.
    Store(String),
    /// Something that could see whether callers still work.
    Check,
    /// Something that nobody here knows.
    Unknown,
    /// A slot is swapped.
    Swap,
}

/// How a key reaches the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Listing,
    Output,
    Altered,
    Trace,
    Verbose,
    Artifact,
}

/// Where a key is sent, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub host: Option<Value>,
    pub path: Value,
    pub in_url: bool,
}

/// A key as a command of its administration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub app: Value,
    pub function: Option<Value>,
    pub kind: Value,
    pub name: Value,
}

/// A job, as far as its facts need it.
#[derive(Clone, Default)]
pub(super) struct Job {
    pub name: String,
    /// As the pipeline says.
    pub environment: Option<Value>,
    /// What the values of its secrets and variables belong to, so that one name
    /// has other values elsewhere: an environment, or groups of variables.
    pub values_of: Option<Value>,
    /// Whether it runs only after somebody agreed.
    pub gate: bool,
    /// Where it stands.
    pub place: Option<Place>,
}

/// All of it.
pub(super) struct World {
    pub keys: Vec<Key>,
    pub events: Vec<Event>,
    pub jobs: Vec<Job>,
    pub job: usize,
    /// Variables that were sent as keys, whatever their names are.
    pub sent: BTreeSet<String>,
    /// The values of a matrix, or of a parameter that has several.
    pub several: BTreeMap<String, Vec<String>>,
    /// What masks a key that has come into a variable.
    pub masks: HashMap<usize, Mend>,
    /// Documents that are called and were looked up.
    pub called: BTreeSet<String>,
    budget: u32,
    named: HashMap<(Supply, String, Option<Value>), usize>,
}

impl World {
    pub(super) fn new(sent: BTreeSet<String>) -> Self {
        Self {
            keys: Vec::new(),
            events: Vec::new(),
            jobs: Vec::new(),
            job: 0,
            sent,
            several: BTreeMap::new(),
            masks: HashMap::new(),
            called: BTreeSet::new(),
            budget: BUDGET,
            named: HashMap::new(),
        }
    }

    /// Whether one more command may be followed.
    pub(super) fn spend(&mut self) -> bool {
        self.budget = self.budget.saturating_sub(1);
        self.budget > 0
    }

    /// Counts text that is made or copied, so that little text cannot make very
    /// much.
    pub(super) fn charge(&mut self, bytes: usize) {
        let commands = u32::try_from(bytes / PER_COMMAND).unwrap_or(u32::MAX);
        self.budget = self.budget.saturating_sub(commands);
    }

    /// Whether the pipeline goes on behind what was followed.
    pub(super) fn is_spent(&self) -> bool {
        self.budget == 0
    }

    pub(super) fn begin(&mut self, job: Job) {
        self.job = self.jobs.len();
        self.jobs.push(job);
    }

    pub(super) fn add(&mut self, key: Key) -> usize {
        self.keys.push(key);
        self.keys.len() - 1
    }

    /// A key that is fetched here.
    pub(super) fn fetch(&mut self, key: Key) -> usize {
        let place = key.place.clone();
        let id = self.add(key);
        self.event(What::Fetch, Some(id), &place);
        id
    }

    /// A secret or a variable, the same for every mention in one environment.
    pub(super) fn named(&mut self, from: Supply, name: &str, masked: bool, place: &Place) -> usize {
        let environment = self
            .jobs
            .get(self.job)
            .and_then(|job| job.environment.clone());
        let known = (from, name.to_owned(), environment);
        if let Some(id) = self.named.get(&known) {
            return *id;
        }
        let scope = match super::value::says_master(name) {
            true => Scope::Master,
            false => Scope::Unknown,
        };
        let id = self.add(Key {
            from,
            scope,
            name: name.to_owned(),
            app: None,
            function: None,
            masked,
            altered: false,
            place: place.clone(),
            of: None,
        });
        self.named.insert(known, id);
        id
    }

    /// A key in another form, which no mask knows.
    pub(super) fn altered(&mut self, id: usize) -> usize {
        let mut key = self.keys[id].clone();
        key.altered = true;
        key.of = Some(self.root(id));
        self.add(key)
    }

    /// The key that another one is made of.
    pub(super) fn root(&self, id: usize) -> usize {
        self.keys[id].of.unwrap_or(id)
    }

    pub(super) fn event(&mut self, what: What, key: Option<usize>, place: &Place) {
        self.event_with(what, key, place, None);
    }

    /// Something that a change can mend.
    pub(super) fn event_with(
        &mut self,
        what: What,
        key: Option<usize>,
        place: &Place,
        mend: Option<Mend>,
    ) {
        if self.events.len() < EVENTS {
            self.events.push(Event {
                what,
                key,
                place: place.clone(),
                job: self.job,
                mend,
            });
        }
    }

    /// Whether a log would show the key.
    pub(super) fn is_visible(&self, id: usize) -> bool {
        !self.keys[id].masked || self.keys[id].altered
    }

    /// The keys of a value that a log would show.
    pub(super) fn visible(&self, value: &str) -> Vec<usize> {
        keys(value).filter(|id| self.is_visible(*id)).collect()
    }

    pub(super) fn mask(&mut self, value: &str) {
        for id in keys(value) {
            self.keys[id].masked = true;
            let root = self.root(id);
            if !self.keys[id].altered {
                self.keys[root].masked = true;
            }
        }
    }
}
