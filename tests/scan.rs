//! `keysweep scan` from end to end: which files it reads, what it says of
//! those it cannot read, and how it ends.
//!
//! What can be seen in a unit is tested there; here is what only the program
//! as a whole can get wrong.

mod harness;

use harness::Tree;

/// A file with one finding of high severity.
const LEAK: &str = "curl -H 'x-functions-key: {{function-key}}' https://a.example\n";
/// Another.
const LEAK_2: &str = "curl -H 'x-functions-key: {{function-key:2}}' https://a.example\n";

mod which_files {
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
}

mod git_lfs {
    use super::*;

    #[test]
    fn a_pointer_is_not_its_content() {
        let tree = Tree::new().file("big.env", LEAK).repository(&["."]);
        let pointer = format!(
            "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n",
            "0".repeat(64)
        );
        let tree = tree.file("big.env", &pointer);
        tree.git(".", &["add", "."]);
        for way in [&[][..], &["--staged"]] {
            let run = tree.scan_with(way).ends(0);
            assert!(
                run.notices().contains(&"lfs-not-read".to_owned()),
                "{way:?}"
            );
            tree.scan_with(&[way, &["--strict"]].concat()).ends(2);
        }
    }
}

mod standard_input {
    use super::*;

    #[test]
    fn has_the_name_that_it_is_given() {
        let tree = Tree::new().file("a.sh", LEAK);
        let text = tree.expand(LEAK_2);
        let run = tree.pipe(&["scan", "-", "--format", "json"], text.as_bytes());
        assert_eq!(run.ends(1).places(), ["stdin:1"]);
        let named = [
            "scan",
            "a.sh",
            "-",
            "--stdin-name",
            "x/y.sh",
            "--format",
            "json",
        ];
        let run = tree.pipe(&named, text.as_bytes()).ends(1);
        assert_eq!(run.places(), ["a.sh:1", "x/y.sh:1"]);
        assert_eq!(tree.pipe(&["scan", "-"], b"").code, Some(0));
    }
}

#[cfg(unix)]
mod what_is_no_file {
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
        assert_eq!(run.gaps(), ["vanished dangling"]);
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
}

mod git {
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
}

mod how_it_ends {
    use super::*;

    #[test]
    fn a_missing_path_is_no_clean_tree() {
        let run = Tree::new().run(&["scan", "gone"]).ends(2);
        assert_eq!(run.stdout, "");
        assert!(
            run.stderr.contains("'gone' cannot be scanned"),
            "{}",
            run.stderr
        );
        Tree::new()
            .file("a", "")
            .run(&["scan", "a", "gone"])
            .ends(2);
    }

    #[test]
    fn the_threshold_decides() {
        // Legacy keys are high, unused ignores notes.
        let tree = Tree::new().file("a.sh", LEAK);
        for (least, code) in [
            ("critical", 0),
            ("high", 1),
            ("medium", 1),
            ("low", 1),
            ("never", 0),
        ] {
            tree.scan_with(&["--fail-on", least]).ends(code);
        }
    }

    #[test]
    fn the_code_is_the_same_for_every_format() {
        use clap::ValueEnum;
        let leak = Tree::new().file("a.sh", LEAK);
        let clean = Tree::new().file("a.sh", "echo\n");
        let gap = Tree::new()
            .file("a.sh", LEAK)
            .repository(&[])
            .env("PATH", "/none");
        for format in keysweep::report::Format::value_variants() {
            let name = format.to_possible_value().unwrap().get_name().to_owned();
            leak.run(&["scan", "--format", &name]).ends(1);
            clean.run(&["scan", "--format", &name]).ends(0);
            gap.run(&["scan", "--format", &name]).ends(2);
        }
    }

    #[test]
    fn strict_makes_limits_failures() {
        let tree = Tree::new().file("a.zip", "PK");
        tree.scan().ends(0);
        tree.scan_with(&["--strict"]).ends(2);
        tree.scan_with(&["--strict", "--allow-incomplete"]).ends(0);
    }

    #[test]
    fn a_gap_can_be_accepted_for_a_while() {
        let accept = |until: &str| {
            format!("[[accept-gap]]\npath = '.'\nreason = 'no git here'\nuntil = {until}\n")
        };
        let tree = Tree::new()
            .file("a.sh", "")
            .repository(&[])
            .env("PATH", "/none");
        let tree = tree.file("keysweep.toml", &accept("2999-12-31"));
        assert_eq!(tree.scan().ends(0).notices(), ["gap-accepted"]);
        tree.file("keysweep.toml", &accept("2020-12-31"))
            .scan()
            .ends(2);
    }

