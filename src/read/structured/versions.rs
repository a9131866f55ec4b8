//! What documents are, and what they were before a change.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::super::{pipeline, template};
use super::{Around, Found, Parts, Source, Structure, Wanted};
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
        let partners = partners(&changed, &around(HashMap::new()));
        let mut before = Vec::new();
        for parent in 0..parents {
            let version = |document: &Versions| {
                let last = document.before.last();
                document.before.get(parent).or(last).cloned()
            };
            let (mut structure, instead) = structure(&changed, version);
            for parts in &partners {
                structure.absorb(parts.clone());
            }
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
        for parts in partners {
            all.absorb(parts);
        }
        let mut found = all.facts(&around(now));
        for known in before {
            found.facts = new(found.facts, known);
        }
        found
    }
}

/// Documents beside a change that say what it means: the pipelines that call
/// what has changed, and the templates of the app whose code has.
fn partners(changed: &BTreeMap<String, Versions>, around: &Around<'_>) -> Vec<Parts> {
    let mut partners = Vec::new();
    let paths: Vec<&str> = changed.keys().map(String::as_str).collect();
    let callers = pipeline::callers(&paths, around.files);
    let code = changed.iter().filter(|(_, document)| {
        let now = document.now.as_ref();
        now.is_some_and(|now| now.parts.has_triggers())
    });
    let code: Vec<&str> = code.map(|(path, _)| path.as_str()).collect();
    let templates = template::around(&code, around.files);
    let candidates = callers.into_iter().chain(templates);
    for (path, words) in candidates.filter(|(path, _)| !changed.contains_key(path)) {
        let Some(source) = around.source(&path) else {
            continue;
        };
        let is_one = words.is_empty() || words.iter().any(|word| source.text.contains(word));
        let wanted = Wanted::as_partner(&path).of_content(source.text.as_bytes(), None);
        if is_one && !wanted.is_none() {
            let parts = catch_unwind(AssertUnwindSafe(|| Parts::read(&source, wanted)));
            partners.extend(parts.ok());
        }
    }
    partners
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

/// The facts that are not among those that are known, by all that rules see of
/// them; of several equal ones, as many as there are more.
fn new(facts: Vec<Fact>, known: Vec<Fact>) -> Vec<Fact> {
    let identity = |fact: &Fact| {
        let seen = serde_json::to_string(fact).unwrap_or_default();
        (fact.fact_type(), fact.record().identity(), seen)
    };
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

#[cfg(test)]
mod tests {
    use super::super::Wanted;
    use super::*;

    fn version(text: &str) -> Version {
        let path = ".github/workflows/a.yml";
        let source = Arc::new(Source::new(path.into(), text.into(), Vec::new()));
        Version {
            parts: Parts::read(&source, Wanted::by_name(path)),
            source: Some(source),
        }
    }

    fn workflow(commands: &[&str]) -> Version {
        let lines: String = commands
            .iter()
            .map(|line| format!("          {line}\n"))
            .collect();
        version(&format!(
            "on: push\njobs:\n  a:\n    steps:\n      - run: |\n{lines}"
        ))
    }

    /// A key that was sent in a header and is sent in a URL is news.
    #[test]
    fn what_has_become_worse_is_new() {
        let header = "curl -H \"x-functions-key: ${{ secrets.KEY }}\" https://func-a.azurewebsites.net/api/F";
        let url = "curl \"https://func-a.azurewebsites.net/api/F?code=${{ secrets.KEY }}\"";
        let was = || vec![workflow(&[header])];
        assert_eq!(new_lines(Some(workflow(&[header])), was()), [0; 0]);
        assert_eq!(new_lines(Some(workflow(&[url])), was()), [6]);
    }

    /// The lines of what is new.
    fn new_lines(now: Option<Version>, before: Vec<Version>) -> Vec<u64> {
        let mut structures = Structures::default();
        structures.change(".github/workflows/a.yml".into(), Versions { now, before });
        let files: Vec<(String, Vec<u8>)> = Vec::new();
        let found = structures.facts(&Policy::default(), &files);
        let places = found
            .facts
            .iter()
            .filter_map(|fact| fact.record().location().file());
        places.map(|place| place.start.line).collect()
    }

    const LIST: &str = "az functionapp keys list -g rg -n func-orders";
    const OTHER: &str = "az functionapp keys list -g rg -n func-billing";

    #[test]
    fn only_what_is_new_counts() {
        let was = || workflow(&[LIST]);
        assert_eq!(new_lines(Some(was()), Vec::new()), [6]);
        assert_eq!(new_lines(Some(was()), vec![was()]), [0; 0]);
        assert_eq!(
            new_lines(Some(workflow(&["echo", LIST])), vec![was()]),
            [0; 0]
        );
        assert_eq!(new_lines(Some(workflow(&[LIST, OTHER])), vec![was()]), [7]);
        assert_eq!(
            new_lines(Some(workflow(&[LIST, LIST])), vec![was()]).len(),
            1
        );
        assert_eq!(new_lines(None, vec![was()]), [0; 0]);
        // A merge brings what neither of its parents had.
        let parents = || vec![workflow(&[LIST]), workflow(&[OTHER])];
        assert_eq!(new_lines(Some(workflow(&[LIST, OTHER])), parents()), [0; 0]);
    }
}
