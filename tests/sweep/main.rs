//! Sweeps of a small tenant that says what a test tells it to: what the service
//! is asked for, how politely, and what becomes of its answers.
#![cfg(feature = "live")]

#[path = "../harness/mod.rs"]
mod harness;
mod leak;
mod manners;
mod server;
mod tenant;

use serde_json::json;
use server::Answer;
use tenant::{APIM, APP, SUBSCRIPTION, Tenant, at};

/// The tenant's GUID.
const TENANT: &str = "00000000-0000-0000-0000-0000000000ee";

/// The object id of whoever sweeps.
const OID: &str = "00000000-0000-0000-0000-0000000000dd";

#[test]
fn keys_become_facts() {
    let tenant = Tenant::new("");
    tenant.sweep(&["--fail-on", "never"]).ends(0);
    let inventory = tenant.inventory();
    let app = &inventory["apps"][0];
    let keys: Vec<String> = app["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            let text = |name: &str| key[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", text("kind"), text("name"), text("format"), text("seed"))
        })
        .collect();
    assert_eq!(
        keys,
        [
            "function default identifiable function",
            "function old legacy -",
            "host default identifiable function",
            "host partner chosen -",
            "system eventgrid_extension identifiable system",
            "master _master identifiable master",
        ]
    );
    assert_eq!(app["keyStore"], "key-vault");
    assert_eq!(app["groupTags"]["owner"], "ada");
    assert_eq!(inventory["sweep"]["identity"]["objectId"], OID);
    assert_eq!(inventory["sweep"]["coverage"]["assessed"], 1);
    assert_eq!(tenant.gaps(), [""; 0]);
}

#[test]
fn finds_whoever_holds_a_key() {
    let value = |id: &str, properties| json!({"value": [{"id": format!("{APIM}/{id}"), "properties": properties}]});
    let groups = format!("{SUBSCRIPTION}/providers/Microsoft.Insights/actionGroups");
    let services = format!("{SUBSCRIPTION}/providers/Microsoft.ApiManagement/service");
    let tenant = Tenant::new("")
        .get(&services, &json!({"value": [{"id": APIM}]}))
        .get(&format!("{APIM}/backends"), &value("backends/b", json!({
            "url": "https://func-orders.azurewebsites.net/api",
            "credentials": {"header": {"x-functions-key": ["{{function-key}}"]}}})))
        .get(&format!("{APIM}/allPolicies"), &json!({"value": []}))
        .get(&format!("{APIM}/subscriptions"), &json!({"value": []}))
        .get(&format!("{APIM}/namedValues"), &value("namedValues/n", json!({
            "displayName": "orders", "secret": true})))
        .get(&groups, &json!({"value": [{"id": format!("{SUBSCRIPTION}/actionGroups/oncall"), "properties": {
            "webhookReceivers": [{"name": "hook", "serviceUri": "https://func-orders.azurewebsites.net/api/Place?code={{master-key}}"}]}}]}));
    let secret = tenant.json(&json!({"value": "{{function-key:2}}"}));
    let tenant = tenant.told("POST", &format!("{APIM}/namedValues/n/listValue"), &[secret]);
    tenant.sweep(&["--fail-on", "never"]).ends(0);
    let inventory = tenant.inventory();
    let holders: Vec<String> = inventory["holders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|holder| {
            let text = |name: &str| holder[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", text("kind"), text("place"), text("sent"), text("seed"))
        })
        .collect();
    assert_eq!(
        holders,
        [
            "action-group webhookReceivers.hook query master",
            "apim-backend credentials.header.x-functions-key header function",
            "app-setting Endpoint query function",
            "app-setting PartnerKey - -",
        ]
    );
    let named = &inventory["apimNamedValues"][0];
    let keys = inventory["apps"][0]["keys"].as_array().unwrap();
    assert_eq!(named["fingerprint"], keys[0]["fingerprint"]);
}

