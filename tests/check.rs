//! `keysweep check`: inventories in, findings out, and nothing asked of anybody.

mod harness;

use harness::Tree;

/// An app with one fresh key.
const FRESH: &str = "[[apps]]\nid = 'orders'\ncreated = 30\nkeys = [{ name = 'web' }]\n";

/// An app with two keys that have been seen for a long time.
const OVERDUE: &str = "[[apps]]\nid = 'orders'\ncreated = 400\n\
    keys = [{ name = 'web', firstSeen = 200 }, { name = 'feed', firstSeen = 100 }]\n";

/// The same app, locked.
const LOCKED: &str = "[[apps]]\nid = 'orders'\ncreated = 400\nkeysRead = false\n\
    [[gaps]]\nsubject = 'orders'\nfamily = 'host-keys'\nreason = 'locked'\n";

fn policy(text: &str) -> Tree {
    Tree::new().file("keysweep.toml", text)
}

#[test]
fn a_clean_tenant_is_clean() {
    let run = Tree::new()
        .inventory("inv.json", 0, FRESH)
        .check(&["inv.json"])
        .ends(0);
    assert!(run.findings.is_empty() && run.gaps().is_empty());
    assert_eq!(run.report["coverage"]["tenant"]["assessed"], 1);
}

#[test]
fn keys_of_an_app_are_one_finding_with_their_commands() {
    let run = Tree::new()
        .inventory("inv.json", 0, OVERDUE)
        .check(&["inv.json"])
        .ends(1);
    assert_eq!(run.subjects(), ["KS4001 sites/orders"]);
    let finding = &run.report["findings"][0];
    let message = finding["message"].as_str().unwrap();
    assert!(
        message.starts_with("2 keys of 'orders' (subscription 'live') are older"),
        "{message}"
    );
    let related = finding["related"].as_array().unwrap();
    let names: Vec<&str> = related
        .iter()
        .filter_map(|place| place["location"]["id"].as_str()?.rsplit('/').next())
        .collect();
    assert_eq!(names, ["feed", "web"]);
    let commands = finding["steps"].to_string();
    assert!(
        commands.contains("az functionapp keys set --subscription"),
        "{commands}"
    );
    assert!(
        commands.contains("--key-name web-2 --output none"),
        "{commands}"
    );
}

