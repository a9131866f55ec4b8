//! A key in the query of a URL, and what the URL says of it.

use regex::bytes::Regex;
use std::sync::LazyLock;

use super::role::Position;
use crate::excerpt::redact_host;
use crate::fact::Context;
use crate::key::KeyKind;

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
    /// Whether path or query are those of a login, an invitation and the like:
    /// its `code` is no key.
    pub login: bool,
    /// Whether its codes look as random as a key: OAuth's, an invitation's.
    pub ticket: bool,
    /// Whether it leads to the machine that it is read on: there, Core Tools
    /// ask for no key, and make one up to show.
    pub local: bool,
}

/// The name of the host in what [`HOST`] matches.
pub(super) fn host_name(found: &[u8]) -> Option<String> {
    let found = HOST.captures(found)?;
    let host = found.name("schemed").or_else(|| found.name("bare"))?;
    // A key in small letters could not be told any more.
    let host = redact_host(&String::from_utf8_lossy(host.as_bytes()));
    Some(host.to_ascii_lowercase())
}

pub(super) static HOST: LazyLock<Regex> = LazyLock::new(|| {
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

fn is_local_host(host: &str) -> bool {
    ["localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal"].contains(&host)
}

/// The paths that system keys open.
pub(super) static WEBHOOK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(?:\\?/|%2F)runtime(?:\\?/|%2F)webhooks(?:\\?/|%2F)")
        .expect("a constant pattern")
});

/// The paths that the master key opens.
pub(super) static ADMIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(?:\\?/|%2F)admin(?:\\?/|%2F)(?:host|functions|vfs|zip|instance|extensions|workflow|warmup|proxy|keys)(?:\b|_)")
        .expect("a constant pattern")
});

impl Url {
    pub(super) fn new(host: Option<String>, kind: KeyKind, login: bool, ticket: bool) -> Self {
        Self {
            functions_host: host.as_deref().is_some_and(is_functions_host),
            local: host.as_deref().is_some_and(is_local_host),
            host,
            kind,
            login: login || ticket,
            ticket,
        }
    }

    /// Whether a random value in its `code` is another's than a function's: on
    /// the way to a function app, a login alone does not say so.
    pub(crate) fn leads_elsewhere(&self) -> bool {
        self.local || self.ticket || self.login && !self.functions_host
    }

    /// The position of the value of `code`.
    pub(crate) fn position(&self) -> Position {
        let mut position = Position::functions(self.kind, Context::Url);
        position.host = self.host.clone();
        position
    }
}
