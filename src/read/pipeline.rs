//! Pipelines: workflows and actions of GitHub, Azure Pipelines, GitLab CI.

mod name;

use std::sync::Arc;

use super::structured::{Around, Found, Source, Test};
use crate::syntax::SyntaxError;
use crate::syntax::yaml::Yaml;
use name::Dialect;

/// A pipeline, or a piece of one.
#[derive(Clone)]
#[expect(dead_code, reason = "facts are made of it next")]
pub struct Part(Arc<Document>);

#[expect(dead_code, reason = "facts are made of it next")]
struct Document {
    source: Arc<Source>,
    dialect: Dialect,
    yaml: Yaml,
}

/// Whether a document is a pipeline, by its name.
#[must_use]
pub fn wants(path: &str) -> Option<Test> {
    Dialect::by_name(path).map(|_| (|_| true) as Test)
}

/// Reads a pipeline.
///
/// # Errors
/// When it is not YAML.
pub fn read(source: &Arc<Source>) -> Result<Option<Part>, SyntaxError> {
    let Some(dialect) = Dialect::by_name(&source.path) else {
        return Ok(None);
    };
    let yaml = Yaml::parse(&source.text)?;
    Ok(Some(Part(Arc::new(Document {
        source: Arc::clone(source),
        dialect,
        yaml,
    }))))
}

/// The pipelines of a run.
#[derive(Default)]
pub struct Pipelines {
    parts: Vec<Part>,
}

impl Pipelines {
    /// Adds a document.
    pub fn absorb(&mut self, part: Option<Part>) {
        self.parts.extend(part);
    }

    /// What the pipelines do with keys.
    #[must_use]
    pub fn facts(&self, _around: &Around<'_>) -> Found {
        Found::default()
    }
}
