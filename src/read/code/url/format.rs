//! URLs that are format strings: what is put in where `code` stands.

use std::ops::Range;

use super::{ANY_PLACEHOLDER, PLACEHOLDER, USES, VALUE, assigned_name, operand};
use crate::read::code::token::Source;

/// A format string that has a name, and is formatted by it: the place of that,
/// and what is put in.
pub(super) fn formatted_later(
    source: &Source<'_>,
    at: usize,
    text: &str,
    to: usize,
) -> Option<(Range<usize>, String)> {
    let name = assigned_name(source, at)?;
    let uses = source.words(name).take(USES);
    let mut values = uses.filter_map(|place| {
        let value = format_arguments(source, place, text, to)?;
        Some((source.tokens[place].span.clone(), value))
    });
    values.next()
}

/// The argument that a placeholder of a format string stands for, or all of them
/// where that is not told.
pub(super) fn format_arguments(
    source: &Source<'_>,
    at: usize,
    text: &str,
    to: usize,
) -> Option<String> {
    // `"…".format(key)`, `"…".formatted(key)`, `"…" % key`, `"…" -f $key`.
    let after = at + 1;
    let operator = source.is_punct(after, b'%')
        || source.is_punct(after, b'-') && source.is_word(after + 1, "f");
    if operator {
        let start = after + 1 + usize::from(source.is_punct(after, b'-'));
        return match source.close_of(start) {
            Some(_) => nth(source, start, text, to),
            None => Some(nth_in_row(source, start, text, to)),
        };
    }
    let method = source.is_punct(after, b'.')
        && matches!(source.word(after + 1), Some("format" | "formatted"))
        && source.is_punct(after + 2, b'(');
    if method {
        return nth(source, after + 2, text, to);
    }
    // `String.format("…", key)`
    let open = at
        .checked_sub(1)
        .filter(|open| source.is_punct(*open, b'('))?;
    let called = source.word(open.checked_sub(1)?)?.to_ascii_lowercase();
    if !called.contains("format") && !called.contains("printf") && called != "interpolate" {
        return None;
    }
    let arguments = source.arguments(open);
    let position = placeholders_before(text, to);
    let argument = arguments.get(1 + position).or_else(|| arguments.last())?;
    Some(source.text[source.span(argument)].to_owned())
}

/// The argument of the placeholder, by its name or its position.
fn nth(source: &Source<'_>, open: usize, text: &str, to: usize) -> Option<String> {
    let arguments = source.arguments(open);
    let placeholder = PLACEHOLDER.captures(&text[to..])?;
    let name = placeholder.name("name").map_or("", |name| name.as_str());
    let by_name = arguments
        .iter()
        .find(|argument| !name.is_empty() && source.is_word(argument.start, name));
    let position = name
        .parse()
        .unwrap_or_else(|_| placeholders_before(text, to));
    let argument = by_name.or_else(|| arguments.get(position))?;
    Some(source.text[source.span(argument)].to_owned())
}

fn placeholders_before(text: &str, to: usize) -> usize {
    ANY_PLACEHOLDER.find_iter(&text[..to]).count()
}

/// The same of arguments without brackets: `"{0}?code={1}" -f $base, $key`.
fn nth_in_row(source: &Source<'_>, start: usize, text: &str, to: usize) -> String {
    let placeholder = PLACEHOLDER.captures(&text[to..]);
    let name = placeholder.as_ref().and_then(|found| found.name("name"));
    let position = name.and_then(|name| name.as_str().parse().ok());
    let position = position.unwrap_or_else(|| placeholders_before(text, to));
    let ends = source.tokens.len().min(start + VALUE);
    let commas = (start..ends).filter(|at| source.is_punct(*at, b','));
    let begin = std::iter::once(start).chain(commas.map(|at| at + 1));
    operand(source, begin.take(position + 1).last().unwrap_or(start))
}
