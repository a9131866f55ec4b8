//! Facts about keysweep's own configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::location::Location;

/// An inline ignore or an exemption.
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
    /// An entry of a baseline; no command of this version reads one.
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
