//! Where git is asked, and which repository answers.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A directory that git is asked about.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    alone: bool,
}

impl Directory {
    /// The working directory. What git has told its hook about the repository
    /// counts: in a commit of named files, the index that will be committed is
    /// the one in `GIT_INDEX_FILE`.
    pub(crate) fn here(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            alone: false,
        }
    }

    /// A directory that may be in another repository: the one that it is in is
    /// asked, whoever's hook this is.
    pub(crate) fn alone(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            alone: true,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// git, told to run nothing that the repository configures.
    pub(crate) fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.args(["--no-replace-objects", "-C"])
            .arg(&self.path)
            .args(["-c", "core.fsmonitor=false"])
            .args(["-c", "core.untrackedCache=false"])
            // What GIT_NO_LAZY_FETCH says, for a git older than 2.44.
            .args(["-c", "protocol.allow=never"])
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("LC_ALL", "C")
            // What is named is a path; the others contradict that.
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env_remove("GIT_GLOB_PATHSPECS")
            .env_remove("GIT_NOGLOB_PATHSPECS")
            .env_remove("GIT_ICASE_PATHSPECS")
            .stdin(Stdio::null());
        if self.alone {
            for variable in OF_A_HOOK {
                git.env_remove(variable);
            }
        }
        #[cfg(test)]
        super::fixture::isolate(&mut git);
        git
    }
}

/// What git tells the programs that it starts of its repository.
const OF_A_HOOK: [&str; 8] = [
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];
