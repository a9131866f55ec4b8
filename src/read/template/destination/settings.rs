//! Lists of settings, through the names and functions that make them.

use std::rc::Rc;

use super::super::program::{At, Program, To, steps};
use super::super::unit::Symbol;
use super::{DEPTH, Receiver, find};
use crate::fact::Destination;
use crate::syntax::expression::{Expr, ExprKind};

impl<'p> Receiver<'p> {
    pub(super) fn settings_at(&mut self, body: &'p Expr, path: &[&str]) {
        if let Some(expr) = find(body, path) {
            let at = self.at.clone();
            self.settings(&at, expr, DEPTH);
        }
    }

    /// Settings, as a list of names and values or as an object, through names
    /// and the functions that join them.
    pub(super) fn settings(&mut self, at: &At<'p>, expr: &'p Expr, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match &expr.kind {
            ExprKind::Array(entries) | ExprKind::Choice(entries) => {
                for entry in entries {
                    self.settings(at, entry, depth);
                }
            }
            ExprKind::Loop(parts) => {
                let inside = at.each(&parts.item, &parts.items);
                self.settings(&inside, &parts.body, depth);
            }
            ExprKind::Object(properties) => {
                if let (Some(name), Some(value)) = (expr.get("name"), expr.get("value")) {
                    let name = self.program.render(at, &name.value);
                    return self.push(
                        Destination::AppSetting,
                        Some(name),
                        at.clone(),
                        &value.value,
                    );
                }
                for property in properties {
                    match &property.name {
                        // `{ ...more }`
                        None => self.settings(at, &property.value, depth),
                        Some(name) => {
                            let value = match property.value.get("value") {
                                // A connection string: `{ value: …, type: … }`.
                                Some(value) if property.value.get("type").is_some() => &value.value,
                                _ => &property.value,
                            };
                            self.push(
                                Destination::AppSetting,
                                Some(name.clone()),
                                at.clone(),
                                value,
                            );
                        }
                    }
                }
            }
            ExprKind::Call(call)
                if matches!(
                    call.function.to_ascii_lowercase().as_str(),
                    "concat" | "union" | "merge" | "flatten" | "tomap" | "any" | "coalesce"
                ) =>
            {
                for argument in &call.arguments {
                    self.settings(at, argument, depth);
                }
            }
            ExprKind::Name(_) | ExprKind::Member(..) | ExprKind::Call(_) => {
                match self.program.followed(at, expr) {
                    Some((there, value)) => self.settings(&there, value, depth),
                    None => self.push(Destination::AppSetting, None, at.clone(), expr),
                }
            }
            _ => {}
        }
    }
}

impl Program {
    /// What a plain name stands for: a value, or what a parameter is given.
    pub(in super::super) fn followed<'p>(
        &'p self,
        at: &At<'p>,
        expr: &'p Expr,
    ) -> Option<(At<'p>, &'p Expr)> {
        let (base, steps) = steps(expr, at.source);
        let (symbol, used) = self.look_up(at, base, &steps)?;
        if steps[used..].iter().any(|step| step.to != To::Any) {
            return None;
        }
        let unit = &self.units[at.instance.unit];
        match symbol {
            Symbol::Value(number) => {
                let value = &unit.values[number];
                Some((at.in_source(&value.source), &value.value))
            }
            Symbol::Param(number) => {
                let param = &unit.params[number];
                if let Some((outer, module)) = &at.instance.parent {
                    let module = &self.units[outer.unit].modules[*module];
                    if let Some(input) = module.inputs.get(&param.name) {
                        let mut there = at.in_source(&module.source);
                        there.instance = Rc::clone(outer);
                        return Some((there, &input.value));
                    }
                }
                Some((at.in_source(&param.source), param.default.as_ref()?))
            }
            Symbol::Resource(_) | Symbol::Module(_) => None,
        }
    }
}