    #[test]
    fn nothing_is_written_over_a_reader_that_left() {
        use std::io::{BufRead, BufReader};
        use std::process::Stdio;
        let mut tree = Tree::new();
        for at in 0..40 {
            tree = tree.file(&format!("{at}.sh"), &LEAK.repeat(50));
        }
        for format in ["human", "json", "sarif"] {
            let mut command = tree.command(&["scan", "--format", format]);
            let mut child = command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap())
                .read_line(&mut line)
                .unwrap();
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{format}");
            assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_report_that_could_not_be_written_is_no_success() {
        let tree = Tree::new().file("a.sh", "");
        let run = tree.run(&["scan", "--output", "sarif=/dev/full"]).ends(2);
        assert!(
            run.stderr.contains("could not be written"),
            "{}",
            run.stderr
        );
        tree.run(&["scan", "--output", "sarif=none/a.sarif"])
            .ends(2);
        let full = std::fs::File::create("/dev/full").unwrap();
        let status = tree
            .command(&["scan"])
            .stdout(full)
            .stderr(std::process::Stdio::null())
            .status();
        assert_eq!(status.unwrap().code(), Some(2));
    }

    #[test]
    fn colour_is_for_terminals_or_when_told() {
        let tree = Tree::new().file("a.sh", LEAK);
        let coloured =
            |tree: &Tree, arguments: &[&str]| tree.run(arguments).stdout.contains('\x1b');
        assert!(!coloured(&tree, &["scan"]));
        assert!(coloured(&tree, &["scan", "--color", "always"]));
        assert!(!coloured(&tree, &["scan", "--color", "never"]));
        let forced = tree.env("CLICOLOR_FORCE", "1");
        assert!(coloured(&forced, &["scan"]));
        assert!(!coloured(&forced.env("NO_COLOR", "1"), &["scan"]));
    }
}

mod places {
    use super::*;

    #[test]
    fn a_store_after_a_key_does_not_move_it() {
        let run = Tree::new()
            .file(
                "secrets/host.json",
                "{\n  // x-functions-key: {{function-key}}\n  \"masterKey\": {\"name\": \"master\", \"value\": \"{{ciphertext}}\", \"encrypted\": true}\n}\n",
            )
            .scan();
        let place = &run.findings[0];
        assert_eq!((place.line, place.column), (2, 23), "{:?}", run.findings);
    }
}

mod sharing {
    use super::*;

    #[test]
    fn one_key_in_two_projects_is_one_finding_with_all_places() {
        let run = Tree::new()
            .file("orders/package.json", "{}")
            .file(
                "orders/src/a.js",
                "h = {'x-functions-key': '{{function-key}}'}\n",
            )
            .file(
                "orders/src/b.js",
                "h = {'x-functions-key': '{{function-key}}'}\n",
            )
            .file("billing/Billing.csproj", "<Project/>")
            .file(
                "billing/A.cs",
                "Add(\"x-functions-key\", \"{{function-key}}\");\n",
            )
            .scan();
        let shared: Vec<_> = run.findings.iter().filter(|f| f.rule == "KS1101").collect();
        assert_eq!(shared.len(), 1);
        let all = run.report["findings"].as_array().unwrap();
        let shared = all
            .iter()
            .find(|finding| finding["ruleId"] == "KS1101")
            .unwrap();
        assert_eq!(shared["related"].as_array().unwrap().len(), 2);
        assert_eq!(shared["location"]["path"], "billing/A.cs");
    }

    #[test]
    fn one_key_in_one_project_is_none() {
        let run = Tree::new()
            .file("orders/package.json", "{}")
            .file(
                "orders/src/a.js",
                "h = {'x-functions-key': '{{function-key}}'}\n",
            )
            .file(
                "orders/test/b.js",
                "h = {'x-functions-key': '{{function-key}}'}\n",
            )
            .file("orders/README.md", "x-functions-key: {{function-key}}\n")
            .scan();
        assert_eq!(run.findings.len(), 3, "{:?}", run.findings);
        assert!(!run.rules().contains(&"KS1101"));
    }
}

mod size {
    use super::*;
    use std::io::Write;

    #[test]
    fn occurrences_are_capped_the_same_way_every_time() {
        let mut tree = Tree::new();
        for at in 0..16 {
            let line = LEAK.repeat(1_700);
            tree = tree.file(&format!("{at:02}.sh"), &line);
        }
        let first = tree.scan().ends(1);
        let kept = first
            .rules()
            .iter()
            .filter(|rule| **rule == "KS1003")
            .count();
        assert_eq!(kept, 25_000);
        assert!(first.notices().contains(&"too-many-occurrences".to_owned()));
        assert!(first.stdout.contains("2200 further occurrences"));
        // The first ones by place, whichever thread was faster.
        let lines = |path: &str| first.findings.iter().filter(|f| f.path == path).count();
        assert_eq!(first.findings.last().unwrap().path, "14.sh");
        assert_eq!((lines("13.sh"), lines("14.sh")), (1700, 1200));
    }

