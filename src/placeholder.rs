//! Keys for examples, test data and the demo, named instead of written.
//!
//! A repository must not hold anything of the shape of a key: hosting services
//! refuse such a push, and so would keysweep. Texts therefore hold
//! `{{function-key}}` and its kin, and whoever needs the text expands them.
//! What a placeholder becomes is derived from its name alone, so an example
//! reads the same in every run. None of these values opens anything.
//!
//! `{{name}}` is the first value of its kind, `{{name:2}}` another one, and
//! `{{name|filter}}` is spelled otherwise; filters apply from left to right.
//! Other double braces (`{{host}}`, `${{ secrets.X }}`) are somebody else's and
//! stay, unless they are a slip of one of ours.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::ops::Range;
use thiserror::Error;

use crate::inventory::sketch::example_fingerprinter;
use crate::key::{self, KeyKind};
use crate::secret::Secret;
use crate::similar::{advice, similar};

/// What can stand between the braces, and what it becomes.
pub const NAMES: &[(&str, &str)] = &[
    (
        "function-key",
        "an identifiable key with the function seed: a function's or a host key",
    ),
    ("master-key", "an identifiable key with the master seed"),
    ("system-key", "an identifiable key with the system seed"),
    (
        "legacy-key",
        "a key of the generator before 2022: 56 characters of base64",
    ),
    (
        "custom-key",
        "a value that somebody chose: words and digits",
    ),
    (
        "apim-key",
        "a subscription key of API Management: 32 hexadecimal digits",
    ),
    (
        "apim-identifiable-key",
        "an identifiable subscription key of API Management: 88 characters",
    ),
    (
        "storage-key",
        "an account key of Azure Storage: 88 characters, none of keysweep's business",
    ),
    ("ciphertext", "an encrypted key of a runtime secret store"),
    (
        "decryption-key",
        "what opens such a store: 64 hexadecimal digits",
    ),
    (
        "decryption-key-hash",
        "the hash by which the store names that key",
    ),
    ("digest", "a SHA-256 digest: 64 hexadecimal digits"),
    ("guid", "a GUID"),
    (
        "keysweep",
        "the word itself: an example's `{{keysweep}}: ignore[…]` is none of the file that holds it",
    ),
];

/// What can stand after the bar, and what it does.
pub const FILTERS: &[(&str, &str)] = &[
    ("unpadded", "leaves the `=` at the end out"),
    ("stdb64", "writes `+` and `/` for `-` and `_`"),
    ("percent", "percent-encodes `=`, `+` and `/`"),
    ("json", "writes `=` as `\\u003d` and `/` as `\\/`"),
    ("html", "writes `=` as `&#61;`"),
    (
        "base64",
        "encodes the whole in base64, as Kubernetes does in `data:`",
    ),
    ("broken", "changes one letter, so that a checksum fails"),
    (
        "fingerprint",
        "gives the fingerprint of the key, as inventories have it",
    ),
];

/// A placeholder that cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct PlaceholderError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The culprit, in the text.
    pub span: Range<usize>,
}

/// The text with every placeholder replaced.
///
/// # Errors
/// When a name is nearly one of [`NAMES`], a filter is none of [`FILTERS`], or
/// a number is not one from 1 to 99.
pub fn expand(text: &str) -> Result<String, PlaceholderError> {
    expand_from("", text)
}

/// The same with other values: every seed has its own. A test that looks for
/// keys in what must hold none has to plant some that are nowhere else.
///
/// # Errors
/// As for [`expand`].
pub fn expand_from(seed: &str, text: &str) -> Result<String, PlaceholderError> {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    while let Some(found) = text[done..].find("{{") {
        let open = done + found;
        let start = open + 2;
        let Some(len) = text[start..].find("}}") else {
            break;
        };
        out.push_str(&text[done..open]);
        match value_of(seed, &text[start..start + len], start)? {
            Some(value) if !text[..open].ends_with('$') => {
                out.push_str(&value);
                done = start + len + 2;
            }
            _ => {
                out.push_str("{{");
                done = start;
            }
        }
    }
    out.push_str(&text[done..]);
    Ok(out)
}

