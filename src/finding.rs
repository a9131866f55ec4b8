//! What a rule says about a fact.

mod packed;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::excerpt::Excerpt;
use crate::fact::{Group, Related};
use crate::fix::Fix;
use crate::location::Location;
use crate::rotation::Step;
use packed::Packed;
pub use packed::Packer;

/// How bad it is. One rule has one severity: code scanning joins it by rule.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; never fails a run.
    Note,
    /// A habit that leads to trouble.
    Low,
    /// A weakness.
    Medium,
    /// A key that somebody can use.
    High,
    /// A key that opens everything, or that everybody has.
    Critical,
}

impl Severity {
    /// The word that reports use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What machines read of a finding beside its message, by name.
pub type Properties = BTreeMap<Cow<'static, str>, serde_json::Value>;

/// What a rule says about a fact, ready for a report.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: SmolStr,
    /// The rule's severity, as the policy sets it.
    pub severity: Severity,
    /// Sentences: the fact first, the remedy after.
    pub message: String,
    /// Where.
    pub location: Location,
    /// The other places.
    pub related: Vec<Related>,
    /// The masked line.
    pub excerpt: Option<Box<Excerpt>>,
    /// Survives line moves: the rule, the subject and the key, without lines.
    pub stable_id: SmolStr,
    /// What machines read beside the message: `keyKind`, `keyFormat`, …
    pub properties: Properties,
    /// What to do about this very finding, with its names filled in; nothing
    /// where the rule's help says all there is.
    pub steps: Vec<Step>,
    /// What it is reported together with, until that has been done.
    pub group: Option<Box<Group>>,
    /// Why it does not count, if it does not.
    pub suppressed: Option<Box<Suppressed>>,
    /// The change that mends it, where one is certain.
    pub fix: Option<Box<Fix>>,
    /// What an earlier report says of it; on every finding of a run with a
    /// baseline, on none of a run without.
    pub baseline: Option<BaselineState>,
    /// What it says, once it has been packed: [`Finding::unpacked`].
    pub(crate) packed: Option<Packed>,
}

/// What an earlier report says of a finding, in SARIF's words.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineState {
    /// Not there: it counts.
    New,
    /// There already: known, and no reason to fail.
    Unchanged,
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suppressed {
    /// In the scanned file (a comment), or outside of it (policy, baseline).
    pub in_source: bool,
    /// The reason given.
    pub justification: String,
    /// Who answers for it, if the policy says.
    pub owner: Option<String>,
}

impl Finding {
    /// One that says nothing yet.
    #[must_use]
    pub fn new(rule: impl Into<SmolStr>, severity: Severity, location: Location) -> Self {
        Self {
            rule: rule.into(),
            severity,
            message: String::new(),
            location,
            related: Vec::new(),
            excerpt: None,
            stable_id: SmolStr::default(),
            properties: Properties::new(),
            steps: Vec::new(),
            group: None,
            suppressed: None,
            fix: None,
            baseline: None,
            packed: None,
        }
    }

    /// Whether it is to be acted on: neither suppressed nor known from a
    /// baseline. What does not count fails no run and is annotated nowhere.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.suppressed.is_none() && !self.is_known()
    }

    /// Whether the baseline has it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.baseline == Some(BaselineState::Unchanged)
    }

    /// The order of every report.
    #[must_use]
    pub fn sort_key(&self) -> (&Location, &str, &str) {
        (&self.location, &self.rule, &self.stable_id)
    }
}
