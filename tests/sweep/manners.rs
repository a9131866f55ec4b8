//! Asking politely, asking once, and going on after having been killed.

use serde_json::json;
use std::collections::HashMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::server::Answer;
use super::tenant::{SUBSCRIPTION, Tenant, at};

const HOST_KEYS: &str = "/host/default/listkeys";

#[test]
fn waits_as_long_as_it_is_told() {
    let tenant = Tenant::new("");
    let busy = Answer::error(429, "TooManyRequests", "Slow down.").header("Retry-After", "1");
    let keys = tenant.json(&json!({"masterKey": "{{master-key}}"}));
    let tenant = tenant.told("POST", &at(HOST_KEYS), &[busy, keys]);
    tenant.sweep(&["--fail-on", "never"]).ends(0);
    let asked = tenant.server.requests("POST", &at(HOST_KEYS));
    assert_eq!(asked.len(), 2);
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
}

/// Reading twice does no harm; a second listing of keys could make some.
#[test]
fn reads_again_but_lists_keys_once() {
    let tenant = Tenant::new("");
    let down = || Answer::error(503, "ServiceUnavailable", "Try again.");
    let functions = tenant.json(&json!({"value": []}));
    let tenant = tenant
        .told("GET", &at("/functions"), &[down(), functions])
        .told("POST", &at(HOST_KEYS), &[down()]);
    tenant.sweep(&["--fail-on", "never"]).ends(2);
    assert_eq!(tenant.server.asked("GET", &at("/functions")), 2);
    assert_eq!(tenant.server.asked("POST", &at(HOST_KEYS)), 1);
    assert_eq!(tenant.gaps(), ["host-keys service-error app"]);
}

/// The service has done it, and only the answer is lost.
#[test]
fn lists_keys_again_when_the_answer_was_cut() {
    let tenant = Tenant::new("");
    let whole = tenant.json(&json!({"masterKey": "{{master-key}}", "functionKeys": {}}));
    let tenant = tenant.told("POST", &at(HOST_KEYS), &[whole.clone().cut(20), whole]);
    tenant.sweep(&["--fail-on", "never"]).ends(0);
    assert_eq!(tenant.server.asked("POST", &at(HOST_KEYS)), 2);
}

#[test]
fn takes_a_new_token_for_one_that_is_refused() {
    let tenant = Tenant::new("");
    let expired = Answer::error(401, "ExpiredAuthenticationToken", "It has expired.");
    let keys = tenant.json(&json!({"masterKey": "{{master-key}}"}));
    let tenant = tenant.told("POST", &at(HOST_KEYS), &[expired, keys]);
    tenant.sweep(&["--fail-on", "never"]).ends(0);
    assert_eq!(tenant.server.asked("POST", &at(HOST_KEYS)), 2);
}

/// A token goes nowhere but to the resource manager, and no list is endless.
#[test]
fn follows_no_page_to_another_host_and_none_in_a_circle() {
    let groups = format!("{SUBSCRIPTION}/providers/Microsoft.Insights/actionGroups");
    let flows = format!("{SUBSCRIPTION}/providers/Microsoft.Logic/workflows");
    let circle = format!("@arm@{flows}?page=2");
    let tenant = Tenant::new("")
        .get(
            &groups,
            &json!({"value": [], "nextLink": "https://localhost:1/x?page=2"}),
        )
        .get(&flows, &json!({"value": [], "nextLink": circle}))
        .get(
            &format!("{flows}?page=2"),
            &json!({"value": [], "nextLink": circle}),
        );
    tenant.sweep(&["--fail-on", "never"]).ends(2);
    assert_eq!(
        tenant.gaps(),
        [
            "action-groups bad-answer subscription",
            "logic-apps bad-answer subscription"
        ]
    );
    assert_eq!(tenant.server.asked("GET", &flows), 2);
}

#[test]
fn a_long_list_has_all_its_pages() {
    let function = |name: &str| json!({"properties": {"name": name}});
    let next = format!("@arm@{}?page=2", at("/functions"));
    let tenant = Tenant::new("")
        .get(
            &at("/functions"),
            &json!({"value": [function("A")], "nextLink": next}),
        )
        .get(
            &format!("{}?page=2", at("/functions")),
            &json!({"value": [function("B")], "nextLink": ""}),
        );
    tenant
        .sweep(&["--metadata-only", "--fail-on", "never"])
        .ends(0);
    let functions = tenant.inventory()["apps"][0]["functions"].clone();
    assert_eq!(functions.as_array().unwrap().len(), 2);
}

#[test]
fn an_answer_that_does_not_come_is_not_waited_for() {
    let slow = Answer::json(&json!({})).late(Duration::from_secs(60));
    let tenant = Tenant::new("").told("POST", &at(HOST_KEYS), &[slow]);
    let started = Instant::now();
    tenant
        .sweep(&["--app-deadline", "1s", "--fail-on", "never"])
        .ends(2);
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(
        tenant
            .gaps()
            .contains(&"host-keys timed-out app".to_owned())
    );
}

/// Killed in the middle, it goes on where it was: nothing that was answered is
/// asked for again, and nothing is lost.
#[test]
fn goes_on_after_having_been_killed() {
    let whole = Tenant::new("");
    whole.sweep(&["--fail-on", "never"]).ends(0);

    let tenant = Tenant::new("");
    let slow = tenant.json(&json!({"default": "{{function-key:2}}", "old": "{{legacy-key}}"}));
    let place = at("/functions/Place/listkeys");
    tenant.server.tell(
        "POST",
        &place,
        &[slow.clone().late(Duration::from_secs(30)), slow],
    );
    let mut child = tenant
        .command(&["--resume", "state"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    while tenant.server.asked("POST", &place) == 0 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(tenant.tree.at("state").exists() && !tenant.tree.at("inventory.json").exists());

    tenant
        .sweep(&["--resume", "state", "--fail-on", "never"])
        .ends(0);
    let mut answered: HashMap<String, usize> = HashMap::new();
    for one in tenant
        .server
        .log()
        .iter()
        .filter(|one| !one.path.ends_with("/token"))
    {
        *answered
            .entry(format!("{} {}?{}", one.method, one.path, one.query))
            .or_default() += 1;
    }
    let twice: Vec<_> = answered.iter().filter(|(_, times)| **times > 1).collect();
    let only = |name: &str| name.contains("place/listkeys") || name.contains("metadata/endpoints");
    assert!(twice.iter().all(|(name, _)| only(name)), "{twice:?}");
    assert_eq!(
        without_times(tenant.inventory()),
        without_times(whole.inventory())
    );
    assert!(!tenant.tree.at("state").exists());
}

/// An inventory as it is in every run.
fn without_times(mut inventory: serde_json::Value) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => {
                let is_time = |value: &serde_json::Value| {
                    let text = value.as_str().unwrap_or_default();
                    text.parse::<jiff::Timestamp>().is_ok()
                };
                fields.retain(|_, value| !is_time(value));
                fields.remove("cloud");
                fields.values_mut().for_each(strip);
            }
            serde_json::Value::Array(values) => values.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut inventory);
    inventory
}
