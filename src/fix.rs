//! Changes of a document that mend a finding, where one is certain.

use std::ops::Range;

use crate::location::Position;

/// A change that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a sentence.
    pub description: String,
    /// The bytes of the decoded document when it was read: a document of
    /// another length has changed since.
    pub length: usize,
    /// The edits, in order.
    pub edits: Vec<Edit>,
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that it replaces; none for an insertion.
    pub span: Range<usize>,
    /// Where they begin.
    pub start: Position,
    /// Where they end.
    pub end: Position,
    /// What stands there then; no text of the document.
    pub text: String,
}

/// A document with fixes applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// All of it.
    pub text: String,
    /// Fixes that were applied.
    pub applied: usize,
    /// Fixes that touch what another one has changed: a further run has them.
    pub conflicting: usize,
}

/// Applies fixes to a document: all edits of one, or none. What two fixes want
/// alike is done once.
#[must_use]
pub fn apply(text: &str, fixes: &[&Fix]) -> Fixed {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut applied = 0;
    let mut conflicting = 0;
    for fix in fixes {
        let fits = fix.length == text.len()
            && fix.edits.iter().all(|edit| {
                edit.span.start <= edit.span.end
                    && text.is_char_boundary(edit.span.start)
                    && text.is_char_boundary(edit.span.end)
            });
        let new: Vec<&Edit> = fix
            .edits
            .iter()
            .filter(|edit| !taken.contains(edit))
            .collect();
        if !fits
            || new
                .iter()
                .any(|edit| taken.iter().any(|other| touch(edit, other)))
        {
            conflicting += 1;
            continue;
        }
        taken.extend(new);
        applied += 1;
    }
    taken.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in taken {
        out.push_str(&text[done..edit.span.start]);
        out.push_str(&edit.text);
        done = edit.span.end;
    }
    out.push_str(&text[done..]);
    Fixed {
        text: out,
        applied,
        conflicting,
    }
}

/// Whether two edits change the same text, or stand at the same place.
fn touch(a: &Edit, b: &Edit) -> bool {
    let same_place = a.span.start == b.span.start;
    same_place || a.span.start < b.span.end && b.span.start < a.span.end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(length: usize, edits: &[(Range<usize>, &str)]) -> Fix {
        let edit = |(span, text): &(Range<usize>, &str)| Edit {
            span: span.clone(),
            start: Position::default(),
            end: Position::default(),
            text: (*text).to_owned(),
        };
        Fix {
            description: String::new(),
            length,
            edits: edits.iter().map(edit).collect(),
        }
    }

    #[test]
    fn applies_all_edits_of_a_fix_or_none() {
        let text = "one two three";
        let first = fix(13, &[(8..13, "3"), (0..3, "1")]);
        let same = fix(13, &[(0..3, "1")]);
        let overlaps = fix(13, &[(4..7, "2"), (2..5, "x")]);
        let inserts = fix(13, &[(7..7, "!")]);
        let stale = fix(12, &[(4..7, "2")]);
        let fixed = apply(text, &[&first, &same, &overlaps, &inserts, &stale]);
        assert_eq!(fixed.text, "1 two! 3");
        assert_eq!((fixed.applied, fixed.conflicting), (3, 2));
    }

    #[test]
    fn two_insertions_at_one_place_are_a_conflict() {
        let (a, b) = (fix(1, &[(0..0, "a")]), fix(1, &[(0..0, "b")]));
        assert_eq!(apply("x", &[&a, &b]).text, "ax");
    }
}
