//! All templates of a run, and how one deploys another.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::unit::{Function, Module, Symbol, Target, Unit};
use crate::read::structured::Source;
use crate::syntax::expression::{Expr, ExprKind};

/// How deeply templates may deploy templates.
const DEPTH: usize = 8;

/// Deployments that a run follows; a template that is deployed once more than
/// that is read by itself.
const INSTANCES: usize = 2_000;

/// Steps that a run takes to follow values.
const WORK: usize = 4_000_000;

/// All templates of a run.
pub(super) struct Program {
    pub(super) units: Vec<Unit>,
    /// The scope of each file and directory.
    paths: HashMap<String, usize>,
    /// Where the scopes of one document begin, by one of them.
    first_of: Vec<usize>,
    /// Steps that may still be taken to follow values.
    pub(super) work: Cell<usize>,
}

/// A template, deployed from somewhere.
pub(super) struct Instance {
    pub(super) unit: usize,
    /// The template that deploys it, and as which module.
    pub(super) parent: Option<(Rc<Instance>, usize)>,
    depth: usize,
}

/// Where an expression stands: in which deployment, which document and which
/// loops.
#[derive(Clone)]
pub(super) struct At<'p> {
    pub(super) instance: Rc<Instance>,
    pub(super) source: &'p Arc<Source>,
    pub(super) items: Option<Rc<Items<'p>>>,
}

/// The names that a loop around an expression has for an item, or a function for
/// what it is given.
pub(super) struct Items<'p> {
    bound: Vec<(&'p str, &'p Expr)>,
    whole: bool,
    at: At<'p>,
}

/// What such a name stands for.
pub(super) struct Bound<'p> {
    pub(super) expr: &'p Expr,
    /// Where it is written.
    pub(super) at: At<'p>,
    /// The value itself, and not any of its items.
    pub(super) whole: bool,
}

impl<'p> At<'p> {
    /// The same place in another document of the scope.
    pub(super) fn in_source(&self, source: &'p Arc<Source>) -> Self {
        Self {
            source,
            instance: Rc::clone(&self.instance),
            items: None,
        }
    }

    /// Inside of a loop.
    pub(super) fn each(&self, name: &'p str, items: &'p Expr) -> Self {
        Self {
            source: self.source,
            instance: Rc::clone(&self.instance),
            items: Some(Rc::new(Items {
                bound: vec![(name, items)],
                whole: false,
                at: self.clone(),
            })),
        }
    }

    /// Inside of a function that is called here.
    pub(super) fn called(&self, function: &'p Function, arguments: &'p [Expr]) -> Self {
        let names = function.params.iter().map(String::as_str);
        Self {
            source: &function.source,
            instance: Rc::clone(&self.instance),
            items: Some(Rc::new(Items {
                bound: names.zip(arguments).collect(),
                whole: true,
                at: self.clone(),
            })),
        }
    }

    /// What a name of a loop or a parameter of a function stands for.
    pub(super) fn item(&self, name: &str) -> Option<Bound<'p>> {
        let mut items = self.items.as_ref();
        while let Some(inner) = items {
            if let Some((_, expr)) = inner.bound.iter().find(|(known, _)| *known == name) {
                return Some(Bound {
                    expr,
                    at: inner.at.clone(),
                    whole: inner.whole,
                });
            }
            items = inner.at.items.as_ref();
        }
        None
    }
}

impl Program {
    pub(super) fn new(documents: Vec<Vec<Unit>>) -> Self {
        let mut program = Self {
            units: Vec::new(),
            paths: HashMap::new(),
            first_of: Vec::new(),
            work: Cell::new(WORK),
        };
        for units in documents {
            let first = program.units.len();
            if let Some(unit) = units.first() {
                program.paths.insert(unit.path.clone(), first);
            }
            program.first_of.extend(units.iter().map(|_| first));
            program.units.extend(units);
        }
        program
    }

    pub(super) fn unit(&self, at: &At<'_>) -> &Unit {
        &self.units[at.instance.unit]
    }

    /// The file of parameters that a deployment is made with.
    pub(super) fn parameters(&self, of: &Rc<Instance>) -> Option<usize> {
        let mut root = of;
        while let Some((outer, _)) = &root.parent {
            root = outer;
        }
        self.units[root.unit].parameters.then_some(root.unit)
    }

    /// The scope that a module deploys.
    fn target(&self, of: usize, module: &Module) -> Option<usize> {
        match &module.target {
            Target::Path(path) => self.paths.get(path).copied(),
            Target::Inline(number) => Some(self.first_of[of] + number),
            Target::Elsewhere(_) => None,
        }
    }

