//! Facts about keysweep's own configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Record;
use super::record::{text, word};
use crate::location::Location;

/// An inline ignore, an exemption or a baseline entry.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Suppression {
    /// Where it is written.
    pub source: SuppressionSource,
    /// The rules that it names, sorted.
    pub rules: Vec<String>,
    /// The reason that it gives.
    pub reason: String,
    /// How many findings it hid in this run.
    pub matched: u64,
    /// The file that holds it.
    pub path: String,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
}

/// Where a suppression is written.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionSource {
    /// A comment in the scanned file.
    Inline,
    /// An `[[exempt]]` of the policy.
    Policy,
    /// An entry of a baseline.
    Baseline,
}

/// An exemption of the policy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Exemption {
    /// The rule that it exempts from.
    pub rule: String,
    /// What it exempts: a path or a resource, with wildcards.
    pub subject: String,
    /// The reason that it gives.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds, as written.
    pub until: String,
    /// Days since that day; negative while it holds.
    pub days_past: i64,
    /// The policy file.
    pub path: String,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
}

/// A `[[caller]]` of the policy's register: who holds which key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RegisterEntry {
    /// The caller.
    pub name: String,
    /// The app that it calls.
    pub app: Option<String>,
    /// The function that it calls, when its key is a function's own.
    pub function: Option<String>,
    /// The name of its key.
    pub key: Option<String>,
    /// The kind of that key, as the policy's limits name them: `function`,
    /// `host`, `system` or `master`.
    pub kind: String,
    /// Days since it was last rotated, if the entry says when.
    pub days_since_rotation: Option<i64>,
    /// The greatest age that the policy allows for its kind, in days.
    pub max_age_days: i64,
    /// Whether the entry says that the caller has ended.
    pub ended: bool,
    /// What the entry lacks of `owner`, `contact`, `stored-in` and `test`.
    pub missing: Vec<String>,
    /// The policy file.
    pub path: String,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
}

impl Record for Suppression {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![
            self.path.clone(),
            word(&self.source),
            self.rules.join("\0"),
            self.reason.clone(),
        ]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![("source", json!(self.source)), ("rules", json!(self.rules))]
    }
}

impl Record for Exemption {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.path.clone(), self.rule.clone(), self.subject.clone()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("rule", json!(self.rule)),
            ("subject", json!(self.subject)),
            ("owner", json!(self.owner)),
            ("until", json!(self.until)),
            ("daysPast", json!(self.days_past)),
        ]
    }
}

impl Record for RegisterEntry {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![
            self.path.clone(),
            self.name.clone(),
            text(&self.app),
            text(&self.function),
            text(&self.key),
        ]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("caller", json!(self.name)),
            ("app", json!(self.app)),
            ("function", json!(self.function)),
            ("key", json!(self.key)),
            ("limit", json!(self.kind)),
            ("daysSinceRotation", json!(self.days_since_rotation)),
            ("maxAgeDays", json!(self.max_age_days)),
            ("missing", json!(self.missing)),
        ]
    }
}
