use super::*;
use crate::fact::Related;
use crate::report::fixture;
use std::time::{Duration, Instant};

fn page(outcome: &Outcome, style: Style) -> String {
    let mut out = Vec::new();
    write(outcome, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_run_with_findings_and_gaps() {
    insta::assert_snapshot!(page(&fixture::outcome(), Style::default()));
}

#[test]
fn by_control() {
    let style = Style {
        group: Group::Control,
        ..Style::default()
    };
    insta::assert_snapshot!(page(&fixture::controls(), style));
}

#[test]
fn a_clean_run() {
    let outcome = Outcome {
        findings: Vec::new(),
        gaps: Vec::new(),
        notices: Vec::new(),
        ..fixture::outcome()
    };
    insta::assert_snapshot!(page(&outcome, Style::default()), @"
    looked at       1,234 files (56.7 MB), 5 rules

    clean: no findings: exit code 0
    ");
}

#[test]
fn a_narrow_terminal() {
    let mut outcome = fixture::outcome();
    outcome.findings.truncate(2);
    let style = Style {
        width: 60,
        ..Style::default()
    };
    let text = page(&outcome, style);
    insta::assert_snapshot!(text);
}

#[test]
fn colours_are_asked_for() {
    let outcome = fixture::outcome();
    let colour = Style {
        colour: true,
        ..Style::default()
    };
    let coloured = page(&outcome, colour);
    let plain = page(&outcome, Style::default());
    assert!(coloured.contains("\x1b["));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}

#[test]
fn what_a_finding_means_is_said_once() {
    let mut outcome = fixture::big(3);
    let meaning = "It opens all; renew it.";
    for (finding, place) in outcome
        .findings
        .iter_mut()
        .zip(["here", "there", "elsewhere"])
    {
        finding.message = format!("A key is {place}. {meaning}");
    }
    let text = page(&outcome, Style::default());
    assert_eq!(text.matches(meaning).count(), 1);
    assert!(text.contains("A key is there.\n"));
}

#[test]
fn many_places_are_counted() {
    let mut outcome = fixture::big(1);
    outcome.findings[0].related = (0..2000)
        .map(|n| Related {
            location: fixture::place("b.js", n + 1, 1, 3),
            message: "the same key".to_owned(),
        })
        .collect();
    let text = page(&outcome, Style::default());
    assert_eq!(text.matches("also b.js").count(), MAX_RELATED);
    assert!(text.contains("╰─ and 1,992 further places\n"));
}

#[test]
fn no_name_reaches_the_terminal_as_a_command() {
    let mut outcome = fixture::big(1);
    let finding = &mut outcome.findings[0];
    finding.location = fixture::place("a\x1b]0;x\x07\u{202e}\n.js", 1, 1, 1);
    finding.message = "Key in 'a\x1b[2J'.".to_owned();
    finding.properties = [("caller".into(), serde_json::json!("a\x1b[2J"))].into();
    finding.related = vec![Related {
        location: fixture::place("b\x1b[2J", 1, 1, 1),
        message: "\x1b[2J".to_owned(),
    }];
    outcome.gaps[0].subject = "\x1b[2J".to_owned();
    let text = page(&outcome, Style::default());
    assert!(!text.contains(['\x1b', '\x07', '\u{202e}']), "{text}");
}

#[test]
fn thousands_of_findings_are_no_wait() {
    let outcome = fixture::big(20_000);
    let started = Instant::now();
    let text = page(&outcome, Style::default());
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(text.matches("What to do").count(), 1);
}
