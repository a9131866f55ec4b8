use super::*;

#[test]
fn tracked_files_are_scanned_whatever_ignores_them() {
    let run = Tree::new()
        .file(".gitignore", "*.log\n/dist\n")
        .file(".ignore", "b.sh\n")
        .file("tracked.log", LEAK)
        .file("dist/tracked.js", LEAK_2)
        .file("b.sh", "code={{function-key:3}}\n")
        .repository(&["."])
        .file("untracked.log", LEAK)
        .file("dist/untracked.js", LEAK)
        .scan();
    let found = ["b.sh:1", "dist/tracked.js:1", "tracked.log:1"];
    assert_eq!(run.ends(1).places(), found);
}

#[test]
fn untracked_ignored_files_are_not_unless_asked_for() {
    let tree = Tree::new()
        .file(".gitignore", "*.log\n")
        .file("a.log", LEAK)
        .repository(&[".gitignore"]);
    assert_eq!(tree.scan().ends(0).findings, []);
    let all = tree.scan_with(&["--no-gitignore"]).ends(1);
    assert_eq!(all.places(), ["a.log:1"]);
}

#[test]
fn a_repository_inside_has_an_index_of_its_own() {
    let tree = Tree::new()
        .file(".gitignore", "vendor/\n")
        .file("sub/.gitignore", "*.log\n")
        .file("sub/tracked.log", LEAK)
        .repository(&[]);
    tree.git("sub", &["init", "-q"]);
    tree.git("sub", &["add", "-f", "."]);
    let tree = tree.file("sub/untracked.log", LEAK);
    assert_eq!(tree.scan().ends(1).places(), ["sub/tracked.log:1"]);
}

#[test]
fn what_only_git_ignores_is_read_once() {
    let tree = Tree::new()
        .file("excluded", "*.log\n")
        .file("a.log", LEAK)
        .repository(&["."]);
    let file = tree.at("excluded").to_str().unwrap().to_owned();
    tree.git(".", &["config", "core.excludesFile", &file]);
    assert_eq!(tree.scan().ends(1).places(), ["a.log:1"]);
}

#[test]
fn the_repository_itself_is_no_text() {
    let tree = Tree::new()
        .repository(&[])
        .file(".git/config.old", LEAK)
        .file("sub/.git/x", LEAK)
        .file(".hidden/a.sh", LEAK);
    assert_eq!(
        tree.scan_with(&["--no-gitignore"]).places(),
        [".hidden/a.sh:1"]
    );
}

#[test]
fn roots_that_overlap_are_read_once() {
    let tree = Tree::new()
        .file("a/x.sh", LEAK)
        .file("a/b/y.sh", LEAK_2)
        .file("c/z.log", LEAK_2)
        .file(".gitignore", "*.log\n")
        .repository(&["."]);
    tree.git(".", &["add", "-f", "c/z.log"]);
    let once = tree.scan_with(&["."]).ends(1);
    let absolute = tree.at("a").to_str().unwrap().to_owned();
    for roots in [
        &[".", "./a"][..],
        &["a", "."],
        &[".", "."],
        &[".", "a/x.sh"],
        &["a/b/../../", "a/b", "c/z.log", "c"],
        &[".", &absolute],
    ] {
        let run = tree.scan_with(roots);
        assert_eq!(run.findings, once.findings, "{roots:?}");
        assert_eq!(run.report["coverage"], once.report["coverage"], "{roots:?}");
    }
    let two = tree.scan_with(&["a/b", "c/z.log"]).ends(1);
    assert_eq!(two.places(), ["a/b/y.sh:1", "c/z.log:1"]);
}

#[test]
fn absolute_paths_are_shown_from_here() {
    let tree = Tree::new().file("a/x.sh", LEAK);
    let inside = tree.at("a").to_str().unwrap().to_owned();
    assert_eq!(tree.scan_with(&[&inside]).places(), ["a/x.sh:1"]);
    let other = Tree::new();
    let run = other.scan_with(&[&inside]).ends(1);
    assert!(run.places()[0].ends_with("/a/x.sh:1"), "{:?}", run.places());
}

#[test]
fn a_policy_excludes_and_says_so() {
    let tree = Tree::new().file("a.sh", LEAK).file("b/c.sh", LEAK).file(
        "keysweep.toml",
        "[[exclude]]\npath = 'b/**'\nreason = 'generated'\n",
    );
    assert_eq!(tree.scan().ends(1).places(), ["a.sh:1"]);
}

#[test]
fn archives_are_said_not_to_be_opened() {
    let run = Tree::new()
        .file("a/b.nupkg", "PK")
        .file("c.ZIP", "PK")
        .scan();
    assert_eq!(run.notices(), ["archives-not-opened"]);
    assert_eq!(run.code, Some(0));
}
