//! Units of two and of four bytes, and the passages of a document that are in
//! them.

use std::ops::Range;

/// Which byte of a unit of UTF-16 comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Order {
    /// The low one.
    Little,
    /// The high one.
    Big,
}

/// So many plain letters in a row, one a unit, are UTF-16.
const WIDE_RUN: usize = 4;

/// So many units in a row of two plain letters each are no UTF-16. The shortest
/// header with a key is as long; chance makes as many of a Chinese text once in
/// 60,000 characters, and then loses nothing but their columns.
const NARROW_RUN: usize = 12;

/// Whether nearly all of it are plain letters in units of four bytes.
pub(super) fn is_of_four(sample: &[u8], order: Order) -> bool {
    let (units, _) = sample.as_chunks::<4>();
    let plain = |unit: &&[u8; 4]| u8::try_from(order.scalar(**unit)).is_ok_and(is_plain);
    units.len() >= WIDE_RUN && units.iter().filter(plain).count() * 10 >= units.len() * 9
}

/// UTF-32 as UTF-8.
pub(super) fn of_four(bytes: &[u8], order: Order) -> Vec<u8> {
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
pub(super) fn read(bytes: &[u8], mut wide: Option<Order>, for_zero: u8) -> Vec<u8> {
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
pub(super) fn narrow_len(bytes: &[u8]) -> (usize, Option<Order>) {
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
