//! The top of the page: how it ended, in numbers, and what must be done first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::findings::place;
use super::markup::{self, Markup};
use crate::excerpt::printable;
use crate::finding::{Finding, Severity};
use crate::outcome::{Outcome, Verdict};
use crate::report::pick::worst_first;
use crate::report::remedy::{first_step, item};
use crate::report::tally::{Tally, count, grouped, verdict_sentence};
use crate::rule::Metadata;

/// Rules in the list of what to do first: more is no order any more.
const MAX_PRIORITIES: usize = 6;

/// Places named for each.
const MAX_PLACES: usize = 5;

/// How the run ended.
pub(super) struct Overview {
    pub(super) headline: String,
    pub(super) sentence: String,
    /// `failed`, `passed` or `partly`.
    pub(super) tone: &'static str,
    pub(super) severities: Vec<Share>,
    pub(super) numbers: Vec<Number>,
}

/// Findings of one severity, and its part of a bar 1,000 wide.
pub(super) struct Share {
    pub(super) severity: Severity,
    pub(super) findings: String,
    pub(super) from: usize,
    pub(super) width: usize,
}

/// A number and what it counts.
pub(super) struct Number {
    pub(super) value: String,
    pub(super) label: &'static str,
    /// The section that has more on it.
    pub(super) section: &'static str,
}

/// What to do about the findings of one rule.
pub(super) struct Priority {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) findings: String,
    pub(super) summary: String,
    pub(super) steps: Vec<Markup>,
    pub(super) commands: String,
    /// The ids of findings, and their places.
    pub(super) places: Vec<(String, String)>,
    pub(super) more: usize,
}

pub(super) fn of(outcome: &Outcome, tally: &Tally<'_>) -> Overview {
    let (tone, headline) = match outcome.verdict() {
        Verdict::Clean if tally.findings == 0 => ("passed", "Nothing found".to_owned()),
        Verdict::Clean => (
            "passed",
            format!("{}, none that fails", count(tally.findings, "finding")),
        ),
        Verdict::Findings => (
            "failed",
            format!("{} to act on", count(tally.failing, "finding")),
        ),
        Verdict::Incomplete => ("partly", "Not everything could be looked at".to_owned()),
    };
    Overview {
        headline,
        sentence: verdict_sentence(outcome, tally),
        tone,
        severities: shares(tally),
        numbers: numbers(outcome, tally),
    }
}

/// The parts of a bar; the smallest can still be seen.
fn shares(tally: &Tally<'_>) -> Vec<Share> {
    const LEAST: usize = 12;
    let total = tally.findings.max(1);
    let room = 1_000 - LEAST * tally.by_severity.len();
    let mut from = 0;
    let shares = tally.by_severity.iter().rev().map(|(severity, findings)| {
        let width = LEAST + room * findings / total;
        let share = Share {
            severity: *severity,
            findings: grouped(*findings as u64),
            from,
            width,
        };
        from += width;
        share
    });
    shares.collect()
}

fn numbers(outcome: &Outcome, tally: &Tally<'_>) -> Vec<Number> {
    let number = |n: u64, label, section| Number {
        value: grouped(n),
        label,
        section,
    };
    let mut numbers = Vec::new();
    if outcome.coverage.files > 0 {
        numbers.push(number(outcome.coverage.files, "files read", ""));
    }
    numbers.push(number(
        outcome.rules.len() as u64,
        "rules evaluated",
        "controls",
    ));
    let aside = (tally.suppressed + tally.known) as u64;
    if aside > 0 {
        numbers.push(number(aside, "set aside", "aside"));
    }
    let unseen = outcome.gaps.len() as u64;
    let section = if unseen > 0 { "unseen" } else { "" };
    numbers.push(number(unseen, "not looked at", section));
    numbers
}

/// What must be done first: the worst rules with what they found.
pub(super) fn priorities(outcome: &Outcome, rules: &BTreeMap<&str, &Metadata>) -> Vec<Priority> {
    let mut groups: BTreeMap<(Reverse<Severity>, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in worst_first(outcome) {
        if finding.severity >= Severity::Medium {
            let key = (Reverse(finding.severity), finding.rule.as_str());
            groups.entry(key).or_default().push(finding);
        }
    }
    let groups = groups.into_iter().take(MAX_PRIORITIES);
    groups
        .map(|((Reverse(severity), id), findings)| {
            let rule = rules.get(id);
            let step = first_step(rule.map_or("", |rule| &rule.help.fix));
            let indent = |line: &&str| line.len() - line.trim_start().len();
            let filled = step.commands.iter().filter(|line| !line.is_empty());
            let common = filled.map(indent).min().unwrap_or(0);
            let commands = step.commands.iter();
            let commands = commands.map(|line| printable(line.get(common..).unwrap_or_default()));
            Priority {
                rule: id.to_owned(),
                severity,
                findings: count(findings.len(), "finding"),
                summary: printable(rule.map_or(id, |rule| rule.summary.trim())),
                steps: step.paragraphs.iter().map(|text| paragraph(text)).collect(),
                commands: commands.collect::<Vec<_>>().join("\n"),
                places: findings
                    .iter()
                    .take(MAX_PLACES)
                    .map(|one| (one.stable_id.to_string(), place(&one.location).short))
                    .collect(),
                more: findings.len().saturating_sub(MAX_PLACES),
            }
        })
        .collect()
}

/// A paragraph of help, out of the list that it may stand in.
fn paragraph(text: &str) -> Markup {
    markup::of(item(text).map_or(text, |(_, text)| text))
}
