//! Templates: what Bicep, ARM templates and Terraform do with keys.
//!
//! A value is followed from where a key is listed, through variables, locals,
//! parameters, the inputs and outputs of modules in the same tree, objects,
//! lists, loops and the functions that pass it on, to the places that receive
//! it. What comes from elsewhere is unknown, and unknown makes no fact.

mod arm;
mod bicep;
mod destination;
mod facts;
mod flow;
mod kind;
mod listing;
mod program;
mod render;
mod repeat;
mod sign_in;
mod terraform;
mod unit;
mod vault;

pub(crate) use sign_in::SignIn;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;

use super::structured::{Around, Found, Source, Test};
use crate::excerpt::redact_path;
use crate::fact::Dialect;
use crate::gap::Notice;
use crate::project::{Files, ancestors, join, parent};
use crate::syntax::{SyntaxError, bicep as bicep_syntax, hcl};
use facts::Facts;
use program::Program;
use unit::{Target, Unit};

/// Templates that are read because another one names them.
const BESIDE: usize = 500;

/// A template.
#[derive(Clone)]
pub struct Part {
    source: Arc<Source>,
    /// Whether it says something that a fact could be made of.
    marked: bool,
}

/// Whether a document is a template, by its name.
#[must_use]
pub fn wants(path: &str) -> Option<Test> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (_, extension) = name.rsplit_once('.')?;
    match extension {
        "bicep" | "bicepparam" | "tf" | "tofu" | "tfvars" => Some(|_| true),
        "json" => Some(|text| memchr::memmem::find(text, b"eploymentTemplate.json").is_some()),
        _ => None,
    }
}

/// Folders beside code that have the templates of its app.
const FOLDERS: &[&str] = &[
    "",
    "infra",
    "infrastructure",
    "iac",
    "deploy",
    "deployment",
    "bicep",
    "terraform",
    "templates",
    "modules",
];

/// Templates around code, each with no words that it has to have.
#[must_use]
pub fn around(code: &[&str], files: &dyn Files) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<(String, usize)> = code
        .iter()
        .flat_map(|path| ancestors(path))
        .map(|directory| (directory.to_owned(), 0))
        .collect();
    while let Some((directory, depth)) = open.pop() {
        if found.len() >= BESIDE || !seen.insert(directory.clone()) {
            continue;
        }
        for name in files.names(&directory) {
            let path = join(&directory, &name);
            if wants(&path).is_some() {
                found.insert(path, BTreeSet::new());
            } else if depth < 3 && FOLDERS.contains(&name.as_str()) {
                open.push((path, depth + 1));
            }
        }
    }
    found
}

/// Keeps a template; it is parsed when one of the run says something of keys.
#[must_use]
pub fn read(source: &Arc<Source>) -> Option<Part> {
    Some(Part {
        source: Arc::clone(source),
        marked: MARKS.is_match(source.text.as_bytes()),
    })
}

/// Words without which nothing is to be said.
static MARKS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build([
            "listkeys",
            "listhostkeys",
            "listsecrets",
            "host_keys",
            "secretstoragetype",
            "authsettings",
            "auth_settings",
            // Policies of API Management.
            "<policies",
            "<fragment",
        ])
        .expect("a few short words fit any automaton")
});

/// The templates of a run.
#[derive(Default)]
pub struct Templates {
    parts: Vec<Part>,
}

/// What templates have to say, and which apps require sign-in.
pub(crate) struct Told {
    pub(crate) found: Found,
    pub(crate) sign_in: SignIn,
}

impl Templates {
    /// Adds a document.
    pub fn absorb(&mut self, part: Option<Part>) {
        self.parts.extend(part);
    }

    /// What the templates do with keys.
    #[must_use]
    pub(crate) fn facts(&self, around: &Around<'_>) -> Told {
        let mut found = Found::default();
        if !self.parts.iter().any(|part| part.marked) {
            return Told {
                found,
                sign_in: SignIn::default(),
            };
        }
        let own: BTreeSet<&str> = self
            .parts
            .iter()
            .map(|part| part.source.path.as_str())
            .collect();
        let program = Program::new(self.scopes(around, &own, &mut found.notices));
        let instances = program.instances();
        found.facts = Facts::of(&program, &instances);
        if program.work.get() == 0 {
            found.notices.push(Notice::NotParsed {
                place: "templates".to_owned(),
                problem: "there is more in them than a run follows".to_owned(),
            });
        }
        // What stands beside the documents of a run is not judged.
        let shown: BTreeSet<String> = own.iter().map(|path| redact_path(path)).collect();
        found
            .facts
            .retain(|fact| shown.contains(fact.record().location().subject()));
        Told {
            sign_in: SignIn::of(&program, &instances),
            found,
        }
    }

