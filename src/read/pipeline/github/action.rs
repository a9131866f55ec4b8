//! Steps, and the actions that they use.

use std::sync::Arc;

use super::super::super::structured::Source;
use super::super::machine::{Shell, says_check};
use super::super::text::{Text, expressions};
use super::super::value::{Place, Value};
use super::super::world::What;
use super::{Context, DEPTH, Map, Runner, shell};
use crate::syntax::yaml;

/// The directory of the action whose steps these are.
pub(super) const ACTION_PATH: &str = "GITHUB_ACTION_PATH";

impl Runner<'_> {
    pub(super) fn steps(
        &mut self,
        steps: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &mut Context,
    ) {
        for step in steps.items() {
            if !self.machine.world.spend() {
                return;
            }
            let outer = context.env.clone();
            self.environment(step, source, context);
            let directory = step.get("working-directory");
            let directory = directory.map(|value| self.value(value, source, context));
            let directory = directory.or_else(|| context.directory.clone());
            self.machine.directory = directory.unwrap_or_default();
            self.machine.vars.clone_from(&context.env);
            let outputs = match (
                step.get("run"),
                step.get("uses").and_then(yaml::Value::text),
            ) {
                (Some(run), _) => {
                    self.run(step, run, source, context);
                    Map::new()
                }
                (None, Some(uses)) => self.uses(uses, step, source, context),
                (None, None) => Map::new(),
            };
            context.env = outer;
            self.hand_over(step, outputs, context);
        }
    }

    fn run(
        &mut self,
        step: yaml::Value<'_>,
        run: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &Context,
    ) {
        let Some(text) = Text::of(run, source) else {
            return;
        };
        let named = step.get("shell").and_then(yaml::Value::text);
        let (shell, trace) = shell(named.or(context.shell.as_deref()).unwrap_or_default());
        let script = text.script(expressions, |expression, place| {
            self.evaluate(expression, place, context)
        });
        if let Some(name) = step.get("name").and_then(yaml::Value::text) {
            self.check(name, &text.whole());
        }
        if shell == Shell::Other {
            self.machine.world.event(What::Unknown, None, &text.whole());
        }
        self.machine.run(shell, script, trace);
    }

    /// Whether a step's name says that it looks whether something works.
    fn check(&mut self, name: &str, place: &Place) {
        if says_check(&[(name.to_owned(), place.clone())]) {
            self.machine.world.event(What::Check, None, place);
        }
    }

    /// What a step leaves for those after it.
    fn hand_over(&mut self, step: yaml::Value<'_>, outputs: Map, context: &mut Context) {
        let mut outputs = outputs;
        let written = std::mem::take(&mut self.machine.outputs);
        outputs.extend(assignments(&written));
        let environment = std::mem::take(&mut self.machine.environment);
        context.env.extend(assignments(&environment));
        if let Some(id) = step.get("id").and_then(yaml::Value::text) {
            context.steps.insert(id.to_owned(), outputs);
        }
    }

    fn uses(
        &mut self,
        uses: &str,
        step: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &mut Context,
    ) -> Map {
        let mut with = Vec::new();
        for (name, value) in step.get("with").into_iter().flat_map(yaml::Value::entries) {
            if let (Some(name), Some(text)) = (name.text(), Text::of(value, source)) {
                with.push((name.to_owned(), value, text));
            }
        }
        if uses.starts_with("./") {
            return self.local_action(uses, step, source, context);
        }
        let action = uses.split('@').next().unwrap_or(uses).to_ascii_lowercase();
        let inline = match action.as_str() {
            "azure/cli" => Some(Shell::Bash),
            "azure/powershell" => Some(Shell::Power),
            _ => None,
        };
        for (name, value, text) in with {
            if let Some(shell) = inline.filter(|_| name.eq_ignore_ascii_case("inlineScript")) {
                let script = text.script(expressions, |expression, place| {
                    self.evaluate(expression, place, context)
                });
                self.machine.run(shell, script, false);
                continue;
            }
            let filled = self.value(value, source, context);
            if action.ends_with("/upload-artifact") && name == "path" {
                for path in filled.lines() {
                    self.machine.upload(path.trim(), &text.whole());
                }
                continue;
            }
            self.machine.given(&filled, &text.whole());
        }
        let place = Place {
            source: Arc::clone(source),
            span: step.get("uses").map(yaml::Value::span).unwrap_or_default(),
        };
        let name = step
            .get("name")
            .and_then(yaml::Value::text)
            .unwrap_or_default();
        self.check(&format!("{name} {action}"), &place);
        let harmless = ["actions/", "azure/", "github/"];
        if !harmless.iter().any(|owner| action.starts_with(owner)) {
            self.machine.world.event(What::Unknown, None, &place);
        }
        Map::new()
    }

    /// A composite action of the same repository.
    fn local_action(
        &mut self,
        uses: &str,
        step: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &Context,
    ) -> Map {
        let found = self.local(uses);
        let Some(found) = found.filter(|_| self.depth < DEPTH) else {
            let place = Place {
                source: Arc::clone(source),
                span: step.get("uses").map(yaml::Value::span).unwrap_or_default(),
            };
            self.machine.world.event(What::Unknown, None, &place);
            return Map::new();
        };
        let (callee, yaml) = &*found;
        let Some(root) = yaml.root() else {
            return Map::new();
        };
        let mut inner = Context {
            env: context.env.clone(),
            // An action has no secrets but those that it is given.
            secrets: Some(Map::new()),
            ..Context::default()
        };
        for (name, value) in step.get("with").into_iter().flat_map(yaml::Value::entries) {
            if let Some(name) = name.text() {
                inner
                    .inputs
                    .insert(name.to_owned(), self.value(value, source, context));
            }
        }
        let directory = crate::project::parent(&callee.path).to_owned();
        self.depth += 1;
        let outputs = self.composite(root, callee, &mut inner, &directory);
        self.depth -= 1;
        outputs
    }

    /// The steps of a composite action; gives its outputs.
    pub(super) fn composite(
        &mut self,
        root: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &mut Context,
        directory: &str,
    ) -> Map {
        self.defaults(root.get("inputs"), source, context);
        let Some(runs) = root.get("runs") else {
            return Map::new();
        };
        // As the scripts of this repository are looked for: below its root.
        let here = directory.strip_prefix(self.machine.root.as_str());
        let here = here.unwrap_or(directory).trim_start_matches('/');
        let here = if here.is_empty() { "." } else { here };
        context.env.insert(ACTION_PATH.to_owned(), here.to_owned());
        if let Some(steps) = runs.get("steps") {
            self.steps(steps, source, context);
        }
        let mut outputs = Map::new();
        for (name, of) in root
            .get("outputs")
            .into_iter()
            .flat_map(yaml::Value::entries)
        {
            if let (Some(name), Some(value)) = (name.text(), of.get("value")) {
                outputs.insert(name.to_owned(), self.value(value, source, context));
            }
        }
        outputs
    }
}

/// `name=value` lines, and `name<<MARK` with the lines up to the mark.
pub(in super::super) fn assignments(text: &str) -> Map {
    let mut all = Map::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some((name, mark)) = line.split_once("<<")
            && !name.contains('=')
        {
            let value: Vec<&str> = lines
                .by_ref()
                .take_while(|line| line.trim() != mark.trim())
                .collect();
            all.insert(name.trim().to_owned(), value.join("\n"));
        } else if let Some((name, value)) = line.split_once('=') {
            all.insert(name.trim().to_owned(), Value::from(value));
        }
    }
    all
}
