//! Runs the examples of rules: the one test that all of them have, and
//! `keysweep rules check`.
//!
//! How documents become facts is the caller's business: a closure reads them.

use jiff::civil::Date;
use std::collections::BTreeSet;

use super::{Example, ExampleFile, Place, Problem, Rule, RuleSet, Tenant};
use crate::fact::Fact;
use crate::finding::Finding;
use crate::similar::all_of;

/// What an example gives the readers.
#[derive(Clone, Copy, Debug)]
pub struct Scenario<'a> {
    /// The documents of the tree.
    pub files: &'a [ExampleFile],
    /// The policy, found at [`super::POLICY_PATH`].
    pub policy: Option<&'a str>,
    /// What it says of a tenant, if it is about one.
    pub tenant: Option<&'a Tenant>,
    /// The day on which it is judged, if that matters.
    pub today: Option<Date>,
}

/// What came of the examples.
#[derive(Debug, Default)]
pub struct Report {
    /// Rules whose examples were run.
    pub rules: usize,
    /// Their examples.
    pub examples: usize,
    /// What is not as the examples say.
    pub problems: Vec<Problem>,
}

/// Runs the examples of those rules of the set that `chosen` picks.
///
/// A bad example must make its rule fire once, at its place. A good one must
/// leave its rule silent, and every enabled rule of the set beside those that it
/// names in `others`. A rule that is off by default is on for its own examples.
///
/// `read` makes the facts of a scenario, joins included; what it cannot read is
/// an error of the example.
pub fn check(
    rules: &RuleSet,
    chosen: impl Fn(&Rule) -> bool,
    mut read: impl FnMut(&Scenario<'_>) -> Result<Vec<Fact>, String>,
) -> Report {
    let mut report = Report::default();
    for rule in rules.iter().filter(|rule| chosen(rule)) {
        report.rules += 1;
        match rule.examples() {
            Ok(examples) => {
                if examples.iter().all(|example| example.expected.is_none()) {
                    let message = format!("{} has no bad example", rule.metadata.id);
                    let help = "show with a [[bad]] example that it fires";
                    report.problems.push(rule.problem(message, help));
                }
                report.examples += examples.len();
                for example in &examples {
                    let found = run(rules, rule, example, &mut read);
                    report.problems.extend(found.err());
                }
            }
            Err(problems) => report.problems.extend(problems),
        }
    }
    report
}

fn run(
    rules: &RuleSet,
    rule: &Rule,
    example: &Example,
    read: &mut impl FnMut(&Scenario<'_>) -> Result<Vec<Fact>, String>,
) -> Result<(), Problem> {
    let id = &rule.metadata.id;
    let wrong = |message: String, help: &str| {
        let problem = Problem::new(message).help(help);
        problem.at(&rule.origin, example.span.clone(), "in this example")
    };
    let scenario = Scenario {
        files: &example.files,
        policy: example.policy.as_deref(),
        tenant: example.tenant.as_ref(),
        today: example.today,
    };
    let facts = read(&scenario)
        .map_err(|error| wrong(format!("the example cannot be read: {error}"), "correct it"))?;
    let wanted = |other: &Rule| other.metadata.enabled || other.metadata.id == *id;
    let (findings, gaps) = rules.evaluate_some(&facts, wanted);
    let findings = rules.gather(findings);
    if let Some(gap) = gaps.first() {
        let help = "an evaluation error means that a fact was not judged";
        return Err(wrong(gap.to_string(), help));
    }
    let mine = findings.iter().filter(|finding| finding.rule == *id);
    let places: Vec<String> = mine.map(place).collect();
    if let Some(expected) = &example.expected {
        return expect_at(id, expected, &places)
            .map_err(|message| wrong(message, "correct the condition, or the example"));
    }
    if !places.is_empty() {
        let message = format!("{id} fires in a good example, at {}", places.join(", "));
        return Err(wrong(message, "correct the condition, or the example"));
    }
    let fired: BTreeSet<&str> = findings.iter().map(|f| f.rule.as_str()).collect();
    let named: BTreeSet<&str> = example.others.iter().map(String::as_str).collect();
    if fired != named {
        let fired: Vec<&str> = fired.into_iter().collect();
        let message = format!("in this good example fires {}", all_of(&fired));
        let help = "make it wholly good, or name in 'others' exactly the rules that fire";
        return Err(wrong(message, help));
    }
    Ok(())
}

fn expect_at(id: &str, expected: &Place, places: &[String]) -> Result<(), String> {
    let expected = expected.to_string();
    match places {
        [only] if *only == expected => Ok(()),
        [] => Err(format!(
            "{id} does not fire in a bad example, at {expected}"
        )),
        [only] => Err(format!("{id} fires at {only}, not at {expected}")),
        several => Err(format!(
            "{id} fires at {}, and the example says {expected} only",
            several.join(", ")
        )),
    }
}

fn place(finding: &Finding) -> String {
    match finding.location.file() {
        Some(place) => format!("{}:{}", place.path, place.start.line),
        None => finding.location.to_string(),
    }
}
