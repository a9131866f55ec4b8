//! API Management: named values and subscriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArmId, Moment, Text};
use crate::fact::Format;
use crate::key::KeyKind;
use crate::secret::Fingerprint;

/// A named value of API Management: one that holds a key, or that a backend or
/// a policy sends as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApimNamedValue {
    /// `…/service/{service}/namedValues/{name}`.
    pub id: ArmId,
    /// What policies call it by.
    pub display_name: Text,
    /// Whether readers of the service are shown its value.
    pub secret: bool,
    /// The secret of Key Vault that it is read from; none when the value is
    /// kept in the service itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_secret: Option<VaultSecret>,
    /// The format of the value, where the value could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// What the value was generated as, if its checksum tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<KeyKind>,
    /// The key, where the value could be read and is, or stands for, one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// When it was seen, if it is of an earlier sweep because the service could
    /// not be read in this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<Moment>,
}

/// A secret of Key Vault, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VaultSecret {
    /// The host of the vault, or its name where only that is written.
    pub vault: Text,
    /// The name of the secret.
    pub secret: Text,
    /// The version that the reference names: a newer one never arrives. None
    /// when it follows the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
}

/// A subscription of API Management; its keys are not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApimSubscription {
    /// `…/service/{service}/subscriptions/{name}`.
    pub id: ArmId,
    /// Its display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Text>,
    /// The scope below the service: `/`, `/apis`, `/apis/{api}` or
    /// `/products/{product}`.
    pub scope: Text,
    /// Its state.
    pub state: ApimSubscriptionState,
    /// When it was created, which its keys cannot be older than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Moment>,
    /// When it ends by itself, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// The id of the user that it was given to, below the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text>,
    /// Whether its holder can ask for traces, which show policies and headers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_tracing: bool,
    /// When it was seen, if it is of an earlier sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<Moment>,
}

impl ApimSubscription {
    /// Whether its keys open every API of the service.
    #[must_use]
    pub fn covers_all_apis(&self) -> bool {
        let scope = self.scope.trim_end_matches('/');
        scope.is_empty() || scope.eq_ignore_ascii_case("/apis")
    }

    /// Whether it is the one that every service has from the start.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.id.name().eq_ignore_ascii_case("master")
    }
}

/// The state of a subscription of API Management.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ApimSubscriptionState {
    /// Its keys work.
    Active,
    /// Its keys do not work until it is active again.
    Suspended,
    /// Its end date has passed.
    Expired,
    /// Asked for, and not granted yet.
    Submitted,
    /// Asked for, and not granted.
    Rejected,
    /// Ended by its holder or an administrator.
    Cancelled,
}
