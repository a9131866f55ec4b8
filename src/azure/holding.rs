//! Keys in the texts of a resource that is no key store: settings, addresses,
//! policies.
//!
//! What has the format of a key, or is sent to a function app as one, is one.
//! Any other value is one only if it is the value of a key of the sweep: most
//! texts of a tenant are none of our business, and nothing of them is kept.

use regex::bytes::Regex;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use super::client::Ask;
use super::known::Known;
use super::run::Run;
use super::value::{Value, value_of};
use crate::fact::{Checksum, Format};
use crate::inventory::{ArmId, Family, Form, Holder, HolderKind, Text, Transport, VaultSecret};
use crate::key::{find_identifiable, unescape};
use crate::read::text::{Links, literal};
use crate::secret::{Fingerprinter, Secret};

/// The longest text that is searched.
const MOST: usize = 4 << 20;

/// The least length of a value that is taken for a key of the sweep because it
/// is the same: what is shorter is a word that happens to be the same.
const LEAST: usize = 6;

/// Searches texts of one sweep.
pub(super) struct Searcher<'r> {
    pub prints: &'r Fingerprinter,
    pub known: &'r Known,
}

/// A key in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub value: Value,
    pub sent: Option<Transport>,
    pub host: Option<String>,
}

impl Searcher<'_> {
    /// Every key in a text, once each.
    pub(super) fn search(&self, text: &str) -> Vec<Held> {
        let bytes = &text.as_bytes()[..text.len().min(MOST)];
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut add = |held: Held| {
            if seen.insert(held.value.fingerprint.clone()) {
                found.push(held);
            }
        };
        for (span, url) in Links::of(bytes).codes() {
            let value = unescape(&bytes[span.clone()]);
            if url.login {
                continue;
            }
            let Some(value) = self.key(&value) else {
                continue;
            };
            let ours = url
                .host
                .as_deref()
                .is_some_and(|host| self.known.app_at(host).is_some());
            if ours || url.functions_host || self.counts(&value) {
                add(Held {
                    value,
                    sent: Some(Transport::Query),
                    host: url.host.clone(),
                });
            }
        }
        for key in find_identifiable(bytes).filter(|key| key.kind.is_some()) {
            add(Held::bare(value_of(&key.secret, self.prints)));
        }
        for shape in LEGACY.captures_iter(bytes) {
            let value = value_of(&Secret::from(&shape[1]), self.prints);
            if self.known.is_key(&value.fingerprint) {
                add(Held::bare(value));
            }
        }
        let whole = bytes.trim_ascii();
        if whole.len() >= LEAST && whole.len() <= 512 {
            let value = value_of(&Secret::from(whole), self.prints);
            if self.known.is_key(&value.fingerprint) {
                add(Held::bare(value));
            }
        }
        found
    }

    /// The value of a header or parameter that sends a key: whatever it is, if
    /// it is more than a placeholder.
    pub(super) fn sent(&self, value: &str, sent: Transport, host: Option<&str>) -> Option<Held> {
        Some(Held {
            value: self.key(value.trim().as_bytes())?,
            sent: Some(sent),
            host: host.map(str::to_ascii_lowercase),
        })
    }

    /// A value in the position of a key, if it is more than a placeholder. A key
    /// of the sweep is, whatever it looks like: people do choose `changeme`.
    fn key(&self, value: &[u8]) -> Option<Value> {
        let found = value_of(&Secret::from(value), self.prints);
        (literal(value).is_some() || self.counts(&found)).then_some(found)
    }

    /// Whether a value is a key wherever it stands.
    fn counts(&self, value: &Value) -> bool {
        value.checksum == Checksum::Valid || self.known.is_key(&value.fingerprint)
    }

    /// What an inventory says of it.
    pub(super) fn holder(&self, id: &ArmId, kind: HolderKind, place: &str, held: Held) -> Holder {
        let target = held
            .host
            .as_deref()
            .and_then(|host| self.known.app_at(host))
            .cloned();
        Holder {
            sent: held.sent,
            host: held.host.as_deref().map(Text::name),
            target,
            format: Some(held.value.format),
            seed: held.value.seed,
            fingerprint: Some(held.value.fingerprint),
            ..holder(id, kind, place, Form::Literal)
        }
    }
}

