use super::*;
use crate::location::FilePlace;
use crate::policy::Policy;
use crate::source::git::fixture::Repo;

fn at(repo: &Repo, below: &str) -> Revision {
    Revision::resolve(&repo.path().join(below), "HEAD").unwrap()
}

fn file(revision: &Revision, path: &str) -> Option<Vec<u8>> {
    revision.file(Path::new(path), MAX_FILE).unwrap()
}

#[test]
fn a_file_is_read_as_it_was() {
    let repo = Repo::new();
    repo.write("sub/a", "old").commit("base");
    repo.write("sub/a", "new").stage("sub/a");
    assert_eq!(file(&at(&repo, ""), "sub/a").unwrap(), b"old");
    assert_eq!(file(&at(&repo, "sub"), "../sub/a").unwrap(), b"old");
    let absolute = repo.path().join("sub/a");
    assert_eq!(
        file(&at(&repo, "sub"), absolute.to_str().unwrap()).unwrap(),
        b"old"
    );
    assert_eq!(file(&at(&repo, ""), "b"), None);
}

#[test]
#[cfg(unix)]
fn links_are_followed_inside_the_repository() {
    use std::os::unix::fs::symlink;
    let repo = Repo::new();
    repo.write("policies/a", "policy");
    for (link, target) in [
        ("a", "policies/a"),
        ("policies/out", "../../x"),
        ("loop", "loop"),
    ] {
        symlink(target, repo.path().join(link)).unwrap();
    }
    repo.commit("base");
    let revision = at(&repo, "");
    assert_eq!(file(&revision, "a").unwrap(), b"policy");
    for path in ["policies/out", "loop", "policies", "../x", "."] {
        assert!(revision.file(Path::new(path), MAX_FILE).is_err(), "{path}");
    }
}

#[test]
fn a_file_that_is_too_large_is_an_error() {
    let repo = Repo::new();
    repo.write("a", "12345").commit("base");
    let error = at(&repo, "").file(Path::new("a"), 4).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a at HEAD is too large; name a regular file of at most 4 bytes"
    );
}

#[test]
fn the_files_of_a_directory_are_listed_with_its_name() {
    let repo = Repo::new();
    repo.write("rules/a.toml", "")
        .write("rules/b/c.toml", "")
        .commit("base");
    repo.write("rules/new.toml", "").remove("rules/a.toml");
    let names = ["rules/a.toml", "rules/b/c.toml"].map(PathBuf::from);
    assert_eq!(at(&repo, "").files(Path::new("rules")).unwrap(), names);
    assert_eq!(at(&repo, "rules").files(Path::new(".")).unwrap().len(), 2);
    assert_eq!(at(&repo, "").files(Path::new("none")).unwrap().len(), 0);
}

#[test]
fn the_nearest_policy_is_found_upward() {
    let repo = Repo::new();
    repo.write("p", "")
        .write("a/p", "")
        .write("a/b/c", "")
        .write("d/e", "");
    repo.commit("base");
    let found = |below: &str, from: &str| {
        let path = at(&repo, below).upward(Path::new(from), "p").unwrap();
        path.map(|path| path.to_str().unwrap().to_owned())
    };
    assert_eq!(found("", "a/b").unwrap(), "a/b/../p");
    assert_eq!(found("d", ".").unwrap(), "./../p");
    assert_eq!(at(&repo, "d").upward(Path::new("."), "q").unwrap(), None);
}

#[test]
fn an_unknown_revision_is_an_error() {
    let repo = Repo::new();
    repo.commit("base");
    let error = Revision::resolve(repo.path(), "origin/main").err().unwrap();
    assert!(
        error
            .to_string()
            .contains("git fetch origin main:refs/remotes/origin/main"),
        "{error}"
    );
}

#[test]
fn a_policy_is_read_with_what_it_extends() {
    let repo = Repo::new();
    let org = "[[exclude]]\npath = 'vendor'\nreason = 'not ours'\n";
    repo.write("org/base.toml", org);
    repo.write("keysweep.toml", "extends = 'org/base.toml'\n");
    repo.commit("base");
    repo.write("keysweep.toml", "nonsense")
        .write("org/base.toml", "");
    let revision = at(&repo, "");
    let path = repo.path().join("keysweep.toml");
    let file = |path: &Path| revision.file(path, MAX_FILE).map_err(std::io::Error::other);
    let policy = Policy::load_from(&path, jiff::civil::date(2030, 1, 1), [], &file).unwrap();
    let vendor = repo.path().join("vendor/x");
    assert!(policy.excluded(vendor.to_str().unwrap()).is_some());
}

#[test]
fn an_ignore_that_a_change_brings_has_had_no_review() {
    let repo = Repo::new();
    let ignore = format!("# keysweep: {}[KS1003] because\n", "ignore");
    let old = format!("{ignore}old key\n");
    repo.write("a", &old).commit("base");
    let text = format!("new key\n{old}other key\n{ignore}key\n");
    repo.write("a", &text).write("b", &old);
    let revision = at(&repo, "");
    let reviewed = Reviewed::new(&revision, |path| std::fs::read(repo.path().join(path)).ok());
    let stood = |path: &str, text: &str| -> Vec<bool> {
        let ignores = text.match_indices(&ignore);
        ignores
            .map(|(at, _)| FilePlace::in_text(path, text.as_bytes(), at..at + ignore.len() - 1))
            .map(|place| reviewed.stood(&place, place.start.line + 1))
            .collect()
    };
    assert_eq!(stood("a", &text), [true, false]);
    assert_eq!(stood("b", &old), [false], "it is in no file of the base");
}

#[test]
fn lines_that_are_not_those_of_the_bytes_had_no_review() {
    let repo = Repo::new();
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    repo.write("a", wide("ignore\nkey\n")).commit("base");
    let now = wide("ignore\nkey\nother\n");
    let revision = at(&repo, "");
    let reviewed = Reviewed::new(&revision, |_| Some(now.clone()));
    let place = FilePlace::in_text("a", b"ignore\nkey\n", 0..6);
    assert!(!reviewed.stood(&place, 2));
}
