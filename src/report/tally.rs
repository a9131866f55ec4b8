//! The numbers that every summary needs, counted once.

use std::collections::BTreeMap;

use crate::finding::Severity;
use crate::location::Location;
use crate::outcome::{Coverage, Outcome, Verdict};

/// Counts of an outcome; suppressed findings are in `suppressed` only, known
/// ones in `known` only.
#[derive(Debug, Default)]
pub(super) struct Tally<'a> {
    /// Findings that count.
    pub(super) findings: usize,
    /// Of them, those at or above `--fail-on`.
    pub(super) failing: usize,
    /// Findings that a comment or the policy set aside.
    pub(super) suppressed: usize,
    /// Findings that the baseline has, and nothing else sets aside.
    pub(super) known: usize,
    pub(super) by_severity: BTreeMap<Severity, usize>,
    pub(super) by_rule: BTreeMap<&'a str, usize>,
    pub(super) by_caller: BTreeMap<String, usize>,
    pub(super) by_app: BTreeMap<String, usize>,
}

impl<'a> Tally<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        let mut tally = Self::default();
        for finding in &outcome.findings {
            if finding.suppressed.is_some() {
                tally.suppressed += 1;
                continue;
            }
            if finding.is_known() {
                tally.known += 1;
                continue;
            }
            tally.findings += 1;
            let fails = |least| finding.severity >= least;
            tally.failing += usize::from(outcome.terms.fail_on.is_some_and(fails));
            *tally.by_severity.entry(finding.severity).or_default() += 1;
            *tally.by_rule.entry(&finding.rule).or_default() += 1;
            let texts = finding.unpacked();
            let name = |property: &str| Some(texts.properties.get(property)?.as_str()?.to_owned());
            if let Some(caller) = name("caller") {
                *tally.by_caller.entry(caller).or_default() += 1;
            }
            if let (Location::Resource(_), Some(app)) = (&finding.location, name("app")) {
                *tally.by_app.entry(app).or_default() += 1;
            }
        }
        tally
    }
}

/// What was looked at, in words.
pub(super) fn looked_at(coverage: &Coverage) -> String {
    let number = |n: u64, noun: &str| count(usize::try_from(n).unwrap_or(usize::MAX), noun);
    match coverage.tenant {
        None if coverage.commits > 0 => format!(
            "{} of {}",
            number(coverage.files, "version"),
            number(coverage.commits, "commit"),
        ),
        None => number(coverage.files, "file"),
        Some(tenant) => format!(
            "{} of {}, {}, {}",
            grouped(tenant.assessed),
            number(tenant.apps, "app"),
            number(tenant.keys, "key"),
            number(tenant.subscriptions, "subscription"),
        ),
    }
}

/// The last line of a report: the verdict in words.
pub(super) fn verdict_sentence(outcome: &Outcome, tally: &Tally<'_>) -> String {
    let verdict = outcome.verdict();
    let findings = match (tally.findings, outcome.terms.fail_on) {
        (0, _) => "no findings".to_owned(),
        (n, Some(least)) if tally.failing > 0 => {
            let rest = match n - tally.failing {
                0 => String::new(),
                below => format!(", {below} below"),
            };
            let failing = count(tally.failing, "finding");
            format!("{failing} at or above {}{rest}", least.as_str())
        }
        (n, Some(least)) => {
            format!(
                "{}, none at or above {}",
                count(n, "finding"),
                least.as_str()
            )
        }
        (n, None) => format!(
            "{}, none of which fails the run (--fail-on never)",
            count(n, "finding")
        ),
    };
    let findings = match grouped(tally.known as u64) {
        _ if tally.known == 0 => findings,
        known if tally.findings == 0 => format!("no new findings, {known} known"),
        known => format!("{findings}, {known} known"),
    };
    let limits = outcome.notices.iter().filter(|n| n.is_limit()).count();
    let unseen = match (outcome.gaps.len(), limits) {
        (0, notices) if outcome.terms.strict && notices > 0 => {
            format!("{} with --strict", count(notices, "notice"))
        }
        (gaps, _) => format!("{} not looked at", count(gaps, "thing")),
    };
    let code = verdict.code();
    match verdict {
        Verdict::Incomplete => format!("incomplete: {unseen}; {findings}: exit code {code}"),
        Verdict::Findings if outcome.gaps.is_empty() => format!("{findings}: exit code {code}"),
        Verdict::Findings => format!("{findings}; {unseen}, which is allowed: exit code {code}"),
        Verdict::Clean => {
            let word = if tally.findings == 0 {
                "clean"
            } else {
                "passed"
            };
            let allowed = match outcome.gaps.len() {
                0 => String::new(),
                _ => format!("; {unseen}, which is allowed"),
            };
            format!("{word}: {findings}{allowed}: exit code {code}")
        }
    }
}

