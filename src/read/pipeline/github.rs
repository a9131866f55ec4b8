//! Workflows and composite actions of GitHub.

pub(super) use action::assignments;

mod action;
mod expression;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::super::structured::{Around, Source};
use super::Document;
use super::machine::{Machine, Shell, join};
use super::name::Dialect;
use super::text::{Text, expressions};
use super::value::{Place, Value, unknown};
use super::world::{Job, What, World};
use crate::syntax::yaml::{self, Yaml};

/// How deep workflows and actions call each other, at most; GitHub's limit is
/// ten.
const DEPTH: usize = 10;

/// A document that was looked up.
type Parsed = Arc<(Arc<Source>, Yaml)>;

/// Names and values.
pub(super) type Map = HashMap<String, Value>;

/// What expressions can name.
#[derive(Clone, Default)]
struct Context {
    env: Map,
    inputs: Map,
    /// Those that a caller handed over; none where they are the platform's.
    secrets: Option<Map>,
    steps: HashMap<String, Map>,
    needs: HashMap<String, Map>,
    /// The shell of steps that name none.
    shell: Option<String>,
    /// The directory of such steps.
    directory: Option<String>,
}

/// Follows one workflow.
struct Runner<'m> {
    machine: Machine<'m>,
    around: &'m Around<'m>,
    depth: usize,
    /// Whether mentions of secrets count: those for all jobs do not.
    quiet: bool,
    parsed: HashMap<String, Option<Parsed>>,
}

/// What a workflow does.
pub(super) fn follow(document: &Document, around: &Around<'_>, world: &mut World) {
    let Some(root) = document.yaml.root() else {
        return;
    };
    let directory = root_of(&document.source.path);
    let mut runner = Runner {
        machine: Machine::new(world, around, document.dialect, directory),
        around,
        depth: 0,
        quiet: false,
        parsed: HashMap::new(),
    };
    let mut context = Context::default();
    match document.dialect {
        Dialect::Action => {
            runner.machine.world.begin(Job::default());
            let directory = crate::project::parent(&document.source.path).to_owned();
            runner.composite(root, &document.source, &mut context, &directory);
        }
        _ => {
            runner.workflow(root, &document.source, context);
        }
    }
}

/// The events that start a workflow.
pub(super) fn triggers(root: yaml::Value<'_>) -> BTreeSet<String> {
    // An old reader of YAML takes `on` for a yes.
    let on = root.get("on").or_else(|| root.get("true"));
    let Some(on) = on else {
        return BTreeSet::new();
    };
    let names = on.entries().map(|(name, _)| name).chain(on.items());
    let names = names.filter_map(yaml::Value::text);
    names.chain(on.text()).map(str::to_owned).collect()
}

/// The directory of the repository that a workflow belongs to.
fn root_of(path: &str) -> String {
    match path.find(".github/") {
        Some(0) | None => String::new(),
        Some(at) => path[..at].trim_end_matches('/').to_owned(),
    }
}

impl<'m> Runner<'m> {
    /// Follows the jobs; gives the outputs of a workflow that is called.
    fn workflow(
        &mut self,
        root: yaml::Value<'_>,
        source: &Arc<Source>,
        mut context: Context,
    ) -> Map {
        self.quiet = true;
        self.environment(root, source, &mut context);
        self.quiet = false;
        context.shell = default_of(root, "shell");
        context.directory = default_of(root, "working-directory");
        let Some(jobs) = root.get("jobs") else {
            return Map::new();
        };
        let mut outputs = HashMap::new();
        let mut done = BTreeSet::new();
        let names: Vec<&str> = jobs.entries().filter_map(|(name, _)| name.text()).collect();
        for name in names {
            self.job(name, jobs, source, &context, &mut outputs, &mut done);
        }
        let mut context = context;
        context.needs = outputs;
        let on = root.get("on").and_then(|on| on.get("workflow_call"));
        let declared = on.and_then(|call| call.get("outputs"));
        let mut values = Map::new();
        for (name, of) in declared.into_iter().flat_map(yaml::Value::entries) {
            if let (Some(name), Some(value)) = (name.text(), of.get("value")) {
                values.insert(name.to_owned(), self.value(value, source, &context));
            }
        }
        values
    }

