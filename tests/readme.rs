//! The README shows real output.
//!
//! Above each block of output stands a comment with the command:
//! `<!-- output: keysweep … -->`, or `<!-- output, first 20 lines: … -->`, or
//! `first 9 and last 20 lines`. The commands run in one empty directory, in their
//! order, and each block must hold the standard output. Below `<!-- rules -->`
//! stands the table of all rules. `scripts/readme-outputs` writes all of it anew.
//!
//! What differs between runs is the time that one took: it is written as 0.01 s.
//! Not on Windows, where paths have other separators.
#![cfg(unix)]

use keysweep::rule::RuleSet;
use regex::Regex;
use std::path::Path;
use std::process::{Command, Stdio};

/// Columns of the page: longer lines scroll on most screens.
const COLUMNS: &str = "100";

#[test]
fn outputs_are_real() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let shown = std::fs::read_to_string(&path).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let real = with_outputs(&shown, |command| run(command, directory.path()));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, real).unwrap();
        return;
    }
    assert!(
        shown == real,
        "README.md is stale: run scripts/readme-outputs and commit it\n{}",
        first_difference(&shown, &real)
    );
}

/// The page with the text of every marked block replaced by what its command
/// gives, and with the table of rules.
fn with_outputs(page: &str, mut output: impl FnMut(&str) -> String) -> String {
    let marker =
        Regex::new(r"^<!-- output(?:, first (\d+)(?: and last (\d+))? lines)?: keysweep (.+) -->$")
            .expect("a regex");
    let mut made = String::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        made.push_str(line);
        made.push('\n');
        if line == "<!-- rules -->" {
            while lines
                .next_if(|line| line.is_empty() || line.starts_with('|'))
                .is_some()
            {}
            made.push_str(&format!(
                "\n{}\n",
                keysweep::rule::table(&RuleSet::builtin())
            ));
            continue;
        }
        let Some(found) = marker.captures(line) else {
            assert!(!line.contains("<!-- output"), "not understood: {line}");
            continue;
        };
        assert_eq!(lines.next(), Some("```text"), "no block after {line}");
        lines
            .find(|line| *line == "```")
            .unwrap_or_else(|| panic!("the block after {line} has no end"));
        let number = |at| found.get(at).map(|n| n.as_str().parse().expect("a number"));
        let first = number(1).unwrap_or(usize::MAX);
        made.push_str("```text\n");
        made.push_str(&crop(&output(&found[3]), first, number(2).unwrap_or(0)));
        made.push_str("```\n");
    }
    made
}

/// The first and the last lines of the text, with a mark between.
fn crop(text: &str, first: usize, last: usize) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let left_out = first..lines.len().saturating_sub(last);
    let mut made = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at == left_out.start && !left_out.is_empty() {
            made.push_str("…\n");
        }
        if !left_out.contains(&at) {
            made.push_str(line);
            made.push('\n');
        }
    }
    assert!(!made.contains("```"), "the output would end its block");
    made
}

fn run(words: &str, directory: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keysweep"));
    command
        .args(words.split(' '))
        .current_dir(directory)
        .stdin(Stdio::null())
        .env("HOME", directory)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("COLUMNS", COLUMNS)
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC");
    // What changes how a program prints, or what it finds.
    for (name, _) in std::env::vars() {
        if name.starts_with("KEYSWEEP_") || name.starts_with("GITHUB_") || name == "CI" {
            command.env_remove(name);
        }
    }
    command
        .env_remove("CLICOLOR_FORCE")
        .env_remove("FORCE_COLOR");
    let output = command.output().expect("keysweep starts");
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "keysweep {words}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("output is UTF-8");
    assert!(
        !text.contains(directory.to_str().expect("UTF-8")),
        "keysweep {words} names its directory, which differs from run to run"
    );
    let time = Regex::new(r"\bin \d+(\.\d+)? ?(µs|ms|s)\b").expect("a regex");
    time.replace_all(&text, "in 0.01 s").into_owned()
}

fn first_difference(shown: &str, real: &str) -> String {
    let mut pairs = shown.lines().zip(real.lines()).enumerate();
    match pairs.find(|(_, (shown, real))| shown != real) {
        Some((at, (shown, real))) => {
            format!("line {}:\n  shown: {shown}\n  real:  {real}", at + 1)
        }
        None => "one is longer than the other".to_owned(),
    }
}

#[test]
fn blocks_are_replaced_and_cropped() {
    let page = "a\n<!-- output, first 2 lines: keysweep x y -->\n```text\nold\n```\nb\n";
    let made = with_outputs(page, |words| format!("{words}\n2  \n3\n"));
    let wanted = "a\n<!-- output, first 2 lines: keysweep x y -->\n```text\nx y\n2\n…\n```\nb\n";
    assert_eq!(made, wanted);
    assert_eq!(crop("1\n2\n3\n4\n5\n", 1, 2), "1\n…\n4\n5\n");
    assert_eq!(crop("1\n2\n3\n", 1, 2), "1\n2\n3\n");
    assert_eq!(crop("1\n2\n3\n", 2, 2), "1\n2\n3\n");
    assert_eq!(crop("1\n2\n", usize::MAX, 0), "1\n2\n");
}
