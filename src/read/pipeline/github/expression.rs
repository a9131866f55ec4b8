//! Expressions of GitHub: `${{ … }}`, as far as they can hold a key.

use std::sync::LazyLock;

use regex::Regex;

use super::super::text::inside;
use super::super::value::{Place, Supply, Value, clean, key, keys, says_key, unknown};
use super::super::world::What;
use super::action::ACTION_PATH;
use super::{Context, Runner};

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?-u)^(?P<context>\w+)(?P<path>(?:\.[\w-]+|\[\s*'(?u:[^'])*'\s*\])+)$"#)
        .expect("a constant pattern, tested")
});

static PART: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?-u)\.([\w-]+)|\[\s*'((?u:[^'])*)'\s*\]"#).expect("a constant pattern, tested")
});

static JSON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^fromJSON\((?P<of>[^()]+)\)(?P<path>.+)$"#).expect("a constant pattern, tested")
});

impl Runner<'_> {
    /// The value of an expression.
    pub(super) fn evaluate(&mut self, expression: &str, place: &Place, context: &Context) -> Value {
        self.operand(inside(expression), place, context, 4)
    }

    fn operand(&mut self, text: &str, place: &Place, context: &Context, depth: usize) -> Value {
        let text = text.trim();
        let Some(depth) = depth.checked_sub(1) else {
            return unknown("expression");
        };
        if let Some(literal) = text
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
            && !literal.replace("''", "").contains('\'')
        {
            return clean(&literal.replace("''", "'"));
        }
        // `a || b`, `condition && a || b`: what could be a key is one.
        if text.contains("||") || text.contains("&&") {
            let operands = text.split("||").flat_map(|part| part.split("&&").last());
            let mut values = operands.map(|part| self.operand(part, place, context, depth));
            let values: Vec<Value> = values.by_ref().collect();
            let with_key = values.iter().find(|value| keys(value).next().is_some());
            return with_key
                .cloned()
                .unwrap_or_else(|| match values.as_slice() {
                    [one] => one.clone(),
                    _ => unknown(text),
                });
        }
        if let Some(found) = JSON.captures(text) {
            let of = self.operand(&found["of"], place, context, depth);
            return self.machine.select(&of, &found["path"], place);
        }
        if let Some(arguments) = text
            .strip_prefix("format(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            return self.format(arguments, place, context, depth);
        }
        if let Some(inner) = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            return self.operand(inner, place, context, depth);
        }
        self.reference(text, place, context)
    }

    /// `format('…{0}…', a, b)`
    fn format(&mut self, arguments: &str, place: &Place, context: &Context, depth: usize) -> Value {
        let mut parts = Vec::new();
        let (mut quoted, mut start) = (false, 0);
        for (at, c) in arguments.char_indices() {
            match c {
                '\'' => quoted = !quoted,
                ',' if !quoted => {
                    parts.push(&arguments[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
        parts.push(&arguments[start..]);
        let values: Vec<Value> = parts
            .iter()
            .take(12)
            .map(|part| self.operand(part, place, context, depth))
            .collect();
        let mut text = values.first().cloned().unwrap_or_default();
        for (at, value) in values.iter().skip(1).enumerate() {
            text = text.replace(&format!("{{{at}}}"), value);
        }
        text
    }

    fn reference(&mut self, text: &str, place: &Place, context: &Context) -> Value {
        let Some(found) = REFERENCE.captures(text) else {
            return unknown(text);
        };
        let path: Vec<&str> = PART
            .captures_iter(&found["path"])
            .filter_map(|part| Some(part.get(1).or(part.get(2))?.as_str()))
            .map(|part| &text[offset(text, part)..][..part.len()])
            .collect();
        let known = match (&found["context"], path.as_slice()) {
            ("secrets", [name]) => return self.secret(name, place, context),
            ("env", [name]) => context.env.get(*name),
            ("github", ["action_path"]) => context.env.get(ACTION_PATH),
            ("inputs", [name]) | ("github", ["event", "inputs", name]) => context.inputs.get(*name),
            ("steps", [step, "outputs", name]) => context
                .steps
                .get(*step)
                .and_then(|outputs| outputs.get(*name)),
            ("needs" | "jobs", [job, "outputs", name]) => context
                .needs
                .get(*job)
                .and_then(|outputs| outputs.get(*name)),
            ("matrix", _) => {
                let name = format!("matrix.{}", path.join("."));
                // One value is that value.
                match self.machine.world.several.get(&name).map(Vec::as_slice) {
                    Some([one]) => return clean(one),
                    _ => return unknown(&name),
                }
            }
            _ => None,
        };
        known.cloned().unwrap_or_else(|| unknown(text))
    }

    fn secret(&mut self, name: &str, place: &Place, context: &Context) -> Value {
        if name.eq_ignore_ascii_case("GITHUB_TOKEN") {
            return unknown("secrets.GITHUB_TOKEN");
        }
        if let Some(given) = &context.secrets {
            let given = given.get(name).cloned();
            return given.unwrap_or_else(|| unknown(&format!("secrets.{name}")));
        }
        let id = self.machine.world.named(Supply::Secret, name, true, place);
        if says_key(name) && !self.quiet {
            self.machine.world.event(What::Name, Some(id), place);
        }
        key(id).to_string()
    }
}

/// Where a part of a text begins in it.
fn offset(text: &str, part: &str) -> usize {
    text.find(part).unwrap_or(0)
}
