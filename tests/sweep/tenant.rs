//! A small tenant by hand: one subscription, one function app with one
//! function, a caller for each family. What a test is about it tells anew.

use serde_json::{Value, json};
use std::process::Command;

use super::harness::{Run, Tree};
use super::server::{Answer, Server};

pub(crate) const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-00000000000a";
pub(crate) const APP: &str = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg-orders/providers/Microsoft.Web/sites/func-orders";
pub(crate) const APIM: &str = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg-orders/providers/Microsoft.ApiManagement/service/gw";

/// The server and a directory to run in.
pub(crate) struct Tenant {
    pub(crate) server: Server,
    pub(crate) tree: Tree,
}

/// Where an app is asked for what.
pub(crate) fn at(path: &str) -> String {
    format!("{APP}{path}")
}

impl Tenant {
    /// With keys that are made from the seed.
    pub(crate) fn new(seed: &str) -> Self {
        let server = Server::start();
        let tree = Tree::seeded(seed)
            .env("AZURE_TENANT_ID", super::TENANT)
            .env("AZURE_CLIENT_ID", "00000000-0000-0000-0000-00000000000c")
            .env("AZURE_CLIENT_SECRET", "nobody's");
        let tenant = Self { server, tree };
        tenant.tell_all();
        tenant
    }

    /// With another answer; placeholders in it are expanded.
    pub(crate) fn get(self, path: &str, body: &Value) -> Self {
        let answer = self.json(body);
        self.told("GET", path, &[answer])
    }

    pub(crate) fn told(self, method: &str, path: &str, answers: &[Answer]) -> Self {
        self.server.tell(method, path, answers);
        self
    }

    /// A body with keys in place of its placeholders.
    pub(crate) fn json(&self, body: &Value) -> Answer {
        Answer::text(200, &self.tree.expand(&body.to_string()))
    }

    /// Runs a sweep to its end.
    pub(crate) fn sweep(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("the program"))
    }

    /// The sweep, ready to start.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let ca = self.server.ca();
        let mut all = vec![
            "sweep",
            "--auth",
            "env",
            "--arm-endpoint",
            &self.server.address,
        ];
        all.extend(["--authority", &self.server.address, "--ca-cert", &ca]);
        all.extend(["--save", "inventory.json"]);
        all.extend(arguments);
        self.tree.command(&all)
    }

    /// What the last sweep kept.
    pub(crate) fn inventory(&self) -> Value {
        let text = std::fs::read_to_string(self.tree.at("inventory.json")).expect("it was saved");
        serde_json::from_str(&text).expect("it is JSON")
    }

    /// `family reason subject` of every gap, the subject below the subscription.
    pub(crate) fn gaps(&self) -> Vec<String> {
        let inventory = self.inventory();
        let gaps = inventory["gaps"].as_array().expect("a list").iter();
        gaps.map(|gap| {
            let text = |name: &str| gap[name].as_str().unwrap_or_default().to_owned();
            let subject = text("subject")
                .replace(APP, "app")
                .replace(SUBSCRIPTION, "subscription");
            let action = gap["action"].as_str().unwrap_or_default();
            format!("{} {} {subject} {action}", text("family"), text("reason"))
                .trim_end()
                .to_owned()
        })
        .collect()
    }

    fn tell_all(&self) {
        let web = "/providers/Microsoft.Web/sites";
        let list = |values: Value| json!({"value": values});
        let all: Vec<(&str, String, Value)> = vec![
            (
                "GET",
                "/subscriptions".into(),
                list(json!([{
                "subscriptionId": "00000000-0000-0000-0000-00000000000a", "displayName": "orders",
                "state": "Enabled", "tenantId": super::TENANT}])),
            ),
            (
                "POST",
                "/providers/Microsoft.ResourceGraph/resources".into(),
                json!({
                "data": [{"id": APP, "kind": "functionapp", "location": "westeurope",
                    "tags": {"team": "orders"}, "state": "Running", "sku": "Dynamic",
                    "defaultHostName": "func-orders.azurewebsites.net", "hostNames": null}],
                "resultTruncated": "false"}),
            ),
            (
                "GET",
                format!("{SUBSCRIPTION}/resources"),
                list(json!([{
                "id": APP, "kind": "functionapp", "createdTime": "2024-01-01T00:00:00Z"}])),
            ),
            (
                "GET",
                format!("{SUBSCRIPTION}/resourcegroups"),
                list(json!([{
                "name": "rg-orders", "tags": {"owner": "ada"}}])),
            ),
            (
                "GET",
                at("/functions"),
                list(json!([{"name": "func-orders/Place", "properties": {
                "name": "Place", "language": "node", "isDisabled": false,
                "config": {"bindings": [{"type": "httpTrigger", "authLevel": "function"}]}}}])),
            ),
            (
                "POST",
                at("/host/default/listkeys"),
                json!({"masterKey": "{{master-key}}",
                "functionKeys": {"default": "{{function-key}}", "partner": "{{custom-key}}"},
                "systemKeys": {"eventgrid_extension": "{{system-key}}"}}),
            ),
            (
                "POST",
                at("/functions/Place/listkeys"),
                json!({"default": "{{function-key:2}}",
                "old": "{{legacy-key}}"}),
            ),
            (
                "GET",
                at("/config/authsettingsV2"),
                json!({"properties": {}}),
            ),
            (
                "GET",
                at("/config/web"),
                json!({"properties": {"ipSecurityRestrictions": [
                {"ipAddress": "Any", "action": "Allow", "priority": 1}]}}),
            ),
            (
                "POST",
                at("/config/appsettings/list"),
                json!({"properties": {
                "AzureWebJobsSecretStorageType": "keyvault",
                "PartnerKey": "{{custom-key}}",
                "Endpoint": "https://func-orders.azurewebsites.net/api/Place?code={{function-key:2}}"}}),
            ),
            (
                "GET",
                format!("{SUBSCRIPTION}/locations"),
                list(json!([{"name": "westeurope"}])),
            ),
        ];
        for (method, path, body) in all {
            self.server.tell(method, &path, &[self.json(&body)]);
        }
        let authorization = "/providers/Microsoft.Authorization";
        for path in [
            format!("{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"),
            format!("{SUBSCRIPTION}{authorization}/roleDefinitions"),
            format!("{SUBSCRIPTION}{authorization}/roleAssignments"),
            format!("{SUBSCRIPTION}{web}"),
            format!("{SUBSCRIPTION}/providers/Microsoft.ApiManagement/service"),
            format!("{SUBSCRIPTION}/providers/Microsoft.EventGrid/eventSubscriptions"),
            format!("{SUBSCRIPTION}/providers/Microsoft.EventGrid/systemTopics"),
            format!(
                "{SUBSCRIPTION}/providers/Microsoft.EventGrid/locations/westeurope/eventSubscriptions"
            ),
            format!("{SUBSCRIPTION}/providers/Microsoft.Insights/actionGroups"),
            format!("{SUBSCRIPTION}/providers/Microsoft.Logic/workflows"),
            format!("{SUBSCRIPTION}/providers/Microsoft.DataFactory/factories"),
        ] {
            self.server
                .tell("GET", &path, &[self.json(&list(json!([])))]);
        }
    }
}
