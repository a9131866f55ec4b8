//! Where templates hand values to: settings, named values, workflows, secrets.

mod settings;

use std::rc::Rc;

use super::kind::is_app;
use super::program::{At, Instance, Program};
use super::unit::{Each, Resource};
use crate::fact::Destination;
use crate::syntax::expression::{Expr, ExprKind};

/// How far lists of settings are followed through names.
const DEPTH: usize = 12;

/// A value and the place that it is handed to.
pub(super) struct Arrival<'p> {
    pub(super) to: Destination,
    pub(super) name: Option<String>,
    /// The resource that receives it.
    pub(super) receiver: String,
    /// What the resource is made for each of.
    pub(super) each: Option<&'p Each>,
    pub(super) at: At<'p>,
    pub(super) expr: &'p Expr,
}

/// A resource that receives values, while they are gathered.
struct Receiver<'p> {
    program: &'p Program,
    at: At<'p>,
    name: String,
    each: Option<&'p Each>,
    found: Vec<Arrival<'p>>,
}

impl Program {
    /// What a resource is given.
    pub(super) fn arrivals(&self, instance: &Rc<Instance>, number: usize) -> Vec<Arrival<'_>> {
        let resource = &self.units[instance.unit].resources[number];
        let at = At {
            instance: Rc::clone(instance),
            source: &resource.source,
            items: None,
        };
        let (kind, body) = self.as_resource_manager(&at, resource);
        let mut receiver = Receiver {
            program: self,
            name: self.receiver(&at, number),
            at: self.with_each(&at, resource),
            each: resource.each.as_ref(),
            found: Vec::new(),
        };
        if resource.existing {
            return Vec::new();
        }
        match kind.contains('/') {
            true => receiver.resource_manager(&kind, resource, body),
            false => receiver.terraform(&kind, body),
        }
        receiver.found
    }

    /// `azapi_resource` is a resource of any type.
    fn as_resource_manager<'p>(
        &'p self,
        at: &At<'p>,
        resource: &'p Resource,
    ) -> (String, &'p Expr) {
        let azapi = matches!(
            resource.kind.as_str(),
            "azapi_resource" | "azapi_update_resource" | "azapi_data_plane_resource"
        );
        let (Some(of_type), Some(body), true) =
            (resource.body.get("type"), resource.body.get("body"), azapi)
        else {
            return (resource.kind.clone(), &resource.body);
        };
        let of_type = self.render(at, &of_type.value).to_ascii_lowercase();
        let of_type = of_type.split('@').next().unwrap_or_default().to_owned();
        let body = match &body.value.kind {
            ExprKind::Call(call) if call.function == "jsonencode" => call.arguments.first(),
            _ => Some(&body.value),
        };
        (of_type, body.unwrap_or(&resource.body))
    }

    /// The loop around a resource of Terraform.
    fn with_each<'p>(&'p self, at: &At<'p>, resource: &'p Resource) -> At<'p> {
        match resource.body.get("for_each") {
            Some(items) if !resource.kind.contains('/') => at.each("each", &items.value),
            _ => at.clone(),
        }
    }

    /// The name of the app, gateway or workflow that a resource is or belongs
    /// to.
    fn receiver(&self, at: &At<'_>, number: usize) -> String {
        let resource = &self.unit(at).resources[number];
        let attribute = |name: &str| {
            let property = resource.body.get(name)?;
            Some(self.render(at, &property.value))
        };
        if !resource.kind.contains('/') {
            let owner = [
                "api_management_name",
                "logic_app_id",
                "parent_id",
                "data_factory_id",
                "function_app_id",
                "resource_id",
                "key_vault_id",
            ];
            let named = owner.iter().find_map(|name| attribute(name));
            let named = named.or_else(|| attribute("name")).unwrap_or_default();
            return of_id(&named);
        }
        of_id(&self.resource_id(at, number, DEPTH))
    }
}

/// The first resource of an id.
pub(super) fn of_id(id: &str) -> String {
    let Some(rest) = id
        .split("/providers/")
        .last()
        .filter(|_| id.contains("/providers/"))
    else {
        return id.rsplit('/').next().unwrap_or(id).to_owned();
    };
    let parts: Vec<&str> = rest.split('/').collect();
    match parts.as_slice() {
        [_, _, name, slots, slot, ..] if slots.eq_ignore_ascii_case("slots") => {
            format!("{name}/{slot}")
        }
        [_, _, name, ..] => (*name).to_owned(),
        _ => id.to_owned(),
    }
}

impl<'p> Receiver<'p> {
    fn push(&mut self, to: Destination, name: Option<String>, at: At<'p>, expr: &'p Expr) {
        self.found.push(Arrival {
            to,
            name,
            receiver: self.name.clone(),
            each: self.each,
            at,
            expr,
        });
    }

