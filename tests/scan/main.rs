//! `keysweep scan` from end to end: which files it reads, what it says of
//! those it cannot read, and how it ends.
//!
//! What can be seen in a unit is tested there; here is what only the program
//! as a whole can get wrong.

mod git;
mod git_lfs;
#[path = "../harness/mod.rs"]
mod harness;
mod how_it_ends;
mod places;
mod sharing;
mod size;
mod standard_input;
#[cfg(unix)]
mod what_is_no_file;
mod which_files;

use harness::Tree;

/// A file with one finding of high severity.
const LEAK: &str = "curl -H 'x-functions-key: {{function-key}}' https://a.example\n";
/// Another.
const LEAK_2: &str = "curl -H 'x-functions-key: {{function-key:2}}' https://a.example\n";

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
