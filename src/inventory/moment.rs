//! Points in time.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;

const DAY: i64 = 86_400;

/// A second of UTC, written as RFC 3339: what the service says more exactly
/// says nothing more about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Moment(Timestamp);

impl Moment {
    /// The second in which the time falls.
    #[must_use]
    pub fn new(time: Timestamp) -> Self {
        // A whole second of a valid time is always one.
        Self(Timestamp::from_second(time.as_second()).unwrap_or(time))
    }

    /// The present.
    #[must_use]
    pub fn now() -> Self {
        Self::new(Timestamp::now())
    }

    /// The time.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// Whole days from here to a later time; none are negative.
    #[must_use]
    pub fn days_to(self, later: Self) -> u32 {
        let seconds = later.0.as_second() - self.0.as_second();
        u32::try_from(seconds.max(0) / DAY).unwrap_or(u32::MAX)
    }

    /// The same time of day, some days ago.
    #[must_use]
    pub fn days_before(self, days: u32) -> Self {
        let second = self.0.as_second() - i64::from(days) * DAY;
        Timestamp::from_second(second).map_or(self, Self)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Moment {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::new)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self::new)
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}