/// What stands for the words between two braces, if they are ours.
fn value_of(seed: &str, inner: &str, at: usize) -> Result<Option<String>, PlaceholderError> {
    let mut parts = inner.split('|');
    let head = parts.next().unwrap_or_default();
    let (name, number) = head.split_once(':').unwrap_or((head, "1"));
    let names = NAMES.iter().map(|(name, _)| *name);
    if !NAMES.iter().any(|(known, _)| *known == name) {
        let slip = name.contains('-').then(|| similar(name, names)).flatten();
        return match slip {
            Some(meant) => Err(PlaceholderError {
                message: format!("unknown placeholder '{name}'"),
                help: format!("did you mean '{meant}'?"),
                span: at..at + name.len(),
            }),
            None => Ok(None),
        };
    }
    let Some(number) = number.parse().ok().filter(|n| (1..100).contains(n)) else {
        let start = at + name.len() + 1;
        return Err(PlaceholderError {
            message: format!("'{number}' is not the number of a value"),
            help: "write a number from 1 to 99".to_owned(),
            span: start..start + number.len(),
        });
    };
    let mut value = generate(seed, name, number);
    let mut start = at + head.len() + 1;
    for filter in parts {
        value = apply(filter, &value).ok_or_else(|| PlaceholderError {
            message: format!("unknown filter '{filter}'"),
            help: advice(
                filter,
                &FILTERS.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            ),
            span: start..start + filter.len(),
        })?;
        start += filter.len() + 1;
    }
    Ok(Some(value))
}

/// The value of a known name.
fn generate(seed: &str, name: &str, number: u8) -> String {
    match name {
        "function-key" => key::generate(KeyKind::Function, &bytes(seed, name, number)),
        "master-key" => key::generate(KeyKind::Master, &bytes(seed, name, number)),
        "system-key" => key::generate(KeyKind::System, &bytes(seed, name, number)),
        "legacy-key" => BASE64_STANDARD
            .encode(bytes::<40>(seed, name, number))
            .replace('+', "a"),
        "custom-key" => words(&bytes(seed, name, number)),
        "apim-key" => hex(&bytes::<16>(seed, name, number)),
        "apim-identifiable-key" => key::generate_subscription_key(&bytes(seed, name, number)),
        "storage-key" => BASE64_STANDARD.encode(bytes::<64>(seed, name, number)),
        "ciphertext" => format!(
            "CfDJ8{}{}",
            "A".repeat(21),
            BASE64_URL_SAFE_NO_PAD.encode(bytes::<96>(seed, name, number))
        ),
        "decryption-key" => hex(&bytes::<32>(seed, name, number)).to_uppercase(),
        "decryption-key-hash" => {
            BASE64_STANDARD.encode(Sha256::digest(generate(seed, "decryption-key", number)))
        }
        "keysweep" => "keysweep".to_owned(),
        "digest" => hex(&bytes::<32>(seed, name, number)),
        _ => guid(&bytes(seed, name, number)),
    }
}

fn apply(filter: &str, value: &str) -> Option<String> {
    Some(match filter {
        "unpadded" => value.trim_end_matches('=').to_owned(),
        "stdb64" => value.replace('-', "+").replace('_', "/"),
        "percent" => value
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D"),
        "json" => value.replace('=', "\\u003d").replace('/', "\\/"),
        "html" => value.replace('=', "&#61;"),
        "base64" => BASE64_STANDARD.encode(value),
        "broken" => {
            let swap = |(at, c)| match (at, c) {
                (7, 'k') => 'j',
                (7, _) => 'k',
                _ => c,
            };
            value.chars().enumerate().map(swap).collect()
        }
        "fingerprint" => {
            let text = value.as_bytes();
            let random = key::identify(text).is_some() || key::is_legacy(text);
            let (prints, value) = (example_fingerprinter(), Secret::from(text));
            let print = if random {
                prints.random(&value)
            } else {
                prints.chosen(&value)
            };
            print.as_str().to_owned()
        }
        _ => return None,
    })
}

/// As many bytes as are asked for: a hash of name, number, counter and seed
/// after the other.
fn bytes<const N: usize>(seed: &str, name: &str, number: u8) -> [u8; N] {
    let mut out = [0; N];
    for (counter, chunk) in (0_u8..).zip(out.chunks_mut(32)) {
        let block = Sha256::new()
            .chain_update(b"keysweep placeholder ")
            .chain_update(name)
            .chain_update([0, number, counter])
            .chain_update(seed)
            .finalize();
        chunk.copy_from_slice(&block[..chunk.len()]);
    }
    out
}

