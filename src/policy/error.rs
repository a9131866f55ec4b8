//! What can be wrong with a policy, said so that it can be mended.
//!
//! The snippet that a [`PolicyError`] shows comes from a masked copy of the
//! file, and no message repeats a value: a policy could itself hold a key.

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use thiserror::Error;

use super::source::Source;
use super::suggest::closest;

/// A policy that cannot be used: what is wrong, where, and what to do.
pub struct PolicyError(Box<Inner>);

struct Inner {
    problem: Problem,
    site: Option<(NamedSource<Arc<str>>, Range<usize>)>,
}

/// What is wrong.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is not a text of a policy's size.
    #[error("{path} is no policy: {why}")]
    NotAPolicy {
        /// The file.
        path: String,
        /// Why not.
        why: &'static str,
    },
    /// It is not TOML.
    #[error("not valid TOML: {0}")]
    Syntax(String),
    /// A field that there is not.
    #[error("unknown field")]
    UnknownField {
        /// The one that was probably meant.
        meant: Option<String>,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A word that there is not.
    #[error("unknown word")]
    UnknownWord {
        /// The one that was probably meant.
        meant: Option<String>,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A text where a number belongs, or the like.
    #[error("expected {0}")]
    WrongType(String),
    /// A number out of its range.
    #[error("expected a whole number from {least} to {most}")]
    OutOfRange {
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// Not a day of the calendar.
    #[error("not a date")]
    BadDate,
    /// A day that cannot be one yet.
    #[error("`{0}` lies in the future")]
    FutureDate(&'static str),
    /// A glob that cannot be compiled, or could not match.
    #[error("not a usable glob: {0}")]
    BadGlob(String),
    /// A regular expression that cannot be compiled, or would match anything.
    #[error("not a usable regular expression: {0}")]
    BadRegex(String),
    /// A keyword that the scanner could not search for.
    #[error("not a usable keyword: {0}")]
    BadKeyword(String),
    /// A name that cannot be one.
    #[error("not a usable {what}: {why}")]
    BadName {
        /// Of what.
        what: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// A field that has to be there.
    #[error("{table} lacks `{field}`")]
    Missing {
        /// The table.
        table: &'static str,
        /// The field.
        field: &'static str,
    },
    /// `path` and `resource`: neither, or both.
    #[error("{table} needs exactly one of `path` and `resource`")]
    OneSubject {
        /// The table.
        table: &'static str,
    },
    /// A field that makes no sense without another.
    #[error("`{field}` without `{needs}`")]
    Needs {
        /// The field.
        field: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// Two fields that say different things.
    #[error("{0}")]
    Contradiction(&'static str),
    /// A rule that there is not.
    #[error("there is no such rule")]
    UnknownRule {
        /// The one that was probably meant.
        meant: Option<String>,
    },
    /// The same thing said twice.
    #[error("the same {what} is already at {first}")]
    Duplicate {
        /// Of what.
        what: &'static str,
        /// Where it is.
        first: String,
    },
    /// A key where its name belongs.
    #[error("this is a key, not the name of one")]
    KeyForName,
    /// A limit loosened that a policy further up has locked.
    #[error("{by} locks `{setting}`, and this loosens it")]
    Loosened {
        /// What is locked.
        setting: String,
        /// The file that locks it.
        by: String,
        /// What it allows.
        allowed: String,
    },
    /// A policy that cannot be extended.
    #[error("cannot extend this policy: {0}")]
    Extends(String),
}

impl PolicyError {
    pub(super) fn at(source: &Source, span: Range<usize>, problem: Problem) -> Self {
        Self(Box::new(Inner {
            problem,
            site: Some((source.named(), span)),
        }))
    }

    pub(super) fn whole(problem: Problem) -> Self {
        Self(Box::new(Inner {
            problem,
            site: None,
        }))
    }

    /// The parser's words, without what they repeat of the file.
    pub(super) fn toml(source: &Source, error: &toml::de::Error, parsed: bool) -> Self {
        let span = error.span().unwrap_or(0..0);
        Self::at(source, span, problem_of(error.message(), parsed))
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }
}

/// serde says in words what it found: they are read back into a type here.
fn problem_of(message: &str, parsed: bool) -> Problem {
    if !parsed {
        return Problem::Syntax(message.to_owned());
    }
    let quoted: Vec<String> = message
        .split('`')
        .skip(1)
        .step_by(2)
        .map(ToOwned::to_owned)
        .collect();
    let (word, known) = match quoted.split_first() {
        Some((word, known)) => (word.as_str(), known.to_vec()),
        None => ("", Vec::new()),
    };
    let meant = closest(word, known.iter().map(String::as_str)).map(ToOwned::to_owned);
    if message.starts_with("unknown field") {
        Problem::UnknownField { meant, known }
    } else if message.starts_with("unknown variant") {
        Problem::UnknownWord { meant, known }
    } else if let Some((_, expected)) = message.rsplit_once(", expected ") {
        Problem::WrongType(plain(expected).to_owned())
    } else {
        Problem::Syntax(message.lines().next().unwrap_or_default().to_owned())
    }
}

/// serde's names of types, in TOML's words.
fn plain(expected: &str) -> &str {
    match expected {
        "i64" => "a whole number",
        "a sequence" => "a list: `[…]`, or a table headed `[[…]]`",
        "a map" => "a table",
        "a boolean" => "`true` or `false`",
        "a string" => "a text in quotes",
        other => other,
    }
}

impl Problem {
    fn help(&self) -> String {
        match self {
            Self::Read { .. } => {
                "check the path and its permissions; `keysweep init` writes a policy to start from"
                    .into()
            }
            Self::NotAPolicy { .. } => "name a TOML file; `keysweep init` writes one".into(),
            Self::Syntax(_) => "mend it as TOML (https://toml.io) has it".into(),
            Self::UnknownField { meant, known } | Self::UnknownWord { meant, known } => {
                match (meant, known.as_slice()) {
                    (Some(meant), _) => format!("did you mean `{meant}`?"),
                    (None, []) => "remove it".into(),
                    (None, known) => format!("known are `{}`", known.join("`, `")),
                }
            }
            Self::WrongType(expected) => format!("write {expected}"),
            Self::OutOfRange { least, most } => {
                format!("write a whole number from {least} to {most}")
            }
            Self::BadDate => "write year, month and day, as in 2026-12-31".into(),
            Self::FutureDate(field) => {
                format!("`{field}` says what has happened: write that day, or leave it out")
            }
            Self::BadGlob(_) => "`*` matches within a directory, `**` across them, `?` one character, `{a,b}` either".into(),
            Self::BadRegex(why) if why.contains("no group") => {
                "put the value in it, and only that: `acme_(?<secret>[a-z0-9]{32})`".into()
            }
            Self::BadRegex(_) => {
                "the syntax is that of https://docs.rs/regex, without look-around".into()
            }
            Self::BadKeyword(_) => {
                "write literal texts that stand near every match, each of 3 to 64 characters".into()
            }
            Self::BadName { .. } => "write it as Azure and the other tables have it".into(),
            Self::Missing { field, .. } => format!("add `{field}`: {}", purpose(field)),
            Self::OneSubject { .. } => {
                "`path` is a glob over files, `resource` one over ids of Azure resources".into()
            }
            Self::Needs { needs, .. } => format!("add `{needs}`"),
            Self::Contradiction(_) => "remove one of the two".into(),
            Self::UnknownRule { meant: Some(meant) } => format!("did you mean `{meant}`?"),
            Self::UnknownRule { meant: None } => {
                "`keysweep rules list` prints the rules that there are".into()
            }
            Self::Duplicate { .. } => "merge the two, or remove one".into(),
            Self::KeyForName => {
                "write the key's name, as `az functionapp keys list` shows it, and rotate the key: it has been in a file".into()
            }
            Self::Loosened { allowed, .. } => format!("{allowed}; or ask its owners to change it"),
            Self::Extends(_) => {
                "write a path from this file to another, as in `extends = \"../organisation/keysweep.toml\"`".into()
            }
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Missing { field, .. } => format!("no `{field}` here"),
            Self::Loosened { .. } => "looser than the lock".into(),
            Self::UnknownField { .. } | Self::UnknownWord { .. } | Self::UnknownRule { .. } => {
                "not known".into()
            }
            Self::Duplicate { .. } => "again here".into(),
            _ => "here".into(),
        }
    }
}

/// Why a field has to be there.
fn purpose(field: &str) -> &'static str {
    match field {
        "reason" => "a reviewer has to see why this may be so",
        "owner" => "somebody has to answer for it",
        "until" => "it ends on that day, and is looked at again",
        "rule" => "the id of the rule that it is about, as in `KS1003`",
        "keywords" => "the expression is tried only near one of them",
        "pattern" => "a regular expression with a group `secret`",
        "path" => "a glob over the paths of files",
        "description" => "a sentence that says what it finds",
        _ => "everything else refers to it",
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.problem.fmt(f)
    }
}

impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyError")
            .field("problem", &self.0.problem)
            .field(
                "span",
                &self
                    .0
                    .site
                    .as_ref()
                    .map(|(source, span)| (source.name(), span)),
            )
            .finish()
    }
}

impl std::error::Error for PolicyError {}

impl Diagnostic for PolicyError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.0.problem.help()))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let (source, _) = self.0.site.as_ref()?;
        Some(source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.0.site.as_ref()?;
        let label = LabeledSpan::new_primary_with_span(
            Some(self.0.problem.label()),
            (span.start, span.len()),
        );
        Some(Box::new(std::iter::once(label)))
    }
}
