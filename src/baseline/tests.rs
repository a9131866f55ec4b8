use super::*;
use crate::finding::{Severity, Suppressed};
use crate::gap::GapReason;
use crate::outcome::{Outcome, Verdict};
use crate::report::{self, Format, Style};
use crate::rule::{Help, Scope};

fn finding(rule: &str, path: &str, line: u64, id: &str) -> Finding {
    let location = Location::File(Box::new(FilePlace {
        path: path.to_owned(),
        start: Position { line, column: 5 },
        end: Position { line, column: 61 },
        offset: 0,
        line_hash: Some(format!("{line:x}:1")),
        revision: None,
    }));
    Finding {
        message: format!("A key is in '{path}'."),
        stable_id: id.into(),
        ..Finding::new(rule, Severity::High, location)
    }
}

fn suppressed(mut finding: Finding) -> Finding {
    finding.suppressed = Some(Box::new(Suppressed {
        in_source: true,
        justification: "revoked".to_owned(),
        owner: None,
    }));
    finding
}

fn rule(id: &str) -> Metadata {
    Metadata {
        id: id.to_owned(),
        name: "Leak".to_owned(),
        severity: Severity::High,
        summary: "A key.".to_owned(),
        help: Help {
            why: String::new(),
            fix: String::new(),
            links: Vec::new(),
        },
        cwe: Vec::new(),
        tags: Vec::new(),
        controls: Vec::new(),
        scope: Scope::Place,
        enabled: true,
    }
}

fn written(format: Format, findings: &[Finding]) -> Vec<u8> {
    let outcome = Outcome {
        findings: findings.to_vec(),
        ..Outcome::default()
    };
    let mut out = Vec::new();
    report::write(format, &outcome, Style::default(), &mut out).unwrap();
    out
}

/// What a run with the first findings as its baseline says of the second.
fn states(format: Format, before: &[Finding], now: &mut [Finding]) -> Vec<bool> {
    let mut baseline = Baseline::parse("old", &written(format, before)).unwrap();
    baseline.mark(now);
    assert!(now.iter().all(|finding| finding.baseline.is_some()));
    now.iter().map(Finding::is_known).collect()
}

#[test]
fn what_moved_is_known_and_what_is_new_is_not() {
    for format in [Format::Sarif, Format::Json] {
        let before = [
            finding("KS1001", "a b.js", 3, "aa"),
            finding("KS1003", "a b.js", 4, "bb"),
        ];
        let mut now = [
            finding("KS1001", "a b.js", 300, "aa"),
            finding("KS1003", "a b.js", 1, "bb"),
            finding("KS1003", "c.js", 1, "cc"),
            finding("KS1003", "a b.js", 3, "aa"),
        ];
        assert_eq!(
            states(format, &before, &mut now),
            [true, true, false, false]
        );
    }
}

#[test]
fn equal_ones_are_counted() {
    for format in [Format::Sarif, Format::Json] {
        let before = [finding("KS1001", "a", 3, "aa")];
        let mut now = vec![finding("KS1001", "a", 3, "aa"); 3];
        let known = states(format, &before, &mut now);
        assert_eq!(known.iter().filter(|known| **known).count(), 1);
    }
}

#[test]
fn what_was_suppressed_is_known() {
    for format in [Format::Sarif, Format::Json] {
        let key = || finding("KS1001", "a", 3, "aa");
        assert_eq!(states(format, &[suppressed(key())], &mut [key()]), [true]);
        assert_eq!(states(format, &[key()], &mut [suppressed(key())]), [true]);
    }
}

#[test]
fn a_known_ignore_does_not_cover_for_a_copy_beside_it() {
    for format in [Format::Sarif, Format::Json] {
        let key = || finding("KS1001", "a", 3, "aa");
        let before = [suppressed(key())];
        let mut now = [key(), suppressed(key())];
        assert_eq!(states(format, &before, &mut now), [false, true]);
        // Ids number equal findings by their order, and the copy is above.
        let mut now = [key(), suppressed(finding("KS1001", "a", 5, "ab"))];
        assert_eq!(states(format, &before, &mut now), [false, false]);
        let mut elsewhere = [key(), suppressed(finding("KS1001", "b", 5, "ab"))];
        assert_eq!(states(format, &before, &mut elsewhere), [true, false]);
    }
}

#[test]
fn only_what_is_new_fails() {
    let before = [finding("KS1001", "a", 3, "aa")];
    let mut outcome = Outcome {
        findings: vec![finding("KS1001", "a", 9, "aa")],
        ..Outcome::default()
    };
    assert_eq!(outcome.verdict(), Verdict::Findings);
    states(Format::Sarif, &before, &mut outcome.findings);
    assert_eq!(outcome.verdict(), Verdict::Clean);
    outcome.findings.push(finding("KS1001", "b", 9, "bb"));
    states(Format::Sarif, &before, &mut outcome.findings);
    assert_eq!(outcome.verdict(), Verdict::Findings);
}

