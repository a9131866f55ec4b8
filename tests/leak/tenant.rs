//! The same of what is said about a tenant: whoever can name something there, or
//! can write a file that is taken for an inventory or a report, puts keys where
//! names belong.

use super::harness::Tree;
use super::harness::detector::Detector;
use super::{SEED, SURE, detector, format_names, plant};
use serde_json::Value;
use std::sync::LazyLock;

/// Made once: it has every piece of every key in every form.
static DETECTOR: LazyLock<Detector> = LazyLock::new(detector);

/// A tenant in which everything that has a name has a mark in it.
const TENANT: &str = r#"
[sweep]
tenant = "@0@"
cloud = "@1@"
identity = { type = "user", objectId = "@2@", applicationId = "@3@", name = "@4@" }
policy = { path = "@5@.toml", sha256 = "@6@" }
coverage = { notInResourceGraph = ["/subscriptions/@7@"] }
[[subscriptions]]
name = "@8@"
state = "@9@"
tenant = "@10@"
managementGroups = ["/providers/Microsoft.Management/managementGroups/@11@"]
activityLog = 90
[[apps]]
id = "func-@12@"
location = "@13@"
kind = "@14@"
state = "@15@"
sku = "@16@"
created = 400
hosts = ["@17@.azurewebsites.net", "func.azurewebsites.net"]
tags = { "@18@" = "@19@", owner = "@20@" }
groupTags = { "@21@" = "@22@" }
functions = [{ name = "@23@", language = "@24@", route = "@25@" }, { name = "Open", authLevel = "anonymous" }]
keys = [
    { kind = "master" },
    { name = "@26@", firstSeen = 200 },
    { name = "shared", fingerprint = "AAAAbbbbCCCCdddd0001", firstSeen = 200 },
    { name = "@27@", function = "@23@", firstSeen = 10 },
    { kind = "system", name = "@28@" },
]
[[apps]]
id = "func-@12@/slots/@29@"
keyStore = "files"
functions = [{ name = "@30@" }]
keys = [{ name = "@31@" }, { name = "@32@", function = "@30@" }]
[[apps]]
id = "orders"
created = 400
keys = [{ name = "web", fingerprint = "AAAAbbbbCCCCdddd0002", firstSeen = 200 }]
[[holders]]
id = "web-@33@"
place = "@34@"
host = "@35@.azurewebsites.net"
fingerprint = "AAAAbbbbCCCCdddd0001"
[[holders]]
id = "shop"
place = "@36@"
form = "key-vault"
vaultSecret = { vault = "@37@", secret = "@38@", version = "@39@" }
fingerprint = "AAAAbbbbCCCCdddd0002"
[[holders]]
id = "Microsoft.ApiManagement/service/@40@/backends/@41@"
kind = "apim-backend"
place = "credentials.header.@42@"
form = "named-value"
namedValue = "@43@"
host = "func.azurewebsites.net"
[[holders]]
id = "Microsoft.Insights/actionGroups/@44@"
kind = "action-group"
place = "webhookReceivers.@45@"
sent = "query"
host = "func.azurewebsites.net"
fingerprint = "AAAAbbbbCCCCdddd0009"
[[apimNamedValues]]
id = "Microsoft.ApiManagement/service/@40@/namedValues/@46@"
displayName = "@43@"
secret = false
fingerprint = "AAAAbbbbCCCCdddd0001"
[[apimSubscriptions]]
id = "Microsoft.ApiManagement/service/@40@/subscriptions/@47@"
displayName = "@48@"
scope = "/apis"
owner = "/users/@49@"
allowTracing = true
created = 400
[[events]]
operation = "write"
subject = "orders/host/default/functionKeys/web"
time = 3
caller = { id = "@50@", name = "@51@" }
[[events]]
operation = "list"
subject = "func-@12@"
time = 2
count = 3
caller = { id = "@52@" }
[[readers]]
id = "/providers/Microsoft.Authorization/roleAssignments/@53@"
scope = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/@54@"
role = "@55@"
principal = { id = "@56@", name = "@57@" }
[[gaps]]
subject = "func-@12@/slots/@29@"
family = "authentication"
reason = "forbidden"
action = "@58@"
detail = "cannot read @59@"
"#;