    /// Follows a job, those that it needs first.
    fn job(
        &mut self,
        name: &str,
        jobs: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &Context,
        outputs: &mut HashMap<String, Map>,
        done: &mut BTreeSet<String>,
    ) {
        if !done.insert(name.to_owned()) || done.len() > 1_000 {
            return;
        }
        let Some(job) = jobs.get(name) else {
            return;
        };
        let needs = job.get("needs");
        let needs = needs
            .into_iter()
            .flat_map(|needs| needs.items().chain([needs]));
        for needed in needs.filter_map(yaml::Value::text) {
            if self.depth + done.len() < 1_000 {
                self.job(needed, jobs, source, context, outputs, done);
            }
        }
        let mut context = context.clone();
        context.needs.clone_from(outputs);
        context.shell = default_of(job, "shell").or(context.shell);
        context.directory = default_of(job, "working-directory").or(context.directory);
        if let Some(matrix) = job
            .get("strategy")
            .and_then(|strategy| strategy.get("matrix"))
        {
            self.matrix(matrix);
        }
        let environment = job.get("environment");
        let environment = environment.map(|named| named.get("name").unwrap_or(named));
        let environment = environment.map(|named| self.value(named, source, &context));
        // A called workflow has its caller's job around it.
        let outer = self.machine.world.job;
        self.machine.world.begin(Job {
            name: name.to_owned(),
            gate: environment.is_some(),
            values_of: environment.clone(),
            environment,
            place: Some(Place {
                source: Arc::clone(source),
                span: job.span(),
            }),
        });
        self.environment(job, source, &mut context);
        if let Some(uses) = job.get("uses").and_then(yaml::Value::text) {
            let values = self.called(uses, job, source, &context);
            outputs.insert(name.to_owned(), values);
            return;
        }
        self.machine.vars.clone_from(&context.env);
        self.machine.files.clear();
        if runs_on_windows(job) {
            context.shell = context.shell.or(Some("pwsh".to_owned()));
        }
        if let Some(steps) = job.get("steps") {
            self.steps(steps, source, &mut context);
        }
        let mut values = Map::new();
        let declared = job
            .get("outputs")
            .into_iter()
            .flat_map(yaml::Value::entries);
        for (output, value) in declared {
            if let Some(output) = output.text() {
                values.insert(output.to_owned(), self.value(value, source, &context));
            }
        }
        outputs.insert(name.to_owned(), values);
        if self.depth > 0 {
            self.machine.world.job = outer;
        }
    }

    fn matrix(&mut self, matrix: yaml::Value<'_>) {
        for (name, values) in matrix.entries() {
            let Some(name) = name.text() else { continue };
            let mut add = |name: String, value: &str| {
                let known = self.machine.world.several.entry(name).or_default();
                known.push(value.to_owned());
            };
            for value in values.items() {
                if let Some(value) = value.text() {
                    add(format!("matrix.{name}"), value);
                }
                for (key, value) in value.entries() {
                    if let (Some(key), Some(value)) = (key.text(), value.text()) {
                        let name = match name {
                            "include" => format!("matrix.{key}"),
                            _ => format!("matrix.{name}.{key}"),
                        };
                        add(name, value);
                    }
                }
            }
        }
    }

    /// A workflow of the same repository that a job calls.
    fn called(
        &mut self,
        uses: &str,
        job: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &Context,
    ) -> Map {
        let Some(found) = self.local(uses) else {
            self.machine.world.event(
                What::Unknown,
                None,
                &Place {
                    source: Arc::clone(source),
                    span: job.get("uses").map(yaml::Value::span).unwrap_or_default(),
                },
            );
            return Map::new();
        };
        if self.depth >= DEPTH {
            return Map::new();
        }
        let (callee, yaml) = &*found;
        let Some(root) = yaml.root() else {
            return Map::new();
        };
        let mut inner = Context::default();
        let with = job.get("with").into_iter().flat_map(yaml::Value::entries);
        for (name, value) in with {
            if let Some(name) = name.text() {
                inner
                    .inputs
                    .insert(name.to_owned(), self.value(value, source, context));
            }
        }
        let on = root.get("on").and_then(|on| on.get("workflow_call"));
        self.defaults(on.and_then(|call| call.get("inputs")), callee, &mut inner);
        let secrets = job.get("secrets");
        inner.secrets = match secrets.and_then(yaml::Value::text) {
            Some("inherit") => context.secrets.clone(),
            _ => {
                let mut given = Map::new();
                for (name, value) in secrets.into_iter().flat_map(yaml::Value::entries) {
                    if let Some(name) = name.text() {
                        given.insert(name.to_owned(), self.value(value, source, context));
                    }
                }
                Some(given)
            }
        };
        self.depth += 1;
        let values = self.workflow(root, callee, inner);
        self.depth -= 1;
        values
    }

