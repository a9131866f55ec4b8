//! Directories of Terraform as scopes.

use std::ops::Range;
use std::sync::Arc;

use super::bicep::joined;
use super::unit::{Each, Module, Output, Param, Resource, Target, Unit, Value};
use crate::fact::Dialect;
use crate::project::parent;
use crate::read::structured::Source;
use crate::syntax::expression::{Expr, ExprKind, Property};
use crate::syntax::hcl::Block;

/// Adds the blocks of a document to the scope of its directory.
pub(super) fn add(unit: &mut Unit, source: &Arc<Source>, blocks: &[Block]) {
    for block in blocks {
        let label = |n: usize| block.labels.get(n).cloned().unwrap_or_default();
        match block.kind.as_str() {
            "variable" => {
                let name = label(0);
                let param = Param {
                    source: Arc::clone(source),
                    name: name.clone(),
                    default: value(block, "default"),
                };
                unit.add_param(format!("var.{name}"), param);
            }
            "locals" => {
                let ExprKind::Object(entries) = &block.body.kind else {
                    continue;
                };
                for entry in entries {
                    let name = entry.name.clone().unwrap_or_default();
                    let value = Value {
                        source: Arc::clone(source),
                        value: entry.value.clone(),
                    };
                    unit.add_value(format!("local.{name}"), value);
                }
            }
            "resource" => add_resource(unit, source, block, ""),
            "data" | "ephemeral" => add_resource(unit, source, block, "data."),
            "module" => add_module(unit, source, block),
            "output" => add_output(unit, source, block),
            _ => {}
        }
    }
}

/// The values of a `.tfvars` file, for the directory that it is in.
pub(super) fn parameters(source: &Arc<Source>, values: Expr) -> Unit {
    let target = Target::Path(parent(&source.path).to_owned());
    Unit::of_parameters(source, Dialect::Terraform, target, values)
}

fn value(block: &Block, name: &str) -> Option<Expr> {
    block.body.get(name).map(|property| property.value.clone())
}

/// `for_each = …`, `count = …`
fn each(block: &Block) -> Option<Each> {
    let of = |name: &str, word: &str| {
        let items = value(block, name)?;
        let names = vec![word.to_owned()];
        Some(Each { names, items })
    };
    of("for_each", "each").or_else(|| of("count", "count"))
}

fn add_resource(unit: &mut Unit, source: &Arc<Source>, block: &Block, prefix: &str) {
    let [kind, name] = block.labels.as_slice() else {
        return;
    };
    let resource = Resource {
        source: Arc::clone(source),
        kind: format!("{prefix}{}", kind.to_ascii_lowercase()),
        existing: !prefix.is_empty(),
        parent: None,
        body: block.body.clone(),
        each: each(block),
    };
    unit.add_resource(Some(format!("{prefix}{kind}.{name}")), resource);
}

fn add_module(unit: &mut Unit, source: &Arc<Source>, block: &Block) {
    let name = block.labels.first().cloned().unwrap_or_default();
    let path = block
        .body
        .get("source")
        .and_then(|source| source.value.as_text());
    let path = path.unwrap_or_default();
    let target = match path.starts_with("./") || path.starts_with("../") {
        true => Target::Path(joined(&unit.path, path)),
        false => Target::Elsewhere(path.to_owned()),
    };
    let module = Module {
        source: Arc::clone(source),
        name: name.clone(),
        target,
        inputs: block.body.clone(),
        body: block.body.clone(),
        each: each(block),
    };
    unit.add_module(format!("module.{name}"), module);
}

fn add_output(unit: &mut Unit, source: &Arc<Source>, block: &Block) {
    let Some(output) = value(block, "value") else {
        return;
    };
    let sensitive = block.body.get("sensitive");
    let secret = sensitive.is_some_and(|property| property.value.kind == ExprKind::Bool(true))
        || block
            .body
            .get("ephemeral")
            .is_some_and(|property| property.value.kind == ExprKind::Bool(true));
    unit.outputs.push(Output {
        source: Arc::clone(source),
        name: block.labels.first().cloned().unwrap_or_default(),
        name_span: block.name_span.clone(),
        remedy: remedy(source, block, &output, sensitive),
        value: output,
        secret,
    });
}

/// A line of its own after the value: a comment behind the value stays there.
fn remedy(
    source: &Source,
    block: &Block,
    output: &Expr,
    stated: Option<&Property>,
) -> Option<(Range<usize>, String)> {
    if let Some(stated) = stated {
        let plain = stated.value.kind == ExprKind::Bool(false);
        return plain.then(|| (stated.value.span.clone(), "true".to_owned()));
    }
    let text = &source.text[..block.span.end];
    let attribute = block.body.get("value")?.name_span.start;
    let line = text[..attribute].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..attribute];
    if !indent.chars().all(char::is_whitespace) {
        // `output "a" { value = b }`
        return None;
    }
    let end = output.span.end;
    let end = end + text[end..].find('\n')?;
    let (end, lines) = match text[..end].ends_with('\r') {
        true => (end - 1, "\r\n"),
        false => (end, "\n"),
    };
    Some((end..end, format!("{lines}{indent}sensitive = true")))
}
