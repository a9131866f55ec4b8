//! What a log shows of an outcome: which findings, how loud, in which words.
//!
//! For the two formats that are lines of a job's log. Both systems show ten
//! annotations of a kind for a step and drop the rest without a word, so the
//! worst come first, and what is not annotated stands in the log as plain text.

use std::cmp::Reverse;

use super::tally::{Tally, count, grouped, verdict_sentence};
use crate::excerpt::printable;
use crate::finding::{Finding, Severity};
use crate::location::Location;
use crate::outcome::{Outcome, Verdict};

/// Annotations of one kind that a step can have.
pub(super) const MAX_OF_A_KIND: usize = 10;

/// Things named in one annotation; json and sarif have them all.
const MAX_NAMED: usize = 10;

/// How loud an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Error,
    Warning,
    Notice,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Note => Self::Notice,
        }
    }
}

/// One annotation that is about no place.
#[derive(Debug)]
pub(super) struct Remark {
    pub(super) level: Level,
    pub(super) title: &'static str,
    pub(super) text: String,
}

/// The findings that count, the worst first, then in the order of the files.
pub(super) fn worst_first(outcome: &Outcome) -> Vec<&Finding> {
    let mut findings: Vec<_> = outcome.findings.iter().filter(|f| f.counts()).collect();
    findings.sort_by_key(|finding| Reverse(finding.severity));
    findings
}

/// What was not seen, and what the user should know: one annotation for all
/// gaps and one for all notices, since findings need the others.
pub(super) fn remarks(outcome: &Outcome) -> Vec<Remark> {
    let incomplete = outcome.verdict() == Verdict::Incomplete;
    let level = if incomplete {
        Level::Error
    } else {
        Level::Warning
    };
    let mut remarks = Vec::new();
    if !outcome.gaps.is_empty() {
        let title = count(outcome.gaps.len(), "thing");
        remarks.push(Remark {
            level,
            title: "keysweep: not everything was looked at",
            text: listed(&format!("{title} not looked at:"), &outcome.gaps),
        });
    }
    if !outcome.notices.is_empty() {
        remarks.push(Remark {
            level: if outcome.terms.strict {
                level
            } else {
                Level::Warning
            },
            title: "keysweep: limits of this run",
            text: listed("Limits of this run:", &outcome.notices),
        });
    }
    remarks
}

fn listed<T: std::fmt::Display>(head: &str, all: &[T]) -> String {
    let mut lines = vec![head.to_owned()];
    lines.extend(
        all.iter()
            .take(MAX_NAMED)
            .map(|one| one_line(&one.to_string())),
    );
    if all.len() > MAX_NAMED {
        let more = grouped((all.len() - MAX_NAMED) as u64);
        lines.push(format!("and {more} more; json and sarif list them"));
    }
    lines.join("\n")
}

/// `src/app.js:3: A function key is in …`: a log shows no place beside it.
pub(super) fn with_place(finding: &Finding) -> String {
    format!(
        "{}: {}",
        spot(&finding.location),
        one_line(&finding.unpacked().message)
    )
}

/// `src/app.js:3`, or the resource's id: as a line shows it.
pub(super) fn spot(location: &Location) -> String {
    match location {
        Location::File(place) => printable(&format!("{}:{}", place.path, place.start.line)),
        Location::Resource(_) => printable(&location.to_string()),
    }
}

/// Findings that were not annotated, as plain lines of the log.
pub(super) fn plain(finding: &Finding) -> String {
    let head = format!("{} {}", finding.severity.as_str(), finding.rule);
    inert(&format!("{head}: {}", with_place(finding)))
}

/// The last lines: what has no annotation, and the verdict.
pub(super) fn closing(outcome: &Outcome, tally: &Tally<'_>) -> Vec<String> {
    let aside = [
        (tally.suppressed, "suppressed"),
        (tally.known, "known from the baseline"),
    ];
    let aside = aside.iter().filter(|(n, _)| *n > 0).map(|(n, why)| {
        let findings = count(*n, "finding");
        format!("keysweep: {findings} {why}: not annotated")
    });
    let verdict = format!("keysweep: {}", verdict_sentence(outcome, tally));
    aside.chain([verdict]).collect()
}

/// The text on one line, without control characters.
pub(super) fn one_line(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The text with no command in it: both systems know some that may stand
/// anywhere in a line, and a path can spell one.
pub(super) fn inert(text: &str) -> String {
    text.replace("##", "# #")
}
