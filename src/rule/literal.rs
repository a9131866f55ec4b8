//! From a place in a string's value to the place in the TOML that wrote it.

use std::ops::Range;

/// The span in the document of `part`, a span of the string's value.
///
/// `literal` is the string as written, quotes included, and begins at `at`. All
/// four forms of TOML strings are followed through their escapes. When the two
/// do not fit together, the answer is the whole literal: a caret that is too
/// wide beats one in the wrong place.
pub(crate) fn span_in_document(
    literal: &str,
    at: usize,
    value: &str,
    part: &Range<usize>,
) -> Range<usize> {
    let whole = at..at + literal.len();
    let Some(map) = offsets(literal, value) else {
        return whole;
    };
    match (map.get(part.start), map.get(part.end)) {
        (Some(start), Some(end)) if start <= end => at + start..at + end,
        _ => whole,
    }
}

/// For each byte of the value, and its end, where it is written in the literal.
fn offsets(literal: &str, value: &str) -> Option<Vec<usize>> {
    let (quote, escapes) = ["'''", "\"\"\"", "'", "\""]
        .into_iter()
        .find(|quote| literal.starts_with(quote))
        .map(|quote| (quote, quote.starts_with('"')))?;
    let end = literal.len().checked_sub(quote.len())?;
    let mut at = quote.len();
    if quote.len() == 3 {
        // The newline after the opening quotes is not part of the value.
        at += newline(&literal[at..]);
    }
    let mut map = Vec::with_capacity(value.len() + 1);
    for c in value.chars() {
        if escapes && quote.len() == 3 {
            at = skip_folds(literal, at);
        }
        map.extend(std::iter::repeat_n(at, c.len_utf8()));
        let rest = literal.get(at..end)?;
        at += match rest.strip_prefix('\\') {
            Some(escape) if escapes => escape_len(escape, c)?,
            _ if rest.starts_with(c) => c.len_utf8(),
            _ => return None,
        };
    }
    if escapes && quote.len() == 3 {
        at = skip_folds(literal, at);
    }
    map.push(at);
    (at == end).then_some(map)
}

/// Past every backslash that ends a line, with the blanks that it swallows.
fn skip_folds(literal: &str, mut at: usize) -> usize {
    while let Some(rest) = literal[at..].strip_prefix('\\') {
        let blanks = rest.len() - rest.trim_start().len();
        if !rest[..blanks].contains('\n') {
            break;
        }
        at += 1 + blanks;
    }
    at
}

/// The length of an escape, backslash included, if it stands for `c`.
fn escape_len(escape: &str, c: char) -> Option<usize> {
    let digits = match escape.chars().next()? {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        'b' => return (c == '\u{8}').then_some(2),
        't' => return (c == '\t').then_some(2),
        'n' => return (c == '\n').then_some(2),
        'f' => return (c == '\u{c}').then_some(2),
        'r' => return (c == '\r').then_some(2),
        'e' => return (c == '\u{1b}').then_some(2),
        quoted => return (c == quoted).then_some(2),
    };
    let code = u32::from_str_radix(escape.get(1..=digits)?, 16).ok()?;
    (char::from_u32(code) == Some(c)).then_some(digits + 2)
}

fn newline(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::Spanned;

    #[derive(serde::Deserialize)]
    struct Document {
        key: Spanned<String>,
    }

    /// What the span of the word `here` covers in the document.
    fn covered(document: &str) -> String {
        let parsed: Document = toml::from_str(document).unwrap();
        let value = parsed.key.get_ref();
        let start = value.find("here").unwrap();
        let span = parsed.key.span();
        let literal = &document[span.clone()];
        let found = span_in_document(literal, span.start, value, &(start..start + 4));
        document[found].to_owned()
    }

    #[test]
    fn follows_every_form_of_string() {
        for document in [
            "key = 'one here two'",
            "key = \"one here two\"",
            "key = \"\\t\\u00e9 \\\"here\\\" \\\\\"",
            "a = 1\nkey = '''\nfirst\n  here && x\n'''",
            "a = 1\r\nkey = '''\r\nfirst\r\n  here && x\r\n'''",
            "key = '''here'''",
            "key = \"\"\"\n  é \\\n    here \\\n\n  \"\"\"",
            "key = \"\"\"a\"\"here\"\"\"\"\"",
        ] {
            assert_eq!(covered(document), "here", "{document}");
        }
        assert_eq!(covered("key = \"h\\u0065re\""), "h\\u0065re");
    }

    #[test]
    fn falls_back_to_the_whole() {
        assert_eq!(span_in_document("'abc'", 3, "xyz", &(0..1)), 3..8);
        assert_eq!(span_in_document("'abc'", 3, "abc", &(0..9)), 3..8);
        assert_eq!(span_in_document("", 0, "abc", &(0..1)), 0..0);
    }
}
