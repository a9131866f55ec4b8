use miette::Diagnostic;
use std::fs;

use super::super::{LoadError, RuleSet, Scope};

/// An organisation's own rule; tests change a word of it.
pub(super) const RULE: &str = r#"id = "ACME001"
name = "KeyOfShop"
severity = "high"
on = "occurrence"
when = "occurrence.kind == 'master'"
summary = "A key of the shop."
message = "A key stands in {occurrence.path}."

[help]
why = "Because."
fix = "Replace it."

[[bad]]
path = "a.env"
text = "KEY={{master-key}}"
at = "a.env:1"

[[good]]
path = "a.env"
text = "KEY="
"#;

fn load(files: &[(&str, &str)]) -> Result<RuleSet, LoadError> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    RuleSet::load_dir(dir.path())
}

/// The first problem after a word of the rule was replaced: the culprit under
/// the caret, the message and the advice.
fn changed(from: &str, to: &str) -> (String, String, String) {
    let text = RULE.replacen(from, to, 1);
    assert_ne!(text, RULE, "{from}");
    let error = load(&[("rule.toml", &text)]).expect_err(to);
    let problem = &error.problems[0];
    (
        problem.culprit().unwrap_or_default().to_owned(),
        problem.to_string(),
        problem.advice().unwrap_or_default().to_owned(),
    )
}

#[test]
fn a_good_rule_is_loaded() {
    let rules = load(&[("rule.toml", RULE), ("README.md", "no rule")]).unwrap();
    let rule = rules.get("ACME001").unwrap();
    assert_eq!(rule.metadata().name, "KeyOfShop");
    assert!(rule.metadata().enabled);
    assert_eq!(rule.metadata().scope, Scope::Place);
    assert_eq!(rule.examples().unwrap().len(), 2);
    let all = RuleSet::builtin().and(rules);
    assert_eq!(all.iter().next().unwrap().metadata().id, "ACME001");
}

#[test]
fn the_scope_is_that_of_the_fact() {
    let text = RULE
        .replace("\"occurrence\"", "\"shared_key\"")
        .replace("occurrence.", "shared_key.");
    let rules = load(&[("rule.toml", &text)]).unwrap();
    assert_eq!(rules.get("ACME001").unwrap().metadata().scope, Scope::Tree);
}

