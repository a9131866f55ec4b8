//! The URLs of a passage, each read once, and the keys in their queries.
//!
//! What a URL says of a key stands before the key, and there may be thousands
//! of keys in one word of a text. So a word is read as a whole when it is first
//! asked for, and what it has is kept by its place.

use regex::bytes::Regex;
use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use super::pattern::patterns;
use super::url::{self, Url};
use crate::key::KeyKind;

/// Characters of a URL before its query that are looked at.
const REACH: usize = 2048;

/// Characters after a parameter that can tell that it is a login's.
const TAIL: usize = 256;

/// Characters between a header and the URL that it is sent to.
const NEAR: usize = 600;

/// The URLs of a passage.
pub(crate) struct Links<'t> {
    text: &'t [u8],
    codes: OnceCell<Vec<(Range<usize>, Url)>>,
    /// URLs and paths, and what they say once somebody has asked.
    urls: OnceCell<Vec<(Range<usize>, OnceCell<Url>)>>,
    breaks: OnceCell<Vec<Range<usize>>>,
    /// The word that was read last.
    word: RefCell<Option<Word>>,
    /// How many were read.
    #[cfg(test)]
    words: std::cell::Cell<usize>,
}

impl<'t> Links<'t> {
    /// Those of a text. Nothing is read before it is asked for.
    pub(crate) fn of(text: &'t [u8]) -> Self {
        Self {
            text,
            codes: OnceCell::new(),
            urls: OnceCell::new(),
            breaks: OnceCell::new(),
            word: RefCell::new(None),
            #[cfg(test)]
            words: std::cell::Cell::new(0),
        }
    }

    /// Every `code=`: the span of its value, which may be empty, and the URL
    /// around it.
    pub(crate) fn codes(&self) -> &[(Range<usize>, Url)] {
        self.codes.get_or_init(|| {
            let found = CODE.captures_iter(self.text);
            found
                .filter_map(|found| {
                    let value = found.name("value")?;
                    let mut end = value.end();
                    // An escaped separator belongs to the query, not to the value.
                    if let Some(cut) = ESCAPED_END.find(value.as_bytes()) {
                        end = value.start() + cut.start();
                    }
                    let url = self.around(found.get(0)?.start(), end);
                    Some((value.start()..end, url))
                })
                .collect()
        })
    }

    /// The URL of the `code=` whose value a key begins in.
    pub(crate) fn with_code(&self, key: &Range<usize>) -> Option<&Url> {
        let codes = self.codes();
        let next = codes.partition_point(|(value, _)| value.start <= key.start);
        let (value, url) = codes[..next].last()?;
        (key.start < value.end).then_some(url)
    }

    /// The URL whose query has a parameter that begins at `query` and ends at
    /// `end`.
    pub(crate) fn around(&self, query: usize, end: usize) -> Url {
        let mut last = self.word.borrow_mut();
        let word = last.take().filter(|word| word.span.contains(&query));
        let word = word.unwrap_or_else(|| {
            #[cfg(test)]
            self.words.set(self.words.get() + 1);
            Word::at(self.text, query)
        });
        last.insert(word).url(self.text, query, end)
    }

    /// The URL nearest to a header, which says where its key is sent to: on the
    /// same line or a few lines away, in the same request.
    pub(crate) fn nearest(&self, at: usize) -> Option<Url> {
        // A blank line parts requests and statements, in most notations.
        let breaks = self.breaks.get_or_init(|| {
            BREAK
                .find_iter(self.text)
                .map(|found| found.range())
                .collect()
        });
        let behind = breaks.partition_point(|cut| cut.end <= at);
        let after = breaks.partition_point(|cut| cut.start < at);
        let from = breaks[..behind].last().map_or(0, |cut| cut.end);
        let to = breaks.get(after).map_or(self.text.len(), |cut| cut.start);
        let window = from.max(at.saturating_sub(NEAR))..to.min(at + NEAR);

        let urls = self.urls.get_or_init(|| {
            let found = URL.find_iter(self.text);
            found
                .map(|found| (found.range(), OnceCell::new()))
                .collect()
        });
        let first = urls.partition_point(|(url, _)| url.start < window.start);
        let (span, url) = urls[first..]
            .iter()
            .take_while(|(url, _)| url.start < window.end)
            .min_by_key(|(url, _)| match url.start > at {
                true => (url.start - at) * 2,
                false => at - url.start,
            })?;
        Some(url.get_or_init(|| self.around(span.end, span.end)).clone())
    }
}

/// A part of a text between spaces or quotes: a URL, or several.
struct Word {
    span: Range<usize>,
    hosts: Vec<Range<usize>>,
    webhooks: Vec<Range<usize>>,
    admins: Vec<Range<usize>>,
    login_paths: Vec<Range<usize>>,
    ticket_paths: Vec<Range<usize>>,
    login_queries: Vec<Range<usize>>,
    /// The name of the host that was asked for last, by its place.
    host: Option<(Range<usize>, String)>,
}

impl Word {
    /// The word around a place.
    fn at(text: &[u8], at: usize) -> Self {
        let from = at.saturating_sub(REACH);
        let start = text[from..at].iter().rposition(parts_words);
        let start = start.map_or(from, |cut| from + cut + 1);
        let end = text[at..].iter().position(parts_words);
        let end = end.map_or(text.len(), |len| at + len);
        let all = |pattern: &Regex| {
            let found = pattern.find_iter(&text[start..end]);
            found.map(|m| start + m.start()..start + m.end()).collect()
        };
        Self {
            // A place at its end is this word's, too: nothing else is there.
            span: start..end.max(at + 1),
            hosts: all(&url::HOST),
            webhooks: all(&url::WEBHOOK),
            admins: all(&url::ADMIN),
            login_paths: all(&LOGIN_PATH),
            ticket_paths: all(&TICKET_PATH),
            login_queries: all(&LOGIN_QUERY),
            host: None,
        }
    }

