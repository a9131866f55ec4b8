//! Why an earlier report cannot be used.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::file::FileError;

/// Why an earlier report cannot be used. No message quotes the file: it may be the
/// wrong one, with anything in it.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum ReportError {
    /// It cannot be read, or is no file that could be a report.
    #[error("cannot read the report {path}: {error}")]
    #[diagnostic(help(
        "name a report that an earlier run wrote: `keysweep scan --output sarif=baseline.sarif`"
    ))]
    Read {
        /// The file.
        path: String,
        /// Why not.
        error: FileError,
    },
    /// Windows PowerShell's `>` writes UTF-16.
    #[error("the report {path} is UTF-16 text")]
    #[diagnostic(help(
        "write it with `--output sarif=FILE` instead of `>`, which recodes it in some shells"
    ))]
    Utf16 {
        /// The file.
        path: String,
    },
    /// It was cut short, merged with conflict marks, or never was JSON.
    #[error("the report {path} is not JSON: it breaks off at line {line}, column {column}")]
    #[diagnostic(help(
        "write it anew with `keysweep scan --output sarif=FILE`; SARIF and keysweep's JSON are read"
    ))]
    NotJson {
        /// The file.
        path: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// Another tool's report, or another sort of file.
    #[error("the report {path} is no report of keysweep")]
    #[diagnostic(help(
        "write one with `keysweep scan --output sarif=FILE`; another tool's findings cannot be told from ours"
    ))]
    Foreign {
        /// The file.
        path: String,
    },
    /// Written by a version that knows more.
    #[error("the report {path} has version {version} of the JSON report, this keysweep reads 1")]
    #[diagnostic(help("use the keysweep that wrote it, or write it anew with this one"))]
    Newer {
        /// The file.
        path: String,
        /// The version in it.
        version: u64,
    },
    /// Some tools drop what they do not know when they rewrite a report.
    #[error("finding {index} of the report {path} has no rule id or no stable id")]
    #[diagnostic(help(
        "another tool has rewritten the file; use it as keysweep wrote it, or write it anew"
    ))]
    NoIdentity {
        /// The file.
        path: String,
        /// Counted from 1.
        index: usize,
    },
}
