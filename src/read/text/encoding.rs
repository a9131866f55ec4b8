//! Text in UTF-8, in UTF-16 of either byte order, in both, in UTF-32, or no text
//! at all.
//!
//! What a document says of itself decides nothing alone. A byte order mark can
//! stand before anything; a shell that appends to a file of another encoding
//! makes one of two. So a document in UTF-16 is left where plain letters go on
//! for longer than chance allows, and one in UTF-8 where units of UTF-16 do:
//! whatever stands in either is read, and read once.

use std::borrow::Cow;
use std::ops::Range;

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

/// Which byte of a unit of UTF-16 comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The low one.
    Little,
    /// The high one.
    Big,
}

/// Bytes that a guess is made from.
const SAMPLE: usize = 8 * 1024;

/// Of so many bytes of a text, fewer than one is a control character that no
/// text needs. Of compressed and of encrypted data every tenth is, of programs
/// every third.
const CONTROLS: usize = 12;

/// So many plain letters in a row, one a unit, are UTF-16.
const WIDE_RUN: usize = 4;

/// So many units in a row of two plain letters each are no UTF-16. The shortest
/// header with a key is as long; chance makes as many of a Chinese text once in
/// 60,000 characters, and then loses nothing but their columns.
const NARROW_RUN: usize = 12;

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

/// Whether nearly all of it are plain letters in units of four bytes.
fn is_of_four(sample: &[u8], order: Order) -> bool {
    let (units, _) = sample.as_chunks::<4>();
    let plain = |unit: &&[u8; 4]| u8::try_from(order.scalar(**unit)).is_ok_and(is_plain);
    units.len() >= WIDE_RUN && units.iter().filter(plain).count() * 10 >= units.len() * 9
}

/// UTF-32 as UTF-8.
fn of_four(bytes: &[u8], order: Order) -> Vec<u8> {
    let (units, _) = bytes.as_chunks::<4>();
    let letter = |unit: &[u8; 4]| match char::from_u32(order.scalar(*unit)) {
        Some('\0') => ' ',
        letter => letter.unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    let text: String = units.iter().map(letter).collect();
    text.into_bytes()
}

/// The bytes as UTF-8, from passage to passage; the first one is in UTF-16 where
/// `wide` says so.
fn read(bytes: &[u8], mut wide: Option<Order>, for_zero: u8) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if let Some(order) = wide.take() {
            let len = wide_len(rest, order);
            push_units(&mut text, &rest[..len], order, for_zero);
            at += len;
            // A byte that has no partner.
            if let [lone] = bytes[at..] {
                text.push(if lone == 0 { for_zero } else { lone });
                break;
            }
        } else {
            let (len, next) = narrow_len(rest);
            let narrow = &rest[..len];
            text.extend(narrow.iter().map(|b| if *b == 0 { for_zero } else { *b }));
            at += len;
            wide = next;
        }
    }
    text
}

/// Bytes to the first passage that is no UTF-16 of this order: plain letters in
/// pairs, or plain letters in the other half of the units.
fn wide_len(bytes: &[u8], order: Order) -> usize {
    let (units, _) = bytes.as_chunks::<2>();
    let (mut narrow, mut swapped) = (0..0, 0..0);
    for (at, unit) in units.iter().enumerate() {
        let pair = is_plain(unit[0]) && is_plain(unit[1]);
        extend(&mut narrow, at, pair);
        extend(&mut swapped, at, letter(*unit, order.other()).is_some());
        if narrow.len() == NARROW_RUN {
            return narrow.start * 2;
        }
        if swapped.len() == WIDE_RUN {
            return swapped.start * 2;
        }
    }
    units.len() * 2
}

/// Makes the run one longer, or starts it anew behind `at`.
fn extend(run: &mut Range<usize>, at: usize, belongs: bool) {
    *run = if belongs {
        run.start..at + 1
    } else {
        at + 1..at + 1
    };
}

/// Bytes to the first passage in UTF-16, and its order.
fn narrow_len(bytes: &[u8]) -> (usize, Option<Order>) {
    let is_wide = |at: usize, order| {
        let (units, _) = bytes[at..].as_chunks::<2>();
        let letters = units.iter().take(WIDE_RUN);
        units.len() >= WIDE_RUN && letters.copied().all(|unit| letter(unit, order).is_some())
    };
    for zero in memchr::memchr_iter(0, bytes) {
        if let Some(before) = zero.checked_sub(1)
            && is_wide(before, Order::Little)
        {
            return (before, Some(Order::Little));
        }
        if is_wide(zero, Order::Big) {
            return (zero, Some(Order::Big));
        }
    }
    (bytes.len(), None)
}

fn push_units(text: &mut Vec<u8>, bytes: &[u8], order: Order, for_zero: u8) {
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| order.number(*unit));
    for decoded in char::decode_utf16(units) {
        match decoded.unwrap_or(char::REPLACEMENT_CHARACTER) {
            '\0' => text.push(for_zero),
            c => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// The plain letter that a unit stands for.
fn letter(unit: [u8; 2], order: Order) -> Option<u8> {
    let number = order.number(unit);
    u8::try_from(number).ok().filter(|byte| is_plain(*byte))
}

impl Order {
    fn number(self, unit: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(unit),
            Self::Big => u16::from_be_bytes(unit),
        }
    }

    fn scalar(self, unit: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(unit),
            Self::Big => u32::from_be_bytes(unit),
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Little => Self::Big,
            Self::Big => Self::Little,
        }
    }
}

/// What stands in a text in ASCII.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
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
