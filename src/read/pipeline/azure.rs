//! Azure Pipelines: stages, jobs, deployments, steps, templates and variables.

mod each;
mod step;
mod variable;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::super::structured::{Around, Source};
use super::Document;
use super::github::Map;
use super::machine::{Machine, join};
use super::name::Dialect;
use super::text::Text;
use super::value::{Place, Value, clean, unknown};
use super::world::{Job, What, World};
use crate::syntax::yaml::{self, Yaml};
use each::Items;

/// How deep templates lie in each other, at most.
const DEPTH: usize = 12;

/// What macros and expressions can name.
#[derive(Clone, Default)]
struct Context {
    variables: Map,
    parameters: Map,
    /// Parameters that are lists.
    lists: BTreeMap<String, Items>,
    /// The items of the loops around.
    items: Map,
    /// The groups of variables of the stage and the job. Those of the pipeline
    /// tell nothing apart.
    groups: Vec<String>,
    /// The file that is read, and the one that paths of templates begin at.
    directory: String,
}

impl Context {
    /// About how many bytes it has.
    fn size(&self) -> usize {
        const ENTRY: usize = 64;
        let lists = self.lists.values().flatten().map(Map::len).sum::<usize>();
        (self.variables.len() + self.parameters.len() + self.items.len() + lists) * ENTRY
    }
}

struct Runner<'m> {
    machine: Machine<'m>,
    around: &'m Around<'m>,
    depth: usize,
    /// What steps have set for later jobs: `step.variable`, by job.
    outputs: HashMap<String, Map>,
    parsed: HashMap<String, Option<Parsed>>,
}

type Parsed = Arc<(Arc<Source>, Yaml)>;

/// What a pipeline does.
pub(super) fn follow(document: &Document, around: &Around<'_>, world: &mut World) {
    let Some(root) = document.yaml.root() else {
        return;
    };
    let directory = crate::project::parent(&document.source.path).to_owned();
    let mut runner = Runner {
        machine: Machine::new(world, around, Dialect::Azure, directory.clone()),
        around,
        depth: 0,
        outputs: HashMap::new(),
        parsed: HashMap::new(),
    };
    let mut context = Context {
        directory,
        ..Context::default()
    };
    runner.pipeline(root, &document.source, &mut context);
}

/// Whether nothing but a person starts it.
pub(super) fn is_started_by_hand(root: yaml::Value<'_>) -> bool {
    let is_off = |name| root.get(name).and_then(yaml::Value::text) == Some("none");
    is_off("trigger")
        && (is_off("pr") || root.get("pr").is_none())
        && root.get("schedules").is_none()
        && root.get("resources").is_none()
}

