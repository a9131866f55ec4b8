//! Python v2: `@app.route(route="name", auth_level=func.AuthLevel.FUNCTION)`.

use std::ops::Range;

use super::token::{Language, Source};
use super::trigger::{Said, Trigger, named, said, says_level};
use super::{Constant, Reading};
use crate::fact::{AuthLevel, Model, Stated};

/// Classes whose instances register functions.
const APPS: &[&str] = &["FunctionApp", "DFApp", "McpApp"];

/// Classes that make one function of a whole web application.
const WRAPPERS: &[&str] = &["AsgiFunctionApp", "WsgiFunctionApp"];

pub(super) fn read(text: &str, reading: &mut Reading) {
    let source = Source::new(text, Language::Python);
    let is_functions = text.contains("azure.functions") || text.contains("azure.durable_functions");
    let foreign = foreign(&source);
    for at in 0..source.tokens.len() {
        let Some(word) = source.word(at) else {
            continue;
        };
        let called = source.is_punct(at + 1, b'(');
        if called && APPS.contains(&word) && !source.is_word(at.wrapping_sub(1), "class") {
            let level = level(&source, at + 1);
            reading.app_level = Some(level.map_or(Said::Level(AuthLevel::Function), |value| {
                resolved(&source, value)
            }));
        } else if called && is_functions && WRAPPERS.contains(&word) {
            reading.triggers.push(wrapper(&source, at));
        } else if called && is_functions && matches!(word, "route" | "generic_trigger") {
            reading.triggers.extend(route(&source, at, &foreign));
        } else if source.is_punct(at + 1, b'=') && line_begins(&source, at) {
            reading.constants.extend(constant(&source, at));
        }
    }
    super::url::read(&source, reading);
}

/// The names whose `route` is that of a web framework: `app = Flask(…)`.
fn foreign<'t>(source: &Source<'t>) -> Vec<&'t str> {
    let mut names = Vec::new();
    for at in 0..source.tokens.len() {
        let is_call = source.is_punct(at + 1, b'(');
        let framework = match source.word(at) {
            Some("Flask" | "FastAPI" | "Quart" | "Sanic" | "Bottle" | "APIRouter" | "Chalice") => {
                true
            }
            // Flask's blueprints have a name and a module, those of Functions none.
            Some("Blueprint") => !source.is_punct(at + 2, b')'),
            _ => false,
        };
        if !is_call || !framework {
            continue;
        }
        let mut sign = at;
        while sign >= 2 && source.is_punct(sign - 1, b'.') {
            sign -= 2;
        }
        if sign >= 2 && source.is_punct(sign - 1, b'=') {
            names.extend(source.word(sign - 2));
        }
    }
    names
}

/// A decorator that makes the function below it an HTTP trigger.
fn route(source: &Source<'_>, at: usize, foreign: &[&str]) -> Option<Trigger> {
    let receiver = source.word(at.checked_sub(2)?)?;
    let mut first = at - 2;
    while first >= 2 && source.is_punct(first - 1, b'.') {
        first -= 2;
    }
    let decorates = first >= 1 && source.is_punct(first - 1, b'@');
    if !decorates || !source.is_punct(at - 1, b'.') || foreign.contains(&receiver) {
        return None;
    }
    let arguments = source.arguments(at + 1);
    let keyword = |wanted: &str| {
        arguments.iter().find_map(|argument| {
            let (name, value) = named(source, argument, b'=')?;
            (name == wanted).then_some(value)
        })
    };
    if source.is_word(at, "generic_trigger") {
        let kind = keyword("type").and_then(|value| source.literal(value.start));
        if !kind?.eq_ignore_ascii_case("httpTrigger") {
            return None;
        }
    }
    let level = level(source, at + 1).or_else(|| keyword("authLevel"));
    let function = function_name(source, at + 1);
    let model = Model::Python;
    Some(match level {
        Some(value) => Trigger {
            model,
            function,
            level: resolved(source, value.clone()),
            stated: Stated::Trigger,
            span: source.span(&value),
        },
        None => Trigger {
            model,
            function,
            level: match source.word(at) {
                Some("generic_trigger") => Said::Level(AuthLevel::Function),
                _ => Said::App,
            },
            stated: match source.word(at) {
                Some("generic_trigger") => Stated::Default,
                _ => Stated::App,
            },
            span: source.span(&(first..at + 1)),
        },
    })
}

