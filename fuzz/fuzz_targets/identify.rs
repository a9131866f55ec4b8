//! The key formats on any bytes: no panic, no place outside the text, and what
//! is found is a key that says the same of itself when read again.
//!
//! The fuzzer cannot guess a checksum, so the first 34 bytes also make a valid
//! key, which is put into the rest and has to be found there.

#![no_main]

use keysweep::key::{
    self, BODY_LEN, Identified, KeyKind, SIGNATURE, WRAPPED_MARKS, find_identifiable, generate,
    identify, next_char, prev_char, unescape, unwrap_at,
};
use libfuzzer_sys::fuzz_target;

const KINDS: [KeyKind; 3] = [KeyKind::Master, KeyKind::System, KeyKind::Function];

fuzz_target!(|data: &[u8]| {
    read(data);
    if let Some((head, rest)) = data.split_first_chunk::<34>() {
        plant(head, rest);
    }
});

/// Everything that reads text, on this text.
fn read(text: &[u8]) {
    let mut end = 0;
    for found in find_identifiable(text) {
        assert!(found.span.start >= end, "two places overlap");
        end = found.span.end;
        // The signature is never escaped, so it stands within the place.
        let place = &text[found.span.clone()];
        assert!(place.windows(4).any(|four| four == SIGNATURE));
        check(&found, text);
    }
    for (mark, lead) in WRAPPED_MARKS {
        for at in 0..text.len().saturating_sub(mark.len() - 1) {
            if text[at..].starts_with(mark)
                && let Some(found) = unwrap_at(text, at, lead)
            {
                assert!(found.kind.is_some(), "a broken key under a layer");
                assert!(found.span.start <= at && at < found.span.end);
                check(&found, text);
            }
        }
    }
    for (span, secret) in key::find_subscription_keys(text) {
        assert!(span.start < span.end && span.end <= text.len());
        let found: Vec<_> = key::find_subscription_keys(secret.expose()).collect();
        assert_eq!(found.len(), 1);
        assert!(found[0].1 == secret, "another key when read again");
    }
    assert!(unescape(text).len() <= text.len());
    for at in 0..=text.len() {
        if let Some((_, len)) = next_char(text, at) {
            assert!(len > 0 && at + len <= text.len());
        }
        if let Some((value, len)) = prev_char(text, at) {
            assert!(len > 0 && len <= at);
            // One byte may also be the head of an escape that goes on.
            let forwards = next_char(text, at - len);
            assert!(forwards == Some((value, len)) || (len == 1 && value == text[at - 1]));
        }
    }
    // A shape excludes the others.
    let shapes = [
        key::is_legacy(text),
        key::is_legacy_wrapped(text).is_some(),
        key::is_ciphertext(text),
    ];
    assert!(shapes.iter().filter(|shape| **shape).count() <= 1);
}

/// What holds of every key that is found.
fn check(found: &Identified, text: &[u8]) {
    assert!(found.span.start < found.span.end && found.span.end <= text.len());
    let canonical = found.secret.expose();
    assert_eq!(canonical.len(), BODY_LEN + 2);
    let again = identify(canonical).expect("the canonical text is a key");
    assert_eq!(again.kind, found.kind);
    assert!(again.secret == found.secret, "another key when read again");
}

/// A valid key, somewhere in the rest.
fn plant(head: &[u8; 34], rest: &[u8]) {
    let kind = KINDS[usize::from(head[0]) % 3];
    let mut random = [0; 33];
    random.copy_from_slice(&head[1..]);
    let padded = generate(kind, &random);
    let at = usize::from(head[0]) * rest.len() / 256;
    // Quotes around it: fuzzed bytes before it could be half of an escape that
    // its first letters complete.
    let mut text = rest[..at].to_vec();
    text.push(b'"');
    let start = text.len();
    text.extend_from_slice(padded.as_bytes());
    text.push(b'"');
    text.extend_from_slice(&rest[at..]);
    let found = find_identifiable(&text)
        .find(|found| found.span == (start..start + padded.len()))
        .expect("a planted key is found");
    assert_eq!(found.kind, Some(kind));
    assert!(found.bounded);
    assert_eq!(found.secret.expose(), padded.as_bytes());
    read(&text);
}
