//! ARM templates as scopes.

use std::sync::Arc;

use jsonc_parser::ast::{Object, Value as Json};
use jsonc_parser::common::Ranged;

use super::bicep::joined;
use super::repeat::COPY_INDEX;
use super::unit::{Each, Module, Output, Param, Resource, Target, Unit, Value};
use crate::fact::Dialect;
use crate::project::parent;
use crate::read::structured::Source;
use crate::syntax::expression::{Expr, ExprKind, Property};
use crate::syntax::{SyntaxError, arm, json};

/// The scopes of a document: that of the template first, then those of the
/// templates inside of it. None where it is no template.
///
/// # Errors
/// When it is no JSON.
pub(super) fn units(source: &Arc<Source>) -> Result<Vec<Unit>, SyntaxError> {
    let document = json::parse(&source.text)?;
    let mut reader = Reader {
        source,
        units: Vec::new(),
    };
    if let Some(Json::Object(root)) = &document
        && is_template(root)
    {
        reader.template(root, false);
    }
    Ok(reader.units)
}

fn is_template(root: &Object<'_>) -> bool {
    let schema = member(root, "$schema").and_then(Json::as_string_lit);
    schema.is_some_and(|schema| {
        schema
            .value
            .to_ascii_lowercase()
            .contains("deploymenttemplate.json")
    }) || member(root, "contentVersion").is_some() && member(root, "resources").is_some()
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    units: Vec<Unit>,
}

