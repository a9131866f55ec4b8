//! `keysweep scan --history` from end to end. What the history of a repository
//! holds is tested beside the code that reads it; here is what the program
//! makes of that.

mod harness;

use harness::{Run, Tree};
use serde_json::Value;

const LEAK: &str = "curl -H 'x-functions-key: {{function-key}}' https://a.example\n";

/// A repository whose one key has been taken out again.
fn mended() -> Tree {
    let tree = Tree::new().file("a.sh", LEAK).repository(&["."]);
    tree.git(".", &["commit", "-q", "-m", "one"]);
    let tree = tree.file("a.sh", "curl https://a.example\n");
    tree.git(".", &["commit", "-q", "-a", "-m", "two"]);
    tree
}

fn history(tree: &Tree, more: &[&str]) -> Run {
    tree.scan_with(&[&["--history"], more].concat())
}

#[test]
fn a_key_of_the_past_is_a_finding_with_its_commits() {
    let tree = mended();
    assert_eq!(tree.scan().ends(0).findings, []);
    let run = history(&tree, &[]).ends(1);
    assert_eq!(run.places(), ["a.sh:1"]);
    let finding = &run.report["findings"][0];
    let said = finding["message"].as_str().unwrap();
    assert!(said.contains("brought it in; commit "), "{said}");
    assert!(
        said.ends_with(" took it out; the history keeps it."),
        "{said}"
    );
    let properties = &finding["properties"];
    for (name, expected) in [
        ("inHead", Value::from(false)),
        ("reachable", Value::from(true)),
        ("paths", Value::from(vec!["a.sh"])),
    ] {
        assert_eq!(properties[name], expected, "{name}");
    }
    for name in ["addedIn", "removedIn"] {
        assert_eq!(properties[name].as_str().unwrap().len(), 40, "{name}");
    }
    assert!(properties["addedAt"].is_string() && properties["removedAt"].is_string());
    assert_eq!(run.report["coverage"]["commits"], 2);
}

#[test]
fn what_the_tree_has_is_the_same_finding_in_both() {
    let tree = mended().file("b.sh", LEAK);
    tree.git(".", &["add", "."]);
    tree.git(".", &["commit", "-q", "-m", "three"]);
    let id = |run: &Run| run.report["findings"][0]["stableId"].clone();
    let now = tree.scan().ends(1);
    let report = now.stdout.clone();
    let tree = tree.bytes("baseline.json", report.as_bytes());
    let all = history(&tree, &[]).ends(1);
    assert_eq!(all.places(), ["a.sh:1", "b.sh:1"]);
    assert!(all.stdout.contains(id(&now).as_str().unwrap()));
    // Only the one of the past is new.
    let run = history(&tree, &["--baseline", "baseline.json"]).ends(1);
    assert_eq!(run.report["summary"]["known"], 1);
}

#[test]
fn an_exemption_counts_and_an_old_ignore_does_not() {
    let tree = mended().file(
        "keysweep.toml",
        "[[exempt]]\nrule = 'KS1003'\npath = 'a.sh'\nreason = 'renewed'\nowner = 'me'\nuntil = 2999-01-01\n",
    );
    assert_eq!(history(&tree, &[]).ends(0).findings, []);
    assert_eq!(
        history(&tree, &["--no-suppress"]).ends(1).places(),
        ["a.sh:1"]
    );
}

#[test]
fn rules_about_code_and_the_policy_are_not_evaluated_and_that_is_said() {
    let run = history(&mended(), &[]);
    assert!(run.notices().contains(&"rules-not-evaluated".to_owned()));
}

#[test]
fn an_incomplete_history_is_not_a_clean_one() {
    let tree = mended();
    let clone = Tree::new();
    let from = format!("file://{}", tree.path().display());
    clone.git(".", &["clone", "-q", "--depth=1", &from, "clone"]);
    let run = history(&clone, &["clone"]).ends(2);
    assert_eq!(run.gaps().len(), 1);
    assert!(run.gaps()[0].starts_with("shallow the history before commit "));
    history(&clone, &["clone", "--allow-incomplete"]).ends(0);
}

