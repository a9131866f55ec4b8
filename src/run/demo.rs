//! `keysweep demo`: a repository and a tenant to try keysweep on.

mod tenant;

use clap::Parser;
use miette::{IntoDiagnostic, WrapErr, miette};
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::Failure;
use super::output::{Console, to_stdout};
use crate::cli::{Cli, Command};
use crate::excerpt::shown_path;
use crate::outcome::{Outcome, Verdict};
use crate::placeholder::expand;
use crate::report::{self, Format, count};

/// The name of the file that says that a directory is a demo, and may be
/// written again.
const MARK: &str = ".keysweep-demo";

/// The tree, with placeholders where the keys go: no key is ever committed.
macro_rules! tree {
    ($($path:literal,)*) => {
        /// Path and template of every file.
        pub(crate) const TREE: &[(&str, &str)] = &[
            $(($path, include_str!(concat!("../../../testdata/demo/", $path))),)*
        ];
    };
}

include!("demo/tree.rs");

/// The rules that report a key at its place: each planted key is one of theirs.
const KEY_RULES: &[&str] = &[
    "KS1001", "KS1002", "KS1003", "KS1004", "KS1005", "KS1006", "KS1007", "KS1009",
];

/// Placeholders of what these rules report.
const KEYS: &[&str] = &[
    "{{function-key",
    "{{master-key",
    "{{system-key",
    "{{legacy-key",
    "{{custom-key",
    "{{apim-key",
];

/// Writes the tree, scans it, and says what a scan would have said.
pub(super) fn demo(directory: &Path, console: &Console) -> Result<Verdict, Failure> {
    let occupied = fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !directory.join(MARK).exists() {
        return Err(miette!(
            help = "name a directory that is empty or does not exist: keysweep demo DIR",
            "'{}' is not empty, and was not written by `keysweep demo`",
            shown_path(directory)
        ));
    }
    write_tree(directory).wrap_err_with(|| {
        format!(
            "the demo could not be written to '{}'",
            shown_path(directory)
        )
    })?;
    let mut outcome = scan(directory, console)?;
    let real = outcome.verdict();
    // Finding what it planted is the demo's success.
    outcome.terms.fail_on = None;
    to_stdout(|out| {
        writeln!(
            out,
            "Wrote {} to {}: the repository of a small company and two inventories of its tenant, with {} that open nothing.\n",
            count(TREE.len() + 1 + tenant::FILES, "file"),
            shown_path(directory),
            count(planted(), "planted key"),
        )?;
        report::write(Format::Human, &outcome, console.style(), out)?;
        writeln!(out, "\n{}", result(&outcome))?;
        writeln!(
            out,
            "A real scan, `keysweep scan {}`, ends with exit code {}.",
            shown_path(directory),
            real.code()
        )?;
        writeln!(
            out,
            "Its tenant: `keysweep check {}`.",
            shown_path(&directory.join(tenant::LATEST))
        )
    })?;
    Ok(outcome.verdict())
}

/// Scans as `keysweep scan` does, save that ignore rules of a repository around
/// the demo, or of the user, hide nothing of it.
fn scan(directory: &Path, console: &Console) -> Result<Outcome, Failure> {
    let words = ["keysweep", "scan", "--no-gitignore", "--"].map(OsString::from);
    let words = words.into_iter().chain([directory.into()]);
    let cli = Cli::try_parse_from(words).into_diagnostic()?;
    let Command::Scan(scan) = &cli.command else {
        return Ok(Outcome::default());
    };
    super::scan::look(scan, console)
}

/// How many keys the templates name.
fn planted() -> usize {
    let keys = KEYS.iter();
    keys.map(|key| {
        TREE.iter()
            .map(|(_, text)| text.matches(key).count())
            .sum::<usize>()
    })
    .sum()
}

/// What came of them.
fn result(outcome: &Outcome) -> String {
    let keys = || {
        let findings = outcome.findings.iter();
        findings.filter(|finding| KEY_RULES.contains(&finding.rule.as_str()))
    };
    let set_aside = keys().filter(|key| key.suppressed.is_some()).count();
    let found = match (keys().count(), planted()) {
        (found, planted) if found == planted => format!("all {planted} planted keys"),
        (found, planted) => format!("{} where {planted} were planted", count(found, "key")),
    };
    match set_aside {
        0 => format!("Found {found}."),
        n => format!("Found {found}, {n} of them set aside by a comment."),
    }
}

fn write_tree(directory: &Path) -> Result<(), Failure> {
    for (path, template) in TREE {
        let text = expand(template).into_diagnostic()?;
        let bytes = if UTF_16.contains(path) {
            utf_16(&text)
        } else {
            text.into_bytes()
        };
        let path = directory.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).into_diagnostic()?;
        }
        fs::write(&path, bytes).into_diagnostic()?;
    }
    tenant::write(directory)?;
    fs::write(
        directory.join(MARK),
        "`keysweep demo` wrote this directory, and may write it again. Delete it when you like.\n",
    )
    .into_diagnostic()
}

/// Little-endian, with a byte order mark.
fn utf_16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_list_is_the_directory() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo");
        let files: BTreeSet<String> = walkdir::WalkDir::new(&root)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(&root).unwrap();
                path.to_str().unwrap().replace('\\', "/")
            })
            .collect();
        let listed: BTreeSet<String> = TREE.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(listed, files);
        assert!(UTF_16.iter().all(|path| files.contains(*path)));
    }
}
