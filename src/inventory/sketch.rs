//! A short way to write an inventory by hand: for the examples of rules, tests
//! and the demo.
//!
//! It is TOML, or JSON, in the shape of the file with everything left out that
//! does not matter:
//!
//! - A number in the place of a moment is days before the sweep.
//! - An id without a slash at its start is in the resource group `rg` of the
//!   subscription `live`: `orders` and `orders/slots/staging` are sites,
//!   `Microsoft.ApiManagement/service/gateway` is what it says.
//! - `activityLog = 90` is a log that is complete for so many days.
//! - A key is a host key with a value of its own unless it says otherwise, a
//!   function an HTTP function with the level `function`; keys, functions and
//!   settings were read unless `keysRead = false` and its kin say that they
//!   were not.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{ArmId, Inventory, Moment, ReadError, Tool, VERSION};
use crate::key::{KeyKind, generate};
use crate::secret::{Fingerprinter, Secret};

/// The subscription of ids without one.
pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";

/// Fields that hold a moment.
const MOMENTS: &[&str] = &[
    "created",
    "ended",
    "expires",
    "firstSeen",
    "from",
    "functionsRead",
    "keysRead",
    "lastSeen",
    "settingsRead",
    "since",
    "started",
    "stored",
    "time",
    "to",
    "unseen",
];

/// Fields that hold an id.
const IDS: &[&str] = &["id", "subject", "scope", "target"];

/// What the fingerprints of chosen values in examples are made with.
#[must_use]
pub fn example_fingerprinter() -> Fingerprinter {
    Fingerprinter::keyed("keysweep: a key for examples")
}

/// The id that a short one stands for.
#[must_use]
pub fn full_id(short: &str) -> ArmId {
    if short.starts_with('/') {
        return ArmId::new(short);
    }
    let first = short.split('/').next().unwrap_or_default();
    let provider = match first.contains('.') {
        true => "",
        false => "Microsoft.Web/sites/",
    };
    ArmId::new(&format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/{provider}{short}"
    ))
}

/// Reads a sketch of an inventory that was taken at `now`.
///
/// # Errors
/// What is wrong with it, with the place, as a sentence.
pub fn sketch(text: &str, now: Moment) -> Result<Inventory, String> {
    let mut value: Value = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| error.to_string())?
    } else {
        toml::from_str(text).map_err(|error| error.message().to_owned())?
    };
    fill(&mut value, now);
    let read = Inventory::parse("it", value.to_string().as_bytes());
    let mut inventory = read.map_err(|error| match error {
        ReadError::Wrong { place, problem, .. } => format!("at {place}: {problem}"),
        other => other.to_string(),
    })?;
    inventory.finish();
    Ok(inventory)
}

fn fill(value: &mut Value, now: Moment) {
    let Value::Object(root) = value else { return };
    let key = example_fingerprinter().key_name();
    put(
        root,
        "version",
        json!(format!("{}.{}", VERSION.0, VERSION.1)),
    );
    put(root, "sweep", json!({}));
    put(root, "subscriptions", json!([{}]));
    if let Some(Value::Object(sweep)) = root.get_mut("sweep") {
        put(sweep, "tool", json!(Tool::this()));
        put(sweep, "started", json!(now));
        put(sweep, "ended", json!(now));
        put(sweep, "fingerprintKey", json!(key));
    }
    for subscription in list(root, "subscriptions") {
        put(
            subscription,
            "id",
            json!(format!("/subscriptions/{SUBSCRIPTION}")),
        );
        put(subscription, "name", json!("live"));
        for log in ["activityLog", "apimActivityLog"] {
            if let Some(Value::Number(days)) = subscription.get(log) {
                let log_value = json!({"from": days, "to": 0, "complete": true});
                subscription.insert(log.to_owned(), log_value);
            }
        }
    }
    for app in list(root, "apps") {
        for read in ["keysRead", "functionsRead", "settingsRead"] {
            if app.get(read) == Some(&Value::Bool(false)) {
                app.remove(read);
            } else {
                put(app, read, json!(0));
            }
        }
        for function in list(app, "functions") {
            put(function, "triggers", json!(["httpTrigger"]));
            if function["triggers"] == json!(["httpTrigger"]) {
                put(function, "authLevel", json!("function"));
            }
        }
        let id = app
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        for key in list(app, "keys") {
            fill_key(&id, key);
        }
    }
    for named in ["apimNamedValues", "holders"] {
        for holder in list(root, named) {
            if holder.contains_key("fingerprint") {
                put(holder, "format", json!("identifiable"));
            }
        }
    }
    for value in list(root, "apimNamedValues") {
        let name = last(value.get("id"));
        put(value, "displayName", json!(name));
        put(value, "secret", json!(true));
    }
    for holder in list(root, "holders") {
        put(holder, "kind", json!("app-setting"));
        put(holder, "form", json!("literal"));
    }
    for subscription in list(root, "apimSubscriptions") {
        put(subscription, "state", json!("active"));
    }
    for event in list(root, "events") {
        put(event, "status", json!("succeeded"));
    }
    for (at, reader) in list(root, "readers").enumerate() {
        let id = format!("/providers/Microsoft.Authorization/roleAssignments/{at}");
        put(reader, "id", json!(id));
        put(reader, "abilities", json!(["list-host-keys"]));
    }
    resolve(value, now, IDS);
}