#[test]
fn carets_are_under_the_culprit() {
    for (from, to, culprit, message, advice) in [
        (
            "severity",
            "sevrity",
            "sevrity",
            "unknown field 'sevrity'",
            "did you mean 'severity'?",
        ),
        (
            "\"high\"",
            "\"hihg\"",
            "\"hihg\"",
            "unknown word 'hihg'",
            "did you mean 'high'?",
        ),
        (
            "\"occurrence\"",
            "\"occurence\"",
            "\"occurence\"",
            "unknown word 'occurence'",
            "did you mean 'occurrence'?",
        ),
        (
            "occurrence.kind",
            "occurrence.kidn",
            "kidn",
            "unknown field 'kidn'",
            "did you mean 'kind'?",
        ),
        (
            "'master'\"",
            "'masster'\"",
            "'masster'",
            "'masster' is no word of KeyKind",
            "did you mean 'master'?",
        ),
        (
            "\"occurrence.kind == 'master'\"",
            "'''\nocurrence.kind == 'master'\n  && has(occurrence.hots)\n'''",
            "ocurrence",
            "unknown variable 'ocurrence'",
            "did you mean 'occurrence'?",
        ),
        (
            "\"occurrence.kind == 'master'\"",
            "'''\noccurrence.kind == 'master'\n  && has(occurrence.hots)\n'''",
            "hots",
            "unknown field 'hots'",
            "did you mean 'host'?",
        ),
        (
            "\"occurrence.kind == 'master'\"",
            "\"occurrence.path.matches(\\\"(a\\\") \"",
            "\\\"(a\\\"",
            "the regular expression does not compile: unclosed group",
            "the syntax is that of https://docs.rs/regex; write it as r'…'",
        ),
        (
            "occurrence.path}",
            "occurrence.pth}",
            "pth",
            "unknown field 'pth'",
            "did you mean 'path'?",
        ),
        (
            "{occurrence.path}",
            "{occurrence.path",
            "{",
            "a brace is not closed",
            "close it",
        ),
        (
            "ACME001",
            "acme1",
            "\"acme1\"",
            "the id has another form than an id",
            "write two to eight capitals and three to six digits: ACME001",
        ),
        (
            "KeyOfShop",
            "key of shop",
            "\"key of shop\"",
            "the name is not in PascalCase",
            "write what is wrong, in PascalCase: MasterKeyLeaked",
        ),
        (
            "of the shop.",
            "of the shop",
            "\"A key of the shop\"",
            "the summary is not a sentence",
            "one sentence of at most 1,024 characters, on one line, with a full stop",
        ),
        (
            "{{master-key}}",
            "{{mastr-key}}",
            "mastr-key",
            "unknown placeholder 'mastr-key'",
            "did you mean 'master-key'?",
        ),
        (
            "at = \"a.env:1\"",
            "at = \"a.env:2\"",
            "\"a.env:2\"",
            "no line of the example is there",
            "write path:line, with a line of 'a.env'",
        ),
        (
            "\"a.env\"",
            "\"../a.env\"",
            "\"../a.env\"",
            "the path cannot be used",
            "write each path once, relative to the root, with '/' and without '..'",
        ),
        (
            "at = \"a.env:1\"",
            "at = \"a.env:1\"\ntoday = \"2025-02-30\"",
            "\"2025-02-30\"",
            "this is not a day",
            "write it as year, month and day: 2026-01-31",
        ),
        (
            "text = \"KEY=\"",
            "text = \"KEY=\"\nat = \"a.env:1\"",
            "\"a.env:1\"",
            "a good example says where it is bad",
            "leave it out: the rule has to stay silent",
        ),
        (
            "fix = \"Replace it.\"",
            "fix = \"Replace it.\"\nhow = 1",
            "how",
            "unknown field 'how'",
            "known are 'why', 'fix' and 'links'",
        ),
    ] {
        let found = changed(from, to);
        assert_eq!(
            found,
            (culprit.into(), message.into(), advice.into()),
            "{to}"
        );
    }
    assert_eq!(changed("why = \"Because.\"\n", "").1, "missing field 'why'");
    assert_eq!(
        changed("why = \"Because.\"", "why = ' '").1,
        "help.why is empty"
    );
    assert_eq!(
        changed("at = \"a.env:1\"\n", "").1,
        "a bad example does not say where it is bad"
    );
    assert_eq!(
        changed("text = \"KEY=\"", "").1,
        "an example has a path without a text, or a text without a path"
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let broken = RULE
        .replace("occurrence.kind", "occurrence.kidn")
        .replace("occurrence.path", "occurrence.pth")
        .replace("KeyOfShop", "key");
    let error = load(&[("a.toml", &broken), ("b.toml", "id = 1")]).unwrap_err();
    let culprits: Vec<_> = error
        .problems
        .iter()
        .map(|p| p.culprit().unwrap_or_default())
        .collect();
    assert_eq!(culprits, ["\"key\"", "kidn", "pth", "1"]);
    assert_eq!(error.to_string(), "4 problems in the rules");
    let mut shown = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
        .render_report(&mut shown, &error)
        .unwrap();
    assert!(
        shown.contains("did you mean 'kind'?") && shown.contains("a.toml:5:"),
        "{shown}"
    );
    assert!(error.related().is_some());
}

#[test]
fn a_hostile_condition_is_refused() {
    let many = vec!["occurrence.path == 'a'"; 20_000].join(" || ");
    let (culprit, message, _) = changed("occurrence.kind == 'master'", &many);
    assert_eq!(culprit.len(), 1);
    assert!(message.starts_with("the condition has "));
    let text = RULE.replacen("occurrence.kind == 'master'", &many, 1);
    let shown = shown(&load(&[("a.toml", &text)]).unwrap_err());
    assert!(shown.len() < 4096, "{} bytes", shown.len());
}

#[test]
fn no_key_is_shown() {
    let key = crate::placeholder::expand("{{master-key}}").unwrap();
    for (from, to) in [
        (
            "text = \"KEY={{master-key}}\"\n",
            format!("text = \"KEY={key}\"\n").replace("a.env:1", "b"),
        ),
        ("at = \"a.env:1\"", format!("at = \"{key}\"")),
        ("'master'", format!("'{key}'")),
        (
            "severity",
            format!("{} = 1\nseverity", key.trim_end_matches('=')),
        ),
    ] {
        let text = RULE
            .replacen(from, &to, 1)
            .replace("{occurrence.path}", "{occurrence.pth}");
        let shown = shown(&load(&[("a.toml", &text)]).unwrap_err());
        for window in key.as_bytes()[..44].windows(8) {
            assert!(
                memchr::memmem::find(shown.as_bytes(), window).is_none(),
                "{shown}"
            );
        }
    }
}

fn shown(error: &LoadError) -> String {
    let mut shown = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
        .render_report(&mut shown, error)
        .unwrap();
    shown
}

#[test]
fn ids_are_unique_and_ks_is_reserved() {
    let error = load(&[("a.toml", RULE), ("b.toml", RULE)]).unwrap_err();
    assert_eq!(
        error.problems[0].to_string(),
        "there are two rules with the id ACME001"
    );
    assert!(error.problems[0].advice().unwrap().contains("a.toml"));
    let (_, message, advice) = changed("ACME001", "KS1001");
    assert_eq!(message, "the id KS1001 is reserved");
    assert!(advice.contains("keysweep's own"));
}

#[test]
fn a_directory_without_rules_is_an_error() {
    assert!(
        load(&[]).unwrap_err().problems[0]
            .to_string()
            .starts_with("there is no rule in ")
    );
    let missing = RuleSet::load_dir(std::path::Path::new("/no/such/dir")).unwrap_err();
    assert!(
        missing.problems[0]
            .to_string()
            .starts_with("failed to read /no/such/dir: ")
    );
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("x.toml")).unwrap();
    let error = RuleSet::load_dir(dir.path()).unwrap_err();
    assert!(
        error.problems[0]
            .to_string()
            .starts_with("there is no rule in ")
    );
    fs::create_dir(dir.path().join("a")).unwrap();
    for nested in ["x.toml/a.TOML", "a/b.toml"] {
        fs::write(dir.path().join(nested), "id = 1").unwrap();
    }
    let error = RuleSet::load_dir(dir.path()).unwrap_err();
    assert_eq!(error.problems.len(), 2);
}

/// The rule of the authors' guide, and the words of its tables.
#[test]
fn the_guide_is_true() {
    let guide = include_str!("../../../docs/own-rules.md");
    let (_, rest) = guide.split_once("```toml\n").unwrap();
    let (rule, _) = rest.split_once("\n```\n").unwrap();
    let rules =
        load(&[("rule.toml", rule)]).unwrap_or_else(|e| panic!("{:?}", miette::Report::new(e)));
    assert_eq!(rules.iter().len(), 1);
    for (name, _) in crate::placeholder::NAMES {
        assert!(guide.contains(&format!("`{{{{{name}}}}}`")), "{name}");
    }
    for (filter, _) in crate::placeholder::FILTERS {
        assert!(
            guide.contains(&format!("`{filter}`")) || guide.contains(&format!("|{filter}}}}}`")),
            "{filter}"
        );
    }
}

#[test]
fn rules_that_are_no_files_are_loaded() {
    let texts = [("rules/a.toml".to_owned(), RULE.to_owned())];
    assert!(RuleSet::load_texts(texts).unwrap().get("ACME001").is_ok());
    let twice = ["a", "b"].map(|name| (name.to_owned(), RULE.to_owned()));
    assert!(RuleSet::load_texts(twice).is_err());
}
