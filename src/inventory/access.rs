//! Who can reach an app, and what stands before its keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who can reach an app, and what stands before its keys. What was not read is
/// missing, and proves nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Access {
    /// Whether it can be reached from public networks at all
    /// (`publicNetworkAccess`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// What its access restrictions leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restrictions: Option<Restrictions>,
    /// How many private endpoints it has that are approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_endpoints: Option<u32>,
    /// Whether requests without an Entra (or other provider's) token are
    /// refused before they reach a function: `platform.enabled` and
    /// `requireAuthentication` with an action other than `AllowAnonymous`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_required: Option<bool>,
    /// Whether `/admin` is closed to requests from outside
    /// (`functionsRuntimeAdminIsolationEnabled`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_isolated: Option<bool>,
}

/// What the access restrictions of an app leave.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Restrictions {
    /// Everybody: there are none, or one that allows all (`0.0.0.0/0`, `Any`)
    /// comes before any that denies.
    Open,
    /// Somebody: what is not allowed is denied.
    Restricted,
}

/// Where a host keeps its keys (`AzureWebJobsSecretStorageType`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum KeyStore {
    /// In Blob Storage: the default.
    Blob,
    /// In files of the app: a swap resets them.
    Files,
    /// In Key Vault.
    KeyVault,
    /// In a Kubernetes secret.
    Kubernetes,
}
