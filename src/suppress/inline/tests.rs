use super::*;
use crate::location::Position;

/// Put together here, so that a scan of this file finds no ignores.
const MARK: &str = concat!("keysweep", ": ignore");

/// The ignores of a document.
pub(in crate::suppress) fn inline_ignores(path: &str, text: &[u8]) -> Vec<InlineIgnore> {
    memmem::find_iter(text, "keysweep:")
        .filter_map(|at| ignore_at(text, at))
        .map(|(span, says)| InlineIgnore {
            place: FilePlace::in_text(path, text, span),
            says,
        })
        .collect()
}

fn parse(line: &str) -> Option<Result<(String, String), IgnoreProblem>> {
    let line = line.replace("MARK", MARK);
    let found = inline_ignores("a", line.as_bytes());
    assert!(found.len() <= 1, "{line}");
    found
        .into_iter()
        .next()
        .map(|ignore| ignore.says.map(|says| (says.rules.join(" "), says.reason)))
}

#[test]
fn any_comment_will_do() {
    for (line, reason) in [
        ("# MARK[KS1003] a sample", "a sample"),
        ("key = 1 # MARK[KS1003] a sample", "a sample"),
        ("x(); // MARK[KS1003] a sample  ", "a sample"),
        ("//MARK[KS1003] a sample", "a sample"),
        ("/* MARK[KS1003] a sample */ var key = 'abc';", "a sample"),
        (" * MARK[KS1003] a sample*/ key", "a sample"),
        ("<!-- MARK[KS1003] a sample --><a href='abc'>", "a sample"),
        ("{# MARK[KS1003] a sample #}abc", "a sample"),
        ("{{! MARK[KS1003] a sample }}abc", "a sample"),
        ("<%-- MARK[KS1003] a sample --%>abc", "a sample --"),
        ("@* MARK[KS1003] a sample *@abc", "a sample"),
        ("<# MARK[KS1003] a sample #>abc", "a sample"),
        ("--[[ MARK[KS1003] a sample ]]abc", "a sample"),
        ("-- MARK[KS1003] a sample", "a sample"),
        ("; MARK[KS1003] a sample", "a sample"),
        ("' MARK[KS1003] a sample", "a sample"),
        ("REM MARK[KS1003] a sample", "a sample"),
        ("# MARK[KS1003]: a sample", "a sample"),
        ("# MARK[KS1003] — a sample", "a sample"),
        (
            "# MARK[KS1003] uses {{x}} and \"y\" and 'z'",
            "uses {{x}} and \"y\" and 'z'",
        ),
        ("# don't scan: MARK[KS1003] it's old", "it's old"),
        (
            r#""_comment": "MARK[KS1003] a sample", "key": "abc""#,
            "a sample",
        ),
        (
            r#"{'_c': 'MARK[KS1003] it\'s a sample', 'key': 'abc'}"#,
            r"it\'s a sample",
        ),
        (
            r#""source": ["x = 1 # MARK[KS1003] a sample\n", "key = 1"]"#,
            "a sample",
        ),
        ("# MARK[KS1003] größer als ½ 😀", "größer als ½ 😀"),
    ] {
        let found = parse(line);
        assert_eq!(found, Some(Ok(("KS1003".into(), reason.into()))), "{line}");
    }
}

#[test]
fn rules_are_a_list() {
    for (list, rules) in [
        ("KS1003", "KS1003"),
        ("KS1006,KS1003", "KS1003 KS1006"),
        (" KS1006 , KS1003 ,KS1003", "KS1003 KS1006"),
        ("ORG-7_a", "ORG-7_a"),
    ] {
        let found = parse(&format!("# MARK[{list}] because"));
        assert_eq!(found, Some(Ok((rules.into(), "because".into()))), "{list}");
    }
    let tight = concat!("# keysweep", ":ignore[KS1003] because");
    assert!(inline_ignores("a", tight.as_bytes())[0].says.is_ok());
}

#[test]
fn attempts_are_told_and_hide_nothing() {
    for (line, problem) in [
        ("# MARK[KS1003]", IgnoreProblem::NoReason),
        ("# MARK[KS1003] ", IgnoreProblem::NoReason),
        ("/* MARK[KS1003] */ because", IgnoreProblem::NoReason),
        ("<!-- MARK[KS1003] -->", IgnoreProblem::NoReason),
        ("# MARK[KS1003] ---", IgnoreProblem::NoReason),
        (r#""MARK[KS1003]", "because""#, IgnoreProblem::NoReason),
        ("# MARK[] because", IgnoreProblem::NoRules),
        ("# MARK[ ] because", IgnoreProblem::NoRules),
        ("# MARK", IgnoreProblem::NoRules),
        ("# MARK because", IgnoreProblem::NoRules),
        ("# MARK [KS1003] because", IgnoreProblem::NoRules),
        ("# MARK[*] because", IgnoreProblem::NotARule),
        ("# MARK[all] because", IgnoreProblem::NotARule),
        ("# MARK[KS1003,] because", IgnoreProblem::NotARule),
        ("# MARK[KS1003 KS1006] because", IgnoreProblem::NotARule),
        ("# MARK[KS1003 because", IgnoreProblem::NotClosed),
        ("# MARK[KS1003\n] because", IgnoreProblem::NotClosed),
    ] {
        assert_eq!(parse(line), Some(Err(problem)), "{line}");
    }
}

#[test]
fn prose_is_left_alone() {
    for line in [
        "Write `MARK[KS1003] reason` on the line.",
        "monkeysweep: ignore[KS1003] reason",
        "what keysweep: ignores",
        "tell MARK to go",
        "keysweep: nothing",
        "keysweep:",
    ] {
        assert_eq!(parse(line), None, "{line}");
    }
}

#[test]
fn places_are_exact() {
    let text = format!("a\r\n😀 # {MARK}[KS1003] x é\r\n\n# {MARK}[KS1004] y");
    let found = inline_ignores("dir/a.py", text.as_bytes());
    let [first, second] = found.as_slice() else {
        panic!()
    };
    assert_eq!(first.place.path, "dir/a.py");
    assert_eq!(first.place.start, Position { line: 2, column: 6 });
    let len = MARK.len() as u64 + "[KS1003] x é".chars().count() as u64;
    assert_eq!(
        first.place.end,
        Position {
            line: 2,
            column: 6 + len
        }
    );
    assert_eq!(second.place.start, Position { line: 4, column: 3 });
}

#[test]
fn reasons_hold_no_key_and_no_tricks() {
    let key: String = (0..44_u8)
        .map(|i| char::from(b"aB3xY7Qr9Zk2"[usize::from(i) % 12]))
        .collect();
    let Some(Ok((_, reason))) = parse(&format!("# MARK[KS1003] was {key}== once\u{202e}\u{7}"))
    else {
        panic!()
    };
    assert!(!reason.contains("aB3xY7Qr"), "{reason}");
    assert!(
        reason.starts_with("was *") && reason.ends_with(" once"),
        "{reason}"
    );
    let Some(Ok((_, reason))) = parse(&format!("# MARK[KS1003] {}", "long ".repeat(90))) else {
        panic!()
    };
    assert!(reason.len() <= MAX_REASON);
}

#[test]
fn a_line_may_be_of_any_length() {
    let line = format!(
        "{}// {MARK}[KS1003] here{}",
        "x'\"".repeat(50_000),
        " y".repeat(50_000)
    );
    let found = inline_ignores("a", line.as_bytes());
    assert!(found[0].says.is_ok());
    assert_eq!(
        found[0].place.start,
        Position {
            line: 1,
            column: 150_004
        }
    );
}
