use super::*;
use crate::fact::Related;
use crate::finding::Severity;
use crate::gap::IgnoreProblem;
use crate::location::{Position, ResourcePlace};
use crate::rule::{Help, Metadata, Scope};
use jiff::civil::Date;
use std::fs;

const MARK: &str = concat!("keysweep", ": ignore");

fn place(path: &str, from: (u64, u64), to: (u64, u64)) -> Location {
    let position = |(line, column)| Position { line, column };
    Location::File(Box::new(FilePlace {
        path: path.into(),
        start: position(from),
        end: position(to),
        offset: 0,
        line_hash: None,
        revision: None,
    }))
}

fn finding(rule: &str, location: Location) -> Finding {
    Finding::new(rule, Severity::High, location)
}

fn on_line(rule: &str, path: &str, line: u64) -> Finding {
    finding(rule, place(path, (line, 1), (line, 9)))
}

fn ignores(path: &str, text: &str) -> Vec<InlineIgnore> {
    inline::tests::inline_ignores(path, text.replace("MARK", MARK).as_bytes())
}

fn suppression(fact: &Fact) -> &Suppression {
    match fact {
        Fact::Suppression(suppression) => suppression,
        _ => panic!("not a suppression"),
    }
}

fn matched(applied: &Applied) -> Vec<u64> {
    applied
        .suppressions
        .iter()
        .map(|fact| suppression(fact).matched)
        .collect()
}

#[test]
fn an_ignore_hides_the_next_line_where_it_is_not_about_its_own() {
    let ignores = ignores("a.py", "\n\n# MARK[KS1003,KS1006] a sample\n");
    let hidden = |mut findings: Vec<Finding>| {
        let applied = apply(&Policy::default(), &ignores, &mut findings);
        let hidden = findings.iter().filter(|f| f.suppressed.is_some());
        assert_eq!(matched(&applied), [hidden.clone().count() as u64]);
        let lines = hidden.filter_map(|f| f.location.file());
        lines.map(|place| place.start.line).collect::<Vec<_>>()
    };
    let next = [
        on_line("KS1003", "a.py", 2),
        on_line("KS1006", "a.py", 4),
        on_line("KS1003", "a.py", 4),
        on_line("KS1001", "a.py", 4),
        on_line("KS1003", "a.py", 5),
        on_line("KS1003", "b.py", 4),
        finding("KS1003", place("a.py", (1, 1), (3, 1))),
        finding("KS1003", place("a.py", (4, 1), (9, 1))),
    ];
    assert_eq!(hidden(next.to_vec()), [4, 4, 4]);
    for own in [
        on_line("KS1003", "a.py", 3),
        finding("KS1006", place("a.py", (1, 1), (3, 2))),
        finding("KS1003", place("a.py", (1, 1), (9, 1))),
    ] {
        let line = own.location.file().unwrap().start.line;
        let all = [&next[..], &[own]].concat();
        assert_eq!(hidden(all), [line]);
    }
    let mut findings = vec![on_line("KS1003", "a.py", 3)];
    let _ = apply(&Policy::default(), &ignores, &mut findings);
    let expected = Suppressed {
        in_source: true,
        justification: "a sample".into(),
        owner: None,
    };
    assert_eq!(findings[0].suppressed.as_deref(), Some(&expected));
}

#[test]
fn unused_ignores_and_attempts_are_told() {
    let mut all = ignores("b.py", "x # MARK[KS1003] old\ny # MARK[KS1003]\n");
    all.extend(ignores("a.py", "x # MARK[KS1004] older\n"));
    let mut findings = vec![on_line("KS1003", "b.py", 3)];
    let applied = apply(&Policy::default(), &all, &mut findings);
    assert!(findings[0].suppressed.is_none());
    assert_eq!(matched(&applied), [0, 0]);
    let paths: Vec<_> = applied
        .suppressions
        .iter()
        .map(|fact| suppression(fact).path.as_str())
        .collect();
    assert_eq!(paths, ["a.py", "b.py"]);
    let [notice] = applied.notices.as_slice() else {
        panic!()
    };
    assert!(matches!(
        notice,
        Notice::IgnoreNotUnderstood {
            problem: IgnoreProblem::NoReason,
            ..
        }
    ));
    assert!(notice.to_string().starts_with("b.py:2:5: "), "{notice}");
}

#[test]
fn a_shared_key_is_hidden_at_its_primary_place_only() {
    let ignores = ignores("a.py", "x # MARK[KS1101] one owner\n");
    let related = |path: &str| Related {
        location: place(path, (1, 1), (1, 9)),
        message: String::new(),
    };
    let mut primary = on_line("KS1101", "a.py", 1);
    primary.related = vec![related("b.py")];
    let mut elsewhere = on_line("KS1101", "b.py", 1);
    elsewhere.related = vec![related("a.py")];
    let mut findings = vec![primary, elsewhere];
    let _ = apply(&Policy::default(), &ignores, &mut findings);
    assert!(findings[0].suppressed.is_some() && findings[1].suppressed.is_none());
}

