//! Data Factory: linked services that call functions. A key that the factory
//! keeps itself is never shown.

use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

use super::client::{Ask, Budget};
use super::holding::{Searcher, holder};
use super::run::Run;
use crate::inventory::{ArmId, Family, Form, Holder, HolderKind, Text, Transport, VaultSecret};

const FACTORIES: &str = "2018-06-01";

#[derive(Deserialize)]
struct RawFactory {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    id: Option<String>,
    name: Option<String>,
    properties: RawLinked,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLinked {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    type_properties: Value,
}

/// Reads those of a subscription.
pub(super) async fn read(run: &Run, subscription: &ArmId, scope: &Arc<str>) {
    let path = format!("{subscription}/providers/Microsoft.DataFactory/factories");
    let Ok(url) = run.url(&path, FACTORIES) else {
        return;
    };
    let budget = run.budget();
    let list = run
        .client
        .list(Ask::get(url, scope), &budget, |raw: RawFactory| Some(ArmId::new(&raw.id)));
    let listing = list.await;
    if let Some(failure) = &listing.failure {
        let action = "Microsoft.DataFactory/factories/read";
        run.gap(subscription, Family::DataFactory, failure, action);
    }
    for factory in listing.facts {
        linked_services(run, &factory, scope, &budget).await;
    }
}

async fn linked_services(run: &Run, factory: &ArmId, scope: &Arc<str>, budget: &Budget) {
    let (holders, failure) = match run.url(&format!("{factory}/linkedservices"), FACTORIES) {
        Ok(url) => {
            let list = run.client.list(Ask::get(url, scope), budget, |raw: Raw| {
                let known = run.known.borrow();
                let searcher = Searcher {
                    prints: &run.prints,
                    known: &known,
                };
                Some(holders(&searcher, factory, raw))
            });
            let listing = list.await;
            (listing.facts, listing.failure)
        }
        Err(failure) => (Vec::new(), Some(failure)),
    };
    if let Some(failure) = failure {
        let action = "Microsoft.DataFactory/factories/linkedservices/read";
        run.gap(factory, Family::DataFactory, &failure, action);
    }
    run.found.borrow_mut().holders.extend(holders.into_iter().flatten());
}

fn holders(searcher: &Searcher<'_>, factory: &ArmId, raw: Raw) -> Vec<Holder> {
    let name = raw.name.unwrap_or_default();
    let id = raw.id.unwrap_or_else(|| format!("{factory}/linkedservices/{name}"));
    let id = ArmId::new(&id);
    let properties = &raw.properties.type_properties;
    let mut found: Vec<Holder> = Vec::new();
    if raw.properties.kind.eq_ignore_ascii_case("AzureFunction") {
        found.extend(function(searcher, &id, properties));
    }
    // Of any kind: the address of a web service may have a key in it.
    for (name, value) in properties.as_object().into_iter().flatten() {
        if let Some(text) = value.as_str() {
            let place = format!("typeProperties.{name}");
            let held = searcher.search(text).into_iter();
            found.extend(
                held.map(|held| searcher.holder(&id, HolderKind::DataFactory, &place, held)),
            );
        }
    }
    found
}

fn function(searcher: &Searcher<'_>, id: &ArmId, properties: &Value) -> Option<Holder> {
    let text = |value: &Value, name: &str| -> Option<String> {
        Some(value.get(name)?.as_str()?.to_owned())
    };
    let key = properties.get("functionKey");
    // With a managed identity there is no key.
    let own = text(properties, "encryptedCredential").is_some();
    if key.is_none_or(Value::is_null) && !own {
        return None;
    }
    let host = text(properties, "functionAppUrl")
        .and_then(|url| reqwest::Url::parse(&url).ok()?.host_str().map(str::to_owned));
    let vault_secret = key
        .filter(|key| text(key, "type").as_deref() == Some("AzureKeyVaultSecret"))
        .and_then(|key| {
            let store = key.get("store").and_then(|store| text(store, "referenceName"));
            Some(VaultSecret {
                vault: Text::name(&store.unwrap_or_default()),
                secret: Text::name(&text(key, "secretName")?),
                version: text(key, "secretVersion").as_deref().map(Text::name),
            })
        });
    let form = match vault_secret {
        Some(_) => Form::KeyVault,
        None => Form::Hidden,
    };
    let target = host.as_deref().and_then(|host| searcher.known.app_at(host)).cloned();
    Some(Holder {
        vault_secret,
        sent: Some(Transport::Header),
        host: host.as_deref().map(Text::name),
        target,
        ..holder(id, HolderKind::DataFactory, "typeProperties.functionKey", form)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::known::Known;
    use crate::secret::Fingerprinter;

    fn found(properties: &str) -> Vec<Holder> {
        let prints = Fingerprinter::keyed("a key for tests");
        let known = Known::default();
        let searcher = Searcher {
            prints: &prints,
            known: &known,
        };
        let raw = format!(r#"{{"name": "ls", "properties": {properties}}}"#);
        let factory = ArmId::new("/subscriptions/s/factories/f");
        holders(&searcher, &factory, serde_json::from_str(&raw).unwrap())
    }

    #[test]
    fn tells_where_a_linked_service_has_its_key() {
        let hidden = found(
            r#"{"type": "AzureFunction", "typeProperties": {"functionAppUrl": "https://a.azurewebsites.net",
                "functionKey": {"type": "SecureString", "value": "**********"}}}"#,
        );
        assert_eq!(hidden[0].form, Form::Hidden);
        assert_eq!(hidden[0].host.as_ref().unwrap().as_str(), "a.azurewebsites.net");
        let vault = found(
            r#"{"type": "AzureFunction", "typeProperties": {"functionAppUrl": "https://a.azurewebsites.net",
                "functionKey": {"type": "AzureKeyVaultSecret", "secretName": "k",
                "store": {"referenceName": "KeyVaultStore", "type": "LinkedServiceReference"}}}}"#,
        );
        assert_eq!(vault[0].form, Form::KeyVault);
        assert_eq!(vault[0].vault_secret.as_ref().unwrap().secret.as_str(), "k");
        let identity = found(
            r#"{"type": "AzureFunction", "typeProperties": {"functionAppUrl": "https://a.azurewebsites.net",
                "authentication": "MSI", "functionKey": null}}"#,
        );
        assert_eq!(identity, []);
        assert_eq!(found(r#"{"type": "AzureBlobStorage", "typeProperties": {}}"#), []);
    }
}
