//! JavaScript and TypeScript v4: `app.http('name', { authLevel: 'function' })`.

use std::ops::Range;

use super::Reading;
use super::token::{Kind, Language, Source};
use super::trigger::{Said, Trigger, said};
use crate::fact::{AuthLevel, Model, Stated};

const PACKAGE: &str = "@azure/functions";

/// How far names are followed to what they stand for.
const HOPS: usize = 4;

pub(super) fn read(text: &str, reading: &mut Reading) {
    let source = Source::new(text, Language::JavaScript);
    let names = Names::of(&source);
    for at in 0..source.tokens.len() {
        if let Some("http" | "get" | "post" | "put" | "patch" | "deleteRequest") = source.word(at) {
            reading.triggers.extend(trigger(&source, &names, at));
        }
    }
    super::url::read(&source, reading);
}

/// What the package's parts are called in a file.
struct Names<'t> {
    /// `app`.
    apps: Vec<&'t str>,
    /// The package as a whole: `func` of `func.app`.
    packages: Vec<&'t str>,
    /// What other packages give.
    others: Vec<&'t str>,
}

impl<'t> Names<'t> {
    fn of(source: &Source<'t>) -> Self {
        let mut names = Self {
            apps: Vec::new(),
            packages: vec!["df"],
            others: Vec::new(),
        };
        for at in 0..source.tokens.len() {
            match source.literal(at) {
                Some(PACKAGE) => names.import(source, at),
                Some(module) if is_package(module) && is_imported(source, at) => {
                    let words = clause(source, at).into_iter().flatten();
                    names.others.extend(words.filter_map(|at| source.word(at)));
                }
                _ => {}
            }
        }
        names
    }

    /// What is imported where the package's name stands.
    fn import(&mut self, source: &Source<'t>, at: usize) {
        let Some(clause) = clause(source, at) else {
            return;
        };
        // `require('…').app`
        let member = source.is_punct(at + 1, b')')
            && source.is_punct(at + 2, b'.')
            && source.is_word(at + 3, "app");
        let mut braces = false;
        for at in clause {
            let Some(word) = source.word(at) else {
                braces |= source.is_punct(at, b'{');
                continue;
            };
            let renamed = source.is_word(at + 1, "as") || source.is_punct(at + 1, b':');
            match (braces, word) {
                (true, "app") if renamed => self.apps.extend(source.word(at + 2)),
                (true, "app") => self.apps.push(word),
                (false, "type" | "from" | "require" | "as" | "await") | (true, _) => {}
                (false, _) if member => self.apps.push(word),
                (false, _) => self.packages.push(word),
            }
        }
    }
}

/// What an import names: the tokens before the module, back to the keyword.
fn clause(source: &Source<'_>, module: usize) -> Option<Range<usize>> {
    /// Tokens of one import.
    const REACH: usize = 120;
    let from = module.saturating_sub(REACH);
    let is_keyword =
        |at: &usize| matches!(source.word(*at), Some("import" | "const" | "let" | "var"));
    let start = (from..module).rev().find(is_keyword)?;
    Some(start + 1..module)
}

/// Whether the string is a module that is imported: `from 'm'`, `require('m')`.
fn is_imported(source: &Source<'_>, at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).and_then(|at| source.word(at));
    before(1) == Some("from") || before(2) == Some("require")
}

/// Whether a module is a package, and no file of the project or alias of one.
fn is_package(module: &str) -> bool {
    let first = module.trim_start_matches('@').chars().next();
    first.is_some_and(|first| first.is_ascii_alphanumeric())
}

/// The trigger that a method's call registers, if it does.
fn trigger(source: &Source<'_>, names: &Names<'_>, method: usize) -> Option<Trigger> {
    let receiver = method.checked_sub(2)?;
    if !source.is_punct(method - 1, b'.') || !source.is_punct(method + 1, b'(') {
        return None;
    }
    let arguments = source.arguments(method + 1);
    let [name, options, ..] = arguments.as_slice() else {
        return None;
    };
    let object = object(source, options, HOPS);
    let before = |at: usize| at >= 2 && source.is_punct(at - 1, b'.');
    let word = source.word(receiver)?;
    let known = names.apps.contains(&word)
        || word == "app"
            && before(receiver)
            && source
                .word(receiver - 2)
                .is_some_and(|package| names.packages.contains(&package))
        // `app` of the client of durable functions.
        || word == "client" && before(receiver) && source.is_word(receiver - 2, "app")
        // `app` from a module of the project's own.
        || source.is_word(method, "http")
            && !names.others.contains(&word)
            && object.as_ref().is_some_and(|object| object.has(source, "handler"));
    if !known {
        return None;
    }
    let handler = !source.is_word(method, "http") && object.is_none();
    let said = match &object {
        Some(object) => object.level(source, HOPS),
        // `app.get('name', handler)`
        None if handler => None,
        None => Some((Said::Level(AuthLevel::Unknown), options.clone())),
    };
    let (level, stated, span) = match said {
        Some((level, value)) => (level, Stated::Trigger, source.span(&value)),
        None => (
            Said::Level(AuthLevel::Anonymous),
            Stated::Default,
            source.span(&(receiver..method + 1)),
        ),
    };
    Some(Trigger {
        model: Model::Javascript,
        function: source.literal(name.start).map(str::to_owned),
        level,
        stated,
        span,
    })
}

