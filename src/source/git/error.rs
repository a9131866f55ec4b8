//! Why git could not answer, and what to do about it.

use thiserror::Error;

use crate::excerpt::{printable, redact, redact_path};

/// Why a question to git has no answer. None of these is a pass: a run that
/// gets one has not looked at what it was asked to look at.
#[derive(Debug, Error)]
pub enum GitError {
    /// There is no git.
    #[error("there is no git on the PATH; install it")]
    NoGit,
    /// There is one, and it does not start.
    #[error("git could not be run: {0}")]
    NotRun(std::io::Error),
    /// The directory belongs to no repository.
    #[error("{0} is in no git repository; run in one, or scan the files without git")]
    NoRepository(String),
    /// Somebody else owns it, as in a container.
    #[error(
        "git does not trust {0}, which belongs to another user; \
         run `git config --global --add safe.directory {0}`"
    )]
    Untrusted(String),
    /// No such commit.
    #[error(
        "git has no commit {revision} here; fetch it (`{}`; `fetch-depth: 0` for \
         actions/checkout), or mend the name",
        fetching(revision)
    )]
    UnknownRevision {
        /// As the user wrote it.
        revision: String,
    },
    /// The history is cut before the base.
    #[error(
        "this clone is shallow, and its history ends before it meets {revision}; \
         run `git fetch --unshallow`, or set `fetch-depth: 0` for actions/checkout"
    )]
    Shallow {
        /// As the user wrote it.
        revision: String,
    },
    /// Two histories.
    #[error(
        "{revision} and HEAD have no commit in common; name the commit that the change \
         began at, or scan the tree"
    )]
    NoMergeBase {
        /// As the user wrote it.
        revision: String,
    },
    /// A path that this repository knows nothing of.
    #[error(
        "{path} is in the submodule {module}, of which this repository has a commit and no \
         files; name {module}"
    )]
    InSubmodule {
        /// The path.
        path: String,
        /// The submodule.
        module: String,
    },
    /// A path that is nowhere.
    #[error(
        "'{0}' is neither in the work tree, the index nor a commit that is scanned; check the path"
    )]
    UnknownPath(String),
    /// A path that no revision can have.
    #[error("{0} is not inside the repository, so no revision has it; move it there")]
    Outside(String),
    /// A file that is no file at that revision.
    #[error("{path} at {revision} is {what}; name a regular file of at most {limit} bytes")]
    NotAFile {
        /// The file.
        path: String,
        /// As the user wrote it.
        revision: String,
        /// What it is instead.
        what: &'static str,
        /// How large it may be.
        limit: u64,
    },
    /// Its content is elsewhere.
    #[error(
        "git has not fetched {path} of {revision} (a partial clone); \
         run `git fetch --refetch --no-filter`"
    )]
    NotFetched {
        /// The file.
        path: String,
        /// As the user wrote it.
        revision: String,
    },
    /// git refused.
    #[error("git could not {doing}: {said}")]
    Failed {
        /// What it was asked to do.
        doing: &'static str,
        /// Its own words, masked.
        said: String,
    },
}

/// How git says that.
const NO_WORK_TREE: &str = "this operation must be run in a work tree";

impl GitError {
    pub(in crate::source) fn not_run(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NoGit,
            _ => Self::NotRun(error),
        }
    }

    /// Whether it says that the directory is in no work tree: there is no such
    /// repository after all, or the directory is its inside.
    pub(in crate::source) fn is_outside(&self) -> bool {
        let Self::Failed { said, .. } = self else {
            return false;
        };
        said.starts_with("not a git repository") || said.starts_with(NO_WORK_TREE)
    }

    /// The same, where git has said so without failing.
    pub(super) fn outside(doing: &'static str) -> Self {
        Self::Failed {
            doing,
            said: NO_WORK_TREE.to_owned(),
        }
    }

    /// With git's own words: the one that is fatal, else its first.
    pub(super) fn failed(doing: &'static str, stderr: &[u8]) -> Self {
        let said = String::from_utf8_lossy(stderr);
        let mut lines = said.lines().filter(|line| !line.trim().is_empty());
        let first = lines.next();
        let fatal = first
            .into_iter()
            .chain(lines)
            .find(|line| line.starts_with("fatal:"));
        let owned = fatal.and_then(|line| line.split_once("dubious ownership in repository at '"));
        if let Some((_, path)) = owned {
            return Self::Untrusted(printable(&redact_path(path.trim_end_matches('\''))));
        }
        let said = fatal
            .or(first)
            .unwrap_or("it failed and did not say why; run `git fsck`");
        Self::Failed {
            doing,
            said: printable(&redact(said.trim_start_matches("fatal: "))),
        }
    }

    /// git's output is not of the form that its documentation gives.
    pub(in crate::source) fn malformed(doing: &'static str) -> Self {
        Self::Failed {
            doing,
            said: "its answer cannot be read; this needs git 2.31 or later".to_owned(),
        }
    }
}

/// What brings a revision into this clone.
fn fetching(revision: &str) -> String {
    if let Some(branch) = revision.strip_prefix("origin/") {
        format!("git fetch origin {branch}:refs/remotes/origin/{branch}")
    } else if revision.contains(['~', '^', '@', ':']) {
        "git fetch --unshallow".to_owned()
    } else {
        format!("git fetch origin {revision}")
    }
}
