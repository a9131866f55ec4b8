//! The register, held against the tenant.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{AppRef, of_app, resource};
use crate::fact::record::stable;
use crate::fact::{Group, Record, Related};
use crate::key::KeyClass;
use crate::location::Location;
use crate::rotation::Step;
use crate::secret::Fingerprint;

/// A `[[caller]]` of the register whose app is in the inventory.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RegisteredKey {
    /// The id that its key has, or would have.
    pub id: String,
    /// The app that it calls.
    pub app: AppRef,
    /// The caller.
    pub caller: String,
    /// The key, in words.
    pub title: String,
    /// The kind of the key.
    pub kind: KeyClass,
    /// The name of the key.
    pub key: String,
    /// Whether the app has the key.
    pub exists: bool,
    /// Whether all keys of the app were listed: only then is one that was not
    /// seen not there.
    pub assessed: bool,
    /// Whether the register says that the caller has ended.
    pub ended: bool,
    /// Days since that day.
    pub ended_days: Option<i64>,
    /// Who answers for the caller.
    pub owner: Option<String>,
    /// How to reach them.
    pub contact: Option<String>,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// The entry of the register.
    #[serde(skip)]
    pub related: Vec<Related>,
    /// How the key is deleted.
    #[serde(skip)]
    pub removal: Vec<Step>,
}

/// A key that a caller is observed to hold, and that no entry of the register
/// is about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnregisteredKey {
    /// Its id.
    pub id: String,
    /// Its app.
    pub app: AppRef,
    /// What it is called in messages.
    pub title: String,
    /// Its kind.
    pub kind: KeyClass,
    /// The resources that hold it, sorted.
    pub observed: Vec<String>,
    /// Who answers for the app, as its tags say.
    pub app_owner: Option<String>,
    /// Whether there is a register at all.
    pub register: bool,
    /// The key.
    #[serde(skip)]
    pub fingerprint: Fingerprint,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// The places of its callers.
    #[serde(skip)]
    pub related: Vec<Related>,
    /// What all such keys belong to when there is no register.
    #[serde(skip)]
    pub estate: String,
    /// What is said of its callers that could not be looked at this time.
    #[serde(skip)]
    pub of_callers: Option<String>,
}

impl Record for RegisteredKey {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.id.to_lowercase(), self.caller.clone()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self.app.properties();
        properties.extend([
            ("caller", json!(self.caller)),
            ("key", json!(self.key)),
            ("keyKind", json!(self.kind)),
            ("endedDays", json!(self.ended_days)),
            ("owner", json!(self.owner)),
            ("contact", json!(self.contact)),
        ]);
        properties
    }

    fn related(&self) -> &[Related] {
        &self.related
    }

    fn group(&self) -> Option<Group> {
        Some(of_app(&self.app, &self.title))
    }

    fn steps(&self) -> Vec<Step> {
        self.removal.clone()
    }
}

impl Record for UnregisteredKey {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        let mut identity = vec![self.id.to_lowercase()];
        identity.extend(stable(&self.fingerprint));
        identity
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self.app.properties();
        properties.extend([
            ("key", json!(self.title)),
            ("keyKind", json!(self.kind)),
            ("callers", json!(self.observed)),
        ]);
        properties
    }

    fn related(&self) -> &[Related] {
        &self.related
    }

    fn remark(&self) -> Option<String> {
        self.of_callers.clone()
    }

    /// Without a register every key lacks an owner, and that is one thing to
    /// say and not one for each app.
    fn group(&self) -> Option<Group> {
        if self.register {
            return Some(of_app(&self.app, &self.title));
        }
        Some(Group {
            location: resource(&self.estate),
            subject: "the tenant".to_owned(),
            member: format!("{} of {}", self.title, self.app.title),
        })
    }
}
