use super::*;
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
        error.to_string().contains("git fetch origin origin/main"),
        "{error}"
    );
}
