//! `keysweep scan --history`.

use miette::{IntoDiagnostic, miette};
use std::path::PathBuf;
use std::sync::Arc;

use super::Failure;
use crate::source::history::History;
pub(super) use crate::source::history::Options;

/// The repository whose history is scanned: that of the working directory, or
/// that of the directory that is named, of which then only this part counts.
pub(super) fn open(paths: &[PathBuf]) -> Result<Arc<History>, Failure> {
    let directory = match paths {
        [] => None,
        [directory] if directory.is_dir() => Some(directory.as_path()),
        _ => {
            return Err(miette!(
                help = "name a repository or a directory of one, or nothing for the one around you",
                "--history takes one directory"
            ));
        }
    };
    let history = History::open(directory).into_diagnostic()?;
    Ok(Arc::new(history))
}