/// The highest number of a mark.
const MARKS: usize = 59;

/// A policy whose register says of hostile and of other apps what it likes.
const POLICY: &str = r#"
key-name-pattern = "^[a-z]+$"
[key-readers]
allowed = ["{{function-key:6}}"]
max = 1
[[app]]
name = "orders"
environment = "{{system-key:4|unpadded}}"
sensitive = true
[[caller]]
name = "web {{function-key:5}}"
owner = "{{legacy-key:5}}"
contact = "{{master-key:5}}"
emergency = "x-functions-key: {{custom-key:5}}"
app = "orders"
key = "web"
stored-in = "https://kv.vault.azure.net/?code={{custom-key:6}}"
test = "curl -H 'x-functions-key: {{custom-key:7}}' https://a"
replaces = "old"
rotated = 2025-01-01
"#;

/// The inventory with a key of some format at each mark; `shift` gives others to
/// all but the tenant and its apps.
fn hostile(tree: Tree, path: &str, days_before: u32, shift: usize) -> Tree {
    let tree = tree.inventory(path, days_before, TENANT);
    let mut text = std::fs::read_to_string(tree.at(path)).expect("it was written");
    for mark in 0..=MARKS {
        let at = if mark > 22 { mark + shift } else { mark };
        let key = plant(&format!("{{{{{}:{}}}}}", SURE[at % SURE.len()], 1 + at % 9));
        assert!(text.contains(&format!("@{mark}@")), "mark {mark}");
        text = text.replace(&format!("@{mark}@"), &key);
    }
    tree.bytes(path, text.as_bytes())
}

fn tenant() -> Tree {
    let tree = Tree::seeded(SEED).file("keysweep.toml", POLICY);
    let tree = hostile(tree, "old.json", 30, 0);
    hostile(tree, "new.json", 0, 1)
}

/// Both streams of a run hold no piece of a key; answers what it said.
#[track_caller]
fn assert_silent(tree: &Tree, arguments: &[&str]) -> String {
    let run = tree.run(&[&["-vv", "--color", "always"], arguments].concat());
    assert!(run.code.is_some_and(|code| code <= 2), "{run:?}");
    // What is broken into lines is still read.
    let joined: String = run
        .stderr
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '│')
        .collect();
    for text in [&run.stdout, &run.stderr, &joined] {
        DETECTOR.assert_none(&format!("{arguments:?}"), text);
    }
    run.stdout
}

#[test]
fn names_in_a_tenant() {
    let tree = tenant();
    for format in format_names() {
        for group in ["rule", "control"] {
            let arguments = [
                "check",
                "new.json",
                "--previous",
                "old.json",
                "--format",
                &format,
                "--group-by",
                group,
            ];
            let said = assert_silent(&tree, &arguments);
            // Names are there, with a mark in the place of each key.
            assert!(
                format == "junit" || said.contains("key-"),
                "{format} names nothing"
            );
        }
    }
    for format in ["csv", "json", "markdown"] {
        let said = assert_silent(
            &tree,
            &[
                "inventory",
                "export",
                "--format",
                format,
                "new.json",
                "--previous",
                "old.json",
            ],
        );
        assert!(said.lines().count() > 8, "{said}");
    }
    for format in ["human", "json", "markdown"] {
        let said = assert_silent(&tree, &["diff", "old.json", "new.json", "--format", format]);
        assert!(said.contains("key-"), "{said}");
    }
}

#[test]
fn plans_and_swaps() {
    let tree = tenant().file(
        "a.sh",
        "curl -H 'x-functions-key: {{function-key}}' # {{master-key}}\n",
    );
    let table = assert_silent(
        &tree,
        &["inventory", "export", "--format", "json", "new.json"],
    );
    let table: Value = serde_json::from_str(&table).expect("it is JSON");
    let rows = table["keys"].as_array().expect("rows");
    assert_eq!(rows.len(), 8);
    assert_silent(
        &tree,
        &[
            "scan",
            "a.sh",
            "--inventory",
            "new.json",
            "--output",
            "sarif=a.sarif",
            "--output",
            "json=a.json",
        ],
    );
    for row in rows {
        let (id, app) = (row["id"].as_str().unwrap(), row["app"].as_str().unwrap());
        let plan = assert_silent(&tree, &["plan", id, "new.json"]);
        assert!(plan.contains("## Steps"), "{plan}");
        for leaks in ["a.sarif", "a.json"] {
            let incident = assert_silent(
                &tree,
                &["plan", id, "new.json", "--incident", "--leaks", leaks],
            );
            assert!(incident.contains("## Evidence first"), "{incident}");
        }
        assert!(!assert_silent(&tree, &["inventory", "slots", app, "new.json"]).is_empty());
    }
}

