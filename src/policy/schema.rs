//! The JSON schema of `keysweep.toml`, for editors.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use super::raw::RawPolicy;

/// The schema, as committed in `docs/keysweep.schema.json`.
#[must_use]
pub fn schema() -> Schema {
    SchemaSettings::draft07()
        .with_transform(RecursiveTransform(without_null))
        .into_generator()
        .into_root_schema_for::<RawPolicy>()
}

/// TOML has no null: a field that may be left out is just not required.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
        any.retain(|one| one.get("type").is_none_or(|name| name != "null"));
        if let [only] = any.as_slice() {
            let only = serde_json::json!([only]);
            schema.remove("anyOf");
            schema.insert("allOf".to_owned(), only);
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_committed_schema_is_fresh() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keysweep.schema.json");
        let fresh = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed.replace("\r\n", "\n") == fresh,
            "docs/keysweep.schema.json is stale: run UPDATE=1 cargo test --lib policy::schema"
        );
    }

    #[test]
    fn the_schema_agrees_with_the_parser() {
        let schema = serde_json::to_value(schema()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for (text, good) in [
            ("", true),
            ("[rules]\nKS1010 = 'on'\nKS1003 = 'critical'", true),
            (
                "[[exempt]]\nrule='a'\nreason='b'\nowner='c'\nuntil='2026-01-01'\npath='d'",
                true,
            ),
            ("[rules]\nKS1010 = 'loud'", false),
            ("[[exempt]]\nrule='a'", false),
            ("[[accept-gap]]\nreason='b'\nuntil='2026-01-01'", false),
            (
                "[[accept-gap]]\nreason='b'\nuntil='2026-01-01'\nresource='**/a'",
                true,
            ),
            ("[max-age]\nhost = 'long'", false),
            ("colour = 'red'", false),
            ("[[caller]]\nname='a'\nkind='cluster'", false),
        ] {
            let value: Value = toml::from_str(text).unwrap();
            assert_eq!(validator.is_valid(&value), good, "{text}");
        }
    }
}
