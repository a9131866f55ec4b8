//! Keys of apps.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{AppRef, of_app};
use crate::fact::record::stable;
use crate::fact::{Checksum, Format, Group, Record, Related};
use crate::key::{KeyClass, KeyKind};
use crate::location::Location;
use crate::rotation::{Rotation, Step};
use crate::secret::Fingerprint;

/// A key of an app or slot, with what is known of its age and its callers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LiveKey {
    /// Its id: that of its app, and where in it the key is.
    pub id: String,
    /// Its app.
    pub app: AppRef,
    /// What it is called in messages: `host key 'web'`, `key 'web' of function
    /// 'Place'`, `master key`.
    pub title: String,
    /// Where it is kept, and with that what it opens.
    pub kind: KeyClass,
    /// What it opens, in words: `one function`, `every function of the app`.
    pub reach: String,
    /// The function, if it is that function's own.
    pub function: Option<String>,
    /// Its name.
    pub name: String,
    /// The format of its value.
    pub format: Format,
    /// What its value was generated as, if its checksum tells.
    pub seed: Option<KeyKind>,
    /// What its checksum says.
    pub checksum: Checksum,
    /// The same for the same value.
    pub fingerprint: Fingerprint,
    /// How old it is, as far as that can be proved.
    pub age: Age,
    /// The greatest age that the policy allows for its kind, in days.
    pub max_age_days: u32,
    /// Resources that hold it, beside its own app: one entry for a site with
    /// its slots, an API Management service, a workflow, and so on; sorted.
    pub observed: Vec<String>,
    /// Callers of the register that hold it, ended ones aside; sorted.
    pub registered: Vec<String>,
    /// How many callers hold it, at least: observed ones may be registered ones.
    pub callers: u32,
    /// Who answers for it, as the register says.
    pub owner: Option<String>,
    /// How to reach them, as the register says.
    pub contact: Option<String>,
    /// Why its name says nothing about its caller, if it does not.
    pub name_problem: Option<String>,
    /// How long the policy lets it exist, in days, if its name says that it is
    /// temporary.
    pub temporary_days: Option<u32>,
    /// What its value lacks of what the policy asks of chosen ones.
    pub weakness: Option<String>,
    /// The key that replaces it, as the register says.
    pub replaced_by: Option<String>,
    /// How long both have existed, at least, in days.
    pub replaced_days: Option<u32>,
    /// How long both may, in days.
    pub overlap_days: u32,
    /// Whether its value changed since an earlier inventory, and the Activity
    /// Log of that time, which is complete, shows no write.
    pub changed_unannounced: bool,
    /// The day on which that earlier inventory saw another value.
    pub other_value_seen: Option<String>,
    /// The exact place.
    #[serde(skip)]
    pub location: Location,
    /// The places of its callers.
    #[serde(skip)]
    pub related: Vec<Related>,
    /// How it is replaced.
    #[serde(skip)]
    pub rotation: Rotation,
    /// When it was last seen, where its app could not be assessed since.
    #[serde(skip)]
    pub stale: Option<String>,
    /// What is said of its callers that could not be looked at this time.
    #[serde(skip)]
    pub of_callers: Option<String>,
}

/// How old a key is: an interval, and what proves it.
///
/// The service keeps no date of a key. What is known comes from earlier
/// inventories, the Activity Log, the store, and the age of the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Age {
    /// The least that is proved, in days.
    pub min_days: u32,
    /// The most that is possible, in days, if anything bounds it.
    pub max_days: Option<u32>,
    /// What proves the least.
    pub basis: Basis,
    /// The same in words: `seen: the same value was there on 2026-03-01`.
    pub proof: String,
    /// The evidence that would narrow it down and is missing.
    pub missing: Vec<String>,
}

/// What proves that a key is so old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The same value was seen then, or its store was last written then.
    Seen,
    /// A complete Activity Log shows no later write. A change behind Azure
    /// Resource Manager's back would not show.
    Recorded,
    /// Nothing does.
    None,
}

impl Record for LiveKey {
    fn location(&self) -> &Location {
        &self.location
    }

    /// A key that was replaced and is old again is another finding.
    fn identity(&self) -> Vec<String> {
        let mut identity = vec![self.id.to_lowercase()];
        identity.extend(stable(&self.fingerprint));
        identity
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = self.app.properties();
        properties.extend([
            ("function", json!(self.function)),
            ("key", json!(self.name)),
            ("keyKind", json!(self.kind)),
            ("keyFormat", json!(self.format)),
            ("fingerprint", json!(self.fingerprint)),
            ("minAgeDays", json!(self.age.min_days)),
            ("maxAgeDays", json!(self.age.max_days)),
            ("ageBasis", json!(self.age.basis)),
            ("callers", json!(self.observed)),
            ("registered", json!(self.registered)),
            ("owner", json!(self.owner)),
            ("contact", json!(self.contact)),
        ]);
        properties
    }

    fn related(&self) -> &[Related] {
        &self.related
    }

    fn group(&self) -> Option<Group> {
        Some(of_app(&self.app, &self.title))
    }

    fn steps(&self) -> Vec<Step> {
        self.rotation.steps()
    }

    fn stale(&self) -> Option<&str> {
        self.stale.as_deref()
    }

    fn remark(&self) -> Option<String> {
        self.of_callers.clone()
    }
}