/// An object literal: the tokens between its braces, cut at the commas.
struct Object {
    properties: Vec<Range<usize>>,
}

/// The object literal that an expression is, or names.
fn object(source: &Source<'_>, tokens: &Range<usize>, hops: usize) -> Option<Object> {
    if source.is_punct(tokens.start, b'{') && source.close_of(tokens.start).is_some() {
        return Some(Object {
            properties: source.arguments(tokens.start),
        });
    }
    let name = source.word(tokens.start).filter(|_| tokens.len() == 1)?;
    let value = assigned(source, name)?;
    object(source, &value, hops.checked_sub(1)?)
}

impl Object {
    fn has(&self, source: &Source<'_>, key: &str) -> bool {
        self.properties
            .iter()
            .any(|property| source.is_word(property.start, key))
    }

    /// What the last property says that says something of the level, and where.
    fn level(&self, source: &Source<'_>, hops: usize) -> Option<(Said, Range<usize>)> {
        let mut level = None;
        for property in &self.properties {
            let start = property.start;
            let key = source.word(start).or_else(|| source.literal(start));
            if source.is_punct(start, b'.') && property.len() > 3 {
                // `...defaults`
                let spread = start + 3..property.end;
                match object(source, &spread, hops) {
                    Some(object) => {
                        let inner = hops
                            .checked_sub(1)
                            .and_then(|hops| object.level(source, hops));
                        level = inner.or(level);
                    }
                    None => level = Some((Said::Level(AuthLevel::Unknown), spread)),
                }
            } else if key == Some("authLevel") {
                let value = match source.is_punct(start + 1, b':') {
                    true => start + 2..property.end,
                    false => start..property.end,
                };
                level = Some((value_of(source, value.clone(), hops), value));
            }
        }
        level
    }
}

/// The level that an expression says, through the constants of the file.
fn value_of(source: &Source<'_>, mut value: Range<usize>, hops: usize) -> Said {
    // `'function' as const`, `<const>'function'`
    if source.is_word(value.start + 1, "as") {
        value.end = value.start + 1;
    }
    match said(source, value) {
        Said::Named(name) => match (assigned(source, &name), hops.checked_sub(1)) {
            (Some(value), Some(hops)) => value_of(source, value, hops),
            _ => Said::Level(AuthLevel::Unknown),
        },
        // A member of an enum of the project's own says what its name says.
        other => other,
    }
}

/// The expression that a file's constant is assigned, up to the end of its
/// statement.
fn assigned(source: &Source<'_>, name: &str) -> Option<Range<usize>> {
    /// Tokens of a type between a name and its value.
    const TYPE: usize = 60;
    let mut found = None;
    for at in source.words(name) {
        let declared = at > 0 && matches!(source.word(at - 1), Some("const" | "let" | "var"));
        if !declared {
            continue;
        }
        let end = source.tokens.len().min(at + TYPE);
        let sign = (at + 1..end).find(|at| source.is_punct(*at, b'='))?;
        if found.is_some() {
            // Two of one name: which one is meant is unknown.
            return None;
        }
        found = Some(sign + 1);
    }
    let start = found?;
    let end = match &source.tokens.get(start)?.kind {
        Kind::Punct(b'{') => source.close_of(start)? + 1,
        _ => statement_end(source, start),
    };
    Some(start..end)
}

/// Where the expression ends that begins here: at a semicolon, a comma, or the
/// end of a line on which it could end.
fn statement_end(source: &Source<'_>, start: usize) -> usize {
    let mut at = start;
    while at + 1 < source.tokens.len() {
        at = source.close_of(at).unwrap_or(at);
        let ends = source.is_punct(at + 1, b';') || source.is_punct(at + 1, b',');
        let between =
            source.tokens[at].span.end..source.tokens.get(at + 1).map_or(0, |t| t.span.start);
        let line = source
            .text
            .get(between)
            .is_some_and(|gap| gap.contains('\n'));
        let goes_on = ["?", ":", "|", "&", "+", ".", "(", "["]
            .iter()
            .any(|sign| source.is_punct(at + 1, sign.as_bytes()[0]));
        if ends || line && !goes_on {
            break;
        }
        at += 1;
    }
    at + 1
}
