use super::*;
use crate::gap::Notice;
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
#[cfg(unix)]
fn a_link_to_nothing_is_told_as_what_it_is() {
    let repo = repo();
    let link = repo.path().join("link");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    let policy = Policy::default();
    let options = Options {
        gitignore: true,
        policy: &policy,
        threads: 1,
    };
    let collection = collect(|sink| {
        walk(&[link], &options, sink);
    });
    let told = collection.gaps[0].to_string();
    assert!(
        told.ends_with("it is a link to what is not there"),
        "{told}"
    );
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

#[test]
fn a_directory_that_is_named_is_read_whatever_ignores_it() {
    let repo = Repo::new();
    repo.write(".gitignore", "out\n").write("out/a", key(1));
    repo.write("out/x/b", key(2)).write("out/tracked", key(3));
    repo.stage("out/tracked");
    let all = ["out/a", "out/tracked", "out/x/b"];
    assert_eq!(found(&repo, &["out"], &Policy::default()), all);
    assert_eq!(found(&repo, &["out/x"], &Policy::default()), ["out/x/b"]);
    assert_eq!(found(&repo, &[""], &Policy::default()), ["out/tracked"]);
}

#[test]
fn only_git_makes_ignore_rules_count() {
    let repo = Repo::new();
    std::fs::rename(repo.path().join(".git"), repo.path().join(".jj")).unwrap();
    repo.write(".gitignore", "a\n").write("a", key(1));
    for directory in [".hg", ".svn", "fake/.git", "b/.jj"] {
        std::fs::create_dir_all(repo.path().join(directory)).unwrap();
    }
    repo.write("fake/.gitignore", "*\n").write("fake/x", key(2));
    repo.write("gone/.git", "gitdir: ../nowhere\n");
    repo.write("gone/.gitignore", "*\n").write("gone/x", key(3));
    let all = ["a", "fake/x", "gone/x"];
    assert_eq!(found(&repo, &[""], &Policy::default()), all);
}

#[test]
fn the_inside_of_a_repository_is_read_when_it_is_named() {
    let repo = Repo::new();
    repo.write(".git/hooks/a", key(1)).write("hooks/a", "");
    repo.commit("base");
    let inside = found(&repo, &[".git"], &Policy::default());
    assert_eq!(inside, [".git/hooks/a"]);
    let inside = found(&repo, &[".git/hooks"], &Policy::default());
    assert_eq!(inside, [".git/hooks/a"]);
}

fn notices(repo: &Repo) -> Vec<Notice> {
    let options = Options {
        gitignore: true,
        policy: &Policy::default(),
        threads: 2,
    };
    let roots = [repo.path().to_owned()];
    collect(|sink| {
        walk(&roots, &options, sink);
    })
    .notices
}

#[test]
fn a_submodule_has_an_index_of_its_own() {
    let inner = Repo::new();
    inner.write(".gitignore", "*.log\n").write("a", key(1));
    inner.write("b.log", key(2)).stage("b.log").commit("inner");
    let repo = Repo::new();
    let from = inner.path().to_str().unwrap();
    repo.git(&["submodule", "--quiet", "add", from, "sub/m"]);
    repo.write("sub/m/c.log", key(3)).write("sub/d", key(4));
    let all = ["sub/d", "sub/m/a", "sub/m/b.log"];
    assert_eq!(found(&repo, &[""], &Policy::default()), all);
    assert_eq!(found(&repo, &["sub"], &Policy::default()), all);
    // One that is not checked out has nothing that could be read.
    repo.git(&["submodule", "--quiet", "deinit", "-f", "sub/m"]);
    assert_eq!(found(&repo, &[""], &Policy::default()), ["sub/d"]);
    let notices = notices(&repo);
    let [Notice::SubmodulesNotRead { count: 1, example }] = &notices[..] else {
        panic!("{notices:?}");
    };
    assert!(example.ends_with("sub/m"), "{example}");
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_told() {
    let repo = Repo::new();
    repo.write("in/a", key(1)).write("out/b", key(2));
    repo.write("out/c", key(3)).commit("base");
    repo.git(&["sparse-checkout", "set", "in"]);
    let notices = notices(&repo);
    let [Notice::SparseNotRead { count: 2, example }] = &notices[..] else {
        panic!("{notices:?}");
    };
    assert!(example.ends_with("out/b"), "{example}");
}

#[test]
fn what_stands_where_a_submodule_should_is_read() {
    let repo = Repo::new();
    let head = repo.commit("base");
    for module in ["m", "n", "o"] {
        let entry = format!("160000,{head},{module}");
        repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    }
    repo.write(".gitignore", "*\n").write("m/x/a", key(1));
    repo.write("n", key(2));
    assert_eq!(found(&repo, &[""], &Policy::default()), ["m/x/a", "n"]);
}

#[test]
fn what_two_repositories_track_is_read_once() {
    let repo = Repo::new();
    repo.write("in/a", key(1))
        .write("in/b", key(2))
        .stage("in/a");
    repo.git(&["init", "-q", "in"]);
    repo.git(&["-C", "in", "add", "-f", "a", "b"]);
    assert_eq!(found(&repo, &[""], &Policy::default()), ["in/a", "in/b"]);
    // Neither by the rules of the outer one, nor by those of the inner one.
    repo.write(".gitignore", "b\n")
        .write("in/.gitignore", "a\n");
    assert_eq!(found(&repo, &[""], &Policy::default()), ["in/a", "in/b"]);
}

#[test]
fn a_file_with_conflicts_is_read_once_and_one_that_is_gone_is_none() {
    let repo = Repo::new();
    repo.write("a", "1")
        .write("b", "")
        .write("c/d", "")
        .commit("base");
    repo.git(&["switch", "-q", "-c", "side"]);
    repo.write("a", "2").commit("theirs");
    repo.git(&["switch", "-q", "main"]);
    repo.write("a", "3").commit("ours");
    assert!(!repo.try_git(&["merge", "-q", "side"]).0);
    repo.write("a", key(1)).remove("b").remove("c/d");
    std::fs::remove_dir(repo.path().join("c")).unwrap();
    repo.write("c", key(2));
    assert_eq!(found(&repo, &[""], &Policy::default()), ["a", "c"]);
}

#[test]
#[cfg(unix)]
fn a_link_is_the_text_that_it_holds() {
    let repo = Repo::new();
    let target = |n| format!("https://a.azurewebsites.net/api/b?code={}", key(n));
    std::os::unix::fs::symlink(target(1), repo.path().join("a")).unwrap();
    repo.stage("a");
    std::os::unix::fs::symlink(target(2), repo.path().join("b")).unwrap();
    assert_eq!(found(&repo, &[""], &Policy::default()), ["a", "b"]);
    std::fs::rename(repo.path().join(".git"), repo.path().join("x")).unwrap();
    let walked = found(&repo, &[""], &Policy::default());
    assert_eq!(walked, ["a", "b"]);
}

#[test]
#[cfg(target_os = "linux")]
fn names_that_read_alike_are_two_files() {
    use std::os::unix::ffi::OsStrExt;
    let repo = Repo::new();
    for (n, name) in [&b"a\xe9"[..], b"a\xea"].into_iter().enumerate() {
        repo.write(std::ffi::OsStr::from_bytes(name), key(n as u8));
    }
    let alike = ["a\u{fffd}"; 2];
    assert_eq!(found(&repo, &[""], &Policy::default()), alike);
    repo.git(&["add", "-A"]);
    assert_eq!(found(&repo, &[""], &Policy::default()), alike);
}

#[test]
fn a_work_tree_that_is_elsewhere_does_not_answer() {
    let repo = repo();
    let elsewhere = Repo::new();
    elsewhere.write("b", key(9));
    let all = ["a", "out.log", "tracked.log", "vendor/x/y"];
    for (name, value) in [
        ("core.worktree", elsewhere.path().to_str().unwrap()),
        ("core.bare", "true"),
    ] {
        repo.git(&["config", name, value]);
        assert_eq!(found(&repo, &[""], &Policy::default()), all, "{name}");
        repo.git(&["config", "--unset", name]);
    }
}