impl Runner<'_> {
    fn pipeline(&mut self, root: yaml::Value<'_>, source: &Arc<Source>, context: &mut Context) {
        self.parameters(root, source, context);
        self.variables(root.get("variables"), source, context);
        context.groups.clear();
        if let Some(extends) = root.get("extends") {
            self.template(extends, source, context, Self::pipeline);
        }
        match (root.get("stages"), root.get("jobs"), root.get("steps")) {
            (Some(stages), _, _) => self.stages(stages, source, context),
            (None, Some(jobs), _) => self.jobs(jobs, source, context, ""),
            (None, None, Some(steps)) => {
                self.machine.world.begin(Job::default());
                self.start(context);
                self.steps(steps, source, context);
            }
            _ => {}
        }
    }

    /// The values of parameters that nobody gave.
    fn parameters(&mut self, root: yaml::Value<'_>, source: &Arc<Source>, context: &mut Context) {
        let Some(declared) = root.get("parameters") else {
            return;
        };
        for parameter in declared.items() {
            if let Some(name) = parameter.get("name").and_then(yaml::Value::text)
                && let Some(default) = parameter.get("default")
                && let Some(items) = self.list(default, source, context)
            {
                context.lists.entry(name.to_owned()).or_insert(items);
            }
        }
        let mut add = |name: &str, value: Value| {
            context.parameters.entry(name.to_owned()).or_insert(value);
        };
        for parameter in declared.items() {
            let Some(name) = parameter.get("name").and_then(yaml::Value::text) else {
                continue;
            };
            let default = parameter
                .get("default")
                .and_then(|value| Text::of(value, source));
            match default {
                // What a person can change is known only where nobody does.
                Some(text) if self.depth > 0 => add(name, clean(text.value)),
                _ => add(name, unknown(&format!("parameters.{name}"))),
            }
        }
        for (name, value) in declared.entries() {
            if let (Some(name), Some(text)) = (name.text(), Text::of(value, source)) {
                add(name, clean(text.value));
            }
        }
    }

    fn stages(&mut self, stages: yaml::Value<'_>, source: &Arc<Source>, context: &Context) {
        for stage in stages.items() {
            let mut context = context.clone();
            if stage.get("template").is_some() {
                self.template(
                    stage,
                    source,
                    &mut context,
                    |runner, root, source, inner| {
                        if let Some(stages) = root.get("stages") {
                            runner.stages(stages, source, inner);
                        }
                    },
                );
                continue;
            }
            if self.conditional(stage, &context, |runner, inner, context| {
                runner.stages(inner, source, context)
            }) {
                continue;
            }
            self.variables(stage.get("variables"), source, &mut context);
            let name = stage
                .get("stage")
                .and_then(yaml::Value::text)
                .unwrap_or_default();
            if let Some(jobs) = stage.get("jobs") {
                self.jobs(jobs, source, &context, name);
            }
        }
    }

    fn jobs(
        &mut self,
        jobs: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &Context,
        stage: &str,
    ) {
        for job in jobs.items() {
            let mut context = context.clone();
            if job.get("template").is_some() {
                let stage = stage.to_owned();
                self.template(
                    job,
                    source,
                    &mut context,
                    move |runner, root, source, inner| {
                        if let Some(jobs) = root.get("jobs") {
                            runner.jobs(jobs, source, inner, &stage);
                        }
                    },
                );
                continue;
            }
            if self.conditional(job, &context, |runner, inner, context| {
                runner.jobs(inner, source, context, stage)
            }) {
                continue;
            }
            self.job(job, source, &mut context, stage);
        }
    }

    fn job(
        &mut self,
        job: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &mut Context,
        stage: &str,
    ) {
        let name = ["job", "deployment"]
            .iter()
            .find_map(|kind| job.get(kind)?.text());
        let name = name.unwrap_or_default();
        let environment = job.get("environment");
        let environment = environment.map(|named| named.get("name").unwrap_or(named));
        let environment = environment.map(|named| self.value(named, source, context));
        self.machine.world.begin(Job {
            name: format!("{stage} {name}").trim().to_owned(),
            gate: environment.is_some() || asks(job),
            environment,
            values_of: None,
            place: Some(Place {
                source: Arc::clone(source),
                span: job.span(),
            }),
        });
        self.variables(job.get("variables"), source, context);
        if !context.groups.is_empty() {
            let world = &mut self.machine.world;
            world.jobs[world.job].values_of = Some(context.groups.join(" "));
        }
        self.start(context);
        let steps = job.get("steps").into_iter().chain(deployed(job));
        for steps in steps {
            self.steps(steps, source, context);
        }
        let set = context.variables.clone();
        self.outputs.insert(name.to_ascii_lowercase(), set);
    }

    /// Variables are in the environment of scripts, but for secrets.
    fn start(&mut self, context: &Context) {
        self.machine.vars.clear();
        self.machine.files.clear();
        self.export(context);
    }

    fn export(&mut self, context: &Context) {
        for (name, value) in &context.variables {
            let name = name.to_ascii_uppercase().replace(['.', '-'], "_");
            let secret = super::value::keys(value).any(|id| !self.machine.world.is_visible(id));
            if !secret {
                self.machine
                    .vars
                    .entry(name)
                    .or_insert_with(|| value.clone());
            }
        }
    }

    /// `- ${{ if … }}:` and `- ${{ each … }}:` with what depends on it.
    fn conditional<'y>(
        &mut self,
        item: yaml::Value<'y>,
        context: &Context,
        mut each: impl FnMut(&mut Self, yaml::Value<'y>, &Context),
    ) -> bool {
        let mut found = false;
        for (name, value) in item.entries() {
            let Some(name) = name.text().filter(|name| name.starts_with("${{")) else {
                continue;
            };
            found = true;
            for items in self.turns(name, context) {
                if !self.machine.world.spend() {
                    return true;
                }
                // What a copy costs.
                self.machine.world.charge(context.size());
                let mut inner = context.clone();
                inner.items = items;
                each(self, value, &inner);
            }
        }
        found
    }

    /// Follows a template with its parameters.
    fn template(
        &mut self,
        call: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &mut Context,
        follow: impl FnOnce(&mut Self, yaml::Value<'_>, &Arc<Source>, &mut Context),
    ) {
        let Some(path) = call.get("template").and_then(|path| Text::of(path, source)) else {
            return;
        };
        let found = self
            .look_up(path.value, context)
            .filter(|_| self.depth < DEPTH);
        let Some(found) = found.filter(|_| self.machine.world.spend()) else {
            self.machine.world.event(What::Unknown, None, &path.whole());
            return;
        };
        let (callee, yaml) = &*found;
        let Some(root) = yaml.root() else { return };
        let mut inner = Context {
            variables: context.variables.clone(),
            parameters: Map::new(),
            lists: BTreeMap::new(),
            items: Map::new(),
            groups: context.groups.clone(),
            directory: crate::project::parent(&callee.path).to_owned(),
        };
        let given = call
            .get("parameters")
            .into_iter()
            .flat_map(yaml::Value::entries);
        for (name, value) in given {
            if let Some(name) = name.text() {
                if let Some(items) = self.list(value, source, context) {
                    inner.lists.insert(name.to_owned(), items);
                }
                let value = self.value(value, source, context);
                inner.parameters.insert(name.to_owned(), value);
            }
        }
        self.depth += 1;
        self.parameters(root, callee, &mut inner);
        follow(self, root, callee, &mut inner);
        self.depth -= 1;
        // What its steps and variables set is there behind it.
        context.variables = inner.variables;
        context.groups = inner.groups;
    }

    /// A template of the same repository: beside the file that names it, or
    /// from the repository's root where the path begins with a slash.
    fn look_up(&mut self, path: &str, context: &Context) -> Option<Parsed> {
        let path = path.strip_suffix("@self").unwrap_or(path);
        if path.contains('@') || path.contains("${{") {
            return None;
        }
        let mut candidates = Vec::new();
        if !path.starts_with('/') {
            candidates.extend(join("", &context.directory, path));
        }
        let mut around = context.directory.as_str();
        loop {
            candidates.extend(join(around, "", path));
            if around.is_empty() {
                break;
            }
            around = crate::project::parent(around);
        }
        for path in candidates {
            let parsed = match self.parsed.get(&path) {
                Some(known) => known.clone(),
                None => self.around.source(&path).and_then(|source| {
                    let yaml = Yaml::parse(&source.text).ok()?;
                    Some(Arc::new((source, yaml)))
                }),
            };
            self.parsed.insert(path.clone(), parsed.clone());
            if parsed.is_some() {
                self.machine.world.called.insert(path);
                return parsed;
            }
        }
        None
    }
}

/// The steps of a deployment's strategy.
fn deployed(job: yaml::Value<'_>) -> impl Iterator<Item = yaml::Value<'_>> {
    let kinds = ["runOnce", "rolling", "canary"];
    let strategy = job.get("strategy");
    let kinds = kinds
        .into_iter()
        .filter_map(move |kind| strategy?.get(kind));
    let phases = ["preDeploy", "deploy", "routeTraffic", "postRouteTraffic"];
    kinds.flat_map(move |kind| {
        let phases = phases.into_iter().filter_map(move |phase| kind.get(phase));
        let outcomes = ["success", "failure"].into_iter();
        let outcomes = outcomes.filter_map(move |outcome| kind.get("on")?.get(outcome));
        phases
            .chain(outcomes)
            .filter_map(|phase| phase.get("steps"))
    })
}

/// Whether a job asks a person.
fn asks(job: yaml::Value<'_>) -> bool {
    let steps = job.get("steps").into_iter().flat_map(yaml::Value::items);
    let mut tasks = steps.filter_map(|step| step.get("task")?.text());
    tasks.any(|task| task.starts_with("ManualValidation"))
}