/// Values themselves, in files beside an inventory that has them.
#[test]
fn live_keys_in_files() {
    let live = "[[apps]]\nid = 'orders'\ncreated = 400\n\
        keys = [{ name = 'web', fingerprint = '{{function-key|fingerprint}}' }]\n\
        [[holders]]\nid = 'shop'\nplace = 'KEY'\nfingerprint = '{{function-key|fingerprint}}'\n";
    let tree = Tree::seeded(SEED)
        .inventory("inv.json", 0, live)
        .file(
            "src/{{master-key}}/a.js",
            "send('{{function-key}}', '{{legacy-key}}');\n",
        )
        .repository(&["src"]);
    tree.git(".", &["commit", "-q", "-m", &plant("{{function-key:2}}")]);
    for more in [
        &["src"][..],
        &["--history"],
        &["src", "--only-live"],
        &["--history", "--only-live"],
    ] {
        for format in format_names() {
            let scan = ["scan", "--inventory", "inv.json", "--format", &format];
            let said = assert_silent(&tree, &[&scan[..], more].concat());
            // GitLab and GitHub have the words without the id.
            assert!(
                said.contains("KS1103")
                    || said.contains("LeakedKeyIsActive")
                    || said.contains("orders"),
                "{format} {more:?}"
            );
        }
    }
}

/// An inventory that cannot be used, the culprit beside a key, or a key itself.
#[test]
fn broken_inventories() {
    let tree = Tree::seeded(SEED).inventory(
        "good.json",
        0,
        "[[apps]]\nid = 'orders'\nkeys = [{ name = 'web' }]\n",
    );
    let good = std::fs::read_to_string(tree.at("good.json")).expect("it was written");
    for (from, to) in [
        ("\"1.0\"", "\"{{function-key}}\""),
        ("\"1.0\"", "\"{{legacy-key}}.0\""),
        ("\"1.0\"", "{{function-key}}"),
        ("\"version\"", "\"{{legacy-key}}\""),
        ("\"sweep\"", "\"{{master-key}}\""),
        ("\"apps\": [", "\"{{function-key}}\": 1, \"apps\": ["),
        ("\"keys\": [", "\"{{legacy-key}}\": [], \"keys\": ["),
        ("\"host\"", "\"{{system-key}}\""),
        ("\"identifiable\"", "\"{{legacy-key}}\""),
        ("\"fingerprint\": \"", "\"fingerprint\": \"{{function-key}}"),
        ("\"firstSeen\": \"", "\"firstSeen\": \"{{legacy-key}}"),
        ("\"started\": \"", "\"started\": {{function-key}}\""),
    ] {
        let broken = good.replacen(from, to, 1);
        assert_ne!(broken, good, "{from}");
        let name = "{{master-key:2}}.json";
        let tree = Tree::seeded(SEED)
            .file(name, &broken)
            .file("good.json", &good)
            .file("a.txt", "a");
        for arguments in [
            &["check", name][..],
            &["check", "good.json", "--previous", name],
            &["inventory", "export", name],
            &["inventory", "slots", "orders", name],
            &["plan", "orders/web", name],
            &["diff", "good.json", name],
            &["diff", name, "good.json"],
            &["scan", "a.txt", "--inventory", name],
        ] {
            assert_silent(&tree, arguments);
            tree.run(arguments).ends(2);
        }
    }
}

