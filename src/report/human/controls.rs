//! Findings by the controls that they are evidence against, with the controls
//! that passed and those that were not evaluated.

use std::io;

use super::first_sentence;
use super::layout::{self, Page, columns};
use crate::excerpt::printable;
use crate::finding::Finding;
use crate::outcome::Outcome;
use crate::report::standing::{
    Assessment, Standing, assess, by_framework, ids, tally, without_control,
};
use crate::report::tally::count;

/// Findings shown for one control; each is shown for each of its controls.
const MAX_FINDINGS: usize = 12;

pub(super) fn write(page: &mut Page<'_>, outcome: &Outcome) -> io::Result<()> {
    let assessments = assess(outcome);
    for (framework, controls) in by_framework(&assessments) {
        heading(page, framework, &tally(&controls))?;
        for control in controls {
            one(page, control)?;
        }
        page.line("")?;
    }
    let others = without_control(outcome);
    if !others.is_empty() {
        heading(page, "No control", &count(others.len(), "finding"))?;
        findings(page, &others)?;
        page.line("")?;
    }
    Ok(())
}

fn heading(page: &mut Page<'_>, title: &str, numbers: &str) -> io::Result<()> {
    let title = printable(title);
    let used = columns(&title) + columns(numbers) + 8;
    let rest = "━".repeat(page.width().saturating_sub(used).max(2));
    page.line(&format!("━━ {} ━ {numbers} {rest}", page.bold(&title)))
}

fn one(page: &mut Page<'_>, control: &Assessment<'_>) -> io::Result<()> {
    let (mark, colour) = match control.standing {
        Standing::Failed => ("✗", anstyle::AnsiColor::Red),
        Standing::Partly => ("◐", anstyle::AnsiColor::Yellow),
        Standing::Passed => ("✓", anstyle::AnsiColor::Green),
        Standing::NotEvaluated => ("–", anstyle::AnsiColor::BrightBlack),
    };
    let colour = colour.on_default();
    let name = format!("{} {}", control.id, control.title);
    page.line("")?;
    page.line(&format!(
        "{} {} {}",
        page.paint(colour.bold(), mark),
        page.bold(printable(&name).trim_end()),
        page.paint(colour, &format!("— {}", said(control))),
    ))?;
    if !control.evaluated.is_empty() {
        page.paragraph("    ", &format!("evaluated: {}", ids(&control.evaluated)))?;
    }
    if !control.not_evaluated.is_empty() {
        let others = ids(&control.not_evaluated);
        page.paragraph("    ", &format!("not evaluated: {others}"))?;
    }
    findings(page, &control.findings)
}

/// `failed: 3 findings, 1 accepted`.
fn said(control: &Assessment<'_>) -> String {
    let mut parts = Vec::new();
    if !control.findings.is_empty() {
        parts.push(count(control.findings.len(), "finding"));
    }
    if control.accepted > 0 {
        parts.push(format!("{} accepted", control.accepted));
    }
    let word = control.standing.as_str();
    match parts.is_empty() {
        true => word.to_owned(),
        false => format!("{word}: {}", parts.join(", ")),
    }
}

fn findings(page: &mut Page<'_>, all: &[&Finding]) -> io::Result<()> {
    for finding in all.iter().take(MAX_FINDINGS) {
        let label = format!("{}[{}]", finding.severity.as_str(), finding.rule);
        let place = printable(&finding.location.to_string());
        let colour = layout::of(finding.severity);
        page.line(&format!("    {} {place}", page.paint(colour, &label)))?;
        page.paragraph("      ", first_sentence(&finding.unpacked().message).0)?;
    }
    match all.len().saturating_sub(MAX_FINDINGS) {
        0 => Ok(()),
        more => page.line(&format!(
            "    and {} (--format json has them all)",
            count(more, "further finding")
        )),
    }
}
