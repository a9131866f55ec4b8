//! API Management.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::AppRef;
use crate::fact::record::stable;
use crate::fact::{Format, Record, Related};
use crate::inventory::ApimSubscriptionState;
use crate::key::{KeyClass, KeyKind};
use crate::location::Location;
use crate::secret::Fingerprint;

/// A named value of API Management that is, or is sent as, a key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NamedValue {
    /// Its resource id.
    pub id: String,
    /// What policies call it by.
    pub name: String,
    /// The name of its service.
    pub service: String,
    /// Whether readers of the service are kept from its value.
    pub secret: bool,
    /// The Key Vault secret that it is read from, as `vault/secret`.
    pub vault_secret: Option<String>,
    /// The version that it is pinned to.
    pub version: Option<String>,
    /// Backends and policies that send it as a key, sorted.
    pub used_by: Vec<String>,
    /// The key, in words, if it is one of the inventory.
    pub key: Option<String>,
    /// The kind of that key.
    pub key_kind: Option<KeyClass>,
    /// The app of that key.
    pub app: Option<AppRef>,
    /// The format of the value, where it could be read.
    pub format: Option<Format>,
    /// What the value was generated as, if its checksum tells.
    pub seed: Option<KeyKind>,
    /// The key, where the value could be read.
    pub fingerprint: Option<Fingerprint>,
    /// Who answers for the key, as the register says.
    pub owner: Option<String>,
    /// How to reach them, as the register says.
    pub contact: Option<String>,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// The key, and where the value is used.
    #[serde(skip)]
    pub related: Vec<Related>,
    /// When this was seen, where it could not be looked at since.
    #[serde(skip)]
    pub stale: Option<String>,
}

/// A subscription of API Management.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GatewaySubscription {
    /// Its resource id.
    pub id: String,
    /// Its display name, or its name.
    pub name: String,
    /// The name of its service.
    pub service: String,
    /// What it opens, below the service: `/apis`, `/products/starter`.
    pub scope: String,
    /// Whether its keys open every API of the service.
    pub all_apis: bool,
    /// Whether it is the one that every service has from the start.
    pub built_in: bool,
    /// Its state.
    pub state: ApimSubscriptionState,
    /// Whether its holder can ask for traces.
    pub allow_tracing: bool,
    /// The days since it was created, if that is known.
    pub created_days: Option<u32>,
    /// The days since one of its keys was renewed, as the Activity Log or the
    /// register says.
    pub renewed_days: Option<u32>,
    /// Since when the log shows no renewal, as a day; absent when the log was
    /// not read as a whole.
    pub log_since: Option<String>,
    /// The greatest age that the policy allows for its keys, in days.
    pub max_age_days: u32,
    /// Who answers for it, as the register says.
    pub owner: Option<String>,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// When this was seen, where it could not be looked at since.
    #[serde(skip)]
    pub stale: Option<String>,
}

impl Record for NamedValue {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        let mut identity = vec![self.id.to_lowercase()];
        identity.extend(self.fingerprint.as_ref().and_then(stable));
        identity
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self
            .app
            .as_ref()
            .map(AppRef::properties)
            .unwrap_or_default();
        properties.extend([
            ("service", json!(self.service)),
            ("namedValue", json!(self.name)),
            ("usedBy", json!(self.used_by)),
            ("key", json!(self.key)),
            ("keyKind", json!(self.key_kind)),
            ("keyFormat", json!(self.format)),
            ("fingerprint", json!(self.fingerprint)),
            ("owner", json!(self.owner)),
            ("contact", json!(self.contact)),
        ]);
        properties
    }

    fn related(&self) -> &[Related] {
        &self.related
    }

    fn stale(&self) -> Option<&str> {
        self.stale.as_deref()
    }
}

impl Record for GatewaySubscription {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.id.to_lowercase()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("service", json!(self.service)),
            ("apimSubscription", json!(self.name)),
            ("scope", json!(self.scope)),
            ("createdDays", json!(self.created_days)),
            ("renewedDays", json!(self.renewed_days)),
            ("owner", json!(self.owner)),
        ]
    }

    fn stale(&self) -> Option<&str> {
        self.stale.as_deref()
    }
}
