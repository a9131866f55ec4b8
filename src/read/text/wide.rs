//! Keys in UTF-16 inside something else: the strings of a .NET assembly, a
//! database, a dump.

use super::trigger::{Hint, Hit};
use crate::key::{Identified, find_identifiable};

/// Code units before the signature that a key and its escapes may take.
const BEFORE: usize = 160;

/// Code units after it.
const AFTER: usize = 48;

/// The identifiable keys around the hits, with a valid checksum.
pub(crate) fn identifiable(text: &[u8], hits: &[Hit]) -> Vec<Identified> {
    let mut found: Vec<Identified> = Vec::new();
    for hit in hits.iter().filter(|hit| hit.hint == Hint::Wide) {
        // Every second byte from the hit on is a character, in both byte orders.
        let first = hit.at - (hit.at / 2).min(BEFORE) * 2;
        let units: Vec<u8> = text[first..]
            .chunks(2)
            .take((hit.at - first) / 2 + AFTER)
            .map(|unit| match unit {
                [byte, 0] | [byte] => *byte,
                _ => b' ',
            })
            .collect();
        // Another key may stand before it.
        let signature = (hit.at - first) / 2;
        let Some(mut key) = find_identifiable(&units)
            .find(|key| key.kind.is_some() && key.span.contains(&signature))
        else {
            continue;
        };
        key.span = first + key.span.start * 2..(first + key.span.end * 2 - 1).min(text.len());
        found.push(key);
    }
    found
}
