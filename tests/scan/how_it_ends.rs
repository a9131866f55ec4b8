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
    let coloured = |tree: &Tree, arguments: &[&str]| tree.run(arguments).stdout.contains('\x1b');
    assert!(!coloured(&tree, &["scan"]));
    assert!(coloured(&tree, &["scan", "--color", "always"]));
    assert!(!coloured(&tree, &["scan", "--color", "never"]));
    let forced = tree.env("CLICOLOR_FORCE", "1");
    assert!(coloured(&forced, &["scan"]));
    assert!(!coloured(&forced.env("NO_COLOR", "1"), &["scan"]));
}
