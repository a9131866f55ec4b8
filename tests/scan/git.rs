use super::*;

#[test]
#[cfg(unix)]
fn runs_nothing_that_a_repository_configures() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::new()
        .file(".gitignore", "*.log\n")
        .file("a.log", LEAK);
    let tree = tree.repository(&["."]);
    let marker = tree.at("marker");
    let hook = format!("#!/bin/sh\ntouch '{}'\nexit 1\n", marker.display());
    let names = [
        "hook",
        ".git/hooks/post-index-change",
        ".git/hooks/query-watchman",
    ];
    for name in names {
        std::fs::create_dir_all(tree.at(".git/hooks")).unwrap();
        std::fs::write(tree.at(name), &hook).unwrap();
        let runs = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(tree.at(name), runs).unwrap();
    }
    let hook = tree.at("hook").to_str().unwrap().to_owned();
    for (name, value) in [
        ("core.fsmonitor", &*hook),
        ("core.hooksPath", ".git/hooks"),
        ("core.pager", &hook),
        ("core.sshCommand", &hook),
        ("core.editor", &hook),
        ("diff.external", &hook),
        ("filter.x.clean", &hook),
        ("filter.x.process", &hook),
        ("alias.ls-files", &format!("!{hook}")),
        ("credential.helper", &hook),
        ("pager.ls-files", "true"),
    ] {
        tree.git(".", &["config", name, value]);
    }
    std::fs::write(tree.at(".gitattributes"), "* filter=x diff=x\n").unwrap();
    let _ = std::fs::remove_file(&marker);
    assert_eq!(tree.scan().ends(1).places(), ["a.log:1"]);
    assert!(!marker.exists(), "a program of the repository has run");
}

#[test]
fn missing_is_a_gap_with_a_way_out() {
    let tree = Tree::new()
        .file("a.sh", LEAK)
        .repository(&["."])
        .env("PATH", "/none");
    let run = tree.scan().ends(2);
    assert_eq!(run.gaps(), ["git-failed ."]);
    assert_eq!(run.places(), ["a.sh:1"]);
    tree.scan_with(&["--no-gitignore"]).ends(1);
    // Where nothing is a repository, nobody misses git.
    Tree::new()
        .file("a.sh", "")
        .env("PATH", "/none")
        .scan()
        .ends(0);
}

#[test]
#[cfg(unix)]
fn somebody_elses_repository_is_a_gap() {
    let tree = Tree::new().file("a.sh", LEAK).repository(&["."]);
    if std::os::unix::fs::chown(tree.path(), Some(65533), None).is_err() {
        println!("skipped: only root can give a directory away");
        return;
    }
    let _ = std::os::unix::fs::chown(tree.at(".git"), Some(65533), None);
    let run = tree.scan().ends(2);
    assert_eq!(run.gaps(), ["git-failed ."]);
    assert!(run.stdout.contains("does not trust"), "{}", run.stdout);
    assert_eq!(run.places(), ["a.sh:1"]);
}

#[test]
fn the_environment_does_not_point_elsewhere() {
    let other = Tree::new().repository(&[]);
    let tree = Tree::new()
        .file(".gitignore", "*.log\n")
        .file("a.log", LEAK)
        .repository(&["."])
        .env("GIT_DIR", other.at(".git").to_str().unwrap())
        .env("GIT_INDEX_FILE", "/none");
    assert_eq!(tree.scan().places(), ["a.log:1"]);
}
