//! The name of an object, as its files have it.

use std::fmt;

/// A digest of SHA-1 (20 bytes) or SHA-256 (32).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id {
    bytes: [u8; 32],
    len: u8,
}

impl Id {
    /// From its bytes; none if there are too many.
    pub(crate) fn from_bytes(raw: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        bytes.get_mut(..raw.len())?.copy_from_slice(raw);
        let len = u8::try_from(raw.len()).ok()?;
        Some(Self { bytes, len })
    }

    /// From hexadecimal digits.
    pub(crate) fn from_hex(hex: &[u8]) -> Option<Self> {
        let mut raw = [0; 32];
        let (pairs, rest) = hex.as_chunks::<2>();
        if !rest.is_empty() || !matches!(pairs.len(), 20 | 32) {
            return None;
        }
        for (byte, [high, low]) in raw.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Self::from_bytes(&raw[..pairs.len()])
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

fn digit(hex: u8) -> Option<u8> {
    let digit = char::from(hex).to_digit(16)?;
    u8::try_from(digit).ok()
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_there_and_back() {
        let hex = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(Id::from_hex(hex.as_bytes()).unwrap().to_string(), hex);
        let long = "ab".repeat(32);
        assert_eq!(Id::from_hex(long.as_bytes()).unwrap().to_string(), long);
        for wrong in [
            "",
            "01",
            &hex[1..],
            &hex.replace('0', "g"),
            &"ab".repeat(33),
        ] {
            assert_eq!(Id::from_hex(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
