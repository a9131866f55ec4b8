//! Scalars of a pipeline, and the expressions in them.

use std::ops::Range;
use std::sync::Arc;

use super::super::structured::Source;
use super::machine::{FILLER, HOLE, Script};
use super::value::{Place, Value, clean};
use crate::syntax::yaml::{self, Origin, Style};

/// A scalar with its place.
pub(super) struct Text<'y> {
    pub value: &'y str,
    pub origin: Origin,
    pub source: Arc<Source>,
    style: Option<Style>,
}

impl<'y> Text<'y> {
    pub(super) fn of(value: yaml::Value<'y>, source: &Arc<Source>) -> Option<Self> {
        Some(Self {
            value: value.text()?,
            origin: value.origin(&source.text)?,
            source: Arc::clone(source),
            style: value.style(),
        })
    }

    pub(super) fn place(&self, part: Range<usize>) -> Place {
        Place {
            source: Arc::clone(&self.source),
            span: self.origin.span(part),
        }
    }

    pub(super) fn whole(&self) -> Place {
        self.place(0..self.value.len())
    }

    /// The text with its expressions evaluated.
    pub(super) fn filled(
        &self,
        find: impl Fn(&str) -> Vec<Range<usize>>,
        mut evaluate: impl FnMut(&str, &Place) -> Value,
    ) -> Value {
        let mut out = Value::new();
        let mut at = 0;
        for span in find(self.value) {
            out += &clean(&self.value[at..span.start]);
            out += &evaluate(&clean(&self.value[span.clone()]), &self.place(span.clone()));
            at = span.end;
        }
        out + &clean(&self.value[at..])
    }

    /// The text as a script: each expression with a placeholder of its length.
    pub(super) fn script(
        &self,
        find: impl Fn(&str) -> Vec<Range<usize>>,
        mut evaluate: impl FnMut(&str, &Place) -> Value,
    ) -> Script {
        let mut text = String::with_capacity(self.value.len());
        let mut holes = Vec::new();
        let mut at = 0;
        for span in find(self.value) {
            let mark = u32::try_from(holes.len())
                .ok()
                .and_then(|n| char::from_u32(HOLE + n));
            let Some(mark) = mark.filter(|mark| *mark <= '\u{f8ff}' && span.len() >= 3) else {
                break;
            };
            text += &neutral(&self.value[at..span.start]);
            text.push(mark);
            text.extend(std::iter::repeat_n(FILLER, span.len() - 3));
            holes.push(evaluate(
                &clean(&self.value[span.clone()]),
                &self.place(span.clone()),
            ));
            at = span.end;
        }
        text += &neutral(&self.value[at..]);
        Script {
            source: Arc::clone(&self.source),
            origin: self.origin.clone(),
            text,
            holes: Arc::new(holes),
            style: self.style,
        }
    }
}

/// Text without the characters that mean something here, and of equal length.
fn neutral(text: &str) -> String {
    if clean(text).len() == text.len() {
        return text.to_owned();
    }
    text.chars()
        .map(|c| match clean(c.encode_utf8(&mut [0; 4])).is_empty() {
            true => "_".repeat(c.len_utf8()),
            false => c.to_string(),
        })
        .collect()
}

/// Where `${{ … }}` stands.
pub(super) fn expressions(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("${{").map(|found| at + found) {
        let Some(close) = text[open..].find("}}").map(|found| open + found + 2) else {
            break;
        };
        spans.push(open..close);
        at = close;
    }
    spans
}

/// What stands in `${{ … }}`.
pub(super) fn inside(expression: &str) -> &str {
    let inner = expression.strip_prefix("${{").unwrap_or(expression);
    inner.strip_suffix("}}").unwrap_or(inner).trim()
}
