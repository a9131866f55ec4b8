//! SARIF 2.1.0, as GitHub code scanning reads it and the specification means it.
//!
//! - One run. Every rule that was evaluated is listed, so that an auditor sees
//!   what was checked and not only what failed.
//! - No snippet: a snippet is the content of the file, and a masked one would
//!   be false. The message says what there is to say.
//! - `suppressions` is an array on every result, and nothing else marks a
//!   suppressed one: the specification wants all or none.
//! - `baselineState` is on every result or on none. What the baseline has and
//!   the run has not is left out: code scanning reads no state, and a result
//!   that is `absent` would be an open alert there.
//! - Gaps are notifications of level `error`, and the run not successful: not
//!   clean, just not seen.
//!
//! Results are converted one by one while they are written: the model's types
//! are large, and 25,000 of them would be the largest thing in memory.

mod fix;
mod place;
mod result;
mod rules;
mod words;

pub(super) use place::resource_path;

use ::sarif::sarif::{
    Invocation, Notification, ReportingDescriptorReference, Run, RunAutomationDetails, Tool,
};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::json::kind;
use super::json_text;
use crate::finding::Finding;
use crate::outcome::{Outcome, Verdict};
use words::{ColumnKind, FailureLevel, Version};

/// More results than this are refused by code scanning.
const MAX_RESULTS: usize = 25_000;

/// The specification's own address of its schema.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What code scanning keeps apart: a later run with the same category replaces
/// the earlier one's alerts.
const CATEGORY: &str = "keysweep/source/";

/// How Azure Pipelines names a run, and what belongs to it.
const AZURE_BUILD: &str = "azuredevops/pipeline/build/";

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&Log::of(outcome), out)
}

/// A SARIF log file: the outermost object, and the run's results streamed.
#[derive(serde::Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: Version,
    runs: [StreamedRun<'a>; 1],
}

#[derive(serde::Serialize)]
struct StreamedRun<'a> {
    #[serde(flatten)]
    run: Run,
    results: Results<'a>,
}

/// The findings that are written, in order.
struct Results<'a> {
    findings: Vec<&'a Finding>,
    /// The index of each rule by its id.
    rules: BTreeMap<&'a str, i64>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut results = serializer.serialize_seq(Some(self.findings.len()))?;
        for finding in &self.findings {
            let index = self.rules.get(finding.rule.as_str()).copied();
            results.serialize_element(&result::result(finding, index))?;
        }
        results.end()
    }
}

impl<'a> Log<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        let findings = kept(&outcome.findings);
        let dropped = outcome.findings.len() - findings.len();
        let run = Run::builder()
            .tool(Tool::builder().driver(rules::driver(outcome)).build())
            .taxonomies(rules::taxonomies(outcome))
            .automation_details(automation(outcome))
            .column_kind(ColumnKind::Utf16CodeUnits)
            .invocations([invocation(outcome, dropped)])
            .build();
        let rules = (0..)
            .zip(&outcome.rules)
            .map(|(index, rule)| (rule.id.as_str(), index))
            .collect();
        Self {
            schema: SCHEMA,
            version: Version::V2_1_0,
            runs: [StreamedRun {
                run,
                results: Results { findings, rules },
            }],
        }
    }
}

/// What the log is filed under. In Azure Pipelines it is the run's own name,
/// which GitHub Advanced Security for Azure DevOps wants.
fn automation(outcome: &Outcome) -> RunAutomationDetails {
    let Some(build) = &outcome.origin.azure_build else {
        return RunAutomationDetails::builder().id(CATEGORY).build();
    };
    let name = |property: &str| format!("{AZURE_BUILD}{property}");
    RunAutomationDetails::builder()
        .id(format!(
            "{AZURE_BUILD}{}/{}/{}/{}/{}/{}",
            build.organisation,
            build.project,
            build.definition,
            build.phase,
            build.branch,
            build.build
        ))
        .properties(result::bag([
            (
                name("buildDefinitionId"),
                build.definition.to_string().into(),
            ),
            (
                name("buildDefinitionName"),
                build.definition_name.as_str().into(),
            ),
            (name("phaseId"), build.phase.as_str().into()),
            (name("phaseName"), build.phase_name.as_str().into()),
        ]))
        .build()
}

/// The findings that fit: those that count before suppressed ones, the worst
/// first, and then in the order that they had.
fn kept(findings: &[Finding]) -> Vec<&Finding> {
    let mut kept: Vec<(usize, &Finding)> = findings.iter().enumerate().collect();
    if kept.len() > MAX_RESULTS {
        kept.sort_by_key(|(at, finding)| (!finding.counts(), Reverse(finding.severity), *at));
        kept.truncate(MAX_RESULTS);
        kept.sort_by_key(|(at, _)| *at);
    }
    kept.into_iter().map(|(_, finding)| finding).collect()
}

/// How the run went, and what it did not see.
fn invocation(outcome: &Outcome, dropped: usize) -> Invocation {
    let gaps = outcome
        .gaps
        .iter()
        .map(|gap| notification(&kind(&gap.reason), &gap.to_string(), FailureLevel::Error));
    let notices = outcome
        .notices
        .iter()
        .map(|notice| notification(&kind(notice), &notice.to_string(), FailureLevel::Warning));
    let cut = (dropped > 0).then(|| {
        let text = format!(
            "{dropped} further results are not listed: code scanning accepts {MAX_RESULTS}"
        );
        notification("too-many-results", &text, FailureLevel::Warning)
    });
    let complete = outcome.gaps.is_empty() && outcome.verdict() != Verdict::Incomplete;
    Invocation::builder()
        .execution_successful(complete)
        .exit_code(i64::from(outcome.verdict().code()))
        .tool_execution_notifications(gaps.chain(notices).chain(cut).collect::<Vec<_>>())
        .build()
}

fn notification(kind: &str, text: &str, level: FailureLevel) -> Notification {
    Notification::builder()
        .descriptor(ReportingDescriptorReference::builder().id(kind).build())
        .message(words::sentence(&words::unlinked(text)).as_str())
        .level(level)
        .build()
}

#[cfg(test)]
mod tests;
