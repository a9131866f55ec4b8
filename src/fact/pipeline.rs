//! What pipelines do with keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Record;
use super::record::{Related, text, word};
use crate::fix::Fix;
use crate::location::Location;

/// One thing that a pipeline does with a key, at one place.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PipelineKeyUse {
    /// The pipeline's language.
    pub dialect: PipelineDialect,
    /// What it does.
    pub action: KeyAction,
    /// What the key opens, as far as the pipeline tells.
    pub kind: PipelineKeyKind,
    /// Where the pipeline has the key from.
    pub supply: KeySupply,
    /// The name of the secret or of the variable, else of the key.
    pub name: Option<String>,
    /// The app whose key it is, where the pipeline fetches it.
    pub app: Option<String>,
    /// The host that it is sent to; `${X}` for what only a run knows.
    pub host: Option<String>,
    /// How it reaches the log, where `action` is `print`.
    pub way: Option<PrintWay>,
    /// Whether it is sent in the query of a URL, and not in a header.
    pub in_url: bool,
    /// Whether it is sent to `/admin/…`.
    pub admin: bool,
    /// Whether logs show asterisks for it, where it is handed on.
    pub masked: bool,
    /// The functions that are called with it, where it is fetched.
    pub functions: Vec<String>,
    /// Whether more is done with it than those calls, or may be.
    pub elsewhere: bool,
    /// The job.
    pub job: Option<String>,
    /// The environment of the job.
    pub environment: Option<String>,
    /// The environment of the secret, the host or the app, where it is another
    /// one; once for each of them in a job.
    pub other_environment: Option<String>,
    /// The file, relative to the working directory.
    pub path: String,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// Where a key of another environment is named.
    #[serde(skip)]
    pub related: Vec<Related>,
    /// The change that keeps the key out of the log or of the URL, where one is
    /// certain.
    #[serde(skip)]
    pub fix: Option<Fix>,
}

/// A language for pipelines.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PipelineDialect {
    /// GitHub Actions.
    Github,
    /// Azure Pipelines.
    Azure,
    /// GitLab CI.
    Gitlab,
}

/// What a pipeline does with a key.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAction {
    /// It reads it from the service or from a vault.
    Fetch,
    /// It names a secret or a variable that holds one.
    Name,
    /// It lets it reach the log.
    Print,
    /// It hands it to later steps.
    Pass,
    /// It sends it to an app.
    Send,
    /// It chooses the key's value.
    Choose,
}

/// What a key in a pipeline opens.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PipelineKeyKind {
    /// Everything: the master key.
    Master,
    /// An extension's webhooks.
    System,
    /// Every function of an app.
    Host,
    /// One function.
    Function,
    /// It is several: a listing.
    Listing,
    /// The pipeline does not tell.
    Unknown,
}

/// Where a pipeline has a key from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum KeySupply {
    /// A secret of the platform.
    Secret,
    /// A variable of the platform.
    Variable,
    /// The pipeline fetches it.
    Fetched,
    /// The pipeline makes it.
    Made,
}

/// How a key reaches a log.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PrintWay {
    /// A listing of keys goes to the log.
    Listing,
    /// A command writes it.
    Output,
    /// A command writes it encoded or cut, so that no mask knows it.
    Altered,
    /// The shell traces its commands (`set -x`).
    Trace,
    /// A request is shown with its headers (`curl -v`).
    Verbose,
    /// A file with it is uploaded.
    Artifact,
}

/// A key that serves more than one caller.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PipelineSharedKey {
    /// Where the pipelines have it from.
    pub supply: KeySupply,
    /// The name of the secret or of the variable, else of the key.
    pub name: String,
    /// The app whose key it is, where it is fetched.
    pub app: Option<String>,
    /// The pipelines that use it, sorted.
    pub pipelines: Vec<String>,
    /// The hosts that it is sent to, and what it is stored for, sorted.
    pub apps: Vec<String>,
    /// The file of the first place.
    pub path: String,
    /// The first place.
    #[serde(skip)]
    pub location: Location,
    /// The other places.
    #[serde(skip)]
    pub related: Vec<Related>,
}

/// A key that a pipeline deletes, or makes anew in place.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PipelineRotation {
    /// The pipeline's language.
    pub dialect: PipelineDialect,
    /// What becomes of the key.
    pub removal: KeyRemoval,
    /// The app.
    pub app: String,
    /// The key's name; `${X}` for what only a run knows.
    pub key: String,
    /// Whether the pipeline has created a key of another name for the app
    /// before.
    pub replaced: bool,
    /// Whether something stands between: the new key is handed over, a check, a
    /// gate.
    pub between: bool,
    /// Whether callers are checked before, or somebody has to agree.
    pub guarded: bool,
    /// Whether the pipeline itself has created this key before.
    pub own: bool,
    /// Whether only a person starts the pipeline, and names the key.
    pub by_hand: bool,
    /// The job.
    pub job: Option<String>,
    /// The file, relative to the working directory.
    pub path: String,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
}

/// What becomes of a key.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum KeyRemoval {
    /// It is deleted.
    Delete,
    /// It gets another value under its name.
    Regenerate,
}

impl Record for PipelineKeyUse {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![
            self.path.clone(),
            word(&self.action),
            word(&self.kind),
            text(&self.name),
            text(&self.app),
            text(&self.host),
            self.way.map(|way| word(&way)).unwrap_or_default(),
            text(&self.job),
        ]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("dialect", json!(self.dialect)),
            ("action", json!(self.action)),
            ("keyKind", json!(self.kind)),
            ("supply", json!(self.supply)),
            ("name", json!(self.name)),
            ("app", json!(self.app)),
            ("host", json!(self.host)),
            ("way", json!(self.way)),
            ("job", json!(self.job)),
            ("environment", json!(self.environment)),
            ("otherEnvironment", json!(self.other_environment)),
        ]
    }

    fn related(&self) -> &[Related] {
        &self.related
    }

    fn fix(&self) -> Option<&Fix> {
        self.fix.as_ref()
    }
}

impl Record for PipelineSharedKey {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![word(&self.supply), self.name.clone(), text(&self.app)]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("supply", json!(self.supply)),
            ("name", json!(self.name)),
            ("app", json!(self.app)),
            ("pipelines", json!(self.pipelines)),
            ("apps", json!(self.apps)),
        ]
    }

    fn related(&self) -> &[Related] {
        &self.related
    }
}

impl Record for PipelineRotation {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![
            self.path.clone(),
            word(&self.removal),
            self.app.clone(),
            self.key.clone(),
            text(&self.job),
        ]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("dialect", json!(self.dialect)),
            ("removal", json!(self.removal)),
            ("app", json!(self.app)),
            ("key", json!(self.key)),
            ("replaced", json!(self.replaced)),
            ("job", json!(self.job)),
        ]
    }
}
