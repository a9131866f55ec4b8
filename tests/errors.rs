//! What a user sees who has made a mistake: the place under a caret, what is
//! wrong, what to do, and exit code 2.
//!
//! The snapshots are the messages; read a changed one as whoever gets it.

mod harness;

use harness::{Run, Tree};

/// A rule that is in order, to be spoiled.
const RULE: &str = r#"id = "ACME001"
name = "AcmeKey"
severity = "high"
on = "occurrence"
when = "occurrence.kind == 'master'"
summary = "A key."
message = "A key."

[help]
why = "It matters."
fix = "Rotate it."
links = []

[[bad]]
path = "a.env"
text = "KEY={{master-key}}"
at = "a.env:1"

[[good]]
path = "a.env"
text = "KEY="
"#;

/// What the run says, when it ends as every mistake has to.
#[track_caller]
fn refusal(run: Run) -> String {
    let run = run.ends(2);
    assert_eq!(run.stdout, "", "nothing but results on standard output");
    run.stderr
}

fn policy(text: &str) -> String {
    let tree = Tree::new().file("keysweep.toml", text).file("a", "");
    refusal(tree.run(&["scan", "--color", "never"]))
}

fn rule(from: &str, to: &str) -> String {
    let text = RULE.replacen(from, to, 1);
    assert_ne!(text, RULE);
    let tree = Tree::new().bytes("rules/acme.toml", text.as_bytes());
    let scanned = refusal(tree.run(&["scan", "--rules", "rules", "--color", "never"]));
    let checked = refusal(tree.run(&["rules", "check", "rules", "--color", "never"]));
    assert_eq!(scanned, checked, "scan and check say the same");
    scanned
}

fn typed(arguments: &[&str]) -> String {
    let tree = Tree::new().file("a.txt", "");
    refusal(tree.run(&[arguments, &["--color", "never"]].concat()))
}

#[test]
fn policies() {
    let exempt = "[[exempt]]\nrule = 'KS1003'\npath = 'a/**'\nreason = 'r'\nowner = 'o'\n";
    for (name, text) in [
        ("not_toml", "[max-age]\nmaster = = 90\n"),
        ("unknown_field", "[max-age]\nmastr = 90\n"),
        ("unknown_word", "[rules]\nKS1003 = 'hihg'\n"),
        ("unknown_rule", "[rules]\nKS103 = 'off'\n"),
        ("wrong_type", "[max-age]\nmaster = 'ninety'\n"),
        ("bad_date", &format!("{exempt}until = '2025-02-30'\n")),
        ("missing_field", exempt),
        ("bad_glob", "[[exclude]]\npath = 'a/[b'\nreason = 'r'\n"),
        (
            "bad_regex",
            "[[pattern]]\nid = 'acme'\ndescription = 'Keys of Acme.'\nkeywords = ['acme']\npattern = 'acme_(?<secret>[a-z'\n",
        ),
        (
            "no_group",
            "[[pattern]]\nid = 'acme'\ndescription = 'Keys of Acme.'\nkeywords = ['acme']\npattern = 'acme_[a-z]+'\n",
        ),
        ("gone", "extends = '../organisation.toml'\n"),
    ] {
        insta::assert_snapshot!(format!("policy_{name}"), policy(text));
    }
}

#[test]
fn rules() {
    for (name, from, to) in [
        ("not_toml", "severity = \"high\"", "severity = high\""),
        ("unknown_key", "severity", "severty"),
        ("unknown_severity", "\"high\"", "\"hihg\""),
        ("unknown_fact", "\"occurrence\"", "\"ocurrence\""),
        (
            "unknown_field",
            "occurrence.kind == 'master'",
            "occurrence.knd == 'master'",
        ),
        (
            "unknown_field_in_has",
            "occurrence.kind == 'master'",
            "has(occurrence.hots) && occurrence.kind == 'master'",
        ),
        ("wrong_word", "'master'", "'mater'"),
        (
            "wrong_word_in_a_list",
            "occurrence.kind == 'master'",
            "occurrence.kind in ['master', 'sytem']",
        ),
        ("wrong_type", "'master'", "3"),
        (
            "bad_regex",
            "occurrence.kind == 'master'",
            "occurrence.path.matches('^src/(test')",
        ),
        (
            "constant_only_regex",
            "occurrence.kind == 'master'",
            "occurrence.path.matches(occurrence.fingerprint)",
        ),
        (
            "unknown_function",
            "occurrence.kind == 'master'",
            "occurrence.path.size() > now()",
        ),
        ("no_condition", "occurrence.kind == 'master'", ""),
        (
            "message_without_field",
            "message = \"A key.\"",
            "message = \"A key of {occurrence.hots}.\"",
        ),
        ("slip_in_a_placeholder", "{{master-key}}", "{{mastr-key}}"),
        ("no_such_line", "a.env:1", "a.env:7"),
    ] {
        insta::assert_snapshot!(format!("rule_{name}"), rule(from, to));
    }
}

