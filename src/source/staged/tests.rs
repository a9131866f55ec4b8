use super::*;
use crate::collect::Collection;
use crate::gap::GapReason;
use crate::source::git::fixture::{PROBE, Repo, collect, excluding, key, places};

fn scan(repo: &Repo, below: &str) -> Collection {
    scan_with(repo, below, |_| {})
}

fn scan_with(repo: &Repo, below: &str, set: impl FnOnce(&mut Options<'_>)) -> Collection {
    let policy = Policy::default();
    let mut options = Options {
        paths: Vec::new(),
        policy: &policy,
    };
    set(&mut options);
    collect(|sink| {
        read(&repo.path().join(below), &options, sink).unwrap();
    })
}

/// The places of the keys that are staged; there must be no gap.
fn staged(repo: &Repo) -> Vec<String> {
    let collection = scan(repo, "");
    assert_eq!(collection.gaps, []);
    places(&collection)
}

fn gaps(repo: &Repo) -> Vec<String> {
    let gaps = scan(repo, "").gaps;
    gaps.iter().map(ToString::to_string).collect()
}

#[test]
fn the_index_counts_and_not_the_work_tree() {
    let repo = Repo::new();
    repo.write("a", "").write("b", "").commit("base");
    repo.write("a", format!("x\n{}\n", key(1))).stage("a");
    repo.write("a", "clean again").write("b", key(2));
    assert_eq!(staged(&repo), ["a:2"]);
}

#[test]
fn everything_is_new_before_the_first_commit() {
    let repo = Repo::new();
    repo.write("a", key(1)).stage("a");
    assert_eq!(staged(&repo), ["a:1"]);
    let below = repo.write("sub/b", key(2)).stage("sub/b");
    assert_eq!(places(&scan(below, "sub")), ["../a:1", "b:1"]);
}

#[test]
fn only_new_keys_of_a_touched_file_count() {
    let repo = Repo::new();
    repo.write("a", key(1)).commit("base");
    repo.write("a", format!("// moved\n{}\n{}\n", key(2), key(1)));
    assert_eq!(staged(repo.stage("a")), ["a:2"]);
}

#[test]
fn a_second_copy_of_a_key_is_new() {
    let repo = Repo::new();
    repo.write("a", format!("first {}\n", key(1)))
        .commit("base");
    let text = format!("second {0}\nfirst {0}\n", key(1));
    assert_eq!(staged(repo.write("a", text).stage("a")), ["a:1"]);
}

#[test]
fn a_rename_brings_only_what_is_new_in_it() {
    let repo = Repo::new();
    let text = "some lines\n".repeat(30) + &key(1) + "\n";
    repo.write("a", &text).write("b", &text).commit("base");
    repo.git(&["mv", "a", "c"]);
    repo.git(&["mv", "b", "d"]);
    repo.write("d", text + &key(2)).stage("d");
    assert_eq!(staged(&repo), ["d:32"]);
}

#[test]
fn a_rename_to_where_a_browser_gets_it_is_new() {
    let repo = Repo::new();
    repo.write("server/a.js", format!("const k = '{}';", key(1)));
    repo.commit("base");
    std::fs::create_dir_all(repo.path().join("public")).unwrap();
    repo.git(&["mv", "server/a.js", "public/a.js"]);
    assert_eq!(staged(&repo), ["public/a.js:1"]);
}

#[test]
fn part_of_a_file_may_be_staged() {
    let repo = Repo::new();
    repo.write("a", "1\n2\n").commit("base");
    repo.write("a", format!("1\n2\n{}\n", key(1))).stage("a");
    repo.write("a", format!("{}\n1\n2\n{}\n", key(2), key(1)));
    assert_eq!(staged(&repo), ["a:3"]);
}

#[test]
#[cfg(unix)]
fn a_mode_brings_nothing_and_a_link_its_text() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let repo = Repo::new();
    repo.write("a", key(1)).write("b", "").commit("base");
    let run = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(repo.path().join("a"), run).unwrap();
    assert_eq!(staged(repo.stage("a")), [""; 0]);
    symlink(key(2), repo.remove("b").path().join("b")).unwrap();
    assert_eq!(staged(repo.stage("b")), ["b:1"]);
    repo.commit("link");
    symlink(format!("x/{}", key(2)), repo.remove("b").path().join("b")).unwrap();
    assert_eq!(staged(repo.stage("b")), [""; 0], "it has led there before");
}

#[test]
#[cfg(unix)]
fn a_link_that_became_a_file_is_read() {
    let repo = Repo::new();
    std::os::unix::fs::symlink("x", repo.path().join("a")).unwrap();
    repo.commit("base");
    assert_eq!(
        staged(repo.remove("a").write("a", key(1)).stage("a")),
        ["a:1"]
    );
}