/// Reports that anybody can have written.
#[test]
fn reports_of_others() {
    let json = r#"{"version": 1, "tool": {"name": "keysweep"}, "rules": [{"id": "KS1003"}, {"id": "{{legacy-key}}"}],
        "gaps": [{"subject": "{{function-key:2}}/{{legacy-key:3}}"}], "findings": [{"ruleId": "KS1003", "severity": "high",
        "stableId": "@id@", "suppressed": null, "message": "{{legacy-key}} code={{function-key:4}} {{master-key|percent}}",
        "properties": {"fingerprint": "AAAAbbbbCCCCdddd0002", "addedIn": "{{function-key:5}}", "addedAt": "{{legacy-key:4}}",
        "removedAt": "{{master-key:4}}", "members": ["{{function-key:6}}"]},
        "location": {"in": "file", "path": "a/{{system-key}}/b.sh", "start": {"line": 1, "column": 1}}}]}"#;
    let sarif = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "keysweep", "rules": [{"id": "{{master-key}}"}]}},
        "automationDetails": {"id": "{{legacy-key}}"}, "invocations": [{"executionSuccessful": false,
        "toolExecutionNotifications": [{"descriptor": {"id": "{{function-key}}"}}]}],
        "results": [{"ruleId": "KS1003", "message": {"text": "{{legacy-key:2}} {{function-key:3}}"},
        "partialFingerprints": {"keysweep/v1": "@id@"}, "properties": {"fingerprint": "AAAAbbbbCCCCdddd0002",
        "severity": "{{legacy-key}}", "addedAt": "{{function-key:7}}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "{{master-key:2|percent}}/{{legacy-key:5}}.js"},
        "region": {"startLine": 2}}}]}]}]}"#;
    let tree = tenant();
    let tree = ["1", "2"].into_iter().fold(tree, |tree, id| {
        tree.file(&format!("{id}.json"), &json.replace("@id@", id))
            .file(
                &format!("{id}.sarif"),
                &sarif.replace("@id@", &plant("{{legacy-key:6}}")),
            )
    });
    for (old, new) in [
        ("1.json", "2.json"),
        ("1.sarif", "2.json"),
        ("2.json", "1.sarif"),
        ("1.json", "new.json"),
    ] {
        for format in ["human", "json", "markdown"] {
            assert_silent(&tree, &["diff", old, new, "--format", format]);
        }
    }
    for report in ["1.json", "1.sarif"] {
        let incident = assert_silent(
            &tree,
            &[
                "plan",
                "orders/web",
                "new.json",
                "--incident",
                "--leaks",
                report,
            ],
        );
        assert!(incident.contains("found in"), "{incident}");
        assert_silent(
            &tree,
            &["check", "new.json", "--leaks", report, "--format", "json"],
        );
    }
}

/// Keys where an app, a key or a file belongs.
#[test]
fn arguments_about_a_tenant() {
    let tree = tenant();
    for name in [
        "function-key",
        "master-key",
        "legacy-key",
        "apim-identifiable-key",
    ] {
        let key = &*format!("{{{{{name}}}}}");
        let key_of = &*format!("orders/{key}");
        let id = &*format!("/subscriptions/{key}/x");
        let previous = &*format!("none/{key}/x.json");
        for arguments in [
            &["plan", key, "new.json"][..],
            &["plan", key_of, "new.json"],
            &["plan", id, "new.json"],
            &["plan", "orders/web", key],
            &["plan", "orders/web", "new.json", "--leaks", key],
            &["inventory", "slots", key, "new.json"],
            &["inventory", "slots", "orders", key],
            &["inventory", "export", key],
            &["inventory", "export", "--format", key, "new.json"],
            &["inventory", key],
            &["check", key],
            &["check", "new.json", "--previous", previous],
            &["check", "new.json", "--min-coverage", key],
            &["diff", key, "new.json"],
            &["diff", "new.json", previous],
            &["diff", "new.json", "old.json", "--format", key],
            &["scan", "keysweep.toml", "--inventory", key],
            &["sweep", "--subscription", key, "--shard", key],
            &["sweep", "--tag", key, "--arm-endpoint", key],
            &[
                "sweep",
                "--tenant",
                key,
                "--ca-cert",
                key,
                "--arm-endpoint",
                "https://localhost:1",
            ],
        ] {
            assert_silent(&tree, arguments);
        }
    }
}
