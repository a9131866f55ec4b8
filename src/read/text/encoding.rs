//! Text in UTF-8, in UTF-16 of either byte order, in both, in UTF-32, or no text
//! at all.
//!
//! What a document says of itself decides nothing alone. A byte order mark can
//! stand before anything; a shell that appends to a file of another encoding
//! makes one of two. So a document in UTF-16 is left where plain letters go on
//! for longer than chance allows, and one in UTF-8 where units of UTF-16 do:
//! whatever stands in either is read, and read once.

mod units;

use std::borrow::Cow;

use units::{Order, is_of_four, narrow_len, of_four, read};

/// How the bytes of a document stand for text, at least at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8, or any other that has ASCII in it.
    Utf8,
    /// UTF-16.
    Utf16(Order),
    /// UTF-32.
    Utf32(Order),
    /// Not text.
    Binary,
}

/// Bytes that a guess is made from.
const SAMPLE: usize = 8 * 1024;

/// Of so many bytes of a text, fewer than one is a control character that no
/// text needs. Of compressed and of encrypted data every tenth is, of programs
/// every third.
const CONTROLS: usize = 12;

impl Encoding {
    /// By the byte order mark, by where the zero bytes are, by how much there
    /// is that no text has. None where there is nothing but zero bytes: what
    /// comes behind them decides.
    pub(super) fn detect(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, 0, 0, ..] => return Some(Self::Utf32(Order::Little)),
            [0, 0, 0xfe, 0xff, ..] => return Some(Self::Utf32(Order::Big)),
            [0xff, 0xfe, ..] => return Some(Self::Utf16(Order::Little)),
            [0xfe, 0xff, ..] => return Some(Self::Utf16(Order::Big)),
            [] => return Some(Self::Utf8),
            _ => {}
        }
        // A log that was truncated while it was written begins with a hole.
        let begin = head.iter().position(|byte| *byte != 0)? / 2 * 2;
        let sample = &head[begin..head.len().min(begin + SAMPLE)];
        // Most documents: nothing to look for in pairs of bytes, and no copy.
        if memchr::memchr(0, sample).is_none() {
            return Some(Self::of_text(sample));
        }
        let quarters = &head[..head.len().min(SAMPLE)];
        let mut orders = [Order::Little, Order::Big].into_iter();
        if let Some(order) = orders.find(|order| is_of_four(quarters, *order)) {
            return Some(Self::Utf32(order));
        }
        let (pairs, _) = sample.as_chunks::<2>();
        let zeros = |half: usize| {
            pairs
                .iter()
                .map(|pair| u32::from(pair[half] == 0))
                .sum::<u32>()
        };
        let (even, odd) = (zeros(0) as usize, zeros(1) as usize);
        let units = pairs.len();
        // Text of mostly Latin letters has a zero in nearly every unit, always
        // in the same half of it.
        if units > 0 && odd * 10 >= units * 7 && even * 20 <= units {
            return Some(Self::Utf16(Order::Little));
        }
        if units > 0 && even * 10 >= units * 7 && odd * 20 <= units {
            return Some(Self::Utf16(Order::Big));
        }
        // Most programs and pictures: nothing in UTF-16, and no copy, either.
        Some(match narrow_len(sample) {
            (_, None) => Self::of_text(sample),
            _ => Self::of_passages(&read(sample, None, 0)),
        })
    }

    fn of_text(text: &[u8]) -> Self {
        if controls(text) * CONTROLS > text.len() {
            Self::Binary
        } else {
            Self::Utf8
        }
    }

    /// The same of what was taken for passages in UTF-16. A table of numbers can
    /// begin like one, and any bytes are letters of some script then: but a
    /// character in ten is for private use, or a half of one.
    fn of_passages(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let foreign = |c: &char| {
            let layout = matches!(*c, '\t' | '\n' | '\r' | '\x08' | '\x0c' | '\x1b');
            c.is_control() && !layout
                || matches!(*c, char::REPLACEMENT_CHARACTER | '\u{e000}'..='\u{f8ff}')
        };
        if text.chars().filter(foreign).count() * CONTROLS > text.chars().count() {
            Self::Binary
        } else {
            Self::Utf8
        }
    }

    /// Whether fragments of text cannot be searched for in these bytes of the
    /// document.
    pub(super) fn hides(self, bytes: &[u8]) -> bool {
        match self {
            Self::Utf16(_) | Self::Utf32(_) => true,
            Self::Utf8 => memchr::memchr(0, bytes).is_some(),
            Self::Binary => false,
        }
    }

    /// The bytes as UTF-8, as far as they are text; a lone zero byte, which
    /// parts fields, as a space.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Utf16(order) => Cow::Owned(read(bytes, Some(order), b' ')),
            Self::Utf32(order) => Cow::Owned(of_four(bytes, order)),
            Self::Utf8 if self.hides(bytes) => Cow::Owned(read(bytes, None, b' ')),
            Self::Utf8 | Self::Binary => Cow::Borrowed(bytes),
        }
    }
}

/// How many control characters there are, save those that lay out a page or
/// colour a terminal. Counted without branches, and in bytes as long as they
/// hold the count, so that the compiler makes vectors of it: every file is
/// looked at.
fn controls(text: &[u8]) -> usize {
    let foreign = |byte: &u8| {
        let control = (*byte < b' ') | (*byte == 0x7f);
        let layout = (*byte == b'\t')
            | (*byte == b'\n')
            | (*byte == b'\r')
            | (*byte == 0x08)
            | (*byte == 0x0c)
            | (*byte == 0x1b);
        u8::from(control & !layout)
    };
    let counts = text.chunks(usize::from(u8::MAX));
    counts
        .map(|part| usize::from(part.iter().map(foreign).sum::<u8>()))
        .sum()
}

