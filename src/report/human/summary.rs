//! The end of the report: numbers, what was not seen, the verdict.

use std::collections::BTreeMap;
use std::io;

use super::layout::{self, Page, columns};
use super::{Metadata, Outcome, Tally};
use crate::outcome::Verdict;
use crate::report::tally::{count, grouped, looked_at, verdict_sentence};

/// Gaps and notices shown; json and sarif have them all.
const MAX_UNSEEN: usize = 40;

/// Callers and apps shown, those with most findings.
const MAX_CALLERS: usize = 12;

pub(super) fn write(
    page: &mut Page<'_>,
    outcome: &Outcome,
    rules: &BTreeMap<&str, &Metadata>,
    tally: &Tally<'_>,
) -> io::Result<()> {
    if tally.findings > 0 {
        by_rule(page, outcome, rules, tally)?;
        by_severity(page, tally)?;
        by_name(page, "by caller", &tally.by_caller)?;
        by_name(page, "by app", &tally.by_app)?;
    }
    if tally.suppressed > 0 {
        let text = count(tally.suppressed, "finding");
        page.line(&format!(
            "{}{text} (json and sarif list them)",
            label("suppressed")
        ))?;
    }
    if tally.known > 0 {
        let text = count(tally.known, "finding");
        page.line(&format!(
            "{}{text} (json and sarif list them)",
            label("in the baseline")
        ))?;
    }
    unseen(page, "not looked at", &outcome.gaps)?;
    unseen(page, "notice", &outcome.notices)?;
    let coverage = outcome.coverage;
    let bytes = match coverage.tenant {
        Some(_) => String::new(),
        None => format!(" ({})", size(coverage.bytes)),
    };
    page.line(&format!(
        "{}{}{bytes}, {}",
        label("looked at"),
        looked_at(&coverage),
        count(outcome.rules.len(), "rule"),
    ))?;
    page.line("")?;
    let colour = match outcome.verdict() {
        Verdict::Clean => anstyle::AnsiColor::Green,
        Verdict::Findings => anstyle::AnsiColor::Red,
        Verdict::Incomplete => anstyle::AnsiColor::Yellow,
    };
    let verdict = verdict_sentence(outcome, tally);
    page.line(&page.paint(colour.on_default().bold(), &verdict))
}

fn by_rule(
    page: &mut Page<'_>,
    outcome: &Outcome,
    rules: &BTreeMap<&str, &Metadata>,
    tally: &Tally<'_>,
) -> io::Result<()> {
    let severities: BTreeMap<&str, _> = outcome
        .findings
        .iter()
        .filter(|finding| finding.counts())
        .map(|finding| (finding.rule.as_str(), finding.severity))
        .collect();
    let mut rows: Vec<_> = tally
        .by_rule
        .iter()
        .filter_map(|(id, n)| Some((*severities.get(id)?, *id, *n)))
        .collect();
    rows.sort_by_key(|(severity, id, _)| (std::cmp::Reverse(*severity), *id));
    let digits = rows.iter().map(|row| grouped(row.2 as u64).len()).max();
    for (at, (severity, id, n)) in rows.into_iter().enumerate() {
        let head = label(if at == 0 { "by rule" } else { "" });
        let number = format!("{:>1$}", grouped(n as u64), digits.unwrap_or(1));
        let word = format!("{:<8}", severity.as_str());
        let word = page.paint(layout::of(severity), &word);
        let name = rules.get(id).map_or("", |rule| &rule.name);
        page.line(&format!("{head}{number}  {word} {id} {name}"))?;
    }
    Ok(())
}

fn by_severity(page: &mut Page<'_>, tally: &Tally<'_>) -> io::Result<()> {
    let words: Vec<_> = tally
        .by_severity
        .iter()
        .rev()
        .map(|(severity, n)| {
            let text = format!("{} {}", grouped(*n as u64), severity.as_str());
            page.paint(layout::of(*severity), &text)
        })
        .collect();
    page.line(&format!("{}{}", label("by severity"), words.join(", ")))
}

fn by_name(page: &mut Page<'_>, name: &str, all: &BTreeMap<String, usize>) -> io::Result<()> {
    let mut callers: Vec<_> = all.iter().collect();
    callers.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), *name));
    let mut words: Vec<_> = callers
        .iter()
        .take(MAX_CALLERS)
        .map(|(name, n)| format!("{name} {}", grouped(**n as u64)))
        .collect();
    if callers.len() > MAX_CALLERS {
        words.push(format!("and {} more", callers.len() - MAX_CALLERS));
    }
    hanging(page, name, &words.join(", "))
}

/// Gaps or notices, one below the other.
fn unseen<T: std::fmt::Display>(page: &mut Page<'_>, name: &str, all: &[T]) -> io::Result<()> {
    for (at, one) in all.iter().take(MAX_UNSEEN).enumerate() {
        hanging(page, if at == 0 { name } else { "" }, &one.to_string())?;
    }
    match all.len().saturating_sub(MAX_UNSEEN) {
        0 => Ok(()),
        more => hanging(page, "", &format!("and {} more", grouped(more as u64))),
    }
}

/// A label, and text that wraps beside it.
fn hanging(page: &mut Page<'_>, name: &str, text: &str) -> io::Result<()> {
    let room = page.width().saturating_sub(LABEL);
    for (at, line) in layout::wrap(text, room, room).into_iter().enumerate() {
        let head = label(if at == 0 { name } else { "" });
        page.line(&format!("{head}{line}"))?;
    }
    Ok(())
}

/// Columns of a label.
const LABEL: usize = 16;

fn label(name: &str) -> String {
    format!("{name}{}", " ".repeat(LABEL.saturating_sub(columns(name))))
}

/// `1.5 MB`, in the decimal units that disks and networks use.
fn size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < units.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, units[unit])
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_read_well() {
        let sizes = [
            0,
            999,
            1_000,
            12_345,
            999_999,
            56_789_012,
            1_500_000_000_000,
        ];
        let words: Vec<_> = sizes.into_iter().map(size).collect();
        assert_eq!(
            words,
            [
                "0 B", "999 B", "1.0 kB", "12.3 kB", "999.9 kB", "56.7 MB", "1.5 TB"
            ]
        );
    }
}
