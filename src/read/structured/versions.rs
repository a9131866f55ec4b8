//! What documents are, and what they were before a change.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Around, Found, Parts, Source, Structure};
use crate::fact::Fact;
use crate::policy::Policy;
use crate::project::Files;

/// A document at one time.
#[derive(Clone)]
pub struct Version {
    /// Its text, unless it is too long.
    pub source: Option<Arc<Source>>,
    /// What its readers keep of it.
    pub parts: Parts,
}

/// A document that a change has touched.
pub struct Versions {
    /// What it is in the end, unless it is gone.
    pub now: Option<Version>,
    /// What it was, once for each parent that had it.
    pub before: Vec<Version>,
}

/// The documents of a run: those that count whatever they were before, and
/// those that a change has touched, by their path of today.
#[derive(Default)]
pub struct Structures {
    all: Structure,
    changed: BTreeMap<String, Versions>,
}

impl Structures {
    /// Adds a document that counts whatever it was before.
    pub fn absorb(&mut self, parts: Parts) {
        self.all.absorb(parts);
    }

    /// Adds a document that a change has touched. Of several changes the latest
    /// comes first: it says what the document is, the last what it was.
    pub fn change(&mut self, path: String, versions: Versions) {
        match self.changed.entry(path) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(versions);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                entry.get_mut().before = versions.before;
            }
        }
    }

    /// What the documents say together, without what they said before.
    pub fn facts(self, policy: &Policy, files: &dyn Files) -> Found {
        let Self { mut all, changed } = self;
        let parents = changed.values().map(|document| document.before.len());
        let parents = parents.max().unwrap_or(0);
        let around = |instead| Around {
            policy,
            files,
            instead,
        };
        let mut before = Vec::new();
        for parent in 0..parents {
            let version = |document: &Versions| {
                let last = document.before.last();
                document.before.get(parent).or(last).cloned()
            };
            let (structure, instead) = structure(&changed, version);
            before.push(structure.facts(&around(instead)).facts);
        }
        let mut now = HashMap::new();
        for (path, document) in changed {
            let source = document.now.as_ref().and_then(|now| now.source.clone());
            now.insert(path, source);
            if let Some(now) = document.now {
                all.absorb(now.parts);
            }
        }
        let mut found = all.facts(&around(now));
        for known in before {
            found.facts = new(found.facts, known);
        }
        found
    }
}

type Instead = HashMap<String, Option<Arc<Source>>>;

/// The changed documents as they were.
fn structure(
    changed: &BTreeMap<String, Versions>,
    version: impl Fn(&Versions) -> Option<Version>,
) -> (Structure, Instead) {
    let mut structure = Structure::default();
    let mut instead = HashMap::new();
    for (path, document) in changed {
        let version = version(document);
        let source = version.as_ref().and_then(|version| version.source.clone());
        instead.insert(path.clone(), source);
        if let Some(version) = version {
            structure.absorb(version.parts);
        }
    }
    (structure, instead)
}

/// The facts that are not among those that are known; of several equal ones,
/// as many as there are more.
fn new(facts: Vec<Fact>, known: Vec<Fact>) -> Vec<Fact> {
    let identity = |fact: &Fact| (fact.fact_type(), fact.record().identity());
    let mut counts: HashMap<_, usize> = HashMap::new();
    for fact in &known {
        *counts.entry(identity(fact)).or_default() += 1;
    }
    let mut facts = facts;
    facts.retain(|fact| match counts.get_mut(&identity(fact)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
    facts
}
