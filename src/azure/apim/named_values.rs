//! Named values: those that are keys, or that are sent as one.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;

use super::{APIM, Service};
use crate::azure::client::Ask;
use crate::azure::failure::Failure;
use crate::azure::holding::{Searcher, is_key_format, names_a_key, secret_of_uri};
use crate::azure::throttle::Class;
use crate::azure::value::{SecretText, Value, value_of};
use crate::fact::{Checksum, Format};
use crate::inventory::{ApimNamedValue, ArmId, Family, Text, VaultSecret};
use crate::key::KeyKind;
use crate::secret::Fingerprint;

/// The action for a value that is kept secret.
const LIST_VALUE: &str = "Microsoft.ApiManagement/service/namedValues/listValue/action";

#[derive(Deserialize)]
struct Raw {
    id: String,
    properties: RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawValue {
    display_name: Option<String>,
    #[serde(default)]
    secret: bool,
    value: Option<SecretText>,
    key_vault: Option<RawVault>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawVault {
    secret_identifier: Option<String>,
}

#[derive(Deserialize)]
struct RawSecret {
    value: Option<SecretText>,
}

/// A named value, before it is decided whether it is of interest.
#[derive(Serialize, Deserialize)]
struct Listed {
    id: ArmId,
    display_name: Text,
    secret: bool,
    vault_secret: Option<VaultSecret>,
    /// The key in a value that is shown.
    key: Option<Key>,
}

/// A value that is a key, or that is taken for one where it is sent as one.
#[derive(Clone, Serialize, Deserialize)]
struct Key {
    format: Format,
    seed: Option<KeyKind>,
    fingerprint: Fingerprint,
    /// Whether it is one wherever it stands.
    certain: bool,
}

impl Service<'_> {
    /// `used` are the display names, in small letters, that backends and
    /// policies send as a key.
    pub(super) async fn named_values(&self, used: &HashSet<String>) {
        let action = "Microsoft.ApiManagement/service/namedValues/read";
        let all = self.list("/namedValues", action, |raw: Raw| Some(self.listed(raw, used))).await;
        for mut listed in all {
            let is_used = used.contains(&listed.display_name.to_ascii_lowercase());
            if listed.secret && !self.run.options.metadata_only {
                match self.value(&listed, is_used).await {
                    Ok(key) => listed.key = key,
                    Err(failure) => {
                        let family = Family::ApiManagement;
                        self.run.gap(&listed.id, family, &failure, LIST_VALUE);
                        if failure.reason == crate::inventory::Reason::Forbidden {
                            // Of one as of all; the rest is known without.
                            self.keep(listed, is_used);
                            break;
                        }
                    }
                }
            }
            self.keep(listed, is_used);
        }
    }

    fn listed(&self, raw: Raw, used: &HashSet<String>) -> Listed {
        let id = ArmId::new(&raw.id);
        let value = raw.properties;
        let display_name = value.display_name.unwrap_or_else(|| id.name().to_owned());
        let is_used = used.contains(&display_name.to_ascii_lowercase());
        let vault = value.key_vault.and_then(|vault| vault.secret_identifier);
        Listed {
            display_name: Text::name(&display_name),
            secret: value.secret,
            vault_secret: vault.as_deref().and_then(secret_of_uri),
            key: value.value.and_then(|value| self.key(&value, is_used)),
            id,
        }
    }

    /// The value of one that is kept secret.
    async fn value(&self, listed: &Listed, is_used: bool) -> Result<Option<Key>, Failure> {
        let url = self.run.url(&format!("{}/listValue", listed.id), APIM)?;
        let ask = Ask::post(url, self.scope, Class::Writes);
        let read = |raw: RawSecret| raw.value.and_then(|value| self.key(&value, is_used));
        self.run.client.one(&ask, &self.budget, read).await
    }

    fn key(&self, text: &SecretText, is_used: bool) -> Option<Key> {
        let known = self.run.known.borrow();
        let searcher = Searcher {
            prints: &self.run.prints,
            known: &known,
        };
        let key = |value: Value, certain| Key {
            format: value.format,
            seed: value.seed,
            fingerprint: value.fingerprint,
            certain,
        };
        // A key, or an address with one.
        if let Some(held) = searcher.search(text.text()).into_iter().next() {
            return Some(key(held.value, true));
        }
        let value = value_of(&text.0, &self.run.prints);
        let broken = value.checksum == Checksum::Broken;
        (is_used && !broken).then(|| {
            let certain = is_key_format(&value);
            key(value, certain)
        })
    }

    /// Notes it, if it is a key, is sent as one, or says that it is.
    fn keep(&self, listed: Listed, is_used: bool) {
        let certain = listed.key.as_ref().is_some_and(|key| key.certain);
        if !certain && !is_used && !names_a_key(&listed.display_name) {
            return;
        }
        let Listed {
            id,
            display_name,
            secret,
            vault_secret,
            key,
        } = listed;
        let mut found = self.run.found.borrow_mut();
        found.apim_named_values.push(ApimNamedValue {
            id,
            display_name,
            secret,
            vault_secret,
            format: key.as_ref().map(|key| key.format),
            seed: key.as_ref().and_then(|key| key.seed),
            fingerprint: key.map(|key| key.fingerprint),
        });
    }
}