#[test]
fn fields_inside_macros() {
    let shared = |when: &str| {
        let text = RULE
            .replace("\"occurrence\"", "\"shared_key\"")
            .replace("occurrence.kind == 'master'", when);
        let tree = Tree::new().bytes("rules/acme.toml", text.as_bytes());
        refusal(tree.run(&["rules", "check", "rules", "--color", "never"]))
    };
    insta::assert_snapshot!(
        "rule_unknown_field_in_a_macro",
        shared("shared_key.callers.exists(c, c == shared_key.ownr)")
    );
    insta::assert_snapshot!(
        "rule_unknown_variable_in_a_macro",
        shared("shared_key.callers.all(c, d.startsWith('a'))")
    );
    insta::assert_snapshot!(
        "rule_field_of_an_element",
        shared("shared_key.callers.exists(c, c.name == 'a')")
    );
}

/// The evaluator that runs conditions aborts the process on long ones.
#[test]
fn hostile_conditions() {
    let started = std::time::Instant::now();
    let long = vec!["occurrence.kind == 'master'"; 20_000].join(" || ");
    insta::assert_snapshot!(
        "rule_of_20_000_terms",
        rule("occurrence.kind == 'master'", &long)
    );
    for hostile in [
        "(".repeat(20_000),
        format!("{}true", "!".repeat(20_000)),
        format!("{}1{} == 1", "(".repeat(400), ")".repeat(400)),
        format!("1 == {}1", "-".repeat(900)),
        format!("'a' in [{}'b']", "'a',".repeat(5_000)),
        "occurrence.path.matches('(((((a{50}){50}){50}){50}){50})')".to_owned(),
        "occurrence.path.matches('\\\\')".to_owned(),
    ] {
        let said = rule(
            "occurrence.kind == 'master'",
            &hostile.replace('\\', "\\\\"),
        );
        assert!(said.contains("help:") && said.len() < 4_000, "{said}");
    }
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn what_is_typed() {
    for (name, arguments) in [
        ("missing_path", &["scan", "srcc"][..]),
        ("missing_policy", &["scan", "--config", "none.toml"]),
        ("missing_rules", &["scan", "--rules", "none"]),
        ("no_rules_in_directory", &["scan", "--rules", "."]),
        ("missing_baseline", &["scan", "--baseline", "none.json"]),
        ("output_without_file", &["scan", "--output", "sarif"]),
        ("output_of_no_format", &["scan", "--output", "srif=a.sarif"]),
        ("output_to_nothing", &["scan", "--output", "sarif="]),
        (
            "two_reports_in_one_file",
            &["scan", "--output", "sarif=a.out", "--output", "json=a.out"],
        ),
        ("unknown_format", &["scan", "--format", "srif"]),
        ("unknown_rule", &["rules", "explain", "KS103"]),
        ("unknown_command", &["scna"]),
        ("unknown_flag", &["scan", "--fail-no", "high"]),
        ("demo_over_something", &["demo", "."]),
    ] {
        insta::assert_snapshot!(format!("typed_{name}"), typed(arguments));
    }
    let store = Tree::new()
        .file("r.git/HEAD", "ref: refs/heads/main")
        .file("r.git/objects/info", "")
        .file("r.git/refs/heads/main", "");
    insta::assert_snapshot!(
        "typed_store_of_git",
        refusal(store.run(&["scan", "r.git", "--color", "never"]))
    );
    let short = Tree::new()
        .file("a", "")
        .env("KEYSWEEP_FINGERPRINT_KEY", "short");
    insta::assert_snapshot!(
        "typed_short_fingerprint_key",
        refusal(short.run(&["scan", "--color", "never"]))
    );
}
