//! API Management's identifiable subscription key: 64 bytes in standard
//! base64, `random(76) APIM checksum(6) ==`.
//!
//! SEC101/181 to /184 of microsoft/security-utilities. The everyday
//! subscription key is still 32 hexadecimal digits and known by its context
//! alone.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use std::ops::Range;
use zeroize::Zeroizing;

use super::identifiable::{padding_len, signed_body};
use super::marvin::marvin32;
use crate::secret::Secret;

const SUBSCRIPTION_SEED: u64 = SEEDS[1];

/// The letters of the signature.
pub(super) const SIGNATURE: &[u8] = b"APIM";

const RANDOM_LEN: usize = 76;

/// Tenant, subscription (`IoTHub00` is upstream's own slip), gateway and Git
/// keys of a service.
const SEEDS: [u64; 4] = [
    u64::from_be_bytes(*b"Tenant00"),
    u64::from_be_bytes(*b"IoTHub00"),
    u64::from_be_bytes(*b"Gatewy00"),
    u64::from_be_bytes(*b"GitKey00"),
];

/// Every identifiable API Management key of the text with a valid checksum.
pub fn find_subscription_keys(text: &[u8]) -> impl Iterator<Item = (Range<usize>, Secret)> + '_ {
    memchr::memmem::find_iter(text, SIGNATURE).filter_map(|at| {
        let (body, mut span) = signed_body(text, at, RANDOM_LEN)?;
        let raw = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(&*body).ok()?);
        let (data, checksum) = raw.split_last_chunk::<4>()?;
        let stored = u32::from_le_bytes(*checksum);
        if !SEEDS.iter().any(|&seed| marvin32(data, seed) == stored) {
            return None;
        }
        span.end += padding_len(text, span.end);
        let mut canonical = body.to_vec();
        for byte in &mut canonical {
            *byte = match *byte {
                b'-' => b'+',
                b'_' => b'/',
                other => other,
            };
        }
        canonical.extend_from_slice(b"==");
        Some((span, Secret::new(canonical)))
    })
}

/// A valid subscription key, made of the 57 bytes.
///
/// For tests, examples and the demo: it opens nothing.
#[must_use]
pub fn generate_subscription_key(random: &[u8; 57]) -> String {
    let mut raw = random.to_vec();
    // The signature is 3 bytes written in 4 characters of base64.
    raw.extend_from_slice(&[0x00, 0xf2, 0x0c]);
    let checksum = marvin32(&raw, SUBSCRIPTION_SEED);
    raw.extend_from_slice(&checksum.to_le_bytes());
    BASE64_STANDARD.encode(&raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::BASE64_STANDARD;

    fn key(seed: u64) -> String {
        let mut raw: Vec<u8> = (0..57_u8).map(|at| at.wrapping_mul(151)).collect();
        raw.extend(BASE64_STANDARD.decode(SIGNATURE).unwrap());
        let checksum = marvin32(&raw, seed);
        raw.extend(checksum.to_le_bytes());
        BASE64_STANDARD.encode(raw)
    }

    #[test]
    fn finds_a_key_of_every_seed_in_every_spelling() {
        for seed in SEEDS {
            let key = key(seed);
            assert_eq!(key.len(), 88);
            for spelled in [
                key.clone(),
                key.trim_end_matches('=').to_owned(),
                key.replace('+', "-").replace('/', "_"),
                key.replace('+', "%2B")
                    .replace('/', "%2F")
                    .replace('=', "%3D"),
                key.replace('+', "\\u002B").replace('/', "\\/"),
            ] {
                let text = format!("subscription-key={spelled}&a=1");
                let found: Vec<_> = find_subscription_keys(text.as_bytes()).collect();
                assert_eq!(found.len(), 1, "{text}");
                assert_eq!(found[0].0, 17..17 + spelled.len(), "{text}");
                assert_eq!(found[0].1.expose(), key.as_bytes());
            }
        }
    }

    #[test]
    fn a_changed_letter_is_no_key() {
        let key = key(SEEDS[1]);
        assert_eq!(find_subscription_keys(key.as_bytes()).count(), 1);
        for at in (0..76).chain(80..86) {
            let mut edited = key.clone().into_bytes();
            edited[at] = if edited[at] == b'B' { b'C' } else { b'B' };
            assert_eq!(find_subscription_keys(&edited).count(), 0, "{at}");
        }
    }

    #[test]
    fn the_seed_of_another_service_is_no_key() {
        let key = key(u64::from_be_bytes(*b"Default0"));
        assert_eq!(find_subscription_keys(key.as_bytes()).count(), 0);
    }
}
