//! The identifiable key (since 2022): `random(44) AzFu checksum(6) ==`.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as RAW;
use memchr::memmem;
use std::ops::Range;
use zeroize::Zeroizing;

use super::KeyKind;
use super::marvin::marvin32;
use super::spelling::{next_char, prev_char};
use crate::secret::Secret;

/// The four letters that every identifiable key of Azure Functions has.
pub const SIGNATURE: &[u8] = b"AzFu";

/// Characters of a key without its padding.
pub const BODY_LEN: usize = 54;

/// Characters before the signature: 33 random bytes.
const RANDOM_LEN: usize = 44;

/// Eight letters read as a big-endian number; `SecretGenerator.cs` of the host.
const SEEDS: [(KeyKind, u64); 3] = [
    (KeyKind::Function, u64::from_be_bytes(*b"Functi00")),
    (KeyKind::Master, u64::from_be_bytes(*b"Master00")),
    (KeyKind::System, u64::from_be_bytes(*b"System00")),
];

/// The shape of an identifiable key at a place in a text.
pub struct Identified {
    /// Where it stands, in its spelling, padding included.
    pub span: Range<usize>,
    /// What its checksum says, or `None` when no seed gives that checksum.
    pub kind: Option<KeyKind>,
    /// The canonical text: URL-safe, padded.
    pub secret: Secret,
    /// Whether the text around it could be part of the same word. The checksum
    /// settles it for a real key; a broken one inside a longer word is nothing.
    pub bounded: bool,
}

/// Every shape of an identifiable key in the text, in order, without overlaps.
pub fn find_identifiable(text: &[u8]) -> impl Iterator<Item = Identified> + '_ {
    let mut done = 0;
    memmem::find_iter(text, SIGNATURE).filter_map(move |at| {
        let found = around(text, at)?;
        if found.span.start < done || (found.kind.is_none() && hides_a_key(text, at)) {
            return None;
        }
        done = found.span.end;
        Some(found)
    })
}

/// The value as a whole, in any of its spellings.
#[must_use]
pub fn identify(value: &[u8]) -> Option<Identified> {
    find_identifiable(value).find(|found| found.span == (0..value.len()))
}

/// Whether the broken shape around the signature at `at` shares characters
/// with a valid key: then these four letters stand in its random part, or the
/// text before it runs on.
fn hides_a_key(text: &[u8], at: usize) -> bool {
    // Behind the signature come the checksum and at most 44 characters of the
    // next key, each of up to nine bytes in the longest of spellings.
    let from = at + SIGNATURE.len();
    let window = &text[from..text.len().min(from + 9 * BODY_LEN)];
    let Some(end) = signed_body(text, at, RANDOM_LEN).map(|(_, span)| span.end) else {
        return false;
    };
    memmem::find_iter(window, SIGNATURE)
        .filter_map(|offset| around(text, from + offset))
        .any(|later| later.kind.is_some() && later.span.start < end)
}

/// The shape around a signature at `at`.
fn around(text: &[u8], at: usize) -> Option<Identified> {
    let (body, mut span) = signed_body(text, at, RANDOM_LEN)?;
    if !matches!(body[BODY_LEN - 1], b'A' | b'Q' | b'g' | b'w') {
        return None;
    }
    let kind = kind_of(&body);
    let left = prev_char(text, span.start).is_none_or(|(byte, len)| len > 1 || !is_body(byte))
        || after_escape(text, span.start);
    let padding = padding_len(text, span.end);
    let right = padding > 0
        || next_char(text, span.end).is_none_or(|(byte, len)| len > 1 || !is_body(byte));
    span.end += padding;
    let mut canonical = Vec::with_capacity(BODY_LEN + 2);
    canonical.extend_from_slice(&body);
    canonical.extend_from_slice(b"==");
    Some(Identified {
        span,
        kind,
        secret: Secret::new(canonical),
        bounded: left && right,
    })
}

/// The characters of a signed value, in the URL-safe alphabet: `before` of
/// them, the signature at `at`, and the six of the checksum.
pub(super) fn signed_body(
    text: &[u8],
    at: usize,
    before: usize,
) -> Option<(Zeroizing<Vec<u8>>, Range<usize>)> {
    let mut body = Zeroizing::new(vec![0; before]);
    let mut start = at;
    for slot in body.iter_mut().rev() {
        let (byte, len) = prev_char(text, start)?;
        *slot = url_safe(byte)?;
        start -= len;
    }
    body.extend_from_slice(&text[at..at + 4]);
    let mut end = at + 4;
    for _ in 0..6 {
        let (byte, len) = next_char(text, end)?;
        body.push(url_safe(byte)?);
        end += len;
    }
    Some((body, start..end))
}

/// Bytes that the two `=` take at `at`, in whatever spelling; 0 when they are
/// not there.
pub(super) fn padding_len(text: &[u8], at: usize) -> usize {
    let mut end = at;
    for _ in 0..2 {
        match next_char(text, end) {
            Some((b'=', len)) => end += len,
            _ => return 0,
        }
    }
    end - at
}

fn url_safe(byte: u8) -> Option<u8> {
    match byte {
        b'+' => Some(b'-'),
        b'/' => Some(b'_'),
        _ => is_body(byte).then_some(byte),
    }
}

fn is_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Whether the letter before `at` belongs to an escape (`\n`, `ESC[0m`).
fn after_escape(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(12)..at];
    let [head @ .., last] = before else {
        return false;
    };
    match last {
        b'n' | b't' | b'r' | b'f' | b'v' | b'b' => head.last() == Some(&b'\\'),
        b'm' | b'K' => {
            let digits = head
                .iter()
                .rev()
                .take_while(|b| b.is_ascii_digit() || **b == b';')
                .count();
            head[..head.len() - digits].last() == Some(&b'[')
        }
        _ => false,
    }
}

fn kind_of(body: &[u8]) -> Option<KeyKind> {
    let raw = Zeroizing::new(RAW.decode(body).ok()?);
    let (data, checksum) = raw.split_last_chunk::<4>()?;
    let stored = u32::from_le_bytes(*checksum);
    SEEDS
        .iter()
        .find_map(|&(kind, seed)| (marvin32(data, seed) == stored).then_some(kind))
}

/// A valid key of the given kind, made of the 33 bytes.
///
/// For tests, examples and the demo: it opens nothing.
///
/// # Panics
/// For [`KeyKind::Unknown`], which no generator has a seed for.
#[must_use]
pub fn generate(kind: KeyKind, random: &[u8; 33]) -> String {
    let seed = SEEDS
        .iter()
        .find_map(|&(seeded, seed)| (seeded == kind).then_some(seed))
        .expect("only master, system and function keys are generated");
    let mut raw = random.to_vec();
    raw.extend_from_slice(&RAW.decode(SIGNATURE).expect("the signature is base64"));
    let checksum = marvin32(&raw, seed);
    raw.extend_from_slice(&checksum.to_le_bytes());
    format!("{}==", RAW.encode(&raw))
}
