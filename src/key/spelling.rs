//! One character of a value, however it is escaped.
//!
//! A key that passes through a URL, a JSON string or an HTML page has `=`, `+`
//! and `/` written in other ways. Reading works in both directions, since a key
//! is found by its signature in the middle.

use zeroize::Zeroizing;

/// Bytes of the longest spelling: `&#x0003D;`, `&equals;` and the like.
const LONGEST: usize = 9;

/// The character that begins at `at`, and how many bytes its spelling takes.
///
/// Knows `%3D` (also doubly, `%253D`), `\u003d`, `\x3d`, `\/`, `\"`, `&#61;`,
/// `&#x3D;` and the named references of the characters that a key or a query
/// has.
#[must_use]
pub fn next_char(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let rest = text.get(at..)?;
    let first = *rest.first()?;
    let escaped = match first {
        b'%' => percent(rest),
        b'\\' => backslash(rest),
        b'&' => entity(rest),
        _ => None,
    };
    Some(escaped.unwrap_or((first, 1)))
}

/// The character that ends just before `end`, and how many bytes it takes.
#[must_use]
pub fn prev_char(text: &[u8], end: usize) -> Option<(u8, usize)> {
    let last = *text.get(end.checked_sub(1)?)?;
    // Every escape ends in one of these, and is found by a short look back.
    if last.is_ascii_hexdigit() || matches!(last, b';' | b'/' | b'"' | b'=' | b'+' | b'_' | b'-') {
        for len in 2..=LONGEST.min(end) {
            let from = end - len;
            if matches!(text[from], b'%' | b'\\' | b'&')
                && let Some((value, taken)) = next_char(text, from)
                && taken == len
            {
                return Some((value, len));
            }
        }
    }
    Some((last, 1))
}

/// The value with every escape resolved.
#[must_use]
pub fn unescape(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(value.len()));
    let mut at = 0;
    while let Some((byte, len)) = next_char(value, at) {
        out.push(byte);
        at += len;
    }
    out
}

fn percent(rest: &[u8]) -> Option<(u8, usize)> {
    match rest {
        [b'%', b'2', b'5', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
            Some((hex(&rest[3..5])?, 5))
        }
        [b'%', _, _, ..] => Some((hex(&rest[1..3])?, 3)),
        _ => None,
    }
}

fn backslash(rest: &[u8]) -> Option<(u8, usize)> {
    match rest {
        [_, b'u', b'0', b'0', _, _, ..] => Some((hex(&rest[4..6])?, 6)),
        [_, b'x', _, _, ..] => Some((hex(&rest[2..4])?, 4)),
        [_, c @ (b'/' | b'"' | b'=' | b'+' | b'_' | b'-'), ..] => Some((*c, 2)),
        _ => None,
    }
}

fn entity(rest: &[u8]) -> Option<(u8, usize)> {
    let end = rest.iter().take(LONGEST).position(|&b| b == b';')?;
    let value = match &rest[1..end] {
        b"amp" => b'&',
        b"quot" => b'"',
        b"apos" => b'\'',
        b"equals" => b'=',
        b"plus" => b'+',
        b"sol" => b'/',
        b"lt" => b'<',
        b"gt" => b'>',
        [b'#', b'x' | b'X', digits @ ..] => radix(digits, 16)?,
        [b'#', digits @ ..] => radix(digits, 10)?,
        _ => return None,
    };
    Some((value, end + 1))
}

fn hex(digits: &[u8]) -> Option<u8> {
    radix(digits, 16)
}

fn radix(digits: &[u8], radix: u32) -> Option<u8> {
    if !digits.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()?;
    byte.is_ascii().then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_in_both_directions() {
        for spelling in [
            "=",
            "%3D",
            "%3d",
            "%253D",
            "\\u003d",
            "\\u003D",
            "\\x3d",
            "&#61;",
            "&#x3D;",
            "&equals;",
            "\\=",
            "&#x0003D;",
        ] {
            let text = format!("a{spelling}b");
            assert_eq!(next_char(text.as_bytes(), 1), Some((b'=', spelling.len())));
            let end = 1 + spelling.len();
            assert_eq!(
                prev_char(text.as_bytes(), end),
                Some((b'=', spelling.len())),
                "{text}"
            );
        }
    }

    #[test]
    fn leaves_what_is_no_escape() {
        for text in ["%zz", "%3", "\\u12", "&foo;", "&", "%", "\\", "%+3", "%FF"] {
            assert_eq!(
                next_char(text.as_bytes(), 0),
                Some((text.as_bytes()[0], 1)),
                "{text}"
            );
        }
        assert_eq!(next_char(b"", 0), None);
        assert_eq!(prev_char(b"", 0), None);
    }

    #[test]
    fn unescapes_a_query() {
        assert_eq!(*unescape(b"a%2Fb\\/c&amp;d%3D%3D"), b"a/b/c&d==".to_vec());
    }
}