#[test]
fn a_linked_work_tree_has_an_index_of_its_own() {
    let repo = Repo::new();
    repo.write("a", "").commit("base");
    repo.git(&["worktree", "add", "-q", "tree"]);
    repo.write("tree/a", key(1));
    repo.git(&["-C", "tree", "add", "a"]);
    let found = scan(&repo, "tree");
    assert_eq!(places(&found), ["a:1"]);
    assert_eq!(staged(&repo), [""; 0]);
}

#[test]
fn a_conflict_is_a_gap() {
    let repo = Repo::new();
    repo.write("a", "1").write("b", "").commit("base");
    repo.git(&["switch", "-q", "-c", "side"]);
    repo.write("a", "2").write("b", key(1)).commit("theirs");
    repo.git(&["switch", "-q", "main"]);
    repo.write("a", "3").commit("ours");
    assert!(!repo.try_git(&["merge", "-q", "side"]).0);
    let found = scan(&repo, "");
    assert_eq!(places(&found), ["b:1"]);
    assert_eq!(found.gaps[0].reason, GapReason::Unmerged);
}

#[test]
fn what_is_only_intended_is_not_staged() {
    let repo = Repo::new();
    repo.write("z", "").commit("base");
    repo.write("a", key(1)).git(&["add", "-N", "a"]);
    assert_eq!(staged(&repo), [""; 0]);
}

#[test]
fn a_sparse_work_tree_hides_nothing() {
    let repo = Repo::new();
    repo.write("in/a", "").write("out/b", "").commit("base");
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    repo.write("new", key(1));
    let blob = repo.git(&["hash-object", "-w", "new"]);
    let entry = format!("100644,{blob},out/b");
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    repo.git(&["update-index", "--skip-worktree", "out/b"]);
    assert_eq!(staged(&repo), ["out/b:1"]);
}

#[test]
fn a_blob_that_was_not_fetched_is_a_gap() {
    let origin = Repo::new();
    let text = "line\n".repeat(50);
    origin.write("a", &text).commit("base");
    origin.write("a", text + "more").commit("next");
    let repo = origin.cloned(&["--filter=blob:none", "--no-checkout"]);
    repo.git(&["read-tree", "HEAD"]);
    let old = repo.git(&["rev-parse", "HEAD^:a"]);
    repo.git(&["rm", "-q", "--cached", "a"]);
    repo.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("100644,{old},b"),
    ]);
    assert_eq!(
        gaps(&repo),
        ["b: git has not fetched its content; run `git fetch --refetch --no-filter`"]
    );
    repo.git(&["fetch", "-q", "--refetch", "--no-filter"]);
    assert_eq!(staged(&repo), [""; 0]);
}

#[test]
#[cfg(target_os = "linux")]
fn names_may_have_any_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let repo = Repo::new();
    for name in [
        &b"new\nline"[..],
        b"\"quoted\"",
        b"\xff",
        b"tab\t",
        b":(top)x",
    ] {
        repo.write(std::ffi::OsStr::from_bytes(name), key(name[0]));
    }
    repo.git(&["add", "-A"]);
    let names = [
        "\"quoted\":1",
        ":(top)x:1",
        "new\nline:1",
        "tab\t:1",
        "\u{fffd}:1",
    ];
    assert_eq!(staged(&repo), names);
}

#[test]
fn sha_256_repositories_are_read() {
    let repo = Repo::with(&["--object-format=sha256"]);
    assert_eq!(staged(repo.write("a", key(1)).stage("a")), ["a:1"]);
    repo.commit("base");
    repo.write("a", key(2)).stage("a");
    assert_eq!(staged(&repo), ["a:1"]);
}

#[test]
fn all_is_read_from_a_subdirectory() {
    let repo = Repo::new();
    repo.write("a", key(1)).write("sub/b", key(2)).commit("-");
    repo.write("a", key(3)).write("sub/b", key(4));
    repo.stage("a").stage("sub/b");
    let found = scan(&repo, "sub");
    assert_eq!(places(&found), ["../a:1", "b:1"]);
}

#[test]
fn named_paths_restrict() {
    let repo = Repo::new();
    for path in ["a/b", "a/*", "ab", "vendor/x/y"] {
        repo.write(path, key(path.len() as u8)).stage(path);
    }
    let paths = || ["*", "b", "../vendor"].map(PathBuf::from).to_vec();
    let named = scan_with(&repo, "a", |options| options.paths = paths());
    assert_eq!(places(&named), ["*:1", "../vendor/x/y:1", "b:1"]);
}

