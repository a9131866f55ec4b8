//! A key as a resource: the value that a template gives one in ARM JSON, Bicep
//! or Terraform, what `az functionapp keys set` answers, and the key that a
//! linked service of Data Factory sends.

use std::ops::Range;

use super::pattern::{has_any, patterns};
use super::role::Position;
use crate::fact::Context;
use crate::key::KeyKind;

patterns! {
    KEY = r#"(?xi-u)Microsoft\.Web/sites/(?:slots/)?(?P<type>host/functionKeys|host/systemKeys|functions/keys|functions/slots/keys)\b
        (?:[^{}]{0,300}\{){0,2}?[^{}]{0,300}?properties\\*["']?\s*[:=]\s*\{[^{}]{0,300}?
        \bvalue\\*["']?\s*[:=]\s*\\*["'](?P<value>[^"'\\\n]{6,200})"#;
    ANSWER = r#"(?xi-u)Microsoft\.Web/sites/(?:slots/)?(?P<type>host/functionKeys|host/systemKeys|functions/keys|functions/slots/keys)
        \\*"\s*,\s*\\*"value\\*"\s*:\s*\\*"(?P<value>[^"\\\n]{6,200})"#;
    LINKED_SERVICE = r#"(?xi-u)\\*"functionKey\\*"\s*:\s*\{\s*\\*"type\\*"\s*:\s*\\*"SecureString\\*"\s*,
        \s*\\*"value\\*"\s*:\s*\\*"(?P<value>[^"\\\n]{6,200})"#;
}

/// The values of the keys that are resources of the text.
pub(crate) fn keys(text: &[u8]) -> Vec<(Range<usize>, Position)> {
    let typed = has_any(text, &["ites/", "ITES/"])
        && has_any(
            text,
            &["nKeys", "nkeys", "mKeys", "mkeys", "s/keys", "KEYS"],
        );
    if !typed && !has_any(text, &["ecureString"]) {
        return Vec::new();
    }
    let typed = KEY.captures_iter(text).chain(ANSWER.captures_iter(text));
    let typed = typed.filter_map(|found| {
        let kind = match found
            .name("type")?
            .as_bytes()
            .to_ascii_lowercase()
            .as_slice()
        {
            b"host/systemkeys" => KeyKind::System,
            _ => KeyKind::Function,
        };
        let position = Position::functions(kind, Context::Setting).certain();
        Some((found.name("value")?.range(), position))
    });
    let linked = LINKED_SERVICE.captures_iter(text).filter_map(|found| {
        let position =
            Position::functions(KeyKind::Unknown, Context::Setting).named(b"functionKey");
        Some((found.name("value")?.range(), position.certain()))
    });
    typed.chain(linked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_key_of_every_template() {
        for text in [
            r#"{"type": "Microsoft.Web/sites/host/systemKeys", "name": "[concat(x)]", "properties": {"name": "n", "value": "{{value}}"}}"#,
            "resource k 'Microsoft.Web/sites/host/systemKeys@2022-03-01' = {\n  name: 'a/default/n'\n  properties: {\n    name: 'n'\n    value: '{{value}}'\n  }\n}",
            "type = \"Microsoft.Web/sites/host/systemKeys@2022-03-01\"\nbody = {\n  properties = {\n    value = \"{{value}}\"\n  }\n}",
        ] {
            let found = keys(text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(&text[found[0].0.clone()], "{{value}}");
            assert_eq!(found[0].1.kind, KeyKind::System);
        }
        let answer =
            r#"{"name": "n", "type": "Microsoft.Web/sites/functions/keys", "value": "{{value}}"}"#;
        let linked = r#""functionKey": {"type": "SecureString", "value": "{{value}}"}"#;
        for (text, kind) in [(answer, KeyKind::Function), (linked, KeyKind::Unknown)] {
            let found = keys(text.as_bytes());
            assert_eq!(&text[found[0].0.clone()], "{{value}}");
            assert_eq!(found[0].1.kind, kind);
        }
        let other =
            r#"{"type": "Microsoft.Web/sites/config", "properties": {"value": "{{value}}"}}"#;
        assert!(keys(other.as_bytes()).is_empty());
    }
}
