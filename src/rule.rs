//! Rules: data that judges facts.
//!
//! A rule is one TOML file: what it is about, the condition on one fact, what
//! to say, why it matters and what to do, and examples that prove it. Nothing
//! about a rule is written in Rust, so that an organisation's own rules can do
//! whatever the built-in ones can.

mod builtin;
mod check;
mod condition;
mod example;
mod file;
mod finding;
mod literal;
mod metadata;
mod page;
mod problem;
mod schema;
mod set;
mod template;
#[cfg(test)]
mod tests;

pub use check::{Report, Scenario, check};
pub use example::{Example, ExampleFile, POLICY_PATH, Place, Tenant};
pub use metadata::{Control, Help, Metadata, Scope};
pub use page::{facts, help_markdown, table, write_document};
pub use problem::{LoadError, Problem};
pub(crate) use set::is_rule;
pub use set::{RuleSet, UnknownRule};

use std::ops::Range;
use std::sync::OnceLock;

use crate::fact::FactType;
use condition::{Condition, ConditionError};
use problem::Origin;
use template::Template;

/// A rule that can be evaluated.
#[derive(Debug)]
pub struct Rule {
    metadata: Metadata,
    on: FactType,
    when: String,
    id_span: Range<usize>,
    message: Template,
    many: Option<Template>,
    condition: OnceLock<Result<Condition, ConditionError>>,
    origin: Origin,
}

impl Rule {
    /// What it says of itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The type of fact that it judges.
    #[must_use]
    pub fn on(&self) -> FactType {
        self.on
    }

    /// Its condition, as written.
    #[must_use]
    pub fn when(&self) -> &str {
        &self.when
    }

    /// Its examples, bad ones first.
    ///
    /// # Errors
    /// What is wrong with them. For a rule of [`RuleSet::load_dir`] nothing is.
    pub fn examples(&self) -> Result<Vec<Example>, Vec<Problem>> {
        file::examples(&self.origin)
    }

    /// Its condition, compiled when it is first asked for: most runs have no
    /// fact for most rules.
    fn condition(&self) -> Result<&Condition, &ConditionError> {
        let compiled = self
            .condition
            .get_or_init(|| Condition::compile(&self.when));
        compiled.as_ref()
    }

    /// A problem of the whole rule.
    fn problem(&self, message: impl Into<String>, help: impl Into<String>) -> Problem {
        let problem = Problem::new(message).help(help);
        problem.at(&self.origin, self.id_span.clone(), "this rule")
    }
}
