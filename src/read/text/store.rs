//! Keys as the runtime stores them and as the service lists them.
//!
//! The shapes are those of `HostSecrets.cs`, `FunctionSecrets.cs`,
//! `ScriptSecretSerializerV0.cs` and `FunctionsSyncManager.cs` of
//! Azure/azure-functions-host, of ARM's `listkeys`, of the Kubernetes Secret
//! that Core Tools writes, and of the secrets of a key vault store.

mod named;

use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;
use zeroize::Zeroizing;

use super::fragment::{Node, parse};
use super::role::Position;
use crate::fact::Context;
use crate::key::KeyKind;
use named::{key_vault, kubernetes, yaml_listing};

/// A value of a store.
pub(crate) struct Entry {
    /// Where the value stands.
    pub span: Range<usize>,
    /// What the store says of it.
    pub position: Position,
    /// Whether the store says that it is encrypted.
    pub protection: Protection,
    /// The value under a second layer of base64, where the store has one.
    pub decoded: Option<Zeroizing<Vec<u8>>>,
}

/// Characters of the shortest value of a store that counts.
const MIN_VALUE: usize = 6;

/// Characters of the shortest text that encryption yields.
const MIN_CIPHERTEXT: usize = 32;

/// How a value of a store is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Not at all.
    None,
    /// By the runtime, with a key of the app's.
    Runtime,
    /// By something else: a sealed secret, SOPS.
    Other,
}

/// Every value of the stores and listings in the text; `among_secrets` where it
/// lies in a folder of secrets.
pub(crate) fn entries(text: &[u8], among_secrets: bool) -> Vec<Entry> {
    let mut found = Vec::new();
    first_version(text, among_secrets, &mut found);
    let answer = Answer::of(text);
    for member in MEMBER.captures_iter(text) {
        let Some(name) = member
            .name("name")
            .filter(|name| begins(text, name.start()))
        else {
            continue;
        };
        let at = member.get(0).map_or(name.end(), |whole| whole.end());
        let Some(node) = parse(text, at) else {
            continue;
        };
        read_member(text, &text[name.range()], &node, &answer, &mut found);
    }
    kubernetes(text, &mut found);
    yaml_listing(text, &mut found);
    key_vault(text, &mut found);
    found
}

/// Whether a name begins there, and is no end of a longer one. Not a part of the
/// pattern, which finds its words the faster for it.
fn begins(text: &[u8], name: usize) -> bool {
    let before = text[..name].last();
    before.is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-'))
}

static MEMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u)(?P<name>(?i:masterKey|functionKeys|systemKeys)|keys|secrets)\\*["']?\s*(?::|=>?)\s*"#,
    )
    .expect("a constant pattern, tested")
});

/// What an answer of the host's own API has beside its keys.
struct Answer {
    links: bool,
    system: bool,
}

impl Answer {
    fn of(text: &[u8]) -> Self {
        let has = |word: &[u8]| memchr::memmem::find(text, word).is_some();
        Self {
            links: has(b"\"links\"") || has(b"/admin/"),
            system: has(b"/systemkeys"),
        }
    }
}

fn read_member(text: &[u8], name: &[u8], node: &Node, answer: &Answer, found: &mut Vec<Entry>) {
    let lower = name.to_ascii_lowercase();
    match lower.as_slice() {
        // A lone text after `masterKey:` is judged by its name; only the
        // shapes of a store are certain.
        b"masterkey" => named_value(text, node, KeyKind::Master, found),
        b"functionkeys" => listing(text, node, KeyKind::Function, found),
        b"systemkeys" => listing(text, node, KeyKind::System, found),
        b"keys" => function_store(text, node, answer, found),
        b"secrets" => sync_payload(text, node, found),
        _ => {}
    }
}

