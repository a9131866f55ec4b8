//! Apps and their functions.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::of_app;
use crate::fact::{Group, Record};
use crate::inventory::{AuthLevel, KeyStore, Restrictions};
use crate::location::Location;

/// The app or slot that something belongs to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AppRef {
    /// Its resource id.
    pub id: String,
    /// Its name, for messages: `'orders', slot 'staging' (subscription 'live')`.
    pub title: String,
    /// The name of the app.
    pub name: String,
    /// The slot; none for production.
    pub slot: Option<String>,
    /// The name of its subscription.
    pub subscription: String,
    /// The GUID of its subscription.
    pub subscription_id: String,
    /// Its resource group.
    pub resource_group: String,
    /// Its environment, if the policy or its name says.
    pub environment: Option<String>,
    /// Whether the policy calls it sensitive.
    pub sensitive: bool,
}

/// A function app, or a slot of one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LiveApp {
    /// Its names.
    pub app: AppRef,
    /// The region.
    pub region: Option<String>,
    /// `Running` or `Stopped`.
    pub state: Option<String>,
    /// The tier of its plan.
    pub sku: Option<String>,
    /// Who answers for it, as its tags or those of its resource group say.
    pub owner: Option<String>,
    /// Whether it can be reached from public networks; absent, as the next
    /// three, when that was not read.
    pub public: Option<bool>,
    /// What its access restrictions leave.
    pub restrictions: Option<Restrictions>,
    /// How many private endpoints it has.
    pub private_endpoints: Option<u32>,
    /// Whether requests without a token are refused before they reach it.
    pub auth_required: Option<bool>,
    /// Where its host keeps its keys.
    pub key_store: Option<KeyStore>,
    /// Enabled HTTP functions that a key opens, sorted.
    pub key_functions: Vec<String>,
    /// Enabled HTTP functions that anybody may call, sorted.
    pub anonymous_functions: Vec<String>,
    /// Whether its keys were listed, all of them.
    pub assessed: bool,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// When this was seen, where it could not be looked at since.
    #[serde(skip)]
    pub stale: Option<String>,
}

/// A function of an app.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LiveFunction {
    /// Its resource id.
    pub id: String,
    /// Its app.
    pub app: AppRef,
    /// Its name.
    pub name: String,
    /// The language of its worker.
    pub language: Option<String>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The types of its triggers.
    pub triggers: Vec<String>,
    /// What a request to it needs; absent when it has no HTTP trigger.
    pub auth_level: Option<AuthLevel>,
    /// Whether its app refuses requests without a token; absent when that was
    /// not read.
    pub auth_required: Option<bool>,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// When this was seen, where it could not be looked at since.
    #[serde(skip)]
    pub stale: Option<String>,
}

impl AppRef {
    /// What machines read of it.
    pub(super) fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("app", json!(self.name)),
            ("slot", json!(self.slot)),
            ("subscription", json!(self.subscription)),
            ("subscriptionId", json!(self.subscription_id)),
            ("resourceGroup", json!(self.resource_group)),
            ("environment", json!(self.environment)),
        ]
    }
}

impl Record for LiveApp {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.app.id.to_lowercase()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self.app.properties();
        properties.push(("owner", json!(self.owner)));
        properties
    }

    fn stale(&self) -> Option<&str> {
        self.stale.as_deref()
    }
}

impl Record for LiveFunction {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.id.to_lowercase()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self.app.properties();
        properties.push(("function", json!(self.name)));
        properties
    }

    fn group(&self) -> Option<Group> {
        Some(of_app(&self.app, &format!("'{}'", self.name)))
    }

    fn stale(&self) -> Option<&str> {
        self.stale.as_deref()
    }
}