/// Reads every resource of a kind (`Microsoft.Logic/workflows`) in a subscription
/// and keeps whoever holds keys; a gap where they may not be read.
pub(super) async fn read_holders<R: DeserializeOwned>(
    run: &Run,
    subscription: &ArmId,
    scope: &Arc<str>,
    kind: &str,
    version: &str,
    family: Family,
    holders: impl Fn(&Searcher<'_>, &R) -> Vec<Holder>,
) {
    let Ok(url) = run.url(&format!("{subscription}/providers/{kind}"), version) else {
        return;
    };
    let budget = run.budget();
    let list = run.client.list(Ask::get(url, scope), &budget, |raw: R| {
        let known = run.known.borrow();
        let searcher = Searcher {
            prints: &run.prints,
            known: &known,
        };
        Some(holders(&searcher, &raw))
    });
    let listing = list.await;
    if let Some(failure) = &listing.failure {
        run.gap(subscription, family, failure, &format!("{kind}/read"));
    }
    let found = listing.facts.into_iter().flatten();
    run.found.borrow_mut().holders.extend(found);
}

impl Held {
    fn bare(value: Value) -> Self {
        Self {
            value,
            sent: None,
            host: None,
        }
    }
}

/// A holder of which nothing else is known.
pub(super) fn holder(id: &ArmId, kind: HolderKind, place: &str, form: Form) -> Holder {
    Holder {
        id: id.clone(),
        kind,
        place: Text::name(place),
        form,
        vault_secret: None,
        named_value: None,
        sent: None,
        host: None,
        target: None,
        format: None,
        seed: None,
        fingerprint: None,
        stale: None,
    }
}

/// Whether a format survives a look: a broken checksum is nobody's key.
pub(super) fn is_key_format(value: &Value) -> bool {
    match value.format {
        Format::Identifiable => value.checksum == Checksum::Valid,
        Format::Legacy => true,
        Format::Chosen => false,
    }
}

/// The header of a key.
pub(super) fn is_key_header(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("x-functions-key")
}

/// The parameter of a key.
pub(super) fn is_key_parameter(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("code")
}

/// Whether a name says that its value is a key of Azure Functions.
pub(super) fn names_a_key(name: &str) -> bool {
    NAME.is_match(name.as_bytes())
}

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i-u)func(?:tion)?s?[^a-z]*(?:app|host)?s?[^a-z]*(?:api|access|host|master|system)?[^a-z]*(?:key|code)s?\b|func[^=]*key|host[_-]?key|master[_-]?key|x-functions-key",
    )
});

static LEGACY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?-u)(?:^|[^A-Za-z0-9+/_=-])([A-Za-z0-9/]{53}[AQgw]==)"));

/// The secret that a Key Vault reference of App Service is to.
pub(super) fn vault_secret(reference: &str) -> Option<VaultSecret> {
    let inner = reference.trim();
    let open = inner.find('(')?;
    if !inner[..open].eq_ignore_ascii_case("@Microsoft.KeyVault") {
        return None;
    }
    let inner = inner[open + 1..].trim_end().strip_suffix(')')?;
    let mut parts = [None, None, None, None];
    for part in inner.split(';') {
        let (name, value) = part.split_once('=')?;
        let names = ["SecretUri", "VaultName", "SecretName", "SecretVersion"];
        if let Some(at) = names
            .iter()
            .position(|it| it.eq_ignore_ascii_case(name.trim()))
        {
            parts[at] = Some(value.trim()).filter(|value| !value.is_empty());
        }
    }
    match parts {
        [Some(uri), ..] => secret_of_uri(uri),
        [None, Some(vault), Some(secret), version] => Some(VaultSecret {
            vault: Text::name(vault),
            secret: Text::name(secret),
            version: version.map(Text::name),
        }),
        _ => None,
    }
}

/// `https://{vault}/secrets/{name}[/{version}]`.
pub(super) fn secret_of_uri(uri: &str) -> Option<VaultSecret> {
    let rest = uri
        .trim()
        .get(8..)
        .filter(|_| uri.trim().starts_with("https://"))?;
    let mut parts = rest.split('/');
    let vault = parts.next().filter(|host| !host.is_empty())?;
    parts
        .next()
        .filter(|word| word.eq_ignore_ascii_case("secrets"))?;
    let secret = parts.next().filter(|name| !name.is_empty())?;
    let version = parts.next().filter(|version| !version.is_empty());
    Some(VaultSecret {
        vault: Text::name(vault),
        secret: Text::name(secret),
        version: version.map(Text::name),
    })
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern, tested")
}

#[cfg(test)]
mod tests;
