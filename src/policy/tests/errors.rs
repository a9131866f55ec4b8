//! What is wrong is said under a caret, and without the keys around it.

use super::*;

/// Everything that can be wrong: the text, what stands under the caret, and a
/// part of what is said of it.
#[test]
fn errors_point_at_the_culprit() {
    let exempt =
        "[[exempt]]\nrule = 'KS1003'\npath = 'a'\nreason = 'r'\nowner = 'o'\nuntil = 2026-12-31\n";
    let with = |from: &str, to: &str| exempt.replace(from, to);
    let pattern = "[[pattern]]\nid = 'a'\ndescription = 'd'\npattern = 'x(?<secret>y+)'\nkeywords = ['abc']\n";
    let without = |from: &str, to: &str| pattern.replace(from, to);
    let caller = |rest: &str| format!("[[caller]]\nname = 'a'\n{rest}");
    for (text, under, words) in [
        ("a = [".to_owned(), "", "not valid TOML"),
        (
            "[max-age]\nhost = 1\nhost = 2".to_owned(),
            "host",
            "not valid TOML: duplicate key",
        ),
        ("exclud = 1".into(), "exclud", "did you mean `exclude`?"),
        (
            "[max-age]\nhosts = 1".into(),
            "hosts",
            "did you mean `host`?",
        ),
        ("colour = 1".into(), "colour", "known are `extends`"),
        (
            "[[caller]]\nstored_in = 'x'".into(),
            "stored_in",
            "did you mean `stored-in`?",
        ),
        ("extends = 3".into(), "3", "expected a text in quotes"),
        ("[exempt]\nrule = 'x'".into(), "[exempt]", "`[[…]]`"),
        (
            "[max-age]\nhost = '9'".into(),
            "'9'",
            "expected a whole number",
        ),
        ("[max-age]\nhost = 0".into(), "0", "from 1 to 3650"),
        ("[max-age]\nhost = -5".into(), "-5", "from 1 to 3650"),
        ("[overlap]\nhost = 9999".into(), "9999", "from 0 to 365"),
        (
            "[rules]\nKS1003 = 'hihg'".into(),
            "'hihg'",
            "did you mean `high`?",
        ),
        (
            "[rules]\nKS1030 = 'off'".into(),
            "KS1030",
            "did you mean `KS1003`?",
        ),
        (
            "[rules]\nFunctionKeyLeaked = 'off'".into(),
            "FunctionKeyLeaked",
            "did you mean `KS1003`?",
        ),
        ("[rules]\nXY = 'off'".into(), "XY", "keysweep rules list"),
        (
            "key-name-pattern = '[a'".into(),
            "'[a'",
            "unclosed character class",
        ),
        (
            "locked = ['max-ages']".into(),
            "'max-ages'",
            "did you mean `max-age`?",
        ),
        (
            "locked = ['rules.KS1']".into(),
            "'rules.KS1'",
            "there is no such rule",
        ),
        (
            "[environments]\nprod = ['a[']".into(),
            "'a['",
            "not a usable glob",
        ),
        (
            "[environments]\n'pr od' = ['a']".into(),
            "'pr od'",
            "environment name",
        ),
        ("[key-readers]\nallowed = [' ']".into(), "' '", "key reader"),
        (
            with("rule = 'KS1003'\n", ""),
            "[[exempt]]",
            "[[exempt]] lacks `rule`",
        ),
        (
            with("'KS1003'", "'KS1013'"),
            "'KS1013'",
            "did you mean `KS1003`?",
        ),
        (
            with("path = 'a'\n", ""),
            "[[exempt]]",
            "exactly one of `path` and `resource`",
        ),
        (
            with("path = 'a'", "path = 'a'\nresource = '**/x'"),
            "'**/x'",
            "exactly one of",
        ),
        (
            with("path = 'a'", "path = '../a'"),
            "'../a'",
            "leaves the directory",
        ),
        (
            with("path = 'a'", "resource = 'sites/a'"),
            "'sites/a'",
            "**/sites/NAME",
        ),
        (with("reason = 'r'\n", ""), "[[exempt]]", "lacks `reason`"),
        (with("'r'", "'  '"), "'  '", "lacks `reason`"),
        (with("owner = 'o'\n", ""), "[[exempt]]", "lacks `owner`"),
        (
            with("until = 2026-12-31\n", ""),
            "[[exempt]]",
            "lacks `until`",
        ),
        (with("2026-12-31", "'soon'"), "'soon'", "as in 2026-12-31"),
        (
            with("2026-12-31", "'2026-02-30'"),
            "'2026-02-30'",
            "not a date",
        ),
        (
            with("2026-12-31", "2026-12-31T10:00:00Z"),
            "2026-12-31T10:00:00Z",
            "not a date",
        ),
        (with("2026-12-31", "7"), "7", "expected a date"),
        (
            "[[accept-gap]]\npath = 'a'\nreason = 'r'".into(),
            "[[accept-gap]]",
            "lacks `until`",
        ),
        (
            "[[exclude]]\npath = 'a'".into(),
            "[[exclude]]",
            "lacks `reason`",
        ),
        (without("id = 'a'\n", ""), "[[pattern]]", "lacks `id`"),
        (
            without("keywords = ['abc']\n", ""),
            "[[pattern]]",
            "lacks `keywords`",
        ),
        (without("['abc']", "[]"), "[]", "there is none"),
        (without("'abc'", "'ab'"), "'ab'", "fewer than 3"),
        (without("(?<secret>y+)", "y+"), "'xy+'", "no group"),
        (
            without("x(?<secret>y+)", "(?<secret>y*)"),
            "'(?<secret>y*)'",
            "empty text",
        ),
        (
            without("y+", "y{1000}{1000}"),
            "'x(?<secret>y{1000}{1000})'",
            "large",
        ),
        (without("'a'", "'a b'"), "'a b'", "pattern id"),
        (format!("{pattern}{pattern}"), "'a'", "keysweep.toml:2"),
        (
            "[[app]]\nname = 'a.azurewebsites.net'".into(),
            "'a.azurewebsites.net'",
            "has a dot",
        ),
        (
            "[[app]]\nname = 'a'\n[[app]]\nname = 'A'".into(),
            "'A'",
            "the same app",
        ),
        (
            "[[caller]]\nowner = 'o'".into(),
            "[[caller]]",
            "lacks `name`",
        ),
        (caller("kind = 'hots'"), "'hots'", "did you mean `host`?"),
        (caller("key = 'k'"), "'k'", "`key` without `app`"),
        (
            caller("app = 'x'\nreplaces = 'k'"),
            "'k'",
            "`replaces` without `key`",
        ),
        (
            caller("app = 'x'\nkey = 'k'\nreplaces = 'k'"),
            "'k'",
            "the key itself",
        ),
        (
            caller("app = 'x'\nfunction = 'f'\nkind = 'host'"),
            "'host'",
            "a function's own",
        ),
        (
            caller("rotated = 2026-07-01"),
            "2026-07-01",
            "lies in the future",
        ),
        (caller("paths = ['/a']"), "'/a'", "leaves the directory"),
        (caller(&caller("")), "'a'", "keysweep.toml:2"),
    ] {
        let error = load(&text).expect_err(&text);
        assert_eq!(culprit(&error, &text), under, "{text}\n{error}");
        let said = format!("{error}; {}", error.help().unwrap());
        assert!(said.contains(words), "{text}\n{said}");
        assert!(
            !error.to_string().ends_with('.') && !said.starts_with(char::is_uppercase),
            "{said}"
        );
    }
}

