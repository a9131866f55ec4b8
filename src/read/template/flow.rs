//! Which keys an expression's value holds.

use std::rc::Rc;

use super::listing::{Key, Passing, passes, take};
use super::program::{At, Program, Step, To, steps};
use super::unit::Symbol;
use crate::syntax::expression::{Call, Expr, ExprKind, Loop};

/// How far a value is followed: through names, modules and functions.
const DEPTH: usize = 48;

/// Expressions that are looked at for one value; what has more is unknown.
const WORK: usize = 4_000;

/// One search.
pub(super) struct Search<'p> {
    program: &'p Program,
    work: usize,
    found: Vec<Key>,
}

impl Program {
    /// The keys that an expression's value holds.
    pub(super) fn keys<'p>(&'p self, at: &At<'p>, expr: &'p Expr) -> Vec<Key> {
        let mut search = Search {
            program: self,
            work: WORK.min(self.work.get()),
            found: Vec::new(),
        };
        let work = search.work;
        search.value(at, expr, &[], DEPTH);
        self.work.set(self.work.get() - (work - search.work));
        let mut keys: Vec<Key> = Vec::new();
        for key in search.found {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

impl<'p> Search<'p> {
    /// The keys in the part of a value that steps lead to.
    fn value(&mut self, at: &At<'p>, expr: &'p Expr, trail: &[Step], depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        if self.work == 0 {
            return;
        }
        self.work -= 1;
        match &expr.kind {
            ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Null
            | ExprKind::Opaque(_) => {}
            ExprKind::Template(parts) => {
                // A template of one value is that value.
                let trail = if parts.len() == 1 { trail } else { &[] };
                for part in parts {
                    self.value(at, part, trail, depth);
                }
            }
            ExprKind::Choice(ways) => {
                for way in ways {
                    self.value(at, way, trail, depth);
                }
            }
            ExprKind::Array(items) => {
                let (first, rest) = split(trail);
                for (n, item) in items.iter().enumerate() {
                    if first.is_none_or(|step| step.to == To::Any || step.to == To::Item(n)) {
                        self.value(at, item, rest, depth);
                    }
                }
            }
            ExprKind::Object(properties) => {
                let (first, rest) = split(trail);
                for property in properties {
                    match (&property.name, first) {
                        (None, _) => self.value(at, &property.value, trail, depth),
                        (Some(name), Some(step)) if step.name().is_some_and(|_| !step.is(name)) => {
                        }
                        (Some(_), _) => self.value(at, &property.value, rest, depth),
                    }
                }
            }
            ExprKind::Loop(parts) => self.each(at, parts, trail, depth),
            ExprKind::Name(_) | ExprKind::Member(..) | ExprKind::Index(..) | ExprKind::Call(_) => {
                let (base, mut own) = steps(expr, at.source);
                own.extend_from_slice(trail);
                self.chain(at, base, &own, depth);
            }
        }
    }

    fn each(&mut self, at: &At<'p>, parts: &'p Loop, trail: &[Step], depth: usize) {
        let (_, rest) = split(trail);
        let inside = at.each(&parts.item, &parts.items);
        self.value(&inside, &parts.body, rest, depth);
    }

    /// What a name or a call gives, and steps from there.
    fn chain(&mut self, at: &At<'p>, base: &'p Expr, trail: &[Step], depth: usize) {
        match &base.kind {
            ExprKind::Name(name) => {
                if let Some(bound) = at.item(name) {
                    if bound.whole {
                        return self.value(&bound.at, bound.expr, trail, depth);
                    }
                    // `each.value`, `setting.value`: Terraform's word for the item.
                    let worded = trail.first().is_some_and(|step| step.is("value"));
                    for trail in [Some(trail), worded.then(|| &trail[1..])]
                        .into_iter()
                        .flatten()
                    {
                        let mut inner = vec![any(at)];
                        inner.extend_from_slice(trail);
                        self.value(&bound.at, bound.expr, &inner, depth);
                    }
                    return;
                }
                self.named(at, base, trail, depth);
            }
            ExprKind::Call(call) => self.called(at, base, call, trail, depth),
            _ => self.value(at, base, trail, depth),
        }
    }

    fn named(&mut self, at: &At<'p>, base: &'p Expr, trail: &[Step], depth: usize) {
        let program = self.program;
        let Some((symbol, used)) = program.look_up(at, base, trail) else {
            let unit = program.unit(at);
            if let Some((outer, _)) = at.instance.parent.as_ref().filter(|_| unit.outer) {
                let mut above = at.clone();
                above.instance = Rc::clone(outer);
                if let Some(depth) = depth.checked_sub(1) {
                    self.named(&above, base, trail, depth);
                }
            }
            return;
        };
        let unit = program.unit(at);
        let rest = &trail[used..];
        match symbol {
            Symbol::Value(number) => {
                let value = &unit.values[number];
                self.value(&at.in_source(&value.source), &value.value, rest, depth);
            }
            Symbol::Param(number) => self.param(at, number, rest, depth),
            Symbol::Module(number) => self.output(at, number, rest, depth),
            Symbol::Resource(number) => {
                if let Some(key) = program.key_of_resource(at, number, rest) {
                    self.found.push(key);
                    return;
                }
                // What a resource is given can be read from it.
                let resource = &unit.resources[number];
                if resource.kind.contains('/') || resource.existing {
                    return;
                }
                let attribute = rest.iter().position(|step| step.name().is_some());
                let Some(at_step) = attribute else { return };
                let name = rest[at_step].name().unwrap_or_default();
                if let Some(property) = resource.body.get(name) {
                    let there = at.in_source(&resource.source);
                    self.value(&there, &property.value, &rest[at_step + 1..], depth);
                }
            }
        }
    }

    /// A parameter is what the deploying template gives, else its default.
    fn param(&mut self, at: &At<'p>, number: usize, trail: &[Step], depth: usize) {
        let program = self.program;
        let param = &program.unit(at).params[number];
        if let Some((outer, module)) = &at.instance.parent {
            let module = &program.units[outer.unit].modules[*module];
            if let Some(input) = module.inputs.get(&param.name) {
                let mut there = at.in_source(&module.source);
                there.instance = Rc::clone(outer);
                return self.value(&there, &input.value, trail, depth);
            }
        }
        if let Some(default) = &param.default {
            self.value(&at.in_source(&param.source), default, trail, depth);
        }
    }

    /// An output of a module: `m.outputs.name`, `module.m.name`.
    fn output(&mut self, at: &At<'p>, number: usize, trail: &[Step], depth: usize) {
        let program = self.program;
        let Some(child) = program.child(&at.instance, number) else {
            return;
        };
        let unit = &program.units[child.unit];
        for (n, step) in trail.iter().enumerate() {
            let output = unit.outputs.iter().find(|output| step.is(&output.name));
            if let Some(output) = output {
                let mut there = at.in_source(&output.source);
                there.instance = child;
                // ARM: `outputs.name.value`.
                let after = n + 1;
                let value = trail.get(after).is_some_and(|step| step.is("value"));
                let rest = &trail
                    [after + usize::from(value && unit.dialect == crate::fact::Dialect::Arm)..];
                return self.value(&there, &output.value, rest, depth);
            }
        }
    }

    fn called(
        &mut self,
        at: &At<'p>,
        base: &'p Expr,
        call: &'p Call,
        trail: &[Step],
        depth: usize,
    ) {
        let program = self.program;
        if let Some(listing) = program.listing(at, call) {
            self.found.extend(take(listing, trail).map(|mut key| {
                let whole = || (at.source.path.clone(), base.span.clone());
                key.read = key.read.or_else(|| Some(whole()));
                key
            }));
            return;
        }
        if let Some(function) = program.unit(at).functions.get(&call.function) {
            let inside = at.called(function, &call.arguments);
            return self.value(&inside, &function.body, trail, depth);
        }
        let function = call.function.to_ascii_lowercase();
        match function.as_str() {
            "items" => return self.items(at, call, trail, depth),
            "parameters" | "variables" => return self.named(at, base, trail, depth),
            "reference" => return self.reference(at, call, trail, depth),
            // `map(items, item => body)`
            "map" => {
                if let [items, lambda] = call.arguments.as_slice()
                    && let ExprKind::Loop(parts) = &lambda.kind
                {
                    let (_, rest) = split(trail);
                    let inside = at.each(&parts.item, items);
                    self.value(&inside, &parts.body, rest, depth);
                }
                return;
            }
            "createobject" => {
                for pair in call.arguments.chunks(2) {
                    let [name, value] = pair else { continue };
                    let (first, rest) = split(trail);
                    let is_one = first.is_none_or(|step| {
                        step.name().is_none() || name.as_text().is_none_or(|name| step.is(name))
                    });
                    if is_one {
                        self.value(at, value, rest, depth);
                    }
                }
                return;
            }
            _ => {}
        }
        match passes(&function) {
            Some(Passing::AsItIs) => {
                for argument in &call.arguments {
                    self.value(at, argument, trail, depth);
                }
            }
            Some(Passing::Part) => {
                for argument in &call.arguments {
                    self.value(at, argument, &[], depth);
                }
            }
            Some(Passing::Item) => {
                let mut inner = vec![match (function.as_str(), call.arguments.get(1)) {
                    ("lookup", Some(key)) => match key.as_text() {
                        Some(name) => Step {
                            to: To::Name(name.to_owned()),
                            ..any(at)
                        },
                        None => any(at),
                    },
                    _ => any(at),
                }];
                inner.extend_from_slice(trail);
                if let Some(of) = call.arguments.first() {
                    self.value(at, of, &inner, depth);
                }
                if let ("lookup", Some(default)) = (function.as_str(), call.arguments.get(2)) {
                    self.value(at, default, trail, depth);
                }
            }
            None => {}
        }
    }

    /// `items({ a: b })` is `[{ key: 'a', value: b }]`.
    fn items(&mut self, at: &At<'p>, call: &'p Call, trail: &[Step], depth: usize) {
        let Some(of) = call.arguments.first() else {
            return;
        };
        match trail {
            [_, part, ..] if part.is("key") => {}
            [item, part, rest @ ..] if part.is("value") => {
                let trail = [std::slice::from_ref(item), rest].concat();
                self.value(at, of, &trail, depth);
            }
            _ => self.value(at, of, &[], depth),
        }
    }

    /// `reference('name').outputs.x.value`: a deployment, by its name.
    fn reference(&mut self, at: &At<'p>, call: &'p Call, trail: &[Step], depth: usize) {
        let program = self.program;
        let unit = program.unit(at);
        let Some(of) = call.arguments.first() else {
            return;
        };
        let id = program.render(at, of);
        let name = id.rsplit('/').next().unwrap_or(&id);
        let module = unit.modules.iter().position(|module| {
            let there = at.in_source(&module.source);
            let own = module
                .body
                .get("name")
                .map(|name| program.render(&there, &name.value));
            own.as_deref() == Some(name) || module.name == name
        });
        let symbol = unit.symbol(&format!("symbols.{name}"));
        match (module, symbol) {
            (Some(number), _) | (None, Some(Symbol::Module(number))) => {
                self.output(at, number, trail, depth);
            }
            _ => {}
        }
    }
}

fn any(at: &At<'_>) -> Step {
    Step {
        to: To::Any,
        path: at.source.path.clone(),
        span: 0..0,
    }
}

fn split(trail: &[Step]) -> (Option<&Step>, &[Step]) {
    match trail.split_first() {
        Some((first, rest)) => (Some(first), rest),
        None => (None, &[]),
    }
}
