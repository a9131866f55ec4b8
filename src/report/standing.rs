//! How each control stands: what was found, what passed, what was not looked
//! at. An auditor asks what was checked, not only what failed.

use std::collections::{BTreeMap, BTreeSet};

use crate::control::Catalogue;
use crate::finding::{Finding, Severity};
use crate::gap::GapReason;
use crate::outcome::Outcome;
use crate::rule::{Control, Metadata};

/// How a control stands, as far as keysweep's rules are evidence for it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    /// A rule found something that counts.
    Failed,
    /// Nothing that counts was found, but not every rule was evaluated in full,
    /// or one has a note.
    Partly,
    /// Every rule was evaluated, and nothing was found.
    Passed,
    /// No rule was evaluated.
    NotEvaluated,
}

impl Standing {
    /// The word of the reports.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Partly => "partly evaluated",
            Self::Passed => "passed",
            Self::NotEvaluated => "not evaluated",
        }
    }
}

/// A control, and what its rules found.
#[derive(Debug)]
pub(super) struct Assessment<'a> {
    pub(super) framework: &'a str,
    pub(super) id: &'a str,
    /// Its name; empty for one that only an organisation's own rules name.
    pub(super) title: &'static str,
    /// What it asks for.
    pub(super) says: &'static str,
    pub(super) standing: Standing,
    /// The rules that are evidence for it and were evaluated.
    pub(super) evaluated: Vec<&'a Metadata>,
    /// Those that were not, or not in full.
    pub(super) not_evaluated: Vec<&'a Metadata>,
    /// What they found that counts, the worst first.
    pub(super) findings: Vec<&'a Finding>,
    /// How much of what they found is set aside, or known from a baseline.
    pub(super) accepted: usize,
}

/// Every control that a rule of the run names, by framework: the built-in ones
/// in the order of the catalogue, others after them.
pub(super) fn assess(outcome: &Outcome) -> Vec<Assessment<'_>> {
    let halted: BTreeSet<&str> = outcome
        .gaps
        .iter()
        .filter_map(|gap| match &gap.reason {
            GapReason::Condition { rule, .. } => Some(rule.as_str()),
            _ => None,
        })
        .collect();
    let catalogue = Catalogue::builtin();
    let order: BTreeMap<(&str, &str), usize> = catalogue
        .controls
        .iter()
        .enumerate()
        .map(|(at, entry)| ((entry.framework.as_str(), entry.id.as_str()), at))
        .collect();
    let place = |control: &'_ Control| {
        let key = (control.framework.as_str(), control.id.as_str());
        order.get(&key).copied().unwrap_or(usize::MAX)
    };
    let mut controls: BTreeMap<(usize, &Control), Assessment<'_>> = BTreeMap::new();
    let ran = outcome.rules.iter().map(|rule| (rule, true));
    let others = outcome.not_evaluated.iter().map(|rule| (rule, false));
    for (rule, ran) in ran.chain(others) {
        for control in &rule.controls {
            let key = (place(control), control);
            let assessment = controls.entry(key).or_insert_with(|| {
                let entry = catalogue.get(control);
                Assessment {
                    framework: &control.framework,
                    id: &control.id,
                    title: entry.map_or("", |entry| &entry.title),
                    says: entry.map_or("", |entry| &entry.says),
                    standing: Standing::NotEvaluated,
                    evaluated: Vec::new(),
                    not_evaluated: Vec::new(),
                    findings: Vec::new(),
                    accepted: 0,
                }
            });
            if ran && !halted.contains(rule.id.as_str()) {
                assessment.evaluated.push(rule);
            } else {
                assessment.not_evaluated.push(rule);
            }
        }
    }
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &outcome.findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let mut assessed: Vec<_> = controls.into_values().collect();
    for assessment in &mut assessed {
        settle(assessment, &by_rule);
    }
    assessed
}

fn settle<'a>(assessment: &mut Assessment<'a>, by_rule: &BTreeMap<&str, Vec<&'a Finding>>) {
    let rules = assessment.evaluated.iter().chain(&assessment.not_evaluated);
    for rule in rules {
        for finding in by_rule.get(rule.id.as_str()).into_iter().flatten() {
            if finding.counts() {
                assessment.findings.push(finding);
            } else {
                assessment.accepted += 1;
            }
        }
    }
    let findings = &mut assessment.findings;
    findings.sort_by(|a, b| (b.severity.cmp(&a.severity)).then(a.sort_key().cmp(&b.sort_key())));
    let worst = findings.first().map(|finding| finding.severity);
    assessment.standing = match worst {
        Some(severity) if severity > Severity::Note => Standing::Failed,
        None if assessment.evaluated.is_empty() => Standing::NotEvaluated,
        None if assessment.not_evaluated.is_empty() => Standing::Passed,
        _ => Standing::Partly,
    };
}

