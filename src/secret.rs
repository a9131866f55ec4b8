//! What may be held of a key, and what may be told.
//!
//! A [`Secret`] is the only type that owns a key's text. It cannot be printed,
//! cloned or serialised, and its memory is zeroed when it is dropped. What
//! leaves the reader is a [`Fingerprint`].

mod fingerprint;

pub use fingerprint::{Fingerprint, Fingerprinter, NoFingerprint};

use zeroize::Zeroizing;

/// The canonical text of a key.
///
/// There is no way to format, copy or serialise it: a key that is to reach an
/// output would have to be taken out by name, with [`Secret::expose`].
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the text over; the caller keeps no copy.
    #[must_use]
    pub fn new(text: Vec<u8>) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for hashing, comparing and masking.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl From<&[u8]> for Secret {
    fn from(text: &[u8]) -> Self {
        Self::new(text.to_vec())
    }
}
