//! Pipelines: workflows and actions of GitHub, Azure Pipelines, GitLab CI.
//!
//! A pipeline is followed step by step (`machine`) with what is known of its
//! values; what it does with keys on the way are events (`world`), of which
//! facts are made in the end (`facts`). `docs/pipelines.md` says how far it is
//! followed.

mod azure;
mod facts;
mod github;
mod gitlab;
mod machine;
mod name;
mod text;
mod value;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::structured::{Around, Found, Source, Test};
use crate::excerpt::redact_path;
use crate::fact::Fact;
use crate::gap::{Gap, GapReason, Notice};
use crate::project::{Files, ancestors, join, parent};
use crate::syntax::SyntaxError;
use crate::syntax::yaml::Yaml;
use facts::{Maker, Shared, once, share};
use name::Dialect;
use world::World;

/// How often a pipeline is followed, at most: what a variable is may show only
/// where it is sent.
const ROUNDS: usize = 4;

/// Pipelines that are looked at since they may call what has changed.
const CALLERS: usize = 500;

/// A pipeline, or a piece of one.
#[derive(Clone)]
pub struct Part(Arc<Document>);

struct Document {
    source: Arc<Source>,
    dialect: Dialect,
    yaml: Arc<Yaml>,
}

/// Whether a document is a pipeline, by its name or by what it says.
#[must_use]
pub fn wants(path: &str) -> Option<Test> {
    match Dialect::by_name(path) {
        Some(_) => Some(|_| true),
        None => name::is_yaml(path).then_some(name::is_azure),
    }
}

/// Whether a document is a script that a pipeline may call.
#[must_use]
pub fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    matches!(extension, None | Some("sh" | "bash" | "ps1"))
}

/// Pipelines beside documents that may call them, each with the words of which
/// its text has to have one.
#[must_use]
pub fn callers(called: &[&str], files: &dyn Files) -> BTreeMap<String, BTreeSet<String>> {
    const FOLDERS: &[&str] = &[
        ".github/workflows",
        ".azuredevops",
        ".azure-pipelines",
        "azure-pipelines",
        ".pipelines",
        ".gitlab",
        "",
    ];
    let mut callers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in called {
        let dialect = Dialect::by_name(path);
        if dialect.is_none() && !is_script(path) {
            continue;
        }
        let of = match dialect {
            // An action is called by its directory.
            Some(Dialect::Action) => parent(path),
            _ => path,
        };
        let word = of.rsplit('/').next().unwrap_or(of);
        for directory in ancestors(path) {
            for folder in FOLDERS {
                let folder = match *folder {
                    "" => directory.to_owned(),
                    folder => join(directory, folder),
                };
                for name in files.names(&folder) {
                    let caller = join(&folder, &name);
                    if Dialect::by_name(&caller).is_some() && callers.len() < CALLERS {
                        callers.entry(caller).or_default().insert(word.to_owned());
                    }
                }
            }
        }
    }
    callers
}

/// Reads a pipeline.
///
/// # Errors
/// When it is not YAML.
pub fn read(source: &Arc<Source>) -> Result<Option<Part>, SyntaxError> {
    let Some(dialect) = Dialect::of(&source.path, source.text.as_bytes()) else {
        return Ok(None);
    };
    let yaml = Yaml::parse(&source.text)?;
    Ok(Some(Part(Arc::new(Document {
        source: Arc::clone(source),
        dialect,
        yaml: Arc::new(yaml),
    }))))
}

/// The pipelines of a run.
#[derive(Default)]
pub struct Pipelines {
    parts: Vec<Part>,
}

/// What following one pipeline gave.
struct Followed<'d> {
    document: &'d Document,
    world: World,
}

impl Pipelines {
    /// Adds a document.
    pub fn absorb(&mut self, part: Option<Part>) {
        self.parts.extend(part);
    }

