use super::*;
use crate::diff::word;
use crate::outcome::Verdict;
use serde_json::{Value, json};

fn finding(id: &str, more: Value) -> Value {
    let mut finding = json!({"ruleId": "KS1003", "severity": "high", "stableId": id, "suppressed": null,
        "message": "A key.", "location": {"in": "file", "path": format!("src/{id}.js"),
        "start": {"line": 3, "column": 1}}, "properties": {}});
    for (name, value) in more.as_object().into_iter().flatten() {
        finding[name] = value.clone();
    }
    finding
}

fn report(findings: &[Value], gaps: &[&str]) -> Earlier {
    let gaps: Vec<Value> = gaps
        .iter()
        .map(|subject| json!({"subject": subject}))
        .collect();
    let text = json!({"version": 1, "tool": {"name": "keysweep"}, "findings": findings,
        "rules": [{"id": "KS1003"}], "gaps": gaps, "coverage": {"files": 1}});
    Earlier::parse("r.json", text.to_string().as_bytes()).unwrap()
}

fn told(diff: &Diff) -> Vec<String> {
    let short = |change: &Change| {
        format!(
            "{} {} {}",
            word(&change.what),
            word(&change.about),
            change.id
        )
    };
    diff.changes.iter().map(short).collect()
}

#[test]
fn findings_are_new_mended_or_changed() {
    let a = finding("a", json!({}));
    let old = report(
        &[a.clone(), finding("b", json!({})), finding("c", json!({}))],
        &[],
    );
    let louder = finding(
        "a",
        json!({"message": "Another word.", "location": {"path": "src/a.js", "start": {"line": 9}}}),
    );
    let ignored = finding("b", json!({"suppressed": {"justification": "x"}}));
    let new = report(&[louder, ignored, finding("d", json!({}))], &[]);
    let diff = of_reports(&old, &new).unwrap();
    // Lines and messages may change from run to run.
    assert_eq!(
        told(&diff),
        [
            "changed finding src/b.js",
            "gone finding src/c.js",
            "new finding src/d.js"
        ]
    );
    assert_eq!(diff.changes[0].fields[0].name, "suppressed");
    assert_eq!(diff.changes[2].message, "KS1003 src/d.js:3: A key.");
    assert_eq!(diff.verdict(false), Verdict::Findings);
}

#[test]
fn two_of_one_id_are_two() {
    let twice = report(&[finding("a", json!({})), finding("a", json!({}))], &[]);
    let once = report(&[finding("a", json!({}))], &[]);
    assert_eq!(
        told(&of_reports(&once, &twice).unwrap()),
        ["new finding src/a.js"]
    );
    assert_eq!(
        told(&of_reports(&twice, &once).unwrap()),
        ["gone finding src/a.js"]
    );
}

#[test]
fn one_that_is_made_of_several_says_how_many_came_and_went() {
    let of = |members: &[&str]| {
        report(
            &[finding("a", json!({"properties": {"members": members}}))],
            &[],
        )
    };
    let diff = of_reports(&of(&["1", "2", "3"]), &of(&["3", "4"])).unwrap();
    assert_eq!(told(&diff), ["changed finding src/a.js"]);
    assert!(
        diff.changes[0]
            .message
            .ends_with("A key. (1 new in it, 2 mended of it)")
    );
    assert_eq!(of_reports(&of(&["1"]), &of(&["1"])).unwrap().changes, []);
}

#[test]
fn what_was_not_looked_at_is_not_mended() {
    let old = report(&[finding("a", json!({})), finding("b", json!({}))], &[]);
    let new = report(&[], &["src/a.js"]);
    let diff = of_reports(&old, &new).unwrap();
    assert_eq!(
        told(&diff),
        [
            "new gap src/a.js",
            "not-compared finding src/a.js",
            "gone finding src/b.js"
        ]
    );
    assert_eq!(diff.verdict(false), Verdict::Incomplete);
    let mut unasked = report(&[], &[]);
    unasked.rules.clear();
    assert_eq!(
        of_reports(&old, &unasked).unwrap().verdict(false),
        Verdict::Incomplete
    );
    // SARIF says that it was not all, and not what was missed.
    let mut blind = report(&[], &[]);
    blind.unseen = Unseen::Something;
    let diff = of_reports(&old, &blind).unwrap();
    assert_eq!(diff.verdict(false), Verdict::Incomplete);
    assert!(diff.notices[0].contains("did not see everything"));
}

#[test]
fn files_and_a_tenant_are_not_compared() {
    let files = report(&[], &[]);
    let mut tenant = report(&[], &[]);
    tenant.of_tenant = Some(true);
    assert_eq!(of_reports(&files, &tenant), Err(DifferentSubjects));
    tenant.of_tenant = None;
    assert!(of_reports(&files, &tenant).is_ok());
}