/// A document as text, without a byte order mark, if it is text.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<String> {
    let encoding = Encoding::detect(bytes)?;
    if encoding == Encoding::Binary {
        return None;
    }
    let text = encoding.decode(bytes);
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    // A word in another encoding makes no other document.
    Some(String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LE: Encoding = Encoding::Utf16(Order::Little);
    const BE: Encoding = Encoding::Utf16(Order::Big);

    fn le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    /// The document as it is read.
    fn text(bytes: &[u8]) -> String {
        let encoding = Encoding::detect(bytes).unwrap();
        String::from_utf8_lossy(&encoding.decode(bytes)).into_owned()
    }

    #[test]
    fn tells_encodings_apart() {
        let detect = |bytes: &[u8]| Encoding::detect(bytes).unwrap();
        assert_eq!(detect(&le("key = value")), LE);
        assert_eq!(detect(&be("key = value")), BE);
        assert_eq!(detect(b"key = value"), Encoding::Utf8);
        assert_eq!(detect(b""), Encoding::Utf8);
        assert_eq!(detect(b"MZ\0\0\x03\0\0\0\x04\0\0\0"), Encoding::Binary);
    }

    #[test]
    fn a_few_zero_bytes_make_no_text_binary() {
        let environment = b"HOME=/root\0FUNCTION_URL=https://a/api/x\0TERM=xterm-256color\0";
        assert_eq!(Encoding::detect(environment), Some(Encoding::Utf8));
        let decoded = Encoding::Utf8.decode(environment);
        assert!(decoded.starts_with(b"HOME=/root FUNCTION_URL="));
    }

    #[test]
    fn random_bytes_are_binary() {
        let mut state = 7_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(SAMPLE)
        .collect();
        assert_eq!(Encoding::detect(&noise), Some(Encoding::Binary));
    }

    #[test]
    fn a_hole_at_the_beginning_tells_nothing() {
        assert_eq!(Encoding::detect(&[0; 4096]), None);
        let log = [vec![0; 5001], b"2026-01-01 10:00:00 GET /".to_vec()].concat();
        assert_eq!(Encoding::detect(&log), Some(Encoding::Utf8));
    }

    #[test]
    fn a_mark_before_ascii_hides_nothing() {
        for mark in [b"\xff\xfe", b"\xfe\xff"] {
            for plain in [
                "x-functions-key: {{custom-key}}",
                "const k = 'some value of it';",
            ] {
                let bytes = [mark, plain.as_bytes()].concat();
                assert!(text(&bytes).ends_with(plain), "{}", text(&bytes));
            }
        }
    }

    #[test]
    fn both_encodings_of_a_document_are_read() {
        let (one, two) = (
            "the first part, änd some\r\n",
            "the second part of the document\r\n",
        );
        for (wide, mark) in [
            (le as fn(&str) -> Vec<u8>, "\u{feff}"),
            (be, "\u{feff}"),
            (le, ""),
        ] {
            let head = [wide(&format!("{mark}{one}")), two.as_bytes().to_vec()].concat();
            assert_eq!(text(&head), format!("{mark}{one}{two}"));
            let tail = [two.as_bytes(), &wide(one), two.as_bytes()].concat();
            assert!(text(&tail).starts_with(two), "{:?}", text(&tail));
            assert!(text(&tail).contains(one), "{:?}", text(&tail));
            assert!(text(&tail).ends_with(two), "{:?}", text(&tail));
            // At an odd place, too.
            let odd = [b"#", &wide(one)[..], two.as_bytes(), b".", &wide(one)].concat();
            assert_eq!(text(&odd).matches("first part").count(), 2);
        }
    }

    #[test]
    fn other_writings_stay() {
        for written in [
            "Ключ функции: не здесь\n",
            "函数密钥不在这里。上下\n",
            "größe 𝄞\n",
        ] {
            let marked = format!("\u{feff}{written}");
            assert_eq!(text(&le(&marked)), marked);
            assert_eq!(text(&be(&marked)), marked);
            assert_eq!(text(marked.as_bytes()), marked);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(prop_oneof![Just(0_u8), any::<u8>()], 0..400)) {
            for encoding in [Encoding::Utf8, LE, BE] {
                let decoded = encoding.decode(&bytes);
                prop_assert!(decoded.len() <= bytes.len() * 3 / 2 + 1);
                prop_assert!(!decoded.contains(&0));
            }
        }

        #[test]
        fn a_plain_passage_is_found_in_either(
            noise in prop::collection::vec(any::<u8>(), 0..40),
            plain in "[ -~]{40,60}",
        ) {
            // Chance can take a letter or two at the ends.
            let heart = &plain[4..36];
            for passage in [plain.clone().into_bytes(), le(&plain), be(&plain)] {
                let bytes = [&noise[..], &passage].concat();
                for encoding in [Encoding::Utf8, LE, BE] {
                    let text = encoding.decode(&bytes);
                    let found = memchr::memmem::find(&text, heart.as_bytes());
                    prop_assert!(found.is_some(), "{encoding:?} {:?}", String::from_utf8_lossy(&text));
                }
            }
        }
    }
}
