//! Java and Kotlin: `@HttpTrigger(name = "request", authLevel = …)`.

use super::token::{Language, Source};
use super::trigger::{Said, Trigger, annotated_name, named, said};
use super::{Constant, Reading};
use crate::fact::{AuthLevel, Model, Stated};

pub(super) fn read(text: &str, reading: &mut Reading) {
    let source = Source::new(text, Language::Java);
    for at in 0..source.tokens.len() {
        match source.word(at) {
            Some("HttpTrigger") if is_annotation(&source, at) => {
                reading.triggers.push(trigger(&source, at));
            }
            Some("AuthorizationLevel") => reading.constants.extend(constant(&source, at)),
            _ => {}
        }
    }
    super::url::read(&source, reading);
}

/// Whether the name is that of an annotation, qualified or not; `@field:` is
/// Kotlin's.
fn is_annotation(source: &Source<'_>, at: usize) -> bool {
    let mut first = at;
    while first >= 2 && (source.is_punct(first - 1, b'.') || source.is_punct(first - 1, b':')) {
        first -= 2;
    }
    first > 0 && source.is_punct(first - 1, b'@')
}

fn trigger(source: &Source<'_>, at: usize) -> Trigger {
    let arguments = match source.is_punct(at + 1, b'(') {
        true => source.arguments(at + 1),
        false => Vec::new(),
    };
    let level = arguments.iter().find_map(|argument| {
        let (name, value) = named(source, argument, b'=')?;
        (name == "authLevel").then_some(value)
    });
    let (level, stated, span) = match level {
        Some(value) => (
            said(source, value.clone()),
            Stated::Trigger,
            source.span(&value),
        ),
        None => (
            Said::Level(AuthLevel::Function),
            Stated::Default,
            source.tokens[at].span.clone(),
        ),
    };
    Trigger {
        model: Model::Java,
        function: annotated_name(source, at, &["FunctionName"]),
        level,
        stated,
        span,
    }
}

/// `final AuthorizationLevel NAME = AuthorizationLevel.ANONYMOUS;`, and
/// Kotlin's `const val NAME = AuthorizationLevel.ANONYMOUS`.
fn constant(source: &Source<'_>, at: usize) -> Option<Constant> {
    let value_of = |name: usize, value: usize| {
        let level = said(source, value..value + 3);
        let name = source.word(name)?.to_owned();
        matches!(level, Said::Level(known) if known != AuthLevel::Unknown)
            .then_some(Constant { name, level })
    };
    if source.is_punct(at + 2, b'=') {
        return value_of(at + 1, at + 3);
    }
    let declared = at >= 3 && source.is_punct(at - 1, b'=') && source.is_word(at - 3, "val");
    declared.then(|| value_of(at - 2, at))?
}
