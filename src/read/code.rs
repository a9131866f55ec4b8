//! Application code of Azure Functions: who may call a function, and how code
//! calls one.
//!
//! A document is read by itself first; what it leaves open (a constant of
//! another file, the level of the app that a route belongs to) is settled when
//! all of them are known.

mod dotnet;
mod function_json;
mod gateway;
mod java;
mod javascript;
mod python;
mod token;
mod trigger;
mod url;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::mark::Marks;
use super::structured::{Found, Source as Text, Test};
use super::text::is_test;
use crate::excerpt::{redact, redact_path};
use crate::fact::{AuthLevel, HttpTrigger, Stated, UrlKey};
use crate::project::parent;
use crate::syntax::SyntaxError;
pub(crate) use gateway::sent as sent_by_policy;
use token::{Language, Source};
use trigger::{Said, Trigger};
use url::Sent;

/// What one document says.
#[derive(Debug, Default)]
struct Reading {
    triggers: Vec<Trigger>,
    url_keys: Vec<Sent>,
    /// Constants that say a level.
    constants: Vec<Constant>,
    /// The level of the Python app that the document makes.
    app_level: Option<Said>,
}

impl Reading {
    fn is_empty(&self) -> bool {
        self.triggers.is_empty()
            && self.url_keys.is_empty()
            && self.constants.is_empty()
            && self.app_level.is_none()
    }
}

/// A name that stands for a level.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Constant {
    name: String,
    level: Said,
}

/// How a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    FunctionJson,
    Gateway,
    Code(Language),
}

fn form(path: &str) -> Option<Form> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.eq_ignore_ascii_case("function.json") {
        return Some(Form::FunctionJson);
    }
    let (_, extension) = name.rsplit_once('.')?;
    if extension == "xml" {
        return Some(Form::Gateway);
    }
    Some(Form::Code(match extension {
        "cs" | "csx" | "cshtml" | "razor" => Language::CSharp,
        "fs" | "fsx" => Language::FSharp,
        "go" => Language::Go,
        "java" | "kt" | "kts" | "scala" | "groovy" => Language::Java,
        "js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx" => Language::JavaScript,
        "ps1" | "psm1" => Language::PowerShell,
        "py" => Language::Python,
        _ => return None,
    }))
}

/// Whether a document is code that may have something to read, by its name.
#[must_use]
pub fn wants(path: &str) -> Option<Test> {
    match form(path)? {
        Form::FunctionJson => Some(|_| true),
        Form::Gateway => Some(gateway::is_policy),
        Form::Code(_) => Some(|text| Marks::of(text).are_of_code(text)),
    }
}

/// Whether that is told by its marks.
#[must_use]
pub fn has_marks(path: &str) -> bool {
    matches!(form(path), Some(Form::Code(_)))
}

/// A document of code.
#[derive(Clone)]
pub struct Part(Arc<Document>);

struct Document {
    source: Arc<Text>,
    reading: Reading,
}

impl Part {
    /// Whether it has triggers of HTTP.
    #[must_use]
    pub fn has_triggers(&self) -> bool {
        !self.0.reading.triggers.is_empty()
    }
}

/// Reads a document of code.
///
/// # Errors
/// When it is not what its name says.
pub fn read(source: &Arc<Text>) -> Result<Option<Part>, SyntaxError> {
    let reading = reading(&source.path, &source.text)?;
    Ok((!reading.is_empty()).then(|| {
        Part(Arc::new(Document {
            source: Arc::clone(source),
            reading,
        }))
    }))
}

/// The code of a run.
#[derive(Default)]
pub struct Codes {
    parts: Vec<Part>,
}

impl Codes {
    /// Adds a document.
    pub fn absorb(&mut self, part: Option<Part>) {
        self.parts.extend(part);
    }