#[test]
fn shards_are_judged_together() {
    let shard = |index: u32, app: &str| {
        format!(
            "[sweep]\nshard = {{ index = {index}, count = 2 }}\n[[apps]]\nid = '{app}'\ncreated = 30\n\
             keys = [{{ name = 'a', fingerprint = '{{{{function-key|fingerprint}}}}' }}]\n"
        )
    };
    let tree = Tree::new()
        .inventory("1.json", 0, &shard(1, "orders"))
        .inventory("2.json", 0, &shard(2, "stock"));
    let run = tree.check(&["1.json", "2.json"]).ends(1);
    assert_eq!(run.subjects(), ["KS4005 functionKeys/a"]);
    // The rest of the tenant has not been seen.
    let alone = tree.check(&["1.json"]).ends(2);
    assert!(alone.findings.is_empty());
    let third = shard(1, "shop").replace("count = 2", "count = 3");
    let tree = tree.inventory("3.json", 0, &third);
    let run = tree.check(&["1.json", "2.json", "3.json"]).ends(2);
    assert!(
        run.stdout.contains("of 3 shards, 2, 3 are missing"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_was_not_assessed_is_not_clean() {
    let tree = Tree::new().inventory(
        "inv.json",
        0,
        &format!("{FRESH}{}", LOCKED.replace("orders", "stock")),
    );
    let run = tree.check(&["inv.json"]).ends(2);
    assert_eq!(run.gaps().len(), 1);
    assert!(
        run.gaps()[0].starts_with("not-assessed /subscriptions/"),
        "{:?}",
        run.gaps()
    );
    tree.check(&["inv.json", "--allow-incomplete"]).ends(0);
    tree.check(&["inv.json", "--min-coverage", "51%"]).ends(2);
    let enough = tree.check(&["inv.json", "--min-coverage", "50%"]).ends(0);
    assert_eq!(enough.notices(), ["gap-accepted"]);
    let accepted =
        "[[accept-gap]]\nresource = '**/sites/stock'\nreason = 'frozen'\nuntil = 2099-12-31\n";
    tree.file("keysweep.toml", accepted)
        .check(&["inv.json"])
        .ends(0);
}

#[test]
fn a_gap_closes_no_finding() {
    let tree = Tree::new()
        .inventory("old.json", 10, OVERDUE)
        .inventory("new.json", 0, LOCKED);
    assert!(tree.check(&["new.json"]).ends(2).findings.is_empty());
    let run = tree.check(&["new.json", "--previous", "old.json"]).ends(2);
    assert_eq!(run.subjects(), ["KS4001 sites/orders"]);
    let finding = &run.report["findings"][0];
    assert_eq!(finding["properties"]["stale"], "2026-01-21");
    let related = finding["related"][0]["message"].as_str().unwrap();
    assert!(related.ends_with("This was known on 2026-01-21; it could not be looked at since."));
}

#[test]
fn an_exemption_names_a_key_or_an_app() {
    let exempt = |resource: &str| {
        policy(&format!(
            "[[exempt]]\nrule = 'KS4001'\nresource = '{resource}'\nreason = 'retired'\nowner = 'ada'\n\
             until = 2099-12-31\n"
        ))
        .inventory("inv.json", 0, OVERDUE)
    };
    let run = exempt("**/functionKeys/web").check(&["inv.json"]).ends(1);
    assert_eq!(run.subjects(), ["KS4001 sites/orders"]);
    assert_eq!(run.report["summary"]["suppressed"], 1);
    let message = run.report["findings"].to_string();
    assert!(
        message.contains("The host key 'feed' of 'orders'"),
        "{message}"
    );
    exempt("**/sites/orders").check(&["inv.json"]).ends(0);
    let unused = exempt("**/sites/shop").check(&["inv.json"]).ends(1);
    assert_eq!(
        unused.subjects(),
        ["KS9001 keysweep.toml", "KS4001 sites/orders"]
    );
}

#[test]
fn a_baseline_knows_keys_and_not_apps() {
    let one = OVERDUE.replace(", { name = 'feed', firstSeen = 100 }", "");
    let tree = Tree::new()
        .inventory("one.json", 0, &one)
        .inventory("two.json", 0, OVERDUE);
    for (format, file) in [("sarif", "b.sarif"), ("json", "b.json")] {
        tree.check(&["one.json", "--output", &format!("{format}={file}")])
            .ends(1);
        tree.check(&["one.json", "--baseline", file]).ends(0);
        let run = tree.check(&["two.json", "--baseline", file]).ends(1);
        assert_eq!(run.report["summary"]["known"], 1);
        let new = run.report["findings"].as_array().unwrap();
        let new = new
            .iter()
            .find(|finding| finding["baselineState"] == "new")
            .unwrap();
        assert!(new["message"].as_str().unwrap().contains("'feed'"), "{new}");
    }
}

#[test]
fn a_leak_that_a_scan_reports_is_found_alive() {
    let live = "[[apps]]\nid = 'orders'\ncreated = 30\n\
        keys = [{ name = 'web', fingerprint = '{{function-key|fingerprint}}' }]\n";
    let tree = Tree::new()
        .file("src/a.js", "'x-functions-key': '{{function-key}}'\n")
        .inventory("inv.json", 0, live);
    tree.scan_with(&["src", "--output", "sarif=scan.sarif"])
        .ends(1);
    let run = tree.check(&["inv.json", "--leaks", "scan.sarif"]).ends(1);
    assert_eq!(run.subjects(), ["KS4012 functionKeys/web"]);
    assert!(run.stdout.contains("src/a.js:1"), "{}", run.stdout);
}

#[test]
fn every_format_says_which_resource_is_meant() {
    let tree = Tree::new().inventory("inv.json", 0, OVERDUE);
    for format in [
        "human", "json", "sarif", "github", "azure", "gitlab", "markdown", "junit",
    ] {
        let run = tree.run(&["check", "inv.json", "--format", format]).ends(1);
        for word in ["KS4001", "sites/orders", "'feed'"] {
            assert!(
                run.stdout.contains(word),
                "{format}: {word}\n{}",
                run.stdout
            );
        }
    }
    let sarif = tree.run(&["check", "inv.json", "--format", "sarif"]).stdout;
    let log: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "keysweep/tenant/");
    let location = &run["results"][0]["locations"][0];
    let id = location["logicalLocations"][0]["fullyQualifiedName"]
        .as_str()
        .unwrap();
    assert!(id.ends_with("/Microsoft.Web/sites/orders"), "{id}");
    let uri = location["physicalLocation"]["artifactLocation"]["uri"]
        .as_str()
        .unwrap();
    assert!(
        uri.starts_with("azure/") && uri.ends_with("/sites/orders.json"),
        "{uri}"
    );
}

#[test]
fn mistakes_are_said() {
    let tree = Tree::new()
        .file("other.json", "{\"a\": 1}")
        .file("cut.json", "{\"version\": \"1.0\", ")
        .inventory("inv.json", 0, FRESH);
    for (arguments, said) in [
        (
            &["nowhere.json"][..],
            "cannot read the inventory nowhere.json",
        ),
        (&["other.json"], "other.json is no inventory of keysweep"),
        (&["cut.json"], "is not JSON: it breaks off at line 1"),
        (
            &["inv.json", "--leaks", "inv.json"],
            "inv.json is no report of keysweep",
        ),
        (
            &["inv.json", "--min-coverage", "120%"],
            "write a whole number from 0 to 100",
        ),
    ] {
        let run = tree.check(arguments).ends(2);
        assert!(
            run.stderr.replace("\n  │ ", " ").contains(said),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_key_in_a_file_is_held_against_the_inventory() {
    let tree = Tree::new()
        .inventory(
            "inv.json",
            0,
            "[[apps]]\nid = 'orders'\ncreated = 30\n\
             keys = [{ name = 'web', fingerprint = '{{function-key|fingerprint}}' }]\n",
        )
        .file("live.js", "send('{{function-key}}');\n")
        .file("dead.js", "send('{{function-key:2}}');\n");
    let run = tree.scan_with(&["--inventory", "inv.json"]);
    assert_eq!(run.rules(), ["KS1003", "KS1003", "KS1103"]);
    let run = tree.scan_with(&["--inventory", "inv.json", "--only-live"]);
    assert_eq!(run.rules(), ["KS1003", "KS1103"]);
    let message = run.report["findings"][1]["message"].as_str().unwrap();
    assert!(message.contains("'orders'"), "{message}");
}
