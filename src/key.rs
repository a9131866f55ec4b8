//! The key formats: what a key's text alone says about it. No I/O.
//!
//! Azure Functions has issued two formats. Since 2022 a key is *identifiable*:
//! 40 bytes, 33 of them random, then the signature `AzFu`, then a Marvin32
//! checksum whose seed tells what the key was generated as. Before that it was
//! the base64 of 40 random bytes with `+` replaced by `a`, which says nothing.
//! The owner of an app may also choose any value at all.
//!
//! Sources: `SecretGenerator.cs` and `SecretManager.cs` of
//! Azure/azure-functions-host; `IdentifiableSecrets.cs` and `Marvin.cs` of
//! microsoft/security-utilities.

mod apim;
mod base64_layer;
mod identifiable;
mod legacy;
mod marvin;
mod spelling;

pub use apim::{find_subscription_keys, generate_subscription_key};
pub use base64_layer::{WRAPPED_MARKS, Wrapped, unwrap_at};
pub use identifiable::{BODY_LEN, Identified, SIGNATURE, find_identifiable, generate, identify};
pub(crate) use legacy::is_refrain;
pub use legacy::{is_ciphertext, is_legacy, is_legacy_wrapped};
pub use spelling::{next_char, prev_char, unescape};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a key opens.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// Everything, the runtime's administration included.
    Master,
    /// The webhook endpoint of one extension.
    System,
    /// One function, or every function of the app: the two share a format.
    Function,
    /// The text does not tell.
    Unknown,
}

impl KeyKind {
    /// The word that reports and conditions use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::System => "system",
            Self::Function => "function",
            Self::Unknown => "unknown",
        }
    }
}

/// What a key is in its app: where it is kept, and what it opens.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "key-kind")]
pub enum KeyClass {
    /// A function's own key.
    Function,
    /// A host key: it opens every function of the app.
    Host,
    /// The key of an extension's webhook.
    System,
    /// The master key.
    Master,
}

impl KeyClass {
    /// Every class, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Function, Self::Host, Self::System, Self::Master];

    /// The word that the policy, inventories, facts and conditions use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Host => "host",
            Self::System => "system",
            Self::Master => "master",
        }
    }
}