    /// The scopes of all documents, and of those that they deploy.
    fn scopes(
        &self,
        around: &Around<'_>,
        own: &BTreeSet<&str>,
        notices: &mut Vec<Notice>,
    ) -> Vec<Vec<Unit>> {
        let mut reader = Scopes {
            around,
            own,
            files: BTreeMap::new(),
            directories: BTreeMap::new(),
            notices,
            beside: 0,
        };
        for part in &self.parts {
            reader.add(&part.source);
        }
        reader.complete();
        let files = reader.files.into_values().filter(|units| !units.is_empty());
        files
            .chain(reader.directories.into_values().map(|unit| vec![unit]))
            .collect()
    }
}

/// Reads documents into scopes, and those that they name.
struct Scopes<'r> {
    around: &'r Around<'r>,
    own: &'r BTreeSet<&'r str>,
    files: BTreeMap<String, Vec<Unit>>,
    directories: BTreeMap<String, Unit>,
    notices: &'r mut Vec<Notice>,
    beside: usize,
}

impl Scopes<'_> {
    fn add(&mut self, source: &Arc<Source>) {
        let path = source.path.as_str();
        let extension = path.rsplit('.').next().unwrap_or_default();
        match extension {
            "bicep" => {
                let bicep = bicep_syntax::parse(&source.text);
                for error in bicep.errors {
                    self.note(source, error);
                }
                let unit = bicep::unit(source, bicep.statements);
                self.files.insert(path.to_owned(), vec![unit]);
            }
            "bicepparam" => {
                let bicep = bicep_syntax::parse(&source.text);
                for error in bicep.errors {
                    self.note(source, error);
                }
                let unit = bicep::parameters(source, bicep.statements);
                self.files
                    .insert(path.to_owned(), unit.into_iter().collect());
            }
            "tfvars" => match hcl::parse_values(&source.text) {
                Ok(values) => {
                    let unit = terraform::parameters(source, values);
                    self.files.insert(path.to_owned(), vec![unit]);
                }
                Err(error) => self.note(source, error),
            },
            "json" => match arm::units(source) {
                Ok(units) => {
                    self.files.insert(path.to_owned(), units);
                }
                Err(error) => self.note(source, error),
            },
            _ => {
                let directory = parent(path).to_owned();
                let unit = self
                    .directories
                    .entry(directory.clone())
                    .or_insert_with(|| Unit::new(Dialect::Terraform, directory));
                match hcl::parse(&source.text) {
                    Ok(blocks) => terraform::add(unit, source, &blocks),
                    Err(error) => self.note(source, error),
                }
            }
        }
    }

    fn note(&mut self, source: &Source, error: SyntaxError) {
        // What is beside the run is none of its business.
        if self.own.contains(source.path.as_str()) {
            self.notices.push(Notice::NotParsed {
                place: source.place(error.at..error.at).to_string(),
                problem: error.problem,
            });
        }
    }

    /// Reads what the scopes deploy, and what else is in their directories.
    fn complete(&mut self) {
        let mut done: BTreeSet<String> = BTreeSet::new();
        loop {
            let mut files: BTreeSet<String> = BTreeSet::new();
            let mut directories: BTreeSet<String> = self.directories.keys().cloned().collect();
            let units = self
                .files
                .values()
                .flatten()
                .chain(self.directories.values());
            for unit in units {
                for module in &unit.modules {
                    let Target::Path(path) = &module.target else {
                        continue;
                    };
                    match unit.dialect {
                        Dialect::Terraform => directories.insert(path.clone()),
                        _ => files.insert(path.clone()),
                    };
                }
            }
            directories.retain(|directory| done.insert(format!("{directory}/")));
            for directory in directories {
                let names = self.around.files.names(&directory);
                let names = names
                    .iter()
                    .filter(|name| name.ends_with(".tf") || name.ends_with(".tofu"));
                files.extend(names.map(|name| join(&directory, name)));
            }
            files.retain(|path| !self.own.contains(path.as_str()) && done.insert(path.clone()));
            if files.is_empty() {
                return;
            }
            for path in files {
                self.beside += 1;
                if self.beside > BESIDE {
                    return;
                }
                if let Some(source) = self.around.source(&path) {
                    self.add(&source);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
