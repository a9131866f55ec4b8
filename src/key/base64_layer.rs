//! A key inside a second layer of base64: Kubernetes `data:`, and whatever
//! else was encoded whole.
//!
//! The signature shows through the layer in one of three ways, by its position
//! modulo 3. Around a lone key it is always the third.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use std::ops::Range;
use zeroize::Zeroizing;

use super::identifiable::{Identified, find_identifiable};

/// What `AzFu` becomes, and how many of those characters stand before the next
/// group of four.
pub const WRAPPED_MARKS: [(&[u8], usize); 4] =
    [(b"BekZ1", 1), (b"QXpGd", 0), (b"F6RnU", 2), (b"F6RnV", 2)];

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key found under the layer, placed in the outer text.
pub type Wrapped = Identified;

/// The key whose signature shows as the mark at `at`, where the next group of
/// four begins `lead` characters later. Only a key with a valid checksum: a
/// broken one under a layer of encoding is noise.
#[must_use]
pub fn unwrap_at(text: &[u8], at: usize, lead: usize) -> Option<Wrapped> {
    let anchor = at + lead;
    // 44 characters before the signature are at most 15 groups and a bit.
    let before = text[..anchor]
        .iter()
        .rev()
        .take(64)
        .take_while(|b| is_standard(**b))
        .count();
    let start = anchor - before / 4 * 4;
    let run = text[anchor..]
        .iter()
        .take(24)
        .take_while(|b| is_standard(**b))
        .count();
    let end = anchor + run;
    let decoded = Zeroizing::new(
        LENIENT
            .decode(&text[start..end - usize::from(run % 4 == 1)])
            .ok()?,
    );
    let mut found = find_identifiable(&decoded).find(|found| found.kind.is_some())?;
    found.span = outer(&found.span, start, text);
    Some(found)
}

/// The characters that carry the bytes of `inner`, trailing padding included.
fn outer(inner: &Range<usize>, start: usize, text: &[u8]) -> Range<usize> {
    let first = start + inner.start * 4 / 3;
    let mut last = (start + (inner.end * 4).div_ceil(3)).min(text.len());
    let padding = text[last..]
        .iter()
        .take(2)
        .take_while(|b| **b == b'=')
        .count();
    last += padding;
    first..last
}

fn is_standard(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}
