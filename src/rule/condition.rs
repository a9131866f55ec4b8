//! Conditions: CEL, checked before it is run.
//!
//! The `cel` crate evaluates and does not check: a misspelt field inside
//! `has()` or a macro is silently false, and so is a comparison with a word
//! that a fact never has. A rule that can never fire looks exactly like a clean
//! repository, so [`check()`] refuses whatever could be silently false: every
//! path, type, word and function is held against the schema of the fact.
//!
//! The language is a part of CEL, described for authors in `docs/own-rules.md`:
//!
//! - `&& || ! == != < <= > >= in + - *`, brackets, lists of constants;
//! - `size`, `startsWith`, `endsWith`, `contains`, `matches`, and the macros
//!   `has`, `all`, `exists`, `exists_one`, `filter`, `map`, two deep;
//! - a field that may be absent equals nothing but `null`. Anything else needs
//!   `has(…)` (or a comparison that proves it present) before it: absence is
//!   decided by the author, never by an evaluation error.

mod calls;
mod check;
mod operators;
mod presence;
mod program;
mod token;

pub(crate) use check::check;
pub(crate) use program::{Condition, Scope};

use std::ops::Range;
use thiserror::Error;

/// What is wrong with a condition, and where in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub(crate) struct ConditionError {
    /// The culprit, in bytes of the condition.
    pub(crate) span: Range<usize>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to write under the caret.
    pub(crate) label: String,
    /// What to do.
    pub(crate) help: String,
}

impl ConditionError {
    pub(super) fn new(
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            span,
            message: message.into(),
            label: label.into(),
            help: help.into(),
        }
    }
}

#[cfg(test)]
mod tests;