/// `1 finding`, `2,000 findings`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(n as u64))
}

/// `2,000`.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{BaselineState, Finding};
    use crate::gap::{Gap, GapReason, Notice};
    use crate::report::fixture::{self, finding};

    #[test]
    fn groups_digits() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }

    fn sentence(change: impl FnOnce(&mut Outcome)) -> String {
        let mut outcome = Outcome::default();
        change(&mut outcome);
        verdict_sentence(&outcome, &Tally::of(&outcome))
    }

    #[test]
    fn the_verdict_is_a_sentence() {
        let high = || finding("KS1003", Severity::High);
        let low = || finding("KS2006", Severity::Low);
        let known = || Finding {
            baseline: Some(BaselineState::Unchanged),
            ..high()
        };
        let gap = || Gap {
            subject: "a".to_owned(),
            reason: GapReason::Vanished,
        };
        assert_eq!(sentence(|_| {}), "clean: no findings: exit code 0");
        assert_eq!(
            sentence(|outcome| outcome.findings = vec![high(), high(), low()]),
            "2 findings at or above high, 1 below: exit code 1"
        );
        assert_eq!(
            sentence(|outcome| outcome.findings = vec![low()]),
            "passed: 1 finding, none at or above high: exit code 0"
        );
        assert_eq!(
            sentence(|outcome| outcome.findings = vec![known(), known()]),
            "clean: no new findings, 2 known: exit code 0"
        );
        assert_eq!(
            sentence(|outcome| outcome.findings = vec![high(), known()]),
            "1 finding at or above high, 1 known: exit code 1"
        );
        assert_eq!(
            sentence(|outcome| {
                outcome.findings = vec![high()];
                outcome.terms.fail_on = None;
            }),
            "passed: 1 finding, none of which fails the run (--fail-on never): exit code 0"
        );
        assert_eq!(
            sentence(|outcome| {
                outcome.findings = vec![high()];
                outcome.gaps = vec![gap()];
            }),
            "incomplete: 1 thing not looked at; 1 finding at or above high: exit code 2"
        );
        assert_eq!(
            sentence(|outcome| {
                outcome.gaps = vec![gap()];
                outcome.terms.allow_incomplete = true;
            }),
            "clean: no findings; 1 thing not looked at, which is allowed: exit code 0"
        );
        assert_eq!(
            sentence(|outcome| {
                outcome.notices = vec![
                    Notice::RulesNotEvaluated(vec!["KS1101".to_owned()]),
                    Notice::ArchivesNotOpened {
                        count: 1,
                        example: "a.zip".to_owned(),
                    },
                ];
                outcome.terms.strict = true;
            }),
            "incomplete: 1 notice with --strict; no findings: exit code 2"
        );
    }

    #[test]
    fn suppressed_findings_count_nowhere_else() {
        let outcome = fixture::outcome();
        let tally = Tally::of(&outcome);
        assert_eq!(tally.suppressed, 1);
        assert_eq!(tally.findings + tally.suppressed, outcome.findings.len());
        assert_eq!(tally.by_rule.values().sum::<usize>(), tally.findings);
    }
}
