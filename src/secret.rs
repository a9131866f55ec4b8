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

/// The drop of [`Zeroizing`] is all that there is to it.
impl zeroize::ZeroizeOnDrop for Secret {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::key::{KeyKind, generate};
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    /// Looks at the place where it was: what is there after it is dropped has
    /// no piece of it.
    #[test]
    fn its_memory_is_zeroed_when_it_is_dropped() {
        let key = generate(KeyKind::Function, &[0x5a; 33]).into_bytes();
        let secret = Secret::new(key.clone());
        let place = secret.expose().as_ptr().addr() as u64;
        let memory = File::open("/proc/self/mem").unwrap();
        let (mut before, mut after) = (vec![0; key.len()], vec![0; key.len()]);
        memory.read_exact_at(&mut before, place).unwrap();
        drop(secret);
        memory.read_exact_at(&mut after, place).unwrap();
        assert_eq!(before, key);
        // The allocator writes notes of its own into what is free.
        for (at, piece) in key.windows(4).enumerate() {
            assert_ne!(&after[at..at + 4], piece, "at {at}");
        }
    }
}
