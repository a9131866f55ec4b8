//! Function apps, their slots and their functions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, ArmId, Key, KeyStore, Moment, Tags, Text, Triggers, compact};

/// A function app, or a slot of one: a slot has keys of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// `…/sites/{name}` or `…/sites/{name}/slots/{slot}`. Name, slot, resource
    /// group and subscription are in it.
    pub id: ArmId,
    /// The region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Text>,
    /// The service's comma list: `functionapp,linux`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Text>,
    /// `Running` or `Stopped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Text>,
    /// The tier of its plan: `Dynamic`, `FlexConsumption`, `ElasticPremium`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Text>,
    /// When the resource was created, which no key of it can be older than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Moment>,
    /// Its host names, the default one first.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "compact::list"
    )]
    pub hosts: Vec<Text>,
    /// Its tags; values are masked where they look like secrets.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// The tags of its resource group.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub group_tags: Tags,
    /// Who can reach it, and what stands before its keys.
    #[serde(default)]
    pub access: Access,
    /// Where its host keeps its keys; none when the settings were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_store: Option<KeyStore>,
    /// When its functions were listed; none when they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions_read: Option<Moment>,
    /// When all its keys were listed; none when they were not, or not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_read: Option<Moment>,
    /// When its settings were searched for keys of other apps; none when they
    /// were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_read: Option<Moment>,
    /// When its functions, its access or its key store were seen, if some of it
    /// is of an earlier sweep because it could not be read in this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<Moment>,
    /// Its functions.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "compact::list"
    )]
    pub functions: Vec<Function>,
    /// Its keys. Where they could not be listed, those of an earlier sweep.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "compact::list"
    )]
    pub keys: Vec<Key>,
}

impl App {
    /// One of which nothing but the id is known.
    #[must_use]
    pub fn new(id: ArmId) -> Self {
        Self {
            id,
            location: None,
            kind: None,
            state: None,
            sku: None,
            created: None,
            hosts: Vec::new(),
            tags: Tags::default(),
            group_tags: Tags::default(),
            access: Access::default(),
            key_store: None,
            functions_read: None,
            keys_read: None,
            settings_read: None,
            stale: None,
            functions: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// The id of one of its keys.
    #[must_use]
    pub fn key_id(&self, key: &Key) -> ArmId {
        self.id.key(key.kind, key.function.as_deref(), &key.name)
    }

    /// Whether it is a Logic App (Standard), whose keys work the same.
    #[must_use]
    pub fn is_logic_app(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        kind.split(',')
            .any(|word| word.trim().eq_ignore_ascii_case("workflowapp"))
    }
}

/// A function of an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Function {
    /// Its name.
    pub name: Text,
    /// The language of its worker, as the service has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Text>,
    /// Whether it is switched off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// The types of its triggers: `httpTrigger`, `eventGridTrigger`, …
    #[serde(default, skip_serializing_if = "Triggers::is_empty")]
    pub triggers: Triggers,
    /// What a request to it needs; none when it has no HTTP trigger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_level: Option<AuthLevel>,
    /// The route of its HTTP trigger, if it is not the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Box<Text>>,
}

/// What a request to an HTTP function needs. A trigger that names no level has
/// `function`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AuthLevel {
    /// Nothing.
    Anonymous,
    /// A key of the function or of the host.
    Function,
    /// The master key.
    Admin,
}
