//! A page for job summaries: what was found, where, and what to do.
//!
//! It is shown to people by whoever renders Markdown, beside buttons that they
//! trust: whatever comes from a document is text and nothing else, no markup,
//! no link, no image. GitHub drops a summary above 1 MiB as a whole, so each
//! part has a share, and says what it leaves out.

mod controls;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Group;
use super::pick::{spot, worst_first};
use super::remedy::{first_step, item};
use super::tally::{Tally, count, grouped, looked_at, verdict_sentence};
use crate::finding::{Finding, Severity};
use crate::outcome::Outcome;
use crate::rule::Metadata;
pub(crate) use text::words as cell;
use text::{code, fenced, prose, words};

/// Bytes for the findings; with the other parts it stays below 1 MiB, and
/// leaves room for what else a step writes.
const FINDINGS: usize = 700_000;

/// Bytes for what to do.
const REMEDIES: usize = 150_000;

/// Bytes for what was not looked at, and for limits of the run.
const UNSEEN: usize = 50_000;

/// Where the rest is.
const ELSEWHERE: &str = "the json and sarif formats list them";

pub(super) fn write(outcome: &Outcome, group: Group, out: &mut dyn Write) -> io::Result<()> {
    let tally = Tally::of(outcome);
    let mark = match outcome.verdict().code() {
        0 => "✅",
        1 => "❌",
        _ => "⚠️",
    };
    writeln!(out, "## {mark} keysweep\n")?;
    writeln!(out, "**{}**\n", words(&verdict_sentence(outcome, &tally)))?;
    let rules: BTreeMap<&str, &Metadata> = outcome
        .rules
        .iter()
        .map(|rule| (rule.id.as_str(), rule))
        .collect();
    if tally.findings > 0 {
        writeln!(out, "{}\n", numbers(&tally))?;
    }
    match group {
        Group::Control => controls::write(out, outcome, &rules)?,
        Group::Rule if tally.findings > 0 => {
            let all = worst_first(outcome);
            findings(out, FINDINGS, &all, &rules)?;
            remedies(out, &tally, &rules)?;
        }
        Group::Rule => {}
    }
    let gaps = outcome.gaps.iter().map(|gap| {
        let reason = prose(&gap.reason.to_string());
        format!("- {}: {reason}\n", code(&gap.subject))
    });
    unseen(out, "Not looked at", gaps)?;
    let notices = outcome.notices.iter();
    let notices = notices.map(|notice| format!("- {}\n", prose(&notice.to_string())));
    unseen(out, "Limits of this run", notices)?;
    let aside = [
        (tally.suppressed, "suppressed"),
        (tally.known, "known from the baseline"),
    ];
    for (n, why) in aside.into_iter().filter(|(n, _)| *n > 0) {
        let findings = count(n, "finding");
        writeln!(out, "{findings} {why} and not listed here; {ELSEWHERE}.\n")?;
    }
    writeln!(
        out,
        "Looked at: {} with {}.",
        looked_at(&outcome.coverage),
        count(outcome.rules.len(), "rule"),
    )
}

/// `1 critical, 2 high`.
fn numbers(tally: &Tally<'_>) -> String {
    let parts = tally.by_severity.iter().rev();
    let parts: Vec<_> = parts
        .map(|(severity, n)| format!("{} {}", grouped(*n as u64), severity.as_str()))
        .collect();
    parts.join(", ")
}

fn findings(
    out: &mut dyn Write,
    bytes: usize,
    all: &[&Finding],
    rules: &BTreeMap<&str, &Metadata>,
) -> io::Result<()> {
    writeln!(out, "| Severity | Place | Rule | Finding |")?;
    writeln!(out, "| --- | --- | --- | --- |")?;
    let rows = all.iter().map(|finding| row(finding, rules));
    let left = within(out, bytes, rows)?;
    writeln!(out)?;
    if left > 0 {
        let more = count(left, "further finding");
        writeln!(
            out,
            "{more} left out, to keep this page below 1 MiB; {ELSEWHERE}.\n"
        )?;
    }
    Ok(())
}

fn row(finding: &Finding, rules: &BTreeMap<&str, &Metadata>) -> String {
    let name = rules
        .get(finding.rule.as_str())
        .map_or("", |rule| &rule.name);
    let finding = finding.unpacked();
    let also = match finding.related.len() {
        0 => String::new(),
        n => format!(" and {} more", grouped(n as u64)),
    };
    format!(
        "| {} {} | {}{also} | {} {} | {} |\n",
        dot(finding.severity),
        finding.severity.as_str(),
        code(&spot(&finding.location)),
        words(&finding.rule),
        words(name),
        words(&finding.message),
    )
}

/// A colour for the eye; the word beside it says the same.
fn dot(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🟣",
        Severity::High => "🔴",
        Severity::Medium => "🟠",
        Severity::Low => "🟡",
        Severity::Note => "⚪",
    }
}

/// What to do, for every rule that found something.
fn remedies(
    out: &mut dyn Write,
    tally: &Tally<'_>,
    rules: &BTreeMap<&str, &Metadata>,
) -> io::Result<()> {
    let fired = tally.by_rule.keys().filter_map(|id| rules.get(id));
    let mut parts: Vec<_> = fired.filter_map(|rule| remedy(rule)).collect();
    if parts.is_empty() {
        return Ok(());
    }
    parts.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    writeln!(out, "### What to do\n")?;
    let left = within(out, REMEDIES, parts.into_iter().map(|(_, text)| text))?;
    if left > 0 {
        writeln!(
            out,
            "For {} more: `keysweep rules explain`.\n",
            count(left, "rule")
        )?;
    }
    Ok(())
}

fn remedy(rule: &Metadata) -> Option<(Severity, String)> {
    let step = first_step(&rule.help.fix);
    if step.paragraphs.is_empty() && step.commands.is_empty() {
        return None;
    }
    let mut text = format!("**{} {}**\n\n", words(&rule.id), words(&rule.name));
    for paragraph in &step.paragraphs {
        text.push_str(&match item(paragraph) {
            Some((mark, text)) => format!("{mark} {}\n", prose(text)),
            None => format!("{}\n\n", prose(paragraph)),
        });
    }
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    if !step.commands.is_empty() {
        text.push_str(&fenced(&step.commands));
        text.push('\n');
    }
    if step.more {
        text.push_str(&format!(
            "More: {}\n\n",
            code(&format!("keysweep rules explain {}", rule.id))
        ));
    }
    Some((rule.severity, text))
}

fn unseen(
    out: &mut dyn Write,
    title: &str,
    lines: impl ExactSizeIterator<Item = String>,
) -> io::Result<()> {
    if lines.len() == 0 {
        return Ok(());
    }
    writeln!(out, "### {title}\n")?;
    let left = within(out, UNSEEN, lines)?;
    if left > 0 {
        writeln!(out, "- and {} more; {ELSEWHERE}", grouped(left as u64))?;
    }
    writeln!(out)
}

/// Writes parts as long as they fit; the answer is how many did not.
fn within(
    out: &mut dyn Write,
    bytes: usize,
    parts: impl ExactSizeIterator<Item = String>,
) -> io::Result<usize> {
    let (mut used, mut left) = (0, parts.len());
    for part in parts {
        used += part.len();
        if used > bytes {
            break;
        }
        out.write_all(part.as_bytes())?;
        left -= 1;
    }
    Ok(left)
}

#[cfg(test)]
mod tests;
