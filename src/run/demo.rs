//! `keysweep demo`: a repository to try keysweep on.

use miette::{IntoDiagnostic, WrapErr, miette};
use std::fs;
use std::path::Path;

use super::Failure;
use super::output::Console;
use crate::cli::{Cli, Command};
use crate::outcome::Verdict;
use crate::placeholder::expand;
use clap::Parser;

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

/// Writes the tree and scans it.
pub(super) fn demo(directory: &Path, console: &Console) -> Result<Verdict, Failure> {
    let occupied = fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !directory.join(MARK).exists() {
        return Err(miette!(
            help = "name a directory that is empty or not there: keysweep demo DIR",
            "'{}' is not empty, and no demo",
            directory.display()
        ));
    }
    write_tree(directory)
        .wrap_err_with(|| format!("the demo could not be written to '{}'", directory.display()))?;
    console.say(format_args!(
        "wrote {} files to {}, with keys that open nothing; scanning them",
        TREE.len(),
        directory.display()
    ));
    let directory = directory.to_string_lossy();
    let cli = Cli::try_parse_from(["keysweep", "scan", "--fail-on", "never", &directory])
        .into_diagnostic()?;
    let Command::Scan(scan) = &cli.command else {
        return Ok(Verdict::Clean);
    };
    super::scan::scan(scan, console)
}

fn write_tree(directory: &Path) -> Result<(), Failure> {
    for (path, template) in TREE {
        let path = directory.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).into_diagnostic()?;
        }
        fs::write(&path, expand(template).into_diagnostic()?).into_diagnostic()?;
    }
    fs::write(
        directory.join(MARK),
        "made by `keysweep demo`; delete it when you like\n",
    )
    .into_diagnostic()
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
    }
}
