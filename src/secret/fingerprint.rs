//! Names for keys that reveal nothing of them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::{SmolStr, format_smolstr};
use thiserror::Error;
use zeroize::Zeroizing;

use super::Secret;

/// The same for two occurrences exactly when the keys are the same.
///
/// - A random key has Microsoft's correlating id (C3ID): 20 characters of
///   base64, the same in every tool that speaks it.
/// - A chosen value could be guessed from a plain digest, so it has a keyed one
///   (`hmac:…`) when a key is configured, and otherwise a name that holds
///   within one run only (`chosen-1`).
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(#[schemars(with = "String")] SmolStr);

/// A text in a fingerprint's place that is none; it may be anything, so no
/// message quotes it.
#[derive(Clone, Copy, Debug, Error)]
#[error("this is not a fingerprint")]
pub struct NoFingerprint;

impl TryFrom<String> for Fingerprint {
    type Error = NoFingerprint;

    fn try_from(text: String) -> Result<Self, NoFingerprint> {
        let keyed = text.strip_prefix(KEYED).or_else(|| text.strip_prefix(RUN));
        let digest = keyed.unwrap_or(&text);
        let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        let known = match text.strip_prefix(NUMBERED) {
            Some(number) => {
                !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            }
            None => digest.len() == DIGEST_CHARS && digest.bytes().all(base64),
        };
        if known {
            Ok(Self(text.into()))
        } else {
            Err(NoFingerprint)
        }
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.0.into()
    }
}

/// 15 bytes in base64.
const DIGEST_CHARS: usize = 20;

/// Marks the keyed digest of a chosen value.
const KEYED: &str = "hmac:";

/// Marks a name by number.
const NUMBERED: &str = "chosen-";

/// Marks a fingerprint whose key dies with the process.
const RUN: &str = "run:";

impl Fingerprint {
    /// The text that reports show.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether another run, or another tool, gives the same key the same name.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        !self.0.starts_with(RUN) && !self.0.starts_with(NUMBERED)
    }

    /// Whether it still has to be replaced by a [`Fingerprint::numbered`] one.
    #[must_use]
    pub fn is_of_this_run(&self) -> bool {
        self.0.starts_with(RUN)
    }

    /// Whether it is of a random key: then every tool gives the same key the
    /// same name, whatever it was configured with.
    #[must_use]
    pub fn is_random(&self) -> bool {
        self.is_stable() && !self.0.starts_with(KEYED)
    }

    /// The `n`th chosen value of one part of something, which cannot be compared
    /// with those of the other parts.
    #[must_use]
    pub fn numbered_in(n: usize, part: usize) -> Self {
        Self(format_smolstr!("{NUMBERED}{n}.{part}"))
    }

    /// The `n`th chosen value of a run, in the order of the report: the same
    /// tree gives the same names.
    #[must_use]
    pub fn numbered(n: usize) -> Self {
        Self(format_smolstr!("{NUMBERED}{n}"))
    }
}

/// Makes fingerprints; one for a whole run.
pub struct Fingerprinter {
    key: Zeroizing<Vec<u8>>,
    prefix: &'static str,
}

impl Fingerprinter {
    /// The environment variable that holds the key for chosen values.
    pub const KEY_VARIABLE: &'static str = "KEYSWEEP_FINGERPRINT_KEY";

    /// With the key given, chosen values keep their name from run to run.
    #[must_use]
    pub fn keyed(key: &str) -> Self {
        Self {
            key: Zeroizing::new(key.as_bytes().to_vec()),
            prefix: KEYED,
        }
    }

