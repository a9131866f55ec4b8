//! Tags of resources.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Deref;

use super::Text;

/// Tags by name. A map takes room for eleven of them, and every app has one or
/// two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "BTreeMap<Text, Text>", into = "BTreeMap<Text, Text>")]
#[schemars(inline)]
pub struct Tags(#[schemars(with = "BTreeMap<Text, Text>")] Box<[(Text, Text)]>);

impl Tags {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Deref for Tags {
    type Target = [(Text, Text)];

    fn deref(&self) -> &[(Text, Text)] {
        &self.0
    }
}

impl From<BTreeMap<Text, Text>> for Tags {
    fn from(tags: BTreeMap<Text, Text>) -> Self {
        Self(tags.into_iter().collect())
    }
}

impl From<Tags> for BTreeMap<Text, Text> {
    fn from(tags: Tags) -> Self {
        tags.0.into_iter().collect()
    }
}