/// A web application as one function.
fn wrapper(source: &Source<'_>, at: usize) -> Trigger {
    let level = level(source, at + 1);
    let (level, stated, span) = match level {
        Some(value) => (
            resolved(source, value.clone()),
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
        model: Model::Python,
        function: None,
        level,
        stated,
        span,
    }
}

/// The argument that says the level, by its name or by what it is.
fn level(source: &Source<'_>, open: usize) -> Option<Range<usize>> {
    source
        .arguments(open)
        .iter()
        .find_map(|argument| match named(source, argument, b'=') {
            Some((name, value)) => {
                matches!(name.as_str(), "auth_level" | "http_auth_level").then_some(value)
            }
            None => {
                let is_level = argument.clone().any(|at| source.is_word(at, "AuthLevel"));
                (is_level && says_level(source, argument)).then(|| argument.clone())
            }
        })
}

/// The level that an expression says, through the constants of the file.
fn resolved(source: &Source<'_>, value: Range<usize>) -> Said {
    match said(source, value) {
        Said::Level(level) => Said::Level(level),
        // `None` is as if nothing were said.
        Said::Named(name) if name == "None" => Said::App,
        Said::Named(name) => {
            let mut assigned = source
                .words(&name)
                .filter(|at| source.is_punct(at + 1, b'=') && line_begins(source, *at));
            let found = (assigned.next(), assigned.next());
            drop(assigned);
            match found {
                (Some(at), None) => said(source, at + 2..line_end(source, at + 2)),
                (None, _) => Said::Named(name),
                _ => Said::Level(AuthLevel::Unknown),
            }
        }
        Said::App => Said::App,
    }
}

/// `LEVEL = func.AuthLevel.ANONYMOUS`
fn constant(source: &Source<'_>, at: usize) -> Option<Constant> {
    let value = at + 2..line_end(source, at + 2);
    let names_it = value.clone().any(|at| source.is_word(at, "AuthLevel"));
    let level = said(source, value);
    names_it.then(|| Constant {
        name: source.word(at).unwrap_or_default().to_owned(),
        level,
    })
}

/// The name of the function that a decorator stands above: `function_name`, else
/// that of its definition.
fn function_name(source: &Source<'_>, open: usize) -> Option<String> {
    /// Tokens of decorators.
    const REACH: usize = 400;
    let end = source.tokens.len().min(open + REACH);
    let def = (open..end).find(|at| source.is_word(*at, "def"))?;
    let before = open.saturating_sub(60);
    let named = (before..def)
        .rev()
        .find(|at| source.is_word(*at, "function_name") && source.is_punct(at + 1, b'('));
    let previous = (before..open).rev().find(|at| source.is_word(*at, "def"));
    if let Some(at) = named
        && previous.is_none_or(|previous| at > previous)
    {
        let close = source.close_of(at + 1)?;
        if let Some(name) = (at + 2..close).find_map(|at| source.literal(at)) {
            return Some(name.to_owned());
        }
    }
    source.word(def + 1).map(str::to_owned)
}

/// Whether a token is the first of its line.
fn line_begins(source: &Source<'_>, at: usize) -> bool {
    let before = match at.checked_sub(1) {
        Some(before) => source.tokens[before].span.end,
        None => return true,
    };
    source.text[before..source.tokens[at].span.start].contains('\n')
}

/// The first token of the next line.
fn line_end(source: &Source<'_>, from: usize) -> usize {
    let end = source.tokens.len().min(from + 64);
    (from + 1..end)
        .find(|at| line_begins(source, *at))
        .unwrap_or(end)
}
