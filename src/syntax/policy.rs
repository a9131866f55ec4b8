//! Policies of API Management: XML whose values may be expressions of C#.
//!
//! An expression need not be XML: it may have the quotes of the attribute that
//! it stands in, and `<` and `&&`. API Management takes that, a parser of XML
//! does not. So expressions are masked first, byte by byte, and every place in
//! the tree is a place in the text.

use roxmltree::{Document, Error, ParsingOptions};

use super::SyntaxError;

/// Nodes of a document: a policy has hundreds.
const NODES: u32 = 200_000;

/// The text with a filler in place of expressions, and of the same length.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'@', &out[at..]).map(|found| at + found) {
        at = open + 1;
        let begins = open.checked_sub(1).is_some_and(|before| {
            matches!(out[before], b'"' | b'\'' | b'>' | b' ' | b'\n' | b'\t')
        });
        let Some(closing) = out.get(at).and_then(|c| closing(*c)).filter(|_| begins) else {
            continue;
        };
        // One that does not end is for the parser to stumble over.
        let Some(end) = end(&out, at, closing) else {
            break;
        };
        for byte in &mut out[open..end] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b'_';
            }
        }
        at = end;
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// The tree of a masked policy.
///
/// # Errors
/// When it is no XML, has a DTD, or has far more nodes than any policy.
pub fn parse(masked: &str) -> Result<Document<'_>, SyntaxError> {
    let options = ParsingOptions {
        nodes_limit: NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(masked, options).map_err(|error| {
        let place = error.pos();
        let line = masked
            .split_inclusive('\n')
            .take((place.row as usize).saturating_sub(1));
        let start: usize = line.map(str::len).sum();
        let column = masked[start..]
            .chars()
            .take((place.col as usize).saturating_sub(1));
        SyntaxError {
            at: start + column.map(char::len_utf8).sum::<usize>(),
            problem: problem(&error).to_owned(),
        }
    })
}

/// What the parser says, without the names that it says it of.
fn problem(error: &Error) -> &'static str {
    match error {
        Error::UnexpectedCloseTag(..) => "an end tag closes another element",
        Error::UnclosedRootNode => "an element has no end tag",
        Error::DuplicatedAttribute(..) => "an attribute is there twice",
        Error::UnknownNamespace(..) => "a prefix has no namespace",
        Error::DtdDetected => "it has a document type",
        Error::NodesLimitReached => "it has too many elements",
        _ => "it is not well-formed XML",
    }
}

fn closing(open: u8) -> Option<u8> {
    match open {
        b'(' => Some(b')'),
        b'{' => Some(b'}'),
        _ => None,
    }
}

/// Past the bracket that closes the one at a place: those in strings,
/// characters and comments of C# do not count.
fn end(text: &[u8], open: usize, closing: u8) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = open;
    loop {
        let rest = text.get(at..)?;
        at += match rest.first()? {
            b'"' if text[..at].ends_with(b"@") || text[..at].ends_with(b"@$") => {
                1 + string(&rest[1..], b"\"", false)?
            }
            b'"' => 1 + string(&rest[1..], b"\"", true)?,
            b'&' if rest.starts_with(b"&quot;") => 6 + string(&rest[6..], b"&quot;", true)?,
            b'\'' => match rest {
                [_, b'\\', _, b'\'', ..] => 4,
                [_, _, b'\'', ..] => 3,
                _ => 1,
            },
            b'/' if rest.starts_with(b"//") => memchr::memchr(b'\n', rest)?,
            b'/' if rest.starts_with(b"/*") => memchr::memmem::find(rest, b"*/")? + 2,
            byte if *byte == text[open] => {
                depth += 1;
                1
            }
            byte if *byte == closing => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
                1
            }
            _ => 1,
        };
    }
}

/// The bytes up to past the quote that ends a string.
fn string(text: &[u8], quote: &[u8], escapes: bool) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        if escapes && rest[0] == b'\\' {
            at += 2;
        } else if rest.starts_with(quote) {
            at += quote.len();
            // In a verbatim string a quote is written twice.
            if escapes || !text[at..].starts_with(quote) {
                return Some(at);
            }
            at += quote.len();
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_masked_in_place() {
        for expression in [
            r#"@(context.Variables["a"])"#,
            r#"@((string)context.Variables.GetValueOrDefault("a)", "b"))"#,
            r#"@($"https://{context.Variables["h"]}/x?code={(string)context.Variables["k"]}")"#,
            "@{ if (1 < 2 && a.b('}')) { return \"}\"; } // }\n /* } */ return @\"\\\"; }",
            "@(a(&quot;)&quot;))",
            "@(\"ü\")",
        ] {
            let text = format!("<a b=\"{expression}\"><c>{expression}</c></a>");
            let masked = masked(&text);
            assert_eq!(masked.len(), text.len());
            let document = parse(&masked).expect(expression);
            let root = document.root_element();
            let span = root.attributes().next().unwrap().range_value();
            assert_eq!(&text[span], expression);
        }
        let text = "<a b=\"x@(y\">me@y.z @ (</a>";
        assert_eq!(masked(text), text);
    }

    #[test]
    fn says_where_it_is_broken_and_not_what_it_says() {
        for (text, at) in [
            ("<a>\n  <secret></b>\n</a>", 14),
            ("<a b=\"@(x\"y</a>", 11),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", 0),
        ] {
            let masked = masked(text);
            let error = parse(&masked).unwrap_err();
            assert!(error.at.abs_diff(at) < 8, "{text}: {error:?}");
            assert!(!error.problem.contains("secret"));
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for piece in [
            "<a>",
            "<a b=\"@(",
            "@(",
            " @(\"",
            "<a b=' @{ ",
            "&amp;",
            "((((",
        ] {
            let text = piece.repeat(400_000 / piece.len());
            let _ = parse(&masked(&text));
        }
    }
}