    /// What the pipelines do with keys.
    #[must_use]
    pub fn facts(&self, around: &Around<'_>) -> Found {
        let mut found = Found::default();
        let mut all = Vec::new();
        let mut parts: Vec<Arc<Document>> =
            self.parts.iter().map(|part| Arc::clone(&part.0)).collect();
        parts.extend(started(&parts, around));
        parts.sort_by(|a, b| a.source.path.cmp(&b.source.path));
        // git and the walk may disagree on what is ignored: such a file is
        // read twice.
        parts.dedup_by(|a, b| a.source.path == b.source.path);
        for document in &parts {
            let followed = catch_unwind(AssertUnwindSafe(|| follow(document, around)));
            match followed {
                Ok(world) => {
                    if world.is_spent() {
                        found.notices.push(Notice::NotParsed {
                            place: redact_path(&document.source.path),
                            problem: "there is more in it than a run follows".to_owned(),
                        });
                    }
                    all.push(Followed { document, world });
                }
                Err(_) => found.gaps.push(Gap {
                    subject: redact_path(&document.source.path),
                    reason: GapReason::Internal,
                }),
            }
        }
        let called: BTreeSet<&String> = all.iter().flat_map(|one| &one.world.called).collect();
        let mut shared = Shared::default();
        let mut facts: Vec<Fact> = Vec::new();
        // Those that something starts call templates; what calls itself does not.
        let started: BTreeSet<&String> = all
            .iter()
            .filter(|one| !one.document.is_template())
            .flat_map(|one| &one.world.called)
            .collect();
        for Followed { document, world } in &all {
            let is_called = called.contains(&document.source.path);
            let is_part = document.is_template() && started.contains(&document.source.path);
            let maker = Maker {
                world,
                dialect: document.dialect,
                environments: around.policy.environments(),
                by_hand: document.is_started_by_hand(),
                scheduled: document.is_scheduled(),
            };
            // Who starts a deletion, only those know that call a template.
            let is_told = |fact: &Fact| is_part && matches!(fact, Fact::PipelineRotation(_));
            facts.extend(maker.facts().into_iter().filter(|fact| !is_told(fact)));
            found.regions.extend(maker.regions());
            let path = &document.source.path;
            // What others call is a piece of theirs.
            if !is_called && document.dialect != Dialect::Action {
                let caller = around
                    .policy
                    .caller_of(path)
                    .map(|caller| caller.name.as_str());
                shared.add(document.dialect.root(path), caller.unwrap_or(path), world);
            }
        }
        facts.extend(share(shared));
        found.facts = once(facts);
        found
    }
}

/// The pipelines that others start, under whatever name, and those that these
/// start.
fn started(pipelines: &[Arc<Document>], around: &Around<'_>) -> Vec<Arc<Document>> {
    let mut known: BTreeSet<String> = pipelines
        .iter()
        .map(|document| document.source.path.clone())
        .collect();
    let mut found: Vec<Arc<Document>> = Vec::new();
    let mut open: Vec<Arc<Document>> = pipelines.to_vec();
    while let Some(document) = open.pop().filter(|_| found.len() < CALLERS) {
        if document.dialect != Dialect::Gitlab {
            continue;
        }
        for path in gitlab::children(&document, around.files) {
            if !known.insert(path.clone()) {
                continue;
            }
            let Some(source) = around.source(&path) else {
                continue;
            };
            if let Ok(yaml) = Yaml::parse(&source.text) {
                let child = Arc::new(Document {
                    source,
                    dialect: Dialect::Gitlab,
                    yaml: Arc::new(yaml),
                });
                open.push(Arc::clone(&child));
                found.push(child);
            }
        }
    }
    found
}

/// Follows a pipeline; twice where only its end tells what its variables are.
fn follow(document: &Document, around: &Around<'_>) -> World {
    let mut sent = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut world = World::new(sent.clone());
        match document.dialect {
            Dialect::Workflow | Dialect::Action => github::follow(document, around, &mut world),
            Dialect::Azure => azure::follow(document, around, &mut world),
            Dialect::Gitlab => gitlab::follow(document, around, &mut world),
        }
        if world.sent == sent || round + 1 == ROUNDS {
            return world;
        }
        sent.clone_from(&world.sent);
    }
    World::new(sent)
}

impl Document {
    /// Whether nothing but a person starts it.
    fn is_started_by_hand(&self) -> bool {
        let Some(root) = self.yaml.root() else {
            return false;
        };
        match self.dialect {
            Dialect::Workflow => {
                let triggers = github::triggers(root);
                !triggers.is_empty()
                    && triggers
                        .iter()
                        .all(|trigger| trigger == "workflow_dispatch")
            }
            Dialect::Azure => azure::is_started_by_hand(root),
            Dialect::Gitlab => gitlab::is_started_by_hand(root),
            Dialect::Action => false,
        }
    }

    /// Whether nothing in it says what starts it: it may be a part of others.
    fn is_template(&self) -> bool {
        let starts = ["trigger", "pr", "schedules", "resources"];
        let root = self.yaml.root();
        let started = root.is_some_and(|root| starts.iter().any(|name| root.get(name).is_some()));
        self.dialect == Dialect::Azure && !started
    }

    /// Whether set times start it.
    fn is_scheduled(&self) -> bool {
        let Some(root) = self.yaml.root() else {
            return false;
        };
        match self.dialect {
            Dialect::Workflow => github::triggers(root).iter().any(|on| on == "schedule"),
            Dialect::Azure => root.get("schedules").is_some(),
            // Its file says at most which jobs the schedule is for.
            Dialect::Gitlab => self.source.text.contains("\"schedule\""),
            Dialect::Action => false,
        }
    }
}

#[cfg(test)]
mod tests;
