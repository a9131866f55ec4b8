//! `keysweep rules`.

use jiff::ZonedDateTime;
use miette::{IntoDiagnostic, miette};
use std::io::Write;
use std::path::Path;

use super::output::{Console, to_stdout};
use super::{Failure, facts_of};
use crate::cli::Rules;
use crate::fact::Fact;
use crate::inventory::Merged;
use crate::join::live::Estate;
use crate::leaks::Leaks;
use crate::outcome::Verdict;
use crate::policy::Policy;
use crate::report::count;
use crate::rule::{Metadata, POLICY_PATH, RuleSet};
use crate::rule::{Scenario, Tenant, check, facts};
use crate::suppress;

pub(super) fn run(rules: &Rules, console: &Console) -> Result<Verdict, Failure> {
    match rules {
        Rules::List { rules } => {
            let rules = load(rules.as_deref())?;
            to_stdout(|out| list(&rules, out))?;
        }
        Rules::Explain { id, rules } => {
            let rules = load(rules.as_deref())?;
            let rule = rules
                .get(id)
                .map_err(|unknown| miette!(help = unknown.help.clone(), "{unknown}"))?;
            let page = rule.page();
            to_stdout(|out| out.write_all(page.as_bytes()))?;
        }
        Rules::Check { directory } => return check_directory(directory, console),
        Rules::Facts => {
            let text = facts();
            to_stdout(|out| out.write_all(text.as_bytes()))?;
        }
    }
    Ok(Verdict::Clean)
}

fn load(own: Option<&Path>) -> Result<RuleSet, Failure> {
    let builtin = RuleSet::builtin();
    Ok(match own {
        Some(directory) => builtin.and(RuleSet::load_dir(directory)?),
        None => builtin,
    })
}

fn list(rules: &RuleSet, out: &mut dyn Write) -> std::io::Result<()> {
    for rule in rules.iter() {
        let Metadata {
            id,
            name,
            severity,
            summary,
            enabled,
            ..
        } = rule.metadata();
        let off = if *enabled { "" } else { " (off)" };
        writeln!(
            out,
            "{id}  {:<8}  {name}{off}: {summary}",
            severity.as_str()
        )?;
    }
    Ok(())
}

/// Loads the rules of a directory, and runs their examples.
fn check_directory(directory: &Path, console: &Console) -> Result<Verdict, Failure> {
    let own = RuleSet::load_dir(directory)?;
    let ids: Vec<String> = own.iter().map(|rule| rule.metadata().id.clone()).collect();
    let rules = RuleSet::builtin().and(own);
    let report = check(
        &rules,
        |rule| ids.contains(&rule.metadata().id),
        |scenario| read(scenario, &rules),
    );
    console.say(format_args!(
        "{}, {}, {}",
        count(report.rules, "rule"),
        count(report.examples, "example"),
        count(report.problems.len(), "problem")
    ));
    let Some((last, others)) = report.problems.split_last() else {
        return Ok(Verdict::Clean);
    };
    for problem in others {
        let report = miette::Report::new(problem.clone());
        writeln!(std::io::stderr(), "{report:?}").into_diagnostic()?;
    }
    Err(miette::Report::new(last.clone()))
}

/// The facts of an example: those of its documents and of its policy, and what
/// came of its ignores.
pub(crate) fn read(scenario: &Scenario<'_>, rules: &RuleSet) -> Result<Vec<Fact>, String> {
    let today = scenario
        .today
        .unwrap_or_else(|| ZonedDateTime::now().date());
    let metadata: Vec<&Metadata> = rules.iter().map(|rule| rule.metadata()).collect();
    let policy = match scenario.policy {
        Some(text) => Policy::from_text(POLICY_PATH, text, today, metadata)
            .map_err(|error| error.to_string())?,
        None => Policy::default(),
    };
    let files: Vec<(String, Vec<u8>)> = scenario
        .files
        .iter()
        .map(|file| (file.path.clone(), file.text.clone().into_bytes()))
        .collect();
    let (mut found, rest) = facts_of(&files, &policy).map_err(|error| error.to_string())?;
    if let Some(gap) = rest.gaps.first() {
        return Err(gap.to_string());
    }
    if let Some(tenant) = scenario.tenant {
        found.extend(of_tenant(tenant, &policy, &found));
    }
    let (mut findings, _) = rules.evaluate(&found);
    let applied = suppress::apply(&policy, &rest.ignores, &mut findings);
    found.extend(applied.suppressions);
    if scenario.tenant.is_some() {
        let applied = suppress::apply_to_tenant(&policy, &mut findings);
        found.extend(applied.suppressions);
    }
    Ok(found)
}

