use crate::collect::Collection;
use crate::policy::Policy;
use crate::source::git::fixture::{Repo, collect, excluding, key, places};
use crate::source::{range, staged};

/// A repository with a submodule, `m`, that has an old key; tagged `base`.
fn repo() -> Repo {
    let inner = Repo::new();
    inner.write("old", format!("{}\n", key(0))).commit("inner");
    let repo = Repo::new();
    let from = inner.path().to_str().unwrap();
    repo.git(&["submodule", "--quiet", "add", from, "m"]);
    repo.commit("base");
    repo.git(&["tag", "base"]);
    repo
}

/// Commits what is in the submodule, there.
fn advance(repo: &Repo) {
    repo.git(&["-C", "m", "add", "-A"]);
    repo.git(&["-C", "m", "commit", "-q", "-m", "-"]);
}

fn since(repo: &Repo, policy: &Policy) -> Collection {
    let options = range::Options {
        since: "base".to_owned(),
        paths: Vec::new(),
        policy,
    };
    collect(|sink| {
        range::read(repo.path(), &options, sink).unwrap();
    })
}

fn staged_in(repo: &Repo, below: &str) -> Collection {
    let policy = Policy::default();
    let options = staged::Options {
        paths: Vec::new(),
        policy: &policy,
    };
    collect(|sink| {
        staged::read(&repo.path().join(below), &options, sink).unwrap();
    })
}

/// The new keys, by the commits and by the index before it; there is no gap.
fn brought(repo: &Repo) -> Vec<String> {
    repo.git(&["add", "-A"]);
    let staged = staged_in(repo, "");
    assert_eq!(staged.gaps, []);
    let commit = repo.commit("change");
    let found = since(repo, &Policy::default());
    assert_eq!(found.gaps, []);
    assert_eq!(places(&found), places(&staged));
    for key in &found.occurrences {
        assert_eq!(key.commit.as_deref(), Some(&*commit));
    }
    places(&found)
}

#[test]
fn a_new_pin_brings_what_the_old_one_had_not() {
    let repo = repo();
    repo.write("m/old", format!("// moved\n{}\n", key(0)));
    repo.write("m/sub/new", format!("\n{}\n", key(1)));
    advance(&repo);
    assert_eq!(brought(&repo), ["m/sub/new:2"]);
}

#[test]
fn a_new_submodule_brings_all_that_is_in_it() {
    let repo = Repo::new();
    repo.commit("base");
    repo.git(&["tag", "base"]);
    repo.git(&["init", "-q", "m"]);
    repo.write("m/a", key(1));
    advance(&repo);
    assert_eq!(brought(&repo), ["m/a:1"]);
}

#[test]
fn gitmodules_does_not_hide_a_change() {
    let repo = repo();
    repo.git(&["config", "-f", ".gitmodules", "submodule.m.ignore", "all"]);
    repo.git(&["config", "submodule.m.ignore", "all"]);
    repo.git(&["config", "diff.ignoreSubmodules", "all"]);
    repo.write("m/new", key(1));
    advance(&repo);
    repo.git(&["add", "-f", "m"]);
    assert_eq!(places(&staged_in(&repo, "")), ["m/new:1"]);
    repo.git(&["commit", "-q", "-m", "-"]);
    assert_eq!(places(&since(&repo, &Policy::default())), ["m/new:1"]);
}

#[test]
fn a_submodule_of_a_submodule_is_looked_into() {
    let repo = repo();
    repo.git(&["init", "-q", "m/n"]);
    repo.write("m/n/a", key(1));
    repo.git(&["-C", "m/n", "add", "-A"]);
    repo.git(&["-C", "m/n", "commit", "-q", "-m", "-"]);
    advance(&repo);
    assert_eq!(brought(&repo), ["m/n/a:1"]);
    repo.write("sub/x", "");
    repo.git(&["reset", "-q", "--soft", "base"]);
    assert_eq!(places(&staged_in(&repo, "sub")), ["../m/n/a:1"]);
}

#[test]
fn what_a_later_pin_takes_away_stays_in_its_commit() {
    let repo = repo();
    repo.write("m/new", key(1));
    advance(&repo);
    let commit = repo.commit("brings it");
    repo.git(&["-C", "m", "rm", "-q", "new"]);
    advance(&repo);
    repo.commit("takes it away");
    let found = places(&since(&repo, &Policy::default()));
    assert_eq!(found, [format!("{}:m/new:1", &commit[..12])]);
}

#[test]
fn commits_that_are_not_here_are_gaps() {
    let repo = repo();
    let known = repo.git(&["rev-parse", "base:m"]);
    let unknown = "1234567890".repeat(4);
    let pin = |commit: &str| {
        let entry = format!("160000,{commit},m");
        repo.git(&["update-index", "--cacheinfo", &entry]);
        let gaps = staged_in(&repo, "").gaps;
        gaps.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let [gap] = &pin(&unknown)[..] else {
        panic!("a gap");
    };
    assert!(
        gap.starts_with("m: git has no commit 123456789012 of"),
        "{gap}"
    );
    repo.git(&["commit", "-q", "-m", "unknown"]);
    assert_eq!(pin(&known).len(), 1, "what it was is not here");
    repo.git(&["submodule", "--quiet", "deinit", "-f", "m"]);
    let gaps = since(&repo, &Policy::default()).gaps;
    assert!(
        gaps[0].to_string().contains("git submodule update"),
        "{gaps:?}"
    );
    assert_eq!(since(&repo, &excluding("m")).gaps, []);
}

#[test]
#[cfg(unix)]
fn another_repository_in_its_place_does_not_answer() {
    let repo = repo();
    let elsewhere = repo.path().join("elsewhere");
    std::fs::rename(repo.path().join("m"), &elsewhere).unwrap();
    let pin = "160000,1234567890123456789012345678901234567890,m";
    repo.git(&["update-index", "--cacheinfo", pin]);
    assert_eq!(staged_in(&repo, "").gaps.len(), 1);
    std::os::unix::fs::symlink(&elsewhere, repo.path().join("m")).unwrap();
    assert_eq!(staged_in(&repo, "").gaps.len(), 1);
}

#[test]
fn a_path_inside_of_one_is_no_path_of_the_repository() {
    let repo = repo();
    repo.write("m/x/new", key(1));
    advance(&repo);
    repo.git(&["add", "m"]);
    let policy = Policy::default();
    let named = |path: &str| {
        let options = staged::Options {
            paths: vec![path.into()],
            policy: &policy,
        };
        let mut result = Ok(0);
        let found = collect(|sink| result = staged::read(repo.path(), &options, sink));
        result
            .map(|_| places(&found))
            .map_err(|error| error.to_string())
    };
    assert_eq!(named("m").unwrap(), ["m/x/new:1"]);
    let error = named("m/x").unwrap_err();
    assert!(error.starts_with("m/x is in the submodule m, "), "{error}");
}
