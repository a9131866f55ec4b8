use super::*;
use crate::collect::Collection;
use crate::source::git::fixture::{Repo, collect, excluding, key, places};

fn scan(repo: &Repo, since: &str) -> Result<Collection, GitError> {
    let policy = Policy::default();
    let options = Options {
        since: since.to_owned(),
        paths: Vec::new(),
        policy: &policy,
    };
    let mut result = Ok(0);
    let collection = collect(|sink| result = read(repo.path(), &options, sink));
    result.map(|_| collection)
}

/// What the commits since `base` added; there must be no gap.
fn added(repo: &Repo) -> Vec<String> {
    let collection = scan(repo, "base").unwrap();
    assert_eq!(collection.gaps, []);
    places(&collection)
}

/// A repository with a key of old, and a tag there.
fn repo() -> Repo {
    let repo = Repo::new();
    let text = "a line\n".repeat(20) + &key(0) + "\n";
    repo.write("old", text).commit("base");
    repo.git(&["tag", "base"]);
    repo
}

fn short(commit: &str) -> &str {
    &commit[..12]
}

#[test]
fn a_key_is_shown_where_it_is_today_with_its_commit() {
    let repo = repo();
    let brought = repo.write("a", key(1)).commit("one");
    repo.write("a", format!("\n\n{}\n", key(1))).commit("two");
    let found = scan(&repo, "base").unwrap();
    assert_eq!(places(&found), ["a:3"]);
    assert_eq!(found.occurrences[0].commit, Some(brought));
}

