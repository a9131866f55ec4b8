//! What application code says of who may call it, and of how it calls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Record;
use super::record::text;
use crate::location::Location;

/// An HTTP trigger of a function app.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HttpTrigger {
    /// How it is declared.
    pub model: Model,
    /// The function, if its name is written beside it.
    pub function: Option<String>,
    /// What a caller has to show.
    pub level: AuthLevel,
    /// Where that level is said.
    pub stated: Stated,
    /// Whether a template of the same tree requires sign-in with Entra of
    /// everybody who calls the app.
    pub entra: bool,
    /// The file.
    pub path: String,
    /// The level, or the trigger where it names none.
    #[serde(skip)]
    pub location: Location,
}

/// A key that code puts into a URL.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UrlKey {
    /// The expression that holds the key.
    pub name: String,
    /// The file.
    pub path: String,
    /// Where it is put in.
    #[serde(skip)]
    pub location: Location,
}

/// How a function is declared.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// `function.json`: PowerShell, JavaScript and TypeScript v3, Python v1 and
    /// custom handlers.
    FunctionJson,
    /// Attributes of C# or F#, in process or isolated.
    Dotnet,
    /// Decorators of Python v2.
    Python,
    /// `app.http(…)` of JavaScript and TypeScript v4.
    Javascript,
    /// Annotations of Java or Kotlin.
    Java,
}

/// What a caller of an HTTP trigger has to show.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AuthLevel {
    /// Nothing.
    Anonymous,
    /// A signed-in user's token; only the first runtime knows it.
    User,
    /// A key of the function, or one of the host.
    Function,
    /// A system key.
    System,
    /// The master key.
    Admin,
    /// What the text does not tell.
    Unknown,
}

/// Where a level is said.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stated {
    /// At the trigger.
    Trigger,
    /// For all triggers of the app.
    App,
    /// Nowhere: the model's default.
    Default,
}

impl AuthLevel {
    /// The level of a word, in any case.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "anonymous" => Some(Self::Anonymous),
            "user" => Some(Self::User),
            "function" => Some(Self::Function),
            "system" => Some(Self::System),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }
}

impl Record for HttpTrigger {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.path.clone(), text(&self.function)]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("model", json!(self.model)),
            ("function", json!(self.function)),
            ("authLevel", json!(self.level)),
            ("stated", json!(self.stated)),
        ]
    }
}

impl Record for UrlKey {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.path.clone(), self.name.clone()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![("name", json!(self.name))]
    }
}