    /// What the code says; `signs_in` tells whether the templates around a file
    /// require sign-in with Entra of its app.
    #[must_use]
    pub fn facts(&self, signs_in: &dyn Fn(&str) -> bool) -> Found {
        let documents = || self.parts.iter().map(|Part(document)| document);
        let levels = Levels::of(
            documents().map(|document| (document.source.path.as_str(), &document.reading)),
        );
        let mut facts = Vec::new();
        for document in documents() {
            let Document { source, reading } = &**document;
            for trigger in &reading.triggers {
                let (level, stated) = levels.settle(&source.path, trigger);
                let fact = HttpTrigger {
                    model: trigger.model,
                    function: trigger.function.as_deref().map(redact),
                    level,
                    stated,
                    entra: level == AuthLevel::Anonymous && signs_in(&source.path),
                    path: redact_path(&source.path),
                    location: source.place(trigger.span.clone()),
                };
                facts.push(fact.into());
            }
            // What a test sends to a host of its own is no code of an application.
            let sent = match is_test(&source.path) {
                true => &[],
                false => reading.url_keys.as_slice(),
            };
            facts.extend(sent.iter().map(|key| {
                let fact = UrlKey {
                    name: redact(&key.name),
                    path: redact_path(&source.path),
                    location: source.place(key.span.clone()),
                };
                fact.into()
            }));
        }
        Found {
            facts,
            ..Found::default()
        }
    }
}

/// What a document says by itself.
fn reading(path: &str, text: &str) -> Result<Reading, SyntaxError> {
    let mut reading = Reading::default();
    match form(path) {
        Some(Form::FunctionJson) => function_json::read(path, text, &mut reading)?,
        Some(Form::Gateway) => gateway::read(text, &mut reading)?,
        Some(Form::Code(language)) => match language {
            Language::CSharp | Language::FSharp => dotnet::read(text, language, &mut reading),
            Language::Java => java::read(text, &mut reading),
            Language::JavaScript => javascript::read(text, &mut reading),
            Language::Go | Language::PowerShell => {
                url::read(&Source::new(text, language), &mut reading)
            }
            Language::Python => python::read(text, &mut reading),
        },
        None => {}
    }
    Ok(reading)
}

/// The levels that documents leave to each other.
struct Levels<'d> {
    constants: BTreeMap<&'d str, Vec<(&'d str, &'d Said)>>,
    /// Directories with a Python app, and what it says.
    apps: BTreeMap<&'d str, &'d Said>,
}

impl<'d> Levels<'d> {
    /// Of these documents, each with its path.
    fn of(documents: impl IntoIterator<Item = (&'d str, &'d Reading)>) -> Self {
        let mut levels = Self {
            constants: BTreeMap::new(),
            apps: BTreeMap::new(),
        };
        for (path, reading) in documents {
            for constant in &reading.constants {
                let known = levels.constants.entry(&constant.name).or_default();
                known.push((path, &constant.level));
            }
            if let Some(level) = &reading.app_level {
                levels.apps.insert(parent(path), level);
            }
        }
        levels
    }

    /// The level of a trigger, and where it is said.
    fn settle(&self, path: &str, trigger: &Trigger) -> (AuthLevel, Stated) {
        match &trigger.level {
            Said::Level(level) => (*level, trigger.stated),
            Said::Named(name) => (self.constant(path, name), trigger.stated),
            Said::App => self.app(path),
        }
    }

    /// The level of a constant: of the document itself, else of all that have one
    /// of that name, if they agree.
    fn constant(&self, path: &str, name: &str) -> AuthLevel {
        let known = self.constants.get(name).map_or(&[][..], Vec::as_slice);
        let own: Vec<_> = known.iter().filter(|(of, _)| *of == path).collect();
        let candidates = match own.is_empty() {
            true => known.iter().collect(),
            false => own,
        };
        let mut levels = candidates.iter().map(|(_, said)| match said {
            Said::Level(level) => *level,
            Said::Named(_) | Said::App => AuthLevel::Unknown,
        });
        let first = levels.next().unwrap_or(AuthLevel::Unknown);
        match levels.all(|level| level == first) {
            true => first,
            false => AuthLevel::Unknown,
        }
    }

    /// The level of the nearest app around a file; without one, the default.
    fn app(&self, path: &str) -> (AuthLevel, Stated) {
        let mut directory = parent(path);
        loop {
            match self.apps.get(directory) {
                Some(Said::Level(level)) => return (*level, Stated::App),
                Some(Said::Named(name)) => return (self.constant(path, name), Stated::App),
                Some(Said::App) => return (AuthLevel::Function, Stated::Default),
                None if directory.is_empty() || directory == "/" => {
                    return (AuthLevel::Function, Stated::Default);
                }
                None => directory = parent(directory),
            }
        }
    }
}

#[cfg(test)]
mod tests;
