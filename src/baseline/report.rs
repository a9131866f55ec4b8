//! The findings of an earlier report: SARIF or our JSON, told by its fields.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::BaselineError;

/// Our name in the reports of both formats.
const OURS: &str = env!("CARGO_PKG_NAME");

/// The version of the JSON report that is read.
const VERSION: u64 = 1;

/// Our fingerprint in SARIF, and what precedes the stable id in our JSON.
const MARKS: [&str; 2] = ["\"keysweep/v1\"", "\"stableId\""];

/// A finding of an earlier report.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) rule: String,
    pub(super) stable_id: String,
    pub(super) subject: String,
    pub(super) suppressed: bool,
    /// The line of the report that has the stable id; 1 if that is not clear.
    pub(super) line: u64,
}

/// Both formats at once: which one it is shows in what is there.
#[derive(Deserialize)]
struct Report {
    version: Option<Value>,
    tool: Option<Tool>,
    runs: Option<Vec<Run>>,
    findings: Option<Vec<Finding>>,
}

#[derive(Deserialize)]
struct Tool {
    name: Option<String>,
    driver: Option<Driver>,
}

#[derive(Deserialize)]
struct Driver {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Run {
    tool: Option<Tool>,
    results: Option<Vec<SarifResult>>,
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
    #[serde(default)]
    properties: Properties,
}

/// What is read of a finding's properties.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Properties {
    /// The stable ids of what the finding is made of, if of several.
    members: Option<Vec<String>>,
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
    suppressed: Option<IgnoredAny>,
    location: Option<Place>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Deserialize)]
struct Place {
    path: Option<String>,
    id: Option<String>,
}

/// The findings of the report, in its order.
pub(super) fn results(path: &str, bytes: &[u8]) -> Result<Vec<Known>, BaselineError> {
    let path = || path.to_owned();
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(BaselineError::Utf16 { path: path() });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let report: Report = serde_json::from_slice(bytes).map_err(|error| {
        if error.is_data() {
            BaselineError::Foreign { path: path() }
        } else {
            BaselineError::NotJson {
                path: path(),
                line: error.line(),
                column: error.column(),
            }
        }
    })?;
    let (partial, mark) = match report {
        Report {
            runs: Some(runs), ..
        } => {
            let ours: Vec<Run> = runs.into_iter().filter(|run| is_ours(&run.tool)).collect();
            if ours.is_empty() {
                return Err(BaselineError::Foreign { path: path() });
            }
            let results = ours
                .into_iter()
                .flat_map(|run| run.results.unwrap_or_default());
            (results.map(Partial::from).collect::<Vec<_>>(), MARKS[0])
        }
        Report {
            findings: Some(findings),
            version: Some(version),
            tool,
            ..
        } if is_ours(&tool) => {
            let version = version.as_u64();
            if version != Some(VERSION) {
                return Err(match version {
                    Some(version) => BaselineError::Newer {
                        path: path(),
                        version,
                    },
                    None => BaselineError::Foreign { path: path() },
                });
            }
            (findings.into_iter().map(Partial::from).collect(), MARKS[1])
        }
        _ => return Err(BaselineError::Foreign { path: path() }),
    };
    let lines = lines_of(bytes, mark, partial.len());
    let mut known = Vec::with_capacity(partial.len());
    for (at, partial) in partial.into_iter().enumerate() {
        let line = lines.get(at).copied().unwrap_or(1);
        let members = partial.members.clone();
        match partial.identified(line) {
            Some((_, true)) => {}
            // Each of them is known, and no other one of the same app.
            Some((finding, false)) if !members.is_empty() => {
                known.extend(members.into_iter().map(|stable_id| Known {
                    stable_id,
                    ..finding.clone()
                }));
            }
            Some((finding, false)) => known.push(finding),
            None => {
                return Err(BaselineError::NoIdentity {
                    path: path(),
                    index: at + 1,
                });
            }
        }
    }
    Ok(known)
}

fn is_ours(tool: &Option<Tool>) -> bool {
    let names = tool.iter().flat_map(|tool| {
        let driver = tool.driver.as_ref().and_then(|driver| driver.name.as_ref());
        tool.name.iter().chain(driver)
    });
    names.into_iter().any(|name| name == OURS)
}

/// A finding of either format, not checked.
struct Partial {
    rule: Option<String>,
    stable_id: Option<String>,
    subject: String,
    suppressed: bool,
    /// The stable ids of what it is made of; none when it is one thing.
    members: Vec<String>,
    /// An entry of the report's own baseline, which it did not find.
    absent: bool,
}

impl Partial {
    /// The finding and whether it was absent, if it can be told from others.
    fn identified(self, line: u64) -> Option<(Known, bool)> {
        let rule = self.rule.filter(|rule| is_rule_id(rule))?;
        let stable_id = self.stable_id.filter(|id| !id.is_empty())?;
        let known = Known {
            rule,
            stable_id,
            subject: self.subject,
            suppressed: self.suppressed,
            line,
        };
        Some((known, self.absent))
    }
}

/// An id is shown as it stands, so it has to look like one.
fn is_rule_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

impl From<SarifResult> for Partial {
    fn from(result: SarifResult) -> Self {
        let subject = result.locations.into_iter().next().and_then(|location| {
            let logical = location.logical_locations.into_iter().next();
            let name = logical.and_then(|logical| logical.fully_qualified_name);
            let artifact = location.physical_location?.artifact_location;
            name.or_else(|| Some(decoded(&artifact?.uri?)))
        });
        Self {
            rule: result.rule_id,
            stable_id: result.partial_fingerprints.ours,
            subject: subject.unwrap_or_default(),
            suppressed: result.suppressions.is_some_and(|all| !all.is_empty()),
            members: result.properties.members.unwrap_or_default(),
            absent: result.baseline_state.as_deref() == Some("absent"),
        }
    }
}

impl From<Finding> for Partial {
    fn from(finding: Finding) -> Self {
        let subject = finding.location.and_then(|place| place.path.or(place.id));
        Self {
            rule: finding.rule_id,
            stable_id: finding.stable_id,
            subject: subject.unwrap_or_default(),
            suppressed: finding.suppressed.is_some(),
            members: finding.properties.members.unwrap_or_default(),
            absent: false,
        }
    }
}

/// A relative path out of a URI.
fn decoded(uri: &str) -> String {
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
