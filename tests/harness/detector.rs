//! Is a piece of a key in this text, in whatever spelling?
//!
//! A key may leak in the form in which it was read, or in any that a report, a
//! log or an error gives to text: escaped for JSON, HTML or a URL, in base64,
//! in hexadecimal, in UTF-16, in small letters as a host name. So the text is also read with its escapes
//! resolved and without its zero bytes, and pieces of keys are also looked for
//! in their encoded forms. The detector knows nothing of the program's own
//! readers: a mistake there must not hide a leak here.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use std::collections::BTreeMap;

/// Characters of a key that must not be seen together.
const WINDOW: usize = 8;

/// Bits of the filter that most windows of a text do not pass.
const FILTER: u32 = 20;

/// The pieces of the keys that were planted.
pub(crate) struct Detector {
    /// By their first eight bytes: the rest of the form, and whose it is.
    forms: BTreeMap<u64, Vec<(Vec<u8>, usize)>>,
    filter: Vec<bool>,
    names: Vec<String>,
}

/// A piece of a key, found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Leak {
    /// The key, by the name that it was planted under.
    pub(crate) key: String,
    /// How the text had to be read for it.
    pub(crate) view: &'static str,
    /// What stands before it there: the key itself is not shown.
    pub(crate) before: String,
}

impl Detector {
    /// For keys by their names.
    pub(crate) fn new<'k>(keys: impl IntoIterator<Item = (&'k str, &'k [u8])>) -> Self {
        let mut detector = Self {
            forms: BTreeMap::new(),
            filter: vec![false; 1 << FILTER],
            names: Vec::new(),
        };
        for (name, key) in keys {
            let owner = detector.names.len();
            detector.names.push(name.to_owned());
            // The padding is no secret. The signature is none either, but a
            // window with it has letters of the key's own, and counts.
            let key = key.strip_suffix(b"==").unwrap_or(key);
            for form in key.windows(WINDOW).flat_map(forms) {
                detector.add(&form, owner);
            }
        }
        detector
    }

    fn add(&mut self, form: &[u8], owner: usize) {
        let (head, rest) = form.split_first_chunk::<8>().expect("a long form");
        let head = u64::from_be_bytes(*head);
        self.filter[slot(head)] = true;
        let known = self.forms.entry(head).or_default();
        if !known.iter().any(|(other, _)| other == rest) {
            known.push((rest.to_vec(), owner));
        }
    }

    /// The pieces of keys in a text, one for each key and way to read it.
    pub(crate) fn leaks(&self, text: &[u8]) -> Vec<Leak> {
        let once = unescaped(text);
        let twice = unescaped(&once);
        let narrow = without_zeros(text);
        let small = text.to_ascii_lowercase();
        let views: [(&'static str, &[u8]); 5] = [
            ("as it is", text),
            ("in small letters", &small),
            ("unescaped", &once),
            ("unescaped twice", &twice),
            ("without zero bytes", &narrow),
        ];
        let mut leaks: BTreeMap<usize, Leak> = BTreeMap::new();
        for (view, text) in views {
            for (owner, at) in self.find(text) {
                leaks.entry(owner).or_insert_with(|| Leak {
                    key: self.names[owner].clone(),
                    view,
                    before: String::from_utf8_lossy(&text[at.saturating_sub(120)..at]).into_owned(),
                });
            }
        }
        leaks.into_values().collect()
    }

    /// Ends the test when a piece of a key is in the text.
    #[track_caller]
    pub(crate) fn assert_none(&self, what: &str, text: impl AsRef<[u8]>) {
        let leaks = self.leaks(text.as_ref());
        assert!(leaks.is_empty(), "{what} leaks: {leaks:#?}");
    }

    fn find<'d>(&'d self, text: &'d [u8]) -> impl Iterator<Item = (usize, usize)> + 'd {
        let mut head = 0_u64;
        text.iter().enumerate().filter_map(move |(at, byte)| {
            head = head << 8 | u64::from(*byte);
            if !self.filter[slot(head)] {
                return None;
            }
            let rest = &text[at + 1..];
            let (_, owner) = self
                .forms
                .get(&head)?
                .iter()
                .find(|(form, _)| rest.starts_with(form))?;
            Some((*owner, (at + 1).saturating_sub(WINDOW)))
        })
    }
}

fn slot(head: u64) -> usize {
    let mixed = head.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER);
    usize::try_from(mixed).expect("a small number")
}

/// The forms in which eight characters could be written out.
fn forms(window: &[u8]) -> Vec<Vec<u8>> {
    let hex = |upper: bool| -> Vec<u8> {
        let digits = window.iter().map(|byte| {
            if upper {
                format!("{byte:02X}")
            } else {
                format!("{byte:02x}")
            }
        });
        digits.collect::<String>().into_bytes()
    };
    let small = window.to_ascii_lowercase();
    let mut forms = vec![window.to_vec(), small, hex(true), hex(false)];
    for lead in 0..3 {
        // What base64 makes of these bytes whatever stands beside them.
        let mut text = vec![0; lead];
        text.extend_from_slice(window);
        let first = (lead * 8).div_ceil(6);
        let last = text.len() * 8 / 6;
        for engine in [&BASE64_STANDARD, &BASE64_URL_SAFE] {
            forms.push(engine.encode(&text).as_bytes()[first..last].to_vec());
        }
    }
    forms
}

/// The text with the escapes of URLs, JSON and HTML resolved.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let (byte, len) = match text[at] {
            b'%' => number(text, at + 1, 2, 16).map(|byte| (byte, 3)),
            b'\\' => match text.get(at + 1) {
                Some(b'u') => number(text, at + 2, 4, 16).map(|byte| (byte, 6)),
                Some(b'x') => number(text, at + 2, 2, 16).map(|byte| (byte, 4)),
                Some(byte @ (b'/' | b'"' | b'\\')) => Some((*byte, 2)),
                _ => None,
            },
            b'&' => entity(&text[at..]),
            _ => None,
        }
        .unwrap_or((text[at], 1));
        out.push(byte);
        at += len;
    }
    out
}

fn number(text: &[u8], at: usize, len: usize, radix: u32) -> Option<u8> {
    let digits = std::str::from_utf8(text.get(at..at + len)?).ok()?;
    u8::try_from(u32::from_str_radix(digits, radix).ok()?).ok()
}

fn entity(text: &[u8]) -> Option<(u8, usize)> {
    let end = text.iter().take(10).position(|byte| *byte == b';')?;
    let byte = match &text[1..end] {
        b"amp" => b'&',
        b"equals" => b'=',
        b"plus" => b'+',
        b"sol" => b'/',
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 0, digits.len(), 16)?,
        [b'#', digits @ ..] => number(digits, 0, digits.len(), 10)?,
        _ => return None,
    };
    Some((byte, end + 1))
}

/// The text without zero bytes, and without what shows in their place.
fn without_zeros(text: &[u8]) -> Vec<u8> {
    let marks = String::from_utf8_lossy(text).replace(['\0', '\u{fffd}'], "");
    marks.into_bytes()
}
