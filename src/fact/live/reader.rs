//! Who can list keys, and who did.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{AppRef, of_app};
use crate::fact::record::word;
use crate::fact::{Group, Record, Related};
use crate::inventory::{Ability, EventStatus, Operation, PrincipalType};
use crate::location::Location;

/// A role assignment that gives access to keys.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeyReader {
    /// The assignment's id.
    pub id: String,
    /// Where it holds.
    pub scope: String,
    /// What that is.
    pub scope_kind: ScopeKind,
    /// The name of the principal, or its object id.
    pub principal: String,
    /// What the principal is.
    pub principal_type: PrincipalType,
    /// The name of the role.
    pub role: String,
    /// Whether the role is one of Azure's own.
    pub built_in: bool,
    /// What it allows.
    pub abilities: Vec<Ability>,
    /// Whether the policy expects this principal to list keys; absent when the
    /// policy has no list.
    pub allowed: Option<bool>,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
}

/// A scope, and everybody who has access to the keys in it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeyReaders {
    /// The scope.
    pub scope: String,
    /// What it is called in messages: `subscription 'live'`.
    pub title: String,
    /// What it is.
    pub kind: ScopeKind,
    /// How many principals have access, those of the scopes around it included:
    /// at least, since a group is counted as one.
    pub principals: u32,
    /// How many of them have it by an assignment at this very scope.
    pub here: u32,
    /// These, by name, sorted.
    pub names: Vec<String>,
    /// The roles that give it here, sorted.
    pub roles: Vec<String>,
    /// How many the policy allows.
    pub max: u32,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// The assignments at this scope.
    #[serde(skip)]
    pub related: Vec<Related>,
}

/// What a scope is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    /// Everything.
    Tenant,
    /// A management group.
    ManagementGroup,
    /// A subscription.
    Subscription,
    /// A resource group.
    ResourceGroup,
    /// One resource.
    Resource,
}

/// What the Activity Log says somebody did to keys of an app, or tried to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeyEvent {
    /// What was done.
    pub operation: Operation,
    /// To what: the id of a key, or of an app for a listing.
    pub subject: String,
    /// The app.
    pub app: AppRef,
    /// Who did it: a name, or an object id.
    pub principal: String,
    /// What that is.
    pub principal_type: PrincipalType,
    /// Whether the policy expects this principal to list keys; absent when the
    /// policy has no list.
    pub allowed: Option<bool>,
    /// Whether it was keysweep itself.
    pub own: bool,
    /// How often.
    pub count: u64,
    /// The day of the last time.
    pub last: String,
    /// How many days ago that was when the inventory was taken.
    pub days_ago: u32,
    /// What came of it.
    pub status: EventStatus,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
}

impl Record for KeyReader {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.id.to_lowercase()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("scope", json!(self.scope)),
            ("principal", json!(self.principal)),
            ("principalType", json!(self.principal_type)),
            ("role", json!(self.role)),
        ]
    }
}

impl Record for KeyReaders {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.scope.to_lowercase()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("scope", json!(self.scope)),
            ("principals", json!(self.principals)),
            ("here", json!(self.here)),
            ("roles", json!(self.roles)),
        ]
    }

    fn related(&self) -> &[Related] {
        &self.related
    }
}

impl Record for KeyEvent {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![
            self.subject.to_lowercase(),
            word(&self.operation),
            self.principal.clone(),
            word(&self.status),
        ]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self.app.properties();
        properties.extend([
            ("operation", json!(self.operation)),
            ("principal", json!(self.principal)),
            ("principalType", json!(self.principal_type)),
            ("count", json!(self.count)),
            ("last", json!(self.last)),
        ]);
        properties
    }

    fn group(&self) -> Option<Group> {
        Some(of_app(&self.app, &format!("'{}'", self.principal)))
    }
}
