use std::sync::Arc;

use super::*;
use crate::collect::Collection;
use crate::fact::Lifetime;
use crate::gap::GapReason;
use crate::source::git::fixture::{Repo, collect_by, excluding, key, places};

fn scan_with(
    repo: &Repo,
    directory: Option<&Path>,
    policy: &Policy,
    unreachable: bool,
) -> Collection {
    let here = directory.map_or_else(|| repo.path().to_owned(), |part| repo.path().join(part));
    let mut history = History::open(Some(&here)).unwrap();
    // As if it were the working directory.
    history.above = String::new();
    if directory.is_none() {
        history.within.clear();
    }
    let history = Arc::new(history);
    let options = Options {
        unreachable,
        policy,
    };
    collect_by(policy, |collector| {
        collector.history(&history, &options).unwrap();
    })
}

/// The whole history; there must be no gap.
fn scan(repo: &Repo) -> Collection {
    let collection = scan_with(repo, None, &Policy::default(), false);
    assert_eq!(collection.gaps, []);
    collection
}

/// The only key that there is.
fn lifetime(collection: &Collection) -> &Lifetime {
    let [occurrence] = &collection.occurrences[..] else {
        panic!("{:?}", places(collection));
    };
    occurrence.lifetime.as_ref().unwrap()
}

fn short(commit: &str) -> &str {
    &commit[..12]
}

#[test]
fn a_key_that_is_there_is_shown_where_head_has_it() {
    let repo = Repo::new();
    let added = repo.write("a", key(1)).commit("one");
    repo.write("a", format!("\n\n{}\n", key(1))).commit("two");
    let found = scan(&repo);
    assert_eq!(places(&found), ["a:3"]);
    let life = lifetime(&found);
    assert_eq!(life.added_in.as_ref(), Some(&added));
    assert!(life.in_head && life.reachable);
    assert_eq!(
        (&life.removed_in, &life.paths[..]),
        (&None, &["a".to_owned()][..])
    );
}

#[test]
fn a_key_that_was_removed_is_shown_in_its_last_commit() {
    for packed in [false, true] {
        let repo = Repo::new();
        let added = repo.write("a", key(1)).commit("one");
        let last = repo.write("a", format!("\n{}\n", key(1))).commit("two");
        let removed = repo.write("a", "").commit("three");
        repo.write("b", "x").commit("four");
        if packed {
            repo.git(&["gc", "-q"]);
        }
        let found = scan(&repo);
        assert_eq!(places(&found), [format!("{}:a:2", short(&last))]);
        let life = lifetime(&found);
        assert_eq!(life.added_in, Some(added));
        assert_eq!(life.removed_in, Some(removed));
        assert!(!life.in_head && life.reachable);
        assert_eq!(life.refs, [""; 0]);
        assert!(life.added_at.as_ref().unwrap().starts_with("20"));
    }
}

#[test]
fn one_key_is_one_finding_for_each_path_and_not_for_each_version() {
    let repo = Repo::new();
    for n in 0..5 {
        repo.write("a", format!("{}{}\n", "x\n".repeat(n), key(1)))
            .commit("-");
    }
    repo.git(&["mv", "a", "b"]);
    let moved = repo.commit("move");
    let found = scan(&repo);
    let paths: Vec<_> = found
        .occurrences
        .iter()
        .map(|key| key.path.as_str())
        .collect();
    assert_eq!(paths, ["a", "b"]);
    let [a, b] = &found.occurrences[..] else {
        panic!("two")
    };
    let [a, b] = [a, b].map(|key| key.lifetime.as_ref().unwrap());
    assert_eq!(a.removed_in.as_ref(), Some(&moved));
    assert_eq!(b.added_in.as_ref(), Some(&moved));
    assert_eq!((&a.paths, b.in_head), (&b.paths, true));
    assert_eq!(a.paths, ["a", "b"]);
}

