//! `keysweep diff`: two files in, what changed out.

mod harness;

use harness::Tree;

/// An app with a key, and a caller that holds it in clear.
const OLD: &str = "[[apps]]\nid = 'orders'\ncreated = 400\nhosts = ['orders.azurewebsites.net']\n\
    keys = [{ name = 'web' }, { name = 'feed' }]\n\
    [[holders]]\nid = 'shop'\nplace = 'ORDERS_KEY'\nfingerprint = '{{function-key|fingerprint}}'\n";

/// Without the one key, and with another value of the other.
const NEW: &str = "[[apps]]\nid = 'orders'\ncreated = 400\nhosts = ['orders.azurewebsites.net']\n\
    keys = [{ name = 'web', fingerprint = '{{function-key|fingerprint}}' }]\n\
    [[holders]]\nid = 'shop'\nplace = 'ORDERS_KEY'\nfingerprint = '{{function-key|fingerprint}}'\n";

fn tree() -> Tree {
    Tree::new()
        .inventory("old.json", 10, OLD)
        .inventory("new.json", 0, NEW)
}

/// `what about` of every change, in order.
fn told(run: &harness::Run) -> Vec<String> {
    let changes = run.report["changes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let word = |change: &serde_json::Value, name: &str| {
        change[name].as_str().unwrap_or_default().to_owned()
    };
    let words = changes
        .iter()
        .map(|one| format!("{} {}", word(one, "what"), word(one, "about")));
    words.collect()
}

#[test]
fn it_ends_as_diff_does() {
    let tree = tree();
    let run = tree
        .run(&["diff", "old.json", "new.json", "--format", "json"])
        .ends(1);
    assert_eq!(told(&run), ["gone key", "rotated key", "changed holder"]);
    let human = tree.run(&["diff", "old.json", "new.json"]).ends(1);
    assert!(
        human
            .stdout
            .contains("  - host key 'feed' of 'orders' (subscription 'live') is gone\n"),
        "{}",
        human.stdout
    );
    let same = tree.run(&["diff", "new.json", "new.json"]).ends(0);
    assert!(
        same.stdout.starts_with("the inventories are the same"),
        "{}",
        same.stdout
    );
    let locked = "[[apps]]\nid = 'orders'\nkeysRead = false\n\
        [[gaps]]\nsubject = 'orders'\nfamily = 'host-keys'\nreason = 'locked'\n";
    let tree = tree.inventory("locked.json", 0, locked);
    tree.run(&["diff", "old.json", "locked.json"]).ends(2);
    tree.run(&["diff", "old.json", "locked.json", "--allow-incomplete"])
        .ends(1);
}

#[test]
fn reports_of_scans_and_checks_are_compared_in_either_format() {
    let tree = tree().file("a.js", "'x-functions-key': '{{function-key:3}}'\n");
    tree.run(&[
        "scan",
        "a.js",
        "--output",
        "sarif=a.sarif",
        "--output",
        "json=a.json",
    ])
    .ends(1);
    let tree = tree
        .file("a.js", "nothing\n")
        .file("b.js", "'x-functions-key': '{{function-key:4}}'\n");
    tree.run(&[
        "scan",
        "a.js",
        "b.js",
        "--output",
        "sarif=b.sarif",
        "--output",
        "json=b.json",
    ])
    .ends(1);
    for (old, new) in [
        ("a.json", "b.json"),
        ("a.sarif", "b.sarif"),
        ("a.sarif", "b.json"),
    ] {
        let run = tree.run(&["diff", old, new, "--format", "json"]).ends(1);
        assert_eq!(told(&run), ["gone finding", "new finding"], "{old} {new}");
        assert_eq!(run.report["changes"][1]["rule"], "KS1003");
        tree.run(&["diff", old, old]).ends(0);
    }
    tree.run(&["check", "old.json", "--output", "json=t.json"]);
    let mixed = tree.run(&["diff", "a.json", "t.json"]).ends(2);
    assert!(
        mixed.stderr.contains("one report is of a scan of files"),
        "{}",
        mixed.stderr
    );
}

#[test]
fn what_cannot_be_compared_is_said() {
    let tree = tree()
        .file("other.json", "{}")
        .file("cut.json", "{\"sweep\": ");
    tree.run(&["check", "old.json", "--output", "json=report.json"]);
    let table = tree
        .run(&["inventory", "export", "--format", "json", "old.json"])
        .stdout;
    let tree = tree.file("table.json", &table);
    for (old, new, said) in [
        (
            "old.json",
            "report.json",
            "old.json is an inventory and report.json a report",
        ),
        (
            "report.json",
            "old.json",
            "old.json is an inventory and report.json a report",
        ),
        ("none.json", "old.json", "none.json"),
        (
            "other.json",
            "old.json",
            "other.json is no report of keysweep",
        ),
        ("cut.json", "old.json", "cut.json is not JSON"),
        ("table.json", "old.json", "table.json is a table of"),
    ] {
        let run = tree.run(&["diff", old, new]).ends(2);
        assert!(
            run.stderr.replace("\n  │ ", " ").contains(said),
            "{}",
            run.stderr
        );
        assert_eq!(run.stdout, "");
    }
}
