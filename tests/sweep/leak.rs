//! Nothing that a sweep writes contains a key: the inventory, the state of a
//! sweep that was killed, reports, and everything on standard error, whatever
//! the service answers.

use keysweep::azure::{Auth, CloudName, Log, Options, Progress, collect};
use keysweep::inventory::{Filters, Scope};
use serde_json::json;
use std::fmt::Arguments;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::harness::detector::Detector;
use super::server::Answer;
use super::tenant::{SUBSCRIPTION, Tenant, at};

const SEED: &str = "planted by the leak test of sweeps";

fn detector(tenant: &Tenant) -> Detector {
    let names = [
        "function-key",
        "master-key",
        "system-key",
        "legacy-key",
        "custom-key",
    ];
    let mut keys = Vec::new();
    for name in names {
        for number in 1..=9 {
            let name = format!("{name}:{number}");
            keys.push((name.clone(), tenant.tree.expand(&format!("{{{{{name}}}}}"))));
        }
    }
    Detector::new(keys.iter().map(|(name, key)| (&**name, key.as_bytes())))
}

/// Runs it with everything said, and searches all that was written.
fn assert_silent(tenant: &Tenant, arguments: &[&str]) {
    let detector = detector(tenant);
    let mut all = vec!["-vv", "--color", "always", "--resume", "state"];
    all.extend(["--output", "sarif=a.sarif", "--output", "json=a.json"]);
    all.extend(arguments);
    let run = tenant.sweep(&all);
    assert!(run.code.is_some_and(|code| code <= 2), "{run:?}");
    detector.assert_none("standard output", &run.stdout);
    detector.assert_none("standard error", &run.stderr);
    for file in ["inventory.json", "a.sarif", "a.json", "state"] {
        let text = std::fs::read(tenant.tree.at(file)).unwrap_or_default();
        detector.assert_none(file, text);
    }
}

#[test]
fn of_answers_as_they_should_be() {
    let tenant = Tenant::new(SEED);
    assert_silent(&tenant, &[]);
    assert!(
        !tenant.inventory()["apps"][0]["keys"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn of_keys_in_errors_and_in_broken_answers() {
    let tenant = Tenant::new(SEED);
    let words = tenant
        .tree
        .expand("cannot read {{function-key}} and {{legacy-key}} at {{master-key|percent}}");
    let broken = tenant
        .tree
        .expand(r#"{"masterKey": "{{master-key}}", "functionKeys": {"a": ["{{function-key}}"#);
    let wrong = tenant.json(&json!({"default": {"value": "{{function-key:2}}"}}));
    let tenant = tenant
        .told(
            "POST",
            &at("/host/default/listkeys"),
            &[Answer::text(200, &broken)],
        )
        .told("POST", &at("/functions/Place/listkeys"), &[wrong])
        .told(
            "GET",
            &at("/config/web"),
            &[Answer::error(400, &words, &words)],
        )
        .told(
            "GET",
            &at("/config/authsettingsV2"),
            &[Answer::text(418, &words)],
        )
        .told(
            "POST",
            &at("/config/appsettings/list"),
            &[Answer::text(500, &format!("<b>{words}</b>"))],
        );
    assert_silent(&tenant, &["--app-deadline", "4s"]);
}

#[test]
fn of_keys_in_names_and_pages() {
    let tenant = Tenant::new(SEED);
    let groups = format!("{SUBSCRIPTION}/providers/Microsoft.Insights/actionGroups");
    let tenant = tenant
        .get(&at("/functions"), &json!({"value": [{"properties": {"name": "{{function-key:3}}"}}]}))
        .get(&groups, &json!({"value": [
            {"id": "/{{master-key:2}}", "properties": {"webhookReceivers": [
                {"name": "{{system-key}}", "serviceUri": "https://func-orders.azurewebsites.net/{{legacy-key}}?code={{legacy-key:2}}"}]}}],
            "nextLink": "https://localhost/?code={{function-key:4}}"}))
        .get(&format!("{SUBSCRIPTION}/resourcegroups"), &json!({"value": [
            {"name": "rg-orders", "tags": {"{{function-key:5}}": "code={{legacy-key:3}} {{function-key:6}}"}}]}));
    assert_silent(&tenant, &[]);
}

#[test]
fn of_the_state_of_a_killed_sweep() {
    let tenant = Tenant::new(SEED);
    let slow = Answer::json(&json!({})).late(Duration::from_secs(30));
    let path = at("/config/appsettings/list");
    let tenant = tenant.told("POST", &path, &[slow]);
    let mut command = tenant.command(&["--resume", "state", "-vv"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    while tenant.server.asked("POST", &path) == 0 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let detector = detector(&tenant);
    let state = std::fs::read(tenant.tree.at("state")).unwrap();
    // All keys have been listed by then.
    assert!(String::from_utf8_lossy(&state).contains("\"fingerprint\""));
    detector.assert_none("the state", state);
    detector.assert_none("standard error", output.stderr);
}

/// A bug in the middle of a sweep, when keys have just been answered: neither
/// what it says nor the state that it leaves has any.
#[test]
fn of_a_panic_in_the_collector() {
    let tenant = Tenant::new(SEED);
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "leak::panics_in_the_collector",
            "--ignored",
            "--nocapture",
        ])
        .env("RUST_BACKTRACE", "full")
        .env("ARM", &tenant.server.address)
        .env("CA", tenant.server.ca())
        .env("STATE", tenant.tree.at("state"))
        .env("KEY", tenant.tree.expand("{{master-key}}"))
        .envs([
            ("AZURE_TENANT_ID", super::TENANT),
            ("AZURE_CLIENT_SECRET", "nobody's"),
        ])
        .env("AZURE_CLIENT_ID", "00000000-0000-0000-0000-00000000000c")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}");
    assert!(
        said.contains("internal error at tests/sweep/leak.rs:"),
        "{said}"
    );
    let detector = detector(&tenant);
    detector.assert_none("a panic", &child.stderr);
    detector.assert_none("a panic", &child.stdout);
    let state = std::fs::read(tenant.tree.at("state")).unwrap();
    assert!(!state.is_empty());
    detector.assert_none("the state", state);
}

/// Fails when the keys of a host have been listed, with one in its words.
struct Failing;

impl Log for Failing {
    fn step(&self, _: Arguments<'_>) {}

    fn request(&self, message: Arguments<'_>) {
        let message = message.to_string();
        let key = std::env::var("KEY").expect("the test says it");
        assert!(
            !message.contains("host/default/listkeys"),
            "{message}: {key}"
        );
    }
}

#[test]
#[ignore = "started by the test `of_a_panic_in_the_collector`, in a process of its own"]
fn panics_in_the_collector() {
    keysweep::run::guard_panics();
    let told = |name: &str| std::env::var(name).unwrap();
    let options = Options {
        cloud: CloudName::Public,
        arm_endpoint: Some(told("ARM")),
        authority: Some(told("ARM")),
        ca_cert: Some(told("CA").into()),
        auth: Auth::Env,
        tenant: None,
        scope: Scope::default(),
        filters: Filters::default(),
        shard: None,
        metadata_only: false,
        webhook_urls: false,
        previous: None,
        refresh_keys: None,
        resume: Some(told("STATE").into()),
        run_time: Duration::from_secs(60),
        app_time: Duration::from_secs(60),
        family_time: Duration::from_secs(60),
        web_api_version: "2025-05-01".to_owned(),
        fingerprint_key: None,
    };
    let swept = std::thread::spawn(|| {
        collect(options, Arc::new(Failing), Arc::new(Progress::default())).is_ok()
    });
    assert!(swept.join().is_err(), "it did not panic");
}
