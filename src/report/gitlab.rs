//! A code quality report of GitLab: one JSON array.
//!
//! GitLab tells what a merge request adds and mends by comparing fingerprints,
//! and hides a finding whose fingerprint it has seen: they are stable, and two
//! equal findings have two. What the baseline knows is listed, or it would look
//! mended; what is suppressed is not. A gap is an entry of its own: a report
//! without one would say that nothing is wrong.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::json::kind;
use super::json_text;
use super::pick::one_line;
use super::sarif::resource_path;
use crate::finding::{Finding, Severity};
use crate::gap::Gap;
use crate::location;
use crate::outcome::Outcome;
use crate::rule::Metadata;

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let rules: BTreeMap<&str, &Metadata> = outcome
        .rules
        .iter()
        .map(|rule| (rule.id.as_str(), rule))
        .collect();
    let mut seen = Fingerprints::default();
    let findings = outcome.findings.iter().filter(|f| f.suppressed.is_none());
    let mut issues: Vec<_> = findings
        .map(|finding| Issue::of(finding, rules.get(finding.rule.as_str()), &mut seen))
        .collect();
    issues.extend(outcome.gaps.iter().map(|gap| Issue::gap(gap, &mut seen)));
    json_text::write(&issues, out)
}

/// An entry of the report.
#[derive(Serialize)]
struct Issue {
    /// GitLab reads neither this nor the categories; Code Climate's format,
    /// which this is a part of, wants both.
    #[serde(rename = "type")]
    kind: &'static str,
    categories: [&'static str; 1],
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
    end: u64,
}

impl Issue {
    /// The widget shows the description alone: it begins with the rule.
    fn of(finding: &Finding, rule: Option<&&Metadata>, seen: &mut Fingerprints) -> Self {
        let name = rule.map_or_else(String::new, |rule| format!(" {}", rule.name));
        Self {
            kind: "issue",
            categories: ["Security"],
            description: format!(
                "{}{name}: {}",
                finding.rule,
                one_line(&finding.unpacked().message)
            ),
            check_name: finding.rule.to_string(),
            fingerprint: seen.of(&finding.rule, &finding.stable_id),
            severity: match finding.severity {
                Severity::Critical => "blocker",
                Severity::High => "critical",
                Severity::Medium => "major",
                Severity::Low => "minor",
                Severity::Note => "info",
            },
            location: match &finding.location {
                location::Location::File(place) => Location {
                    path: place.path.clone(),
                    lines: Lines {
                        begin: place.start.line.max(1),
                        end: place.last_line().max(1),
                    },
                },
                location::Location::Resource(place) => Location::first_line(&place.id),
            },
        }
    }

    fn gap(gap: &Gap, seen: &mut Fingerprints) -> Self {
        let check_name = format!("not-looked-at/{}", kind(&gap.reason));
        Self {
            kind: "issue",
            categories: ["Security"],
            description: format!("Not looked at: {}", one_line(&gap.to_string())),
            fingerprint: seen.of(&check_name, &gap.subject),
            check_name,
            severity: "major",
            location: Location::first_line(&gap.subject),
        }
    }
}

impl Location {
    /// The first line of a file, or of the path that stands for a resource.
    fn first_line(subject: &str) -> Self {
        let resource = subject.to_ascii_lowercase().starts_with("/subscriptions/");
        Self {
            path: match resource {
                true => resource_path(subject),
                false => subject.to_owned(),
            },
            lines: Lines { begin: 1, end: 1 },
        }
    }
}

/// Fingerprints given so far.
#[derive(Default)]
struct Fingerprints(BTreeMap<(String, String), u64>);

impl Fingerprints {
    /// The fingerprint of the next finding with this rule and identity: the
    /// second of two equal ones has another, wherever the first one moves.
    fn of(&mut self, rule: &str, id: &str) -> String {
        let nth = self.0.entry((rule.to_owned(), id.to_owned())).or_default();
        *nth += 1;
        let digest = Sha256::digest([rule, id, &nth.to_string()].join("\0"));
        digest[..16].iter().map(|b| format!("{b:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::BaselineState;
    use crate::report::fixture;
    use serde_json::Value;

    fn text(outcome: &Outcome) -> String {
        let mut out = Vec::new();
        write(outcome, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn fingerprints(outcome: &Outcome) -> Vec<String> {
        let issues: Value = serde_json::from_str(&text(outcome)).unwrap();
        let issues = issues.as_array().unwrap().iter();
        issues
            .map(|issue| issue["fingerprint"].to_string())
            .collect()
    }

    #[test]
    fn a_run_with_findings_and_gaps() {
        insta::assert_snapshot!(text(&fixture::outcome()));
    }

    #[test]
    fn hostile_names_stay_data() {
        insta::assert_snapshot!(text(&fixture::hostile()));
    }

    #[test]
    fn fingerprints_differ_and_do_not_know_lines() {
        let mut outcome = fixture::outcome();
        let twin = outcome.findings[0].clone();
        outcome.findings.insert(1, twin);
        let before = fingerprints(&outcome);
        let different: std::collections::BTreeSet<_> = before.iter().collect();
        assert_eq!(different.len(), before.len());
        for finding in &mut outcome.findings {
            if let location::Location::File(place) = &mut finding.location {
                place.start.line += 7;
                place.end.line += 7;
            }
        }
        assert_eq!(fingerprints(&outcome), before);
        outcome.findings.remove(0);
        let after = fingerprints(&outcome);
        assert!(after.iter().all(|fingerprint| before.contains(fingerprint)));
    }

    #[test]
    fn what_is_known_is_listed_and_what_is_suppressed_is_not() {
        let mut outcome = fixture::big(2);
        outcome.gaps.clear();
        outcome.findings[0].baseline = Some(BaselineState::Unchanged);
        outcome.findings[1].suppressed = Some(fixture::suppressed());
        assert_eq!(fingerprints(&outcome).len(), 1);
        assert_eq!(text(&Outcome::default()), "[]\n");
    }
}
