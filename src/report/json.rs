//! The report for scripts: one JSON document, versioned.
//!
//! Its shape is these types and not the ones that the engine works with, so
//! that a change in there is no change here. The schema is derived from them
//! and committed as `docs/report.schema.json`. Within version 1, fields are
//! added and never renamed, removed or given another meaning.

mod entries;

use schemars::{JsonSchema, Schema, schema_for};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::json_text;
use super::standing::{Assessment, Standing, assess};
use super::tally::{Tally, verdict_sentence};
use crate::finding::{BaselineState, Finding, Properties, Severity};
use crate::location;
use crate::outcome::{self, Outcome, TenantCoverage};
use crate::rotation::Step;
use crate::rule::{self, Metadata};

/// The version of the format.
const VERSION: u32 = 1;

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&Report::of(outcome), out)
}

/// The JSON Schema of the `json` format.
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Report<'_>)
}

/// A report of keysweep.
#[derive(Debug, serde::Serialize, JsonSchema)]
#[schemars(title = "keysweep report", rename = "Report")]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    /// The version of this format: 1.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// The program that wrote it.
    tool: Tool,
    /// How the run ended.
    verdict: Verdict,
    /// The exit code that goes with it.
    exit_code: u8,
    /// The verdict in words.
    message: String,
    /// The least severity that fails the run; null with `--fail-on never`.
    fail_on: Option<Severity>,
    /// Numbers; suppressed findings are counted in `suppressed` only, known
    /// ones in `known` only.
    summary: Summary<'a>,
    /// What was found, ordered by place; suppressed findings included.
    #[schemars(with = "Vec<FindingEntry<'a>>")]
    findings: Findings<'a>,
    /// What should have been looked at, and was not.
    gaps: Vec<Unseen<'a>>,
    /// Limits of the run.
    notices: Vec<Unseen<'a>>,
    /// Every rule that was evaluated, whether it fired or not.
    rules: Vec<Rule<'a>>,
    /// Every control that a rule is evidence for, by framework.
    controls: Vec<ControlEntry<'a>>,
    /// What was looked at.
    coverage: Coverage,
}

/// The program that wrote the report.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct Tool {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// How the run ended.
#[derive(Clone, Copy, Debug, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// Nothing at or above `failOn`.
    Clean,
    /// Something at or above it.
    Findings,
    /// Not everything was looked at.
    Incomplete,
}

/// Numbers of the run.
#[derive(Debug, serde::Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    /// Findings that count.
    findings: usize,
    /// Of them, those at or above `failOn`.
    failing: usize,
    /// Findings that a comment or the policy set aside.
    suppressed: usize,
    /// Findings that the baseline has, and nothing else sets aside.
    known: usize,
    /// By severity, in words.
    by_severity: BTreeMap<&'static str, usize>,
    /// By the rule's id.
    by_rule: BTreeMap<&'a str, usize>,
    /// By caller, for findings that have one.
    by_caller: BTreeMap<String, usize>,
    /// By app, for findings about a tenant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    by_app: BTreeMap<String, usize>,
}

/// The findings, made into entries one by one while they are written: all of
/// them would be the largest thing in memory.
#[derive(Debug)]
struct Findings<'a>(&'a [Finding]);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_seq(Some(self.0.len()))?;
        for finding in self.0 {
            entries.serialize_element(&FindingEntry::from(&*finding.unpacked()))?;
        }
        entries.end()
    }
}

/// What a rule says.
#[derive(Debug, serde::Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Finding")]
struct FindingEntry<'a> {
    /// The rule's id.
    rule_id: &'a str,
    /// The rule's severity, as the policy sets it.
    severity: Severity,
    /// Sentences.
    message: &'a str,
    /// Where.
    location: Place<'a>,
    /// The other places.
    related: Vec<Related<'a>>,
    /// The masked line, cropped around the key.
    excerpt: Option<Excerpt<'a>>,
    /// The same from run to run, wherever the line moves.
    stable_id: &'a str,
    /// What to do about this very finding, with its names filled in; empty where
    /// the rule's help says all there is.
    #[serde(skip_serializing_if = "<[Step]>::is_empty", default)]
    steps: &'a [Step],
    /// What is known of it beside the message: `keyKind`, `caller`, ….
    properties: &'a Properties,
    /// Why it was set aside; null if it was not.
    suppressed: Option<Suppressed<'a>>,
    /// What the baseline says of it; null in a run without one.
    baseline_state: Option<BaselineState>,
}

/// A place in a file, or a resource.
#[derive(Debug, serde::Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "in")]
enum Place<'a> {
    /// A span of a file.
    File {
        /// Relative to the working directory, with `/`.
        path: &'a str,
        /// The first character.
        start: Position,
        /// Just past the last character.
        end: Position,
    },
    /// A resource of the tenant.
    Resource {
        /// The ARM id.
        id: &'a str,
        /// The property that is meant.
        property: Option<&'a str>,
    },
}

