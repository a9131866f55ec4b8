//! A report that an earlier run wrote, read back: SARIF or our JSON, told by its
//! fields.
//!
//! Nothing of it is trusted: it is a file that anybody can write, and what it
//! says is masked anew where it is shown.

mod error;
mod raw;

pub use error::ReportError;

use std::collections::BTreeSet;
use std::path::Path;

use crate::excerpt::{printable, redact_path};
use crate::finding::Severity;
use crate::glob::slashed;
use crate::source::file;

/// The findings of an earlier report, and what it can speak of.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The file, as messages show it.
    pub path: String,
    /// What was found, in its order, without what was `absent` in it.
    pub findings: Vec<Found>,
    /// The rules that were evaluated.
    pub rules: BTreeSet<String>,
    /// Whether a tenant was judged, and no files; none where it does not say.
    pub of_tenant: Option<bool>,
    /// What it could not look at.
    pub unseen: Unseen,
}

/// A finding of an earlier report.
#[derive(Clone, Debug)]
pub struct Found {
    /// The rule's id, which has the form of one.
    pub rule: String,
    /// The same from run to run.
    pub stable_id: String,
    /// How bad it was, where it says.
    pub severity: Option<Severity>,
    /// What was said of it, not masked anew.
    pub message: String,
    /// The file or resource that it was in.
    pub subject: String,
    /// The line of that file.
    pub line: Option<u64>,
    /// The stable ids of what it is made of; none when it is one thing.
    pub members: Vec<String>,
    /// Whether something set it aside.
    pub suppressed: bool,
    /// The line of the report that has the stable id; 1 if that is not clear.
    pub at: u64,
}

/// What a run could not look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// Files, directories or resources, by name; none when it saw everything.
    Subjects(Vec<String>),
    /// Something, and the report does not say what in a way to be read.
    Something,
}

impl Earlier {
    /// Bytes of the longest report that is read: five times one of as many
    /// findings as a run keeps.
    pub const MAX_SIZE: u64 = 256 << 20;

    /// Reads an earlier report.
    ///
    /// # Errors
    /// When the file cannot be read, or is no report of keysweep.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let name = slashed(path);
        match file::read(path, Self::MAX_SIZE) {
            Ok(bytes) => Self::parse(&name, &bytes),
            Err(error) => Err(ReportError::Read {
                path: shown(&name),
                error,
            }),
        }
    }

    /// Reads the bytes of an earlier report; `name` is what messages call it.
    ///
    /// # Errors
    /// When they are no report of keysweep.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, ReportError> {
        raw::parse(&shown(name), bytes)
    }

    /// Whether it looked for what the rule finds, at the subject.
    #[must_use]
    pub fn looked(&self, rule: &str, subject: &str) -> bool {
        let seen = match &self.unseen {
            Unseen::Subjects(gaps) => !gaps.iter().any(|gap| covers(gap, subject)),
            Unseen::Something => false,
        };
        seen && self.rules.contains(rule)
    }
}

/// Whether a gap is the subject, or a folder or resource above it.
#[must_use]
pub fn covers(gap: &str, subject: &str) -> bool {
    let above = gap.trim_end_matches('/');
    let inside = subject
        .get(..above.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(above))
        && matches!(subject.as_bytes().get(above.len()), None | Some(b'/'));
    inside || above == "."
}

/// A name from outside, as a message may show it.
fn shown(name: &str) -> String {
    printable(&redact_path(name))
}