    /// What a module deploys, from here.
    pub(super) fn child(&self, instance: &Rc<Instance>, module: usize) -> Option<Rc<Instance>> {
        if instance.depth >= DEPTH {
            return None;
        }
        let of = instance.unit;
        let unit = self.target(of, &self.units[of].modules[module])?;
        Some(Rc::new(Instance {
            unit,
            parent: Some((Rc::clone(instance), module)),
            depth: instance.depth + 1,
        }))
    }

    /// Every deployment: those of templates that no other one deploys, and what
    /// they deploy.
    pub(super) fn instances(&self) -> Vec<Rc<Instance>> {
        let mut deployed = vec![false; self.units.len()];
        for (number, unit) in self.units.iter().enumerate() {
            for module in &unit.modules {
                if let Some(target) = self.target(number, module)
                    && target != number
                {
                    deployed[target] = true;
                }
            }
        }
        let alone = |unit: usize| Instance {
            unit,
            parent: None,
            depth: 0,
        };
        let roots = (0..self.units.len()).filter(|unit| !deployed[*unit]);
        let mut instances: Vec<Rc<Instance>> = roots.map(|unit| Rc::new(alone(unit))).collect();
        let mut next = 0;
        let limit = INSTANCES.max(instances.len());
        let mut seen: Vec<bool> = deployed.iter().map(|deployed| !deployed).collect();
        while next < instances.len() {
            let instance = Rc::clone(&instances[next]);
            next += 1;
            for module in 0..self.units[instance.unit].modules.len() {
                if instances.len() >= limit {
                    break;
                }
                if let Some(child) = self.child(&instance, module) {
                    seen[child.unit] = true;
                    instances.push(child);
                }
            }
        }
        // Those in a circle, or past the limit.
        for (unit, seen) in seen.iter().enumerate() {
            if !seen {
                instances.push(Rc::new(alone(unit)));
            }
        }
        instances
    }

    /// What a name stands for, with how many of the steps after it belong to the
    /// name.
    pub(super) fn look_up(
        &self,
        at: &At<'_>,
        base: &Expr,
        steps: &[Step],
    ) -> Option<(Symbol, usize)> {
        let unit = self.unit(at);
        let step = |n: usize| steps.get(n).and_then(Step::name);
        match &base.kind {
            ExprKind::Name(name) => {
                if let Some(symbol) = unit.symbol(name) {
                    return Some((symbol, 0));
                }
                let (name, used) = match name.as_str() {
                    "var" | "local" | "module" => (format!("{name}.{}", step(0)?), 1),
                    "data" | "ephemeral" => (format!("data.{}.{}", step(0)?, step(1)?), 2),
                    _ => (format!("{name}.{}", step(0)?), 1),
                };
                unit.symbol(&name).map(|symbol| (symbol, used))
            }
            ExprKind::Call(call) => {
                let function = call.function.to_ascii_lowercase();
                if !matches!(function.as_str(), "parameters" | "variables") {
                    return None;
                }
                let name = call.arguments.first()?.as_text()?.to_ascii_lowercase();
                unit.symbol(&format!("{function}.{name}"))
                    .map(|symbol| (symbol, 0))
            }
            _ => None,
        }
    }
}

/// A step from a value to a part of it, and the expression that takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) to: To,
    pub(super) path: String,
    pub(super) span: Range<usize>,
}

/// Where a step leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum To {
    Name(String),
    /// One of several.
    Item(usize),
    /// Any of several.
    Any,
}

impl Step {
    pub(super) fn name(&self) -> Option<&str> {
        match &self.to {
            To::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name()
            .is_some_and(|known| known.eq_ignore_ascii_case(name))
    }
}

/// A chain `a.b[c].d` as its beginning and its steps.
pub(super) fn steps<'e>(expr: &'e Expr, source: &Source) -> (&'e Expr, Vec<Step>) {
    let mut of = expr;
    let mut steps = Vec::new();
    loop {
        let (inner, to) = match &of.kind {
            ExprKind::Member(inner, name) => (inner, To::Name(name.clone())),
            ExprKind::Index(inner, index) => {
                let to = match &index.kind {
                    ExprKind::Text(name) => To::Name(name.clone()),
                    ExprKind::Number(number) => usize::try_from(*number).map_or(To::Any, To::Item),
                    _ => To::Any,
                };
                (inner, to)
            }
            _ => break,
        };
        steps.push(Step {
            to,
            path: source.path.clone(),
            span: expr.span.clone(),
        });
        of = inner;
    }
    steps.reverse();
    (of, steps)
}
