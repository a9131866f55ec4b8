//! A key that a template gives a value: `Microsoft.Web/sites/host/functionKeys`
//! in ARM JSON, Bicep or Terraform.

use std::ops::Range;

use super::pattern::patterns;
use super::role::Position;
use crate::fact::Context;
use crate::key::KeyKind;

patterns! {
    KEY = r#"(?xi-u)Microsoft\.Web/sites/(?:slots/)?(?P<type>host/functionKeys|host/systemKeys|functions/keys|functions/slots/keys)\b
        (?:[^{}]{0,300}\{){0,2}?[^{}]{0,300}?properties\\*["']?\s*[:=]\s*\{[^{}]{0,300}?
        \bvalue\\*["']?\s*[:=]\s*\\*["'](?P<value>[^"'\\\n]{6,200})"#;
}

/// The values of the keys that the text's templates make.
pub(crate) fn keys(text: &[u8]) -> Vec<(Range<usize>, Position)> {
    let found = KEY.captures_iter(text).filter_map(|found| {
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
    found.collect()
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
        let other =
            r#"{"type": "Microsoft.Web/sites/config", "properties": {"value": "{{value}}"}}"#;
        assert!(keys(other.as_bytes()).is_empty());
    }
}
