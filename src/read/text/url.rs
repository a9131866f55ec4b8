//! A key in the query of a URL, and what the URL says of it.

use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::role::Position;
use crate::excerpt::redact_host;
use crate::fact::Context;
use crate::key::KeyKind;

/// Characters of a URL before its query that are looked at.
const REACH: usize = 2048;

/// A URL, or as much of one as the document has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    /// In lower case, without the port.
    pub host: Option<String>,
    /// What its path says of a key that is sent to it.
    pub kind: KeyKind,
    /// Whether the host belongs to Azure Functions (or to an ordinary web app:
    /// they share a domain).
    pub functions_host: bool,
    /// Whether path or query are those of a login: its `code` is no key.
    pub login: bool,
}

/// `code=` in a query, in each of its escapes.
static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)(?:[?&]|&amp;|&\#0?38;|\\u0026|\\x26|%3F|%26|%253F|%2526|\\u003f)code(?:=|%3D|%253D|\\u003d|&equals;)
        # a literal that a string is put together of, a colour
        (?:\\*["'`]\s*[+.&,]\s*\\*["'`]|\x1b\[[\d;]*m|\\(?:x1b|033|e|u001b)\[[\d;]*m)?
        (?P<value>(?:[A-Za-z0-9_./+~*!@:-]|=|%[0-9A-F]{2}|\\u00(?:2[bdf]|3d)|\\/|&\#61;|&equals;)*)"#,
    )
    .expect("a constant pattern, tested")
});

/// Every `code=` of the text: the span of its value, which may be empty, and
/// the URL around it.
pub(crate) fn codes(text: &[u8]) -> impl Iterator<Item = (Range<usize>, Url)> + '_ {
    CODE.captures_iter(text).filter_map(|found| {
        let value = found.name("value")?;
        let mut end = value.end();
        // An escaped separator belongs to the query, not to the value.
        if let Some(cut) = ESCAPED_END.find(value.as_bytes()) {
            end = value.start() + cut.start();
        }
        let url = url_around(text, found.get(0)?.start(), end);
        Some((value.start()..end, url))
    })
}

static ESCAPED_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)%26|%2526|%20|%22|%27|%0[ad]|%23").expect("a constant pattern")
});

/// The URL whose query has a parameter that begins at `query` and ends at `end`.
pub(crate) fn url_around(text: &[u8], query: usize, end: usize) -> Url {
    let from = query.saturating_sub(REACH);
    let head = &text[from..query];
    let start = head
        .iter()
        .rposition(|b| {
            b.is_ascii_whitespace()
                || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'(' | 0)
        })
        .map_or(0, |at| at + 1);
    let head = &head[start..];
    let tail = &text[end..text.len().min(end + 256)];
    let tail = &tail[..tail
        .iter()
        .position(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>'))
        .unwrap_or(tail.len())];
    let host = HOST.captures_iter(head).last().and_then(|found| {
        let host = found.name("schemed").or_else(|| found.name("bare"))?;
        // A key in small letters could not be told any more.
        let host = redact_host(&String::from_utf8_lossy(host.as_bytes()));
        Some(host.to_ascii_lowercase())
    });
    Url {
        functions_host: host.as_deref().is_some_and(is_functions_host),
        host,
        kind: kind_of_path(head),
        login: LOGIN_PATH.is_match(head)
            || LOGIN_QUERY.is_match(head)
            || LOGIN_QUERY.is_match(tail),
    }
}

static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi-u)
        (?:https?|wss?)(?::|%3A|%253A)(?:\\?/|%2F|%252F){2}(?:[^/@\s]{1,64}@)?(?P<schemed>[a-z0-9][a-z0-9.-]{0,252})
        | (?P<bare>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.(?:azurewebsites\.(?:net|us|cn|de)|chinacloudsites\.cn|appserviceenvironment\.(?:net|us|cn)))",
    )
    .expect("a constant pattern, tested")
});

/// Whether the host is one that function apps have by default.
pub(crate) fn is_functions_host(host: &str) -> bool {
    [
        ".azurewebsites.net",
        ".azurewebsites.us",
        ".chinacloudsites.cn",
        ".azurewebsites.cn",
        ".azurewebsites.de",
        ".appserviceenvironment.net",
        ".appserviceenvironment.us",
        ".appserviceenvironment.cn",
    ]
    .iter()
    .any(|suffix| host.ends_with(suffix))
}

/// What a path of the runtime says of the key that opens it.
pub(crate) fn kind_of_path(path: &[u8]) -> KeyKind {
    if WEBHOOK.is_match(path) {
        KeyKind::System
    } else if ADMIN.is_match(path) {
        KeyKind::Master
    } else {
        KeyKind::Unknown
    }
}

