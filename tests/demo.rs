//! `keysweep demo`: what it plants is found, and nothing else.
//!
//! `testdata/demo-findings.txt` has every finding of the demo, a line each;
//! `UPDATE=1` writes it anew, and the difference is for a person to judge.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const RULES: [&str; 15] = [
    "KS1001", "KS1002", "KS1003", "KS1004", "KS1005", "KS1006", "KS1007", "KS1008", "KS1009",
    "KS1101", "KS1102", "KS9001", "KS9002", "KS9003", "KS9004",
];

/// What fires on the tenant.
const TENANT_RULES: [&str; 9] = [
    "KS4001", "KS4003", "KS4006", "KS5001", "KS5003", "KS6002", "KS9002", "KS9003", "KS9004",
];

fn keysweep(directory: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keysweep"))
        .args(words)
        .current_dir(directory)
        .env("HOME", directory)
        .env("NO_COLOR", "1")
        .env_remove("KEYSWEEP_FINGERPRINT_KEY")
        .output()
        .expect("keysweep starts")
}

fn demo(directory: &Path) -> String {
    let output = keysweep(directory, &["demo"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

/// The findings of the demo, in the order of rule and place.
fn findings(directory: &Path, words: &[&str]) -> Vec<String> {
    let words = [&["scan", "keysweep-demo", "--format", "json"], words].concat();
    let output = keysweep(directory, &words);
    assert_eq!(output.status.code(), Some(1), "the README says so");
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    assert_eq!(report["notices"], serde_json::json!([]));
    let mut lines: Vec<(String, u64, String)> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| {
            let rule = finding["ruleId"].as_str().expect("a rule");
            let path = finding["location"]["path"].as_str().expect("a path");
            let path = path.strip_prefix("keysweep-demo/").expect("below it");
            let line = finding["location"]["start"]["line"]
                .as_u64()
                .expect("a line");
            let kind = finding["properties"]["keyKind"].as_str().unwrap_or("-");
            let suppressed = match finding["suppressed"] {
                Value::Null => "",
                _ => " suppressed",
            };
            let text = format!("{rule} {kind:<8} {path}:{line}{suppressed}");
            (format!("{rule} {path}"), line, text)
        })
        .collect();
    lines.sort();
    lines.into_iter().map(|(_, _, text)| text).collect()
}

#[test]
fn finds_what_it_plants_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let text = demo(directory.path());
    assert!(text.starts_with("Wrote "), "{text}");
    let end: Vec<&str> = text.lines().rev().take(3).collect();
    assert_eq!(
        end[1],
        "A real scan, `keysweep scan keysweep-demo`, ends with exit code 1."
    );
    assert!(end[2].starts_with("Found all "), "{}", end[2]);

    let found = findings(directory.path(), &[]);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo-findings.txt");
    let text = found.join("\n") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&golden, &text).unwrap();
    }
    let known = fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        text == known,
        "the demo's findings differ from testdata/demo-findings.txt; if they are right, \
         UPDATE=1 cargo test --test demo writes them\n{text}"
    );
    let fired: BTreeSet<&str> = found.iter().map(|line| &line[..6]).collect();
    assert_eq!(fired, BTreeSet::from(RULES), "each rule fires");
}

#[test]
fn can_be_repeated_inside_of_a_repository_that_ignores_it() {
    let outside = tempfile::tempdir().unwrap();
    demo(outside.path());
    let expected = findings(outside.path(), &[]);
    let inside = tempfile::tempdir().unwrap();
    let git = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(inside.path())
        .status();
    assert!(git.unwrap().success());
    fs::write(inside.path().join(".gitignore"), "/keysweep-demo\n*.log\n").unwrap();
    assert_eq!(demo(inside.path()), demo(inside.path()));
    assert_eq!(demo(inside.path()), demo(outside.path()));
    assert_eq!(findings(inside.path(), &["--no-gitignore"]), expected);
    // A directory that is named is read, whatever ignores it.
    assert_eq!(findings(inside.path(), &[]), expected);
}

#[test]
fn writes_into_no_directory_of_others() {
    let directory = tempfile::tempdir().unwrap();
    let mine = directory.path().join("mine.txt");
    fs::write(&mine, "mine").unwrap();
    let output = keysweep(directory.path(), &["demo", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

/// The tenant of the same company: what is wrong with it, which of the leaked
/// keys are alive, and what happened in a month.
#[test]
fn has_a_tenant_to_try_the_rest_on() {
    let directory = tempfile::tempdir().unwrap();
    demo(directory.path());
    let root = directory.path().join("keysweep-demo");
    let report = |words: &[&str], code: i32| -> Value {
        let output = keysweep(&root, words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}\n{said}");
        serde_json::from_slice(&output.stdout).expect("it is JSON")
    };
    let texts = |list: &Value, name: &str| -> Vec<String> {
        let items = list.as_array().expect("a list").iter();
        items
            .map(|item| item[name].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let (old, new) = ("tenant/2026-05-01.json", "tenant/2026-06-01.json");

    let judged = report(&["check", new, "--previous", old, "--format", "json"], 1);
    let fired: BTreeSet<String> = texts(&judged["findings"], "ruleId").into_iter().collect();
    let fired: Vec<&str> = fired.iter().map(String::as_str).collect();
    assert_eq!(fired, TENANT_RULES);
    assert_eq!(judged["gaps"], serde_json::json!([]));

    let live = report(
        &[
            "scan",
            "--inventory",
            new,
            "--only-live",
            "--format",
            "json",
        ],
        1,
    );
    let live = live["findings"].as_array().unwrap().iter();
    let live: Vec<(&str, &str)> = live
        .filter(|finding| finding["ruleId"] == "KS1103")
        .map(|finding| {
            (
                finding["location"]["path"].as_str().unwrap(),
                finding["properties"]["key"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        live,
        [
            ("azure-pipelines.yml", "master key"),
            ("web/.env", "host key 'web'")
        ]
    );

    let diff = report(&["diff", old, new, "--format", "json"], 1);
    let whats = texts(&diff["changes"], "what").join(" ");
    for what in ["new", "gone", "rotated", "changed"] {
        assert!(whats.contains(what), "{what}: {whats}");
    }
    assert!(!whats.contains("not-compared"));

    for words in [
        &["plan", "func-larkfield-stock/_master", new, "--incident"][..],
        &["plan", "func-larkfield-orders/web", new],
        &["inventory", "export", new],
        &["inventory", "slots", "func-larkfield-stock", new],
    ] {
        let output = keysweep(&root, words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{words:?}\n{said}");
        assert!(output.stdout.len() > 200, "{words:?}");
    }
}
