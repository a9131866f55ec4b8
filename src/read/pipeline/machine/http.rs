//! Requests: `curl`, `wget`, HTTPie, `Invoke-RestMethod`.

use std::sync::LazyLock;

use regex::Regex;

use super::super::name::Dialect;
use super::super::value::{Place, Supply, Value, id, keys, leading_unknown, says_key, unknowns};
use super::super::world::{Mend, Target, Way, What};
use super::arguments::{Argument, Arguments};
use super::{Chunk, Machine};

/// Letters of curl's short flags that take a value.
const TAKING: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)x-functions-key["']?\s*[:=]\s*["']?(?P<value>[^\s"',;]+)"#)
        .expect("a constant pattern, tested")
});

static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:[?&]|&amp;|^)code=["']?(?P<value>[^\s"'&]+)"#)
        .expect("a constant pattern, tested")
});

static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:https?://)?(?P<host>[^/?#]*)(?P<path>[^?#]*)")
        .expect("a constant pattern, tested")
});

/// Where a message goes: nothing is checked by it.
static CHAT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)hooks\.slack\.com|slack\.com/api|webhook\.office|discord(?:app)?\.com/api/webhooks|chat\.googleapis|api\.telegram")
        .expect("a constant pattern, tested")
});

/// A request.
pub(super) struct Request<'r> {
    pub method: String,
    pub url: &'r str,
    pub place: &'r Place,
    pub body: Value,
}

impl Machine<'_> {
    /// `curl` and its like; gives what they write, if that is known.
    pub(super) fn http(
        &mut self,
        (name, program): (&str, &Place),
        words: &[Argument],
        place: &Place,
        silent: bool,
    ) -> Vec<Chunk> {
        let arguments = Arguments::of(words);
        let powershell = name.starts_with("invoke-") || matches!(name, "irm" | "iwr");
        let mut headers: Vec<(Value, Place)> = Vec::new();
        let header_flags: &[&str] = match powershell {
            true => &["-headers"],
            false => &["-H", "--header"],
        };
        for (value, at) in arguments.all(header_flags) {
            headers.push((value.to_owned(), at.clone()));
        }
        if matches!(name, "http" | "https" | "xh") {
            headers.extend(words.iter().cloned());
        }
        let bodies: &[&str] = match powershell {
            true => &["-body"],
            false => &[
                "-d",
                "--data",
                "--data-raw",
                "--data-binary",
                "--json",
                "--data-urlencode",
                "--post-data",
                "--body-data",
            ],
        };
        let mut body = Value::new();
        for (value, _) in arguments.all(bodies) {
            match powershell {
                true => body += value,
                false => body += &self.content(value),
            }
            body += "&";
        }
        let method = match powershell {
            true => arguments.value(&["-method"]),
            false => arguments.value(&["-X", "--request", "--method"]),
        };
        let in_query = arguments.has(&["-G", "--get"]) || arguments.has_letter('G', TAKING);
        let method = method.map(str::to_ascii_lowercase).unwrap_or_else(|| {
            match body.is_empty() || in_query {
                true => "get",
                false => "post",
            }
            .to_owned()
        });
        let urls = self.urls(name, words);
        let verbose = match name {
            "curl" => {
                arguments.has(&["--verbose", "--trace", "--trace-ascii"])
                    || arguments.has_letter('v', TAKING)
            }
            "wget" => arguments.has(&["-d", "--debug"]),
            "http" | "https" | "xh" => {
                arguments.has(&["-v", "--verbose", "--print=H", "--print=HhBb"])
            }
            _ => false,
        };
        let mut out = Vec::new();
        for (url, at) in &urls {
            for (header, _) in &headers {
                self.sent(header, url, at, place, false);
            }
            let has_header = headers
                .iter()
                .any(|(header, _)| powershell || HEADER.is_match(header));
            let mend = match (has_header || urls.len() > 1, powershell) {
                (true, _) => None,
                (false, true) if words.iter().any(may_have_headers) => None,
                (false, _) => self.header_instead(program, at),
            };
            self.sent_in_url(url, at, mend);
            if in_query {
                self.sent_in_url(&format!("{url}&{body}"), at, None);
            }
            let request = Request {
                method: method.clone(),
                url,
                place: at,
                body: body.clone(),
            };
            match self.administration(&request, place) {
                Some(chunk) => out.push(chunk),
                None if matches!(method.as_str(), "get" | "head" | "post")
                    && !CHAT.is_match(url) =>
                {
                    self.world.event(What::Check, None, place);
                }
                None => {}
            }
            if verbose && !silent {
                let with_keys = format!(
                    "{url}{}",
                    headers.iter().map(|(h, _)| h.as_str()).collect::<String>()
                );
                self.print(&with_keys, place, Some(Way::Verbose));
            }
        }
        let discards = arguments
            .value(&["-o", "--output", "-OutFile", "-O"])
            .is_some();
        if discards { Vec::new() } else { out }
    }

    /// The words that are URLs.
    fn urls(&mut self, name: &str, words: &[Argument]) -> Vec<(Value, Place)> {
        let mut urls = Vec::new();
        let mut at = 0;
        while let Some((word, place)) = words.get(at) {
            at += 1;
            let lower = word.to_ascii_lowercase();
            if matches!(lower.as_str(), "--url" | "-uri" | "--uri") {
                urls.extend(words.get(at).cloned());
                at += 1;
            } else if let Some(url) = lower.strip_prefix("--url=") {
                urls.push((word[word.len() - url.len()..].to_owned(), place.clone()));
            } else if word.starts_with('-') {
                let takes = match name {
                    "curl" => takes_value(word),
                    "wget" => matches!(
                        word.as_str(),
                        "-O" | "-o"
                            | "-T"
                            | "-t"
                            | "--header"
                            | "--post-data"
                            | "--method"
                            | "--body-data"
                            | "--tries"
                            | "--timeout"
                    ),
                    "http" | "https" | "xh" => false,
                    _ => !matches!(
                        lower.as_str(),
                        "-usebasicparsing"
                            | "-skipcertificatecheck"
                            | "-verbose"
                            | "-skiphttperrorcheck"
                            | "-usedefaultcredentials"
                    ),
                };
                at += usize::from(takes);
            } else if looks_like_url(word) {
                urls.push((word.clone(), place.clone()));
            }
        }
        urls
    }

    /// Keys in a header of a request.
    fn sent(&mut self, header: &str, url: &str, at: &Place, place: &Place, in_url: bool) {
        for found in HEADER.captures_iter(header) {
            let value = &found["value"];
            self.learn(value);
            for id in keys(value).collect::<Vec<_>>() {
                let (host, path) = parts(url);
                let target = Target { host, path, in_url };
                let where_ = if in_url { at } else { place };
                self.world.event(What::Send(target), Some(id), where_);
            }
        }
    }

    /// Keys in the query of a URL.
    pub(super) fn sent_in_url(&mut self, url: &str, at: &Place, mend: Option<Mend>) {
        let (host, path) = parts(url);
        for found in CODE.captures_iter(url) {
            let value = &found["value"];
            let known = is_functions(host.as_deref(), &path);
            let named = unknowns(value).any(says_key);
            if known || named {
                self.learn(value);
            }
            for id in keys(value).collect::<Vec<_>>() {
                let key = &self.world.keys[id];
                if known || key.from == Supply::Fetched || says_key(&key.name) {
                    let target = Target {
                        host: host.clone(),
                        path: path.clone(),
                        in_url: true,
                    };
                    let what = What::Send(target);
                    self.world.event_with(what, Some(id), at, mend.clone());
                }
            }
        }
    }

    /// A value that is given to something nobody knows, which may send it.
    pub(in super::super) fn given(&mut self, value: &str, place: &Place) {
        self.sent_in_url(value.trim(), place, None);
        self.sent(value, "", place, place, false);
    }

    /// A variable that is sent as a key, or called one, is one.
    pub(in super::super) fn learn(&mut self, value: &str) {
        if matches!(self.dialect, Dialect::Azure | Dialect::Gitlab)
            && let Some((name, "")) = leading_unknown(value)
            && !name.starts_with("each ")
            && !name.contains("parameters.")
        {
            self.world.sent.insert(name.to_owned());
        }
    }
}

