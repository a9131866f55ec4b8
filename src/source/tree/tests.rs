use super::*;
use crate::source::git::fixture::{Repo, collect, excluding_below, key};

/// The files with a key among those that the roots lead to, from the top.
fn found(repo: &Repo, roots: &[&str], policy: &Policy) -> Vec<String> {
    let options = Options {
        gitignore: true,
        policy,
        threads: 2,
    };
    let top = shown(repo.path()) + "/";
    let roots: Vec<PathBuf> = roots.iter().map(|root| repo.path().join(root)).collect();
    let collection = collect(|sink| {
        walk(&roots, &options, sink);
    });
    assert_eq!(collection.gaps, []);
    let keys = collection.occurrences.iter();
    keys.map(|key| key.path.replace(&top, "")).collect()
}

fn repo() -> Repo {
    let repo = Repo::new();
    for (n, path) in (1..).zip(["a", "tracked.log", "vendor/x/y", "out.log"]) {
        repo.write(path, key(n));
    }
    repo.write(".gitignore", "*.log\n").stage("tracked.log");
    repo
}

#[test]
fn a_walk_takes_what_is_tracked_or_not_ignored() {
    let expected = ["a", "tracked.log", "vendor/x/y"];
    assert_eq!(found(&repo(), &[""], &Policy::default()), expected);
}

#[test]
fn a_named_file_is_scanned_ignored_or_not() {
    let named = ["out.log", "tracked.log"];
    assert_eq!(found(&repo(), &named, &Policy::default()), named);
}

#[test]
fn a_named_file_is_excluded_with_the_directory_around_it() {
    let repo = repo();
    let policy = excluding_below(repo.path(), "vendor");
    assert_eq!(found(&repo, &["a", "vendor/x/y"], &policy), ["a"]);
    assert_eq!(found(&repo, &[""], &policy), ["a", "tracked.log"]);
}

#[test]
fn a_file_that_is_named_twice_has_its_keys_once() {
    assert_eq!(found(&repo(), &["a", "a"], &Policy::default()), ["a"]);
}
