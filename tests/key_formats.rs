//! The key formats against published vectors, and against keys made here.
//!
//! No key is written down: `testdata/key-vectors.toml` gives the bytes, a fixed
//! seed gives the rest.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use keysweep::key::{
    self, Identified, KeyKind, SIGNATURE, find_identifiable, generate, identify, unwrap_at,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::Deserialize;
use std::ops::Range;

const KINDS: [KeyKind; 3] = [KeyKind::Master, KeyKind::System, KeyKind::Function];

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[derive(Deserialize)]
struct Vectors {
    key: Vec<KeyVector>,
    other: Vec<OtherVector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyVector {
    from: String,
    random: String,
    checksum: String,
    spelling: String,
    kind: Option<KeyKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherVector {
    from: String,
    bytes: Option<String>,
    text: Option<String>,
    is: String,
}

fn vectors() -> Vectors {
    toml::from_str(include_str!("../testdata/key-vectors.toml")).expect("the vectors parse")
}

#[test]
fn the_vectors_of_identifiable_keys() {
    let vectors = vectors().key;
    assert_eq!(vectors.len(), 30);
    for vector in vectors {
        let text = vector.text();
        let found = match vector.spelling.as_str() {
            "base64" | "base64-with-newline" => unwrap_all(text.as_bytes()).pop(),
            _ => identify(text.as_bytes()),
        };
        let kind = found.and_then(|found| found.kind);
        assert_eq!(kind, vector.kind, "{} ({})", vector.from, vector.spelling);
    }
}

impl KeyVector {
    fn text(&self) -> String {
        let mut raw = unhex(&self.random);
        raw.extend(BASE64_URL_SAFE.decode(SIGNATURE).expect("base64"));
        raw.extend(unhex(&self.checksum));
        let padded = BASE64_URL_SAFE.encode(raw);
        let body = padded.trim_end_matches('=');
        match self.spelling.as_str() {
            "padded" => padded,
            "unpadded" => body.to_owned(),
            "one-equals-sign" => format!("{body}="),
            "percent" => format!("{body}%3D%3D"),
            "percent-in-lower-case" => format!("{body}%3d%3d"),
            "base64" => BASE64_STANDARD.encode(padded),
            "base64-with-newline" => BASE64_STANDARD.encode(format!("{padded}\n")),
            "signature-in-lower-case" => {
                let (random, rest) = padded.split_at(44);
                format!("{random}{}{}", rest[..4].to_lowercase(), &rest[4..])
            }
            "last-letter-b" => format!("{}B==", &body[..body.len() - 1]),
            other => panic!("{}: no spelling is called {other}", self.from),
        }
    }
}

#[test]
fn the_vectors_of_everything_else() {
    for vector in vectors().other {
        let bytes = vector.bytes.as_deref().map(unhex);
        let encoded = bytes.map(|bytes| BASE64_STANDARD.encode(bytes));
        let text = encoded.or(vector.text).expect("bytes or a text");
        let text = match vector.is.as_str() {
            "legacy-in-base64" => BASE64_STANDARD.encode(text),
            _ => text,
        };
        let value = text.as_bytes();
        let says = [
            ("legacy", key::is_legacy(value)),
            ("legacy-in-base64", key::is_legacy_wrapped(value).is_some()),
            ("ciphertext", key::is_ciphertext(value)),
            ("identifiable", find_identifiable(value).next().is_some()),
            ("identifiable in base64", !unwrap_all(value).is_empty()),
        ];
        for (name, said) in says {
            assert_eq!(said, name == vector.is, "{}: {name}", vector.from);
        }
    }
}

#[test]
fn ten_thousand_keys_in_every_spelling() {
    for_each_key(10_000, |kind, random| {
        let padded = generate(kind, random);
        prop_assert_eq!(padded.len(), 56);
        for spelling in spellings(&padded) {
            for (before, after) in some_surroundings(random[0]) {
                let text = format!("{before}{spelling}{after}");
                let found: Vec<_> = find_identifiable(text.as_bytes()).collect();
                prop_assert_eq!(found.len(), 1, "{}", text);
                let at = before.len()..before.len() + spelling.len();
                assert_is(&found[0], &at, kind, &padded)?;
                prop_assert!(found[0].bounded, "{}", text);
            }
            let whole = identify(spelling.as_bytes());
            prop_assert_eq!(whole.and_then(|found| found.kind), Some(kind));
        }
        Ok(())
    });
}

/// What stands around a key and must neither hide nor widen it.
const SURROUNDINGS: [(&str, &str); 9] = [
    ("", ""),
    ("\"", "\","),
    ("?code=", "&clientId=default"),
    ("?a=1&amp;code=", "&amp;b=2"),
    ("code%3D", "%26b%3D2"),
    ("\\u0026code\\u003d", "\\u0026b"),
    ("key:\\n", "\\n"),
    ("\u{1b}[32m", "\u{1b}[0m"),
    ("é", "é"),
];

/// None at all, and one more: all of them for each key take half a minute.
fn some_surroundings(choice: u8) -> [(&'static str, &'static str); 2] {
    let rest = &SURROUNDINGS[1..];
    [SURROUNDINGS[0], rest[usize::from(choice) % rest.len()]]
}

fn spellings(padded: &str) -> Vec<String> {
    let body = padded.trim_end_matches('=');
    let standard = body.replace('-', "+").replace('_', "/");
    let percent = standard.replace('+', "%2B").replace('/', "%2F");
    let mut all = vec![body.to_owned(), standard.clone()];
    for equals in [
        "=", "%3D", "%3d", "%253D", "\\u003D", "\\u003d", "\\x3d", "&#61;", "&#x3D;", "&equals;",
    ] {
        all.push(format!("{body}{equals}{equals}"));
        all.push(format!("{standard}{equals}{equals}"));
    }
    all.push(format!("{percent}%3D%3D"));
    all.push(format!("{}%253D%253D", percent.replace('%', "%25")));
    all.push(format!(
        "{}\\u003D\\u003D",
        standard.replace('+', "\\u002B")
    ));
    all.push(format!("{}==", standard.replace('/', "\\/")));
    all.push(format!("{}==", standard.replace('+', "&#x2B;")));
    all.push(format!(
        "{}==",
        standard.replace('+', "&plus;").replace('/', "&sol;")
    ));
    all
}

#[test]
fn a_second_base64_at_every_alignment() {
    for_each_key(400, |kind, random| {
        let padded = generate(kind, random);
        for before in ["", "a", "ab", "abc", "{\"k\":\"", "https://x/api/f?code="] {
            for after in [
                "",
                "\n",
                "\"}",
                " and more",
                "&b=2 and some more text behind it",
            ] {
                for spelled in [padded.as_str(), &padded[..54]] {
                    let outer = BASE64_STANDARD.encode(format!("{before}{spelled}{after}"));
                    for (left, right) in [("", ""), ("key: ", "\n"), ("'", "'")] {
                        let text = format!("{left}{outer}{right}");
                        let found = unwrap_all(text.as_bytes());
                        prop_assert_eq!(found.len(), 1, "{}", text);
                        let inner = before.len()..before.len() + spelled.len();
                        let at = carried_by(&inner, left.len(), text.as_bytes());
                        assert_is(&found[0], &at, kind, &padded)?;
                    }
                }
            }
        }
        Ok(())
    });
}

/// The characters of the outer text that hold a bit of the inner range, and the
/// padding that closes them.
fn carried_by(inner: &Range<usize>, start: usize, text: &[u8]) -> Range<usize> {
    let first = start + inner.start * 8 / 6;
    let mut last = start + (inner.end * 8 - 1) / 6 + 1;
    while text.get(last) == Some(&b'=') {
        last += 1;
    }
    first..last
}

#[test]
fn no_single_edit_outside_the_signature_gives_a_valid_key() {
    for (round, kind) in KINDS.into_iter().enumerate() {
        let random = std::array::from_fn(|at| (at * 37 + round * 101) as u8);
        let padded = generate(kind, &random).into_bytes();
        for at in (0..44).chain(48..padded.len()) {
            for &letter in ALPHABET {
                if letter == padded[at] {
                    continue;
                }
                let mut edited = padded.clone();
                edited[at] = letter;
                assert_is_no_key(&edited, "replaced", at);
                let mut edited = padded.clone();
                edited.insert(at, letter);
                assert_is_no_key(&edited, "inserted", at);
            }
            let mut edited = padded.clone();
            edited.remove(at);
            assert_is_no_key(&edited, "removed", at);
        }
    }
}

fn assert_is_no_key(value: &[u8], edit: &str, at: usize) {
    let kind = identify(value).and_then(|found| found.kind);
    assert_eq!(kind, None, "a letter {edit} at {at}");
}

#[test]
fn a_signature_by_chance_hides_no_key() {
    for_each_key(200, |kind, random| {
        // Ten characters into the key: a shape of its own, with the text before.
        let mut random = *random;
        random[9..12].copy_from_slice(&BASE64_URL_SAFE.decode(SIGNATURE).expect("base64"));
        let padded = generate(kind, &random);
        let before = "x".repeat(60);
        let text = format!("{before}{padded}");
        let valid: Vec<_> = find_identifiable(text.as_bytes())
            .filter(|found| found.kind.is_some())
            .collect();
        prop_assert_eq!(valid.len(), 1, "{}", text);
        assert_is(&valid[0], &(60..116), kind, &padded)
    });
}

#[test]
fn keys_that_touch_are_found_one_by_one() {
    for_each_key(200, |kind, random| {
        let padded = generate(kind, random);
        for spelled in [padded.as_str(), &padded[..54]] {
            let text = spelled.repeat(3);
            let spans: Vec<_> = find_identifiable(text.as_bytes()).map(|f| f.span).collect();
            let len = spelled.len();
            prop_assert_eq!(spans, [0..len, len..2 * len, 2 * len..3 * len]);
        }
        Ok(())
    });
}

#[test]
fn nothing_before_a_key_is_too_much() {
    let padded = generate(KeyKind::Master, &[7; 33]);
    for before in [
        "m",
        "0m",
        "[m",
        "123456789012m",
        "n",
        "\\n",
        "%",
        "\\",
        "&#",
    ] {
        let text = format!("{before}{padded}");
        let found: Vec<_> = find_identifiable(text.as_bytes()).collect();
        assert_eq!(found.len(), 1, "{before}");
        assert_eq!(found[0].kind, Some(KeyKind::Master), "{before}");
        assert_eq!(found[0].span, before.len()..text.len(), "{before}");
    }
}

#[test]
fn a_legacy_shape_is_told_from_its_neighbours() {
    let strategy = proptest::array::uniform32(any::<u8>());
    runner(1_000)
        .run(&(strategy, any::<[u8; 8]>()), |(head, tail)| {
            let raw = [head.as_slice(), &tail].concat();
            let value = BASE64_STANDARD.encode(&raw).replace('+', "a");
            prop_assert!(key::is_legacy(value.as_bytes()));
            let wrapped = BASE64_STANDARD.encode(&value);
            prop_assert!(key::is_legacy_wrapped(wrapped.as_bytes()).is_some());
            let with_newline = BASE64_STANDARD.encode(format!("{value}\n"));
            prop_assert!(key::is_legacy_wrapped(with_newline.as_bytes()).is_some());
            prop_assert!(!key::is_legacy(&value.as_bytes()[1..]));
            prop_assert!(!key::is_legacy(value.trim_end_matches('=').as_bytes()));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Runs the check on `cases` keys of all kinds, the same in every run.
fn for_each_key(cases: u32, check: impl Fn(KeyKind, &[u8; 33]) -> Result<(), TestCaseError>) {
    let strategy = (
        proptest::sample::select(KINDS.as_slice()),
        any::<u8>(),
        any::<[u8; 32]>(),
    );
    runner(cases)
        .run(&strategy, |(kind, first, rest)| {
            let mut random = [first; 33];
            random[1..].copy_from_slice(&rest);
            check(kind, &random)
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn assert_is(
    found: &Identified,
    at: &Range<usize>,
    kind: KeyKind,
    padded: &str,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(&found.span, at);
    prop_assert_eq!(found.kind, Some(kind));
    prop_assert_eq!(found.secret.expose(), padded.as_bytes());
    Ok(())
}

/// Every key that shows through a second layer of base64.
fn unwrap_all(text: &[u8]) -> Vec<Identified> {
    let mut all: Vec<_> = key::WRAPPED_MARKS
        .iter()
        .flat_map(|&(mark, lead)| {
            (0..text.len())
                .filter(move |&at| text[at..].starts_with(mark))
                .filter_map(move |at| unwrap_at(text, at, lead))
        })
        .collect();
    all.dedup_by_key(|found| found.span.clone());
    all
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"))
        .collect()
}