#[test]
fn a_snippet_shows_place_and_help() {
    let error = load("[max-age]\nhost = 90\nmastr = 30\n").unwrap_err();
    let text = rendered(&error);
    assert!(text.contains("keysweep.toml:3:1"), "{text}");
    assert!(text.contains("did you mean `master`?"), "{text}");
    assert!(text.contains("mastr = 30"), "{text}");
}

#[test]
fn no_key_is_ever_shown() {
    let random: [u8; 33] = std::array::from_fn(|i| (i as u8).wrapping_mul(91).wrapping_add(17));
    let key = generate(KeyKind::Function, &random);
    for text in [
        format!("[[caller]]\nname = 'a'\napp = 'x'\nkey = '{key}'\n"),
        format!("[[caller]]\nname = 'a'\napp = 'x'\nkey = '{key}'\nrotatd = 1\n"),
        format!("{key} = 1\n"),
        format!("[rules]\n'{key}' = 'on'\n"),
        format!("[rules]\nKS1003 = '{key}'\n"),
        format!("key-name-pattern = '({key}'\n"),
        format!("[environments]\nprod = ['{key}[']\n"),
        format!("[[pattern]]\nid = '{key}'\n"),
        format!("[[caller]]\nname = 'a'\nkind = '{key}'\n"),
        format!("[[caller]]\nname = 'a'\nrotated = '{key}'\n"),
        format!("locked = ['rules.{key}']\n"),
        format!("extends = '{key}'\n"),
        format!("extends = '{key}.toml'\n"),
        format!("a = '{key}\n"),
    ] {
        let error = load(&text).expect_err(&text);
        for said in [rendered(&error), error.to_string(), format!("{error:?}")] {
            assert!(
                key.as_bytes()
                    .windows(8)
                    .all(|part| !said.contains(std::str::from_utf8(part).unwrap())),
                "{said}"
            );
        }
    }
    let policy = load(&format!(
        "[[caller]]\nname = 'a'\ntest = 'curl https://x/api/f?code={key}'\nstored-in = '{key}'\n\
         [[exempt]]\nrule = 'KS1003'\npath = '{key}'\nreason = '{key}'\nowner = 'o'\nuntil = 2026-12-31\n"
    ))
    .unwrap();
    assert!(!format!("{policy:?}{:?}", policy.facts()).contains(&key[..12]));
    assert!(
        !policy.callers()[0]
            .test
            .as_deref()
            .unwrap()
            .contains(&key[..12])
    );
}
