//! What only several apps together show.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::AppRef;
use crate::fact::record::stable;
use crate::fact::{Format, Record, Related};
use crate::location::Location;
use crate::secret::Fingerprint;

/// One value that is several keys.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReusedKey {
    /// The id of the first of them.
    pub id: String,
    /// Its app.
    pub app: AppRef,
    /// The keys, in words, each with its app; in the order of their ids.
    pub keys: Vec<String>,
    /// How many apps have it; slots add none.
    pub apps: u32,
    /// How many slots and apps have it.
    pub slots: u32,
    /// How many functions, each host counted as one, have it.
    pub functions: u32,
    /// The environments of the apps, sorted.
    pub environments: Vec<String>,
    /// Whether one of them is a master key.
    pub master: bool,
    /// The format of the value.
    pub format: Format,
    /// The value.
    pub fingerprint: Fingerprint,
    /// The first key.
    #[serde(skip)]
    pub location: Location,
    /// The others.
    #[serde(skip)]
    pub related: Vec<Related>,
}

impl Record for ReusedKey {
    fn location(&self) -> &Location {
        &self.location
    }

    /// One value is one finding whichever key comes first today.
    fn identity(&self) -> Vec<String> {
        match stable(&self.fingerprint) {
            Some(fingerprint) => vec![fingerprint],
            None => self.keys.clone(),
        }
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self.app.properties();
        properties.extend([
            ("keys", json!(self.keys)),
            ("apps", json!(self.apps)),
            ("environments", json!(self.environments)),
            ("keyFormat", json!(self.format)),
            ("fingerprint", json!(self.fingerprint)),
        ]);
        properties
    }

    fn related(&self) -> &[Related] {
        &self.related
    }
}