/// The findings of rules that name no control.
pub(super) fn without_control(outcome: &Outcome) -> Vec<&Finding> {
    let named: BTreeSet<&str> = outcome
        .rules
        .iter()
        .filter(|rule| !rule.controls.is_empty())
        .map(|rule| rule.id.as_str())
        .collect();
    let mut findings: Vec<_> = outcome
        .findings
        .iter()
        .filter(|finding| finding.counts() && !named.contains(finding.rule.as_str()))
        .collect();
    findings.sort_by(|a, b| (b.severity.cmp(&a.severity)).then(a.sort_key().cmp(&b.sort_key())));
    findings
}

/// `KS1001, KS1003 and 4 more`.
pub(super) fn ids(rules: &[&Metadata]) -> String {
    const MAX: usize = 12;
    let shown: Vec<_> = rules.iter().take(MAX).map(|rule| &*rule.id).collect();
    match rules.len().saturating_sub(MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How many controls stand how: `2 failed, 5 passed`.
pub(super) fn tally(assessments: &[&Assessment<'_>]) -> String {
    let mut counts: BTreeMap<Standing, usize> = BTreeMap::new();
    for assessment in assessments {
        *counts.entry(assessment.standing).or_default() += 1;
    }
    let words = counts.iter();
    let words = words.map(|(standing, n)| format!("{n} {}", standing.as_str()));
    words.collect::<Vec<_>>().join(", ")
}

/// The assessments of each framework, in order.
pub(super) fn by_framework<'a, 'o>(
    assessments: &'a [Assessment<'o>],
) -> Vec<(&'o str, Vec<&'a Assessment<'o>>)> {
    let mut frameworks: Vec<(&str, Vec<&Assessment<'_>>)> = Vec::new();
    for assessment in assessments {
        match frameworks
            .iter_mut()
            .find(|(name, _)| *name == assessment.framework)
        {
            Some((_, of)) => of.push(assessment),
            None => frameworks.push((assessment.framework, vec![assessment])),
        }
    }
    frameworks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gap::Gap;
    use crate::report::fixture;

    fn standing(outcome: &Outcome) -> Vec<(&str, Standing)> {
        let assessed = assess(outcome).into_iter();
        assessed
            .map(|control| (control.id, control.standing))
            .collect()
    }

    fn one(change: impl FnOnce(&mut Outcome)) -> Outcome {
        let mut outcome = fixture::outcome();
        outcome.findings.clear();
        outcome.gaps.clear();
        outcome.rules.truncate(1);
        change(&mut outcome);
        outcome
    }

    #[test]
    fn a_control_stands_as_its_rules_do() {
        assert_eq!(
            standing(&fixture::outcome()),
            [("IA-5(7)", Standing::Failed)]
        );
        let clean = one(|_| {});
        assert_eq!(standing(&clean), [("IA-5(7)", Standing::Passed)]);
        let part = one(|outcome| outcome.not_evaluated = vec![fixture::outcome().rules[3].clone()]);
        assert_eq!(standing(&part), [("IA-5(7)", Standing::Partly)]);
        let none = one(|outcome| outcome.not_evaluated = std::mem::take(&mut outcome.rules));
        assert_eq!(standing(&none), [("IA-5(7)", Standing::NotEvaluated)]);
    }

    #[test]
    fn what_is_accepted_or_a_note_fails_nothing() {
        let accepted = one(|outcome| {
            let mut finding = fixture::finding("KS1001", Severity::High);
            finding.suppressed = Some(fixture::suppressed());
            outcome.findings = vec![finding];
        });
        let assessed = assess(&accepted);
        assert_eq!(assessed[0].standing, Standing::Passed);
        assert_eq!(assessed[0].accepted, 1);
        let note = one(|outcome| {
            outcome.findings = vec![fixture::finding("KS1001", Severity::Note)];
        });
        assert_eq!(standing(&note), [("IA-5(7)", Standing::Partly)]);
    }

    #[test]
    fn a_rule_that_stumbled_did_not_pass() {
        let outcome = one(|outcome| {
            outcome.gaps = vec![Gap {
                subject: "a".to_owned(),
                reason: GapReason::Condition {
                    rule: "KS1001".to_owned(),
                    error: "no such key".to_owned(),
                },
            }];
        });
        assert_eq!(standing(&outcome), [("IA-5(7)", Standing::NotEvaluated)]);
    }

    #[test]
    fn frameworks_keep_the_order_of_the_catalogue() {
        let mut outcome = one(|_| {});
        let control = |framework: &str, id: &str| Control {
            framework: framework.to_owned(),
            id: id.to_owned(),
        };
        outcome.rules[0].controls = vec![
            control("Contoso", "1"),
            control("NIST SP 800-53 Rev. 5", "IA-5(7)"),
            control("Microsoft cloud security benchmark", "IM-8"),
        ];
        let assessed = assess(&outcome);
        let names: Vec<_> = by_framework(&assessed)
            .iter()
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(
            names,
            [
                "Microsoft cloud security benchmark",
                "NIST SP 800-53 Rev. 5",
                "Contoso"
            ]
        );
    }
}