/// A value as people choose it.
fn words(random: &[u8; 6]) -> String {
    const WORDS: [&str; 16] = [
        "Harbour", "Lantern", "Quartz", "Kestrel", "Meadow", "Copper", "Thistle", "Orchard",
        "Glacier", "Beacon", "Saffron", "Walnut", "Cobalt", "Juniper", "Pebble", "Falcon",
    ];
    let word = |at: usize| WORDS[usize::from(random[at] % 16)];
    let digits = u16::from_be_bytes([random[4], random[5]]) % 9000 + 1000;
    format!("{}{}-{digits}-{}", word(0), word(1), word(2))
}

fn guid(random: &[u8; 16]) -> String {
    let mut raw = *random;
    raw[6] = raw[6] & 0x0f | 0x40;
    raw[8] = raw[8] & 0x3f | 0x80;
    let digits = hex(&raw);
    [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-")
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{find_subscription_keys, identify, is_ciphertext, is_legacy};

    fn one(placeholder: &str) -> String {
        expand(&format!("{{{{{placeholder}}}}}")).unwrap()
    }

    #[test]
    fn keys_are_of_their_kind() {
        for (name, kind) in [
            ("function-key", KeyKind::Function),
            ("master-key:7", KeyKind::Master),
            ("system-key", KeyKind::System),
        ] {
            let value = one(name);
            assert_eq!(identify(value.as_bytes()).unwrap().kind, Some(kind));
            let broken = one(&format!("{name}|broken"));
            assert_eq!(identify(broken.as_bytes()).unwrap().kind, None);
        }
        assert!(is_legacy(one("legacy-key").as_bytes()));
        assert!(is_ciphertext(one("ciphertext").as_bytes()));
        let apim = one("apim-identifiable-key");
        assert_eq!(find_subscription_keys(apim.as_bytes()).count(), 1);
        assert_eq!(apim.len(), 88);
    }

    #[test]
    fn every_name_gives_different_values_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for (name, _) in NAMES {
            assert_eq!(one(name), one(&format!("{name}:1")), "{name}");
            for number in 1..100 {
                assert!(
                    seen.insert(generate("", name, number))
                        || matches!(*name, "custom-key" | "keysweep"),
                    "{name}:{number}"
                );
            }
        }
    }

    #[test]
    fn every_seed_has_its_own_values() {
        for (name, _) in NAMES.iter().filter(|(name, _)| *name != "keysweep") {
            let text = format!("{{{{{name}}}}}");
            let other = expand_from("another", &text).unwrap();
            assert_ne!(expand(&text).unwrap(), other, "{name}");
            assert_eq!(expand_from("another", &text).unwrap(), other, "{name}");
        }
    }

    #[test]
    fn every_filter_is_known_and_changes_something() {
        for (filter, _) in FILTERS {
            let plain = (1..).map(|n| one(&format!("storage-key:{n}")));
            let plain = plain.take(40).find(|key| key.contains('/')).unwrap();
            let source = if *filter == "stdb64" {
                plain.replace('/', "_")
            } else {
                plain
            };
            assert_ne!(apply(filter, &source).unwrap(), source, "{filter}");
        }
        assert!(one("function-key|percent").ends_with("%3D%3D"));
        assert!(one("function-key|unpadded|percent").len() == 54);
    }

    #[test]
    fn leaves_what_others_write_in_braces() {
        for text in [
            "{{host}}/api?code={{key}}",
            "${{ secrets.FUNCTION_KEY }}",
            "{{ .Values.key }}",
            "{{named-value}}",
            "{{",
            "a {{ b } c }",
            "{{{{}}",
        ] {
            assert_eq!(expand(text).unwrap(), text);
        }
        assert!(
            expand("x {{host}} {{guid}}")
                .unwrap()
                .starts_with("x {{host}} ")
        );
    }

    #[test]
    fn points_at_slips() {
        for (text, culprit, help) in [
            (
                "a {{functon-key}}",
                "functon-key",
                "did you mean 'function-key'?",
            ),
            (
                "{{function-key|persent}}",
                "persent",
                "did you mean 'percent'?",
            ),
            ("{{function-key:0}}", "0", "write a number from 1 to 99"),
            ("{{guid:many}}", "many", "write a number from 1 to 99"),
        ] {
            let error = expand(text).unwrap_err();
            assert_eq!(&text[error.span], culprit);
            assert_eq!(error.help, help);
        }
    }
}
