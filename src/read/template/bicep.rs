//! Bicep files as scopes.

use std::sync::Arc;

use super::unit::{Each, Function, Module, Output, Param, Resource, Target, Unit, Value};
use crate::fact::Dialect;
use crate::project::parent;
use crate::read::structured::Source;
use crate::syntax::bicep::{Statement, StatementKind};
use crate::syntax::expression::{Expr, ExprKind, Loop, Property};

pub(super) fn unit(source: &Arc<Source>, statements: Vec<Statement>) -> Unit {
    let mut unit = Unit::new(Dialect::Bicep, source.path.clone());
    for statement in statements {
        add(&mut unit, source, statement, None);
    }
    unit
}

/// A file of parameters, `main.bicepparam`.
pub(super) fn parameters(source: &Arc<Source>, statements: Vec<Statement>) -> Option<Unit> {
    let mut target = None;
    let mut entries = Vec::new();
    let mut values = Vec::new();
    for statement in statements {
        match statement.kind {
            StatementKind::Using { path } => target = Some(self::target(&source.path, path)),
            StatementKind::Param {
                default: Some(value),
            } => entries.push(Property {
                name: Some(statement.name),
                name_span: statement.name_span,
                value,
            }),
            StatementKind::Var { value } => values.push((statement.name, value)),
            _ => {}
        }
    }
    let inputs = Expr::new(ExprKind::Object(entries), 0..source.text.len());
    let mut unit = Unit::of_parameters(source, Dialect::Bicep, target?, inputs);
    for (name, value) in values {
        let source = Arc::clone(source);
        unit.add_value(name, Value { source, value });
    }
    Some(unit)
}

/// The file that a path names, or what is elsewhere.
fn target(from: &str, path: String) -> Target {
    match path.contains(':') {
        true => Target::Elsewhere(path),
        false => Target::Path(joined(parent(from), &path)),
    }
}

fn add(unit: &mut Unit, source: &Arc<Source>, statement: Statement, around: Option<usize>) {
    let Statement {
        kind,
        name,
        name_span,
        decorators,
        span,
    } = statement;
    let source = Arc::clone(source);
    match kind {
        StatementKind::Param { default } => {
            let param = Param {
                source,
                name: name.clone(),
                default,
            };
            unit.add_param(name, param);
        }
        StatementKind::Var { value } => unit.add_value(name, Value { source, value }),
        StatementKind::Output { value } => {
            let secret = decorators.iter().any(|decorator| decorator == "secure");
            // Only strings and objects can be secret.
            let of_type = source.text[name_span.end..value.span.start].trim_start();
            let can_be = of_type.starts_with("string") || of_type.starts_with("object");
            unit.outputs.push(Output {
                remedy: can_be
                    .then(|| (span.start..span.start, decorator(&source.text, span.start))),
                source,
                name,
                name_span,
                value,
                secret,
            });
        }
        StatementKind::Resource {
            of_type,
            existing,
            body,
            nested,
        } => {
            let mut kind = of_type.to_ascii_lowercase();
            if let Some(around) = around
                && !kind.contains('/')
            {
                kind = format!("{}/{kind}", unit.resources[around].kind);
            }
            let (body, each) = item(&source, body);
            let resource = Resource {
                source: Arc::clone(&source),
                kind,
                existing,
                parent: around,
                body,
                each,
            };
            let number = unit.add_resource(Some(name), resource);
            for statement in nested {
                add(unit, &source, statement, Some(number));
            }
        }
        StatementKind::Function { params, body } => {
            let function = Function {
                source,
                params,
                body,
            };
            unit.functions.insert(name, function);
        }
        StatementKind::Using { .. } => {}
        StatementKind::Module { path, body } => {
            let (body, each) = item(&source, body);
            let inputs = body.get("params").map(|property| property.value.clone());
            let target = target(&unit.path, path);
            let module = Module {
                source,
                name: name.clone(),
                target,
                inputs: inputs.unwrap_or_else(|| Expr::new(ExprKind::Null, body.span.clone())),
                body,
                each,
            };
            unit.add_module(name, module);
        }
    }
}

/// The body of each, for a declaration that stands for several, and of what it
/// is made for each; which of them a condition leaves is unknown.
fn item(source: &Source, body: Expr) -> (Expr, Option<Each>) {
    match body.kind {
        ExprKind::Loop(parts) if matches!(parts.body.kind, ExprKind::Object(_)) => {
            let Loop {
                item,
                index,
                items,
                body,
            } = *parts;
            let conditional = source.text[body.span.clone()].starts_with("if");
            let names = std::iter::once(item).chain(index).collect();
            (body, (!conditional).then_some(Each { names, items }))
        }
        kind => (Expr::new(kind, body.span), None),
    }
}

/// A path that is written relative to a directory.
pub(super) fn joined(directory: &str, path: &str) -> String {
    let rooted = directory.starts_with('/');
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                // Above the root of what is scanned it stays what it is.
                if parts.last().is_none_or(|last| *last == "..") && !rooted {
                    parts.push("..");
                } else {
                    parts.pop();
                }
            }
            other => parts.push(other),
        }
    }
    let path = parts.join("/");
    if rooted { format!("/{path}") } else { path }
}

/// `@secure()` on a line of its own before the statement at `at`, with the
/// document's ends of lines and the statement's own indent.
fn decorator(text: &str, at: usize) -> String {
    let end_of_line = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    let indent = if line.trim().is_empty() { line } else { "" };
    format!("@secure(){end_of_line}{indent}")
}

#[cfg(test)]
mod tests {
    use super::{decorator, joined};

    #[test]
    fn paths_are_relative_to_the_file() {
        for (directory, path, expected) in [
            ("infra", "modules/a.bicep", "infra/modules/a.bicep"),
            ("infra/core", "../a.bicep", "infra/a.bicep"),
            ("", "./a.bicep", "a.bicep"),
            ("", "../a.bicep", "../a.bicep"),
            ("../x", "../../a.bicep", "../../a.bicep"),
            ("/srv/infra", "../a.bicep", "/srv/a.bicep"),
        ] {
            assert_eq!(joined(directory, path), expected);
        }
    }

    #[test]
    fn a_decorator_fits_its_document() {
        assert_eq!(decorator("output a", 0), "@secure()\n");
        assert_eq!(decorator("x\r\n  output a", 5), "@secure()\r\n  ");
        assert_eq!(decorator("/* x */ output a", 8), "@secure()\n");
    }
}
