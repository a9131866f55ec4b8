//! `function.json`: the bindings of one function.

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::Reading;
use super::trigger::{Said, Trigger};
use crate::fact::{AuthLevel, Model, Stated};
use crate::syntax::{SyntaxError, json};

/// # Errors
/// When it is no JSON.
pub(super) fn read(path: &str, text: &str, reading: &mut Reading) -> Result<(), SyntaxError> {
    let document = json::parse(text)?;
    let Some(root) = document.as_ref().and_then(Value::as_object) else {
        return Ok(());
    };
    let disabled = property(root, "disabled")
        .and_then(|property| property.value.as_boolean_lit())
        .is_some_and(|literal| literal.value);
    let bindings = property(root, "bindings").and_then(|property| property.value.as_array());
    if disabled {
        return Ok(());
    }
    for binding in bindings.iter().flat_map(|bindings| &bindings.elements) {
        let Some(binding) = binding.as_object() else {
            continue;
        };
        let kind = property(binding, "type").and_then(|kind| kind.value.as_string_lit());
        let Some(kind) = kind.filter(|kind| kind.value.eq_ignore_ascii_case("httpTrigger")) else {
            continue;
        };
        let said = property(binding, "authLevel");
        let (level, stated, range) = match said {
            Some(property) => (
                level(&property.value),
                Stated::Trigger,
                property.value.range(),
            ),
            None => (AuthLevel::Function, Stated::Default, kind.range),
        };
        reading.triggers.push(Trigger {
            model: Model::FunctionJson,
            function: function(path),
            level: Said::Level(level),
            stated,
            span: range.start..range.end,
        });
    }
    Ok(())
}

/// The function is named after its directory.
fn function(path: &str) -> Option<String> {
    let (directory, _) = path.rsplit_once('/')?;
    let name = directory.rsplit('/').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn level(value: &Value<'_>) -> AuthLevel {
    match value {
        Value::StringLit(word) => AuthLevel::of(&word.value).unwrap_or(AuthLevel::Unknown),
        Value::NullKeyword(_) => AuthLevel::Function,
        _ => AuthLevel::Unknown,
    }
}

/// A property, its name in any case.
fn property<'v, 't>(object: &'v Object<'t>, name: &str) -> Option<&'v ObjectProp<'t>> {
    object
        .properties
        .iter()
        .find(|property| property.name.as_str().eq_ignore_ascii_case(name))
}
