//! Keys of an app.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Moment, Text};
use crate::fact::{Checksum, Format};
use crate::key::{KeyClass, KeyKind};
use crate::secret::{Fingerprint, Secret};

/// A key of an app: everything about it but its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// Where it is kept, and with that what it opens.
    pub kind: KeyClass,
    /// The function that it opens, if it is that function's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<Text>,
    /// Its name; `_master` for the master key.
    pub name: Text,
    /// The format of its value.
    pub format: Format,
    /// What its value was generated as, if its checksum tells. A renewed system
    /// key has a function's seed, so only `master` contradicts a kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<KeyKind>,
    /// What its checksum says.
    pub checksum: Checksum,
    /// The same for the same value.
    pub fingerprint: Fingerprint,
    /// How hard a chosen value is to guess; none for generated ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<Strength>,
    /// When a sweep first saw this value under this name.
    pub first_seen: Moment,
    /// When one last did.
    pub last_seen: Moment,
    /// Whether that was an earlier sweep, because the keys could not be listed
    /// in this one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// When a sweep last looked and did not see this value under this name: it
    /// is younger than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Moment>,
    /// The value that the name had then, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Box<Fingerprint>>,
    /// When its store was last written, if the store tells: nothing in it is
    /// younger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<Moment>,
}

/// How hard a chosen value is to guess, without the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Strength {
    /// Its characters, 64 at most: more makes none stronger.
    pub length: u32,
    /// How many different ones are among them, 64 at most.
    pub distinct: u32,
    /// How many of these sorts it has: small letters, capitals, digits, others.
    pub classes: u32,
}

impl Strength {
    /// Past this a value is as long as a generated one, and how long is nobody's
    /// business.
    const MOST: u32 = 64;

    /// Of a chosen value.
    #[must_use]
    pub fn of(value: &Secret) -> Self {
        let text = String::from_utf8_lossy(value.expose());
        let mut seen = std::collections::HashSet::new();
        let mut classes = [false; 4];
        let mut length = 0_u32;
        for c in text.chars().take(Self::MOST as usize) {
            length += 1;
            seen.insert(c);
            classes[match c {
                'a'..='z' => 0,
                'A'..='Z' => 1,
                '0'..='9' => 2,
                _ => 3,
            }] = true;
        }
        Self {
            length,
            distinct: u32::try_from(seen.len()).unwrap_or(Self::MOST),
            classes: classes.iter().map(|has| u32::from(*has)).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strength(value: &str) -> (u32, u32, u32) {
        let of = Strength::of(&Secret::from(value.as_bytes()));
        (of.length, of.distinct, of.classes)
    }

    #[test]
    fn tells_poor_values_from_rich_ones() {
        assert_eq!(strength(""), (0, 0, 0));
        assert_eq!(strength("aaaaaaaa"), (8, 1, 1));
        assert_eq!(strength("Summer-2024"), (11, 9, 4));
        assert_eq!(strength(&"ab".repeat(500)), (64, 2, 1));
    }
}
