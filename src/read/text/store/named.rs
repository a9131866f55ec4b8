//! Stores that keep each key under a name of its own: Kubernetes Secrets and
//! mounted files, a listing as YAML, a key vault.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use regex::bytes::Regex;
use std::sync::LazyLock;
use zeroize::Zeroizing;

use super::super::label::value_after;
use super::super::pattern::has_any;
use super::super::role::Position;
use super::{Entry, Protection, is_metadata, push};
use crate::fact::Context;
use crate::key::KeyKind;

/// `host.master: …`, as a Kubernetes Secret, a Container Apps secret or a file
/// of mounted secrets has it.
pub(super) fn kubernetes(text: &[u8], found: &mut Vec<Entry>) {
    let sealed = [&b"SealedSecret"[..], b"encryptedData", b"ENC["]
        .iter()
        .any(|mark| memchr::memmem::find(text, mark).is_some());
    let protection = if sealed {
        Protection::Other
    } else {
        Protection::None
    };
    for line in KUBERNETES.captures_iter(text) {
        let (Some(name), Some(value)) = (line.name("name"), line.name("value")) else {
            continue;
        };
        let kind = match name.as_bytes() {
            b"host.master" => KeyKind::Master,
            name if name.starts_with(b"host.systemKey") => KeyKind::System,
            _ => KeyKind::Function,
        };
        let decoded = BASE64_STANDARD
            .decode(value.as_bytes())
            .ok()
            .map(Zeroizing::new)
            .filter(|inner| {
                inner.len() >= 6 && inner.trim_ascii().iter().all(u8::is_ascii_graphic)
            });
        let position = Position::functions(kind, Context::Store)
            .named(name.as_bytes())
            .certain();
        found.push(Entry {
            span: value.range(),
            position,
            protection,
            decoded,
        });
    }
}

static KUBERNETES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xm-u)(?:^|[\s"'{,])(?P<name>host\.master|host\.function(?:Key)?\.[\w-]+|host\.systemKey\.[\w-]+|functions\.[\w-]+\.[\w-]+)\\*["']?\s*[:=]\s*(?:!!binary\s+)?\\*["']?(?P<value>[^\s"'\\,{}]{6,200})"#,
    )
    .expect("a constant pattern, tested")
});

/// The same listing as `az … -o yaml` prints it.
pub(super) fn yaml_listing(text: &[u8], found: &mut Vec<Entry>) {
    if !has_any(text, &["Keys:"]) {
        return;
    }
    for block in YAML_BLOCK.captures_iter(text) {
        let (Some(name), Some(body)) = (block.name("name"), block.name("body")) else {
            continue;
        };
        let kind = match name.as_bytes() {
            b"systemKeys" => KeyKind::System,
            _ => KeyKind::Function,
        };
        for line in YAML_LINE.captures_iter(body.as_bytes()) {
            let (Some(key), Some(value)) = (line.name("key"), line.name("value")) else {
                continue;
            };
            if is_metadata(key.as_bytes()) {
                continue;
            }
            let span = body.start() + value.start()..body.start() + value.end();
            let key = body.start() + key.start()..body.start() + key.end();
            push(text, &span, Some(&key), kind, false, found);
        }
    }
}

static YAML_BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xm-u)^[\x20\t]*(?P<name>functionKeys|systemKeys):[\x20\t]*\r?\n(?P<body>(?:[\x20\t]+[\w.-]+:[\x20\t]+\S+[\x20\t]*\r?\n?){1,50})",
    )
    .expect("a constant pattern, tested")
});

static YAML_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m-u)^[\x20\t]+(?P<key>[\w.-]+):[\x20\t]+["']?(?P<value>[^\s"']+)"#)
        .expect("a constant pattern, tested")
});

/// `host--masterKey--master`, the secret names of a key vault store.
pub(super) fn key_vault(text: &[u8], found: &mut Vec<Entry>) {
    for name in VAULT_NAME.find_iter(text) {
        let kind = match name.as_bytes() {
            n if n.starts_with(b"host--masterKey") => KeyKind::Master,
            n if n.starts_with(b"host--systemKey") => KeyKind::System,
            _ => KeyKind::Function,
        };
        let rest = &text[name.end()..text.len().min(name.end() + 400)];
        let nearby = VAULT_VALUE.captures(rest).and_then(|found| {
            ["value", "secure", "nested"]
                .iter()
                .find_map(|name| found.name(name))
        });
        let span = match nearby {
            Some(value) => name.end() + value.start()..name.end() + value.end(),
            None => match value_after(text, name.end()) {
                Some(value) if value.quoted || !value.quoted_name => value.span,
                _ => continue,
            },
        };
        let position = Position::functions(kind, Context::Store)
            .named(name.as_bytes())
            .certain();
        found.push(Entry {
            span,
            position,
            protection: Protection::None,
            decoded: None,
        });
    }
}

static VAULT_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)\bhost--(?:masterKey--master|functionKey--[\w-]+|systemKey--[\w-]+)|\bfunction--\w[\w-]*?--[\w-]*\w")
        .expect("a constant pattern, tested")
});

static VAULT_VALUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xs-u)^(?:
            ["']?(?:\s+|\s*\\\r?\n\s*)(?:--?[\w-]+(?:\s+|=)[^\s-]\S*(?:\s+|\s*[\\`]\r?\n\s*)){0,4}--value(?:\s+|=)["']?(?P<value>[^\s"'`\\]+)
          | ["']?\s+(?:-\w+\s+[^\s-]\S*\s+|`\r?\n\s*){0,4}-SecretValue\s+\(\s*ConvertTo-SecureString\s+(?:-\w+\s+){0,3}["'](?P<secure>[^"'\n]+)
          | ["'][^{}]{0,120}properties["']?\s*[:=]\s*\{[^{}]{0,200}?\bvalue["']?\s*[:=]\s*["'](?P<nested>[^"'\n]+)
        )"#,
    )
    .expect("a constant pattern, tested")
});
