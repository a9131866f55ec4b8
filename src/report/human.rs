//! The report for people.
//!
//! Findings are grouped by rule, the worst first, and in the order of the
//! files within a rule: what is wrong is said per finding, in as few lines as
//! it takes, and what to do about it once per rule. The summary and the
//! verdict come last, where a terminal ends up.
//!
//! miette draws our other errors, and this looks like it. It is drawn here
//! because an excerpt is one line, masked, cropped around the key: its line
//! number and column are not those of the text at hand.

mod controls;
mod layout;
mod place;
mod remedy;
mod summary;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::tally::{Tally, count};
use super::{Group, Outcome, Style};
use crate::excerpt::Excerpt;
use crate::finding::{Finding, Severity};
use crate::rule::Metadata;
use layout::{Page, columns, fit, wrap};

/// Findings of a rule whose steps are shown; json and sarif have them all.
const MAX_STEPS_SHOWN: usize = 3;

/// Other places shown of one finding; json and sarif have them all.
const MAX_RELATED: usize = 8;

pub(super) fn write(outcome: &Outcome, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    let rules: BTreeMap<&str, &Metadata> = outcome
        .rules
        .iter()
        .map(|rule| (rule.id.as_str(), rule))
        .collect();
    match style.group {
        Group::Rule => by_rule(&mut page, outcome, &rules)?,
        Group::Control => controls::write(&mut page, outcome)?,
    }
    summary::write(&mut page, outcome, &rules, &Tally::of(outcome))
}

/// The findings of each rule, and what to do about them.
fn by_rule(
    page: &mut Page<'_>,
    outcome: &Outcome,
    rules: &BTreeMap<&str, &Metadata>,
) -> io::Result<()> {
    let mut groups: BTreeMap<(Reverse<Severity>, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in outcome.findings.iter().filter(|f| f.counts()) {
        let key = (Reverse(finding.severity), finding.rule.as_str());
        groups.entry(key).or_default().push(finding);
    }
    for ((Reverse(severity), id), findings) in groups {
        let rule = rules.get(id).copied();
        heading(page, severity, id, rule, findings.len())?;
        let mut said = String::new();
        for (at, finding) in findings.into_iter().enumerate() {
            let finding = &*finding.unpacked();
            let (sentence, rest) = first_sentence(&finding.message);
            let repeated = !rest.is_empty() && rest == said;
            let message = if repeated { sentence } else { &finding.message };
            said = rest.to_owned();
            entry(page, finding, message)?;
            if at < MAX_STEPS_SHOWN {
                remedy::steps(page, &finding.steps)?;
            }
        }
        if let Some(rule) = rule {
            remedy::write(page, rule)?;
        }
    }
    Ok(())
}

/// The line above the findings of a rule.
fn heading(
    page: &mut Page<'_>,
    severity: Severity,
    id: &str,
    rule: Option<&Metadata>,
    findings: usize,
) -> io::Result<()> {
    let name = rule.map_or("", |rule| &rule.name);
    let title = format!("{} {id} {name}", severity.as_str());
    let title = title.trim_end();
    let number = count(findings, "finding");
    let used = columns(title) + columns(&number) + 8;
    let rest = "━".repeat(page.width().saturating_sub(used).max(2));
    let colour = layout::of(severity);
    page.line(&format!(
        "{} {} {} {} {}",
        page.paint(colour, "━━"),
        page.paint(colour.bold(), title),
        page.paint(colour, "━"),
        number,
        page.paint(colour, &rest),
    ))?;
    if let Some(rule) = rule {
        page.paragraph("", &rule.summary)?;
    }
    page.line("")
}

/// What was found, and what it means: the latter is often the same for every
/// finding of a rule, and then said once.
fn first_sentence(message: &str) -> (&str, &str) {
    let end = message.find(". ").map_or(message.len(), |at| at + 1);
    message.split_at(end)
}

/// One finding: what, where, the masked line, the other places.
fn entry(page: &mut Page<'_>, finding: &Finding, message: &str) -> io::Result<()> {
    let colour = layout::of(finding.severity);
    let label = format!("{}[{}]:", finding.severity.as_str(), finding.rule);
    let width = page.width();
    let mut message = wrap(
        message,
        width.saturating_sub(columns(&label) + 1),
        width.saturating_sub(2),
    )
    .into_iter();
    let first = message.next().unwrap_or_default();
    page.line(&format!("{} {first}", page.paint(colour.bold(), &label)))?;
    for line in message {
        page.line(&format!("  {line}"))?;
    }

    let number = finding
        .location
        .file()
        .map_or_else(String::new, |place| place.start.line.to_string());
    let gutter = " ".repeat(number.len().max(3) + 1);
    let open = finding.excerpt.is_some() || !finding.related.is_empty();
    let corner = page.faint(if open { "╭─[" } else { "──[" });
    let at = place::name(&finding.location);
    page.line(&format!("{gutter} {corner}{at}{}", page.faint("]")))?;
    if let Some(excerpt) = &finding.excerpt {
        let number = format!("{number:>width$}", width = gutter.len());
        masked_line(page, excerpt, &number, &gutter, colour)?;
    }
    if open {
        related(page, finding, &gutter)?;
    }
    page.line("")
}

/// The masked line with its real number, and carets under the key.
fn masked_line(
    page: &mut Page<'_>,
    excerpt: &Excerpt,
    number: &str,
    gutter: &str,
    colour: anstyle::Style,
) -> io::Result<()> {
    let room = page.width().saturating_sub(gutter.len() + 3);
    let (text, key) = fit(excerpt.text(), excerpt.highlight(), room);
    let (number, bar) = (page.faint(number), page.faint("│"));
    page.line(&format!("{number} {bar} {text}"))?;
    let carets = "^".repeat(columns(&text[key.clone()]));
    if carets.is_empty() {
        return Ok(());
    }
    let before = " ".repeat(columns(&text[..key.start]));
    page.line(&format!(
        "{gutter} {bar} {before}{}",
        page.paint(colour.bold(), &carets)
    ))
}

/// The other places, and the end of the box.
fn related(page: &mut Page<'_>, finding: &Finding, gutter: &str) -> io::Result<()> {
    let places = &finding.related;
    let shown = &places[..places.len().min(MAX_RELATED)];
    for (at, place) in shown.iter().enumerate() {
        let last = at + 1 == places.len();
        let corner = page.faint(if last { "╰─" } else { "├─" });
        let text = format!("also {}", place::beside(place, finding.location.subject()));
        page.line(&format!("{gutter} {corner} {text}"))?;
    }
    match places.len() - shown.len() {
        0 if !places.is_empty() => Ok(()),
        0 => page.line(&format!("{gutter} {}", page.faint("╰─"))),
        more => {
            let text = format!("and {}", count(more, "further place"));
            page.line(&format!("{gutter} {} {text}", page.faint("╰─")))
        }
    }
}

#[cfg(test)]
mod tests;