impl Reader<'_> {
    /// Adds a template; the number of its scope.
    fn template(&mut self, root: &Object<'_>, outer: bool) -> usize {
        let number = self.units.len();
        let mut unit = Unit::new(Dialect::Arm, self.source.path.clone());
        unit.outer = outer;
        self.units
            .push(Unit::new(Dialect::Arm, self.source.path.clone()));
        for (name, param) in members(member(root, "parameters")) {
            let default = param
                .as_object()
                .and_then(|param| member(param, "defaultValue"));
            let param = Param {
                source: Arc::clone(self.source),
                name: name.to_owned(),
                default: default.map(|default| self.expression(default)),
            };
            unit.add_param(format!("parameters.{}", name.to_ascii_lowercase()), param);
        }
        for (name, value) in members(member(root, "variables")) {
            let value = Value {
                source: Arc::clone(self.source),
                value: self.expression(value),
            };
            unit.add_value(format!("variables.{}", name.to_ascii_lowercase()), value);
        }
        match member(root, "resources") {
            Some(Json::Array(resources)) => {
                for resource in &resources.elements {
                    self.resource(&mut unit, None, resource, None);
                }
            }
            Some(Json::Object(resources)) => {
                for property in &resources.properties {
                    self.resource(
                        &mut unit,
                        Some(property.name.as_str()),
                        &property.value,
                        None,
                    );
                }
            }
            _ => {}
        }
        self.outputs(&mut unit, root);
        self.units[number] = unit;
        number
    }

    fn outputs(&self, unit: &mut Unit, root: &Object<'_>) {
        let Some(Json::Object(outputs)) = member(root, "outputs") else {
            return;
        };
        for property in &outputs.properties {
            let Json::Object(output) = &property.value else {
                continue;
            };
            let Some(value) = member(output, "value").or_else(|| member(output, "copy")) else {
                continue;
            };
            let of_type = output
                .properties
                .iter()
                .find(|property| property.name.as_str().eq_ignore_ascii_case("type"));
            let word = of_type.and_then(|property| property.value.as_string_lit());
            let said = word.map_or("", |word| &word.value);
            let secret = said.to_ascii_lowercase().starts_with("secure");
            let secure = match said.to_ascii_lowercase().as_str() {
                "string" => Some("\"securestring\""),
                "object" => Some("\"secureObject\""),
                _ => None,
            };
            let of_type = word.map(|word| word.range.start..word.range.end);
            let range = property.name.range();
            unit.outputs.push(Output {
                source: Arc::clone(self.source),
                name: property.name.as_str().to_owned(),
                name_span: range.start..range.end,
                value: self.expression(value),
                secret,
                remedy: of_type.zip(secure.map(str::to_owned)),
            });
        }
    }

    fn resource(
        &mut self,
        unit: &mut Unit,
        symbol: Option<&str>,
        value: &Json<'_>,
        around: Option<usize>,
    ) {
        let Json::Object(resource) = value else {
            return;
        };
        let Some(of_type) = member(resource, "type").and_then(Json::as_string_lit) else {
            return;
        };
        let mut kind = of_type.value.to_ascii_lowercase();
        if let Some(version) = kind.find('@') {
            kind.truncate(version);
        }
        if let Some(around) = around
            && !kind.contains('.')
        {
            kind = format!("{}/{kind}", unit.resources[around].kind);
        }
        let symbol = symbol.map(|symbol| format!("symbols.{symbol}"));
        if kind == "microsoft.resources/deployments" {
            return self.deployment(unit, symbol, resource, value);
        }
        let existing = member(resource, "existing")
            .and_then(Json::as_boolean_lit)
            .is_some_and(|existing| existing.value);
        let declared = Resource {
            source: Arc::clone(self.source),
            kind,
            existing,
            parent: around,
            body: self.without_resources(resource),
            each: self.copies(resource),
        };
        let number = unit.add_resource(symbol, declared);
        if let Some(Json::Array(inner)) = member(resource, "resources") {
            for resource in &inner.elements {
                self.resource(unit, None, resource, Some(number));
            }
        }
    }

    /// A template in the template, or one at a path beside it.
    fn deployment(
        &mut self,
        unit: &mut Unit,
        symbol: Option<String>,
        resource: &Object<'_>,
        value: &Json<'_>,
    ) {
        let properties = member(resource, "properties").and_then(Json::as_object);
        let Some(properties) = properties else { return };
        let text = |object: Option<&Object<'_>>, name: &str| {
            let text = object
                .and_then(|object| member(object, name))
                .and_then(Json::as_string_lit);
            text.map(|text| text.value.clone().into_owned())
        };
        let target = if let Some(Json::Object(template)) = member(properties, "template") {
            let options =
                member(properties, "expressionEvaluationOptions").and_then(Json::as_object);
            let scope = text(options, "scope").unwrap_or_default();
            let inner = scope.eq_ignore_ascii_case("inner");
            Target::Inline(self.template(template, !inner))
        } else {
            let link = member(properties, "templateLink").and_then(Json::as_object);
            match text(link, "relativePath") {
                Some(path) => Target::Path(joined(parent(&self.source.path), &path)),
                None => Target::Elsewhere(text(link, "uri").unwrap_or_default()),
            }
        };
        let inputs = self.inputs(member(properties, "parameters"));
        let name = member(resource, "name").and_then(Json::as_string_lit);
        let name = name.map_or_else(String::new, |name| name.value.clone().into_owned());
        let module = Module {
            source: Arc::clone(self.source),
            name: name.clone(),
            target,
            inputs,
            body: self.expression(value),
            each: self.copies(resource),
        };
        unit.add_module(
            symbol.unwrap_or_else(|| format!("deployments.{name}")),
            module,
        );
    }

    /// `"copy": { "name": "n", "count": 2 }`; which of the copies a condition
    /// leaves is unknown.
    fn copies(&self, resource: &Object<'_>) -> Option<Each> {
        let copy = member(resource, "copy").and_then(Json::as_object)?;
        let count = member(copy, "count").filter(|_| member(resource, "condition").is_none())?;
        Some(Each {
            names: vec![COPY_INDEX.to_owned()],
            items: self.expression(count),
        })
    }

    /// `{ "a": { "value": x } }` as `{ "a": x }`.
    fn inputs(&self, parameters: Option<&Json<'_>>) -> Expr {
        let entries = members(parameters).filter_map(|(name, input)| {
            let value = member(input.as_object()?, "value")?;
            Some(Property {
                name: Some(name.to_owned()),
                name_span: 0..0,
                value: self.expression(value),
            })
        });
        Expr::new(ExprKind::Object(entries.collect()), 0..0)
    }

    fn expression(&self, value: &Json<'_>) -> Expr {
        let range = value.range();
        let span = range.start..range.end;
        let kind = match value {
            Json::StringLit(text) => match arm::parse(&text.value, &span) {
                Ok(Some(expression)) => return expression,
                _ => ExprKind::Text(text.value.clone().into_owned()),
            },
            Json::NumberLit(number) => number
                .value
                .parse()
                .map_or(ExprKind::Null, ExprKind::Number),
            Json::BooleanLit(value) => ExprKind::Bool(value.value),
            Json::NullKeyword(_) => ExprKind::Null,
            Json::Array(items) => ExprKind::Array(
                items
                    .elements
                    .iter()
                    .map(|item| self.expression(item))
                    .collect(),
            ),
            Json::Object(object) => return self.object(object, &[]),
        };
        Expr::new(kind, span)
    }

    fn without_resources(&self, object: &Object<'_>) -> Expr {
        self.object(object, &["resources"])
    }

    fn object(&self, object: &Object<'_>, without: &[&str]) -> Expr {
        let entries = object.properties.iter();
        let entries = entries.filter(|property| !without.contains(&property.name.as_str()));
        let entries = entries.map(|property| {
            let name = property.name.range();
            let text = property.name.as_str();
            // A name may be an expression, as a value may.
            let computed = text.starts_with('[') && !text.starts_with("[[");
            Property {
                name: (!computed).then(|| text.to_owned()),
                name_span: name.start..name.end,
                value: self.expression(&property.value),
            }
        });
        let kind = ExprKind::Object(entries.collect());
        Expr::new(kind, object.range.start..object.range.end)
    }
}

fn member<'v, 't>(object: &'v Object<'t>, name: &str) -> Option<&'v Json<'t>> {
    let found = object
        .properties
        .iter()
        .find(|property| property.name.as_str().eq_ignore_ascii_case(name));
    found.map(|property| &property.value)
}

fn members<'v, 't>(object: Option<&'v Json<'t>>) -> impl Iterator<Item = (&'v str, &'v Json<'t>)> {
    let object = object.and_then(Json::as_object);
    object
        .into_iter()
        .flat_map(|object| &object.properties)
        .map(|property| (property.name.as_str(), &property.value))
}
