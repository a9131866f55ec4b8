//! Texts of the tenant.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::ops::Deref;

use crate::excerpt::{printable, redact, redact_path};

/// A text that the tenant chose: a name, a host, a role. Keys in it are masked
/// and control characters replaced, wherever it comes from: people give keys as
/// names, and an inventory is a file that anybody can write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text(SmolStr);

impl Text {
    /// A name: what has the format of a key is masked, anything else stays,
    /// GUIDs and digests among it.
    #[must_use]
    pub fn name(text: &str) -> Self {
        Self(printable(&redact_path(text)).into())
    }

    /// Free text, such as the value of a tag or a message of the service: what
    /// looks like any product's secret is masked, too.
    #[must_use]
    pub fn prose(text: &str) -> Self {
        Self(printable(&redact(text)).into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was masked when it was written stays as it is.
impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self::name(&text))
    }
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}
