//! Steps of Azure Pipelines, and the tasks that they use.

use std::sync::Arc;

use super::super::super::structured::Source;
use super::super::machine::{HOLE, Script, Shell, says_check};
use super::super::text::Text;
use super::super::value::{Place, Supply, key, says_key, with_holes};
use super::super::world::What;
use super::variable::macros;
use super::{Context, Runner};
use crate::syntax::yaml::{self, Origin};

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
            if step.get("template").is_some() {
                self.template(step, source, context, |runner, root, source, inner| {
                    if let Some(steps) = root.get("steps") {
                        runner.steps(steps, source, inner);
                    }
                });
                continue;
            }
            let mut branches = Vec::new();
            self.conditional(step, context, |_, inner, context| {
                branches.push((inner, context.items.clone()));
            });
            if !branches.is_empty() {
                for (branch, items) in branches {
                    let outer = std::mem::replace(&mut context.items, items);
                    self.steps(branch, source, context);
                    context.items = outer;
                }
                continue;
            }
            self.step(step, source, context);
        }
    }

    fn step(&mut self, step: yaml::Value<'_>, source: &Arc<Source>, context: &mut Context) {
        self.export(context);
        let outer = self.machine.vars.clone();
        for (name, value) in step.get("env").into_iter().flat_map(yaml::Value::entries) {
            if let Some(name) = name.text() {
                let value = self.value(value, source, context);
                if says_key(name) {
                    self.machine.learn(&value);
                }
                self.machine.vars.insert(name.to_owned(), value);
            }
        }
        let directory = step
            .get("workingDirectory")
            .map(|value| self.value(value, source, context));
        self.machine.directory = directory.unwrap_or_default();
        if let Some(name) = step
            .get("displayName")
            .and_then(|name| Text::of(name, source))
            && says_check(&[(name.value.to_owned(), name.whole())])
        {
            self.machine.world.event(What::Check, None, &name.whole());
        }
        let inline = [
            ("bash", Shell::Bash),
            ("script", Shell::Bash),
            ("pwsh", Shell::Power),
            ("powershell", Shell::Power),
        ];
        for (name, shell) in inline {
            if let Some(text) = step.get(name).and_then(|text| Text::of(text, source)) {
                let script =
                    text.script(macros, |found, place| self.evaluate(found, place, context));
                self.machine.run(shell, script, false);
            }
        }
        for name in ["publish", "upload"] {
            if let Some(text) = step.get(name) {
                let path = self.value(text, source, context);
                self.published(&path, text, source);
            }
        }
        if let Some(task) = step.get("task").and_then(yaml::Value::text) {
            self.task(task, step, source, context);
        }
        self.machine.vars = outer;
        self.hand_over(step, context);
    }

    fn published(&mut self, path: &str, value: yaml::Value<'_>, source: &Arc<Source>) {
        let place = Place {
            source: Arc::clone(source),
            span: value.span(),
        };
        self.machine.upload(path, &place);
    }

    /// Variables that a step has set are there from the next one on.
    fn hand_over(&mut self, step: yaml::Value<'_>, context: &mut Context) {
        let name = step
            .get("name")
            .and_then(yaml::Value::text)
            .unwrap_or_default();
        for (variable, output, value) in std::mem::take(&mut self.machine.set) {
            let variable = variable.to_ascii_lowercase();
            if output {
                let named = format!("{}.{variable}", name.to_ascii_lowercase());
                context.variables.insert(named, value.clone());
            }
            context.variables.insert(variable, value);
        }
    }

    fn task(
        &mut self,
        task: &str,
        step: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &mut Context,
    ) {
        let task = task.split('@').next().unwrap_or(task).to_ascii_lowercase();
        let Some(inputs) = step.get("inputs") else {
            self.unknown(&task, step, source);
            return;
        };
        // Names of inputs are the same in any letters.
        let input = |name: &str| {
            let mut all = inputs.entries();
            all.find(|(key, _)| key.text().is_some_and(|key| key.eq_ignore_ascii_case(name)))
                .map(|(_, value)| value)
        };
        let said = |name: &str| input(name).and_then(yaml::Value::text).unwrap_or_default();
        let (shell, script, file) = match task.as_str() {
            "azurecli" => {
                let power = said("scriptType").to_ascii_lowercase().starts_with("ps");
                let shell = if power { Shell::Power } else { Shell::Bash };
                (shell, input("inlineScript"), input("scriptPath"))
            }
            "azurepowershell" => (Shell::Power, input("Inline"), input("ScriptPath")),
            "powershell" => (Shell::Power, input("script"), input("filePath")),
            "bash" | "shellscript" => (
                Shell::Bash,
                input("script"),
                input("filePath").or(input("scriptPath")),
            ),
            "cmdline" => (Shell::Bash, input("script"), None),
            "azurekeyvault" => {
                self.vault(
                    said("SecretsFilter"),
                    input("SecretsFilter"),
                    source,
                    context,
                );
                return;
            }
            "publishbuildartifacts" | "publishpipelineartifact" => {
                let path = input("PathtoPublish")
                    .or(input("targetPath"))
                    .or(input("path"));
                if let Some(path) = path {
                    let value = self.value(path, source, context);
                    self.published(&value, path, source);
                }
                return;
            }
            _ => {
                let values: Vec<_> = inputs.entries().map(|(_, value)| value).collect();
                for value in values {
                    let filled = self.value(value, source, context);
                    let place = Place {
                        source: Arc::clone(source),
                        span: value.span(),
                    };
                    self.machine.given(&filled, &place);
                }
                self.unknown(&task, step, source);
                return;
            }
        };
        if let Some(text) = script.and_then(|script| Text::of(script, source)) {
            let script = text.script(macros, |found, place| self.evaluate(found, place, context));
            self.machine.run(shell, script, false);
        } else if let Some(file) = file {
            self.file(
                shell,
                file,
                input("arguments").or(input("ScriptArguments")),
                source,
                context,
            );
        }
    }

    /// A script of the repository that a task runs: as a command would.
    fn file(
        &mut self,
        shell: Shell,
        file: yaml::Value<'_>,
        arguments: Option<yaml::Value<'_>>,
        source: &Arc<Source>,
        context: &Context,
    ) {
        let Some(text) = Text::of(file, source) else {
            return;
        };
        let place = text.whole();
        let path = self.value(file, source, context);
        let rest = arguments
            .map(|value| self.value(value, source, context))
            .unwrap_or_default();
        // What is known by name alone stays so.
        let (rest, unknown) = with_holes(&rest, HOLE + 1);
        let call = match shell {
            Shell::Power => format!("& \u{e000} {rest}"),
            _ => format!("bash \u{e000} {rest}"),
        };
        let script = Script {
            source: Arc::clone(source),
            origin: Origin::fixed(place.span),
            text: call,
            holes: Arc::new([vec![path], unknown].concat()),
            style: None,
        };
        self.machine.run(shell, script, false);
    }

    /// Secrets of a vault become secret variables.
    fn vault(
        &mut self,
        names: &str,
        filter: Option<yaml::Value<'_>>,
        source: &Arc<Source>,
        context: &mut Context,
    ) {
        let place = Place {
            source: Arc::clone(source),
            span: filter.map(yaml::Value::span).unwrap_or_default(),
        };
        for name in names
            .split(',')
            .map(str::trim)
            .filter(|name| says_key(name))
        {
            let id = self
                .machine
                .world
                .named(Supply::Variable, name, true, &place);
            context
                .variables
                .insert(name.to_ascii_lowercase(), key(id).to_string());
        }
    }

    /// A task that nobody here knows.
    fn unknown(&mut self, task: &str, step: yaml::Value<'_>, source: &Arc<Source>) {
        let place = Place {
            source: Arc::clone(source),
            span: step.get("task").map(yaml::Value::span).unwrap_or_default(),
        };
        let name = step
            .get("displayName")
            .and_then(yaml::Value::text)
            .unwrap_or_default();
        let what = match says_check(&[(format!("{task} {name}"), place.clone())]) {
            true => What::Check,
            false => What::Unknown,
        };
        // Those that build and deploy look at no caller.
        const HARMLESS: &[&str] = &[
            "dotnet",
            "node",
            "use",
            "archive",
            "copyfiles",
            "download",
            "azurefunctionapp",
            "npm",
            "azurewebapp",
            "nuget",
            "checkout",
            "cache",
            "extract",
            "delete",
        ];
        let harmless = HARMLESS.iter().any(|start| task.starts_with(start));
        if what == What::Check || !harmless {
            self.machine.world.event(what, None, &place);
        }
    }
}
