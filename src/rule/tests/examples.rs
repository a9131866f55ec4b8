use super::super::{Report, RuleSet, Scenario, check};
use super::load::RULE;
use super::*;

/// A reader of its own: a key of a line is what stands after `KEY=`.
fn read(scenario: &Scenario<'_>) -> Result<Vec<Fact>, String> {
    let mut facts = Vec::new();
    for file in scenario.files {
        for (line, text) in (1..).zip(file.text.lines()) {
            let Some(value) = text.strip_prefix("KEY=") else {
                continue;
            };
            let Some(found) = crate::key::identify(value.as_bytes()) else {
                continue;
            };
            let mut fact = occurrence(&file.path, line);
            fact.kind = found.kind.unwrap_or(KeyKind::Unknown);
            facts.push(fact.into());
        }
    }
    match scenario.policy {
        Some("broken") => Err("no policy".into()),
        _ => Ok(facts),
    }
}

fn run(text: &str) -> Report {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.toml"), text).unwrap();
    let rules = match RuleSet::load_dir(dir.path()) {
        Ok(rules) => RuleSet::builtin().and(rules),
        Err(error) => panic!("{:?}", miette::Report::new(error)),
    };
    check(&rules, |rule| rule.metadata().id == "ACME001", read)
}

#[test]
fn what_is_as_the_examples_say_is_silent() {
    let report = run(RULE);
    assert_eq!((report.rules, report.examples), (1, 2));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let off = RULE.replace("severity", "enabled = false\nseverity");
    assert!(run(&off).problems.is_empty());
}

#[test]
fn what_is_not_is_told_at_its_example() {
    for (from, to, culprit, message) in [
        (
            "{{master-key}}",
            "{{function-key}}",
            "\"a.env:1\"",
            "ACME001 does not fire in a bad example, at a.env:1",
        ),
        (
            "KEY={{master-key}}",
            "\\nKEY={{master-key}}",
            "\"a.env:1\"",
            "ACME001 fires at a.env:2, not at a.env:1",
        ),
        (
            "{{master-key}}",
            "{{master-key}}\\nKEY={{master-key}}",
            "\"a.env:1\"",
            "ACME001 fires at a.env:1, a.env:2, and the example says a.env:1 only",
        ),
        (
            "\"KEY=\"",
            "\"KEY={{master-key}}\"",
            "",
            "ACME001 fires in a good example, at a.env:1",
        ),
        (
            "\"KEY=\"",
            "\"KEY={{function-key}}\"",
            "",
            "in this good example fires 'KS1003'",
        ),
        (
            "\"KEY=\"",
            "\"KEY=\"\nothers = [\"KS1003\"]",
            "",
            "in this good example fires nothing",
        ),
        (
            "\"KEY=\"",
            "\"KEY=\"\npolicy = \"broken\"",
            "",
            "the example cannot be read: no policy",
        ),
        (
            "[[bad]]\npath = \"a.env\"\ntext = \"KEY={{master-key}}\"\nat = \"a.env:1\"\n",
            "",
            "",
            "ACME001 has no bad example",
        ),
    ] {
        let report = run(&RULE.replacen(from, to, 1));
        let problem = &report.problems[0];
        assert_eq!(problem.to_string(), message);
        if !culprit.is_empty() {
            assert_eq!(problem.culprit(), Some(culprit));
        }
    }
    let named = RULE.replacen(
        "\"KEY=\"",
        "\"KEY={{function-key}}\"\nothers = [\"KS1003\"]",
        1,
    );
    assert!(run(&named).problems.is_empty());
}
