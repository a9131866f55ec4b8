//! `keysweep init`: a policy to start from.

use miette::Diagnostic;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

use super::Policy;
use super::source::shown;

/// A policy with every option, commented out, at its default.
pub const TEMPLATE: &str = include_str!("template.toml");

/// Why there is no new policy.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum InitError {
    /// There is one.
    #[error("{path} exists already")]
    #[diagnostic(help("edit it, or move it away and run `keysweep init` again"))]
    Exists {
        /// The file.
        path: String,
    },
    /// It could not be written.
    #[error("cannot write {path}: {error}")]
    #[diagnostic(help(
        "name a directory that exists and that you may write to: keysweep init DIR"
    ))]
    Write {
        /// The file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

/// Writes the template into a directory; the answer is the file's path.
///
/// # Errors
/// When there is a policy already, or it cannot be written.
pub fn init(directory: &Path) -> Result<PathBuf, InitError> {
    let target = directory.join(Policy::FILE_NAME);
    let failed = |error: io::Error| {
        let path = shown(&target);
        if error.kind() == io::ErrorKind::AlreadyExists {
            InitError::Exists { path }
        } else {
            InitError::Write { path, error }
        }
    };
    // The name is taken first, so that nothing is ever overwritten. Whoever
    // reads in between finds an empty file, which is a valid policy.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&target)
        .map_err(failed)?;
    let draft = directory.join(format!(".{}.{}", Policy::FILE_NAME, std::process::id()));
    let written = fs::write(&draft, TEMPLATE).and_then(|()| fs::rename(&draft, &target));
    if let Err(error) = written {
        // What is left over is of this call, and says nothing.
        let _ = fs::remove_file(&draft);
        let _ = fs::remove_file(&target);
        return Err(failed(error));
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = init(directory.path()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), TEMPLATE);
        fs::write(&path, "# mine\n").unwrap();
        assert!(matches!(
            init(directory.path()),
            Err(InitError::Exists { .. })
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\n");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_that_is_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let gone = directory.path().join("gone");
        assert!(matches!(init(&gone), Err(InitError::Write { .. })));
    }
}