/// What a key is unless it says otherwise.
fn fill_key(app: &str, key: &mut Map<String, Value>) {
    let class = match key.get("function") {
        Some(_) => "function",
        None => "host",
    };
    put(key, "kind", json!(class));
    if key["kind"] == "master" {
        put(key, "name", json!("_master"));
    }
    put(key, "format", json!("identifiable"));
    if key["format"] == "identifiable" {
        let seed = match key["kind"].as_str() {
            Some("master") => "master",
            Some("system") => "system",
            _ => "function",
        };
        put(key, "seed", json!(seed));
        put(key, "checksum", json!("valid"));
    }
    put(key, "checksum", json!("none"));
    put(key, "firstSeen", json!(0));
    put(key, "lastSeen", json!(0));
    let about = json!([app, key["kind"], key.get("function"), key.get("name")]).to_string();
    let mut random = [0; 33];
    random[..32].copy_from_slice(&Sha256::digest(about));
    let value = Secret::new(generate(KeyKind::Function, &random).into_bytes());
    put(
        key,
        "fingerprint",
        json!(example_fingerprinter().random(&value)),
    );
}

/// Turns days into moments and short ids into full ones.
fn resolve(value: &mut Value, now: Moment, ids: &[&str]) {
    match value {
        Value::Array(items) => {
            for item in items {
                resolve(item, now, ids);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let days = field.as_u64().and_then(|days| u32::try_from(days).ok());
                match (days, field.as_str()) {
                    (Some(days), _) if MOMENTS.contains(&name.as_str()) => {
                        *field = json!(now.days_before(days));
                    }
                    (_, Some(short)) if ids.contains(&name.as_str()) => {
                        *field = json!(full_id(short));
                    }
                    _ => resolve(field, now, ids_in(name, ids)),
                }
            }
        }
        _ => {}
    }
}

/// Which fields of a record hold the id of a resource: those of people do not,
/// and the scope of an API Management subscription is one in its service.
fn ids_in<'a>(record: &str, ids: &'a [&'a str]) -> &'a [&'a str] {
    match record {
        "sweep" | "caller" | "principal" | "tags" => &[],
        "apimSubscriptions" => &["id"],
        _ => ids,
    }
}

fn put(fields: &mut Map<String, Value>, name: &str, value: Value) {
    fields.entry(name).or_insert(value);
}

fn list<'v>(
    fields: &'v mut Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'v mut Map<String, Value>> {
    let items = fields.get_mut(name).and_then(Value::as_array_mut);
    items.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn last(id: Option<&Value>) -> String {
    let id = id.and_then(Value::as_str).unwrap_or_default();
    id.rsplit('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::fixture::at;
    use crate::key::KeyClass;

    const SKETCH: &str = r#"
        [[subscriptions]]
        activityLog = 90

        [[apps]]
        id = "orders"
        created = 400
        functions = [{ name = "Place" }]
        keys = [{ name = "web", firstSeen = 20 }, { kind = "master" }, { name = "a", function = "Place" }]

        [[apps]]
        id = "orders/slots/staging"
        keysRead = false

        [[apimSubscriptions]]
        id = "Microsoft.ApiManagement/service/gw/subscriptions/all"
        scope = "/apis"
    "#;

    #[test]
    fn says_what_it_leaves_out() {
        let inventory = sketch(SKETCH, at(20, 0)).unwrap();
        let [orders, staging] = &*inventory.apps else {
            panic!()
        };
        assert_eq!(orders.id.site(), Some("orders"));
        assert_eq!(
            (orders.keys_read, staging.keys_read),
            (Some(at(20, 0)), None)
        );
        let kinds: Vec<_> = orders
            .keys
            .iter()
            .map(|key| (key.kind, &*key.name))
            .collect();
        let (own, host, master) = (KeyClass::Function, KeyClass::Host, KeyClass::Master);
        assert_eq!(kinds, [(own, "a"), (host, "web"), (master, "_master")]);
        assert_eq!(orders.keys[1].first_seen.days_to(at(20, 0)), 20);
        assert_ne!(orders.keys[0].fingerprint, orders.keys[1].fingerprint);
        let log = inventory.subscriptions[0].activity_log.unwrap();
        assert!(log.complete && log.to == at(20, 0) && log.from.days_to(log.to) == 90);
        assert_eq!(&*inventory.apim_subscriptions[0].scope, "/apis");
        assert!(inventory.apim_subscriptions[0].covers_all_apis());
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, problem) in [
            (
                "[[apps]]\nid = 'x'\nname = 'x'",
                "at apps[0].name: this version has no such field",
            ),
            (
                "[[apps]]\nid = 'x'\nkeys = [{ kind = 'odd' }]",
                "at apps[0].keys[0].kind: unknown variant",
            ),
            ("apps = ", ""),
        ] {
            let error = sketch(text, at(20, 0)).unwrap_err();
            assert!(error.starts_with(problem), "{error}");
        }
    }
}
