use super::*;
use crate::report::fixture;
use std::path::Path;

fn report(outcome: &Outcome) -> serde_json::Value {
    let mut out = Vec::new();
    write(outcome, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// `UPDATE=1 cargo test` writes the schema anew.
#[test]
fn the_committed_schema_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    let fresh = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed.replace("\r\n", "\n") == fresh,
        "stale: run UPDATE=1 cargo test --lib report::json"
    );
}

#[test]
fn reports_obey_the_schema() {
    let validator = jsonschema::validator_for(schema().as_value()).unwrap();
    for outcome in [fixture::outcome(), Outcome::default(), fixture::big(100)] {
        let report = report(&outcome);
        let errors: Vec<_> = validator.iter_errors(&report).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let mut report = report(&Outcome::default());
    report["version"] = 2.into();
    assert!(!validator.is_valid(&report));
}

#[test]
fn a_finding_as_scripts_see_it() {
    let report = report(&fixture::outcome());
    let pretty = |part: &str| serde_json::to_string_pretty(report.pointer(part).unwrap());
    insta::assert_snapshot!(pretty("/findings/1").unwrap());
    insta::assert_snapshot!(pretty("/summary").unwrap());
    insta::assert_snapshot!(pretty("/gaps").unwrap());
}

#[test]
fn the_highlight_is_counted_in_characters() {
    let report = report(&fixture::outcome());
    for finding in report["findings"].as_array().unwrap() {
        let Some(text) = finding["excerpt"]["text"].as_str() else {
            continue;
        };
        let at = |end: &str| finding["excerpt"][end].as_u64().unwrap() as usize;
        let key: String = text.chars().take(at("end")).skip(at("start")).collect();
        assert_eq!(key, "*".repeat(20));
    }
}
