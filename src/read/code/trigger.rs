//! HTTP triggers as the programming models declare them.

use std::ops::Range;

use super::token::Source;
use crate::fact::{AuthLevel, Model, Stated};

/// A trigger, as one document tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trigger {
    pub(crate) model: Model,
    pub(crate) function: Option<String>,
    pub(crate) level: Said,
    pub(crate) stated: Stated,
    /// The level, or the trigger where it names none.
    pub(crate) span: Range<usize>,
}

/// What is said of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Level(AuthLevel),
    /// A constant, by its name.
    Named(String),
    /// What the app says for all of its triggers.
    App,
}

/// The level that an expression of code says, if it is a plain one.
pub(super) fn said(source: &Source<'_>, tokens: Range<usize>) -> Said {
    let first = tokens.start;
    if tokens.len() == 1
        && let Some(literal) = source.literal(first)
    {
        return Said::Level(AuthLevel::of(literal).unwrap_or(AuthLevel::Unknown));
    }
    let dotted = tokens.len() % 2 == 1
        && tokens.clone().all(|at| match (at - first) % 2 {
            0 => source.word(at).is_some(),
            _ => source.is_punct(at, b'.'),
        });
    match (dotted, source.word(tokens.end.wrapping_sub(1))) {
        (true, Some(last)) => match AuthLevel::of(last) {
            Some(level) => Said::Level(level),
            None => Said::Named(last.to_owned()),
        },
        _ => Said::Level(AuthLevel::Unknown),
    }
}

/// Whether the tokens are an expression that says a level or names a constant.
pub(super) fn says_level(source: &Source<'_>, tokens: &Range<usize>) -> bool {
    match said(source, tokens.clone()) {
        Said::Level(AuthLevel::Unknown) => false,
        Said::Level(_) => source.word(tokens.start).is_some(),
        Said::Named(_) => true,
        Said::App => false,
    }
}

/// An argument `name = value` or `name: value`: the name, and its value.
pub(super) fn named(
    source: &Source<'_>,
    argument: &Range<usize>,
    sign: u8,
) -> Option<(String, Range<usize>)> {
    let name = source.word(argument.start)?;
    let value = argument.start + 2..argument.end;
    let is_one = source.is_punct(argument.start + 1, sign)
        && !value.is_empty()
        && !source.is_punct(value.start, sign);
    is_one.then(|| (name.to_owned(), value))
}

/// The name in the nearest annotation before a token: `[Function("name")]`.
pub(super) fn annotated_name(
    source: &Source<'_>,
    before: usize,
    annotations: &[&str],
) -> Option<String> {
    /// Tokens between the annotation and the trigger.
    const REACH: usize = 400;
    let from = before.saturating_sub(REACH);
    let is_one = |at: &usize| {
        source
            .word(*at)
            .is_some_and(|word| annotations.contains(&word))
            && source.is_punct(at + 1, b'(')
    };
    let found = (from..before).rev().find(is_one)?;
    let open = found + 1;
    match source.literal(open + 1) {
        Some(name) => Some(name.to_owned()),
        // nameof(Name)
        None => {
            let close = source.close_of(open)?;
            (open..close)
                .rev()
                .find_map(|at| source.word(at))
                .map(str::to_owned)
        }
    }
}
