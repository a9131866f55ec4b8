//! A value that the service handed out, made into what may be known of it.

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::fact::{Checksum, Format};
use crate::inventory::Strength;
use crate::key::{KeyKind, identify, is_legacy};
use crate::secret::{Fingerprint, Fingerprinter, Secret};

/// A text of an answer that is, or may be, a key.
pub(super) struct SecretText(pub Secret);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = SecretText;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text")
            }

            // Not the text itself, which the error of the default would quote.
            fn visit_str<E: Error>(self, text: &str) -> Result<SecretText, E> {
                Ok(SecretText(Secret::from(text.as_bytes())))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<SecretText, E> {
                Ok(SecretText(Secret::new(text.into_bytes())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl SecretText {
    /// The text; what is not UTF-8 came from no JSON.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(self.0.expose()).unwrap_or_default()
    }
}

/// Everything about a value but the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub format: Format,
    pub checksum: Checksum,
    /// What it was generated as, if its checksum tells.
    pub seed: Option<KeyKind>,
    pub fingerprint: Fingerprint,
    /// Of a chosen one.
    pub strength: Option<Strength>,
}

/// Looks at a value in the position of a key.
pub(super) fn value_of(secret: &Secret, prints: &Fingerprinter) -> Value {
    if let Some(found) = identify(secret.expose()) {
        let checksum = match found.kind {
            Some(_) => Checksum::Valid,
            None => Checksum::Broken,
        };
        return Value {
            format: Format::Identifiable,
            checksum,
            seed: found.kind,
            fingerprint: match checksum {
                Checksum::Valid => prints.random(&found.secret),
                _ => prints.chosen(&found.secret),
            },
            strength: None,
        };
    }
    let legacy = is_legacy(secret.expose());
    Value {
        format: if legacy { Format::Legacy } else { Format::Chosen },
        checksum: Checksum::None,
        seed: None,
        fingerprint: match legacy {
            true => prints.random(secret),
            false => prints.chosen(secret),
        },
        strength: (!legacy).then(|| Strength::of(secret)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::generate;

    #[test]
    fn knows_what_may_be_known() {
        let prints = Fingerprinter::keyed("a key for tests");
        let of = |text: &str| value_of(&Secret::from(text.as_bytes()), &prints);
        let master = generate(KeyKind::Master, &[3; 33]);
        let value = of(&master);
        assert_eq!((value.format, value.seed), (Format::Identifiable, Some(KeyKind::Master)));
        assert_eq!(value.strength, None);
        // Sent without its padding it is the same key.
        assert_eq!(of(master.trim_end_matches('=')).fingerprint, value.fingerprint);
        let chosen = of("Summer-2024");
        assert_eq!((chosen.format, chosen.checksum), (Format::Chosen, Checksum::None));
        assert_eq!(chosen.strength.unwrap().length, 11);
    }

    #[test]
    fn errors_quote_no_value() {
        let key = generate(KeyKind::Function, &[4; 33]);
        let json = format!(r#"{{"a": {{"b": "{key}"}}}}"#);
        let error = serde_json::from_str::<std::collections::BTreeMap<String, SecretText>>(&json)
            .err()
            .unwrap();
        assert!(!error.to_string().contains(&key[..10]), "{error}");
    }
}
