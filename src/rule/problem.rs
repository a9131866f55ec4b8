//! What is wrong with a rule, where, and what to do: the carets of
//! `--rules DIR` and of `keysweep rules check`.

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use thiserror::Error;

use crate::excerpt::mask;

/// Bytes of a line that are shown past the culprit.
const MAX_TAIL: usize = 200;

/// The text of a rule's file, and what to call it.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<str>,
}

/// What may be shown of a rule's text around a span: no key that somebody
/// pasted into an example, and no line without end. Places before the end of
/// the span stay where they are.
fn shown(text: &str, span: &Range<usize>) -> String {
    let line = text.get(span.end..).unwrap_or_default();
    let line = line.lines().next().unwrap_or_default();
    if line.len() <= MAX_TAIL {
        return mask(text);
    }
    let end = text.floor_char_boundary(span.end + MAX_TAIL);
    mask(&text[..end]) + "…"
}

/// Something wrong with a rule.
#[derive(Clone, Debug, Error)]
#[error("{message}")]
pub struct Problem {
    message: String,
    help: Option<String>,
    label: Option<(Range<usize>, String)>,
    document: Option<Arc<NamedSource<Arc<str>>>>,
}

impl Problem {
    /// A problem of a whole file, or of none.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: mask(&message.into()),
            help: None,
            label: None,
            document: None,
        }
    }

    /// With what to do.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(mask(&help.into()));
        self
    }

    /// With its place.
    #[must_use]
    pub(crate) fn at(
        mut self,
        origin: &Origin,
        span: Range<usize>,
        label: impl Into<String>,
    ) -> Self {
        let text = Arc::from(shown(&origin.text, &span));
        let source = NamedSource::new(&*origin.name, text);
        self.document = Some(Arc::new(source.with_language("TOML")));
        self.label = Some((span, mask(&label.into())));
        self
    }

    /// The culprit, in the file that has it.
    #[must_use]
    pub fn span(&self) -> Option<Range<usize>> {
        self.label.as_ref().map(|(span, _)| span.clone())
    }

    /// The culprit's text.
    #[must_use]
    pub fn culprit(&self) -> Option<&str> {
        self.document.as_ref()?.inner().get(self.span()?)
    }

    /// What to do.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as _)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.document.as_deref().map(|source| source as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (span, label) = self.label.as_ref()?;
        let label = LabeledSpan::new_with_span(Some(label.clone()), span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

/// Rules that cannot be used, with everything that is wrong with them.
#[derive(Clone, Debug, Error)]
#[error("{}", if self.problems.len() == 1 {
    "a rule cannot be used".to_owned()
} else {
    format!("{} problems in the rules", self.problems.len())
})]
pub struct LoadError {
    /// In the order of the files.
    pub problems: Vec<Problem>,
}

impl From<Problem> for LoadError {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

impl Diagnostic for LoadError {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems.iter().map(|problem| problem as _)))
    }
}