/// The stores of 2016: `{"masterKey": "…", "functionKey": "…"}` of a host,
/// `{"key": "…"}` of a function, the latter told by its folder alone.
fn first_version(text: &[u8], among_secrets: bool, found: &mut Vec<Entry>) {
    for host in FIRST_HOST.find_iter(text) {
        let Some(node) = parse(text, host.start()) else {
            continue;
        };
        let member = |name| node.get(text, name).and_then(Node::text);
        if let (Some(master), Some(function)) = (member("masterKey"), member("functionKey")) {
            push(text, master, None, KeyKind::Master, false, found);
            push(text, function, None, KeyKind::Function, false, found);
        }
    }
    if among_secrets
        && text.trim_ascii_start().starts_with(b"{")
        && let Some(node) = parse(text, 0)
        && let [(_, Node::Text(_))] = node.members()
        && let Some(key) = node.get(text, "key").and_then(Node::text)
    {
        push(text, key, None, KeyKind::Function, false, found);
    }
}

static FIRST_HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i-u)\{(?:\s|\\[rnt])*\\*["'](?:masterKey|functionKey)\\*["']\s*:"#)
        .expect("a constant pattern, tested")
});

/// `{"name": "default", "value": "…", "encrypted": false}`.
fn named_value(text: &[u8], node: &Node, kind: KeyKind, found: &mut Vec<Entry>) {
    let Some(value) = node.get(text, "value").and_then(Node::text) else {
        return;
    };
    let name = node.get(text, "name").and_then(Node::text);
    let encrypted = node
        .get(text, "encrypted")
        .and_then(Node::text)
        .is_some_and(|word| text[word.clone()].eq_ignore_ascii_case(b"true"));
    push(text, value, name, kind, encrypted, found);
}

/// `{"default": "…"}` of a listing, `[{"name", "value"}]` of a store.
fn listing(text: &[u8], node: &Node, kind: KeyKind, found: &mut Vec<Entry>) {
    for (name, value) in node.members() {
        match value {
            Node::Text(span) if !is_metadata(&text[name.clone()]) => {
                push(text, span, Some(name), kind, false, found);
            }
            _ => named_value(text, value, kind, found),
        }
    }
    for element in node.elements() {
        named_value(text, element, kind, found);
    }
}

/// `{"keys": [{"name", "value", "encrypted"}]}` of a function, and the same
/// without `encrypted` as the host's API answers.
fn function_store(text: &[u8], node: &Node, answer: &Answer, found: &mut Vec<Entry>) {
    let is_entry = |element: &Node| {
        element.get(text, "name").is_some()
            && element.get(text, "value").is_some()
            && element.members().len() <= 3
    };
    let elements = node.elements();
    if elements.is_empty() || !elements.iter().all(is_entry) {
        return;
    }
    let stored = elements
        .iter()
        .any(|element| element.get(text, "encrypted").is_some());
    if !stored && !answer.links {
        return;
    }
    let system = !stored && answer.system;
    for element in elements {
        let master = element
            .get(text, "name")
            .and_then(Node::text)
            .is_some_and(|name| text[name.clone()].eq_ignore_ascii_case(b"_master"));
        let kind = match (master, system) {
            (true, _) => KeyKind::Master,
            (_, true) => KeyKind::System,
            _ => KeyKind::Function,
        };
        named_value(text, element, kind, found);
    }
}

/// What the host sends to the platform: `{"host": {"master", "function",
/// "system"}, "function": [{"name", "secrets"}]}`.
fn sync_payload(text: &[u8], node: &Node, found: &mut Vec<Entry>) {
    let Some(host) = node.get(text, "host") else {
        return;
    };
    if let Some(master) = host.get(text, "master").and_then(Node::text) {
        push(text, master, None, KeyKind::Master, false, found);
    }
    for (member, kind) in [("function", KeyKind::Function), ("system", KeyKind::System)] {
        if let Some(node) = host.get(text, member) {
            listing(text, node, kind, found);
        }
    }
    let functions = node.get(text, "function").map_or(&[][..], Node::elements);
    for function in functions {
        if let Some(secrets) = function.get(text, "secrets") {
            listing(text, secrets, KeyKind::Function, found);
        }
    }
}

