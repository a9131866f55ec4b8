//! JUnit XML: every rule that ran is a test suite, every finding a failed test.
//!
//! A rule that found nothing is a passed test, so that a report shows what was
//! checked. What does not count is a skipped test with its reason, and what was
//! not looked at an error. The elements and attributes are those that the
//! schemas of Jenkins and of JUnit 5 have in common; GitLab and Azure Pipelines
//! read them too. No times and no host: the same outcome gives the same bytes.

mod xml;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::json::kind;
use super::pick::{one_line, spot};
use super::remedy::first_step;
use crate::finding::Finding;
use crate::gap::Gap;
use crate::outcome::Outcome;
use crate::rule::Metadata;
use xml::{attribute, content};

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let suites = suites(outcome);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"keysweep\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        suites.iter().map(Suite::tests).sum::<usize>(),
        suites.iter().map(Suite::failures).sum::<usize>(),
        suites.iter().map(Suite::errors).sum::<usize>(),
    )?;
    for suite in &suites {
        suite.write(out)?;
    }
    writeln!(out, "</testsuites>")
}

/// What becomes a test suite.
enum Suite<'a> {
    /// A rule and what it found; the rule's own words, where it was evaluated.
    Rule {
        id: &'a str,
        rule: Option<&'a Metadata>,
        findings: Vec<&'a Finding>,
    },
    /// What was not looked at.
    Gaps(&'a [Gap]),
}

/// One for each rule, in the order of their ids, and one for the gaps.
fn suites(outcome: &Outcome) -> Vec<Suite<'_>> {
    let mut rules: BTreeMap<&str, (Option<&Metadata>, Vec<&Finding>)> = BTreeMap::new();
    for rule in &outcome.rules {
        rules.entry(&rule.id).or_default().0 = Some(rule);
    }
    for finding in &outcome.findings {
        rules.entry(&finding.rule).or_default().1.push(finding);
    }
    let gaps = (!outcome.gaps.is_empty()).then_some(Suite::Gaps(&outcome.gaps));
    let rules = rules
        .into_iter()
        .map(|(id, (rule, findings))| Suite::Rule { id, rule, findings });
    rules.chain(gaps).collect()
}

impl Suite<'_> {
    fn tests(&self) -> usize {
        match self {
            Self::Rule { findings, .. } => findings.len().max(1),
            Self::Gaps(gaps) => gaps.len(),
        }
    }

    fn failures(&self) -> usize {
        match self {
            Self::Rule { findings, .. } => findings.iter().filter(|f| f.counts()).count(),
            Self::Gaps(_) => 0,
        }
    }

    fn skipped(&self) -> usize {
        match self {
            Self::Rule { findings, .. } => findings.len() - self.failures(),
            Self::Gaps(_) => 0,
        }
    }

    fn errors(&self) -> usize {
        match self {
            Self::Rule { .. } => 0,
            Self::Gaps(gaps) => gaps.len(),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Rule { id, rule, .. } => {
                let name = rule.map_or_else(String::new, |rule| format!(" {}", rule.name));
                format!("{id}{name}")
            }
            Self::Gaps(_) => "not looked at".to_owned(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            attribute(&self.name()),
            self.tests(),
            self.failures(),
            self.errors(),
            self.skipped(),
        )?;
        match self {
            Self::Rule { id, rule, findings } => {
                if findings.is_empty() {
                    let summary = rule.map_or("", |rule| &rule.summary);
                    let class = class(id);
                    let name = attribute(&one_line(&format!("none: {summary}")));
                    writeln!(out, "    <testcase classname=\"{class}\" name=\"{name}\"/>")?;
                }
                for finding in findings {
                    test(out, id, *rule, finding)?;
                }
            }
            Self::Gaps(gaps) => {
                for gap in *gaps {
                    error(out, gap)?;
                }
            }
        }
        writeln!(out, "  </testsuite>")
    }
}

fn class(id: &str) -> String {
    attribute(&format!("keysweep.{id}"))
}

fn open(out: &mut dyn Write, id: &str, name: &str) -> io::Result<()> {
    let (class, name) = (class(id), attribute(name));
    writeln!(out, "    <testcase classname=\"{class}\" name=\"{name}\">")
}

fn test(
    out: &mut dyn Write,
    id: &str,
    rule: Option<&Metadata>,
    finding: &Finding,
) -> io::Result<()> {
    open(out, id, &one_line(&finding.location.to_string()))?;
    let finding = &*finding.unpacked();
    if finding.counts() {
        let severity = finding.severity.as_str();
        let message = attribute(&one_line(&finding.message));
        let text = content(&detail(rule, finding));
        writeln!(
            out,
            "      <failure type=\"{severity}\" message=\"{message}\">{text}</failure>"
        )?;
    } else {
        let why = match &finding.suppressed {
            Some(suppressed) => format!("suppressed: {}", one_line(&suppressed.justification)),
            None => "known from the baseline".to_owned(),
        };
        writeln!(out, "      <skipped>{}</skipped>", content(&why))?;
    }
    writeln!(out, "    </testcase>")
}

/// The masked line, the other places, what to do.
fn detail(rule: Option<&Metadata>, finding: &Finding) -> String {
    let mut lines = vec![format!(
        "{}: {}",
        spot(&finding.location),
        one_line(&finding.message)
    )];
    lines.extend(finding.excerpt.as_ref().map(|e| e.text().to_owned()));
    for related in &finding.related {
        let message = one_line(&related.message);
        lines.push(format!("also {}: {message}", spot(&related.location)));
    }
    if let Some(rule) = rule {
        let step = first_step(&rule.help.fix);
        lines.extend(step.paragraphs.iter().map(|paragraph| one_line(paragraph)));
        lines.extend(step.commands.iter().map(|command| one_line(command)));
    }
    lines.join("\n")
}

fn error(out: &mut dyn Write, gap: &Gap) -> io::Result<()> {
    open(out, "gap", &one_line(&gap.subject))?;
    let kind = attribute(&kind(&gap.reason));
    let message = attribute(&one_line(&gap.reason.to_string()));
    let text = content(&one_line(&gap.to_string()));
    writeln!(
        out,
        "      <error type=\"{kind}\" message=\"{message}\">{text}</error>"
    )?;
    writeln!(out, "    </testcase>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::BaselineState;
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
        insta::assert_snapshot!(text(&fixture::hostile()));
    }

    #[test]
    fn what_does_not_count_is_skipped() {
        let mut outcome = fixture::big(3);
        outcome.gaps.clear();
        outcome.rules.truncate(2);
        outcome.findings[0].suppressed = Some(fixture::suppressed());
        outcome.findings[1].baseline = Some(BaselineState::Unchanged);
        let text = text(&outcome);
        assert!(text.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"2\""));
        assert!(text.contains("<skipped>suppressed: revoked in May</skipped>"));
        assert!(text.contains("<skipped>known from the baseline</skipped>"));
        assert!(text.contains("name=\"KS1001 MasterKeyLeaked\" tests=\"1\" failures=\"0\""));
    }
}