#[test]
fn a_merge_brings_what_none_of_its_parents_has() {
    let repo = Repo::new();
    repo.write("a", "a\n").commit("base");
    repo.git(&["checkout", "-q", "-b", "side"]);
    let side = repo.write("side", key(1)).commit("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("a", "b\n").commit("main");
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    let merge = repo.write("evil", key(2)).commit("merge");
    repo.git(&["branch", "-q", "-D", "side"]);
    let found = scan(&repo);
    let added = found.occurrences.iter().map(|key| {
        let life = key.lifetime.as_ref().unwrap();
        (
            key.path.as_str(),
            life.added_in.clone().unwrap(),
            life.in_head,
        )
    });
    let added: Vec<_> = added.collect();
    assert_eq!(added, [("evil", merge, true), ("side", side, true)]);
}

#[test]
fn a_merge_that_drops_a_key_took_it_out() {
    let repo = Repo::new();
    repo.write("a", "a\n").commit("base");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("side", key(1)).commit("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("a", "b\n").commit("main");
    repo.git(&["merge", "-q", "-s", "ours", "-m", "ours", "side"]);
    let merge = repo.git(&["rev-parse", "HEAD"]);
    let found = scan(&repo);
    assert_eq!(lifetime(&found).removed_in, Some(merge));
    assert_eq!(lifetime(&found).refs, ["refs/heads/side"]);
}

#[test]
fn the_commit_that_removed_it_is_named_and_not_the_merge_that_brought_that() {
    let repo = Repo::new();
    repo.write("a", key(1)).commit("base");
    repo.git(&["checkout", "-q", "-b", "side"]);
    let removed = repo.write("a", "").commit("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("b", "b\n").commit("main");
    repo.git(&["merge", "-q", "-m", "merge", "side"]);
    assert_eq!(lifetime(&scan(&repo)).removed_in, Some(removed));
}

#[test]
fn branches_tags_and_stashes_are_history() {
    let repo = Repo::new();
    let base = repo.write("a", "a\n").commit("base");
    repo.write("tagged", key(1)).commit("tagged");
    repo.git(&["tag", "v1"]);
    repo.git(&["reset", "-q", "--hard", &base]);
    for n in [2, 3] {
        repo.write("a", key(n));
        repo.git(&["stash", "-q"]);
    }
    let found = scan(&repo);
    let refs = found.occurrences.iter().map(|key| {
        let life = key.lifetime.as_ref().unwrap();
        assert!(life.reachable && !life.in_head);
        (key.path.as_str(), life.refs.join(" "))
    });
    let mut refs: Vec<_> = refs.collect();
    refs.sort();
    let stash = || "refs/stash".to_owned();
    assert_eq!(
        refs,
        [
            ("a", stash()),
            ("a", stash()),
            ("tagged", "refs/tags/v1".to_owned())
        ]
    );
}

#[test]
fn messages_tags_and_notes_are_searched() {
    let repo = Repo::new();
    let commit = repo
        .write("a", "a\n")
        .commit(&format!("subject\n\n{}", key(1)));
    repo.git(&["tag", "-a", "v1", "-m", &key(2)]);
    repo.git(&["notes", "add", "-m", &key(3)]);
    let found = scan(&repo);
    let mut paths: Vec<_> = found
        .occurrences
        .iter()
        .map(|key| key.path.clone())
        .collect();
    paths.sort();
    let all = [
        format!(".git/commits/{commit}"),
        format!(".git/notes/{commit}"),
        ".git/tags/v1".to_owned(),
    ];
    assert_eq!(paths, all);
    let message = found
        .occurrences
        .iter()
        .find(|key| key.path == all[0])
        .unwrap();
    let life = message.lifetime.as_ref().unwrap();
    assert_eq!(
        (life.added_in.as_ref(), life.in_head),
        (Some(&commit), true)
    );
    assert_eq!(message.location.file().unwrap().start.line, 7);
}

#[test]
fn what_no_ref_leads_to_has_to_be_asked_for() {
    let repo = Repo::new();
    let base = repo.write("a", "a\n").commit("base");
    let lost = repo.write("lost", key(1)).commit("lost");
    repo.git(&["reset", "-q", "--hard", &base]);
    repo.write("b", key(2)).stage("b");
    repo.git(&["reset", "-q"]);
    assert_eq!(places(&scan(&repo)), [""; 0]);
    let found = scan_with(&repo, None, &Policy::default(), true);
    let [blob, commit] = &found.occurrences[..] else {
        panic!("{:?}", places(&found));
    };
    assert!(blob.path.starts_with(".git/objects/"));
    assert_eq!(commit.path, "lost");
    let lives = [blob, commit].map(|key| key.lifetime.as_ref().unwrap());
    assert_eq!(lives.map(|life| life.reachable), [false, false]);
    assert_eq!(lives.map(|life| life.added_in.clone()), [None, Some(lost)]);
}

#[test]
fn several_packs_with_the_same_objects_are_one_store() {
    let repo = Repo::new();
    for n in 0..30 {
        let text = format!("{}{}\n", "line\n".repeat(100 + n), key((n % 3) as u8));
        repo.write("a", text).commit("-");
        if n % 10 == 0 {
            repo.git(&["repack", "-q"]);
        }
    }
    let everything = repo.git(&["rev-list", "--objects", "--all", "--no-object-names"]);
    repo.write(".git/list", everything + "\n");
    let pack = repo
        .path()
        .join(".git/objects/pack/pack")
        .display()
        .to_string();
    let list = format!("git pack-objects -q --revs {pack} < .git/list");
    repo.git(&["config", "alias.again", &format!("!{list}")]);
    repo.git(&["again"]);
    let found = scan(&repo);
    assert_eq!(found.occurrences.len(), 3);
    let blobs = repo.git(&[
        "cat-file",
        "--batch-all-objects",
        "--batch-check=%(objecttype)",
    ]);
    let read = blobs.lines().filter(|kind| *kind != "tree").count();
    assert_eq!(found.coverage.files, read as u64, "each of them once");
}

#[test]
fn a_borrowed_store_is_read() {
    let repo = Repo::new();
    repo.write("a", key(1)).commit("one");
    repo.git(&["gc", "-q"]);
    let clone = repo.cloned(&["--reference", repo.path().to_str().unwrap()]);
    clone.git(&["repack", "-q", "-a", "-d", "-l"]);
    assert_eq!(places(&scan(&clone)), ["a:1"]);
}

#[test]
fn bare_repositories_and_other_work_trees() {
    let repo = Repo::new();
    repo.write("a", key(1)).commit("one");
    let bare = repo.cloned(&["--bare"]);
    assert_eq!(places(&scan(&bare)), ["a:1"]);
    repo.git(&["worktree", "add", "-q", "--detach", "tree"]);
    let tree = repo.path().join("tree");
    std::fs::write(tree.join("b"), key(2)).unwrap();
    repo.git(&["-C", "tree", "add", "b"]);
    repo.git(&["-C", "tree", "commit", "-q", "-m", "detached"]);
    let found = scan(&repo);
    assert_eq!(found.occurrences.len(), 2);
    assert_eq!(
        found.occurrences[1].lifetime.as_ref().unwrap().refs,
        ["HEAD"]
    );
}

#[test]
fn digests_of_256_bits() {
    let repo = Repo::with(&["--object-format=sha256"]);
    let added = repo.write("d/a", key(1)).commit("one");
    repo.remove("d/a").commit("two");
    repo.git(&["gc", "-q"]);
    let found = scan(&repo);
    assert_eq!(places(&found), [format!("{}:d/a:1", short(&added))]);
}

#[test]
fn a_shallow_clone_is_a_gap() {
    let repo = Repo::new();
    repo.write("a", key(1)).commit("one");
    repo.write("b", "b").commit("two");
    let clone = repo.cloned(&["--depth=1"]);
    let found = scan_with(&clone, None, &Policy::default(), false);
    assert_eq!(found.gaps[0].reason, GapReason::Shallow);
    assert_eq!(places(&found), ["a:1"]);
    assert!(lifetime(&found).since_before);
}

#[test]
fn what_a_partial_clone_lacks_is_a_gap() {
    let repo = Repo::new();
    repo.write("d/a", key(1)).commit("one");
    repo.write("d/a", "").commit("two");
    let clone = repo.cloned(&["--filter=blob:none"]);
    let found = scan_with(&clone, None, &Policy::default(), false);
    let gap = |subject: &str| Gap {
        subject: subject.to_owned(),
        reason: GapReason::NotFetched,
    };
    assert_eq!(found.gaps, [gap("d/a")]);
    let clone = repo.cloned(&["--filter=tree:0", "--no-checkout"]);
    let found = scan_with(&clone, None, &Policy::default(), false);
    assert!(!found.gaps.is_empty());
}

#[test]
fn the_policy_and_the_directory_say_what_counts() {
    let repo = Repo::new();
    for path in ["a/x", "b/x", "x"] {
        repo.write(path, key(1));
    }
    repo.commit(&key(2));
    let found = scan_with(&repo, None, &excluding("b/**"), false);
    assert_eq!(found.occurrences.len(), 3, "{:?}", places(&found));
    let found = scan_with(&repo, Some(Path::new("a")), &Policy::default(), false);
    assert_eq!(places(&found), ["x:1"]);
    // The file alone, and all the same its other paths.
    assert_eq!(lifetime(&found).paths, ["x"]);
}

#[test]
fn grafts_and_replacements_have_no_say() {
    let repo = Repo::new();
    let key_commit = repo.write("a", key(1)).commit("one");
    let clean = repo.write("a", "").commit("two");
    repo.git(&["replace", "--graft", &clean]);
    repo.git(&["replace", &key_commit, &clean]);
    assert_eq!(
        places(&scan(&repo)),
        [format!("{}:a:1", short(&key_commit))]
    );
}

#[test]
fn only_the_ignores_of_the_version_shown_count() {
    let repo = Repo::new();
    let old = format!("# {} ignore[KS1003] old\n{}\n", "keysweep:", key(1));
    repo.write("a", old).commit("one");
    repo.write("a", format!("{}\n", key(1))).commit("two");
    let found = scan(&repo);
    assert_eq!(places(&found), ["a:1"]);
    assert_eq!(found.ignores.len(), 0);
}

#[test]
fn a_pattern_counts_in_the_files_that_it_is_for() {
    let pattern = "[[pattern]]\nid = 'own'\ndescription = 'd'\nfiles = ['b/**']\n\
                   pattern = 'own-(?<secret>[a-z]+)'\nkeywords = ['own-']\n";
    let today = jiff::civil::date(2030, 1, 1);
    let policy = Policy::from_text(Policy::FILE_NAME, pattern, today, []).unwrap();
    let repo = Repo::new();
    repo.write("a/x", "own-secret\n").commit("one");
    repo.write("b/x", "own-secret\n").commit("two");
    let found = scan_with(&repo, None, &policy, false);
    assert_eq!(places(&found), ["b/x:1"]);
}

#[test]
fn callers_are_those_of_the_commit() {
    let repo = Repo::new();
    repo.write("app/package.json", "{}")
        .write("app/src/a", key(1))
        .commit("one");
    repo.remove("app/package.json").commit("two");
    repo.remove("app/src/a").commit("three");
    repo.write("web/package.json", "{\"dependencies\": {\"react\": \"1\"}}");
    repo.write("web/x.ts", format!("const k = '{}'", key(2)))
        .commit("four");
    let found = scan(&repo);
    let [app, web] = &found.occurrences[..] else {
        panic!("two")
    };
    assert_eq!(
        (app.caller.name.as_str(), web.caller.name.as_str()),
        ("app", "web")
    );
    assert_eq!(web.exposure, crate::fact::Exposure::Client);
}
