//! Objects that become the query of a URL: told by what takes them.

use std::ops::Range;

use super::{GETS, OTHER_METHOD, QUERY, REACH, USES, VALUE, assigned_name, enclosing};
use crate::read::code::token::Source;

/// Whether the object with the entry that begins here has a name that is sent as
/// a query: `var q = new Dictionary<…> { ["code"] = key }`, `q["code"] = key`.
pub(super) fn is_sent_by_name(source: &Source<'_>, entry: usize) -> bool {
    let before = |n: usize| entry.checked_sub(n).and_then(|at| source.word(at));
    // `q.Add("code", key)`
    let is_method = entry > 2 && source.is_punct(entry - 3, b'.');
    let of_name = before(1).or_else(|| before(4).filter(|_| is_method));
    let name = of_name.or_else(|| {
        let open = enclosing(source, entry).filter(|open| source.is_punct(*open, b'{'))?;
        let from = open.saturating_sub(VALUE);
        let sign = (from..open).rev().find(|at| {
            source.is_punct(*at, b'=') || source.is_punct(*at, b';') || source.is_punct(*at, b'}')
        })?;
        assigned_name(source, sign + 1)
    });
    name.is_some_and(|name| is_query(source, name))
}

/// Whether something of this name is given to what makes a query of it.
pub(super) fn is_query(source: &Source<'_>, name: &str) -> bool {
    source.words(name).take(USES).any(|at| {
        is_body(source, at)
            || is_encoded(source, at)
            || is_named_argument(source, at)
            || function_around(source, at).is_some_and(|function| QUERY.is_match(function))
    })
}

/// The function that a value is an argument of.
fn function_around<'t>(source: &Source<'t>, at: usize) -> Option<&'t str> {
    let open = enclosing(source, at).filter(|open| source.is_punct(*open, b'('))?;
    source.word(open.checked_sub(1)?)
}

/// `q.Encode()` of Go
fn is_encoded(source: &Source<'_>, at: usize) -> bool {
    source.is_punct(at + 1, b'.') && source.is_word(at + 2, "Encode")
}

/// `params=q`, `{ params: q }`
fn is_named_argument(source: &Source<'_>, at: usize) -> bool {
    let Some(name) = at.checked_sub(2) else {
        return false;
    };
    let follows = source.is_punct(name + 1, b'=') || source.is_punct(name + 1, b':');
    follows && matches!(source.word(name), Some("params" | "searchParams"))
}

/// Whether a value is the body of a `GET` of PowerShell, which is its query:
/// `Invoke-RestMethod -Uri $uri -Body …`.
pub(super) fn is_body(source: &Source<'_>, at: usize) -> bool {
    let names_it = at
        .checked_sub(1)
        .and_then(|name| source.word(name))
        .is_some_and(|name| name.eq_ignore_ascii_case("body"));
    if !names_it {
        return false;
    }
    let last = source.close_of(at + 1).unwrap_or(at);
    let command = command(source, at..last + 1);
    GETS.is_match(command) && !OTHER_METHOD.is_match(command)
}

/// The lines around a part of a command of PowerShell: a backtick joins them.
fn command<'t>(source: &Source<'t>, part: Range<usize>) -> &'t str {
    let tokens = part.start.saturating_sub(REACH)..source.tokens.len().min(part.end + REACH);
    let (around, part) = (source.span(&tokens), source.span(&part));
    let text = &source.text[around.clone()];
    let part = part.start - around.start..part.end - around.start;
    let goes_on = |end: usize| text[..end].trim_end_matches('\r').ends_with('`');
    let mut before = text[..part.start].rmatch_indices('\n').map(|(at, _)| at);
    let mut after = text[part.end..]
        .match_indices('\n')
        .map(|(at, _)| part.end + at);
    let start = before.find(|end| !goes_on(*end)).map_or(0, |end| end + 1);
    let end = after.find(|end| !goes_on(*end)).unwrap_or(text.len());
    &text[start..end]
}
