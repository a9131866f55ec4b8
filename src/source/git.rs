//! Questions to git, asked of its plumbing.
//!
//! A repository that is scanned is not trusted: nothing that its configuration
//! names may run, and nothing is fetched.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// git in `directory`, told to run nothing that the repository configures.
fn git(directory: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C")
        .arg(directory)
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.untrackedCache=false",
        ])
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    git
}

/// The tracked files below `directory` that the repository's ignore rules
/// match, relative to it.
///
/// # Errors
/// With what git said, or why it could not be run.
pub(super) fn ignored_but_tracked(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let output = git(directory)
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--ignored",
            "--exclude-standard",
        ])
        .output()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no git on the PATH".to_owned(),
            _ => format!("git could not be run: {error}"),
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().find(|line| !line.trim().is_empty());
        return Err(crate::excerpt::redact(
            line.unwrap_or("git failed and did not say why"),
        ));
    }
    Ok(output
        .stdout
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty())
        .map(path_of)
        .collect())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Whether the directory, or one around it, is a repository.
pub(super) fn is_in_repository(directory: &Path) -> bool {
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    absolute
        .ancestors()
        .any(|ancestor| ancestor.join(".git").exists())
}
