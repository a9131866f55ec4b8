//! Code that sends a key it was given as `?code=`.
//!
//! Plenty of other things are called `code` in a URL. A value counts as a key of
//! Azure Functions by its name, `functionKey` and the like; one that is a key of
//! something only where the URL or the file is about Azure Functions.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::token::{Kind, Source};

/// A place where a key is put into a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// What holds the key, as it is written.
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
}

/// Tokens that tell what a value is.
const VALUE: usize = 24;

pub(super) fn read(source: &Source<'_>, reading: &mut Reading) {
    if !source.text.contains("code") {
        return;
    }
    let about = LazyLock::new(|| is_about_functions(source.text));
    for at in 0..source.tokens.len() {
        let found = match &source.tokens[at].kind {
            Kind::Text { inner, holes } => in_string(source, at, inner, holes)
                .or_else(|| as_parameter(source, at, &source.text[inner.clone()])),
            Kind::Word if source.is_word(at, "code") => as_property(source, at),
            _ => None,
        };
        let Some(Sending { span, value, url }) = found else {
            continue;
        };
        if is_function_key(&value, &url, || *about) {
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
        Evidence::Key => URL_OF_FUNCTIONS.is_match(url) || about(),
        Evidence::None => url.contains(".azurewebsites.") && !url.contains("redirect"),
    };
    names_it && !OTHER_CODES.is_match(url) && !OTHER_VALUES.is_match(value)
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
    Some(Sending {
        span: start..after + placeholder.end(),
        value: format_arguments(source, at, text, found.end())?,
        url: url(),
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
        if ends || matches!(source.tokens[end].kind, Kind::Text { .. }) && end > start {
            break;
        }
        end = source.close_of(end).unwrap_or(end) + 1;
    }
    let span = source.span(&(start..end.min(source.tokens.len())));
    source.text[span].to_owned()
}

/// The argument that a placeholder of a format string stands for, or all of them
/// where that is not told.
fn format_arguments(source: &Source<'_>, at: usize, text: &str, to: usize) -> Option<String> {
    // `"…".format(key)`, `"…".formatted(key)`, `"…" % key`, `"…" -f $key`.
    let after = at + 1;
    let operator = source.is_punct(after, b'%')
        || source.is_punct(after, b'-') && source.is_word(after + 1, "f");
    if operator {
        let start = after + 1 + usize::from(source.is_punct(after, b'-'));
        return match source.close_of(start) {
            Some(_) => nth(source, start, text, to),
            None => Some(nth_in_row(source, start, text, to)),
        };
    }
    let method = source.is_punct(after, b'.')
        && matches!(source.word(after + 1), Some("format" | "formatted"))
        && source.is_punct(after + 2, b'(');
    if method {
        return nth(source, after + 2, text, to);
    }
    // `String.format("…", key)`
    let open = at
        .checked_sub(1)
        .filter(|open| source.is_punct(*open, b'('))?;
    let called = source.word(open.checked_sub(1)?)?.to_ascii_lowercase();
    if !called.contains("format") && !called.contains("printf") && called != "interpolate" {
        return None;
    }
    let arguments = source.arguments(open);
    let position = placeholders_before(text, to);
    let argument = arguments.get(1 + position).or_else(|| arguments.last())?;
    Some(source.text[source.span(argument)].to_owned())
}

/// The argument of the placeholder, by its name or its position.
fn nth(source: &Source<'_>, open: usize, text: &str, to: usize) -> Option<String> {
    let arguments = source.arguments(open);
    let placeholder = PLACEHOLDER.captures(&text[to..])?;
    let name = placeholder.name("name").map_or("", |name| name.as_str());
    let by_name = arguments
        .iter()
        .find(|argument| !name.is_empty() && source.is_word(argument.start, name));
    let position = name
        .parse()
        .unwrap_or_else(|_| placeholders_before(text, to));
    let argument = by_name.or_else(|| arguments.get(position))?;
    Some(source.text[source.span(argument)].to_owned())
}

fn placeholders_before(text: &str, to: usize) -> usize {
    ANY_PLACEHOLDER.find_iter(&text[..to]).count()
}

/// The same of arguments without brackets: `"{0}?code={1}" -f $base, $key`.
fn nth_in_row(source: &Source<'_>, start: usize, text: &str, to: usize) -> String {
    let placeholder = PLACEHOLDER.captures(&text[to..]);
    let name = placeholder.as_ref().and_then(|found| found.name("name"));
    let position = name.and_then(|name| name.as_str().parse().ok());
    let position = position.unwrap_or_else(|| placeholders_before(text, to));
    let ends = source.tokens.len().min(start + VALUE);
    let commas = (start..ends).filter(|at| source.is_punct(*at, b','));
    let begin = std::iter::once(start).chain(commas.map(|at| at + 1));
    operand(source, begin.take(position + 1).last().unwrap_or(start))
}

/// `params.append("code", key)`, `query["code"] = key`, `{"code": key}`.
fn as_parameter(source: &Source<'_>, at: usize, text: &str) -> Option<Sending> {
    if text != "code" {
        return None;
    }
    let before = at.checked_sub(1)?;
    let in_brackets = source.is_punct(before, b'[') && source.is_punct(at + 1, b']');
    let value = if in_brackets && source.is_punct(at + 2, b'=') && !source.is_punct(at + 3, b'=') {
        at + 3
    } else if source.is_punct(at + 1, b',') || source.is_punct(at + 1, b':') {
        at + 2
    } else {
        return None;
    };
    let start = statement_start(source, at);
    let around = &source.text[start..source.tokens[at].span.start];
    QUERY.is_match(around).then(|| Sending {
        span: source.tokens[at].span.clone(),
        value: operand(source, value),
        url: around.to_owned(),
    })
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
    (is_first && QUERY.is_match(around)).then(|| Sending {
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
    PARAMETER = r"(?i)(?:[?&]|^)(?P<code>code=)";
    IS_QUERY = r"(?i)\.query\s*(?:\+?=|\()\s*$";
    PLACEHOLDER = r"^(?:%[sv]|\$s|\{(?P<name>[A-Za-z0-9_]*)\})";
    ANY_PLACEHOLDER = r"%[a-z]|\{[A-Za-z0-9_]*\}";
    QUERY = r"(?i)query|param|searchparams|\bqs\b";
    FUNCTION_KEY = r"(?i)(?:func(?:tion)?s?|fn|fx|host|master|system|azf|azure_?func\w*)[\w\s.\[\]('\x22-]{0,24}key|key[_\s]*(?:for|of)[_\s]*func";
    KEY = r"(?-u)(?:[a-z0-9_]|\b)(?:Key|KEY)s?(?:[A-Z_0-9]|\b)|(?:_|\b)key(?:_|\b)|[a-z]Key|apikey|accesskey";
    URL_OF_FUNCTIONS = r"(?i)azurewebsites\.|/api/|func(?:tion)?s?[_-]?(?:app|url|uri|endpoint|base|host)|/admin/";
    ABOUT_FUNCTIONS = r"(?i)azurewebsites\.|x-functions-key|@azure/functions|azure\.functions|azure[ _-]?function|function[_-]?app|function[_-]?key|Azure\.Functions";
    OTHER_CODES = r"(?i)://(?:localhost|127\.0\.0\.1)|grant_type|client_id|redirect_uri|oauth|authorize|response_type|/runtime/webhooks/(?:eventgrid|blobs|signalr|webpubsub|socketio|connector)|country|currency|postal|promo|coupon";
    OTHER_VALUES = r"(?i)auth(?:orization)?_?code|error|i18n|translat|country|currency|locale|promo|coupon|referral|keyboard|keycode|publickey|dictionary|\bkeys?\s*=>";
}

#[cfg(test)]
mod tests;
