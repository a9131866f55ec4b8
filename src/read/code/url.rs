//! Code that sends a key it was given as `?code=`.
//!
//! Plenty of other things are called `code` in a URL. A value counts as a key of
//! Azure Functions by its name, `functionKey` and the like; one that is a key of
//! something only where the URL or the file is about Azure Functions.

mod format;
mod query;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::token::{Kind, Source};
use format::{format_arguments, formatted_later};
use query::{is_body, is_query, is_sent_by_name};

/// A place where a key is put into a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// What holds the key, as it is written.
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
}

/// Tokens that tell what a value is.
const VALUE: usize = 24;

/// Uses of a name that are looked at.
const USES: usize = 64;

/// Tokens around a value that are looked through for the object or the command
/// that it is part of.
const REACH: usize = 200;

pub(super) fn read(source: &Source<'_>, reading: &mut Reading) {
    if !source.text.contains("code") {
        return;
    }
    let about = LazyLock::new(|| is_about_functions(source.text));
    for at in 0..source.tokens.len() {
        let found = match &source.tokens[at].kind {
            Kind::Text { inner, holes } => in_string(source, at, inner, holes)
                .or_else(|| in_hole(source, at, holes))
                .or_else(|| as_parameter(source, at, &source.text[inner.clone()])),
            Kind::Word if source.is_word(at, "code") => {
                as_property(source, at).or_else(|| as_entry(source, at))
            }
            _ => None,
        };
        let Some(Sending { span, value, url }) = found else {
            continue;
        };
        let is_key = |value: &str| is_function_key(value, &url, || *about);
        let names_it = |value: &str| Evidence::of(value) == Evidence::FunctionKey && is_key(value);
        if is_key(&value) || configured(source, at, value.trim()).is_some_and(names_it) {
            let name = value.trim().to_owned();
            reading.url_keys.push(Sent { name, span });
        }
    }
}

/// Whether a file is about Azure Functions.
pub(super) fn is_about_functions(text: &str) -> bool {
    ABOUT_FUNCTIONS.is_match(text)
}

/// Whether a value that is sent as `code` is a key of Azure Functions, by its
/// name and by the URL around it, in a file that may be `about` them.
pub(super) fn is_function_key(value: &str, url: &str, about: impl FnOnce() -> bool) -> bool {
    let names_it = match Evidence::of(value) {
        Evidence::FunctionKey => true,
        _ if OTHER_SUBJECTS.is_match(url) => return false,
        Evidence::Key => URL_OF_FUNCTIONS.is_match(url) || about(),
        Evidence::None => url.contains(".azurewebsites.") && !url.contains("redirect"),
    };
    names_it && !OTHER_CODES.is_match(url) && !OTHER_VALUES.is_match(value)
}

/// What was last assigned to a name before it is used, where that is a setting:
/// `string code = ConfigurationManager.AppSettings["OrdersFunctionKey"]`.
fn configured<'t>(source: &Source<'t>, used: usize, name: &str) -> Option<&'t str> {
    let is_assigned = |at: &usize| *at < used && source.is_punct(at + 1, b'=');
    let is_comparison = |at: &usize| source.is_punct(at + 2, b'=') || source.is_punct(at + 2, b'>');
    let names = source.words(name).take(USES).filter(is_assigned);
    let last = names.filter(|at| !is_comparison(at)).last()?;
    Some(line_from(source, last + 2)).filter(|value| SETTING.is_match(value))
}

/// A value that is sent as `code`.
struct Sending {
    span: Range<usize>,
    /// The expression.
    value: String,
    /// What stands around it of the URL.
    url: String,
}

/// `"…?code=" + key`, `$"…?code={key}"`, `"…?code=%s" % key`, and the same as the
/// query alone: `builder.Query = $"code={key}"`.
fn in_string(
    source: &Source<'_>,
    at: usize,
    inner: &Range<usize>,
    holes: &[Range<usize>],
) -> Option<Sending> {
    let text = &source.text[inner.clone()];
    let found = PARAMETER.captures(text)?.name("code")?;
    let before = || &source.text[statement_start(source, at)..source.tokens[at].span.start];
    if found.start() == 0 && !IS_QUERY.is_match(before()) {
        return None;
    }
    let start = inner.start + found.start();
    let after = inner.start + found.end();
    let url = || {
        let before = statement_start(source, at);
        source.text[before..inner.end].to_owned()
    };
    let hole = holes
        .iter()
        .find(|hole| hole.start > after && hole.start - after <= 3);
    if let Some(hole) = hole {
        return Some(Sending {
            span: start..closed(source.text, hole.end),
            value: source.text[hole.clone()].to_owned(),
            url: url(),
        });
    }
    let rest = &source.text[after..inner.end];
    // What follows in another string is put together with `+`, `<>` or a comma.
    if rest.is_empty() {
        if source.is_punct(at + 1, b'.') && source.is_word(at + 2, "concat") {
            let value = operand(source, at + 4);
            let span = start..after;
            return Some(Sending {
                span,
                value,
                url: url(),
            });
        }
        let joined = source.is_punct(at + 1, b'+')
            || source.is_punct(at + 1, b',')
            || source.is_punct(at + 1, b')') && source.is_punct(at + 2, b'.');
        let value = joined.then(|| operand(source, at + 2))?;
        return Some(Sending {
            span: start..after,
            value,
            url: url(),
        });
    }
    let placeholder = PLACEHOLDER.find(rest)?;
    let here = start..after + placeholder.end();
    let (span, value) = match format_arguments(source, at, text, found.end()) {
        Some(value) => (here, value),
        None => formatted_later(source, at, text, found.end())?,
    };
    Some(Sending {
        span,
        value,
        url: url(),
    })
}

