//! Names and ids as templates write them: the same text for the same resource.

use super::program::{At, Program, Step, To, steps};
use super::repeat::COPY_INDEX;
use super::unit::{Resource, Symbol};
use super::vault;
use crate::syntax::expression::{Call, Expr, ExprKind};

/// How far names are followed.
const DEPTH: usize = 16;

/// The longest text.
const LENGTH: usize = 400;

impl Program {
    /// What an expression says: literal text, with `{…}` for what only the
    /// deployment tells.
    pub(super) fn render(&self, at: &At<'_>, expr: &Expr) -> String {
        let mut text = self.rendered(at, expr, DEPTH);
        if text.len() > LENGTH {
            let end = (0..=LENGTH).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or(0));
        }
        text
    }

    fn rendered(&self, at: &At<'_>, expr: &Expr, depth: usize) -> String {
        let Some(deeper) = depth.checked_sub(1) else {
            return "{…}".to_owned();
        };
        match &expr.kind {
            ExprKind::Text(text) => text.clone(),
            ExprKind::Number(number) => number.to_string(),
            ExprKind::Template(parts) => {
                let mut text = String::new();
                for part in parts {
                    if text.len() > LENGTH {
                        break;
                    }
                    text.push_str(&self.rendered(at, part, deeper));
                }
                text
            }
            ExprKind::Call(call) => self
                .called(at, call, deeper)
                .or_else(|| self.named(at, expr, deeper))
                .unwrap_or_else(|| "{…}".to_owned()),
            _ => self
                .named(at, expr, deeper)
                .unwrap_or_else(|| unknown(expr)),
        }
    }

    fn called(&self, at: &At<'_>, call: &Call, depth: usize) -> Option<String> {
        let text = |expr: &Expr| self.rendered(at, expr, depth);
        let function = call.function.to_ascii_lowercase();
        match function.as_str() {
            "concat" | "join" => Some(call.arguments.iter().map(text).collect()),
            "tolower" | "toupper" | "lower" | "upper" | "tostring" | "string" | "trimspace"
            | "nonsensitive" | "sensitive" => call.arguments.first().map(text),
            "format" => {
                let (format, values) = call.arguments.split_first()?;
                let mut out = text(format);
                for (n, value) in values.iter().enumerate() {
                    let value = text(value);
                    out = out.replace(&format!("{{{n}}}"), &value);
                    out = out.replacen("%s", &value, 1);
                }
                Some(out)
            }
            "copyindex" => Some(format!("{{{COPY_INDEX}}}")),
            "resourceid" | "extensionresourceid" | "subscriptionresourceid" => {
                let position = call
                    .arguments
                    .iter()
                    .position(|argument| text(argument).contains('/'))?;
                let of_type = text(&call.arguments[position]);
                let names: Vec<String> = call.arguments[position + 1..].iter().map(text).collect();
                Some(id(&of_type, &names))
            }
            _ => None,
        }
    }

    /// A name: a value, a parameter as it is given, a resource's name or id.
    fn named(&self, at: &At<'_>, expr: &Expr, depth: usize) -> Option<String> {
        let (base, steps) = steps(expr, at.source);
        if let ExprKind::Call(call) = &base.kind
            && call.function.eq_ignore_ascii_case("reference")
            && steps.last().is_some_and(vault::is_address)
        {
            return Some(self.rendered(at, call.arguments.first()?, depth.checked_sub(1)?));
        }
        if let ExprKind::Name(name) = &base.kind
            && let Some(bound) = at.item(name)
        {
            return Some(match bound.whole && steps.is_empty() {
                true => self.rendered(&bound.at, bound.expr, depth),
                false => format!("{{{name}}}"),
            });
        }
        let unit = self.unit(at);
        let Some((symbol, used)) = self.look_up(at, base, &steps) else {
            // A nested template that speaks of what is around it.
            let (outer, _) = at.instance.parent.as_ref().filter(|_| unit.outer)?;
            let mut above = at.clone();
            above.instance = std::rc::Rc::clone(outer);
            return self.named(&above, expr, depth.checked_sub(1)?);
        };
        let rest = &steps[used..];
        match symbol {
            Symbol::Value(number) => {
                let value = &unit.values[number];
                let there = at.in_source(&value.source);
                rest.is_empty()
                    .then(|| self.rendered(&there, &value.value, depth))
            }
            Symbol::Param(number) => {
                let param = &unit.params[number];
                if let Some((outer, module)) = &at.instance.parent {
                    let module = &self.units[outer.unit].modules[*module];
                    if let Some(input) = module.inputs.get(&param.name).filter(|_| rest.is_empty())
                    {
                        let mut there = at.in_source(&module.source);
                        there.instance = std::rc::Rc::clone(outer);
                        return Some(self.rendered(&there, &input.value, depth));
                    }
                }
                // What nobody gives has its default.
                let is_given =
                    at.instance.parent.is_some() || self.parameters(&at.instance).is_some();
                let default = param.default.as_ref().filter(|_| !is_given);
                if let Some(id) = default.and_then(|ids| id_in(ids, rest)) {
                    return Some(id.to_owned());
                }
                // Two items of a list are not the same.
                let is_item = rest.iter().any(|step| step.name().is_none());
                (!is_item).then(|| format!("{{{}}}", param.name))
            }
            Symbol::Resource(mut number) => {
                let mut property = "id";
                if rest.last().is_some_and(vault::is_address) {
                    return Some(self.resource_id(at, number, depth));
                }
                for name in rest.iter().filter_map(|step| step.name()) {
                    property = name;
                    // `app::host`
                    if let Some(Symbol::Resource(inner)) = unit.symbol(name)
                        && unit.resources[inner].parent == Some(number)
                    {
                        number = inner;
                        property = "id";
                    }
                }
                match property {
                    "name" => Some(self.resource_name(at, number, depth)),
                    "id" => Some(self.resource_id(at, number, depth)),
                    _ => None,
                }
            }
            Symbol::Module(number) => {
                let child = self.child(&at.instance, number)?;
                let unit = &self.units[child.unit];
                let output = rest
                    .iter()
                    .filter_map(|step| step.name())
                    .find_map(|name| unit.outputs.iter().find(|output| output.name == name))?;
                let mut there = at.in_source(&output.source);
                there.instance = child;
                Some(self.rendered(&there, &output.value, depth))
            }
        }
    }

    /// Inside of a resource, where its loop hides what else has the name.
    fn inside<'p>(&self, at: &At<'p>, resource: &'p Resource) -> At<'p> {
        let there = at.in_source(&resource.source);
        match &resource.each {
            Some(each) if resource.kind.contains('/') => there.each(&each.names[0], &each.items),
            _ => there,
        }
    }

    /// The name of a resource, without those that it is part of.
    fn resource_name(&self, at: &At<'_>, number: usize, depth: usize) -> String {
        let resource = &self.unit(at).resources[number];
        let there = self.inside(at, resource);
        match resource.body.get("name") {
            Some(name) => match depth.checked_sub(1) {
                Some(depth) => self.rendered(&there, &name.value, depth),
                None => "{…}".to_owned(),
            },
            None => "{…}".to_owned(),
        }
    }

    /// The id of a resource, from its type on.
    pub(super) fn resource_id(&self, at: &At<'_>, number: usize, depth: usize) -> String {
        let resource = &self.unit(at).resources[number];
        let name = self.resource_name(at, number, depth);
        if !resource.kind.contains('/') {
            // Terraform: the kinds of apps are one.
            let kind = resource.kind.trim_start_matches("data.");
            if let Some(id) = self.azapi_id(at, resource, &name, depth) {
                return id;
            }
            let vault = (kind == "azurerm_key_vault_secret")
                .then(|| resource.body.get("key_vault_id"))
                .flatten();
            if let (Some(vault), Some(depth)) = (vault, depth.checked_sub(1)) {
                let vault = self.rendered(&self.inside(at, resource), &vault.value, depth);
                return format!("{vault}/secrets/{name}");
            }
            return match super::kind::is_app(kind) {
                true => format!("/providers/microsoft.web/sites/{name}"),
                false => format!("/{kind}/{name}"),
            };
        }
        let around = match (resource.parent, resource.body.get("parent")) {
            (Some(parent), _) => Some(self.resource_id(at, parent, depth.saturating_sub(1))),
            (None, Some(parent)) if depth > 0 => {
                let there = self.inside(at, resource);
                Some(self.rendered(&there, &parent.value, depth - 1))
            }
            _ => None,
        };
        match around {
            Some(around) => {
                let last = resource.kind.rsplit('/').next().unwrap_or_default();
                let name = name.rsplit('/').next().unwrap_or_default();
                format!("{around}/{last}/{name}")
            }
            None => {
                let names: Vec<String> = name.split('/').map(str::to_owned).collect();
                id(&resource.kind, &names)
            }
        }
    }

    /// The id of a resource of any type, below the one that it names.
    fn azapi_id(
        &self,
        at: &At<'_>,
        resource: &Resource,
        name: &str,
        depth: usize,
    ) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let of_azapi = resource
            .kind
            .trim_start_matches("data.")
            .starts_with("azapi_");
        let parent = resource.body.get("parent_id").filter(|_| of_azapi)?;
        let there = self.inside(at, resource);
        let parent = self.rendered(&there, &parent.value, depth);
        let of_type = self.rendered(&there, &resource.body.get("type")?.value, depth);
        let last = of_type.split('@').next()?.rsplit('/').next()?.to_owned();
        Some(format!("{parent}/{last}/{name}"))
    }

    /// A value that is plainly `true`, `false` or text, through names.
    pub(super) fn constant<'p>(
        &'p self,
        at: &At<'p>,
        expr: &'p Expr,
    ) -> Option<(&'p ExprKind, At<'p>, &'p Expr)> {
        let mut at = at.clone();
        let mut expr = expr;
        for _ in 0..DEPTH {
            match &expr.kind {
                kind @ (ExprKind::Text(_) | ExprKind::Bool(_)) => return Some((kind, at, expr)),
                ExprKind::Name(_) | ExprKind::Member(..) | ExprKind::Call(_) => {}
                _ => return None,
            }
            let (base, steps) = steps(expr, at.source);
            let (symbol, used) = self.look_up(&at, base, &steps)?;
            if steps[used..].iter().any(|step| step.to != To::Any) {
                return None;
            }
            let unit = &self.units[at.instance.unit];
            match symbol {
                Symbol::Value(number) => {
                    let value = &unit.values[number];
                    at = at.in_source(&value.source);
                    expr = &value.value;
                }
                Symbol::Param(number) => {
                    let param = &unit.params[number];
                    let given = at.instance.parent.clone().and_then(|(outer, module)| {
                        let module = &self.units[outer.unit].modules[module];
                        let input = module.inputs.get(&param.name)?;
                        Some((outer, module, input))
                    });
                    match given {
                        Some((outer, module, input)) => {
                            at = at.in_source(&module.source);
                            at.instance = outer;
                            expr = &input.value;
                        }
                        None => {
                            at = at.in_source(&param.source);
                            expr = param.default.as_ref()?;
                        }
                    }
                }
                Symbol::Resource(_) | Symbol::Module(_) => return None,
            }
        }
        None
    }
}