    fn url(&mut self, text: &[u8], query: usize, end: usize) -> Url {
        let head = self.span.start.max(query.saturating_sub(REACH))..query;
        let tail = end..self.span.end.min(end + TAIL);
        let kind = if last_in(&self.webhooks, &head).is_some() {
            KeyKind::System
        } else if last_in(&self.admins, &head).is_some() {
            KeyKind::Master
        } else {
            KeyKind::Unknown
        };
        let login = last_in(&self.login_paths, &head).is_some();
        let ticket = last_in(&self.ticket_paths, &head).is_some()
            || last_in(&self.login_queries, &head).is_some()
            || last_in(&self.login_queries, &tail).is_some();
        let host = last_in(&self.hosts, &head).cloned();
        let host = host.and_then(|place| self.host_name(text, place));
        Url::new(host, kind, login, ticket)
    }

    fn host_name(&mut self, text: &[u8], place: Range<usize>) -> Option<String> {
        match &self.host {
            Some((known, name)) if *known == place => Some(name.clone()),
            _ => {
                let name = url::host_name(&text[place.clone()])?;
                self.host = Some((place, name.clone()));
                Some(name)
            }
        }
    }
}

/// The last of the spans, which are in order, that lies within another.
fn last_in<'s>(spans: &'s [Range<usize>], within: &Range<usize>) -> Option<&'s Range<usize>> {
    let count = spans.partition_point(|span| span.end <= within.end);
    spans[..count]
        .last()
        .filter(|span| within.start <= span.start)
}

fn parts_words(byte: &u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'(' | 0)
}

patterns! {
    // In a query, in each of its escapes.
    CODE = r#"(?xi-u)(?:[?&]|&amp;(?:amp;)?|&\#0?38;|\\u0026|\\x26|%3F|%26|%253F|%2526|\\u003f)code(?:=|%3D|%253D|\\u003d|\\x3d|\\=|&equals;|&\#61;|&\#x3d;)
        # a literal that a string is put together of, a colour
        (?:\\*["'`]\s*[+.&,]\s*(?:[\\_]\r?\n\s*)?\\*["'`]|["']\s*\\?\r?\n\s*["']|\x1b\[[\d;]*m|\\(?:x1b|033|e|u001b)\[[\d;]*m)?
        (?P<value>(?:[A-Za-z0-9_./+~*!@:-]|=|%[0-9A-F]{2}|\\u00(?:2[bdf]|3d)|\\/|&\#61;|&\#x3d;|&equals;)*)"#;
    ESCAPED_END = r"(?i-u)%26|%2526|%20|%22|%27|%0[ad]|%23";
    LOGIN_PATH = r"(?i-u)signin|sign-in|login|logon";
    TICKET_PATH = r"(?i-u)callback|oauth|openid|oidc|\.auth/|/authorize|redirect|/connect/|verify|confirm|invite|reset|activate|magic|coupon|promo|voucher";
    LOGIN_QUERY = r"(?i-u)(?:[?&]|&amp;|%26|\\u0026)(?:state|session_state|iss|scope|client_info|grant_type|redirect_uri|nonce|authuser|code_verifier|client_id|response_type)(?:=|%3D)";
    URL = r#"(?i-u)(?:https?:(?:\\?/){2}|/admin/|/runtime/webhooks/|/api/)[^\s"'`<>|,;)]*"#;
    BREAK = r"(?-u)\r?\n[\x20\t]*\r?\n|\n\#{3}|\}\s*\n\s*(?:\}|function|async|def |public|private|export|const \w+ = (?:async )?\()";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> (String, Url) {
        let links = Links::of(text.as_bytes());
        let (span, url) = links.codes()[0].clone();
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

    #[test]
    fn of_two_urls_in_one_word_the_nearer_counts() {
        let text = "https://a.azurewebsites.net/admin/host?code=k,https://b.example/api?code=l";
        let links = Links::of(text.as_bytes());
        let hosts: Vec<_> = links
            .codes()
            .iter()
            .map(|(_, url)| url.host.clone())
            .collect();
        let hosts: Vec<_> = hosts.iter().flatten().map(String::as_str).collect();
        assert_eq!(hosts, ["a.azurewebsites.net", "b.example"]);
    }

    #[test]
    fn the_url_beside_a_header_is_in_its_request() {
        let text = "GET https://one.example/api/a\n\nGET https://two.example/api/b\nx-functions-key: k\n\n\
            GET https://three.example/api/c\n";
        let links = Links::of(text.as_bytes());
        let at = text.find("x-functions").unwrap();
        let host = links.nearest(at).and_then(|url| url.host);
        assert_eq!(host.as_deref(), Some("two.example"));
        assert_eq!(Links::of(b"x-functions-key: k").nearest(0), None);
    }

    #[test]
    fn a_word_is_read_once_however_many_keys_are_in_it() {
        let text = format!(
            "https://a.azurewebsites.net/api/f{}",
            "?code=".repeat(10_000)
        );
        let links = Links::of(text.as_bytes());
        let codes = links.codes();
        assert_eq!(codes.len(), 10_000);
        // Two kilobytes before a parameter are looked at, and no more.
        let known = codes.iter().filter(|(_, url)| url.host.is_some()).count();
        assert_eq!(known, (REACH - "https://".len()) / "?code=".len() - 4);
        assert_eq!(links.words.get(), 1);
    }
}
