use super::*;
use crate::report::fixture;

fn text(outcome: &Outcome) -> String {
    grouped_by(Group::Rule, outcome)
}

fn grouped_by(group: Group, outcome: &Outcome) -> String {
    let mut out = Vec::new();
    write(outcome, group, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn by_control() {
    insta::assert_snapshot!(grouped_by(Group::Control, &fixture::controls()));
}

#[test]
fn by_control_a_page_fits_into_a_summary() {
    let mut outcome = fixture::controls();
    outcome.findings = fixture::big(20_000).findings;
    let text = grouped_by(Group::Control, &outcome);
    assert!(text.len() < 1024 * 1024, "{}", text.len());
    assert!(text.contains(" further findings left out"));
}

#[test]
fn a_run_with_findings_and_gaps() {
    insta::assert_snapshot!(text(&fixture::outcome()));
}

#[test]
fn a_clean_run() {
    insta::assert_snapshot!(text(&Outcome::default()));
}

#[test]
fn hostile_names_stay_data() {
    let text = text(&fixture::hostile());
    insta::assert_snapshot!(text);
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 7);
    assert!(rows.iter().all(|row| row.matches('|').count() == 5));
}

#[test]
fn a_page_fits_into_a_summary_and_says_what_it_leaves_out() {
    let mut outcome = fixture::big(20_000);
    outcome.findings[19_999].severity = Severity::Critical;
    let long = crate::gap::Gap {
        subject: "|".repeat(5_000),
        reason: crate::gap::GapReason::Vanished,
    };
    outcome.gaps = vec![long; 1_000];
    let rule = outcome.rules[1].clone();
    outcome.rules = (0..2_000)
        .map(|n| {
            outcome.findings[n].rule = format!("KS{n:04}").into();
            Metadata {
                id: format!("KS{n:04}"),
                ..rule.clone()
            }
        })
        .collect();
    let text = text(&outcome);
    assert!(text.len() < 1024 * 1024, "{}", text.len());
    let first = text.lines().find(|line| line.contains("<code>")).unwrap();
    assert!(first.contains("critical"), "{first}");
    assert!(text.contains(" further findings left out, to keep this page below 1 MiB; "));
    assert!(text.contains(" more: `keysweep rules explain`."));
    assert!(text.contains("- and 99"));
}