#[test]
fn a_key_that_was_removed_again_is_shown_in_its_commit() {
    let repo = repo();
    let [one, two] = [1, 2].map(|n| repo.write("a", key(n)).commit("-"));
    repo.remove("a").commit("three");
    let mut expected = [&one, &two].map(|id| format!("{}:a:1", short(id)));
    expected.sort();
    let mut found = added(&repo);
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn old_keys_in_touched_and_renamed_files_are_not_new() {
    let repo = repo();
    let text = std::fs::read_to_string(repo.path().join("old")).unwrap();
    repo.write("old", format!("{}\n{text}{}\n", key(0), key(1)));
    repo.commit("one");
    repo.write("old", &text).commit("two");
    repo.git(&["mv", "old", "new"]);
    repo.write("new", text.clone() + &key(2)).commit("three");
    repo.git(&["mv", "new", "newer"]);
    repo.write("newer", text + &key(2) + " ").commit("four");
    let found = added(&repo);
    assert_eq!(found[0], "newer:22", "key(2)");
    assert_eq!(found.len(), 3, "and key(1), and another key(0): {found:?}");
}

#[test]
fn a_merge_brings_what_no_parent_has() {
    let repo = repo();
    repo.git(&["switch", "-q", "-c", "side"]);
    repo.write("s", key(1))
        .write("both", "side\n")
        .commit("side");
    repo.git(&["switch", "-q", "main"]);
    repo.write("m", key(2)).commit("main");
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    repo.write("evil", key(3))
        .write("both", format!("side\n{}", key(4)));
    let merge = repo.commit("merge");
    let found = scan(&repo, "base").unwrap();
    assert_eq!(places(&found), ["both:2", "evil:1", "m:1", "s:1"]);
    assert_eq!(found.occurrences[1].commit.as_ref(), Some(&merge));
    assert_ne!(found.occurrences[2].commit.as_ref(), Some(&merge));
}

#[test]
fn what_the_base_has_by_now_is_not_new() {
    let repo = repo();
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write("t", key(1)).commit("topic");
    repo.git(&["switch", "-q", "main"]);
    repo.write("m", key(2)).commit("main");
    repo.git(&["tag", "-f", "base"]);
    repo.git(&["switch", "-q", "topic"]);
    assert_eq!(added(&repo), ["t:1"]);
    repo.git(&["merge", "-q", "--no-edit", "main"]);
    assert_eq!(added(&repo), ["t:1"]);
    repo.git(&["tag", "-f", "base"]);
    assert_eq!(added(&repo), [""; 0]);
}

#[test]
fn the_first_commit_of_another_root_is_read() {
    let repo = repo();
    repo.git(&["switch", "-q", "--orphan", "other"]);
    repo.write("o", key(1)).commit("other");
    let error = scan(&repo, "base").err().unwrap();
    assert!(matches!(error, GitError::NoMergeBase { .. }), "{error}");
    repo.git(&[
        "merge",
        "-q",
        "--allow-unrelated-histories",
        "--no-edit",
        "base",
    ]);
    assert_eq!(added(&repo), ["o:1"]);
}

#[test]
fn binary_files_are_compared_by_their_keys() {
    let repo = repo();
    let bytes = |n| [b"\0\x01\x02\xff".to_vec(), key(n).into_bytes(), vec![0; 9]].concat();
    repo.write("lib.dll", bytes(1)).commit("one");
    repo.git(&["tag", "-f", "base"]);
    repo.write("lib.dll", [bytes(1), bytes(2)].concat());
    repo.commit("two");
    let found = scan(&repo, "base").unwrap();
    assert_eq!(found.occurrences.len(), 1);
    assert_eq!(found.occurrences[0].path, "lib.dll");
}

#[test]
fn an_unknown_base_is_an_error() {
    for base in ["nowhere", "", "--all", &"0".repeat(40), "base:old"] {
        let error = scan(&repo(), base).err().unwrap();
        assert!(matches!(error, GitError::UnknownRevision { .. }), "{error}");
    }
    let error = scan(&Repo::new(), "HEAD").err().unwrap();
    assert!(matches!(error, GitError::UnknownRevision { .. }), "{error}");
}

#[test]
fn a_clone_that_is_cut_before_the_base_is_an_error() {
    let origin = repo();
    origin.git(&["switch", "-q", "-c", "topic"]);
    origin.write("a", key(1)).commit("one");
    origin.remove("a").commit("two");
    let clone = origin.cloned(&["--depth=1", "--no-single-branch"]);
    let error = scan(&clone, "origin/main").err().unwrap();
    assert!(
        error.to_string().contains("git fetch --unshallow"),
        "{error}"
    );
    clone.git(&["fetch", "-q", "--unshallow"]);
    assert_eq!(places(&scan(&clone, "origin/main").unwrap()).len(), 1);
}

#[test]
fn a_shallow_clone_that_reaches_the_base_will_do() {
    let origin = repo();
    origin.write("a", key(1)).commit("one");
    origin.remove("a").commit("two");
    let clone = origin.cloned(&["--depth=3"]);
    assert_eq!(places(&scan(&clone, "HEAD~2").unwrap()).len(), 1);
}

#[test]
fn a_merge_of_a_cut_branch_is_an_error() {
    // What actions/checkout has of a pull request with `fetch-depth: 2`.
    let origin = repo();
    origin.git(&["switch", "-q", "-c", "topic"]);
    origin.write("a", key(1)).commit("one");
    origin.remove("a").commit("two");
    origin.git(&["switch", "-q", "main"]);
    origin.git(&["merge", "-q", "--no-ff", "--no-edit", "topic"]);
    let clone = origin.cloned(&["--depth=2"]);
    let error = scan(&clone, "HEAD^1").err().unwrap();
    assert!(matches!(error, GitError::Shallow { .. }), "{error}");
}

#[test]
fn a_blob_that_was_not_fetched_is_a_gap() {
    let origin = repo();
    origin.write("a", key(1)).commit("one");
    origin.remove("a").commit("two");
    let clone = origin.cloned(&["--filter=blob:none"]);
    let found = scan(&clone, "base").unwrap();
    assert_eq!(
        found.gaps[0].to_string(),
        "a: git has not fetched its content; run `git fetch --refetch --no-filter`"
    );
    clone.git(&["fetch", "-q", "--refetch", "--no-filter"]);
    assert_eq!(places(&scan(&clone, "base").unwrap()).len(), 1);
}

#[test]
fn paths_restrict_and_the_policy_excludes() {
    let repo = repo();
    for (n, path) in ["a/x", "b/x", "a/vendor/x"].iter().enumerate() {
        repo.write(path, key(n as u8 + 1));
    }
    repo.commit("one");
    let options = Options {
        since: "base".to_owned(),
        paths: vec![PathBuf::from("a")],
        policy: &excluding("a/vendor"),
    };
    let found = collect(|sink| assert_eq!(read(repo.path(), &options, sink).unwrap(), 1));
    assert_eq!(places(&found), ["a/x:1"]);
}

#[test]
fn an_ignore_counts_in_the_version_that_it_is_in() {
    let repo = repo();
    let ignore = format!("// keysweep: {}[KS1003] because\n", "ignore");
    let one = repo
        .write("a", format!("{ignore}{}\n", key(1)))
        .commit("one");
    repo.write("a", format!("\n\n{ignore}{}\n", key(2)))
        .commit("two");
    let found = scan(&repo, "base").unwrap();
    assert_eq!(
        places(&found),
        [format!("{}:a:2", short(&one)), "a:4".to_owned()]
    );
    let ignores = found.ignores.iter().map(|ignore| ignore.place.clone());
    let places: Vec<_> = ignores.map(|at| (at.start.line, at.revision)).collect();
    assert_eq!(places, [(1, Some(short(&one).to_owned())), (3, None)]);
}

#[test]
#[cfg(unix)]
fn a_link_brings_the_text_that_it_holds() {
    let repo = repo();
    std::os::unix::fs::symlink(key(1), repo.path().join("a")).unwrap();
    let commit = repo.commit("one");
    assert_eq!(added(&repo), ["a:1"]);
    repo.remove("a").commit("two");
    assert_eq!(added(&repo), [format!("{}:a:1", short(&commit))]);
}
