use super::*;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

#[test]
fn pipes_sockets_and_devices_are_gaps_and_no_wait() {
    let tree = Tree::new().file("a.sh", LEAK);
    let made = Command::new("mkfifo").arg(tree.at("pipe")).status();
    assert!(made.unwrap().success());
    let _socket = UnixListener::bind(tree.at("socket")).unwrap();
    let run = tree.scan().ends(2);
    assert_eq!(run.gaps(), ["not-a-file pipe", "not-a-file socket"]);
    assert_eq!(run.places(), ["a.sh:1"]);
    let run = tree.scan_with(&["/dev/null"]).ends(2);
    assert_eq!(run.gaps(), ["not-a-file /dev/null"]);
    tree.scan_with(&["--allow-incomplete"]).ends(1);
}

#[test]
fn links_are_followed_only_when_named() {
    let outside = Tree::new().file("secret.sh", LEAK);
    let tree = Tree::new().file("a/x.sh", LEAK_2);
    symlink(outside.path(), tree.at("out")).unwrap();
    symlink(outside.at("secret.sh"), tree.at("out.sh")).unwrap();
    symlink(tree.path(), tree.at("a/loop")).unwrap();
    symlink("self", tree.at("self")).unwrap();
    symlink("gone", tree.at("dangling")).unwrap();
    assert_eq!(tree.scan().ends(1).places(), ["a/x.sh:1"]);
    assert_eq!(tree.scan_with(&["out.sh"]).places(), ["out.sh:1"]);
    assert_eq!(tree.scan_with(&["out"]).places(), ["out/secret.sh:1"]);
    let run = tree.scan_with(&["dangling"]).ends(2);
    assert_eq!(run.gaps(), ["unreadable dangling"]);
    tree.scan_with(&["self"]).ends(2);
}

#[test]
fn a_report_goes_through_a_link_and_leaves_it() {
    let tree = Tree::new().file("a.sh", "").file("real.json", "old");
    symlink("real.json", tree.at("link.json")).unwrap();
    tree.scan_with(&["a.sh", "--output", "json=link.json"])
        .ends(0);
    assert!(tree.at("link.json").is_symlink());
    assert!(
        std::fs::read_to_string(tree.at("real.json"))
            .unwrap()
            .contains("\"clean\"")
    );
}

#[test]
fn a_tracked_link_is_no_way_out_of_the_tree() {
    let outside = Tree::new().file("x/secret.log", LEAK);
    let tree = Tree::new()
        .file(".gitignore", "*.log\n")
        .file("d/secret.log", LEAK);
    let tree = tree.repository(&["."]);
    // What the index calls a directory has become a link.
    std::fs::remove_dir_all(tree.at("d")).unwrap();
    symlink(outside.at("x"), tree.at("d")).unwrap();
    symlink(outside.at("x/secret.log"), tree.at("l.log")).unwrap();
    tree.git(".", &["add", "-f", "l.log"]);
    assert_eq!(tree.scan().ends(0).findings, []);
}

#[test]
fn names_that_are_no_text_are_read() {
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::new().file(".gitignore", "*.log\n").file("dir/x", "");
    for name in [
        &b"caf\xe9.sh"[..],
        b"new\nline.sh",
        b"\x1b[2Jclear.sh",
        b"ignored\xff.log",
    ] {
        let path = tree.path().join(std::ffi::OsStr::from_bytes(name));
        if std::fs::write(path, tree.expand(LEAK)).is_err() {
            println!("skipped: this file system takes no such name");
            return;
        }
    }
    let tree = tree.repository(&["."]);
    let run = tree.scan().ends(1);
    assert_eq!(run.findings.len(), 4, "{:?}", run.places());
    let human = tree.run(&["scan"]).ends(1);
    assert!(!human.stdout.contains('\x1b') && !human.stdout.contains("new\nline"));
}

/// A program that runs others as somebody who may not read everything.
fn unprivileged(tree: &Tree, arguments: &[&str]) -> Option<harness::Run> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let me = std::fs::metadata(tree.path()).ok()?.uid();
    if me != 0 {
        return Some(tree.run(arguments));
    }
    // The program and the tree have to be within reach of nobody.
    let program = tree.at("keysweep");
    std::fs::copy(env!("CARGO_BIN_EXE_keysweep"), &program).ok()?;
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(tree.path(), open).ok()?;
    let mut command = tree.alone(Command::new("setpriv"));
    let output = command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(program)
        .args(arguments)
        .current_dir(tree.path())
        .output()
        .ok()?;
    output.status.code()?;
    Some(harness::Run::of(output))
}

#[test]
fn what_may_not_be_read_is_a_gap() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::new()
        .file("a.sh", LEAK)
        .file("no.sh", LEAK)
        .file("dir/x.sh", LEAK);
    let close = |path| {
        let closed = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(tree.at(path), closed).unwrap();
    };
    close("no.sh");
    close("dir");
    let arguments = ["scan", "a.sh", "no.sh", "dir", "--format", "json"];
    let Some(run) = unprivileged(&tree, &arguments) else {
        println!("skipped: there is no setpriv to be somebody else with");
        return;
    };
    let gaps = ["permission-denied dir", "permission-denied no.sh"];
    assert_eq!(run.gaps(), gaps, "{}", run.stderr);
    assert_eq!(run.ends(2).places(), ["a.sh:1"]);
    // So that the directory can be removed.
    std::fs::set_permissions(tree.at("dir"), std::fs::Permissions::from_mode(0o700)).unwrap();
}