/// The name that is given the value which begins with a token.
fn assigned_name<'t>(source: &Source<'t>, at: usize) -> Option<&'t str> {
    let sign = at.checked_sub(1)?;
    let is_assigned = source.is_punct(sign, b'=');
    is_assigned.then(|| source.word(sign.checked_sub(1)?))?
}

/// `` `…?${qs.stringify({ code: key })}` ``: a query that is put into a string.
fn in_hole(source: &Source<'_>, at: usize, holes: &[Range<usize>]) -> Option<Sending> {
    holes.iter().find_map(|hole| {
        let before = source.text[..hole.start].trim_end_matches(['$', '{']);
        let found = IN_HOLE.captures(&source.text[hole.clone()])?;
        if !before.ends_with(['?', '&']) {
            return None;
        }
        let (code, value) = (found.name("code")?, found.name("value")?);
        Some(Sending {
            span: hole.start + code.start()..hole.start + code.end(),
            value: value.as_str().to_owned(),
            url: source.text[source.tokens[at].span.clone()].to_owned(),
        })
    })
}

/// Past the bracket that closes here, if one does.
fn closed(text: &str, end: usize) -> usize {
    let closes = matches!(text.as_bytes().get(end), Some(b'}' | b')'));
    end + usize::from(closes)
}

/// The operand of a concatenation, up to the next operator.
fn operand(source: &Source<'_>, start: usize) -> String {
    let mut end = start;
    while end < source.tokens.len() && end < start + VALUE {
        let ends = [b'+', b',', b';', b')', b'}', b']']
            .iter()
            .any(|sign| source.is_punct(end, *sign));
        let text = matches!(source.tokens[end].kind, Kind::Text { .. });
        if ends || end > start && (text || begins_line(source, end)) {
            break;
        }
        end = source.close_of(end).unwrap_or(end) + 1;
    }
    let span = source.span(&(start..end.min(source.tokens.len())));
    source.text[span].to_owned()
}

/// Whether a token is the first of a line that does not go on with a member.
fn begins_line(source: &Source<'_>, at: usize) -> bool {
    let gap = source.tokens[at - 1].span.end..source.tokens[at].span.start;
    let goes_on = source.is_punct(at, b'.') || source.is_punct(at - 1, b'.');
    source.text[gap].contains('\n') && !goes_on
}

/// `params.append("code", key)`, `query["code"] = key`, `{"code": key}`.
fn as_parameter(source: &Source<'_>, at: usize, text: &str) -> Option<Sending> {
    if text != "code" {
        return None;
    }
    let before = at.checked_sub(1)?;
    let in_brackets = source.is_punct(before, b'[') && source.is_punct(at + 1, b']');
    if !in_brackets && source.is_punct(at + 1, b'=') {
        return as_entry(source, at);
    }
    let value = if in_brackets && source.is_punct(at + 2, b'=') && !source.is_punct(at + 3, b'=') {
        at + 3
    } else if source.is_punct(at + 1, b',') || source.is_punct(at + 1, b':') {
        at + 2
    } else {
        return None;
    };
    let start = statement_start(source, at);
    let around = &source.text[start..source.tokens[at].span.start];
    let entry = if in_brackets { before } else { at };
    let is_query = QUERY.is_match(around) || is_sent_by_name(source, entry);
    is_query.then(|| Sending {
        span: source.tokens[at].span.clone(),
        value: operand(source, value),
        url: around.to_owned(),
    })
}

/// `$query = @{ code = $key }` of PowerShell, where it is the query of a call.
fn as_entry(source: &Source<'_>, at: usize) -> Option<Sending> {
    let open = enclosing(source, at)?;
    let is_table = source.is_punct(open, b'{') && source.is_punct(open.checked_sub(1)?, b'@');
    if !is_table || !source.is_punct(at + 1, b'=') {
        return None;
    }
    let is_sent = is_body(source, open - 1)
        || assigned_name(source, open - 1).is_some_and(|name| is_query(source, name));
    is_sent.then(|| Sending {
        span: source.tokens[at].span.clone(),
        value: line_from(source, at + 2).to_owned(),
        url: String::new(),
    })
}

/// The rest of the line from a token on, up to a semicolon or a brace.
fn line_from<'t>(source: &Source<'t>, at: usize) -> &'t str {
    let start = source.tokens.get(at).map_or(0, |token| token.span.start);
    let rest = &source.text[start..];
    let end = rest.find(['\n', ';', '}']).unwrap_or(rest.len());
    &rest[..end]
}

