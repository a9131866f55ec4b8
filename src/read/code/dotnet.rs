//! C# and F#: `[HttpTrigger(AuthorizationLevel.Function, "get")]`.

use super::token::{Language, Source};
use super::trigger::{Said, Trigger, annotated_name, named, said, says_level};
use super::{Constant, Reading};
use crate::fact::{AuthLevel, Model, Stated};

pub(super) fn read(text: &str, language: Language, reading: &mut Reading) {
    let source = Source::new(text, language);
    for at in 0..source.tokens.len() {
        match source.word(at) {
            Some("HttpTrigger" | "HttpTriggerAttribute") if is_attribute(&source, at) => {
                reading.triggers.push(trigger(&source, at));
            }
            Some("AuthorizationLevel") => reading.constants.extend(constant(&source, at)),
            _ => {}
        }
    }
    super::url::read(&source, reading);
}

/// Whether the name is that of an attribute, qualified or not.
fn is_attribute(source: &Source<'_>, at: usize) -> bool {
    let mut first = at;
    while first >= 2 && source.is_punct(first - 1, b'.') && source.word(first - 2).is_some() {
        first -= 2;
    }
    let Some(before) = first.checked_sub(1) else {
        return false;
    };
    // `[A, HttpTrigger]`, `[param: HttpTrigger]`, `[<HttpTrigger>]`.
    let opens = source.is_punct(before, b'[')
        || source.is_punct(before, b',')
        || source.is_punct(before, b':')
        || source.is_punct(before, b'<') && before > 0 && source.is_punct(before - 1, b'[');
    let closes = source.is_punct(at + 1, b'(')
        || source.is_punct(at + 1, b']')
        || source.is_punct(at + 1, b',')
        || source.is_punct(at + 1, b'>') && source.is_punct(at + 2, b']');
    opens && closes
}

fn trigger(source: &Source<'_>, at: usize) -> Trigger {
    let arguments = match source.is_punct(at + 1, b'(') {
        true => source.arguments(at + 1),
        false => Vec::new(),
    };
    let level = arguments
        .iter()
        .enumerate()
        .find_map(|(position, argument)| {
            for sign in [b'=', b':'] {
                if let Some((name, value)) = named(source, argument, sign) {
                    let is_level = name.eq_ignore_ascii_case("authLevel");
                    return is_level.then_some(value);
                }
            }
            (position == 0 && source.literal(argument.start).is_none()
                || says_level(source, argument) && argument.len() > 1)
                .then(|| argument.clone())
        });
    let function = annotated_name(source, at, &["Function", "FunctionName"]);
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
        model: Model::Dotnet,
        function,
        level,
        stated,
        span,
    }
}

/// `const AuthorizationLevel Name = AuthorizationLevel.Anonymous;`
fn constant(source: &Source<'_>, at: usize) -> Option<Constant> {
    let is_const = at > 0 && source.is_word(at - 1, "const");
    let name = source.word(at + 1)?;
    if !is_const || !source.is_punct(at + 2, b'=') {
        return None;
    }
    let end = (at + 3..source.tokens.len())
        .take(16)
        .find(|at| source.is_punct(*at, b';'))?;
    Some(Constant {
        name: name.to_owned(),
        level: said(source, at + 3..end),
    })
}
