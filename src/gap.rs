//! What was not read or not judged, and why.
//!
//! A run with a [`Gap`] is incomplete: it ends with exit code 2 whatever else
//! it found. A [`Notice`] is a limit that the user should know of; it changes
//! the exit code only with `--strict`.

use serde::Serialize;
use thiserror::Error;

/// Something that should have been looked at, and was not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// The file, directory or resource.
    pub subject: String,
    /// Why not.
    pub reason: GapReason,
}

/// Why something was not looked at.
#[derive(Clone, Debug, Error, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "detail")]
pub enum GapReason {
    /// The operating system refused.
    #[error("permission denied; run as a user who may read it, or exclude it")]
    PermissionDenied,
    /// It was listed, and gone when it was opened.
    #[error("it vanished while the scan ran; scan again")]
    Vanished,
    /// Its size or time stamp changed between the first and the last byte.
    #[error("it changed while it was read; scan again")]
    Changed,
    /// A FIFO, socket or device: reading it could wait for ever.
    #[error("not a regular file ({0}); exclude it, or pipe its content to `keysweep scan -`")]
    NotAFile(&'static str),
    /// Any other error while reading.
    #[error("could not be read: {0}")]
    Unreadable(String),
    /// git could not say which tracked files the ignore rules match.
    #[error("{0}; mend that, or scan with --no-gitignore")]
    GitFailed(String),
    /// A blob that a partial clone lacks.
    #[error("git has not fetched its content; run `git fetch --refetch --no-filter`")]
    NotFetched,
    /// A submodule was changed, and its commit is not here.
    #[error(
        "git has no commit {0} of this submodule here; run `git submodule update --init \
         --recursive` (for actions/checkout: `submodules: recursive` and `fetch-depth: 0`), \
         or exclude it"
    )]
    SubmoduleAbsent(String),
    /// A clone without its whole history.
    #[error("this clone is shallow and lacks it; run `git fetch --unshallow`")]
    Shallow,
    /// A path with conflicts: what will be committed does not exist yet.
    #[error("it is unmerged in the index; resolve it and stage it, then scan again")]
    Unmerged,
    /// A condition could not be evaluated on a fact.
    #[error("rule {rule} could not be evaluated here: {error}")]
    Condition {
        /// The rule's id.
        rule: String,
        /// What the evaluator said; facts hold no key, so neither does this.
        error: String,
    },
    /// A part of the tenant that a sweep could not read, in words.
    #[error("{0}")]
    NotAssessed(String),
    /// A bug of ours in a reader, caught.
    #[error("keysweep failed on it; please report this, with the file's kind but not its content")]
    Internal,
}

/// What is there, and has its content elsewhere or in a form that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unopened {
    /// An archive.
    Archive,
    /// A file under git LFS.
    Lfs,
    /// A submodule that is not checked out.
    Submodule,
    /// A file that a sparse checkout leaves out.
    Sparse,
}

impl Unopened {
    /// The notice on so many of them, one of which is the example.
    #[must_use]
    pub fn notice(self, count: usize, example: String) -> Notice {
        match self {
            Self::Archive => Notice::ArchivesNotOpened { count, example },
            Self::Lfs => Notice::LfsNotRead { count, example },
            Self::Submodule => Notice::SubmodulesNotRead { count, example },
            Self::Sparse => Notice::SparseNotRead { count, example },
        }
    }
}

