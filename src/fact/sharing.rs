//! Facts that joins make of several occurrences.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::record::stable;
use super::{Format, Record, Related, Service};
use crate::excerpt::Excerpt;
use crate::key::KeyKind;
use crate::location::Location;
use crate::secret::Fingerprint;

/// One key at all the places where its value stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SharedKey {
    /// Whose key it is.
    pub service: Service,
    /// What the key opens.
    pub kind: KeyKind,
    /// The format of its value.
    pub format: Format,
    /// The callers whose files hold it, sorted; documents and tests add none.
    pub callers: Vec<String>,
    /// The environments whose files or hosts it stands with, sorted.
    pub environments: Vec<String>,
    /// How many places hold it.
    pub occurrences: u64,
    /// The key.
    pub fingerprint: Fingerprint,
    /// The file of the first place.
    pub path: String,
    /// The first place.
    #[serde(skip)]
    pub location: Location,
    /// Its masked line.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
    /// The other places.
    #[serde(skip)]
    pub related: Vec<Related>,
}

/// An encrypted secret store, with the key that opens it in the same tree.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EncryptedStore {
    /// The store.
    pub path: String,
    /// How many encrypted keys it holds.
    pub keys: u64,
    /// The setting that holds the decryption key.
    pub setting: String,
    /// The file of that setting.
    pub setting_path: String,
    /// Whether the store names the decryption key by its hash, and it is that
    /// one; otherwise the two merely stand in one tree.
    pub confirmed: bool,
    /// The store's first encrypted value.
    #[serde(skip)]
    pub location: Location,
    /// The decryption key.
    #[serde(skip)]
    pub related: Vec<Related>,
}

impl Record for SharedKey {
    fn location(&self) -> &Location {
        &self.location
    }

    /// One key is one finding wherever its first place is today.
    fn identity(&self) -> Vec<String> {
        match stable(&self.fingerprint) {
            Some(fingerprint) => vec![fingerprint],
            None => vec![self.path.clone(), self.callers.join("\0")],
        }
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("service", json!(self.service)),
            ("keyKind", json!(self.kind)),
            ("keyFormat", json!(self.format)),
            ("callers", json!(self.callers)),
            ("environments", json!(self.environments)),
            ("occurrences", json!(self.occurrences)),
            ("fingerprint", json!(self.fingerprint)),
        ]
    }

    fn excerpt(&self) -> Option<&Excerpt> {
        self.excerpt.as_ref()
    }

    fn related(&self) -> &[Related] {
        &self.related
    }
}

impl Record for EncryptedStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![
            self.path.clone(),
            self.setting_path.clone(),
            self.setting.clone(),
        ]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("keys", json!(self.keys)),
            ("setting", json!(self.setting)),
            ("settingPath", json!(self.setting_path)),
            ("confirmed", json!(self.confirmed)),
        ]
    }

    fn related(&self) -> &[Related] {
        &self.related
    }
}