/// The facts of an example's tenant, and of keys of its files that are live.
fn of_tenant(tenant: &Tenant, policy: &Policy, found: &[Fact]) -> Vec<Fact> {
    let Some(mut merged) = Merged::new(vec![tenant.inventory.clone()]) else {
        return Vec::new();
    };
    if let Some(previous) = &tenant.previous {
        merged.inventory.carry(previous);
    }
    let leaks = Leaks::of(tenant.leaks.iter().cloned());
    let estate = Estate::new(&merged, policy, &leaks);
    let mut facts: Vec<Fact> = estate.apps().flatten().collect();
    facts.extend(estate.rest().flatten());
    facts.extend(estate.active_leaks(found));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Example, ExampleFile};

    /// Every rule is tested here: each bad example makes it fire at its place,
    /// each good one leaves the whole set silent.
    #[test]
    fn every_example_of_every_rule_holds() {
        let rules = RuleSet::builtin();
        let report = check(&rules, |_| true, |scenario| read(scenario, &rules));
        let problems: Vec<String> = report
            .problems
            .into_iter()
            .map(|problem| format!("{:?}", miette::Report::new(problem)))
            .collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert!(
            report.examples >= report.rules * 6,
            "three bad and three good examples each"
        );
    }

    /// What a fix makes of every bad example: the rule is silent, the text
    /// still parses, and nothing but the edits has changed. Of a rule that has
    /// fixes, the examples without one are told as well.
    #[test]
    fn every_fix_of_every_example_mends_it() {
        let rules = RuleSet::builtin();
        let mut told = String::new();
        for rule in rules.iter() {
            let bad = rule.examples().unwrap().to_vec();
            let bad = bad.iter().filter(|example| example.expected.is_some());
            let changes: Vec<(&Example, String)> = bad
                .map(|example| (example, change(&rules, &rule.metadata().id, example)))
                .collect();
            if changes.iter().all(|(_, change)| change.is_empty()) {
                continue;
            }
            for (example, change) in changes {
                let title = example.title.as_deref().unwrap_or_default();
                let change = if change.is_empty() {
                    "no fix\n"
                } else {
                    &change
                };
                told += &format!("{}: {title}\n{change}\n", rule.metadata().id);
            }
        }
        insta::assert_snapshot!("fixes", told);
    }

    /// The lines that the fixes of a bad example change.
    fn change(rules: &RuleSet, id: &str, example: &Example) -> String {
        let judged = |files: &[ExampleFile]| {
            let scenario = Scenario {
                files,
                policy: example.policy.as_deref(),
                tenant: example.tenant.as_ref(),
                today: example.today,
            };
            let facts = read(&scenario, rules).unwrap();
            let (mut findings, _) = rules.evaluate(&facts);
            findings.retain(|finding| finding.rule == id);
            findings
        };
        let findings = judged(&example.files);
        let fixes: Vec<_> = findings
            .iter()
            .filter_map(|finding| Some((finding.location.file()?, finding.fix.as_ref()?)))
            .collect();
        if fixes.is_empty() {
            return String::new();
        }
        let mut lines = String::new();
        let mut files = example.files.clone();
        for file in &mut files {
            let own = fixes.iter().filter(|(place, _)| place.path == file.path);
            let own: Vec<_> = own.map(|(_, fix)| &***fix).collect();
            let fixed = crate::fix::apply(&file.text, &own);
            assert_eq!((fixed.applied, fixed.conflicting), (own.len(), 0));
            for change in
                ::similar::TextDiff::from_lines(&file.text, &fixed.text).iter_all_changes()
            {
                if change.tag() != ::similar::ChangeTag::Equal {
                    lines += &format!("{}{}", change.tag(), change.value());
                }
            }
            file.text = fixed.text;
        }
        assert!(judged(&files).is_empty(), "{id}: {:?}", example.title);
        let given: Vec<(String, Vec<u8>)> = files
            .iter()
            .map(|file| (file.path.clone(), file.text.clone().into_bytes()))
            .collect();
        let (_, rest) = facts_of(&given, &Policy::default()).unwrap();
        assert_eq!(rest.notices, [], "{id}: it still parses");
        lines
    }
}