#[test]
fn damage_costs_the_object_and_not_the_run() {
    let tree = mended();
    let pack = "for f in .git/objects/??/*; do :; done; chmod u+w $f; echo x > $f";
    tree.git(".", &["config", "alias.damage", &format!("!{pack}")]);
    tree.git(".", &["damage"]);
    let run = history(&tree, &[]).ends(2);
    assert!(!run.gaps().is_empty(), "{}", run.stdout);
}

#[test]
fn other_repositories_are_named_by_their_directory() {
    let tree = mended();
    tree.git(".", &["clone", "-q", "--bare", ".", "bare.git"]);
    let run = history(&tree, &["bare.git"]).ends(1);
    assert_eq!(run.places(), ["bare.git/a.sh:1"]);
    let outside = Tree::new();
    let run = outside.scan_with(&["--history"]).ends(2);
    assert!(
        run.stderr.contains("is in no git repository"),
        "{}",
        run.stderr
    );
    let run = tree.scan_with(&["--history", "a.sh"]).ends(2);
    assert!(run.stderr.contains("takes one directory"), "{}", run.stderr);
}

#[test]
fn a_message_has_a_place_that_code_scanning_takes() {
    let tree = Tree::new().file("a", "a\n").repository(&["."]);
    let message = tree.expand("one\n\n{{function-key}}\n");
    tree.git(".", &["commit", "-q", "-m", &message]);
    let run = tree
        .run(&["scan", "--history", "--format", "sarif"])
        .ends(1);
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    let uri = place["artifactLocation"]["uri"].as_str().unwrap();
    assert!(
        uri.starts_with(".git/commits/") && !uri.contains(':'),
        "{uri}"
    );
    assert_eq!(place["region"]["startLine"], 7);
}

/// A history full of dead keys, and one that still opens something.
#[test]
fn an_inventory_leaves_the_keys_that_are_live() {
    let live = "[[apps]]\nid = 'orders'\ncreated = 400\nkeys = [{ name = 'web', firstSeen = 100, \
        fingerprint = '{{function-key|fingerprint}}' }]\n\
        [[holders]]\nid = 'shop'\nplace = 'KEY'\nfingerprint = '{{function-key|fingerprint}}'\n";
    let tree = mended()
        .file("dead.sh", &LEAK.replace("function-key", "function-key:2"))
        .file(
            "kept.js",
            "send('{{function-key:3}}') // {{keysweep}}: ignore[KS1003] it is dead\n",
        );
    tree.git(".", &["add", "."]);
    tree.git(".", &["commit", "-q", "-m", "three"]);
    let tree = tree.inventory("inv.json", 0, live);
    let all = history(&tree, &["--inventory", "inv.json"]).ends(1);
    assert_eq!(all.rules(), ["KS1003", "KS1103", "KS1003"]);
    let run = history(&tree, &["--inventory", "inv.json", "--only-live"]).ends(1);
    assert_eq!(run.rules(), ["KS1003", "KS1103"]);
    assert_eq!(run.places(), ["a.sh:1", "a.sh:1"]);
    let finding = &run.report["findings"][1];
    let said = finding["message"].as_str().unwrap();
    for part in [
        "The key in this file is the host key 'web' of 'orders'",
        "at least 100 days old (seen: the same value was there on 2025-10-23)",
        "it is held by 'app 'shop''",
        "brought it in; commit ",
        "took it out; the history keeps it.",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(
        finding["properties"]["addedIn"],
        run.report["findings"][0]["properties"]["addedIn"]
    );
    assert!(
        finding["steps"]
            .to_string()
            .contains("az functionapp keys set")
    );
    // The tree has none of them any more.
    let now = tree
        .scan_with(&["--inventory", "inv.json", "--only-live"])
        .ends(0);
    assert_eq!(now.findings, []);
    // The report says since when: that is what an incident needs.
    history(
        &tree,
        &["--inventory", "inv.json", "--output", "sarif=leaks.sarif"],
    );
    let incident = tree
        .run(&[
            "plan",
            "orders/web",
            "inv.json",
            "--incident",
            "--leaks",
            "leaks.sarif",
        ])
        .ends(0);
    assert!(
        incident.stdout.contains("**Exposed since "),
        "{}",
        incident.stdout
    );
    assert!(
        incident.stdout.contains("- found in `a.sh:1`"),
        "{}",
        incident.stdout
    );
}
