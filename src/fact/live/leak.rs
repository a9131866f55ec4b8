//! Keys that leaked, and that are in use.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Age, AppRef};
use crate::excerpt::Excerpt;
use crate::fact::{Exposure, Lifetime, Record, Related};
use crate::key::KeyClass;
use crate::location::Location;
use crate::rotation::{Rotation, Step};
use crate::secret::Fingerprint;

/// A live key that a report of a scan has, too.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReportedLeak {
    /// The key's id.
    pub id: String,
    /// Its app.
    pub app: AppRef,
    /// What it is called in messages.
    pub title: String,
    /// Its kind.
    pub kind: KeyClass,
    /// What it opens, in words.
    pub reach: String,
    /// The places of the report, sorted, as `path:line`.
    pub places: Vec<String>,
    /// The resources that hold the key.
    pub observed: Vec<String>,
    /// Callers of the register that hold it.
    pub registered: Vec<String>,
    /// Who answers for it, as the register says.
    pub owner: Option<String>,
    /// How to reach them, or whom to call in an emergency.
    pub contact: Option<String>,
    /// The key.
    pub fingerprint: Fingerprint,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// The places of its callers.
    #[serde(skip)]
    pub related: Vec<Related>,
    /// How it is replaced.
    #[serde(skip)]
    pub rotation: Rotation,
}

/// A key in a file that an inventory shows in use.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ActiveLeak {
    /// The key's id.
    pub id: String,
    /// Its app.
    pub app: AppRef,
    /// What it is called in messages.
    pub title: String,
    /// Its kind.
    pub kind: KeyClass,
    /// What it opens, in words.
    pub reach: String,
    /// The day on which the inventory saw it.
    pub seen: String,
    /// How old it was then, as far as that can be proved.
    pub age: Age,
    /// How many places of the scanned files hold it.
    pub occurrences: u64,
    /// The resources that hold the key.
    pub observed: Vec<String>,
    /// Callers of the register that hold it.
    pub registered: Vec<String>,
    /// Who answers for it, as the register says.
    pub owner: Option<String>,
    /// How to reach them, or whom to call in an emergency.
    pub contact: Option<String>,
    /// What sort of document it stands in first.
    pub exposure: Exposure,
    /// The file of the first place.
    pub path: String,
    /// The key.
    pub fingerprint: Fingerprint,
    /// How long it stood where it stood first, in a scan of the history.
    #[serde(skip)]
    pub lifetime: Option<Box<Lifetime>>,
    /// The first place.
    #[serde(skip)]
    pub location: Location,
    /// Its masked line.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
    /// The other places, and the key itself.
    #[serde(skip)]
    pub related: Vec<Related>,
    /// How it is replaced.
    #[serde(skip)]
    pub rotation: Rotation,
}

impl Record for ReportedLeak {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.id.to_lowercase(), self.fingerprint.as_str().to_owned()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self.app.properties();
        properties.extend([
            ("key", json!(self.title)),
            ("keyKind", json!(self.kind)),
            ("places", json!(self.places)),
            ("callers", json!(self.observed)),
            ("registered", json!(self.registered)),
            ("owner", json!(self.owner)),
            ("contact", json!(self.contact)),
            ("fingerprint", json!(self.fingerprint)),
        ]);
        properties
    }

    fn related(&self) -> &[Related] {
        &self.related
    }

    fn steps(&self) -> Vec<Step> {
        self.rotation.steps()
    }
}

impl Record for ActiveLeak {
    fn location(&self) -> &Location {
        &self.location
    }

    fn identity(&self) -> Vec<String> {
        vec![self.id.to_lowercase(), self.fingerprint.as_str().to_owned()]
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self.app.properties();
        properties.extend([
            ("resource", json!(self.id)),
            ("key", json!(self.title)),
            ("keyKind", json!(self.kind)),
            ("occurrences", json!(self.occurrences)),
            ("minAgeDays", json!(self.age.min_days)),
            ("maxAgeDays", json!(self.age.max_days)),
            ("ageBasis", json!(self.age.basis)),
            ("callers", json!(self.observed)),
            ("registered", json!(self.registered)),
            ("owner", json!(self.owner)),
            ("contact", json!(self.contact)),
            ("fingerprint", json!(self.fingerprint)),
        ]);
        properties.extend(self.lifetime.iter().flat_map(|life| life.properties()));
        properties
    }

    fn remark(&self) -> Option<String> {
        self.lifetime.as_ref().map(|life| life.sentences())
    }

    fn excerpt(&self) -> Option<&Excerpt> {
        self.excerpt.as_ref()
    }

    fn related(&self) -> &[Related] {
        &self.related
    }

    fn steps(&self) -> Vec<Step> {
        self.rotation.steps()
    }
}