#[test]
fn a_report_made_with_a_baseline_is_a_baseline() {
    for format in [Format::Sarif, Format::Json] {
        let mut now = [
            finding("KS1001", "a", 3, "aa"),
            finding("KS1001", "b", 3, "bb"),
        ];
        states(format, &[finding("KS1001", "a", 1, "aa")], &mut now);
        let mut next = now.clone();
        assert_eq!(states(format, &now, &mut next), [true, true]);
    }
}

#[test]
fn entries_that_match_nothing_are_told() {
    for format in [Format::Sarif, Format::Json] {
        let before = [
            finding("KS1001", "a/b c.js", 3, "aa"),
            finding("KS1001", "gone/x", 3, "bb"),
            finding("KS1001", "locked/x", 3, "cc"),
            finding("KS4001", "a", 3, "dd"),
            finding("KS9001", "a", 3, "ee"),
        ];
        let report = written(format, &before);
        let mut baseline = Baseline::parse("old.json", &report).unwrap();
        assert_eq!(baseline.len(), 5);
        baseline.mark(&mut [finding("KS1001", "gone/x", 8, "bb")]);
        let gaps = [Gap {
            subject: "locked".to_owned(),
            reason: GapReason::PermissionDenied,
        }];
        let facts = baseline.unmatched(&[rule("KS1001"), rule("KS9001")], &gaps);
        let [Fact::Suppression(entry)] = facts.as_slice() else {
            panic!("{facts:?}");
        };
        assert_eq!(entry.source, SuppressionSource::Baseline);
        assert_eq!(
            (entry.rules.as_slice(), entry.matched),
            (&["KS1001".to_owned()][..], 0)
        );
        assert_eq!(entry.reason, "known in 'a/b c.js'");
        let line = entry.location.file().unwrap().start.line as usize;
        let text = String::from_utf8(report).unwrap();
        assert!(text.lines().nth(line - 1).unwrap().contains("\"aa\""));
    }
}

#[test]
fn a_report_that_marks_are_written_in_claims_no_line() {
    let report = br#"{"runs":[{"tool":{"driver":{"name":"keysweep"}},
        "results":[
        {"ruleId":"KS1001","partialFingerprints":{"keysweep/v1":"aa","x":"keysweep/v1"}},
        {"ruleId":"KS1001","baselineState":"absent","partialFingerprints":{"keysweep/v1":"bb","keysweep/v2":1}}]}]}"#;
    let baseline = Baseline::parse("old", report).unwrap();
    assert_eq!(baseline.len(), 1);
    let facts = baseline.unmatched(&[rule("KS1001")], &[]);
    assert_eq!(facts[0].record().location().file().unwrap().start.line, 1);
}

fn error(text: &str) -> String {
    let error = Baseline::parse("dir/old\u{1b}.sarif", text.as_bytes()).unwrap_err();
    assert!(miette::Diagnostic::help(&error).is_some());
    format!("{error}")
}

#[test]
fn what_is_no_report_of_ours_is_an_error() {
    let name = "dir/old\u{fffd}.sarif";
    let foreign = format!("the report {name} is no report of keysweep");
    for text in [
        "{}",
        "[]",
        "3",
        "{\"runs\":[]}",
        "{\"runs\":{\"a\":\"hunter2\"}}",
        "{\"runs\":[{\"tool\":{\"driver\":{\"name\":\"zizmor\"}},\"results\":[]}]}",
        "{\"version\":1,\"findings\":[]}",
        "{\"version\":\"x\",\"findings\":[],\"tool\":{\"name\":\"keysweep\"}}",
    ] {
        assert_eq!(error(text), foreign, "{text}");
    }
    assert_eq!(
        error("{\"runs\":[{"),
        format!("the report {name} is not JSON: it breaks off at line 1, column 10")
    );
    assert_eq!(
        error("{\"version\":2,\"findings\":[],\"tool\":{\"name\":\"keysweep\"}}"),
        format!("the report {name} has version 2 of the JSON report, this keysweep reads 1")
    );
    for result in [
        "{\"ruleId\":\"KS1001\"}",
        "{\"partialFingerprints\":{\"keysweep/v1\":\"aa\"}}",
        "{\"ruleId\":\"KS 1\\n\",\"partialFingerprints\":{\"keysweep/v1\":\"aa\"}}",
    ] {
        let run = "{\"tool\":{\"driver\":{\"name\":\"keysweep\"}},\"results\":[";
        assert_eq!(
            error(&format!("{{\"runs\":[{run}{result}]}}]}}")),
            format!("finding 1 of the report {name} has no rule id or no stable id")
        );
    }
    let wide: Vec<u8> = [0xff, 0xfe, b'{', 0].to_vec();
    let error = Baseline::parse("x", &wide).unwrap_err();
    assert_eq!(error.to_string(), "the report x is UTF-16 text");
}

#[test]
fn a_byte_order_mark_is_no_error_and_a_missing_file_is() {
    let mut report = b"\xef\xbb\xbf".to_vec();
    report.extend(written(Format::Sarif, &[]));
    assert!(Baseline::parse("x", &report).unwrap().is_empty());
    let missing = Baseline::read(Path::new("no/such/file")).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("cannot read the report no/such/file: ")
    );
}