    /// The value at a path of the body; of an object or a list, each of its
    /// values, which have places of their own.
    fn at_path(&mut self, to: Destination, name: Option<&str>, body: &'p Expr, path: &[&str]) {
        if let Some(expr) = find(body, path) {
            self.values(to, name, expr);
        }
    }

    fn values(&mut self, to: Destination, name: Option<&str>, expr: &'p Expr) {
        match &expr.kind {
            ExprKind::Object(properties) => {
                for property in properties {
                    self.values(to, name, &property.value);
                }
            }
            ExprKind::Array(items) => {
                for item in items {
                    self.values(to, name, item);
                }
            }
            _ => self.push(to, name.map(str::to_owned), self.at.clone(), expr),
        }
    }

    fn resource_manager(&mut self, kind: &str, resource: &'p Resource, body: &'p Expr) {
        let properties = |path: &[&'static str]| [&["properties"], path].concat();
        match kind {
            "microsoft.web/sites" | "microsoft.web/sites/slots" => {
                self.settings_at(body, &properties(&["siteConfig", "appSettings"]));
                self.settings_at(body, &properties(&["siteConfig", "connectionStrings"]));
            }
            "microsoft.web/sites/config" | "microsoft.web/sites/slots/config" => {
                // `azapi_update_resource` has the id alone.
                let name = resource.body.get("name");
                let name = name.or_else(|| resource.body.get("resource_id"));
                let name = name.map(|name| self.program.render(&self.at, &name.value));
                let name = name.unwrap_or_default().to_ascii_lowercase();
                match name.rsplit('/').next().unwrap_or_default() {
                    "appsettings" | "connectionstrings" => self.settings_at(body, &["properties"]),
                    "web" => self.settings_at(body, &properties(&["appSettings"])),
                    _ => {}
                }
            }
            "microsoft.web/staticsites/config" | "microsoft.web/staticsites/builds/config" => {
                self.settings_at(body, &["properties"]);
            }
            "microsoft.app/containerapps" | "microsoft.app/jobs" => {
                for containers in ["containers", "initContainers"] {
                    let Some(containers) = find(body, &properties(&["template", containers]))
                    else {
                        continue;
                    };
                    for container in items(containers) {
                        self.settings_at(container, &["env"]);
                    }
                }
            }
            "microsoft.logic/workflows" => {
                self.at_path(
                    Destination::Workflow,
                    None,
                    body,
                    &properties(&["parameters"]),
                );
                self.at_path(
                    Destination::Workflow,
                    None,
                    body,
                    &properties(&["definition"]),
                );
            }
            "microsoft.apimanagement/service/namedvalues"
            | "microsoft.apimanagement/service/properties"
            | "microsoft.apimanagement/service/workspaces/namedvalues" => {
                let name = self.own_name(resource);
                self.at_path(
                    Destination::NamedValue,
                    name.as_deref(),
                    body,
                    &properties(&["value"]),
                );
            }
            "microsoft.apimanagement/service/backends"
            | "microsoft.apimanagement/service/workspaces/backends" => {
                self.at_path(
                    Destination::Backend,
                    None,
                    body,
                    &properties(&["credentials"]),
                );
                self.at_path(Destination::Backend, None, body, &properties(&["url"]));
            }
            "microsoft.datafactory/factories/linkedservices"
            | "microsoft.synapse/workspaces/linkedservices" => {
                self.at_path(Destination::LinkedService, None, body, &["properties"]);
            }
            "microsoft.insights/actiongroups" => {
                for receivers in ["azureFunctionReceivers", "webhookReceivers"] {
                    self.at_path(Destination::Webhook, None, body, &properties(&[receivers]));
                }
            }
            _ if kind.starts_with("microsoft.eventgrid/")
                && kind.ends_with("/eventsubscriptions") =>
            {
                self.at_path(
                    Destination::Webhook,
                    None,
                    body,
                    &properties(&["destination", "properties"]),
                );
            }
            "microsoft.keyvault/vaults/secrets" => {
                let name = self.own_name(resource);
                self.at_path(
                    Destination::KeyVault,
                    name.as_deref(),
                    body,
                    &properties(&["value"]),
                );
            }
            _ if kind.starts_with("microsoft.apimanagement/service/")
                && (kind.ends_with("/policies") || kind.ends_with("/policyfragments")) =>
            {
                self.at_path(
                    Destination::GatewayPolicy,
                    None,
                    body,
                    &properties(&["value"]),
                );
            }
            _ => {}
        }
    }

    fn own_name(&self, resource: &'p Resource) -> Option<String> {
        let name = &resource.body.get("name")?.value;
        let name = self.program.render(&self.at, name);
        Some(name.rsplit('/').next().unwrap_or(&name).to_owned())
    }

    fn terraform(&mut self, kind: &str, body: &'p Expr) {
        let name = body
            .get("name")
            .map(|name| self.program.render(&self.at, &name.value));
        let name = name.as_deref();
        match kind {
            _ if is_app(kind) => {
                self.settings_at(body, &["app_settings"]);
                for block in blocks(body, "connection_string") {
                    let (at, block) = self.inside(block);
                    if let Some(value) = block.get("value") {
                        let name = block
                            .get("name")
                            .map(|name| self.program.render(&at, &name.value));
                        self.push(Destination::AppSetting, name, at, &value.value);
                    }
                }
            }
            "azurerm_container_app" | "azurerm_container_app_job" => {
                for template in blocks(body, "template") {
                    for container in blocks(template, "container") {
                        for env in blocks(container, "env") {
                            let (at, env) = self.inside(env);
                            if let Some(value) = env.get("value") {
                                let name = env
                                    .get("name")
                                    .map(|name| self.program.render(&at, &name.value));
                                self.push(Destination::AppSetting, name, at, &value.value);
                            }
                        }
                    }
                }
            }
            "azurerm_api_management_named_value" | "azurerm_api_management_property" => {
                self.at_path(Destination::NamedValue, name, body, &["value"]);
            }
            "azurerm_api_management_backend" => {
                self.at_path(Destination::Backend, name, body, &["credentials"]);
                self.at_path(Destination::Backend, name, body, &["url"]);
            }
            "azurerm_api_management_policy"
            | "azurerm_api_management_api_policy"
            | "azurerm_api_management_api_operation_policy"
            | "azurerm_api_management_product_policy" => {
                self.at_path(Destination::GatewayPolicy, None, body, &["xml_content"]);
            }
            "azurerm_api_management_policy_fragment" => {
                self.at_path(Destination::GatewayPolicy, name, body, &["value"]);
            }
            "azurerm_logic_app_workflow" => {
                self.at_path(Destination::Workflow, None, body, &["parameters"]);
                self.at_path(Destination::Workflow, None, body, &["workflow_parameters"]);
            }
            "azurerm_logic_app_action_http" | "azurerm_logic_app_action_custom" => {
                for attribute in ["headers", "queries", "uri", "body"] {
                    self.at_path(Destination::Workflow, name, body, &[attribute]);
                }
            }
            "azurerm_data_factory_linked_service_azure_function"
            | "azurerm_data_factory_linked_service_web" => {
                self.at_path(Destination::LinkedService, name, body, &["key"]);
            }
            "azurerm_app_configuration_key" => {
                self.at_path(Destination::AppSetting, name, body, &["value"]);
            }
            "azurerm_monitor_action_group" => {
                self.in_blocks(body, "azure_function_receiver", "http_trigger_url");
                self.in_blocks(body, "webhook_receiver", "service_uri");
            }
            "azurerm_eventgrid_event_subscription"
            | "azurerm_eventgrid_system_topic_event_subscription" => {
                self.in_blocks(body, "webhook_endpoint", "url");
            }
            "azurerm_key_vault_secret" => {
                self.at_path(Destination::KeyVault, name, body, &["value"]);
            }
            _ => {}
        }
    }

    /// The address in each block of a name.
    fn in_blocks(&mut self, body: &'p Expr, name: &'p str, attribute: &str) {
        for block in blocks(body, name) {
            let (at, block) = self.inside(block);
            if let Some(url) = block.get(attribute) {
                self.push(Destination::Webhook, None, at, &url.value);
            }
        }
    }

    /// The content of a block that is made once for each of several items.
    fn inside(&self, block: &'p Expr) -> (At<'p>, &'p Expr) {
        match &block.kind {
            ExprKind::Loop(parts) => (self.at.each(&parts.item, &parts.items), &parts.body),
            _ => (self.at.clone(), block),
        }
    }
}

/// A value inside of objects.
pub(super) fn find<'e>(body: &'e Expr, path: &[&str]) -> Option<&'e Expr> {
    let mut of = body;
    for name in path {
        of = &of.get(name)?.value;
    }
    Some(of)
}

/// The items of a list that is written out.
fn items(list: &Expr) -> &[Expr] {
    match &list.kind {
        ExprKind::Array(items) => items,
        _ => &[],
    }
}

/// The blocks of a name.
pub(super) fn blocks<'e>(body: &'e Expr, name: &'e str) -> impl Iterator<Item = &'e Expr> {
    let properties = match &body.kind {
        ExprKind::Object(properties) => properties.as_slice(),
        _ => &[],
    };
    properties
        .iter()
        .filter(move |property| property.name.as_deref() == Some(name))
        .map(|property| &property.value)
}
