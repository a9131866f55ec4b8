//! Where policies are found, and how one builds on another.

use super::*;

const ORGANISATION: &str = "locked = ['max-age.master', 'rules', 'exempt', 'key-readers', 'apim', \
    'temporary-keys', 'chosen-values']\n\
    [apim]\nmax-age = 60\n[temporary-keys]\nnames = ['t-*']\n\
    [max-age]\nmaster = 30\nhost = 60\n[rules]\nKS1010 = 'low'\n\
    [environments]\nlive = ['*-x']\n\
    [[caller]]\nname = 'portal'\npaths = ['web']\n";

fn extending(text: &str) -> Result<Policy, PolicyError> {
    let text = format!("extends = 'org/policy.toml'\n{text}");
    load_all(&[("keysweep.toml", &text), ("org/policy.toml", ORGANISATION)]).1
}

#[test]
fn a_policy_builds_on_another() {
    let policy = extending(
        "[max-age]\nhost = 120\nmaster = 7\n[rules]\nKS1003 = 'critical'\n\
         [environments]\ntrial = ['*-x']\n[[caller]]\nname = 'shop'\npaths = ['web']\n",
    )
    .unwrap();
    assert_eq!(policy.max_age_days().of(KeyClass::Master), 7);
    assert_eq!(policy.max_age_days().of(KeyClass::Host), 120);
    assert_eq!(policy.severity_of(&rules()[1]), Some(Severity::Low));
    assert_eq!(
        policy.environments().of_app("a-x", None).as_deref(),
        Some("trial")
    );
    let tightened = extending(
        "[apim]\nmax-age = 30\n[temporary-keys]\nnames = ['t-*', 'u-*']\nmax-age = 3\n\
         [chosen-values]\nmin-length = 40\nmin-distinct = 20\nmin-classes = 3\n",
    )
    .unwrap();
    assert_eq!(tightened.apim_max_age_days(), 30);
    let temporary = tightened.temporary_keys();
    assert!(temporary.include("u-1") && !temporary.include("test"));
    assert_eq!(temporary.max_age_days, 3);
    assert_eq!(tightened.chosen_values().min_length, 40);
    assert!(policy.temporary_keys().include("T-1"));
    assert_eq!(policy.digest().map(str::len), Some(64));
    assert_eq!(policy.callers().len(), 2);
    let Fact::RegisterEntry(entry) = &policy.facts()[1] else {
        panic!()
    };
    assert!(entry.path.ends_with("org/policy.toml"), "{}", entry.path);
}

#[test]
fn locks_cannot_be_loosened() {
    for (text, under, words) in [
        ("[max-age]\nmaster = 31\n", "31", "at most 30 days"),
        ("[rules]\nKS1010 = 'off'\n", "'off'", "leave it at `low`"),
        ("[rules]\nKS1010 = 'note'\n", "'note'", "leave it at `low`"),
        (
            "[rules]\nKS1003 = 'medium'\n",
            "'medium'",
            "leave it at `high`",
        ),
        (
            "[[exempt]]\nrule = 'KS1003'\n",
            "[[exempt]]",
            "remove this `[[exempt]]`",
        ),
        ("[key-readers]\nmax = 11\n", "11", "at most 10"),
        (
            "[key-readers]\nallowed = ['x']\n",
            "'x'",
            "leave this principal out",
        ),
        ("[apim]\nmax-age = 61\n", "61", "at most 60"),
        ("[temporary-keys]\nmax-age = 8\n", "8", "at most 7"),
        (
            "[temporary-keys]\nnames = ['u-*']\n",
            "'u-*'",
            "leave `names` out",
        ),
        ("[chosen-values]\nmin-length = 20\n", "20", "at least 32"),
    ] {
        let error = extending(text).expect_err(text);
        let whole = format!("extends = 'org/policy.toml'\n{text}");
        assert_eq!(culprit(&error, &whole), under, "{text}");
        let said = format!("{error}; {}", error.help().unwrap());
        assert!(
            said.contains("org/policy.toml locks `") && said.contains(words),
            "{said}"
        );
    }
}

#[test]
fn what_cannot_be_extended() {
    for (files, words) in [
        (
            &[("keysweep.toml", "extends = 'a.toml'")][..],
            "cannot read",
        ),
        (
            &[("keysweep.toml", "extends = 'keysweep.toml'")],
            "back to itself",
        ),
        (
            &[
                ("keysweep.toml", "extends = 'a.toml'"),
                ("a.toml", "extends = './keysweep.toml'"),
            ],
            "back to itself",
        ),
        (
            &[("keysweep.toml", "extends = '/etc/passwd'")],
            "no path from this file",
        ),
        (
            &[("keysweep.toml", "extends = 'https://example.com/a.toml'")],
            "no path from this file",
        ),
        (
            &[("keysweep.toml", "extends = 'README.md'")],
            "no TOML file",
        ),
        (
            &[
                ("keysweep.toml", "extends = '1.toml'"),
                ("1.toml", "extends = '2.toml'"),
                ("2.toml", "extends = '3.toml'"),
                ("3.toml", "extends = '4.toml'"),
                ("4.toml", "extends = '5.toml'"),
                ("5.toml", ""),
            ],
            "more than 5 files",
        ),
    ] {
        let error = load_all(files).1.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    let error = load_all(&[("keysweep.toml", "extends = 'a.toml'"), ("a.toml", "x = 1")])
        .1
        .unwrap_err();
    assert!(rendered(&error).contains("a.toml:1:1"), "{error}");
}

#[test]
fn what_is_no_policy() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keysweep.toml");
    let load = || {
        Policy::load(&path, TODAY, &rules())
            .unwrap_err()
            .to_string()
    };
    assert!(load().contains("cannot read"));
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(load().contains("not UTF-8"));
    fs::write(&path, " ".repeat((1 << 20) + 1)).unwrap();
    assert!(load().contains("more than 1 MiB"));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(load().contains("not a regular file"));
}

#[test]
fn is_found_upward_within_the_repository() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    let inner = root.join("outer/repo/src/deep");
    fs::create_dir_all(&inner).unwrap();
    fs::create_dir(root.join("outer/repo/.git")).unwrap();
    fs::write(root.join("outer/keysweep.toml"), "").unwrap();
    assert_eq!(Policy::find(&inner), None);
    fs::write(root.join("outer/repo/keysweep.toml"), "").unwrap();
    assert_eq!(
        Policy::find(&inner),
        Some(root.join("outer/repo/keysweep.toml"))
    );
    fs::write(inner.join("file.txt"), "").unwrap();
    assert_eq!(
        Policy::find(&inner.join("file.txt")),
        Some(root.join("outer/repo/keysweep.toml"))
    );
    assert_eq!(
        Policy::find(&root.join("outer")),
        Some(root.join("outer/keysweep.toml"))
    );
}
