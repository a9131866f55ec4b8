//! What a fact says of itself beside the fields that conditions name.

use serde::Serialize;
use serde_json::Value;

use crate::excerpt::Excerpt;
use crate::fix::Fix;
use crate::location::Location;
use crate::secret::Fingerprint;

/// Any fact, as a finding about it needs it.
pub trait Record {
    /// Its place.
    fn location(&self) -> &Location;

    /// What a finding about it is the same by, from run to run: never a line,
    /// never a value, and no fingerprint that another run would give otherwise.
    fn identity(&self) -> Vec<String>;

    /// What machines read beside a finding's message; what is null is left out.
    fn properties(&self) -> Vec<(&'static str, Value)>;

    /// The masked line, where it has one.
    fn excerpt(&self) -> Option<&Excerpt> {
        None
    }

    /// The change that mends what is wrong with it, where one is certain.
    fn fix(&self) -> Option<&Fix> {
        None
    }

    /// The other places.
    fn related(&self) -> &[Related] {
        &[]
    }
}

/// A place that belongs to a fact beside its own.
#[derive(Clone, Debug)]
pub struct Related {
    /// Where.
    pub location: Location,
    /// What is there, as a sentence.
    pub message: String,
}

/// The fingerprint, if another run gives the same key the same.
pub(super) fn stable(fingerprint: &Fingerprint) -> Option<String> {
    fingerprint
        .is_stable()
        .then(|| fingerprint.as_str().to_owned())
}

/// The text, or nothing.
pub(super) fn text(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

/// The word of a closed set.
pub(super) fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
