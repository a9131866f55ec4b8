//! A key in a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::record::{stable, text, word};
use super::{Lifetime, Record};
use crate::excerpt::Excerpt;
use crate::key::KeyKind;
use crate::location::Location;
use crate::secret::Fingerprint;

/// One value that is, or could be, a key, at one place of a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeyOccurrence {
    /// Whose key it is.
    pub service: Service,
    /// What the key opens.
    pub kind: KeyKind,
    /// The format of its value.
    pub format: Format,
    /// What its checksum says.
    pub checksum: Checksum,
    /// What sort of document it stands in.
    pub exposure: Exposure,
    /// How it stands there.
    pub context: Context,
    /// The host that it is sent to, if the text around it says.
    pub host: Option<String>,
    /// The environment of that host, else of the file, if either says.
    pub environment: Option<String>,
    /// The name beside the value: a setting, a header, a key's own name.
    pub name: Option<String>,
    /// The id of the policy's `[[pattern]]` that found it, if one did.
    pub pattern: Option<String>,
    /// The project or pipeline that the file belongs to.
    pub caller: Caller,
    /// The same for the same key.
    pub fingerprint: Fingerprint,
    /// The file, relative to the working directory.
    pub path: String,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// The masked line.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
    /// The commit that brought it, in full, where commits were scanned.
    #[serde(skip)]
    pub commit: Option<String>,
    /// How long it stood there, where the whole history was scanned.
    #[serde(skip)]
    pub lifetime: Option<Box<Lifetime>>,
}

/// Whose key it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Azure Functions.
    Functions,
    /// Azure API Management.
    ApiManagement,
}

/// The format of a value.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// With signature and checksum (since 2022).
    Identifiable,
    /// The pre-2022 generator's: 56 characters of base64.
    Legacy,
    /// Neither: somebody chose the value.
    Chosen,
}

/// What a value's checksum says.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Checksum {
    /// It is a key that the service generated.
    Valid,
    /// Mistyped, truncated or invented.
    Broken,
    /// The format has none.
    None,
}

/// What sort of document a key stands in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// Program text and everything that is nothing else.
    Source,
    /// What reaches a browser or a phone.
    Client,
    /// A log or transcript.
    Log,
    /// A runtime secret store, a key listing, a Kubernetes Secret, a state file.
    Store,
    /// A CI pipeline.
    Pipeline,
    /// Infrastructure as code.
    Template,
    /// Prose.
    Document,
}

/// How a key stands in its document.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// In the query of a URL.
    Url,
    /// As the value of a header.
    Header,
    /// As the value of a named setting, constant or argument.
    Setting,
    /// As an entry of a secret store or of a key listing.
    Store,
    /// With nothing around it that says what it is.
    Bare,
}

/// The project or pipeline that a file belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Caller {
    /// Its name: a `[[caller]]` of the policy, else a directory or a pipeline
    /// file.
    pub name: String,
    /// Whether the file only tests or describes it: such a file makes no
    /// caller of its own.
    pub supporting: bool,
}

impl Record for KeyOccurrence {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        match stable(&self.fingerprint) {
            Some(fingerprint) => vec![self.path.clone(), fingerprint],
            None => vec![
                self.path.clone(),
                text(&self.name),
                text(&self.host),
                word(&self.context),
            ],
        }
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = vec![
            ("service", json!(self.service)),
            ("keyKind", json!(self.kind)),
            ("keyFormat", json!(self.format)),
            ("checksum", json!(self.checksum)),
            ("exposure", json!(self.exposure)),
            ("context", json!(self.context)),
            ("host", json!(self.host)),
            ("environment", json!(self.environment)),
            ("name", json!(self.name)),
            ("caller", json!(self.caller.name)),
            ("pattern", json!(self.pattern)),
            ("fingerprint", json!(self.fingerprint)),
            ("commit", json!(self.commit)),
        ];
        properties.extend(self.lifetime.iter().flat_map(|life| life.properties()));
        properties
    }

    fn remark(&self) -> Option<String> {
        self.lifetime.as_ref().map(|life| life.sentences())
    }

    fn excerpt(&self) -> Option<&Excerpt> {
        self.excerpt.as_ref()
    }
}
