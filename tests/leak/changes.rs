//! Changes, baselines, and what surrounds a run.

use super::*;

/// A report of an earlier run is a file like any other.
#[test]
fn baselines() {
    let detector = detector();
    for broken in [
        "{{legacy-key}}",
        "{\"{{legacy-key}}\": {{function-key}}",
        "{\"version\": \"{{legacy-key}}\"}",
        "{\"version\": 1, \"findings\": [{\"ruleId\": \"{{legacy-key}}\", \"stableId\": {{legacy-key:2}}",
        "{\"version\": 1, \"findings\": [{\"ruleId\": {\"{{legacy-key}}\": 1}}]}",
        "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"{{legacy-key}}\"}}}]}",
    ] {
        let name = "{{master-key}}.json";
        let tree = Tree::seeded(SEED)
            .file(name, broken)
            .file("a.sh", "code={{function-key}}\n");
        let run = tree.run(&["scan", "-vv", "--baseline", name]).ends(2);
        detector.assert_none(broken, run.stdout);
        detector.assert_none(broken, run.stderr);
    }
    let tree = Tree::seeded(SEED)
        .file("a.sh", "x-functions-key: {{function-key}}\n")
        .file("{{master-key}}.json", r#"{"version": 1, "tool": {"name": "keysweep", "version": "0.1.0"}, "findings": [
            {"ruleId": "KS1003", "stableId": "{{legacy-key}}", "location": {"in": "file", "path": "a/{{legacy-key}}.sh", "start": {"line": 1, "column": 1}}, "message": "{{legacy-key}}", "suppressed": null}]}"#);
    assert_silent(&tree, &[".", "--baseline", "{{master-key}}.json"]);
}

/// What a CI system says of a run is somebody's text too.
#[test]
fn what_the_environment_says() {
    let tree = Tree::seeded(SEED)
        .file(
            "{{function-key}}/a.sh",
            "x-functions-key: {{function-key}}\n",
        )
        .env("TF_BUILD", "True")
        .env(
            "SYSTEM_COLLECTIONURI",
            &plant("https://dev.azure.com/{{function-key:2|unpadded}}/"),
        )
        .env(
            "SYSTEM_TEAMPROJECTID",
            "11111111-2222-4333-8444-555555555555",
        )
        .env("SYSTEM_PHASEID", "11111111-2222-4333-8444-555555555555")
        .env("SYSTEM_PHASENAME", &plant("{{function-key:3}}"))
        .env("BUILD_DEFINITIONID", "3")
        .env("BUILD_BUILDID", "4")
        .env("BUILD_DEFINITIONNAME", &plant("{{function-key:4}}"))
        .env("BUILD_SOURCEBRANCH", &plant("refs/heads/{{legacy-key}}"));
    let detector = detector();
    for format in format_names() {
        let mut command = tree.command(&["scan", "--format", &format]);
        let output = command
            .current_dir(tree.at("{{function-key}}"))
            .output()
            .unwrap();
        detector.assert_none(&format, output.stdout);
        detector.assert_none(&format, output.stderr);
    }
}