fn is_metadata(name: &[u8]) -> bool {
    [
        "id",
        "name",
        "type",
        "kind",
        "location",
        "properties",
        "value",
        "encrypted",
        "description",
        "hostName",
    ]
    .iter()
    .any(|word| name.eq_ignore_ascii_case(word.as_bytes()))
}

fn push(
    text: &[u8],
    value: &Range<usize>,
    name: Option<&Range<usize>>,
    kind: KeyKind,
    encrypted: bool,
    found: &mut Vec<Entry>,
) {
    let mut position = Position::functions(kind, Context::Store).certain();
    if let Some(name) = name {
        position = position.named(&text[name.clone()]);
    }
    // What no owner of a key would choose, and what no encryption yields: the
    // stores of unit tests.
    if value.len() < MIN_VALUE {
        return;
    }
    found.push(Entry {
        span: value.clone(),
        position,
        protection: match encrypted {
            true if value.len() < MIN_CIPHERTEXT => Protection::Other,
            true => Protection::Runtime,
            false => Protection::None,
        },
        decoded: None,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(KeyKind, String, bool)> {
        entries(text.as_bytes(), false)
            .into_iter()
            .map(|entry| {
                let encrypted = entry.protection == Protection::Runtime;
                (entry.position.kind, text[entry.span].to_owned(), encrypted)
            })
            .collect()
    }

    #[test]
    fn reads_the_stores_of_the_runtime() {
        let host = r#"{"masterKey":{"name":"master","value":"master","encrypted":false},
            "functionKeys":[{"name":"default","value":"CfDJ8fffffffffffffffffffffffffffffff","encrypted":true}],"systemKeys":[]}"#;
        assert_eq!(
            read(host),
            [
                (KeyKind::Master, "master".into(), false),
                (
                    KeyKind::Function,
                    "CfDJ8fffffffffffffffffffffffffffffff".into(),
                    true
                )
            ]
        );
        let function = r#"{"keys":[{"name":"default","value":"kkkkkk","encrypted":false}]}"#;
        assert_eq!(
            read(function),
            [(KeyKind::Function, "kkkkkk".into(), false)]
        );
    }

    #[test]
    fn reads_key_listings() {
        let arm = r#"{"masterKey":"m","functionKeys":{"default":"ffffff"},"systemKeys":{"durabletask_extension":"ssssss"}}"#;
        assert_eq!(
            read(arm),
            [
                (KeyKind::Function, "ffffff".into(), false),
                (KeyKind::System, "ssssss".into(), false)
            ]
        );
        let yaml = "functionKeys:\n  default: ffffff\nmasterKey: m\nsystemKeys:\n  eventgrid_extension: ssssss\n";
        assert_eq!(
            read(yaml),
            [
                (KeyKind::Function, "ffffff".into(), false),
                (KeyKind::System, "ssssss".into(), false)
            ]
        );
    }

    #[test]
    fn reads_what_the_host_sends_to_the_platform() {
        let sync = r#"{"secrets":{"host":{"master":"mmmmmm","function":{"default":"ffffff"},"system":{}},"function":[{"name":"x","secrets":{"default":"gggggg"}}]}}"#;
        assert_eq!(
            read(sync)
                .iter()
                .map(|(_, value, _)| value.as_str())
                .collect::<Vec<_>>(),
            ["mmmmmm", "ffffff", "gggggg"]
        );
    }

    #[test]
    fn reads_vault_and_cluster_secrets() {
        let command = "az keyvault secret set --vault-name v --name host--masterKey--master";
        let vault = &format!("{command} --value {}", "abcdefgh");
        assert_eq!(read(vault), [(KeyKind::Master, "abcdefgh".into(), false)]);
        // In pieces, or a scan of this file takes them for a store.
        let cluster = &format!(
            "data:\n  host.master: {}\n  functions.main.default: {}\n",
            "c2VjcmV0LW1hc3Rlcg==", "YWJjZGVmZ2g="
        );
        assert_eq!(
            read(cluster)
                .iter()
                .map(|(kind, ..)| *kind)
                .collect::<Vec<_>>(),
            [KeyKind::Master, KeyKind::Function]
        );
    }
}
