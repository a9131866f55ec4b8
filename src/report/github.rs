//! Annotations of GitHub Actions: workflow commands, one a line.
//!
//! `::error title=…,file=…,line=…,endLine=…,col=…::text`, escaped and ordered as
//! GitHub's own toolkit writes it. The text repeats the place: the log and the
//! list of annotations show no properties.

use std::fmt::Display;
use std::io::{self, Write};

use super::pick::{self, Level, MAX_OF_A_KIND};
use super::tally::{Tally, count};
use crate::excerpt::is_deceptive;
use crate::finding::Finding;
use crate::location::FilePlace;
use crate::outcome::Outcome;
use crate::rule::Metadata;

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut used = Used::default();
    for remark in pick::remarks(outcome) {
        used.take(remark.level);
        let title = property("title", remark.title);
        command(out, remark.level, &[title], &remark.text)?;
    }
    let mut rest = Vec::new();
    for finding in pick::worst_first(outcome) {
        if used.take(finding.severity.into()) {
            annotate(out, outcome, finding)?;
        } else {
            rest.push(finding);
        }
    }
    if !rest.is_empty() {
        let more = count(rest.len(), "further finding");
        writeln!(
            out,
            "::group::{more} not annotated: a step has {MAX_OF_A_KIND} annotations of a kind"
        )?;
        for finding in rest {
            writeln!(out, "{}", pick::plain(finding))?;
        }
        writeln!(out, "::endgroup::")?;
    }
    for line in pick::closing(outcome, &Tally::of(outcome)) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// How many annotations of each kind there are.
#[derive(Default)]
struct Used {
    errors: usize,
    warnings: usize,
    notices: usize,
}

impl Used {
    /// Takes one, if there is one left.
    fn take(&mut self, level: Level) -> bool {
        let used = match level {
            Level::Error => &mut self.errors,
            Level::Warning => &mut self.warnings,
            Level::Notice => &mut self.notices,
        };
        *used += 1;
        *used <= MAX_OF_A_KIND
    }
}

fn annotate(out: &mut dyn Write, outcome: &Outcome, finding: &Finding) -> io::Result<()> {
    let rule = outcome.rules.iter().find(|rule| rule.id == finding.rule);
    let mut properties = vec![property("title", title(finding, rule))];
    if let Some(place) = finding.location.file() {
        properties.extend(place_properties(place));
    }
    let text = pick::with_place(finding);
    command(out, finding.severity.into(), &properties, &text)
}

fn title(finding: &Finding, rule: Option<&Metadata>) -> String {
    let name = rule.map_or_else(String::new, |rule| format!(" {}", rule.name));
    format!("{}{name} ({})", finding.rule, finding.severity.as_str())
}

/// A column is refused where the place spans lines.
fn place_properties(place: &FilePlace) -> impl Iterator<Item = String> + use<> {
    let last = place.last_line();
    let column = (last == place.start.line).then(|| property("col", place.start.column));
    [
        property("file", &place.path),
        property("line", place.start.line),
        property("endLine", last),
    ]
    .into_iter()
    .chain(column)
}

fn command(out: &mut dyn Write, level: Level, properties: &[String], text: &str) -> io::Result<()> {
    let word = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let text = escaped(&pick::inert(text));
    writeln!(out, "::{word} {}::{text}", properties.join(","))
}

/// A property; those of a place keep the exact path, or it would link to none.
fn property(name: &str, value: impl Display) -> String {
    let value = escaped(&value.to_string());
    let value = value.replace(':', "%3A").replace(',', "%2C");
    format!("{name}={value}")
}

/// Line breaks survive, what would act on a terminal does not.
fn escaped(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace(is_deceptive, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::report::fixture;

    fn text(outcome: &Outcome) -> String {
        let mut out = Vec::new();
        write(outcome, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_run_with_findings_and_gaps() {
        insta::assert_snapshot!(text(&fixture::outcome()));
    }

    #[test]
    fn hostile_names_stay_data() {
        let text = text(&fixture::hostile());
        insta::assert_snapshot!(text);
        assert!(text.lines().all(|line| !line.contains(is_deceptive)));
        let mut plain = text.lines().filter(|line| !line.starts_with("::"));
        assert!(plain.all(|line| !line.contains("##")));
    }

    #[test]
    fn the_worst_are_annotated_and_the_rest_counted() {
        let mut outcome = fixture::big(30);
        outcome.findings[29].severity = Severity::Critical;
        outcome.gaps.clear();
        let text = text(&outcome);
        let errors: Vec<_> = text.lines().filter(|l| l.starts_with("::error ")).collect();
        assert_eq!(errors.len(), MAX_OF_A_KIND);
        assert!(errors[0].contains("(critical)"), "{}", errors[0]);
        assert!(text.contains("::group::20 further findings not annotated: "));
        let plain = text.lines().filter(|l| l.starts_with("high KS1003: "));
        assert_eq!(plain.count(), 20);
    }

    #[test]
    fn what_does_not_count_is_not_annotated() {
        let mut outcome = fixture::big(2);
        outcome.gaps.clear();
        outcome.notices.clear();
        outcome.findings[0].suppressed = Some(fixture::suppressed());
        outcome.findings[1].baseline = Some(crate::finding::BaselineState::Unchanged);
        insta::assert_snapshot!(text(&outcome), @r"
        keysweep: 1 finding suppressed: not annotated
        keysweep: 1 finding known from the baseline: not annotated
        keysweep: clean: no new findings, 1 known: exit code 0
        ");
    }
}