static WEBHOOK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(?:\\?/|%2F)runtime(?:\\?/|%2F)webhooks(?:\\?/|%2F)")
        .expect("a constant pattern")
});

static ADMIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(?:\\?/|%2F)admin(?:\\?/|%2F)(?:host|functions|vfs|zip|instance|extensions|workflow|warmup|proxy|keys)(?:\b|_)")
        .expect("a constant pattern")
});

static LOGIN_PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)callback|signin|sign-in|login|logon|oauth|openid|oidc|\.auth/|/authorize|redirect_uri|redirect|verify|confirm|invite|reset|activate|magic|coupon|promo|voucher|/connect/")
        .expect("a constant pattern")
});

static LOGIN_QUERY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(?:[?&]|&amp;|%26|\\u0026)(?:state|session_state|iss|scope|client_info|grant_type|redirect_uri|nonce|authuser|code_verifier|client_id|response_type)(?:=|%3D)")
        .expect("a constant pattern")
});

impl Url {
    /// The position of the value of `code`.
    pub(crate) fn position(&self) -> Position {
        let mut position = Position::functions(self.kind, Context::Url);
        position.host = self.host.clone();
        position
    }
}

/// The URL nearest to a header, which says where its key is sent to: on the
/// same line or a few lines away, in the same request.
pub(crate) fn nearest(text: &[u8], at: usize) -> Option<Url> {
    let from = at.saturating_sub(600);
    let to = text.len().min(at + 600);
    let window = &text[from..to];
    let here = at - from;
    // A blank line parts requests and statements, in most notations.
    let start = paragraph_break(&window[..here], true).unwrap_or(0);
    let end = paragraph_break(&window[here..], false).map_or(window.len(), |cut| here + cut);
    let window = &window[start..end];
    let here = here - start;
    URL.find_iter(window)
        .min_by_key(|found| {
            if found.start() > here {
                (found.start() - here) * 2
            } else {
                here - found.start()
            }
        })
        .map(|found| url_around(window, found.end(), found.end()))
}

static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i-u)(?:https?:(?:\\?/){2}|/admin/|/runtime/webhooks/|/api/)[^\s"'`<>|,;)]*"#)
        .expect("a constant pattern")
});

fn paragraph_break(text: &[u8], last: bool) -> Option<usize> {
    static BREAK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?-u)\r?\n[\x20\t]*\r?\n|\n\#{3}|\}\s*\n\s*(?:\}|function|async|def |public|private|export|const \w+ = (?:async )?\()").expect("a constant pattern")
    });
    if last {
        BREAK.find_iter(text).last().map(|found| found.end())
    } else {
        BREAK.find(text).map(|found| found.start())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> (String, Url) {
        let (span, url) = codes(text.as_bytes()).next().expect("a code");
        (text[span].to_owned(), url)
    }

    #[test]
    fn reads_the_url_around_a_code() {
        let (value, url) =
            first("x 'https://Shop.azurewebsites.net/api/a/b?x=1&code=abc%3D%3D&y=2'");
        assert_eq!(value, "abc%3D%3D");
        assert_eq!(url.host.as_deref(), Some("shop.azurewebsites.net"));
        assert!(url.functions_host && !url.login);
        assert_eq!(url.kind, KeyKind::Unknown);
        let (_, url) = first(
            "https://a.chinacloudsites.cn/runtime/webhooks/eventgrid?functionName=f&amp;code=k",
        );
        assert_eq!(url.kind, KeyKind::System);
        let (_, url) = first("https://a.azurewebsites.us/admin/functions/f?code=k");
        assert_eq!(url.kind, KeyKind::Master);
        let (_, url) = first("https://app-abc123.westeurope-01.azurewebsites.net/api/f?code=k");
        assert!(url.functions_host);
    }

    #[test]
    fn reads_escaped_urls() {
        let (value, url) =
            first("u=https%3A%2F%2Fa.azurewebsites.net%2Fapi%2Ff%3Fcode%3Dabc%26x%3D1");
        assert_eq!((value.as_str(), url.functions_host), ("abc", true));
        let (value, _) =
            first("https://a.azurewebsites.net/api/f?a=1\\u0026code=abc\\u003d\\u003d\"");
        assert_eq!(value, "abc\\u003d\\u003d");
    }

    #[test]
    fn knows_a_login() {
        let (_, url) =
            first("https://a.azurewebsites.net/signin-oidc?code=abcdefghijklmnop&state=1");
        assert!(url.login);
    }
}
