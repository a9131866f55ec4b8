//! Points in time.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::num::NonZero;

const DAY: i64 = 86_400;

/// Added to the seconds since 1970, so that none of them is zero, and a time
/// that there may be takes no more room than one that there is.
const SHIFT: i64 = 1 << 48;

/// A second of UTC, written as RFC 3339: what the service says more exactly
/// says nothing more about a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(NonZero<i64>);

impl Moment {
    /// The second in which the time falls.
    #[must_use]
    pub fn new(time: Timestamp) -> Self {
        Self::of_second(time.as_second())
    }

    /// The present.
    #[must_use]
    pub fn now() -> Self {
        Self::new(Timestamp::now())
    }

    /// The time.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        // It came from one.
        Timestamp::from_second(self.second()).unwrap_or_default()
    }

    fn of_second(second: i64) -> Self {
        Self(NonZero::new(second + SHIFT).unwrap_or(NonZero::<i64>::MIN))
    }

    fn second(self) -> i64 {
        self.0.get() - SHIFT
    }

    /// Whole days from here to a later time; none are negative.
    #[must_use]
    pub fn days_to(self, later: Self) -> u32 {
        let seconds = later.second() - self.second();
        u32::try_from(seconds.max(0) / DAY).unwrap_or(u32::MAX)
    }

    /// The same time of day, some days ago.
    #[must_use]
    pub fn days_before(self, days: u32) -> Self {
        let second = self.second() - i64::from(days) * DAY;
        Timestamp::from_second(second).map_or(self, Self::new)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.timestamp().serialize(serializer)
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
