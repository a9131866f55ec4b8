//! Where callers keep keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArmId, Moment, Text, VaultSecret};
use crate::fact::Format;
use crate::key::KeyKind;
use crate::secret::Fingerprint;

/// One place of a resource that holds a key, or refers to one.
///
/// A value that has no format of a key is a holder only where a key is sent to
/// an app, or when it equals a key of the sweep. Named values of API Management
/// are a list of their own: [`super::ApimNamedValue`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// The resource: a site or slot, a backend, a workflow, an action group, …
    pub id: ArmId,
    /// What it is.
    pub kind: HolderKind,
    /// Where in it: the name of a setting, the path of a property.
    pub place: Text,
    /// Whether the key itself stands there.
    pub form: Form,
    /// The secret that a Key Vault reference is to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_secret: Option<VaultSecret>,
    /// The display name of the named value that is used (`{{name}}`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_value: Option<Text>,
    /// How the key is sent, if that can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Transport>,
    /// The host that it is sent to, if that can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Text>,
    /// The app that it is sent to, where the holder names it by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ArmId>,
    /// The format of the value, where the value could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// What the value was generated as, if its checksum tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<KeyKind>,
    /// The key, where the value could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// When it was seen, if it is of an earlier sweep because the resource could
    /// not be read in this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<Moment>,
}

/// What sort of resource a holder is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum HolderKind {
    /// An app setting or connection string of a site, function app or not.
    AppSetting,
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

/// In which form a holder has a key.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The value itself, in clear or as the resource's own secret.
    Literal,
    /// A reference to a secret of Key Vault.
    KeyVault,
    /// A named value of the same API Management service.
    NamedValue,
    /// Nothing that can be seen: the service keeps or fetches it itself.
    Hidden,
}

/// How a key is sent.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// In the header `x-functions-key`.
    Header,
    /// In the query, as `code`.
    Query,
}
