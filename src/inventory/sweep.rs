//! The header of an inventory: who looked, when, at what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{ArmId, Moment, PrincipalType, Text};

/// Who looked, when, at what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sweep {
    /// The program that looked.
    pub tool: Tool,
    /// When the first request was sent: nothing in here is older, unless it
    /// says so itself.
    pub started: Moment,
    /// When the last answer came.
    pub ended: Moment,
    /// The tenant's GUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Text>,
    /// The cloud: `public`, `usgov`, `china`, or the host of another one's
    /// resource manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<Text>,
    /// As whom it looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The policy in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyDigest>,
    /// What it was asked to look at.
    #[serde(default, skip_serializing_if = "Scope::is_tenant")]
    pub scope: Scope,
    /// Which apps of that.
    #[serde(default, skip_serializing_if = "Filters::are_none")]
    pub filters: Filters,
    /// Which share of them; none when it is the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Whether keys were left alone: no list of keys was asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub metadata_only: bool,
    /// Names the key of the fingerprints of chosen values, without telling it:
    /// inventories in which this differs, or is missing, cannot be compared in
    /// their chosen values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint_key: Option<Text>,
    /// How much of it was seen.
    #[serde(default)]
    pub coverage: Coverage,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its name.
    pub name: Text,
    /// Its version.
    pub version: Text,
}

impl Tool {
    /// This one.
    #[must_use]
    pub fn this() -> Self {
        Self {
            name: Text::name(env!("CARGO_PKG_NAME")),
            version: Text::name(env!("CARGO_PKG_VERSION")),
        }
    }
}

/// As whom a sweep looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The object id in the tenant: what the Activity Log shows of its requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Text>,
    /// The application (client) id, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<Text>,
    /// A user's or an application's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: PrincipalType,
}

/// The policy that a sweep went by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyDigest {
    /// The file, as reports show it.
    pub path: Text,
    /// SHA-256 over the file and those that it extends, in hexadecimal.
    pub sha256: Text,
}

/// What a sweep was asked to look at: the whole tenant, if nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Scope {
    /// Subscriptions, by GUID or name as given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<Text>,
    /// Management groups, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub management_groups: Vec<Text>,
}

impl Scope {
    /// Whether it is everything that the identity can see.
    #[must_use]
    pub fn is_tenant(&self) -> bool {
        self.subscriptions.is_empty() && self.management_groups.is_empty()
    }
}

/// Which apps of the scope: all of them, if nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Filters {
    /// In one of these resource groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_groups: Vec<Text>,
    /// With one of these names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apps: Vec<Text>,
    /// With all of these tags; a tag without a value needs only be there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<Text, Option<Text>>,
}

impl Filters {
    /// Whether every app of the scope is meant.
    #[must_use]
    pub fn are_none(&self) -> bool {
        self.resource_groups.is_empty() && self.apps.is_empty() && self.tags.is_empty()
    }
}

/// A share of the apps of a scope.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub struct Shard {
    /// Which one, from 1.
    pub index: u32,
    /// Of how many.
    pub count: u32,
}

/// How much of what there is was seen: what the gaps say, in numbers.
/// [`super::Inventory::finish`] counts it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Coverage {
    /// Apps and slots in scope.
    pub apps: u64,
    /// Those whose keys were listed, all of them.
    pub assessed: u64,
    /// Functions of them.
    pub functions: u64,
    /// Keys of them.
    pub keys: u64,
    /// Apps and slots that are in scope by the list of a subscription and that
    /// Resource Graph, which is late at times, did not give.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_in_resource_graph: Vec<ArmId>,
}
