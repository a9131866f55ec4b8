//! Consumption workflows of Logic Apps: actions that call functions, and
//! parameters with keys.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::holding::{Searcher, holder, is_key_header, is_key_parameter, read_holders};
use super::run::Run;
use crate::inventory::{ArmId, Family, Form, Holder, HolderKind, Transport};

const WORKFLOWS: &str = "2019-05-01";

/// Definitions are nested: actions in scopes, in conditions, in loops.
const DEEPEST: usize = 64;

#[derive(Deserialize)]
struct Raw {
    id: String,
    properties: Option<RawWorkflow>,
}

#[derive(Deserialize)]
struct RawWorkflow {
    definition: Option<Value>,
    parameters: Option<Value>,
}

/// Reads those of a subscription.
pub(super) async fn read(run: &Run, subscription: &ArmId, scope: &Arc<str>) {
    let kind = "Microsoft.Logic/workflows";
    read_holders(
        run,
        subscription,
        scope,
        kind,
        WORKFLOWS,
        Family::LogicApps,
        holders,
    )
    .await;
}

fn holders(searcher: &Searcher<'_>, raw: &Raw) -> Vec<Holder> {
    let mut walk = Walk {
        searcher,
        id: ArmId::new(&raw.id),
        found: Vec::new(),
        parameters: BTreeMap::new(),
    };
    let Some(workflow) = &raw.properties else {
        return walk.found;
    };
    let null = Value::Null;
    let definition = workflow.definition.as_ref().unwrap_or(&null);
    for (values, field) in [
        (definition.get("parameters"), "defaultValue"),
        (workflow.parameters.as_ref(), "value"),
    ] {
        for (name, parameter) in values.and_then(Value::as_object).into_iter().flatten() {
            if let Some(text) = parameter.get(field).and_then(Value::as_str) {
                walk.parameters.insert(name, text);
            }
        }
    }
    for (name, text) in walk.parameters.clone() {
        walk.text(text, &format!("parameters.{name}"));
    }
    for part in ["triggers", "actions"] {
        if let Some(value) = definition.get(part) {
            walk.value(value, &format!("definition.{part}"), 0);
        }
    }
    walk.found
}

struct Walk<'r> {
    searcher: &'r Searcher<'r>,
    id: ArmId,
    found: Vec<Holder>,
    /// The parameters whose values are shown.
    parameters: BTreeMap<&'r str, &'r str>,
}

impl<'r> Walk<'r> {
    fn value(&mut self, value: &'r Value, place: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::String(text) => self.text(text, place),
            Value::Array(values) => {
                for (at, value) in values.iter().enumerate() {
                    self.value(value, &format!("{place}[{at}]"), depth + 1);
                }
            }
            Value::Object(fields) => {
                self.request(fields, place);
                for (name, value) in fields {
                    let sent = is_key_header(name) || is_key_parameter(name);
                    // Those of a request have been looked at as such.
                    if !(sent && value.is_string()) {
                        self.value(value, &format!("{place}.{name}"), depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// What an action calls: a function by id, or an address with a key.
    fn request(&mut self, fields: &'r Map<String, Value>, place: &str) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let function = fields.get("function").and_then(|it| it.get("id")?.as_str());
        if let Some(app) = function.and_then(|id| ArmId::new(id).app()) {
            // The service fetches the key of a function that it knows.
            self.found.push(Holder {
                target: Some(app),
                ..holder(
                    &self.id,
                    HolderKind::LogicApp,
                    &format!("{place}.function"),
                    Form::Hidden,
                )
            });
        }
        let host = text("uri").and_then(host_of);
        for (group, sent) in [
            ("headers", Transport::Header),
            ("queries", Transport::Query),
        ] {
            let values = fields.get(group).and_then(Value::as_object);
            for (name, value) in values.into_iter().flatten() {
                let is_key = match sent {
                    Transport::Header => is_key_header(name),
                    Transport::Query => is_key_parameter(name),
                };
                let Some(written) = value.as_str().filter(|_| is_key) else {
                    continue;
                };
                let place = format!("{place}.{group}.{name}");
                // `@parameters('key')`: its value, if it is shown.
                let text = match parameter(written) {
                    Some(name) => self.parameters.get(name).copied().unwrap_or_default(),
                    None => written,
                };
                if let Some(held) = self.searcher.sent(text, sent, host.as_deref()) {
                    let holder = self
                        .searcher
                        .holder(&self.id, HolderKind::LogicApp, &place, held);
                    self.found.push(holder);
                }
            }
        }
    }

    fn text(&mut self, text: &str, place: &str) {
        for held in self.searcher.search(text) {
            let holder = self
                .searcher
                .holder(&self.id, HolderKind::LogicApp, place, held);
            self.found.push(holder);
        }
    }
}

fn host_of(uri: &str) -> Option<String> {
    let url = reqwest::Url::parse(uri).ok()?;
    url.host_str().map(str::to_owned)
}

/// The name in `@parameters('name')` or `@{parameters('name')}`.
fn parameter(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix('@')?;
    let inner = inner
        .strip_prefix('{')
        .and_then(|it| it.strip_suffix('}'))
        .unwrap_or(inner);
    inner
        .trim()
        .strip_prefix("parameters('")?
        .strip_suffix("')")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::known::Known;
    use crate::key::{KeyKind, generate};
    use crate::secret::Fingerprinter;

    #[test]
    fn walks_through_the_actions() {
        let key = |seed| generate(KeyKind::Function, &[seed; 33]);
        let json = serde_json::json!({"id": "/subscriptions/s/workflows/w", "properties": {
            "definition": {
                "parameters": {"key": {"type": "string", "defaultValue": "x"}},
                "actions": {
                    "Call": {"type": "Function", "inputs": {"function": {
                        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/orders/functions/F"}}},
                    "Loop": {"type": "Foreach", "actions": {
                        "Http": {"type": "Http", "inputs": {"method": "GET",
                            "uri": format!("https://orders.azurewebsites.net/api/F?code={}", key(1))}}}},
                    "Header": {"type": "Http", "inputs": {"uri": "https://api.contoso.example/x",
                        "headers": {"x-functions-key": "@parameters('key')", "Accept": "*/*"}}}}},
            "parameters": {"key": {"value": key(2)}, "secret": {}}}});
        let prints = Fingerprinter::keyed("a key for tests");
        let known = Known::default();
        let searcher = Searcher {
            prints: &prints,
            known: &known,
        };
        let found = holders(&searcher, &serde_json::from_value(json).unwrap());
        let shown: Vec<_> = found
            .iter()
            .map(|it| (it.place.as_str(), it.form, it.sent))
            .collect();
        let header = "definition.actions.Header.inputs.headers.x-functions-key";
        assert_eq!(
            shown,
            [
                ("parameters.key", Form::Literal, None),
                (
                    "definition.actions.Call.inputs.function",
                    Form::Hidden,
                    None
                ),
                (header, Form::Literal, Some(Transport::Header)),
                (
                    "definition.actions.Loop.actions.Http.inputs.uri",
                    Form::Literal,
                    Some(Transport::Query)
                ),
            ]
        );
        let host = found[2].host.as_ref().unwrap();
        assert_eq!(host.as_str(), "api.contoso.example");
    }
}