/// A limit of the run that the user should know of.
#[derive(Clone, Debug, Error, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "detail")]
pub enum Notice {
    /// Archives are searched as bytes, not opened.
    #[error("{}", archives_not_opened(*.count, .example))]
    ArchivesNotOpened {
        /// How many.
        count: usize,
        /// One of them.
        example: String,
    },
    /// A file under git LFS is a pointer to content that is elsewhere.
    #[error("{}", lfs_not_read(*.count, .example))]
    LfsNotRead {
        /// How many.
        count: usize,
        /// One of them.
        example: String,
    },
    /// A submodule that is not checked out has no files in the tree.
    #[error("{}", submodules_not_read(*.count, .example))]
    SubmodulesNotRead {
        /// How many.
        count: usize,
        /// One of them.
        example: String,
    },
    /// A sparse checkout leaves files of the index out of the tree.
    #[error("{}", sparse_not_read(*.count, .example))]
    SparseNotRead {
        /// How many.
        count: usize,
        /// One of them.
        example: String,
    },
    /// Past the limit, occurrences are counted and not kept.
    #[error("{dropped} further occurrences were counted and not kept; {kept} are reported")]
    TooManyOccurrences {
        /// Reported.
        kept: usize,
        /// Only counted.
        dropped: usize,
    },
    /// A document that its parser gave up on; its text was searched all the
    /// same.
    #[error("{place}: only searched as text, not parsed: {problem}")]
    NotParsed {
        /// File, line and column.
        place: String,
        /// What the parser says, without anything that the document does.
        problem: String,
    },
    /// A document that is not parsed, since it would be held as a whole.
    #[error("{path}: only searched as text, not parsed: it has more than {} MiB", .limit >> 20)]
    TooLongToParse {
        /// The file.
        path: String,
        /// The greatest length, in bytes.
        limit: u64,
    },
    /// A gap that the policy accepts.
    #[error("accepted by the policy ({reason}): {gap}")]
    GapAccepted {
        /// What was not looked at, and why.
        gap: String,
        /// Why that is accepted.
        reason: String,
    },
    /// Inventories whose chosen values have names that hold in each alone.
    #[error(
        "chosen keys cannot be compared across these inventories; set \
         KEYSWEEP_FINGERPRINT_KEY to the same value for every sweep"
    )]
    ChosenNotComparable,
    /// A sweep that left keys alone.
    #[error("no keys were listed (--metadata-only): nothing was judged about them")]
    KeysNotListed,
    /// An inventory without an app.
    #[error(
        "there is no function app in the inventory; check the scope and the rights of the sweep"
    )]
    NoApps,
    /// A report that names no key that could be live.
    #[error("the report of leaks has no key that could be compared; scan with this version")]
    NoLeaks,
    /// Rules about the whole tree or about the policy, in a run that looks at a
    /// part or at a change.
    #[error("not evaluated, since this run does not look at the whole tree: {}", .0.join(", "))]
    RulesNotEvaluated(Vec<String>),
    /// An ignore that the change itself brings.
    #[error("{place}: this ignore is not in the base yet, and hides nothing in this run")]
    IgnoreNotReviewed {
        /// File, line and column.
        place: String,
    },
    /// A baseline that the change itself brings.
    #[error("{0}: this baseline is not in the base yet, and hides nothing in this run")]
    BaselineNotInBase(String),
    /// Somebody meant to ignore a finding, and did not.
    #[error("{place}: this hides nothing: {problem}; write `keysweep: ignore[KS1003] reason`")]
    IgnoreNotUnderstood {
        /// File, line and column.
        place: String,
        /// What is wrong with it.
        problem: IgnoreProblem,
    },
}

/// The notice on archives, in words.
fn archives_not_opened(count: usize, example: &str) -> String {
    let what = match count {
        1 => format!("1 archive was not opened ({example}); unpack it"),
        n => format!("{n} archives were not opened ({example} …); unpack them"),
    };
    format!("{what} to scan what is inside")
}

/// The notice on git LFS, in words.
fn lfs_not_read(count: usize, example: &str) -> String {
    let what = match count {
        1 => format!("the content of 1 file under git LFS was not read ({example})"),
        n => format!("the content of {n} files under git LFS was not read ({example} …)"),
    };
    format!("{what}: git has a pointer to it; scan the work tree after `git lfs pull`")
}

/// The notice on what a sparse checkout leaves out, in words.
fn sparse_not_read(count: usize, example: &str) -> String {
    let what = match count {
        1 => format!("1 file that a sparse checkout leaves out was not read ({example})"),
        n => format!("{n} files that a sparse checkout leaves out were not read ({example} …)"),
    };
    format!("{what}; run `git sparse-checkout disable`, or scan what git has with `--history`")
}

/// The notice on submodules, in words.
fn submodules_not_read(count: usize, example: &str) -> String {
    let what = match count {
        1 => format!("1 submodule is not checked out ({example})"),
        n => format!("{n} submodules are not checked out ({example} …)"),
    };
    format!("{what} and not read; run `git submodule update --init --recursive`")
}

/// What is wrong with an attempt at an inline ignore.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IgnoreProblem {
    /// A bare one would hide what nobody has looked at.
    #[error("it names no rule")]
    NoRules,
    /// Something in its list cannot be a rule's id.
    #[error("its list holds something else than rule ids")]
    NotARule,
    /// The list has no end on its line.
    #[error("its list of rules is not closed")]
    NotClosed,
    /// A reviewer could not see why.
    #[error("it gives no reason")]
    NoReason,
}

impl Notice {
    /// Whether something stayed unseen that could be seen: what `--strict` is
    /// about. What the user asked for himself is not.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        !matches!(
            self,
            Self::GapAccepted { .. }
                | Self::RulesNotEvaluated(_)
                | Self::IgnoreNotReviewed { .. }
                | Self::BaselineNotInBase(_)
        )
    }
}

impl Gap {
    /// A gap for a file that an I/O operation failed on.
    #[must_use]
    pub fn io(subject: impl Into<String>, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let reason = match error.kind() {
            ErrorKind::PermissionDenied => GapReason::PermissionDenied,
            ErrorKind::NotFound => GapReason::Vanished,
            _ => GapReason::Unreadable(error.to_string()),
        };
        Self {
            subject: subject.into(),
            reason,
        }
    }
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.subject, self.reason)
    }
}