/// Whether a word of a request of PowerShell may give it headers: a flag that
/// says so, or a table of flags.
fn may_have_headers((_, at): &Argument) -> bool {
    let written = at.source.text.get(at.span.clone()).unwrap_or_default();
    let mut letters = written.chars().map(|c| c.to_ascii_lowercase());
    matches!(
        (letters.next(), letters.next()),
        (Some('@'), _) | (Some('-'), Some('h'))
    )
}

/// Whether a word of curl is a flag whose value is the next word.
fn takes_value(word: &str) -> bool {
    if let Some(long) = word.strip_prefix("--") {
        const LONG: &[&str] = &[
            "header",
            "request",
            "data",
            "data-raw",
            "data-binary",
            "data-urlencode",
            "json",
            "output",
            "user",
            "user-agent",
            "max-time",
            "connect-timeout",
            "retry",
            "retry-delay",
            "write-out",
            "form",
            "cookie",
            "cacert",
            "cert",
            "key",
            "proxy",
            "resolve",
            "upload-file",
            "retry-max-time",
            "config",
            "trace",
            "trace-ascii",
            "referer",
            "oauth2-bearer",
            "range",
            "dump-header",
        ];
        return LONG.contains(&long);
    }
    let letters = &word[1..];
    let first = letters.find(|c| TAKING.contains(c));
    first.is_some_and(|at| at + 1 == letters.len())
}

fn looks_like_url(word: &str) -> bool {
    word.contains("://")
        || word.contains('/')
        || word.contains("code=")
        || leading_unknown(word).is_some()
        || word.contains("azurewebsites")
        || word.chars().any(|c| id(c).is_some())
}

/// Host and path of a URL. A URL that begins with something unknown may have
/// the host there.
pub(super) fn parts(url: &str) -> (Option<Value>, Value) {
    let Some(found) = URL.captures(url.trim_matches(['"', '\''])) else {
        return (None, Value::new());
    };
    let host = found["host"].to_owned();
    (
        Some(host).filter(|host| !host.is_empty()),
        found["path"].to_owned(),
    )
}

/// Whether host or path are those of an app of Azure Functions.
pub(super) fn is_functions(host: Option<&str>, path: &str) -> bool {
    let host = host.unwrap_or_default().to_ascii_lowercase();
    let hosts = [
        "azurewebsites.",
        "chinacloudsites.",
        ".appserviceenvironment.",
    ];
    hosts.iter().any(|part| host.contains(part))
        || host.contains("func")
        || ["/api/", "/runtime/webhooks/", "/admin/"]
            .iter()
            .any(|part| path.contains(part))
}
