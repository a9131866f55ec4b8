//! Ignores in comments: `keysweep: ignore[KS1003] reason`.
//!
//! There are too many comment syntaxes to know. The marker counts wherever it
//! stands, save in backticks, where prose talks about it; what matters is where
//! the reason ends. It reaches a report, and the rest of the line may hold the
//! very key: it ends with the comment, or with the string that it stands in.

use memchr::memmem;
use std::ops::Range;

use crate::excerpt::{is_deceptive, mask};
use crate::gap::IgnoreProblem;
use crate::location::FilePlace;

/// How an ignore starts. A document without these texts holds none.
pub const MARKERS: [&str; 2] = ["keysweep: ignore", "keysweep:ignore"];

/// How much of a line is looked at on either side of a marker.
const REACH: usize = 512;

/// Characters of a reason that reports show.
const MAX_REASON: usize = 200;

/// An ignore, or an attempt at one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineIgnore {
    /// From the marker to the end of the reason.
    pub place: FilePlace,
    /// What it says; an attempt hides nothing.
    pub says: Result<Directive, IgnoreProblem>,
}

/// What an ignore says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The rules that it names, sorted.
    pub rules: Vec<String>,
    /// The reason, masked.
    pub reason: String,
}

/// The ignore whose marker stands at `at`: its span in the text, and what it
/// says.
#[must_use]
pub fn ignore_at(
    text: &[u8],
    at: usize,
) -> Option<(Range<usize>, Result<Directive, IgnoreProblem>)> {
    let before = line_before(text, at);
    let after = line_after(text, at);
    let marker = MARKERS
        .iter()
        .find(|marker| after.starts_with(marker.as_bytes()))?;
    match before.last() {
        Some(b'`' | b'_') => return None,
        Some(byte) if byte.is_ascii_alphanumeric() => return None,
        _ => {}
    }
    let rest = &after[marker.len()..];
    let from = |len: usize| at..at + marker.len() + len;
    let Some(list) = rest.strip_prefix(b"[") else {
        let word = rest.first().is_some_and(u8::is_ascii_alphanumeric);
        let attempt = !word && opens_comment(before);
        return attempt.then(|| (from(0), Err(IgnoreProblem::NoRules)));
    };
    let Some(close) = memchr::memchr(b']', list) else {
        return Some((from(1), Err(IgnoreProblem::NotClosed)));
    };
    let rules = match rules(&list[..close]) {
        Ok(rules) => rules,
        Err(problem) => return Some((from(close + 2), Err(problem))),
    };
    let tail = &list[close + 1..];
    let tail = &tail[..reason_len(before, tail)];
    let reason = reason(tail);
    let span = from(close + 2 + tail.trim_ascii_end().len());
    if !reason.contains(char::is_alphanumeric) {
        return Some((span, Err(IgnoreProblem::NoReason)));
    }
    Some((span, Ok(Directive { rules, reason })))
}

fn line_before(text: &[u8], at: usize) -> &[u8] {
    let before = &text[at.saturating_sub(REACH)..at];
    memchr::memrchr(b'\n', before).map_or(before, |end| &before[end + 1..])
}

fn line_after(text: &[u8], at: usize) -> &[u8] {
    let after = &text[at..text.len().min(at + REACH)];
    memchr::memchr2(b'\n', b'\r', after).map_or(after, |end| &after[..end])
}

/// Whether what stands before could open a comment.
fn opens_comment(before: &[u8]) -> bool {
    let opening = before.trim_ascii_end().last();
    opening.is_some_and(|byte| b"#/*-;%!'".contains(byte))
}

fn rules(list: &[u8]) -> Result<Vec<String>, IgnoreProblem> {
    let mut rules = Vec::new();
    for rule in list.split(|byte| *byte == b',') {
        let rule = rule.trim_ascii();
        let fits = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        match rule {
            [] if list.trim_ascii().is_empty() => return Err(IgnoreProblem::NoRules),
            [first, ..]
                if first.is_ascii_alphabetic() && rule.len() > 3 && rule.iter().all(fits) =>
            {
                rules.push(String::from_utf8_lossy(rule).into_owned());
            }
            _ => return Err(IgnoreProblem::NotARule),
        }
    }
    rules.sort_unstable();
    rules.dedup();
    Ok(rules)
}

/// Ends of comments that are nothing else.
const CLOSERS: [&str; 8] = ["*/", "-->", "#}", "%>", "*@", "#>", "\"\"\"", "'''"];

/// Ends of comments that a reason could hold, with what opens the comment.
const PAIRS: [(&str, &str); 4] = [("{{", "}}"), ("--[", "]]"), ("(*", "*)"), ("{-", "-}")];

/// How much of what follows the rules belongs to the comment.
fn reason_len(before: &[u8], tail: &[u8]) -> usize {
    let paired = PAIRS
        .iter()
        .filter(|(opener, _)| memmem::find(before, opener.as_bytes()).is_some())
        .map(|(_, closer)| *closer);
    let comment = CLOSERS
        .into_iter()
        .chain(paired)
        .filter_map(|closer| memmem::find(tail, closer.as_bytes()))
        .min();
    let string = open_string(before).map(|quote| string_len(tail, quote));
    comment
        .into_iter()
        .chain(string)
        .min()
        .unwrap_or(tail.len())
}

/// The quote of the string that is open at the end of the text.
fn open_string(text: &[u8]) -> Option<u8> {
    let mut open = None;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' | b'\'' | b'`' if !is_apostrophe(text, at) => match open {
                None => open = Some(byte),
                Some(quote) if quote == byte => open = None,
                Some(_) => {}
            },
            _ => {}
        }
        at += 1;
    }
    open
}

/// What is left of a string: to its quote, or to the line break inside it.
fn string_len(text: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' if matches!(text.get(at + 1), Some(b'n' | b'r')) => return at,
            b'\\' => at += 1,
            _ if byte == quote && !is_apostrophe(text, at) => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

fn is_apostrophe(text: &[u8], at: usize) -> bool {
    let letter = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(u8::is_ascii_alphabetic)
    };
    text[at] == b'\'' && letter(at.checked_sub(1)) && letter(Some(at + 1))
}

/// The reason as reports show it.
fn reason(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let text = text
        .trim_start_matches(|c: char| c.is_whitespace() || ":-–—".contains(c))
        .trim_end();
    mask(text)
        .chars()
        .filter(|c| !is_deceptive(*c))
        .take(MAX_REASON)
        .collect()
}

#[cfg(test)]
pub(super) mod tests;
