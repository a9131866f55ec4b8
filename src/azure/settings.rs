//! The settings of sites: where a host keeps its keys, and the keys of other
//! apps that they hold.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use tokio::task::JoinSet;

use super::client::{Ask, Budget};
use super::failure::Failure;
use super::holding::{Searcher, holder, names_a_key, vault_secret};
use super::run::Run;
use super::sites::{Site, explained};
use super::throttle::Class;
use super::value::SecretText;
use crate::inventory::{ArmId, Family, Form, Holder, HolderKind, KeyStore, Moment};

const ACTION: &str = "Microsoft.Web/sites/config/list/action";

/// Microsoft.Web counts these itself, and has plenty of them.
const AT_ONCE: usize = 16;

/// The setting that says where the keys are kept.
const STORAGE_TYPE: &str = "AzureWebJobsSecretStorageType";

/// The version of the runtime; version 1 kept its keys in files unless told.
const RUNTIME: &str = "FUNCTIONS_EXTENSION_VERSION";

#[derive(Deserialize)]
struct Raw {
    properties: Option<BTreeMap<String, SecretText>>,
}

/// What settings say, as far as it is kept.
#[derive(Serialize, Deserialize)]
struct Facts {
    read: Moment,
    key_store: Option<KeyStore>,
    holders: Vec<Holder>,
}

/// Reads the settings of all sites, function apps or not.
pub(super) async fn read_all(run: &Rc<Run>, scope: &Arc<str>, sites: Vec<Site>) {
    if run.options.metadata_only {
        return;
    }
    let mut tasks: JoinSet<(Site, Result<Facts, Failure>)> = JoinSet::new();
    let mut read: HashMap<ArmId, Facts> = HashMap::new();
    let mut sites = sites.into_iter();
    loop {
        while tasks.len() < AT_ONCE
            && let Some(site) = sites.next()
        {
            let (run, scope) = (Rc::clone(run), Arc::clone(scope));
            tasks.spawn_local(async move {
                let facts = read_one(&run, &scope, &site).await;
                (site, facts)
            });
        }
        match tasks.join_next().await {
            Some(Ok((site, Ok(facts)))) => {
                read.insert(site.id, facts);
            }
            Some(Ok((site, Err(failure)))) => {
                let failure = explained(&site, failure);
                run.gap(&site.id, Family::Settings, &failure, ACTION);
            }
            Some(Err(_)) => {}
            None => break,
        }
    }
    let mut found = run.found.borrow_mut();
    for app in &mut found.apps {
        if let Some(facts) = read.get(&app.id) {
            app.settings_read = Some(facts.read);
            app.key_store = facts.key_store;
        }
    }
    let holders = read.into_values().flat_map(|facts| facts.holders);
    found.holders.extend(holders);
}

async fn read_one(run: &Run, scope: &Arc<str>, site: &Site) -> Result<Facts, Failure> {
    let budget = Budget::new(run.options.app_time);
    let path = format!("{}/config/appsettings/list", site.id);
    let url = run.url(&path, &run.options.web_api_version)?;
    let ask = Ask::post(url, scope, Class::Web);
    let is_app = site.details.is_function_app();
    let facts = |raw: Raw| {
        let known = run.known.borrow();
        let searcher = Searcher {
            prints: &run.prints,
            known: &known,
        };
        facts(&searcher, &site.id, is_app, &raw.properties.unwrap_or_default())
    };
    run.client.one(&ask, &budget, facts).await
}

fn facts(
    searcher: &Searcher<'_>,
    site: &ArmId,
    is_app: bool,
    settings: &BTreeMap<String, SecretText>,
) -> Facts {
    let mut holders = Vec::new();
    for (name, value) in settings {
        let text = value.text();
        if let Some(secret) = vault_secret(text) {
            // Which secrets are keys only their names can tell.
            if names_a_key(name) || names_a_key(&secret.secret) {
                holders.push(Holder {
                    vault_secret: Some(secret),
                    ..holder(site, HolderKind::AppSetting, name, Form::KeyVault)
                });
            }
            continue;
        }
        let found = searcher.search(text).into_iter();
        holders.extend(
            found.map(|held| searcher.holder(site, HolderKind::AppSetting, name, held)),
        );
    }
    Facts {
        read: Moment::now(),
        key_store: is_app.then(|| key_store(settings)),
        holders,
    }
}

fn key_store(settings: &BTreeMap<String, SecretText>) -> KeyStore {
    let setting = |wanted: &str| {
        let mut all = settings.iter();
        all.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.text().trim().to_ascii_lowercase())
    };
    match setting(STORAGE_TYPE).as_deref() {
        Some("files") => KeyStore::Files,
        Some("keyvault") => KeyStore::KeyVault,
        Some("kubernetes") => KeyStore::Kubernetes,
        None if setting(RUNTIME).as_deref() == Some("~1") => KeyStore::Files,
        _ => KeyStore::Blob,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::known::Known;
    use crate::key::{KeyKind, generate};
    use crate::secret::{Fingerprinter, Secret};

    fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, SecretText> {
        let secret = |text: &str| SecretText(Secret::from(text.as_bytes()));
        pairs.iter().map(|(name, value)| ((*name).to_owned(), secret(value))).collect()
    }

    #[test]
    fn knows_where_the_keys_are_kept() {
        let of = |pairs| key_store(&settings(pairs));
        assert_eq!(of(&[]), KeyStore::Blob);
        assert_eq!(of(&[(STORAGE_TYPE, "Files")]), KeyStore::Files);
        assert_eq!(of(&[("azurewebjobssecretstoragetype", "keyvault")]), KeyStore::KeyVault);
        assert_eq!(of(&[(RUNTIME, "~1")]), KeyStore::Files);
        assert_eq!(of(&[(RUNTIME, "~4")]), KeyStore::Blob);
    }

    #[test]
    fn keeps_holders_and_nothing_else() {
        let prints = Fingerprinter::keyed("a key for tests");
        let known = Known::default();
        let searcher = Searcher {
            prints: &prints,
            known: &known,
        };
        let key = generate(KeyKind::Master, &[5; 33]);
        let url = format!("https://a.azurewebsites.net/api/x?code={key}");
        let vault = "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/orders-key/)";
        let settings = settings(&[
            ("OrdersUrl", &url),
            ("OrdersFunctionKey", vault),
            ("SqlPassword", "@Microsoft.KeyVault(VaultName=v;SecretName=sql)"),
            ("AzureWebJobsStorage", "DefaultEndpointsProtocol=https;AccountKey=abc"),
        ]);
        let site = ArmId::new("/subscriptions/s/sites/caller");
        let facts = facts(&searcher, &site, false, &settings);
        let places: Vec<_> = facts.holders.iter().map(|it| (it.place.as_str(), it.form)).collect();
        assert_eq!(
            places,
            [("OrdersFunctionKey", Form::KeyVault), ("OrdersUrl", Form::Literal)]
        );
        assert_eq!(facts.holders[1].seed, Some(KeyKind::Master));
        assert_eq!(facts.key_store, None);
        let json = serde_json::to_string(&facts).unwrap();
        assert!(!json.contains(&key[..12]));
    }
}
