//! Places where a key stands, whatever its value looks like.

use std::ops::Range;

use super::examine::Surroundings;
use super::label::Value;
use super::passage::Passage;
use super::pattern::{has_any, patterns};
use super::place::{literal_after, may_be_literal};
use super::role::{Named, Position, named};
use super::url::Url;
use super::value::{Literal, is_placeholder, literal, looks_random};
use crate::fact::{Context, Service};
use crate::key::{KeyKind, unescape};

/// The shortest value that counts in a header or beside a name: any shorter one
/// is a test's.
const MIN_VALUE: usize = 8;

patterns! {
    VALUE_FIRST = r#"(?-u)(?:setValue|addValue)[(:]?\s*@?"(?P<value>[^"\n]{8,200})"\s*,?\s*forHTTPHeaderField:\s*@?"$"#;
    PAIR_VALUE = r#"(?-u)\\*["']?\b[Vv]alue\\*["']?\s*[:=]\s*\\*["'](?P<value>[^"'\\\n]{8,200})"#;
    FILLED_IN = r#"(?x-u)(?:[?&]|&amp;)code=(?:\{\w{0,20}\}|%s|%v)[^"'`\n]{0,200}["'`]\s*\)?\s*
        (?:-f|,|%|\.format(?:ted)?\()\s*\(?\s*["'`]$
      | ["'`][?&]?code=["'`]\s*[.+&]\s*["'`]$"#;
    FALLBACK = r#"(?x-u)^["'`]?\]?\)?\s*(?:=>|:|=|,)\s*(?:
        process\.env(?:\.\w+|\[["']\w+["']\])\s*(?:\|\||\?\?)\s*["'`](?P<script>[^"'`\s$]{8,200})["'`]
      | os\.(?:environ\.get|getenv)\(\s*["']\w+["']\s*,\s*["'](?P<python>[^"'\s]{8,200})["'])"#;
    AUTH_NAME = r#"(?-u)"key"\s*:\s*"key"\s*,\s*"value"\s*:\s*"$"#;
    AUTH_VALUE = r#"(?-u)"key"\s*:\s*"value"\s*,\s*"value"\s*:\s*"(?P<value>[^"\n]{8,200})""#;
    OTHER_PRODUCT = r"(?i-u)meili|litellm|parse[-_. ]?(?:server|dashboard)|\brails\b|algolia|typesense";
    HEADER = r"(?i-u)x[-_]?functions[-_]?key\b";
    APIM_HEADER = r"(?i-u)ocp[-_]?apim[-_]?subscription[-_]?key\b";
    APIM_QUERY = r"(?i-u)(?:[?&]|&amp;|\\u0026|%3F|%26)subscription-key(?:=|%3D)(?P<value>[A-Za-z0-9%+/=_-]+)";
    NAME = r"(?-u)[A-Za-z_.@][A-Za-z0-9_.@-]*(?:[mM]aster|MASTER)[A-Za-z0-9_-]*|\b(?:[mM]aster|MASTER)[A-Za-z0-9_.-]*|[Mm]aster [Kk]ey";
    SAYS_KEY = r"(?:^|[^a-z])(?i-u:func(?:tion)?s?)[\s_-]?(?i-u:app)?[\s_-]?(?:'s)?\s?(?i-u:host|api|access|default|auth)?[\s_-]?(?i-u:api|access)?[\s_-]?(?i-u:key|code)s?(?:$|[^a-z])|(?-u)[a-z]Function[A-Za-z]{0,12}(?:Key|Code)|(?i-u)x-functions-key|\b(?:host|master|system|default|access)[\s_-]keys?\b.{0,40}\bfunctions?\b";
    STATE = r#"(?-u)azurerm_function_app_host_keys|azurerm_(?:linux_|windows_)?function_app|listkeys|Microsoft\.Web/sites/(?:host|functions)"#;
}

/// A place of API Management.
pub(crate) fn apim(context: Context) -> Position {
    let mut position = Position::functions(KeyKind::Unknown, context).certain();
    position.service = Service::ApiManagement;
    position
}

/// Literals in `x-functions-key`, also through a constant of the same document.
pub(crate) fn headers(
    passage: &Passage<'_>,
    around: &Surroundings<'_>,
) -> Vec<(Range<usize>, Position)> {
    let text = passage.text;
    let mut found = Vec::new();
    for name in HEADER.find_iter(text) {
        let position = || {
            let mut position =
                Position::functions(KeyKind::Unknown, Context::Header).named(name.as_bytes());
            send_to(&mut position, passage.links.nearest(name.start()));
            position
        };
        if let Some(span) =
            before_name(text, name.start()).or_else(|| paired_before(text, &name.range()))
        {
            found.push((span, position().certain()));
            continue;
        }
        let elsewhere = fallback(text, name.end()).or_else(|| auth_value(text, &name.range()));
        if let Some(span) = elsewhere {
            found.push((span, position().certain()));
            continue;
        }
        let Some(value) = super::label::value_after(text, name.end()) else {
            continue;
        };
        let opened = name.start() > 0 && matches!(text[name.start() - 1], b'"' | b'\'' | b'`');
        let prose = value.spaced && opened && !(value.quoted_name && value.quoted);
        let cut = value.quoted_name && !opened && (value.spaced || value.listed);
        if prose || cut || is_list_of_headers(text, &name.range(), &value) {
            continue;
        }
        if let Some(constant) = constant(passage, &value, around) {
            found.push((constant, position().certain()));
            continue;
        }
        if !may_be_literal(text, &value, around) {
            continue;
        }
        let raw = unescape(&text[value.span.clone()]);
        let mut position = position();
        position.unmistakable = raw.trim_ascii().len() >= MIN_VALUE
            && !raw.contains(&b' ')
            && !(value.spaced && raw.contains(&b'='))
            && (value.quoted
                || value.element
                || is_header_line(text, &name.range(), around)
                || looks_random(&raw));
        found.push((value.span, position));
    }
    found
}

/// `process.env.KEY || "…"`: what is sent where nothing is set.
fn fallback(text: &[u8], name: usize) -> Option<Range<usize>> {
    let rest = &text[name..text.len().min(name + 400)];
    let found = FALLBACK.captures(rest)?;
    let value = found.name("script").or_else(|| found.name("python"))?;
    Some(name + value.start()..name + value.end())
}

/// `setValue("…", forHTTPHeaderField: "x-functions-key")`: the value comes first.
fn before_name(text: &[u8], name: usize) -> Option<Range<usize>> {
    let from = name.saturating_sub(300);
    let value = VALUE_FIRST.captures(&text[from..name])?.name("value")?;
    Some(from + value.start()..from + value.end())
}

/// `{"value": "…", "key": "x-functions-key"}`: a pair in the other order.
fn paired_before(text: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    let label = super::label::label_before(text, name.start)?;
    let label = text[label].to_ascii_lowercase();
    if !matches!(label.as_slice(), b"key" | b"name" | b"header") {
        return None;
    }
    // A pair in the usual order has its value behind the name.
    let behind = &text[name.end..text.len().min(name.end + 160)];
    let behind = &behind[..behind
        .iter()
        .position(|b| matches!(b, b'}' | b'{' | b'>'))
        .unwrap_or(behind.len())];
    if PAIR_VALUE.is_match(behind) {
        return None;
    }
    let from = name.start.saturating_sub(400);
    let before = &text[from..name.start];
    let opens = before
        .iter()
        .rposition(|b| matches!(b, b'{' | b'}' | b'<'))?;
    let value = PAIR_VALUE
        .captures_iter(&before[opens..])
        .last()?
        .name("value")?;
    Some(from + opens + value.start()..from + opens + value.end())
}

/// `[{"key": "value", "value": "…"}, {"key": "key", "value": "x-functions-key"}]`
/// in either order: what a Postman collection signs its requests with.
fn auth_value(text: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    let from = name.start.saturating_sub(400);
    if !AUTH_NAME.is_match(&text[from..name.start]) {
        return None;
    }
    let opens = memchr::memrchr(b'[', &text[from..name.start])?;
    let list = &text[from + opens..text.len().min(name.end + 400)];
    let list = &list[..memchr::memchr(b']', list)?];
    let value = AUTH_VALUE.captures(list)?.name("value")?;
    Some(from + opens + value.start()..from + opens + value.end())
}

/// `["x-functions-key", "content-type"]`: names of headers, no values.
fn is_list_of_headers(text: &[u8], name: &Range<usize>, value: &Value) -> bool {
    if !value.listed {
        return false;
    }
    let closes = text[value.span.end..]
        .iter()
        .find(|b| !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'`' | b'\\'));
    // `"name": "x-functions-key", "other": …`: the name of the next member.
    if closes == Some(&b':') {
        return true;
    }
    // What opens the list, and whether anything stands in it before the name.
    let before = &text[name.start.saturating_sub(400)..name.start];
    let opens = before
        .iter()
        .rposition(|b| matches!(b, b'(' | b'{' | b'[' | b')' | b'}' | b']'));
    let Some(opens) = opens else { return true };
    let first = !before[opens..].contains(&b',');
    let pair = match before[opens] {
        b'[' => first && closes == Some(&b']'),
        b'(' => true,
        _ => first,
    };
    // A word without quotes is the name of something.
    !pair || value.quoted && is_placeholder(&text[value.span.clone()])
}

/// Whether an unquoted name and value are a header as it is written on a
/// command line, in a request file or in settings.
fn is_header_line(text: &[u8], name: &Range<usize>, around: &Surroundings<'_>) -> bool {
    let start = memchr::memrchr(b'\n', &text[..name.start]).map_or(0, |at| at + 1);
    let before = text[start..name.start].trim_ascii();
    around.bare_literals || before.is_empty() || before.ends_with(b"\"") || before.ends_with(b"'")
}

/// The literal of the constant that stands in the place of a value.
fn constant(
    passage: &Passage<'_>,
    value: &Value,
    around: &Surroundings<'_>,
) -> Option<Range<usize>> {
    if value.quoted {
        return None;
    }
    let text = passage.text;
    let qualified = &text[value.span.clone()];
    let name = qualified
        .rsplit(|b| matches!(b, b'.' | b'$' | b':'))
        .next()?;
    let name = value.span.end - name.len()..value.span.end;
    passage.names.assigned(&name, |end| {
        let assigned = literal_after(text, end, around)?;
        let raw = &text[assigned.span.clone()];
        let counts = match literal(raw)? {
            Literal::Legacy | Literal::Guid => true,
            Literal::Chosen => looks_random(raw),
            Literal::Maimed => false,
        };
        (assigned.quoted && !assigned.listed && counts).then_some(assigned.span)
    })
}

/// What the URL beside a header says of the key that it sends.
pub(crate) fn send_to(position: &mut Position, url: Option<Url>) {
    if let Some(url) = url {
        position.kind = url.kind;
        position.host = url.host;
    }
}

/// Literals with the name of a master key, in documents about Azure Functions.
pub(crate) fn master_names(
    text: &[u8],
    around: &Surroundings<'_>,
) -> Vec<(Range<usize>, Position)> {
    let mut found = Vec::new();
    if !has_any(text, &["aster", "ASTER"]) {
        return found;
    }
    for name in NAME.find_iter(text) {
        if named(name.as_bytes()) != Some(Named::Master) {
            continue;
        }
        let Some(value) = literal_after(text, name.end(), around) else {
            continue;
        };
        let opened = name.start() > 0 && matches!(text[name.start() - 1], b'"' | b'\'' | b'`');
        if value.quoted_name && !opened && value.spaced {
            continue;
        }
        let raw = &text[value.span.clone()];
        let word = !value.quoted && !value.element && !looks_random(raw);
        let chosen_word = word && (value.spaced || !around.bare_literals);
        // The keys of Cosmos DB have 64 bytes, and its owner calls one that, too.
        let cosmos = raw.len() == 88 && raw.ends_with(b"==");
        if raw.len() < MIN_VALUE
            || cosmos
            || raw.starts_with(b"-")
            || raw.contains(&b' ')
            || value.listed
            || chosen_word
        {
            continue;
        }
        if !around.has_evidence() {
            return found;
        }
        // A product that has a master key of its own, beside a function app.
        let near = name.start().saturating_sub(200)..text.len().min(value.span.end + 200);
        if OTHER_PRODUCT.is_match(&text[near]) {
            continue;
        }
        let position = Position::functions(KeyKind::Master, Context::Setting)
            .named(name.as_bytes())
            .certain();
        found.push((value.span, position));
    }
    found
}

/// Literals in the header and in the query of API Management.
pub(crate) fn apim_literals(
    passage: &Passage<'_>,
    around: &Surroundings<'_>,
) -> Vec<(Range<usize>, Position)> {
    let text = passage.text;
    let mut found = Vec::new();
    for name in APIM_HEADER.find_iter(text) {
        let Some(value) = super::label::value_after(text, name.end()) else {
            continue;
        };
        if is_list_of_headers(text, &name.range(), &value) {
            continue;
        }
        let position = apim(Context::Header).named(name.as_bytes());
        if let Some(constant) = constant(passage, &value, around) {
            found.push((constant, position));
            continue;
        }
        let raw = &text[value.span.clone()];
        let long_enough = raw.len() >= 16 && !raw.contains(&b' ');
        if long_enough && may_be_literal(text, &value, around) {
            found.push((value.span, position));
        }
    }
    for query in APIM_QUERY.captures_iter(text) {
        let (Some(whole), Some(value)) = (query.get(0), query.name("value")) else {
            continue;
        };
        let url = passage.links.around(whole.start(), value.end());
        let host = url.host.as_deref().unwrap_or_default();
        if [".azure-api.net", ".azure-api.us", ".azure-api.cn"]
            .iter()
            .any(|suffix| host.ends_with(suffix))
        {
            let mut position = apim(Context::Url).named(b"subscription-key");
            position.host = url.host;
            found.push((value.range(), position));
        }
    }
    found
}

/// Whether the line says that a function's key stands there: a sentence, a
/// table, a comment, a default value.
pub(crate) fn line_says_key(text: &[u8], value: &Range<usize>) -> bool {
    let from = value.start.saturating_sub(200);
    let before = &text[from..value.start];
    let mut line = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at + 1..]);
    // The body of a getter.
    if line.trim_ascii_start().starts_with(b"return") {
        line = before;
    }
    let after = &text[value.end..text.len().min(value.end + 80)];
    let after = &after[..memchr::memchr(b'\n', after).unwrap_or(after.len())];
    SAYS_KEY.is_match(line) || SAYS_KEY.is_match(after)
}

/// Whether it is filled in for the `code` of a URL: `"…?code={0}" -f "…"`,
/// `"code=" + "…"`.
pub(crate) fn filled_in(text: &[u8], value: &Range<usize>) -> bool {
    let before = &text[value.start.saturating_sub(300)..value.start];
    FILLED_IN.is_match(before)
}

/// Whether the passage uses a name of it as the value of `x-functions-key` or
/// `code`.
pub(crate) fn used_as_key(passage: &Passage<'_>, name: &Range<usize>) -> bool {
    // `private const string ApiKey`, `@key`: the name is the word at its end.
    let text = &passage.text[name.clone()];
    let text = text.strip_suffix(b" As String").unwrap_or(text);
    let letters = text.iter().rev();
    let letters = letters.take_while(|b| b.is_ascii_alphanumeric() || **b == b'_');
    let end = name.start + text.len();
    let name = end - letters.count()..end;
    passage.names.used(&name, |at| {
        let before = &passage.text[at.saturating_sub(80)..at];
        let line = memchr::memrchr(b'\n', before).map_or(before, |cut| &before[cut + 1..]);
        USED.is_match(line)
    })
}

patterns! {
    USED = r#"(?i-u)(?:x-functions-key\\?["'`]?\]?\)?\s*(?:=>|:|=|,|to)\s*(?:["'`]\s*[.+&]\s*)?[^\s"']{0,24}|[?&]code=["'`]?\s*[+.&$]?\s*[#({%$]{0,3}[\w.]{0,20}|["']code["']\s*[:,]\s*[\w.]{0,16})$"#;
}

/// Whether a generic attribute of a state file belongs to the keys of a
/// function app.
pub(crate) fn state_attribute(text: &[u8], value: &Range<usize>, name: &[u8]) -> bool {
    let from = value.start.saturating_sub(2048);
    matches!(
        name,
        b"primary_key" | b"master_key" | b"default_function_key" | b"value"
    ) && STATE.is_match(&text[from..value.start])
}

/// What an attribute of Terraform's host keys opens.
pub(crate) fn state_kind(name: &[u8]) -> KeyKind {
    match name {
        b"primary_key" | b"master_key" => KeyKind::Master,
        b"default_function_key" => KeyKind::Function,
        _ => KeyKind::Unknown,
    }
}