/// The nearest bracket that is open where a token stands.
fn enclosing(source: &Source<'_>, at: usize) -> Option<usize> {
    let from = at.saturating_sub(REACH);
    let is_around = |open: &usize| source.close_of(*open).is_some_and(|close| close > at);
    (from..at).rev().find(is_around)
}

/// `params: { code: key }`, `params=dict(code=key)`
fn as_property(source: &Source<'_>, at: usize) -> Option<Sending> {
    let before = at.checked_sub(1)?;
    let follows = |sign| source.is_punct(at + 1, sign) && !source.is_punct(at + 2, sign);
    let opens = |sign| source.is_punct(before, sign) || source.is_punct(before, b',');
    let in_dict = || {
        let mut names = (before.saturating_sub(VALUE)..before).rev();
        names.any(|name| source.is_word(name, "dict") && source.is_punct(name + 1, b'('))
    };
    let is_first = follows(b':') && opens(b'{') || follows(b'=') && opens(b'(') && in_dict();
    let value = at + 2;
    let start = statement_start(source, at);
    let around = &source.text[start..source.tokens[at].span.start];
    let is_query = || QUERY.is_match(around) || is_sent_by_name(source, at);
    (is_first && is_query()).then(|| Sending {
        span: source.tokens[at].span.clone(),
        value: operand(source, value),
        url: around.to_owned(),
    })
}

/// Where the statement about begins that a token is part of.
fn statement_start(source: &Source<'_>, at: usize) -> usize {
    let mut first = at;
    while first > 0 && first + 40 > at && !source.is_punct(first - 1, b';') {
        let gap = source.tokens[first - 1].span.end..source.tokens[first].span.start;
        // An empty line ends a statement in every language.
        if source.text[gap].matches('\n').count() > 1 {
            break;
        }
        first -= 1;
    }
    source.tokens[first].span.start
}

/// What a name says of the value it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Evidence {
    FunctionKey,
    Key,
    None,
}

impl Evidence {
    fn of(expression: &str) -> Self {
        if FUNCTION_KEY.is_match(expression) {
            Self::FunctionKey
        } else if KEY.is_match(expression) {
            Self::Key
        } else {
            Self::None
        }
    }
}

macro_rules! patterns {
    ($($name:ident = $pattern:literal;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new($pattern).expect("a constant pattern, tested")
        });)*

        #[cfg(test)]
        const PATTERNS: &[&LazyLock<Regex>] = &[$(&$name),*];
    };
}

patterns! {
    PARAMETER = r"(?i-u)(?:[?&]|^)(?P<code>code=)";
    IS_QUERY = r"(?i-u)\bquery\s*(?:\+?=|\()\s*$";
    IN_HOLE = r"(?i-u)(?:query|params|\bqs|stringify)\w*\(\s*\{(?u:[^{}])*?(?P<code>\bcode)['\x22]?\s*:\s*(?P<value>(?u:[^,}])+)";
    GETS = r"(?i-u)\b(?:irm|iwr|invoke-restmethod|invoke-webrequest)\b";
    OTHER_METHOD = r"(?i-u)-method\s+['\x22]?(?:post|put|patch|delete)";
    PLACEHOLDER = r"(?-u)^(?:%[sv]|\$s|\{(?P<name>[A-Za-z0-9_]*)\})";
    ANY_PLACEHOLDER = r"%[a-z]|\{[A-Za-z0-9_]*\}";
    QUERY = r"(?i-u)query|param|searchparams|\bqs\b|\burl\.values\b";
    FUNCTION_KEY = r"(?i-u)(?:func(?:tion)?s?|fn|fx|host|master|system|azf|azure_?func\w*)[\w\s.\[\]('\x22-]{0,24}key|key[_\s]*(?:for|of)[_\s]*func";
    KEY = r"(?-u)(?:[a-z0-9_]|\b)(?:Key|KEY)s?(?:[A-Z_0-9]|\b)|(?:_|\b)key(?:_|\b)|[a-z]Key|apikey|accesskey|\b[Ss]ecret\.Value\b";
    URL_OF_FUNCTIONS = r"(?i-u)azurewebsites\.|/api/|func(?:tion)?s?[_-]?(?:app|url|uri|endpoint|base|host)|/admin/";
    ABOUT_FUNCTIONS = r"(?i-u)azurewebsites\.|x-functions-key|@azure/functions|azure\.functions|azure[ _-]?function|function[_-]?app|function[_-]?key|Azure\.Functions";
    OTHER_CODES = r"(?i-u)://(?:localhost|127\.0\.0\.1)|grant_type|client_id|redirect_uri|oauth|authorize|response_type|/runtime/webhooks/(?:eventgrid|blobs|signalr|webpubsub|socketio|connector)";
    OTHER_SUBJECTS = r"(?i-u)country|currency|postal|promo|coupon";
    SETTING = r"(?i-u)config|setting|environ|getenv|\benv\b|secret|options";
    OTHER_VALUES = r"(?i-u)auth(?:orization)?_?code|error|i18n|translat|country|currency|locale|promo|coupon|referral|keyboard|keycode|publickey|dictionary|\bkeys?\s*=>";
}

#[cfg(test)]
mod tests;
