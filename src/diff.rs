//! What changed between two inventories, or between two reports.
//!
//! A thing that is on one side only is new or gone where the other side looked
//! and did not see it. Where it did not look, because of a gap or because it was
//! asked for less, that is said instead: a difference that nobody saw is none,
//! and a gap is no proof that anything went away.

mod apps;
mod extent;
mod gateway;
mod holders;
mod inventories;
mod keys;
mod readers;
mod reports;
mod write;

pub use inventories::{DifferentTenants, of_inventories};
pub use reports::{DifferentSubjects, of_reports};
pub use write::{Format, write};

use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::inventory::{Moment, Tool};
use crate::outcome::Verdict;

/// The version of the JSON format.
const VERSION: u32 = 1;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "keysweep diff")]
pub struct Diff {
    /// The version of this format: 1.
    #[schemars(extend("const" = VERSION))]
    pub version: u32,
    /// The program that compared.
    pub tool: Tool,
    /// What was compared.
    pub of: Compared,
    /// The earlier one.
    pub old: Side,
    /// The later one.
    pub new: Side,
    /// How often each thing happened, by what it happened to:
    /// `{"key": {"rotated": 2}}`.
    pub summary: BTreeMap<About, BTreeMap<What, usize>>,
    /// What changed, ordered by what it is about, its id, and what happened.
    pub changes: Vec<Change>,
    /// Limits of the comparison.
    pub notices: Vec<String>,
}

/// What was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compared {
    /// Two inventories of a tenant.
    Inventories,
    /// Two reports of scans, checks or sweeps.
    Reports,
}

/// One of the two files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// The file.
    pub path: String,
    /// When the sweep began; none of a report, which has no time.
    pub taken: Option<Moment>,
    /// The tenant's GUID, where it is known.
    pub tenant: Option<String>,
}

/// Something that is not on both sides, or is not the same there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What it is about.
    pub about: About,
    /// Its resource id; for a finding the file or resource that it is in.
    pub id: String,
    /// What happened.
    pub what: What,
    /// The rule, for a finding.
    pub rule: Option<String>,
    /// The same in words, for people.
    pub message: String,
    /// What shows it, where there is more than the two sides.
    pub evidence: Option<String>,
    /// What of it is not the same.
    pub fields: Vec<Field>,
}

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A key of an app.
    Key,
    /// A place that holds a key or refers to one.
    Holder,
    /// A principal that can list or write keys somewhere.
    Reader,
    /// A function app or slot.
    App,
    /// A function.
    Function,
    /// A subscription of API Management.
    ApimSubscription,
    /// Something that a sweep or a scan could not look at.
    Gap,
    /// A finding of a report.
    Finding,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It is there now, and was not.
    New,
    /// It was there, and is not any more; for a finding: it is mended.
    Gone,
    /// A key has another value.
    Rotated,
    /// Something else of it is not the same.
    Changed,
    /// Whether it changed cannot be said: one side did not look.
    NotCompared,
}

/// Something of a thing that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Its name: `fingerprint`, `key`, `abilities`, ….
    pub name: &'static str,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
}

impl Diff {
    fn new(
        of: Compared,
        (old, new): (Side, Side),
        mut changes: Vec<Change>,
        notices: Vec<String>,
    ) -> Self {
        // The service spells one id in several ways.
        changes
            .sort_by_cached_key(|change| (change.about, change.id.to_lowercase(), change.clone()));
        changes.dedup();
        let mut summary: BTreeMap<About, BTreeMap<What, usize>> = BTreeMap::new();
        for change in &changes {
            let about = summary.entry(change.about).or_default();
            *about.entry(change.what).or_default() += 1;
        }
        Self {
            version: VERSION,
            tool: Tool::this(),
            of,
            old,
            new,
            summary,
            changes,
            notices,
        }
    }

    /// How it ends: differences are what `diff` answers 1 for, and what could
    /// not be compared is 2, unless that is forgiven.
    #[must_use]
    pub fn verdict(&self, allow_incomplete: bool) -> Verdict {
        let is_blind = |change: &Change| change.what == What::NotCompared;
        match &self.changes {
            changes if !allow_incomplete && changes.iter().any(is_blind) => Verdict::Incomplete,
            changes if changes.iter().all(is_blind) => Verdict::Clean,
            _ => Verdict::Findings,
        }
    }
}

impl Change {
    fn new(about: About, what: What, id: &str, message: String) -> Self {
        Self {
            about,
            id: id.to_owned(),
            what,
            rule: None,
            message,
            evidence: None,
            fields: Vec::new(),
        }
    }
}

impl Field {
    /// Of a thing that is not the same on both sides; none where it is.
    fn of(name: &'static str, old: Option<String>, new: Option<String>) -> Option<Self> {
        (old != new).then_some(Self { name, old, new })
    }

    /// The same, of a thing that proves something only where both sides read it.
    fn of_both(name: &'static str, old: Option<String>, new: Option<String>) -> Option<Self> {
        match (&old, &new) {
            (Some(_), Some(_)) => Self::of(name, old, new),
            _ => None,
        }
    }
}

/// The word of a closed set.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// The JSON Schema, as committed in `docs/diff.schema.json`.
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Diff)
}

#[cfg(test)]
mod tests;