    #[test]
    fn two_runs_give_the_same_bytes() {
        use clap::ValueEnum;
        let mut tree = Tree::new();
        for rule in keysweep::rule::RuleSet::builtin().iter() {
            for (at, example) in rule.examples().unwrap().iter().enumerate() {
                for file in example
                    .templates
                    .iter()
                    .filter(|file| file.path != "keysweep.toml")
                {
                    let path = format!("{}/{at}/{}", rule.metadata().id, file.path);
                    tree = tree.file(&path, &file.text);
                }
            }
        }
        for format in keysweep::report::Format::value_variants() {
            let name = format.to_possible_value().unwrap().get_name().to_owned();
            let runs = [0, 1].map(|_| tree.run(&["scan", "--format", &name]).stdout);
            assert_eq!(runs[0], runs[1], "{name}");
        }
    }

    #[test]
    fn lines_of_a_long_wide_file_are_counted() {
        let tree = Tree::new();
        let key = tree.expand("{{function-key}}");
        let mut text = String::from("\u{feff}");
        let mut lines = 0;
        while text.len() < 10_000_000 {
            text.push_str("[2024-01-01] 😀 request handled in 12 ms, nothing to see\r\n");
            lines += 1;
        }
        text.push_str(&format!(
            "é😀 x-functions-key: {key}\r\nx-functions-key: {key}"
        ));
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let run = tree.bytes("le.log", &le).bytes("be.log", &be).scan();
        let places: Vec<_> = run.findings.iter().filter(|f| f.rule != "KS1101").collect();
        assert_eq!(places.len(), 4);
        for (at, place) in places.iter().enumerate() {
            let line = lines + 1 + at as u64 % 2;
            let column = if at % 2 == 0 { 22 } else { 18 };
            assert_eq!((place.line, place.column), (line, column), "{place:?}");
        }
    }

    /// Peak memory of a child, asked of the kernel while it runs: it only grows.
    #[cfg(target_os = "linux")]
    fn peak(child: &mut std::process::Child) -> u64 {
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        while child.try_wait().expect("a child to wait for").is_none() {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
            peak = peak.max(kib.unwrap_or(0));
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        peak
    }

    /// A line of 300 MB, keys near its ends and in its middle.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_line_without_end_costs_no_memory() {
        let tree = Tree::new();
        let file = std::fs::File::create(tree.at("a.js")).unwrap();
        let mut out = std::io::BufWriter::with_capacity(1 << 20, file);
        let chunk = "a=[1,22,333].map(x=>x+1);".repeat(40_000);
        let key = tree.expand(" 'x-functions-key': '{{function-key}}' ");
        let mut length = 0;
        for at in 0..300 {
            if [20, 150, 299].contains(&at) {
                out.write_all(key.as_bytes()).unwrap();
                length += key.len();
            }
            out.write_all(chunk.as_bytes()).unwrap();
            length += chunk.len();
        }
        out.flush().unwrap();
        assert!(length > 300_000_000);
        let mut command = tree.command(&["scan", "--format", "json"]);
        command.stdout(std::fs::File::create(tree.at("out.json")).unwrap());
        let started = std::time::Instant::now();
        let mut child = command.spawn().unwrap();
        let peak = peak(&mut child);
        println!("{} s, {peak} KiB", started.elapsed().as_secs_f64());
        assert_eq!(child.wait().unwrap().code(), Some(1));
        assert!(peak < 64 * 1024, "{peak} KiB");
        let report = std::fs::read_to_string(tree.at("out.json")).unwrap();
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let columns: Vec<_> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["location"]["start"]["column"].as_u64().unwrap())
            .collect();
        let column = |at: usize, keys: usize| (at * chunk.len() + keys * key.len() + 22) as u64;
        assert_eq!(columns, [column(20, 0), column(150, 1), column(299, 2)]);
    }
}

/// Ctrl-C in the middle: no half of a report, and the exit code of shells.
#[cfg(unix)]
#[test]
fn an_interrupted_run_reports_nothing() {
    use harness::Run;
    use std::io::Write;
    use std::process::{Command, Stdio};
    let tree = Tree::new().file("out.sarif", "as it was");
    let arguments = ["scan", "-", "--output", "sarif=out.sarif"];
    let mut command = tree.command(&arguments);
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // More than a pipe holds: when it is written, keysweep is reading.
    let mut input = child.stdin.take().unwrap();
    input.write_all(&[b'\n'; 1 << 20]).unwrap();
    let id = child.id().to_string();
    Command::new("kill").args(["-INT", &id]).status().unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stdout.as_str()), (Some(130), ""));
    assert!(run.stderr.contains("interrupted"), "{}", run.stderr);
    let files: Vec<_> = std::fs::read_dir(tree.path()).unwrap().collect();
    assert_eq!(files.len(), 1);
    let kept = std::fs::read_to_string(tree.path().join("out.sarif")).unwrap();
    assert_eq!(kept, "as it was");
    drop(input);
}