/// What the identity may not read is a gap with the action that it lacks.
#[test]
fn goes_on_without_what_it_may_not_read() {
    let denied = |action: &str| {
        let message = format!(
            "The client 'c' with object id 'o' does not have authorization to perform action '{action}' over scope '{APP}' or the scope is invalid."
        );
        Answer::error(403, "AuthorizationFailed", &message)
    };
    let keys = "Microsoft.Web/sites/functions/listkeys/action";
    let settings = "Microsoft.Web/sites/config/list/action";
    let log = format!("{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values");
    let tenant = Tenant::new("")
        .told("POST", &at("/functions/Place/listkeys"), &[denied(keys)])
        .told("POST", &at("/config/appsettings/list"), &[denied(settings)])
        // Without a word on which one it is.
        .told("GET", &log, &[Answer::text(403, "<html>Forbidden</html>")]);
    let run = tenant.sweep(&["--fail-on", "never"]).ends(2);
    assert_eq!(
        tenant.gaps(),
        [
            "activity-log forbidden subscription Microsoft.Insights/eventtypes/values/read",
            &format!("settings forbidden app {settings}"),
            &format!("function-keys forbidden app/functions/Place {keys}"),
        ]
    );
    assert!(run.stdout.contains(keys) || run.stderr.contains(keys), "{run:?}");
    assert_eq!(tenant.inventory()["apps"][0]["keys"].as_array().unwrap().len(), 4);
}

#[test]
fn a_locked_app_is_not_assessed() {
    let locked = Answer::error(409, "ScopeLocked", "The scope cannot perform write operation because following scope(s) are locked.");
    let tenant = Tenant::new("").told("POST", &at("/host/default/listkeys"), &[locked]);
    tenant.sweep(&[]).ends(2);
    assert_eq!(tenant.gaps(), ["host-keys locked app", "function-keys locked app"]);
    // It would be refused the same way.
    assert_eq!(tenant.server.asked("POST", &at("/functions/Place/listkeys")), 0);
}

#[test]
fn metadata_only_asks_for_no_secret() {
    let tenant = Tenant::new("");
    tenant.sweep(&["--metadata-only", "--fail-on", "never"]).ends(0);
    let posts: Vec<String> = tenant
        .server
        .log()
        .iter()
        .filter(|one| one.method == "POST")
        .map(|one| one.path.rsplit('/').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(posts, ["token", "resources"]);
    assert_eq!(tenant.inventory()["apps"][0]["functions"][0]["authLevel"], "function");
}

#[test]
fn a_plan_asks_for_no_secret() {
    let tenant = Tenant::new("");
    let permissions = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/permissions");
    let reader = json!({"value": [{"actions": ["*/read"], "notActions": []}]});
    let tenant = tenant.get(&permissions, &reader);
    let ca = tenant.server.ca();
    let address = tenant.server.address.clone();
    let run = tenant.tree.run(&[
        "sweep", "--plan", "--auth", "env", "--arm-endpoint", &address, "--ca-cert", &ca,
        "--authority", &address,
    ]);
    let run = run.ends(0);
    assert!(run.stdout.contains("1 function app with 0 slots, 1 function"), "{}", run.stdout);
    assert!(run.stdout.contains("Microsoft.Web/sites/host/listkeys/action"), "{}", run.stdout);
    let posts = tenant.server.log().into_iter().filter(|one| one.method == "POST").count();
    assert_eq!(posts, 2, "a token and Resource Graph");
}

/// Keys that were listed yesterday are not listed again, unless they were changed.
#[test]
fn recent_keys_are_taken_over() {
    let tenant = Tenant::new("");
    let key = "KEYSWEEP_FINGERPRINT_KEY";
    let sweep = |arguments: &[&str]| {
        let mut command = tenant.command(arguments);
        command.env(key, "a key for these tests only");
        harness::Run::of(command.output().expect("the program")).ends(0)
    };
    sweep(&["--fail-on", "never"]);
    let path = at("/host/default/listkeys");
    let first = tenant.inventory();
    std::fs::copy(tenant.tree.at("inventory.json"), tenant.tree.at("old.json")).unwrap();
    sweep(&["--previous", "old.json", "--refresh-keys", "7d", "--fail-on", "never"]);
    assert_eq!(tenant.server.asked("POST", &path), 1);
    assert_eq!(first["apps"][0]["keys"], tenant.inventory()["apps"][0]["keys"]);
    let log = format!("{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values");
    let now = jiff::Timestamp::now().to_string();
    let write = json!({"value": [{"caller": "ada@contoso.example", "correlationId": "c",
        "eventTimestamp": now, "operationName": {"value": "Microsoft.Web/sites/host/functionKeys/write"},
        "resourceId": at("/host/default/functionKeys/partner"), "status": {"value": "Succeeded"}}]});
    tenant.server.tell("GET", &log, &[Answer::json(&write)]);
    sweep(&["--previous", "old.json", "--refresh-keys", "7d", "--fail-on", "never"]);
    assert_eq!(tenant.server.asked("POST", &path), 2);
}