/// What only the deployment tells, as it is written.
fn unknown(expr: &Expr) -> String {
    format!("{{{}}}", written(expr))
}

fn written(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Name(name) | ExprKind::Text(name) => name.clone(),
        ExprKind::Number(number) => number.to_string(),
        ExprKind::Member(of, name) => format!("{}.{name}", written(of)),
        ExprKind::Index(of, index) => match &index.kind {
            ExprKind::Text(name) => format!("{}.{name}", written(of)),
            ExprKind::Null => written(of),
            _ => format!("{}[{}]", written(of), written(index)),
        },
        ExprKind::Call(call) => match call.function.to_ascii_lowercase().as_str() {
            "parameters" | "variables" => call.arguments.first().map_or("…".into(), written),
            "copyindex" => COPY_INDEX.to_owned(),
            _ => "…".to_owned(),
        },
        _ => "…".to_owned(),
    }
}

/// The id that an object has under a name: one of several vaults. Other parts of
/// an object may be about one and the same resource.
fn id_in<'e>(ids: &'e Expr, steps: &[Step]) -> Option<&'e str> {
    let mut names = steps.iter().map(Step::name);
    let found = names.try_fold(ids, |of, name| Some(&of.get(name?)?.value))?;
    match &found.kind {
        ExprKind::Text(id) if id.contains("/providers/") => Some(id),
        _ => None,
    }
}

/// An id, from a type and the names of its segments.
fn id(of_type: &str, names: &[String]) -> String {
    let mut kinds = of_type.split('/');
    let mut id = format!("/providers/{}", kinds.next().unwrap_or_default());
    let kinds: Vec<&str> = kinds.collect();
    // Groups and subscriptions may stand before the names.
    let skip = names.len().saturating_sub(kinds.len());
    for (kind, name) in kinds.iter().zip(&names[skip..]) {
        id.push('/');
        id.push_str(kind);
        id.push('/');
        id.push_str(name);
    }
    id
}
