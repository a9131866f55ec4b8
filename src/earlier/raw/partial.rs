//! A finding of either format, before it is known to be one of ours.

use serde_json::Value;

use super::{Finding, SarifResult};
use crate::earlier::Found;
use crate::finding::Severity;

/// A finding of either format, not checked.
pub(super) struct Partial {
    rule: Option<String>,
    stable_id: Option<String>,
    severity: Option<Severity>,
    message: String,
    subject: String,
    line: Option<u64>,
    suppressed: bool,
    /// The stable ids of what it is made of; none when it is one thing.
    members: Vec<String>,
    /// An entry of the report's own baseline, which it did not find.
    absent: bool,
}

impl Partial {
    /// The finding and whether it was absent, if it can be told from others.
    pub(super) fn identified(self, at: u64) -> Option<(Found, bool)> {
        let rule = self.rule.filter(|rule| is_rule_id(rule))?;
        let stable_id = self.stable_id.filter(|id| !id.is_empty())?;
        let found = Found {
            rule,
            stable_id,
            severity: self.severity,
            message: self.message,
            subject: self.subject,
            line: self.line,
            members: self.members,
            suppressed: self.suppressed,
            at,
        };
        Some((found, self.absent))
    }
}

/// The severity of a word; none of another version's.
fn severity(word: Option<String>) -> Option<Severity> {
    serde_json::from_value(Value::from(word?)).ok()
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
        let location = result.locations.into_iter().next();
        let (mut subject, mut line) = (None, None);
        if let Some(location) = location {
            let logical = location.logical_locations.into_iter().next();
            subject = logical.and_then(|logical| logical.fully_qualified_name);
            if subject.is_none() {
                let physical = location.physical_location;
                let (artifact, region) = physical.map_or((None, None), |place| {
                    (place.artifact_location, place.region)
                });
                subject = artifact.and_then(|artifact| Some(decoded(&artifact.uri?)));
                line = region.and_then(|region| region.start_line);
            }
        }
        Self {
            rule: result.rule_id,
            stable_id: result.partial_fingerprints.ours,
            severity: severity(result.properties.severity),
            message: result
                .message
                .and_then(|message| message.text)
                .unwrap_or_default(),
            subject: subject.unwrap_or_default(),
            line,
            suppressed: result.suppressions.is_some_and(|all| !all.is_empty()),
            members: result.properties.members.unwrap_or_default(),
            absent: result.baseline_state.as_deref() == Some("absent"),
        }
    }
}

impl From<Finding> for Partial {
    fn from(finding: Finding) -> Self {
        let place = finding.location;
        let (subject, line) = place.map_or((None, None), |place| {
            let line = place.start.and_then(|start| start.line);
            (place.path.or(place.id), line)
        });
        Self {
            rule: finding.rule_id,
            stable_id: finding.stable_id,
            severity: severity(finding.severity),
            message: finding.message.unwrap_or_default(),
            subject: subject.unwrap_or_default(),
            line,
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
