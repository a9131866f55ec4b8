//! From a name to its value, and from a value to its name.
//!
//! A key stands beside a name in a few dozen notations: JSON, YAML, an
//! environment file, a header on a command line, an XML attribute, a call, a
//! list of name-and-value pairs. No grammar covers documents in all languages,
//! fragments and logs included, so these are the notations themselves.

use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// How far a value may stand from its name.
const REACH: usize = 640;

/// A text in the position of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    /// Where it stands, without its quotes.
    pub span: Range<usize>,
    /// Whether it has quotes: without them it may just as well be the name of a
    /// variable.
    pub quoted: bool,
    /// Whether its name has quotes of its own.
    pub quoted_name: bool,
    /// Whether name and value are arguments, or members of a list.
    pub listed: bool,
    /// Whether it is the content of an element of XML.
    pub element: bool,
    /// Whether nothing but a space is between them.
    pub spaced: bool,
}

/// The value of a name that ends at `end`.
pub(crate) fn value_after(text: &[u8], end: usize) -> Option<Value> {
    let rest = &text[end..text.len().min(end + REACH)];
    let found = AFTER.captures(rest)?;
    let quoted_name = found.name("closes").is_some();
    let listed = found.name("listed").is_some();
    let element = found.name("element");
    // The edge of a diagram, `a -->|x-functions-key| b --> c`, is no element.
    if element.is_some_and(|tag| tag.as_bytes().ends_with(b"-->")) {
        return None;
    }
    let element = element.is_some();
    let spaced = found.name("spaced").is_some();
    let bracket = found.name("bracket").is_some();
    let at = end + found.get(0)?.end();
    let (quote, start) = opening_quote(text, at);
    let (span, quoted) = match quote {
        Some(quote) => (start..closing_quote(text, start, quote)?, true),
        None => (at..bare_end(text, at), false),
    };
    // An element of several words is prose.
    let behind = text[span.end..text.len().min(span.end + REACH)].trim_ascii_start();
    if element && !quoted && !(behind.is_empty() || matches!(behind[0], b'<' | b']' | b'&')) {
        return None;
    }
    // A bracket opens a list of strings, or else a reference: `{env.KEY}`.
    let reference = bracket && !quoted;
    (!span.is_empty() && !reference).then_some(Value {
        span,
        quoted,
        quoted_name,
        listed,
        element,
        spaced,
    })
}