#[test]
fn the_policy_excludes() {
    let repo = Repo::new();
    for path in ["a/b", "vendor/x/y"] {
        repo.write(path, key(path.len() as u8)).stage(path);
    }
    let policy = excluding("vendor");
    let options = Options {
        paths: Vec::new(),
        policy: &policy,
    };
    let found = collect(|sink| assert_eq!(read(repo.path(), &options, sink).unwrap(), 1));
    assert_eq!(places(&found), ["a/b:1"]);
}

#[test]
fn what_is_ignored_and_staged_is_read() {
    let repo = Repo::new();
    repo.write(".gitignore", "secret*\n").commit("base");
    repo.write("secret.json", key(1)).stage("secret.json");
    assert_eq!(staged(&repo), ["secret.json:1"]);
}

#[test]
fn a_large_blob_is_streamed() {
    let repo = Repo::new();
    let filler = "just a line of text\n".repeat(600_000);
    let text = format!("{filler}x-functions-key: {}\n{filler}", key(1));
    repo.write("a", &text)
        .write("b", "small")
        .stage("a")
        .stage("b");
    let found = scan(&repo, "");
    assert_eq!(places(&found), ["a:600001"]);
    assert_eq!((found.gaps, found.coverage.files), (vec![], 2));
    repo.commit("base");
    repo.write("a", text + &key(2)).stage("a");
    assert_eq!(staged(&repo), ["a:1200002"]);
}

#[test]
fn a_damaged_object_is_a_gap_and_the_others_are_read() {
    let repo = Repo::new();
    repo.write("a", "lost")
        .write("b", key(1))
        .stage("a")
        .stage("b");
    let lost = repo.git(&["rev-parse", ":a"]);
    let object = format!(".git/objects/{}/{}", &lost[..2], &lost[2..]);
    repo.remove(&object).write(&object, "nonsense");
    let found = scan(&repo, "");
    assert_eq!(places(&found), ["b:1"]);
    assert_eq!(found.gaps[0].subject, "a");
}

#[test]
fn a_replaced_object_is_read_as_it_is() {
    let repo = Repo::new();
    repo.write("a", key(1))
        .write("b", "clean")
        .stage("a")
        .stage("b");
    let [a, b] = [":a", ":b"].map(|name| repo.git(&["rev-parse", name]));
    repo.git(&["replace", &a, &b]);
    assert_eq!(staged(&repo), ["a:1"]);
}

#[test]
fn no_repository_is_an_error() {
    let plain = tempfile::TempDir::new().unwrap();
    let policy = Policy::default();
    let options = Options {
        paths: Vec::new(),
        policy: &policy,
    };
    collect(|sink| {
        let error = read(plain.path(), &options, sink).unwrap_err();
        assert!(matches!(error, GitError::NoRepository(_)), "{error}");
    });
}

/// Runs in the hook that the next test installs, as git runs it.
#[test]
fn probe() {
    if let Some(answer) = std::env::var_os(PROBE) {
        let policy = Policy::default();
        let options = Options {
            paths: Vec::new(),
            policy: &policy,
        };
        let found = collect(|sink| {
            read(Path::new("."), &options, sink).unwrap();
        });
        std::fs::write(answer, places(&found).join(" ")).unwrap();
    }
}

#[test]
#[cfg(unix)]
fn in_a_hook_the_index_of_the_commit_counts() {
    use std::os::unix::fs::PermissionsExt;
    let repo = Repo::new();
    for path in ["a", "b", "sub/c"] {
        repo.write(path, "");
    }
    repo.commit("base");
    let test = std::env::current_exe().unwrap();
    let answer = repo.path().join(".git/answer");
    let hook = format!(
        "#!/bin/sh\n{PROBE}='{}' exec '{}' --exact source::staged::tests::probe\n",
        answer.display(),
        test.display()
    );
    let path = ".git/hooks/pre-commit";
    repo.write(path, hook);
    let run = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(repo.path().join(path), run).unwrap();
    let commit = |arguments: &[&str]| {
        repo.git(&[&["commit", "-q", "-m", "-"], arguments].concat());
        std::fs::read_to_string(&answer).unwrap()
    };
    repo.write("a", key(1)).write("b", key(2)).stage("a");
    assert_eq!(commit(&["b"]), "b:1", "not a, which stays staged");
    repo.write("sub/c", key(3)).write("b", key(4));
    assert_eq!(commit(&["-a"]), "a:1 b:1 sub/c:1");
    repo.write("sub/c", key(5)).stage("sub/c");
    assert_eq!(commit(&[]), "sub/c:1");
}
