//! Text in UTF-8, in UTF-16 of either byte order, or bytes that are no text.

use std::borrow::Cow;

/// How the bytes of a document stand for text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8, or any other that has ASCII in it.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Not text.
    Binary,
}

/// Bytes that a guess is made from.
const SAMPLE: usize = 8 * 1024;

impl Encoding {
    /// By the byte order mark, else by where the zero bytes are.
    pub(super) fn detect(head: &[u8]) -> Self {
        match head {
            [0xff, 0xfe, ..] => return Self::Utf16Le,
            [0xfe, 0xff, ..] => return Self::Utf16Be,
            _ => {}
        }
        let sample = &head[..head.len().min(SAMPLE)];
        if memchr::memchr(0, sample).is_none() {
            return Self::Utf8;
        }
        let (mut even, mut odd) = (0, 0);
        for (at, byte) in sample.iter().enumerate() {
            if *byte == 0 {
                *(if at % 2 == 0 { &mut even } else { &mut odd }) += 1;
            }
        }
        let units = sample.len() / 2;
        // Text of mostly Latin letters has a zero in nearly every unit, always
        // in the same half of it.
        if units > 0 && odd * 10 >= units * 7 && even * 20 <= units {
            Self::Utf16Le
        } else if units > 0 && even * 10 >= units * 7 && odd * 20 <= units {
            Self::Utf16Be
        } else {
            Self::Binary
        }
    }

    /// Whether fragments of text cannot be searched for in its bytes.
    pub(super) fn is_wide(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be)
    }

    /// The bytes as UTF-8, as far as they are text.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        let unit: fn([u8; 2]) -> u16 = match self {
            Self::Utf8 | Self::Binary => return Cow::Borrowed(bytes),
            Self::Utf16Le => u16::from_le_bytes,
            Self::Utf16Be => u16::from_be_bytes,
        };
        let (pairs, _) = bytes.as_chunks::<2>();
        let mut text = String::with_capacity(bytes.len());
        text.extend(
            char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)),
        );
        Cow::Owned(text.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_encodings_apart() {
        let le: Vec<u8> = "key = value"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let be: Vec<u8> = "key = value"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(Encoding::detect(&le), Encoding::Utf16Le);
        assert_eq!(Encoding::detect(&be), Encoding::Utf16Be);
        assert_eq!(Encoding::detect(b"key = value"), Encoding::Utf8);
        assert_eq!(
            Encoding::detect(b"MZ\0\0\x03\0\0\0\x04\0\0\0"),
            Encoding::Binary
        );
        assert_eq!(&*Encoding::Utf16Be.decode(&be), b"key = value");
    }
}
