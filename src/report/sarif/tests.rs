use super::*;
use crate::finding::Severity;
use crate::location::Location;
use crate::report::fixture::{self, finding};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

fn text(outcome: &Outcome) -> String {
    let mut out = Vec::new();
    write(outcome, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn log(outcome: &Outcome) -> Value {
    serde_json::from_str(&text(outcome)).unwrap()
}

/// OASIS' schema, as the source of `serde-sarif` holds it.
fn schema() -> Value {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", "--locked"])
        .args(["--filter-platform", "host-tuple"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{metadata:?}");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let package = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    let schema = manifest.with_file_name("src").join("schema.json");
    let schema = std::fs::read_to_string(schema).unwrap();
    // A bracket too many in the pattern of a property that we do not write.
    let schema = schema.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    serde_json::from_str(&schema).unwrap()
}

#[test]
fn a_run_with_findings_and_gaps() {
    insta::with_settings!({filters => vec![(env!("CARGO_PKG_VERSION"), "[version]")]}, {
        insta::assert_snapshot!(text(&fixture::outcome()));
    });
}

#[test]
fn logs_obey_the_schema() {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema())
        .unwrap();
    for outcome in [
        fixture::outcome(),
        fixture::hostile(),
        fixture::in_azure(),
        fixture::known(),
        Outcome::default(),
        fixture::big(50),
    ] {
        let log = log(&outcome);
        let errors: Vec<_> = validator.iter_errors(&log).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let mut wrong = log(&fixture::outcome());
    wrong["runs"][0]["columnKind"] = "bytes".into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn a_run_of_azure_pipelines_is_filed_under_its_name() {
    let log = log(&fixture::in_azure());
    let details = &log["runs"][0]["automationDetails"];
    assert_eq!(
        details["id"],
        "azuredevops/pipeline/build/contoso/11111111-1111-1111-1111-111111111111/42/22222222-2222-2222-2222-222222222222/refs/heads/main/98765"
    );
    let properties = &details["properties"];
    for (name, value) in [
        ("buildDefinitionId", "42"),
        ("buildDefinitionName", "Nightly build"),
        ("phaseId", "22222222-2222-2222-2222-222222222222"),
        ("phaseName", "Scan"),
    ] {
        assert_eq!(properties[format!("{AZURE_BUILD}{name}")], value);
    }
}

#[test]
fn a_baseline_is_told_on_every_result_or_on_none() {
    let states = |outcome| -> Vec<Value> {
        let log = log(&outcome);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|r| r["baselineState"].clone()).collect()
    };
    let known = states(fixture::known());
    assert!(known.contains(&"new".into()) && known.contains(&"unchanged".into()));
    assert!(known.iter().all(|state| !state.is_null()));
    assert!(states(fixture::outcome()).iter().all(Value::is_null));
}

#[test]
fn more_results_than_code_scanning_takes_are_cut_and_said_so() {
    let mut outcome = fixture::big(MAX_RESULTS + 2);
    outcome.findings[0].severity = Severity::Low;
    outcome.findings.push(finding("KS1001", Severity::Critical));
    let log = log(&outcome);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), MAX_RESULTS);
    assert_eq!(results.last().unwrap()["ruleId"], "KS1001");
    assert_ne!(results[0]["level"], "note");
    let said = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    assert_eq!(
        said["message"]["text"],
        "3 further results are not listed: code scanning accepts 25000."
    );
}

#[test]
fn more_places_than_code_scanning_takes_are_cut_and_said_so() {
    let mut outcome = fixture::big(1);
    outcome.findings[0].related = (0..1500)
        .map(|n| crate::fact::Related {
            location: fixture::place("b[1].js", n + 1, 1, 3),
            message: "the same key".to_owned(),
        })
        .collect();
    let log = log(&outcome);
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 999);
    assert_eq!(result["properties"]["relatedLocationsNotListed"], 501);
    let text = result["message"]["text"].as_str().unwrap();
    assert!(
        text.contains("[b\\[1\\].js:10](10) and 1490 more."),
        "{text}"
    );
}

#[test]
fn a_line_without_a_hash_has_none() {
    let mut outcome = fixture::big(1);
    if let Location::File(place) = &mut outcome.findings[0].location {
        place.line_hash = None;
    }
    let log = log(&outcome);
    let fingerprints = &log["runs"][0]["results"][0]["partialFingerprints"];
    assert_eq!(fingerprints["keysweep/v1"], "0000000000000000");
    assert_eq!(fingerprints["primaryLocationLineHash"], Value::Null);
}

/// Writes `target/tmp/sample-*.sarif` for `scripts/sarif-validate`.
#[test]
#[ignore = "writes files: cargo test --lib samples_for_the_validator -- --ignored"]
fn samples_for_the_validator() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/tmp");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, outcome) in [
        ("sample-findings.sarif", fixture::outcome()),
        ("sample-clean.sarif", Outcome::default()),
        ("sample-many.sarif", fixture::big(MAX_RESULTS + 1)),
        ("sample-azure.sarif", fixture::in_azure()),
        ("sample-baseline.sarif", fixture::known()),
    ] {
        std::fs::write(folder.join(name), text(&outcome)).unwrap();
    }
}
