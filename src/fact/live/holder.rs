//! Places that hold keys.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::AppRef;
use crate::fact::record::{stable, word};
use crate::fact::{Format, Record, Related};
use crate::inventory::{self, Form, Transport};
use crate::key::{KeyClass, KeyKind};
use crate::location::Location;
use crate::rotation::{Rotation, Step};
use crate::secret::Fingerprint;

/// One place of a resource that holds a key, or refers to one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeyHolder {
    /// The resource.
    pub id: String,
    /// What it is called in messages: `app 'web'`, `backend 'orders' of API
    /// Management 'gateway'`.
    pub title: String,
    /// What it is.
    pub kind: HolderKind,
    /// Where in it: the name of a setting, the path of a property.
    pub place: String,
    /// Whether the key itself stands there.
    pub form: Form,
    /// How the key is sent, if that can be seen.
    pub sent: Option<Transport>,
    /// The host that it is sent to, if that can be seen.
    pub host: Option<String>,
    /// Whose key it is, among those of the inventory.
    pub matches: Match,
    /// The key, in words, if it is one of the inventory.
    pub key: Option<String>,
    /// The kind of that key: the one that opens most, if several have one value.
    pub key_kind: Option<KeyClass>,
    /// Its app; otherwise the app that it is sent to.
    pub app: Option<AppRef>,
    /// The format of the value, where it could be read.
    pub format: Option<Format>,
    /// What the value was generated as, if its checksum tells.
    pub seed: Option<KeyKind>,
    /// The key, where the value could be read.
    pub fingerprint: Option<Fingerprint>,
    /// The Key Vault secret that it refers to, as `vault/secret`.
    pub vault_secret: Option<String>,
    /// The version of it that the reference is pinned to.
    pub version: Option<String>,
    /// Who answers for the key, as the register says.
    pub owner: Option<String>,
    /// How to reach them, as the register says.
    pub contact: Option<String>,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// The key's own place.
    #[serde(skip)]
    pub related: Vec<Related>,
    /// How the key is replaced, if it is one of the inventory.
    #[serde(skip)]
    pub rotation: Option<Rotation>,
    /// When this was seen, where it could not be looked at since.
    #[serde(skip)]
    pub stale: Option<String>,
}

/// What sort of resource holds a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HolderKind {
    /// An app setting or connection string of a site, function app or not.
    AppSetting,
    /// A named value of API Management.
    ApimNamedValue,
    /// A backend of API Management.
    ApimBackend,
    /// A policy of API Management.
    ApimPolicy,
    /// A consumption workflow of Logic Apps.
    LogicApp,
    /// A linked service of Data Factory.
    DataFactory,
    /// An event subscription of Event Grid.
    EventGrid,
    /// An action group of Azure Monitor.
    ActionGroup,
}

impl From<inventory::HolderKind> for HolderKind {
    fn from(kind: inventory::HolderKind) -> Self {
        use inventory::HolderKind as Kind;
        match kind {
            Kind::AppSetting => Self::AppSetting,
            Kind::ApimBackend => Self::ApimBackend,
            Kind::ApimPolicy => Self::ApimPolicy,
            Kind::LogicApp => Self::LogicApp,
            Kind::DataFactory => Self::DataFactory,
            Kind::EventGrid => Self::EventGrid,
            Kind::ActionGroup => Self::ActionGroup,
        }
    }
}

/// Whose key a value is, among those of an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    /// A key that exists.
    Live,
    /// None that exists: it is sent to an app all of whose keys were listed, or
    /// the keys of every app in scope were.
    Gone,
    /// That cannot be said: the value was not read, or not all keys were.
    Untold,
}

impl Record for KeyHolder {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        let mut identity = vec![self.id.to_lowercase(), self.place.clone(), word(&self.form)];
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
            ("holder", json!(self.title)),
            ("holderKind", json!(self.kind)),
            ("place", json!(self.place)),
            ("sent", json!(self.sent)),
            ("host", json!(self.host)),
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

    fn steps(&self) -> Vec<Step> {
        self.rotation
            .as_ref()
            .map(Rotation::steps)
            .unwrap_or_default()
    }

    fn stale(&self) -> Option<&str> {
        self.stale.as_deref()
    }
}