/// What git knows: names of branches, of files in the index and in commits.
#[test]
fn changes() {
    let tree = Tree::seeded(SEED)
        .file("{{master-key}}/keysweep.toml", "[rules]\n")
        .file("a.txt", "a\n")
        .repository(&["."]);
    tree.git(".", &["commit", "-q", "-m", "one"]);
    let branch = &*tree.expand("{{function-key:2|unpadded}}");
    tree.git(".", &["branch", branch]);
    let tree = tree
        .file("{{function-key}}/a.sh", "x-functions-key: {{function-key}}\n")
        .file("b.sh", "x-functions-key: {{legacy-key}} # {{keysweep}}: ignore[KS1003] {{legacy-key}} {{function-key}}\n")
        .file("{{legacy-key:2}}.sh", "x-functions-key: {{custom-key}}\n");
    tree.git(".", &["add", "."]);
    assert!(assert_silent(&tree, &["--staged"]) >= 1);
    assert!(assert_silent(&tree, &["--staged", "--policy-from", branch]) >= 1);
    tree.git(".", &["commit", "-q", "-m", "two"]);
    assert!(assert_silent(&tree, &["--since", branch]) >= 1);
    // What only the history has: a message, a tag, a note, a file that is gone.
    tree.git(
        ".",
        &[
            "tag",
            "-a",
            "-m",
            &plant("{{function-key:6}}"),
            &plant("{{function-key:7|unpadded}}"),
        ],
    );
    tree.git(".", &["notes", "add", "-m", &plant("{{system-key}}")]);
    tree.git(".", &["rm", "-q", "-r", "--cached", "."]);
    tree.git(
        ".",
        &[
            "commit",
            "-q",
            "-m",
            &plant("{{function-key:8}} {{legacy-key}}"),
        ],
    );
    assert!(assert_silent(&tree, &["--history"]) >= 4);
    assert!(assert_silent(&tree, &["--history", "--unreachable", "{{function-key}}"]) >= 1);
    let detector = detector();
    for arguments in [
        &["--since", "{{function-key:3}}"][..],
        &["--since", "{{legacy-key:3}}"],
        &["--policy-from", "{{legacy-key:3}}"],
        &[
            "--policy-from",
            branch,
            "--config",
            "{{function-key:4}}.toml",
        ],
        &[
            "--policy-from",
            branch,
            "--config",
            "../{{legacy-key:3}}.toml",
        ],
        &["--policy-from", branch, "--config", "{{master-key}}"],
        &["--policy-from", branch, "--rules", "{{legacy-key:3}}"],
        &["--staged", "{{function-key:5}}"],
        &["--staged", "../{{function-key:5}}"],
        &["--staged", "--since", "{{function-key:3}}"],
        &["--history", "{{function-key:3}}"],
        &["--history", "--since", "{{function-key:3}}"],
    ] {
        let run = tree.run(&[&["scan", "-vv"], arguments].concat());
        detector.assert_none(&format!("{arguments:?}"), run.stdout);
        detector.assert_none(&format!("{arguments:?}"), run.stderr);
    }
}

#[test]
fn a_demo_in_a_directory_named_so() {
    let tree = Tree::seeded(SEED).file("{{function-key}}/full.txt", "{{master-key}}");
    let detector = detector();
    for directory in ["{{function-key}}", "{{function-key:2}}", "{{legacy-key}}"] {
        let run = tree.run(&["demo", directory, "-vv"]);
        detector.assert_none(directory, run.stdout);
        detector.assert_none(directory, run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn what_could_not_be_read() {
    use std::os::unix::fs::symlink;
    let tree = Tree::seeded(SEED).file("a.sh", "x-functions-key: {{function-key}}\n");
    for name in SURE {
        for (number, suffix) in [(1, ".sock"), (2, ".fifo"), (3, ".link")] {
            let path = tree.at(&format!("{{{{{name}:{number}}}}}{suffix}"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match suffix {
                ".sock" => drop(std::os::unix::net::UnixListener::bind(&path)),
                ".fifo" => {
                    let made = std::process::Command::new("mkfifo").arg(&path).status();
                    assert!(made.unwrap().success());
                }
                _ => symlink(tree.path(), &path).unwrap(),
            }
        }
    }
    let gap = tree.scan().ends(2);
    assert!(gap.gaps().len() >= 3, "{:?}", gap.gaps());
    assert!(assert_silent(&tree, &["."]) >= 1);
    // git, asked about a repository that it will not read.
    let tree = Tree::seeded(SEED)
        .file("{{function-key}}/a.txt", "a")
        .file("{{function-key}}/.git/config", "{{master-key}}");
    assert_silent(&tree, &["{{function-key}}"]);
}
