//! Masked and cropped text: the only text of a document that a report can get.

mod path;
mod printable;
mod text;

pub use path::{redact_path, shown_path};
pub use printable::{is_deceptive, printable};
pub use text::mask;

use serde::Serialize;
use std::ops::Range;

use crate::key::{SIGNATURE, find_identifiable, find_subscription_keys, is_legacy};
use printable::printable_char;

/// Characters shown of a long line, the key in the middle.
const MAX_CHARS: usize = 160;

/// A run of this many characters of an encoded value is masked even where
/// nothing recognised it: another product's secret on the same line is none of
/// a report's business.
const OPAQUE_RUN: usize = 20;

/// A signature that no key explains is one of a key that something cuts in
/// pieces (a space, markup, a character of no width). On such a line a run of so
/// many characters is masked whatever it looks like.
const PIECE: usize = 8;

/// One line of a document with every secret replaced by `*`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    text: String,
    #[serde(skip)]
    highlight: Range<usize>,
}

impl Excerpt {
    /// Masks and crops a line.
    ///
    /// `secrets` are all spans of `line` that hold one, `highlight` is the one
    /// that the excerpt is about.
    #[must_use]
    pub fn new(line: &[u8], secrets: &[Range<usize>], mut highlight: Range<usize>) -> Self {
        // What has zero bytes is no text: nobody reads what stands around the
        // key, and it may hold others in an encoding of its own.
        let binary = memchr::memchr(0, line).is_some();
        let mut masked = line.to_vec();
        // Not only those that count: a key inside of a longer value is none to
        // the reader, and can be read all the same.
        for span in keys(line) {
            masked[span].fill(b'*');
        }
        for span in secrets.iter().chain([&highlight]) {
            if let Some(part) = masked.get_mut(span.start..span.end.min(line.len())) {
                part.fill(b'*');
            }
        }
        mask_opaque(&mut masked);
        if memchr::memmem::find(&masked, SIGNATURE).is_some() {
            mask_runs(&mut masked, PIECE);
        }
        for span in text::slashed_runs(&masked) {
            masked[span].fill(b'*');
        }
        if binary {
            let end = highlight.end.min(masked.len());
            masked = masked[highlight.start.min(end)..end].to_vec();
            highlight = 0..masked.len();
        }
        Self::crop(&masked, highlight)
    }

    /// The text, without control characters, `…` where it was cut.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the masked key stands in [`Excerpt::text`], in bytes.
    #[must_use]
    pub fn highlight(&self) -> Range<usize> {
        self.highlight.clone()
    }

    fn crop(masked: &[u8], highlight: Range<usize>) -> Self {
        let end = highlight.end.min(masked.len());
        let start = highlight.start.min(end);
        let lead = masked[..start].trim_ascii_start().len();
        let shown_key = (end - start).min(MAX_CHARS / 2);
        let around = (MAX_CHARS - shown_key) / 2;
        let before = &masked[start - lead.min(around)..start];
        let tail = masked[end..].trim_ascii_end();
        let after = &tail[..tail.len().min(around)];
        let mut text = String::new();
        if lead > around {
            text.push('…');
        }
        push_printable(&mut text, before);
        let from = text.len();
        text.extend(std::iter::repeat_n('*', shown_key));
        let to = text.len();
        push_printable(&mut text, after);
        if tail.len() > around {
            text.push('…');
        }
        Self {
            text,
            highlight: from..to,
        }
    }
}

/// The text with every key that can be recognised without context replaced,
/// and everything else that looks like one: for names that a document chose.
#[must_use]
pub fn redact(text: &str) -> String {
    let mut masked = text.as_bytes().to_vec();
    for span in keys(text.as_bytes()) {
        masked[span].fill(b'*');
    }
    mask_opaque(&mut masked);
    String::from_utf8_lossy(&masked).into_owned()
}

/// Every key of the text whose format gives it away.
fn keys(text: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let identifiable = find_identifiable(text).map(|found| found.span);
    let subscription = find_subscription_keys(text).map(|(span, _)| span);
    identifiable.chain(subscription).chain(legacy(text))
}

/// The name of a host, without what could be a whole key. What Azure adds to a
/// name to make it unique is shorter.
#[must_use]
pub fn redact_host(host: &str) -> String {
    let mut masked = redact_path(host).into_bytes();
    for span in text::slashed_runs(&masked) {
        masked[span].fill(b'*');
    }
    String::from_utf8_lossy(&masked).into_owned()
}

/// Every value of the legacy shape, whatever stands before it: in a path that
/// is a slash, and could be a letter of the key.
fn legacy(text: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    memchr::memmem::find_iter(text, "==").filter_map(|padding| {
        let span = padding.checked_sub(54)?..padding + 2;
        is_legacy(&text[span.clone()]).then_some(span)
    })
}