/// What stands between a name and its value.
static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xs-u)
        ^(?P<closes>\\*["'`]|&quot;|&\#3[49];|%22)?
        [\])]{0,3}
        (?:
            # <add key="name" value="…">, <header name="name" value="…">
            \s+(?:[\w:.-]+\s*=\s*"[^"<>]*"\s+){0,4}[Vv]alue\s*=\s*
          |
            # <set-header name="name" …><value>…, <key>name</key><string>…, <string name="name">…, <name>…
            (?P<element>\s*[^<>"'=;{}\n]{0,60}(?:="[^"<>]*"[^<>"'=]{0,40}){0,3}(?:</[\w:.-]+)?>)\s*(?:<[\w:.-]+(?:\s[^<>]*)?>\s*)?(?:<!\[CDATA\[)?
          |
            # "name": "name", "type": "text", "value": "…" and the like in YAML, JavaScript, XML
            (?:\s*[:=]\s*\{)?\s*[,;]?\s*(?:\\*["']?\w+\\*["']?\s*[:=]\s*(?:\\*["'][^"'\\\n]*\\*["']|[\w.-]+)\s*[,;]?\s*){0,4}
            (?:-\s+)?\\*["'`]?(?:[\w-]+\.)?(?:[Vv]alue|VALUE|val|[Ss]ecret[Vv]alue|defaultValue|stringValue|[Tt]ext|data|content|raw)\\*["'`]?\s*(?::|=>|=|,)\s*
          |
            # with a type between: name: string = …
            \s*\??:\s*(?:const\s+)?&?(?:'static\s+)?(?:mut\s+)?(?:Final\[)?(?:[Ss]tring|str|text|Text|NSString|var|any|secure_?string|SecureString|Optional\[str\]|String\?)\]?\s*(?:\|\s*(?:null|undefined|None)\s*)?=\s*
          |
            (?P<listed>\s*,\s*|\s+to\s+)
          |
            \s*(?:\{\s*(?:get|set|init|private|protected|internal|;|\s)*\}\s*=|\[\s*\]\s*=|=>|:=|\?\?=|\|\|=|\?=|\+=|<-|={1,3}|!==?|->)\s*
          |
            \s*:\s*(?:[|>][-+0-9]{0,2}[\x20\t]*\r?\n\s*)?
          |
            # set NAME value; --name value; "name" value
            (?P<spaced>[\x20\t]+)
        )
        (?:
            \[\]string\s*\{\s* | new\s*(?:String|string)?\s*\[\s*\]\s*\{\s* | (?:List\.of|listOf|Arrays\.asList|array|String|NSString|SecureString|Some|Ok|std::string|HeaderValue::from_static|to_string|quote|escape)\(\s*
          | (?P<bracket>[\[{(]\s*)
          | -\s+
        )?
        (?:!!(?:str|binary)\s+)?
        "#,
    )
    .expect("a constant pattern, tested")
});

/// The name of the value that begins at `start`, its quotes and what else
/// stands between.
pub(crate) fn label_before(text: &[u8], start: usize) -> Option<Range<usize>> {
    let from = start.saturating_sub(REACH);
    let before = &text[from..start];
    for pattern in [&*BEFORE, &*BEFORE_XML] {
        if let Some(found) = pattern.captures(before) {
            let label = found.name("label")?;
            return Some(from + label.start()..from + label.end());
        }
    }
    None
}

static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xs-u)
        (?P<label>[A-Za-z_@.][\w.@-]{0,100}|[A-Za-z_][\w-]{0,40}(?:\x20[A-Za-z][\w-]{0,30}){1,3})
        (?:\\*["'`]|&quot;|&\#3[49];|%22)?
        (?:\x20?\([\w\x20-]{1,30}\))?
        [\])]{0,3}
        (?:
            \s*\??:\s*(?:const\s+)?&?(?:'static\s+)?(?:Final\[)?(?:[Ss]tring|str|Text|NSString|any|SecureString|secure_?string|Optional\[str\]|String\?)\]?\s*(?:\|\s*(?:null|undefined|None)\s*)?=
          | \s*(?:\{\s*(?:get|set|init|private|protected|internal|;|\s)*\}\s*=|\[\s*\]\s*=|\(\s*\)\s*=|=>|:=|\?\?=?|\|\|=?|\?=|\?:|\+=|<-|//=?|={1,3}|!==?|->|:-?|,|\||\sor\s|\sto\s|\sis)
          | \s*[({]
          | [\x20\t]
        )
        \s*(?:[|>][-+0-9]{0,2}[\x20\t]*\r?\n\s*)?
        (?:\[\]string\s*\{\s*|new\s*(?:String|string)?\s*\[\s*\]\s*\{\s*|(?:[A-Za-z_][\w.:]*)?\(\s*|[\[{(]\s*)?
        (?:!!(?:str|binary)\s+)?
        (?:[A-Za-z@$%]{0,2}(?:\\*["'`]|&quot;|&\#3[49];|%22|\[\[|[({<|])(?:["']{2})?\s*)?
        $"#,
    )
    .expect("a constant pattern, tested")
});

static BEFORE_XML: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s-u)<(?P<label>[A-Za-z][\w:.-]*)[^<>]*>\s*(?:<!\[CDATA\[)?$"#)
        .expect("a constant pattern, tested")
});

/// The name of the braces that a value stands in: `"functionKey": {"value": …}`.
pub(crate) fn parent_name(text: &[u8], value: usize) -> Option<Range<usize>> {
    let from = value.saturating_sub(REACH);
    let mut closed = 0;
    let opens = text[from..value].iter().rposition(|b| match b {
        b'}' => {
            closed += 1;
            false
        }
        b'{' if closed > 0 => {
            closed -= 1;
            false
        }
        b'{' => true,
        _ => false,
    })?;
    label_before(text, from + opens)
}

/// For a value whose own name only says `value`: the name in the same pair.
pub(crate) fn sibling_name(text: &[u8], value: &Range<usize>) -> Option<Range<usize>> {
    let from = value.start.saturating_sub(REACH);
    let before = &text[from..value.start];
    // The nearest name before the value in the same braces, element or item.
    let brace = before
        .iter()
        .rposition(|b| matches!(b, b'{' | b'}'))
        .map_or(0, |at| at + 1);
    // Inside of a tag, the tag: another's attributes are not this one's.
    let tag = before.iter().rposition(|b| matches!(b, b'<' | b'>'));
    let opens = match tag {
        Some(tag) if before[tag] == b'<' => brace.max(tag),
        _ => brace,
    };
    if let Some(found) = NAME.captures_iter(&before[opens..]).last() {
        let name = found.name("name")?;
        let base = from + opens;
        return Some(base + name.start()..base + name.end());
    }
    let rest = &text[value.end..text.len().min(value.end + REACH)];
    let closes = rest
        .iter()
        .position(|b| matches!(b, b'{' | b'}'))
        .unwrap_or(rest.len());
    let found = NAME.captures(&rest[..closes])?;
    let name = found.name("name")?;
    Some(value.end + name.start()..value.end + name.end())
}

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xs-u)
        (?:
            (?:^|[\s"'`\\{,\[<;(-])(?:[Nn]ame|NAME|[Kk]ey|[Hh]eader|[Ff]ield|[Vv]ariable|[Ii]d|secretName|headerName|forHTTPHeaderField)\\*["'`]?\s*(?::|=>|=)\s*[@]?\\*["'`]?
          | <key>\s* | <stringProp\x20name="(?:Header|Argument)\.name">\s* | <name>\s*
        )
        (?P<name>[A-Za-z_@.][\w.@-]{1,100})
        "#,
    )
    .expect("a constant pattern, tested")
});

/// The opening quote at `at`, after the letters that mark a kind of string,
/// and where the string itself begins.
fn opening_quote(text: &[u8], at: usize) -> (Option<&[u8]>, usize) {
    let rest = &text[at..];
    let marks = rest
        .iter()
        .take(2)
        .take_while(|b| {
            matches!(
                b,
                b'f' | b'F' | b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'L' | b'N' | b'@' | b'$'
            )
        })
        .count();
    for skip in [0, marks] {
        let rest = &rest[skip..];
        let slashes = rest.iter().take_while(|b| **b == b'\\').count();
        let triple = [&b"\"\"\""[..], b"'''"]
            .iter()
            .any(|quote| rest.starts_with(quote));
        if triple {
            let blank = rest[3..]
                .iter()
                .take_while(|b| b.is_ascii_whitespace())
                .count();
            return (Some(&rest[..1]), at + skip + 3 + blank);
        }
        let len = match rest.get(slashes) {
            Some(b'"' | b'\'' | b'`') => slashes + 1,
            _ if rest.starts_with(b"&quot;") => 6,
            _ if rest.starts_with(b"&#34;") || rest.starts_with(b"&#39;") => 5,
            _ if rest.starts_with(b"%22") => 3,
            _ => continue,
        };
        return (Some(&rest[..len]), at + skip + len);
    }
    (None, at)
}

/// Where the string that `quote` opened ends; none when its line does first.
fn closing_quote(text: &[u8], start: usize, quote: &[u8]) -> Option<usize> {
    // A block of lines in triple quotes: the value is the first line.
    let in_block = start > 3 && text[start - 1].is_ascii_whitespace();
    let line = &text[start..text.len().min(start + 4096)];
    let end = memchr::memchr(b'\n', line);
    let line = &line[..end.unwrap_or(line.len())];
    let whole = end.map(|_| start + line.trim_ascii_end().len());
    memchr::memmem::find(line, quote)
        .map(|len| start + len)
        .or(whole.filter(|_| in_block))
}

/// Where a value without quotes ends.
fn bare_end(text: &[u8], at: usize) -> usize {
    let len = text[at..]
        .iter()
        .take(512)
        .take_while(|b| {
            !b.is_ascii_whitespace()
                && !matches!(
                    b,
                    b'"' | b'\''
                        | b'`'
                        | b'<'
                        | b'>'
                        | b','
                        | b';'
                        | b'('
                        | b')'
                        | b'{'
                        | b'}'
                        | b'['
                        | b']'
                        | b'|'
                        | b'\\'
                        | 0
                )
        })
        .count();
    at + len
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_of<'t>(text: &'t str, name: &str) -> Option<&'t str> {
        let end = text.find(name).unwrap() + name.len();
        value_after(text.as_bytes(), end).map(|value| &text[value.span])
    }

    #[test]
    fn finds_the_value_of_a_header_in_every_notation() {
        for text in [
            "x-functions-key: V4LUE",
            "curl -H \"x-functions-key: V4LUE\" https://h",
            "{\"x-functions-key\": \"V4LUE\"}",
            "'x-functions-key' => 'V4LUE'",
            "@{ 'x-functions-key' = 'V4LUE' }",
            "headers[\"x-functions-key\"] = \"V4LUE\";",
            "request.Headers.Add(\"x-functions-key\", \"V4LUE\");",
            "{\\\"x-functions-key\\\":\\\"V4LUE\\\"}",
            "<set-header name=\"x-functions-key\" exists-action=\"override\">\n  <value>V4LUE</value>",
            "<add key=\"x-functions-key\" value=\"V4LUE\" />",
            "{\"key\": \"x-functions-key\", \"type\": \"text\", \"value\": \"V4LUE\"}",
            "- name: x-functions-key\n  value: V4LUE\n",
            "\"x-functions-key\" to \"V4LUE\"",
            "\"x-functions-key\": []string{\"V4LUE\"}",
            "<stringProp name=\"Header.name\">x-functions-key</stringProp>\n<stringProp name=\"Header.value\">V4LUE</stringProp>",
            "&quot;x-functions-key&quot;: &quot;V4LUE&quot;",
            "\"name\": \"x-functions-key\", \"value\": \"V4LUE\"",
            "x-functions-key=V4LUE",
            "\"x-functions-key\",\n    \"V4LUE\"",
            "<key>x-functions-key</key>\n  <string>V4LUE</string>",
        ] {
            assert_eq!(value_of(text, "x-functions-key"), Some("V4LUE"), "{text}");
        }
    }

    #[test]
    fn the_edge_of_a_diagram_is_no_element() {
        let edges = "  gateway --->|x-functions-key| function_support_pep --> function_support\n";
        assert_eq!(value_of(edges, "x-functions-key"), None);
    }

    fn label_of(text: &str) -> Option<&str> {
        let start = text.find("V4LUE").expect("a value");
        label_before(text.as_bytes(), start).map(|span| &text[span])
    }

    #[test]
    fn finds_the_name_of_a_value() {
        for (text, label) in [
            ("FUNCTION_KEY=V4LUE", "FUNCTION_KEY"),
            ("\"functionKey\": \"V4LUE\"", "functionKey"),
            ("const functionKey: string = 'V4LUE'", "functionKey"),
            (
                "private static final String FUNCTION_KEY = \"V4LUE\"",
                "FUNCTION_KEY",
            ),
            ("<FunctionKey>V4LUE</FunctionKey>", "FunctionKey"),
            ("$functionKey = \"V4LUE\"", "functionKey"),
            ("config['function_key'] = 'V4LUE'", "function_key"),
            ("ENV FUNCTION_KEY V4LUE", "ENV FUNCTION_KEY"),
            ("--function-key V4LUE", "function-key"),
        ] {
            let found = label_of(text).unwrap_or_default();
            assert!(found.ends_with(label), "{text}: {found}");
        }
    }

    #[test]
    fn finds_the_name_in_the_same_pair() {
        for text in [
            "{\"name\": \"FUNCTION_KEY\", \"value\": \"V4LUE\"}",
            "- name: FUNCTION_KEY\n  value: V4LUE",
            "<add key=\"FUNCTION_KEY\" value=\"V4LUE\" />",
            "{\"value\": \"V4LUE\", \"key\": \"FUNCTION_KEY\"}",
        ] {
            let start = text.find("V4LUE").unwrap();
            let name = sibling_name(text.as_bytes(), &(start..start + 5)).map(|span| &text[span]);
            assert_eq!(name, Some("FUNCTION_KEY"), "{text}");
        }
    }
}
