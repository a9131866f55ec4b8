//! Values that their format gives away.

use std::ops::Range;

use super::trigger::{Hint, Hit};
use crate::key::{
    Identified, find_identifiable, is_legacy, is_legacy_wrapped, next_char, prev_char, unescape,
    unwrap_at,
};
use crate::secret::Secret;

/// A value of the legacy shape.
pub(crate) struct Shape {
    /// Where it stands, in its spelling.
    pub span: Range<usize>,
    /// Its canonical text.
    pub secret: Secret,
}

/// The identifiable keys of the text, those under a second layer of base64
/// included. What touches them (`${KEY:-…}`, `-p…`, the length of a string in a
/// binary) is of no matter where the checksum says that it is a key.
pub(crate) fn identifiable(text: &[u8], hits: &[Hit]) -> Vec<Identified> {
    let mut found: Vec<Identified> = Vec::new();
    if hits.iter().any(|hit| hit.hint == Hint::Signature) {
        found.extend(find_identifiable(text).filter(|key| key.bounded || key.kind.is_some()));
    }
    for hit in hits {
        if let Hint::Wrapped(lead) = hit.hint {
            found.extend(unwrap_at(text, hit.at, lead));
        }
    }
    found
}

/// Every value of the legacy shape that stands alone, in any spelling, also
/// under a second layer of base64.
pub(crate) fn legacy(text: &[u8]) -> Vec<Shape> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr3(b'=', b'%', b'\\', text.get(at..).unwrap_or_default()) {
        let padding = at + next;
        at = padding + 1;
        if let Some(shape) = padded(text, padding) {
            at = shape.span.end;
            found.push(shape);
        } else if text[..at].ends_with(b"PT0=") {
            // A layer of base64 around 56 characters.
            found.extend(wrapped(text, at, 76));
        }
    }
    // The paddings of HTML: rare, so a search of their own is cheaper than one
    // for four bytes.
    let entities = memchr::memchr_iter(b'&', text);
    found.extend(entities.filter_map(|padding| padded(text, padding)));
    for (end, length) in [("PT0K", 76), ("PT0NCg==", 80)] {
        let ends = memchr::memmem::find_iter(text, end);
        found.extend(ends.filter_map(|at| wrapped(text, at + end.len(), length)));
    }
    found
}

/// The value that the padding at a place ends, if it has the legacy shape.
fn padded(text: &[u8], padding: usize) -> Option<Shape> {
    let (b'=', first) = next_char(text, padding)? else {
        return None;
    };
    let (b'=', second) = next_char(text, padding + first)? else {
        return None;
    };
    let end = padding + first + second;
    let start = body_start(text, padding)?;
    let canonical = unescape(&text[start..end]);
    is_legacy(&canonical).then(|| Shape {
        span: start..end,
        secret: Secret::new(canonical.to_vec()),
    })
}

/// Where the 54 characters before the padding begin, if nothing else of the
/// alphabet touches them: the tail of a longer value has the same shape.
fn body_start(text: &[u8], padding: usize) -> Option<usize> {
    let mut start = padding;
    for _ in 0..54 {
        let (byte, len) = prev_char(text, start)?;
        if !(byte.is_ascii_alphanumeric() || byte == b'/') {
            return None;
        }
        start -= len;
    }
    match prev_char(text, start) {
        Some((byte, 1))
            if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+' | b'-' | b'_') =>
        {
            // The letter of an escape: `\n` before the key.
            let escape = matches!(byte, b'n' | b't' | b'r') && text[..start - 1].ends_with(b"\\");
            let colour = byte == b'm' && text[start.saturating_sub(8)..start].contains(&b'[');
            let default = byte == b'-' && opens_default(&text[..start - 1]);
            (escape || colour || default).then_some(start)
        }
        _ => Some(start),
    }
}

/// Whether a `-` behind this text begins a default: `${KEY-` and `${KEY:-`.
fn opens_default(before: &[u8]) -> bool {
    let before = before.strip_suffix(b":").unwrap_or(before);
    let name = before
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
        .count();
    name > 0 && before[..before.len() - name].ends_with(b"${")
}

fn wrapped(text: &[u8], end: usize, length: usize) -> Option<Shape> {
    let start = end.checked_sub(length)?;
    let value = &text[start..end];
    let alone = start == 0
        || !(text[start - 1].is_ascii_alphanumeric() || matches!(text[start - 1], b'+' | b'/'));
    let inner = is_legacy_wrapped(value).filter(|_| alone)?;
    Some(Shape {
        span: start..end,
        secret: Secret::new(inner.to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    fn key() -> String {
        BASE64_STANDARD
            .encode((0..40).map(|i| (i * 37 + 11) as u8).collect::<Vec<_>>())
            .replace('+', "a")
    }

    #[test]
    fn finds_the_legacy_shape_in_its_spellings() {
        let key = key();
        let encoded = key.replace('/', "%2F").replace('=', "%3D");
        let json = key.replace('=', "\\u003d").replace('/', "\\/");
        let base64 = BASE64_STANDARD.encode(&key);
        for text in [
            format!("code={key}&x"),
            format!("code={encoded}&x"),
            format!("code={json}\""),
            format!(": {base64}\n"),
            format!("\\n{key}"),
            format!("\x1b[32m{key}\x1b[0m"),
        ] {
            let found = legacy(text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].secret.expose(), key.as_bytes());
        }
    }

    #[test]
    fn refuses_the_tail_of_a_longer_value() {
        let longer = format!("Zk{}", key());
        assert!(legacy(longer.as_bytes()).is_empty());
    }
}