/// Masks what looks like an encoded random value: a long run of the base64
/// alphabets with digits, capitals and small letters all present.
fn mask_opaque(text: &mut [u8]) {
    let mut at = 0;
    while at < text.len() {
        let len = text[at..].iter().take_while(|b| is_encoded(**b)).count();
        let run = &mut text[at..at + len];
        if len >= OPAQUE_RUN && looks_random(run) {
            run.fill(b'*');
        }
        at += len.max(1);
    }
}

/// Masks every run of the base64 alphabets that is so long.
fn mask_runs(text: &mut [u8], least: usize) {
    for run in text.split_mut(|byte| !is_encoded(*byte)) {
        if run.len() >= least {
            run.fill(b'*');
        }
    }
}

fn is_encoded(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-' | b'=' | b'%')
}

/// Hexadecimal digits, or letters and digits in an order that no language has:
/// of two neighbours in random base64, six in ten are of different sorts.
fn looks_random(run: &[u8]) -> bool {
    let digits = run.iter().filter(|b| b.is_ascii_digit()).count();
    if digits < 2 {
        return false;
    }
    if run.len() >= 32 && run.iter().all(u8::is_ascii_hexdigit) {
        return true;
    }
    let (mut pairs, mut changes) = (0, 0);
    for pair in run.windows(2) {
        if class(pair[0]) < 3 && class(pair[1]) < 3 {
            pairs += 1;
            changes += usize::from(class(pair[0]) != class(pair[1]));
        }
    }
    pairs >= OPAQUE_RUN / 2 && changes * 5 >= pairs * 2
}

fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// Appends the bytes as text: no control character reaches a terminal, and no
/// broken encoding a report.
fn push_printable(text: &mut String, bytes: &[u8]) {
    text.extend(String::from_utf8_lossy(bytes).chars().map(printable_char));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyKind, generate};

    #[test]
    fn masks_spans() {
        let line = b"  key = 'hunter2hunter2' # hunter2hunter2";
        let excerpt = Excerpt::new(line, &[9..23, 27..41], 9..23);
        assert_eq!(excerpt.text(), "key = '**************' # **************");
        assert_eq!(&excerpt.text()[excerpt.highlight()], "**************");
    }

    #[test]
    fn a_key_in_pieces_is_masked_beside_another() {
        let random = std::array::from_fn(|i| (i as u8).wrapping_mul(73).rotate_left(3));
        let key = generate(KeyKind::Master, &random);
        for cut in ["\u{200b}", " ", "<b>", "\\"] {
            let pieces = [&key[..14], &key[14..28], &key[28..42], &key[42..]].join(cut);
            let line = format!("hunter2hunter2 {pieces}");
            let excerpt = Excerpt::new(line.as_bytes(), &[], 0..14);
            let shown = |part: &[u8]| excerpt.text().contains(std::str::from_utf8(part).unwrap());
            assert!(!key.as_bytes().windows(8).any(shown), "{}", excerpt.text());
        }
    }

    #[test]
    fn crops_long_lines_around_the_key() {
        let line = [vec![b'x'; 5000], b"SECRET".to_vec(), vec![b'y'; 5000]].concat();
        let excerpt = Excerpt::new(&line, &[], 5000..5006);
        assert!(excerpt.text().chars().count() <= MAX_CHARS + 2);
        assert!(excerpt.text().starts_with('…') && excerpt.text().ends_with('…'));
        assert_eq!(&excerpt.text()[excerpt.highlight()], "******");
    }

    #[test]
    fn hides_other_secrets_and_control_characters() {
        let line = b"AccountKey=q7Zk2Lm9Xw4Rt8Bv1Nc6Jd3Hf5Gs0Pa== \x1b[31m";
        let excerpt = Excerpt::new(line, &[], 0..0);
        assert!(!excerpt.text().contains("q7Zk2Lm9"));
        assert!(!excerpt.text().contains('\x1b'));
    }

    #[test]
    fn hides_a_key_inside_of_a_longer_value() {
        let key = crate::key::generate(crate::key::KeyKind::System, &[7; 33]);
        let line = format!("call(0000000000{}0000000000)", key.replace('=', "%3D"));
        let excerpt = Excerpt::new(line.as_bytes(), &[], 0..0);
        assert!(!excerpt.text().contains(&key[..8]), "{}", excerpt.text());
    }

    #[test]
    fn leaves_ordinary_words() {
        let line =
            b"const visitorCounterEndpointConfiguration = HTTP_RESPONSE_INTERNAL_SERVER_ERROR";
        let excerpt = Excerpt::new(line, &[], 0..0);
        assert_eq!(excerpt.text().as_bytes(), line);
    }
}
