//! What templates do with keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::record::{text, word};
use super::{Record, Related};
use crate::fix::Fix;
use crate::location::Location;

/// A place where a template reads a key of a function app.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TemplateKeyRef {
    /// The language of the template.
    pub dialect: Dialect,
    /// What is read.
    pub key: TemplateKey,
    /// The key's own name, if it is told.
    pub name: Option<String>,
    /// The app: its name, or the expression for it.
    pub app: String,
    /// The file.
    pub path: String,
    /// The expression.
    #[serde(skip)]
    pub location: Location,
}

/// A place that a template hands a key of a function app to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TemplateKeyFlow {
    /// The language of the template.
    pub dialect: Dialect,
    /// What is handed over.
    pub key: TemplateKey,
    /// The app: its name, or the expression for it.
    pub app: String,
    /// What sort of place it is.
    pub to: Destination,
    /// The setting, output, secret or header, if its name is told.
    pub name: Option<String>,
    /// The resource that receives it: its name, or the expression for it.
    pub receiver: Option<String>,
    /// Whether the output that it is is declared secret.
    pub secret: bool,
    /// The file.
    pub path: String,
    /// The output, or the expression that the key arrives with.
    #[serde(skip)]
    pub location: Location,
    /// What declares the output secret.
    #[serde(skip)]
    pub fix: Option<Fix>,
}

/// One key of the host of an app that a template hands to its callers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TemplateSharedKey {
    /// The key's own name, if it is told.
    pub name: Option<String>,
    /// The app: its name, or the expression for it.
    pub app: String,
    /// The resources that receive it, sorted.
    pub callers: Vec<String>,
    /// The file of the first place.
    pub path: String,
    /// The first place.
    #[serde(skip)]
    pub location: Location,
    /// The others.
    #[serde(skip)]
    pub related: Vec<Related>,
}

/// An application setting that a template makes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Setting {
    /// The language of the template.
    pub dialect: Dialect,
    /// Its name.
    pub name: String,
    /// Its value: one of those that say where keys are stored.
    pub value: String,
    /// The app: its name, or the expression for it.
    pub app: String,
    /// The file.
    pub path: String,
    /// The value.
    #[serde(skip)]
    pub location: Location,
}

/// The language of a template.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Bicep.
    Bicep,
    /// ARM templates in JSON.
    Arm,
    /// Terraform and OpenTofu.
    Terraform,
}

/// Which key of an app.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateKey {
    /// The master key.
    Master,
    /// A key of the host: it opens every function.
    Host,
    /// A system key, of an extension.
    System,
    /// A key of one function.
    Function,
    /// All keys together.
    All,
}

/// What sort of place a template hands a key to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// An output of the template.
    Output,
    /// A setting, connection string or variable of an app or a container.
    AppSetting,
    /// A parameter or an action of a workflow.
    Workflow,
    /// A named value of API Management that no Key Vault is behind.
    NamedValue,
    /// A backend of API Management.
    Backend,
    /// A policy of API Management.
    GatewayPolicy,
    /// A linked service of a data factory.
    LinkedService,
    /// The address that an action group or an event subscription calls, which
    /// no Key Vault can stand behind.
    Webhook,
    /// A secret of a Key Vault: where a key belongs.
    KeyVault,
}

impl Record for TemplateKeyRef {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![
            self.path.clone(),
            self.app.clone(),
            word(&self.key),
            text(&self.name),
        ]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("dialect", json!(self.dialect)),
            ("key", json!(self.key)),
            ("name", json!(self.name)),
            ("app", json!(self.app)),
        ]
    }
}

impl Record for TemplateKeyFlow {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![
            self.path.clone(),
            word(&self.to),
            text(&self.name),
            text(&self.receiver),
            self.app.clone(),
        ]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("dialect", json!(self.dialect)),
            ("key", json!(self.key)),
            ("app", json!(self.app)),
            ("destination", json!(self.to)),
            ("name", json!(self.name)),
            ("receiver", json!(self.receiver)),
        ]
    }

    fn fix(&self) -> Option<&Fix> {
        self.fix.as_ref()
    }
}

impl Record for TemplateSharedKey {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.path.clone(), self.app.clone(), text(&self.name)]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("name", json!(self.name)),
            ("app", json!(self.app)),
            ("callers", json!(self.callers)),
        ]
    }

    fn related(&self) -> &[Related] {
        &self.related
    }
}

impl Record for Setting {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.path.clone(), self.app.clone(), self.name.clone()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("dialect", json!(self.dialect)),
            ("name", json!(self.name)),
            ("value", json!(self.value)),
            ("app", json!(self.app)),
        ]
    }
}
