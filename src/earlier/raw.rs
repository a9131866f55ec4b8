//! The shapes of both formats, as far as they are read.

mod partial;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::BTreeSet;

use super::{Earlier, ReportError, Unseen};
use partial::Partial;

/// Our name in the reports of both formats.
const OURS: &str = env!("CARGO_PKG_NAME");

/// The version of the JSON report that is read.
const VERSION: u64 = 1;

/// Our fingerprint in SARIF, and what precedes the stable id in our JSON.
const MARKS: [&str; 2] = ["\"keysweep/v1\"", "\"stableId\""];

/// Both formats at once: which one it is shows in what is there.
#[derive(Deserialize)]
struct Report {
    version: Option<Value>,
    tool: Option<Tool>,
    runs: Option<Vec<Run>>,
    findings: Option<Vec<Finding>>,
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    gaps: Vec<Gap>,
    coverage: Option<Coverage>,
}

#[derive(Deserialize)]
struct Rule {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Gap {
    subject: Option<String>,
}

#[derive(Deserialize)]
struct Coverage {
    tenant: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Tool {
    name: Option<String>,
    driver: Option<Driver>,
}

#[derive(Deserialize)]
struct Driver {
    name: Option<String>,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Option<Tool>,
    results: Option<Vec<SarifResult>>,
    automation_details: Option<Automation>,
    #[serde(default)]
    invocations: Vec<Invocation>,
}

#[derive(Deserialize)]
struct Automation {
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: Option<bool>,
    #[serde(default)]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Deserialize)]
struct Notification {
    descriptor: Option<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: Option<String>,
    #[serde(default)]
    partial_fingerprints: Fingerprints,
    baseline_state: Option<String>,
    #[serde(default)]
    suppressions: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    locations: Vec<SarifLocation>,
    message: Option<Message>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Deserialize)]
struct Message {
    text: Option<String>,
}

/// What is read of a finding's properties.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Properties {
    /// The stable ids of what the finding is made of, if of several.
    members: Option<Vec<String>>,
    /// The severity; our JSON has it beside the properties.
    severity: Option<String>,
}

#[derive(Default, Deserialize)]
struct Fingerprints {
    #[serde(rename = "keysweep/v1")]
    ours: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    physical_location: Option<Physical>,
    #[serde(default)]
    logical_locations: Vec<Logical>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Option<Artifact>,
    region: Option<Region>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: Option<u64>,
}

#[derive(Deserialize)]
struct Artifact {
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: Option<String>,
    stable_id: Option<String>,
    severity: Option<String>,
    message: Option<String>,
    suppressed: Option<IgnoredAny>,
    location: Option<Place>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Deserialize)]
struct Place {
    path: Option<String>,
    id: Option<String>,
    start: Option<Start>,
}

#[derive(Deserialize)]
struct Start {
    line: Option<u64>,
}

/// Reads a report of either format; `path` is what messages call it.
pub(super) fn parse(path: &str, bytes: &[u8]) -> Result<Earlier, ReportError> {
    let path = || path.to_owned();
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ReportError::Utf16 { path: path() });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let report: Report = serde_json::from_slice(bytes).map_err(|error| {
        if error.is_data() {
            ReportError::Foreign { path: path() }
        } else {
            ReportError::NotJson {
                path: path(),
                line: error.line(),
                column: error.column(),
            }
        }
    })?;
    let read = match report {
        Report {
            runs: Some(runs), ..
        } => {
            let ours: Vec<Run> = runs.into_iter().filter(|run| is_ours(&run.tool)).collect();
            if ours.is_empty() {
                return Err(ReportError::Foreign { path: path() });
            }
            Read::of_runs(ours)
        }
        Report {
            findings: Some(_),
            version: Some(ref version),
            ref tool,
            ..
        } if is_ours(tool) => match version.as_u64() {
            Some(VERSION) => Read::of_report(report),
            Some(version) => {
                return Err(ReportError::Newer {
                    path: path(),
                    version,
                });
            }
            None => return Err(ReportError::Foreign { path: path() }),
        },
        _ => return Err(ReportError::Foreign { path: path() }),
    };
    let lines = lines_of(bytes, read.mark, read.findings.len());
    let mut findings = Vec::with_capacity(read.findings.len());
    for (index, partial) in read.findings.into_iter().enumerate() {
        let at = lines.get(index).copied().unwrap_or(1);
        match partial.identified(at) {
            Some((_, true)) => {}
            Some((finding, false)) => findings.push(finding),
            None => {
                return Err(ReportError::NoIdentity {
                    path: path(),
                    index: index + 1,
                });
            }
        }
    }
    Ok(Earlier {
        path: path(),
        findings,
        rules: read.rules,
        of_tenant: read.of_tenant,
        unseen: read.unseen,
    })
}

