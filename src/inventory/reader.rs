//! Who is able to list or write keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArmId, Text};

/// A role assignment that gives access to keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reader {
    /// The assignment's id.
    pub id: ArmId,
    /// Where it holds: `/`, a management group, a subscription, a resource
    /// group or a resource.
    pub scope: ArmId,
    /// Who has it; a group is one.
    pub principal: Principal,
    /// The name of the role.
    pub role: Text,
    /// Whether the role is one of Azure's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub built_in: bool,
    /// What it allows, sorted.
    pub abilities: Vec<Ability>,
}

/// What a role allows to do with keys.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// `Microsoft.Web/sites/host/listkeys/action`: all host keys, the master
    /// key among them.
    ListHostKeys,
    /// `Microsoft.Web/sites/functions/listkeys/action`.
    ListFunctionKeys,
    /// `Microsoft.Web/sites/host/functionkeys/write` or its kin.
    WriteHostKeys,
    /// `Microsoft.Web/sites/functions/keys/write`.
    WriteFunctionKeys,
}

/// Somebody, or something, of the directory.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub struct Principal {
    /// The object id, where it is known; otherwise what the log has.
    pub id: Text,
    /// A user's or an application's name, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// What it is.
    #[serde(rename = "type", default)]
    pub kind: PrincipalType,
}

/// What sort of principal.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalType {
    /// A person.
    User,
    /// A group of them.
    Group,
    /// An application or a managed identity.
    ServicePrincipal,
    /// Not told.
    #[default]
    Unknown,
}
