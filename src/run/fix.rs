//! `keysweep scan --fix`: mends what can be mended for certain.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use ::similar::TextDiff;

use super::Failure;
use super::output::{self, Console};
use crate::cli::FixMode;
use crate::excerpt::mask;
use crate::finding::Finding;
use crate::fix::{Fix, apply};
use crate::outcome::Outcome;
use crate::report::count;

/// The longest document that is mended.
const LONGEST: u64 = crate::read::text::WHOLE;

/// Applies the fixes of an outcome's findings, or shows them as a diff; takes
/// those that were applied out of the outcome.
pub(super) fn fix(
    mode: FixMode,
    outcome: &mut Outcome,
    roots: &[PathBuf],
    console: &Console,
) -> Result<(), Failure> {
    let holding = holding_keys(&outcome.findings);
    let mut files: BTreeMap<&str, Vec<&Fix>> = BTreeMap::new();
    for finding in outcome.findings.iter().filter(|finding| finding.counts()) {
        if let (Some(fix), Some(place)) = (&finding.fix, finding.location.file()) {
            files.entry(&place.path).or_default().push(fix);
        }
    }
    let mut diff = String::new();
    let mut mended: BTreeSet<String> = BTreeSet::new();
    let mut applied = 0;
    for (path, fixes) in files {
        if holding.contains(path) {
            console.say(format_args!(
                "not fixed: {path} holds a key; take it out and replace it first"
            ));
            continue;
        }
        let before = match document(Path::new(path), roots) {
            Ok(before) => before,
            Err(why) => {
                console.say(format_args!("not fixed: {path} {why}"));
                continue;
            }
        };
        let (mark, text) = match before.strip_prefix('\u{feff}') {
            Some(text) => ("\u{feff}", text),
            None => ("", before.as_str()),
        };
        let fixed = apply(text, &fixes);
        if fixed.conflicting > 0 {
            console.say(format_args!(
                "{} of {path} would change the same text, or it changed meanwhile: run it again",
                count(fixed.conflicting, "fix")
            ));
        }
        if fixed.applied == 0 {
            continue;
        }
        let after = format!("{mark}{}", fixed.text);
        match mode {
            FixMode::Diff => match unified(path, &before, &after) {
                Some(change) => diff.push_str(&change),
                None => console.say(format_args!(
                    "not shown: the diff of {path} would have something like a key in it"
                )),
            },
            FixMode::Write => {
                if let Err(error) = write(Path::new(path), &after) {
                    console.say(format_args!("not fixed: {path} cannot be written: {error}"));
                    continue;
                }
                applied += fixed.applied;
                if fixed.conflicting == 0 {
                    mended.insert(path.to_owned());
                }
            }
        }
    }
    match mode {
        FixMode::Diff => output::to_stdout(|out| out.write_all(diff.as_bytes())),
        FixMode::Write => {
            console.say(format_args!("fixed {}", count(applied, "finding")));
            outcome.findings.retain(|finding| {
                let place = finding.location.file();
                let done = place.is_some_and(|place| mended.contains(&place.path));
                !(done && finding.fix.is_some() && finding.counts())
            });
            Ok(())
        }
    }
}

/// The files with a key in them: a diff would print it.
fn holding_keys(findings: &[Finding]) -> BTreeSet<String> {
    findings
        .iter()
        .filter(|finding| finding.properties.contains_key("fingerprint"))
        .flat_map(|finding| {
            let related = finding.related.iter().map(|related| &related.location);
            related.chain([&finding.location])
        })
        .filter_map(|location| location.file())
        .map(|place| place.path.clone())
        .collect()
}

/// A file that may be written to: regular, no link on the way to it, inside of
/// what was scanned, and text.
fn document(path: &Path, roots: &[PathBuf]) -> Result<String, &'static str> {
    const GONE: &str = "cannot be read";
    let inside = |root: &PathBuf| {
        let root = std::fs::canonicalize(root).ok()?;
        let file = std::fs::canonicalize(path).ok()?;
        file.starts_with(root).then_some(())
    };
    if !roots.iter().any(|root| inside(root).is_some()) {
        return Err("is not inside of what was scanned");
    }
    let mut at = PathBuf::new();
    for part in path.components() {
        at.push(part);
        let metadata = std::fs::symlink_metadata(&at).map_err(|_| GONE)?;
        if metadata.is_symlink() {
            return Err("is behind a link");
        }
    }
    let metadata = std::fs::symlink_metadata(path).map_err(|_| GONE)?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err("is no file that is fixed");
    }
    String::from_utf8(std::fs::read(path).map_err(|_| GONE)?).map_err(|_| "is not written in UTF-8")
}

/// In the place of the file, in one step, with its permissions.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .prefix(".keysweep-")
        .tempfile_in(directory.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file()
        .set_permissions(std::fs::metadata(path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// What changes, as `git apply` takes it; nothing where that would show what an
/// excerpt masks.
fn unified(path: &str, before: &str, after: &str) -> Option<String> {
    let diff = TextDiff::from_lines(before, after);
    let mut unified = diff.unified_diff();
    let unified = unified
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string();
    (mask(&unified) == unified).then_some(unified)
}