    /// With a random key that nobody learns.
    ///
    /// # Errors
    /// When the operating system has no random numbers to give.
    pub fn for_this_run() -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new(vec![0_u8; 32]);
        getrandom::fill(&mut key)?;
        Ok(Self { key, prefix: RUN })
    }

    /// With the random key of the run that is gone on with: its names have to
    /// come out the same.
    #[must_use]
    pub fn for_a_resumed_run(key: Zeroizing<Vec<u8>>) -> Self {
        Self { key, prefix: RUN }
    }

    /// A name for the configured key that does not tell it: digests of chosen
    /// values can be compared where it is the same. None without such a key.
    #[must_use]
    pub fn key_name(&self) -> Option<String> {
        (self.prefix == KEYED).then(|| {
            let digest = self.digest(b"keysweep: the name of this key");
            BASE64_STANDARD.encode(&digest[..6])
        })
    }

    /// The C3ID of a random key, given in its canonical spelling.
    ///
    /// `base64(sha256("CrossMicrosoftCorrelatingId:" + HEX(sha256(key)))[..15])`,
    /// as in microsoft/security-utilities.
    #[must_use]
    pub fn random(&self, key: &Secret) -> Fingerprint {
        let inner = hex_upper(&Sha256::digest(key.expose()));
        let outer = Sha256::new()
            .chain_update(b"CrossMicrosoftCorrelatingId:")
            .chain_update(inner.as_bytes())
            .finalize();
        Fingerprint(BASE64_STANDARD.encode(&outer[..15]).into())
    }

    /// The keyed name of a value that somebody chose.
    #[must_use]
    pub fn chosen(&self, value: &Secret) -> Fingerprint {
        let digest = self.digest(value.expose());
        Fingerprint(format_smolstr!(
            "{}{}",
            self.prefix,
            BASE64_STANDARD.encode(&digest[..15])
        ))
    }

    fn digest(&self, text: &[u8]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key)
            .expect("HMAC takes a key of any length");
        mac.update(text);
        mac.finalize().into_bytes().into()
    }
}

fn hex_upper(bytes: &[u8]) -> Zeroizing<String> {
    use std::fmt::Write;
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        let _ = write!(text, "{byte:02X}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyKind, generate};

    /// SecretMaskerTests.cs of microsoft/security-utilities: its key is the
    /// letter d, 44 times, under the system seed.
    #[test]
    fn c3id_is_microsofts() {
        let mut random = [0_u8; 33];
        random.copy_from_slice(&[0x75, 0xd7, 0x5d].repeat(11));
        let key = Secret::new(generate(KeyKind::System, &random).into_bytes());
        let print = Fingerprinter::for_this_run().unwrap().random(&key);
        assert_eq!(print.as_str(), "R6+pDaPrTyjBTsNUJ6dj");
        assert!(print.is_stable());
    }

    #[test]
    fn chosen_values_are_named_by_a_keyed_digest() {
        let value = || Secret::new(b"not a real key".to_vec());
        let (one, two) = (Fingerprinter::keyed("a"), Fingerprinter::keyed("b"));
        assert_eq!(one.chosen(&value()), one.chosen(&value()));
        assert_ne!(one.chosen(&value()), two.chosen(&value()));
        assert!(one.chosen(&value()).is_stable());
        assert_ne!(one.key_name(), two.key_name());
        let run = Fingerprinter::for_this_run().unwrap();
        assert_eq!(run.key_name(), None);
        assert!(run.chosen(&value()).is_of_this_run());
    }

    #[test]
    fn nothing_else_passes_for_a_fingerprint() {
        let key = generate(KeyKind::Function, &[7; 33]);
        let of = |text: &str| serde_json::from_value::<Fingerprint>(text.into());
        let random = Fingerprinter::keyed("a").random(&Secret::new(key.clone().into_bytes()));
        // The journal of a sweep has those of its own run.
        for good in [
            random.as_str(),
            "hmac:R6+pDaPrTyjBTsNUJ6dj",
            "chosen-12",
            "run:R6+pDaPrTyjBTsNUJ6dj",
        ] {
            assert_eq!(of(good).unwrap().as_str(), good);
        }
        for bad in [key.as_str(), "", "chosen-", "chosen-x", "run:"] {
            let error = of(bad).unwrap_err().to_string();
            assert_eq!(error, "this is not a fingerprint", "{bad}");
        }
    }
}