    /// Inputs that nobody gave: their default, or what is not known.
    fn defaults(
        &mut self,
        inputs: Option<yaml::Value<'_>>,
        source: &Arc<Source>,
        context: &mut Context,
    ) {
        for (name, input) in inputs.into_iter().flat_map(yaml::Value::entries) {
            let Some(name) = name.text() else { continue };
            if !context.inputs.contains_key(name) {
                let value = match input.get("default") {
                    Some(value) => self.value(value, source, &Context::default()),
                    None => unknown(&format!("inputs.{name}")),
                };
                context.inputs.insert(name.to_owned(), value);
            }
        }
    }

    /// A document of the same repository.
    fn local(&mut self, uses: &str) -> Option<Parsed> {
        let path = uses.strip_prefix("./")?;
        let base = join(&self.machine.root, "", path)?;
        let candidates = match base.ends_with(".yml") || base.ends_with(".yaml") {
            true => vec![base],
            false => vec![format!("{base}/action.yml"), format!("{base}/action.yaml")],
        };
        for path in candidates {
            if let Some(known) = self.parsed.get(&path) {
                if known.is_some() {
                    return known.clone();
                }
                continue;
            }
            let parsed = self.around.source(&path).and_then(|source| {
                let yaml = Yaml::parse(&source.text).ok()?;
                Some(Arc::new((source, yaml)))
            });
            self.parsed.insert(path.clone(), parsed.clone());
            if parsed.is_some() {
                self.machine.world.called.insert(path);
                return parsed;
            }
        }
        None
    }

    /// `env:` of a workflow, a job or a step.
    fn environment(&mut self, of: yaml::Value<'_>, source: &Arc<Source>, context: &mut Context) {
        let env = of.get("env").into_iter().flat_map(yaml::Value::entries);
        for (name, value) in env {
            if let Some(name) = name.text() {
                let value = self.value(value, source, context);
                context.env.insert(name.to_owned(), value);
            }
        }
    }

    /// A scalar with its expressions evaluated.
    fn value(&mut self, value: yaml::Value<'_>, source: &Arc<Source>, context: &Context) -> Value {
        let Some(text) = Text::of(value, source) else {
            return Value::new();
        };
        text.filled(expressions, |expression, place| {
            self.evaluate(expression, place, context)
        })
    }
}

/// What a workflow or a job says of the steps that do not say it themselves.
fn default_of(of: yaml::Value<'_>, what: &str) -> Option<String> {
    let value = of.get("defaults")?.get("run")?.get(what)?.text()?;
    Some(value.to_owned())
}

fn runs_on_windows(job: yaml::Value<'_>) -> bool {
    let runs_on = job.get("runs-on");
    let mut labels = runs_on
        .into_iter()
        .flat_map(|runs_on| runs_on.items().chain([runs_on]));
    labels.any(|label| {
        label
            .text()
            .is_some_and(|label| label.starts_with("windows"))
    })
}

/// What a shell is, and whether it traces what it runs.
fn shell(name: &str) -> (Shell, bool) {
    let program = name.split_whitespace().next().unwrap_or_default();
    match program {
        "" | "bash" | "sh" | "zsh" => {
            let mut flags = name
                .split_whitespace()
                .skip(1)
                .filter(|flag| flag.starts_with('-'));
            (
                Shell::Bash,
                flags.any(|flag| !flag.starts_with("--") && flag.contains('x')),
            )
        }
        "pwsh" | "powershell" => (Shell::Power, false),
        _ => (Shell::Other, false),
    }
}