/// What was read of either format.
struct Read {
    findings: Vec<Partial>,
    rules: BTreeSet<String>,
    of_tenant: Option<bool>,
    unseen: Unseen,
    /// What stands at each finding.
    mark: &'static str,
}

impl Read {
    fn of_runs(runs: Vec<Run>) -> Self {
        let mut read = Self {
            findings: Vec::new(),
            rules: BTreeSet::new(),
            of_tenant: None,
            unseen: Unseen::Subjects(Vec::new()),
            mark: MARKS[0],
        };
        for run in runs {
            let driver = run.tool.and_then(|tool| tool.driver);
            read.rules
                .extend(ids(driver.into_iter().flat_map(|driver| driver.rules)));
            let category = run.automation_details.and_then(|details| details.id);
            read.of_tenant = match category.as_deref() {
                Some("keysweep/tenant/") => Some(true),
                Some("keysweep/source/") => Some(false),
                // Azure Pipelines has names of its own.
                _ => read.of_tenant,
            };
            if run.invocations.iter().any(Invocation::missed_something) {
                read.unseen = Unseen::Something;
            }
            let results = run.results.unwrap_or_default();
            read.findings.extend(results.into_iter().map(Partial::from));
        }
        read
    }

    fn of_report(report: Report) -> Self {
        let gaps = report.gaps.into_iter().filter_map(|gap| gap.subject);
        let findings = report.findings.unwrap_or_default();
        Self {
            findings: findings.into_iter().map(Partial::from).collect(),
            rules: ids(report.rules).collect(),
            of_tenant: report.coverage.map(|coverage| coverage.tenant.is_some()),
            unseen: Unseen::Subjects(gaps.collect()),
            mark: MARKS[1],
        }
    }
}

impl Invocation {
    /// Whether findings may be missing, for what was not looked at or for what
    /// code scanning does not take.
    fn missed_something(&self) -> bool {
        let mut told = self.tool_execution_notifications.iter();
        let cut = told.any(|one| {
            let id = one.descriptor.as_ref().and_then(|of| of.id.as_deref());
            id == Some("too-many-results")
        });
        cut || self.execution_successful == Some(false)
    }
}

fn ids(rules: impl IntoIterator<Item = Rule>) -> impl Iterator<Item = String> {
    rules.into_iter().filter_map(|rule| rule.id)
}

fn is_ours(tool: &Option<Tool>) -> bool {
    let names = tool.iter().flat_map(|tool| {
        let driver = tool.driver.as_ref().and_then(|driver| driver.name.as_ref());
        tool.name.iter().chain(driver)
    });
    names.into_iter().any(|name| name == OURS)
}

/// The line of each finding. Each has the mark once; where the count differs,
/// a message spells it, and no line is claimed.
fn lines_of(bytes: &[u8], mark: &str, findings: usize) -> Vec<u64> {
    let mut lines = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for at in memchr::memmem::find_iter(bytes, mark) {
        line += memchr::memchr_iter(b'\n', &bytes[counted..at]).count() as u64;
        counted = at;
        lines.push(line);
    }
    if lines.len() == findings {
        lines
    } else {
        Vec::new()
    }
}
