//! What a rule says of itself; everything a report may know of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Severity;

/// A rule without its condition.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// `KS1001`: fixed for ever; suppressions and other tools depend on it.
    pub id: String,
    /// `MasterKeyLeaked`: what is wrong, in PascalCase.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence.
    pub summary: String,
    /// Why it matters and what to do.
    pub help: Help,
    /// CWE numbers; weaknesses, never categories.
    pub cwe: Vec<u32>,
    /// Further tags, beside `security`.
    pub tags: Vec<String>,
    /// The controls that it is evidence for.
    pub controls: Vec<Control>,
    /// What it has to see to judge.
    pub scope: Scope,
    /// Whether it runs unless the policy says otherwise.
    pub enabled: bool,
}

/// The text of a rule's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Help {
    /// The risk, in Markdown.
    pub why: String,
    /// The remedy, in Markdown, with the commands.
    pub fix: String,
    /// Sources and further reading.
    #[serde(default)]
    pub links: Vec<String>,
}

/// A control of a compliance framework.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// `NIST SP 800-53 Rev. 5`.
    pub framework: String,
    /// `IA-5(7)`.
    pub id: String,
}

/// What a rule has to see to judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// One place: any run can evaluate it.
    #[default]
    Place,
    /// The whole tree: a staged, ranged or named-file run cannot.
    Tree,
    /// keysweep's own policy: speaks of time and configuration, and never
    /// fails a staged or range run.
    Policy,
    /// The live tenant, or an inventory of it: a scan of files cannot.
    Estate,
}