/// Line and column.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct Position {
    /// From 1.
    line: u64,
    /// From 1, in UTF-16 code units.
    column: u64,
}

/// A place that belongs to a finding beside its own.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct Related<'a> {
    /// Where.
    location: Place<'a>,
    /// What is there.
    message: &'a str,
}

/// A masked line.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct Excerpt<'a> {
    /// The text, every secret replaced by `*`.
    text: &'a str,
    /// The first character of the masked key in `text`, from 0, in code points.
    start: usize,
    /// Just past its last character.
    end: usize,
}

/// Why a finding does not count.
#[derive(Debug, serde::Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Suppressed<'a> {
    /// By a comment in the scanned file; otherwise by the policy.
    in_source: bool,
    /// The reason given.
    justification: &'a str,
    /// Who answers for it.
    owner: Option<&'a str>,
}

/// Something not looked at, or a limit.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct Unseen<'a> {
    /// The sort of it, for scripts: `permission-denied`, ….
    kind: String,
    /// The file, directory or resource, where it is about one.
    subject: Option<&'a str>,
    /// What happened and what to do.
    message: String,
}

/// A rule that was evaluated.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct Rule<'a> {
    /// `KS1001`.
    id: &'a str,
    /// `MasterKeyLeaked`.
    name: &'a str,
    /// How bad it is.
    severity: Severity,
    /// One sentence.
    summary: &'a str,
    /// Why it matters and what to do, in Markdown.
    help: &'a rule::Help,
    /// CWE numbers.
    cwe: &'a [u32],
    /// Its tags.
    tags: &'a [String],
    /// The controls that it is evidence for.
    controls: &'a [rule::Control],
}

/// A control of a compliance framework, and how it stands.
#[derive(Debug, serde::Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Control")]
struct ControlEntry<'a> {
    /// `NIST SP 800-53 Rev. 5`.
    framework: &'a str,
    /// `IA-5(7)`.
    id: &'a str,
    /// Its name; null for a control that only rules of your own name.
    title: Option<&'a str>,
    /// How it stands, as far as the rules are evidence for it.
    standing: Standing,
    /// The rules that were evaluated.
    evaluated: Vec<&'a str>,
    /// The rules that were not, or not in full.
    not_evaluated: Vec<&'a str>,
    /// How many findings of these rules count.
    findings: usize,
    /// How many are set aside, or known from the baseline.
    accepted: usize,
}

/// How much was looked at.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct Coverage {
    /// Files read to their end.
    files: u64,
    /// Their bytes.
    bytes: u64,
    /// What was looked at of a tenant, in a run that judges one.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<TenantCoverage>,
    /// The commits, in a run with --history; files are versions of files then.
    #[serde(skip_serializing_if = "Option::is_none")]
    commits: Option<u64>,
}

impl<'a> Report<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        let tally = Tally::of(outcome);
        let verdict = outcome.verdict();
        Self {
            version: VERSION,
            tool: Tool {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            verdict: match verdict {
                outcome::Verdict::Clean => Verdict::Clean,
                outcome::Verdict::Findings => Verdict::Findings,
                outcome::Verdict::Incomplete => Verdict::Incomplete,
            },
            exit_code: verdict.code(),
            message: verdict_sentence(outcome, &tally),
            fail_on: outcome.terms.fail_on,
            summary: Summary {
                findings: tally.findings,
                failing: tally.failing,
                suppressed: tally.suppressed,
                known: tally.known,
                by_severity: tally
                    .by_severity
                    .iter()
                    .map(|(severity, n)| (severity.as_str(), *n))
                    .collect(),
                by_rule: tally.by_rule,
                by_caller: tally.by_caller,
                by_app: tally.by_app,
            },
            findings: Findings(&outcome.findings),
            gaps: outcome
                .gaps
                .iter()
                .map(|gap| Unseen {
                    kind: kind(&gap.reason),
                    subject: Some(&gap.subject),
                    message: gap.reason.to_string(),
                })
                .collect(),
            notices: outcome
                .notices
                .iter()
                .map(|notice| Unseen {
                    kind: kind(notice),
                    subject: None,
                    message: notice.to_string(),
                })
                .collect(),
            rules: outcome.rules.iter().map(Rule::from).collect(),
            controls: assess(outcome).iter().map(ControlEntry::from).collect(),
            coverage: Coverage {
                files: outcome.coverage.files,
                bytes: outcome.coverage.bytes,
                tenant: outcome.coverage.tenant,
                commits: Some(outcome.coverage.commits).filter(|commits| *commits > 0),
            },
        }
    }
}

/// The word that a gap's reason or a notice is known by.
pub(super) fn kind(tagged: &impl Serialize) -> String {
    let word = serde_json::to_value(tagged)
        .ok()
        .and_then(|value| Some(value.get("kind")?.as_str()?.to_owned()));
    word.unwrap_or_default()
}

#[cfg(test)]
mod tests;
