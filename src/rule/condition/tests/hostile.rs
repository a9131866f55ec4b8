//! Conditions that would crash or hang a parser or an evaluator.

use proptest::prelude::*;

use super::super::token::{MAX_LEN, scan};
use super::*;

/// Checks and evaluates on a small stack: whatever was let through must not
/// overflow it, and whatever was not must have been refused, not crashed on.
fn survives(source: &str) {
    let source = source.to_owned();
    let run = move || {
        if check(&source, FactType::RegisterEntry).is_ok() {
            let _ = evaluate(&source, &Fact::from(entry()));
        } else if scan(&source).is_ok() {
            let _ = Condition::compile(&source);
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.unwrap().join().unwrap();
}

#[test]
fn survives_hostile_conditions() {
    let deep = |open: &str, inner: &str, close: &str, n: usize| {
        format!("{}{inner}{}", open.repeat(n), close.repeat(n))
    };
    for n in [8, 16, 30, 31, 32, 33, 100, 500, 20_000] {
        for source in [
            vec!["true"; n].join(" || "),
            vec!["1"; n].join(" + ") + " == 1",
            vec!["true"; n].join(" == "),
            vec!["a"; n].join("."),
            "!".repeat(n),
            format!("{}true", "!".repeat(n)),
            format!("{}1 == 1", "-".repeat(n)),
            deep("(", "true", ")", n),
            deep("!(", "true", ")", n),
            deep("[", "1", "]", n) + " == 1",
            deep("size(", "'a'", ")", n) + " == 1",
            deep("true || (", "true", ")", n),
            deep("true && !(1 + 1 * 2 == 3 || ", "true", ")", n),
            deep("['a'].all(x, ", "true", ")", n),
            deep(
                "register_entry.missing.exists(x, x == 'a' || ",
                "true",
                ")",
                n,
            ),
            format!(
                "register_entry.missing{}.size() == 1",
                ".filter(x, true)".repeat(n)
            ),
            deep("(", "", "", n),
            deep(")", "", "", n),
            deep("((", "1", ") + 1 + 1)", n) + " == 1",
            "?".repeat(n),
            "'".repeat(n),
            "a.".repeat(n),
            deep("{'a':", "1", "}", n),
        ] {
            survives(&source);
        }
    }
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("true".to_owned()),
        Just("register_entry.ended".to_owned()),
        Just("register_entry.name == 'a'".to_owned()),
        Just("has(register_entry.app)".to_owned()),
        Just("'owner' in register_entry.missing".to_owned()),
        Just("register_entry.max_age_days + 1 * 2 - 3 > -4".to_owned()),
        Just("register_entry.name.matches('a+')".to_owned()),
    ];
    leaf.prop_recursive(24, 64, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} && {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            inner.clone().prop_map(|a| format!("({a}) == true")),
            inner.prop_map(|a| format!("['a'].all(i, {a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_condition_overflows_the_stack(source in expression()) {
        survives(&source);
    }

    #[test]
    fn no_text_crashes(source in "[a-z0-9_.,()\\[\\]'\"!&|=<>+*é \n\\\\-]{0,200}") {
        survives(&source);
    }

    #[test]
    fn spans_are_inside(source in "(register_entry|[a-z.]|==|'[a-z]'|[ ()!&|]){1,40}") {
        if let Err(error) = check(&source, FactType::RegisterEntry) {
            prop_assert!(source.get(error.span.clone()).is_some(), "{error:?}");
        }
    }
}

#[test]
fn a_condition_of_any_length_up_to_the_limit_is_read() {
    let mut source = "register_entry.ended".to_owned();
    while source.len() + 25 < MAX_LEN {
        source.push_str(" || register_entry.ended");
    }
    check(&source, FactType::RegisterEntry).unwrap();
}