#[test]
fn a_reason_with_a_key_is_not_shown() {
    let ignores = ignores("a.py", "# MARK[KS1005] was hunter2hunter2\n");
    let start = MARK.len() as u64 + 16;
    let mut findings = vec![finding(
        "KS1005",
        place("a.py", (1, start), (1, start + 14)),
    )];
    let applied = apply(&Policy::default(), &ignores, &mut findings);
    let told = format!("{findings:?}{applied:?}");
    assert!(
        findings[0].suppressed.is_some() && !told.contains("hunter2"),
        "{told}"
    );
}

fn rules() -> Vec<Metadata> {
    ["KS1003", "KS1101", "KS4001"]
        .map(|id| Metadata {
            id: id.into(),
            name: id.into(),
            severity: Severity::High,
            summary: String::new(),
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
        })
        .into()
}

#[test]
fn exemptions_hide_until_they_expire() {
    let directory = tempfile::tempdir().unwrap();
    let exempt = |rule: &str, subject: &str, until: &str| {
        format!(
            "[[exempt]]\nrule = '{rule}'\n{subject}\nreason = 'r'\nowner = 'o'\nuntil = {until}\n"
        )
    };
    let text = [
        exempt("KS1003", "path = 'samples'", "2026-06-15"),
        exempt("KS1003", "path = 'old'", "2026-06-14"),
        exempt("KS1101", "path = '**/*.py'", "2027-01-01"),
        exempt("KS4001", "resource = '**/sites/orders'", "2027-01-01"),
        exempt("KS4001", "path = '**'", "2027-01-01"),
    ]
    .concat();
    let file = directory.path().join("keysweep.toml");
    fs::write(&file, format!("extends = 'org.toml'\n{text}")).unwrap();
    fs::write(
        directory.path().join("org.toml"),
        exempt("KS1003", "path = 'vendor'", "2027-01-01")
            + &exempt("KS1003", "path = 'x'", "2027-01-01"),
    )
    .unwrap();
    let policy = Policy::load(&file, Date::constant(2026, 6, 15), &rules()).unwrap();
    let at = |path: &str| directory.path().join(path).to_string_lossy().into_owned();
    let key = ResourcePlace {
        id: "/subscriptions/1/providers/Microsoft.Web/sites/orders/host/default/functionKeys/k"
            .into(),
        property: None,
    };
    let mut findings = vec![
        on_line("KS1003", &at("samples/a.py"), 1),
        on_line("KS1003", &at("old/a.py"), 1),
        on_line("KS1101", &at("src/a.py"), 1),
        finding("KS4001", Location::Resource(key)),
        on_line("KS1003", &at("src/a.py"), 1),
        on_line("KS1003", &at("vendor/a.py"), 1),
    ];
    let applied = apply(&policy, &[], &mut findings);
    let hidden: Vec<bool> = findings.iter().map(|f| f.suppressed.is_some()).collect();
    assert_eq!(hidden, [true, false, true, true, false, true]);
    // Not the expired one, not the inherited ones, and not the resource, which
    // only a run that looks at the tenant can judge.
    assert_eq!(matched(&applied), [1, 1, 0]);
    assert_eq!(matched(&apply_to_tenant(&policy, &mut findings)), [1]);
    let suppressed = findings[0].suppressed.as_ref().unwrap();
    assert_eq!(
        (suppressed.in_source, suppressed.owner.as_deref()),
        (false, Some("o"))
    );
}

#[test]
fn whatever_matches_is_used() {
    let all = ignores("a.py", "x # MARK[KS1003] first\n# MARK[KS1003] second\n");
    let mut findings = vec![on_line("KS1003", "a.py", 2)];
    let applied = apply(&Policy::default(), &all, &mut findings);
    assert_eq!(matched(&applied), [1, 1]);
    assert_eq!(
        findings[0].suppressed.as_ref().unwrap().justification,
        "first"
    );
}

#[test]
fn an_ignore_counts_in_its_own_version_of_a_file() {
    let mut then = ignores("a", "MARK[KS1003] because");
    then[0].place.revision = Some("1a2b3c".to_owned());
    let mut findings = [on_line("KS1003", "a", 2), on_line("KS1003", "a", 2)];
    if let Location::File(place) = &mut findings[1].location {
        place.revision = Some("1a2b3c".to_owned());
    }
    let applied = apply(&Policy::default(), &then, &mut findings);
    assert_eq!(matched(&applied), [1]);
    assert!(findings[0].suppressed.is_none() && findings[1].suppressed.is_some());
}

#[test]
fn an_ignore_without_review_hides_nothing_and_is_told() {
    let ignores = ignores("a", "MARK[KS1003] because\n\nMARK[KS1003] because");
    let mut findings = [on_line("KS1003", "a", 2), on_line("KS1003", "a", 4)];
    let stood = |at: &FilePlace, last| (at.start.line, last) == (1, 2);
    let applied = apply_reviewed(&Policy::default(), &ignores, &mut findings, &stood);
    assert!(findings[0].suppressed.is_some() && findings[1].suppressed.is_none());
    let told = applied.notices.iter().map(ToString::to_string);
    assert!(told.eq(["a:3:1: this ignore is not in the base yet, and hides nothing in this run"]));
}
