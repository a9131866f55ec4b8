//! Variables of Azure Pipelines, macros and expressions.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::super::super::structured::Source;
use super::super::text::{Text, inside};
use super::super::value::{Place, Supply, Value, key, says_key, unknown};
use super::super::world::What;
use super::{Context, Runner};
use crate::syntax::yaml;

/// Words in `$( )` that are commands and no variables.
const COMMANDS: &[&str] = &[
    "pwd", "date", "hostname", "whoami", "nproc", "ls", "uname", "mktemp", "arch", "id", "uuidgen",
    "tty", "env",
];

static MACRO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$\((?P<macro>[A-Za-z_][\w.-]*)\)|\$\{\{.*?\}\}|\$\[(?:[^\[\]]|\[[^\]]*\])*\]")
        .expect("a constant pattern, tested")
});

static OUTPUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i-u)dependencies\.(?:[\w-]+\.)?(?P<job>[\w-]+)\.outputs\['(?P<name>(?u:[^'])+)'\]",
    )
    .expect("a constant pattern, tested")
});

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?-u)^(?P<of>variables|parameters)(?:\.(?P<name>[\w.-]+)|\[\s*'(?P<quoted>(?u:[^'])+)'\s*\])$",
    )
    .expect("a constant pattern, tested")
});

impl Runner<'_> {
    pub(super) fn variables(
        &mut self,
        of: Option<yaml::Value<'_>>,
        source: &Arc<Source>,
        context: &mut Context,
    ) {
        let Some(of) = of else { return };
        for (name, value) in of.entries() {
            if let Some(name) = name.text() {
                self.variable(name, value, source, context);
            }
        }
        for item in of.items() {
            if let Some(name) = item.get("name").and_then(yaml::Value::text)
                && let Some(value) = item.get("value")
            {
                self.variable(name, value, source, context);
            }
            if let Some(group) = item.get("group") {
                let group = self.value(group, source, context);
                context.groups.push(group);
            }
            if item.get("template").is_some() {
                self.template(item, source, context, |runner, root, source, inner| {
                    runner.variables(root.get("variables"), source, inner);
                });
            }
            // `${{ if … }}:` before a list of variables.
            for (name, value) in item.entries() {
                if name.text().is_some_and(|name| name.starts_with("${{")) {
                    self.variables(Some(value), source, context);
                }
            }
        }
    }

    pub(super) fn variable(
        &mut self,
        name: &str,
        value: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &mut Context,
    ) {
        if name.starts_with("${{") {
            self.variables(Some(value), source, context);
            return;
        }
        let value = self.value(value, source, context);
        context.variables.insert(name.to_ascii_lowercase(), value);
    }

    /// A scalar with its macros and expressions evaluated.
    pub(super) fn value(
        &mut self,
        value: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &Context,
    ) -> Value {
        let Some(text) = Text::of(value, source) else {
            return Value::new();
        };
        let mut value = text.filled(macros, |found, place| self.evaluate(found, place, context));
        // Expressions are evaluated first: `$(${{ parameters.variable }})`.
        if text.value.contains("$(${{") {
            let place = text.whole();
            for found in macros(&value).into_iter().rev() {
                let inner = self.evaluate(&value[found.clone()], &place, context);
                value.replace_range(found, &inner);
            }
        }
        value
    }

    /// `$(X)`, `${{ … }}` or `$[ … ]`.
    pub(super) fn evaluate(&mut self, found: &str, place: &Place, context: &Context) -> Value {
        if let Some(name) = found
            .strip_prefix("$(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            return self.named(name, place, context);
        }
        let expression = match found.strip_prefix("$[") {
            Some(rest) => rest.strip_suffix(']').unwrap_or(rest).trim(),
            None => inside(found),
        };
        if let Some(item) = context.items.get(expression) {
            return item.clone();
        }
        if let Some(output) = OUTPUT.captures(expression) {
            let job = output["job"].to_ascii_lowercase();
            let name = output["name"].to_ascii_lowercase();
            let name = name
                .split_once("deploy.")
                .map_or(name.as_str(), |(_, rest)| rest);
            let known = self.outputs.get(&job).and_then(|set| set.get(name));
            return known.cloned().unwrap_or_else(|| unknown(expression));
        }
        let Some(reference) = REFERENCE.captures(expression) else {
            return unknown(expression);
        };
        let name = reference.name("name").or(reference.name("quoted"));
        let name = name.map_or("", |name| name.as_str());
        match &reference["of"] {
            "parameters" => {
                let known = context.parameters.get(name).cloned();
                known.unwrap_or_else(|| unknown(&format!("parameters.{name}")))
            }
            _ => self.named(name, place, context),
        }
    }

    /// A variable: of the file, of a step, else of a group or of the pipeline's
    /// settings, where it may be secret.
    pub(super) fn named(&mut self, name: &str, place: &Place, context: &Context) -> Value {
        if let Some(value) = context.variables.get(&name.to_ascii_lowercase()) {
            return value.clone();
        }
        if says_key(name) || self.machine.world.sent.contains(name) {
            let id = self
                .machine
                .world
                .named(Supply::Variable, name, true, place);
            if says_key(name) {
                self.machine.world.event(What::Name, Some(id), place);
            }
            return key(id).to_string();
        }
        unknown(name)
    }
}

/// Where macros and expressions stand.
pub(super) fn macros(text: &str) -> Vec<Range<usize>> {
    let found = MACRO.captures_iter(text);
    let wanted = found.filter(|found| {
        let name = found.name("macro").map(|name| name.as_str());
        name.is_none_or(|name| !COMMANDS.contains(&name))
    });
    wanted
        .filter_map(|found| Some(found.get(0)?.range()))
        .collect()
}
