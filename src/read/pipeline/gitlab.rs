//! GitLab CI: jobs, `extends`, `!reference`, `default`, `include: local`.

mod include;

pub(super) use include::children;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::super::structured::{Around, Source};
use super::super::text::patterns;
use super::Document;
use super::github::{Map, assignments};
use super::machine::{Machine, Shell};
use super::name::Dialect;
use super::text::Text;
use super::value::{Place, Value, clean};
use super::world::{Job, World};
use crate::syntax::yaml::{self, Yaml};
use include::{LIMIT, includes};

/// How deep jobs extend each other, at most; GitLab's limit is eleven.
const DEPTH: usize = 11;

/// Jobs that are followed, at most.
const JOBS: usize = 2_000;

/// Keys at the top of a file that are no jobs.
const KEYWORDS: &[&str] = &[
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "pages",
    "services",
    "spec",
    "stages",
    "variables",
    "workflow",
];

patterns! {
    POWERSHELL = r"(?im-u)^\s*\$(?:env:)?\w+\s*=|\$env:\w|^\s*(?:Invoke|Write|Get|Set|Connect|New|Import)-[a-z]+\b";
}

/// The files of a pipeline: itself, and those that it includes.
struct Files {
    all: Vec<(Arc<Source>, Arc<Yaml>)>,
}

/// A piece of a job, in the file that has it.
type Piece<'y> = (yaml::Value<'y>, &'y Arc<Source>);

/// What a pipeline does.
pub(super) fn follow(document: &Document, around: &Around<'_>, world: &mut World) {
    let files = Files::of(document, around, world);
    let root = crate::project::parent(&document.source.path).to_owned();
    let index = Index::of(&files);
    let mut runner = Runner {
        machine: Machine::new(world, around, Dialect::Gitlab, root),
        files: &index,
    };
    let said: String = files
        .all
        .iter()
        .map(|(source, _)| said_masked(&source.text))
        .collect();
    runner.machine.masked = said.split_whitespace().map(str::to_owned).collect();
    runner.jobs();
}

impl Files {
    fn of(document: &Document, around: &Around<'_>, world: &mut World) -> Self {
        let root = crate::project::parent(&document.source.path).to_owned();
        let mut all: Vec<(Arc<Source>, Arc<Yaml>)> = Vec::new();
        let mut known = BTreeSet::from([document.source.path.clone()]);
        let mut open = includes(document.yaml.root(), &root, around.files);
        // What is included comes first: what the file itself says is stronger.
        while let Some(path) = open.pop() {
            if all.len() >= LIMIT || !known.insert(path.clone()) {
                continue;
            }
            let Some(source) = around.source(&path) else {
                continue;
            };
            world.called.insert(path);
            if let Ok(yaml) = Yaml::parse(&source.text) {
                open.extend(includes(yaml.root(), &root, around.files));
                all.push((source, Arc::new(yaml)));
            }
        }
        all.reverse();
        all.push((Arc::clone(&document.source), Arc::clone(&document.yaml)));
        Self { all }
    }

    /// The jobs, in the order of the files.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut known = BTreeSet::new();
        for (_, yaml) in &self.all {
            for (name, value) in yaml.root().into_iter().flat_map(yaml::Value::entries) {
                let Some(name) = name.text() else { continue };
                let is_job =
                    value.is_mapping() && !name.starts_with('.') && !KEYWORDS.contains(&name);
                if is_job && known.insert(name) {
                    names.push(name.to_owned());
                }
            }
        }
        names
    }
}

/// What the files have under each key that was asked for: many jobs extend the
/// same ones.
struct Index<'f> {
    files: &'f Files,
    known: RefCell<HashMap<String, Vec<Piece<'f>>>>,
}

impl<'f> Index<'f> {
    fn of(files: &'f Files) -> Self {
        let known = RefCell::default();
        Self { files, known }
    }

    /// What all files have under a key, the strongest last.
    fn get(&self, name: &str) -> Vec<Piece<'f>> {
        if let Some(pieces) = self.known.borrow().get(name) {
            return pieces.clone();
        }
        let files = self.files.all.iter();
        let pieces: Vec<_> = files
            .filter_map(|(source, yaml)| Some((yaml.root()?.get(name)?, source)))
            .collect();
        let mut known = self.known.borrow_mut();
        known.insert(name.to_owned(), pieces.clone());
        pieces
    }

    /// The pieces of a job: what it extends, then itself; the strongest last.
    fn pieces(&self, name: &str, depth: usize, all: &mut Vec<Piece<'f>>) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let own = self.get(name);
        if all.len() > 200 {
            return;
        }
        for (piece, _) in &own {
            let extends = piece.get("extends");
            let names = extends.into_iter().flat_map(|of| of.items().chain([of]));
            for base in names.filter_map(yaml::Value::text) {
                self.pieces(base, depth, all);
            }
        }
        all.extend(own);
    }
}

struct Runner<'m, 'f> {
    machine: Machine<'m>,
    files: &'f Index<'f>,
}

impl Runner<'_, '_> {
    fn jobs(&mut self) {
        let mut global = Map::new();
        for (variables, source) in self.files.get("variables") {
            self.variables(variables, source, &mut global);
        }
        let mut dotenv = Map::new();
        for (number, name) in self.files.files.names().into_iter().enumerate() {
            if number == JOBS {
                self.machine.world.charge(usize::MAX);
            }
            if !self.machine.world.spend() {
                return;
            }
            let mut pieces = Vec::new();
            let files = self.files;
            files.pieces(&name, DEPTH, &mut pieces);
            self.job(&name, &pieces, &global, &mut dotenv);
        }
    }

    fn job(&mut self, name: &str, pieces: &[Piece<'_>], global: &Map, dotenv: &mut Map) {
        let last = |key: &str| {
            let mut found = pieces.iter().rev();
            found.find_map(|(piece, source)| Some((piece.get(key)?, *source)))
        };
        let environment = last("environment").and_then(|(named, _)| {
            let named = named.get("name").unwrap_or(named);
            named.text().map(str::to_owned)
        });
        let manual = is_manual(
            last("when").map(|(when, _)| when),
            last("rules").map(|(rules, _)| rules),
        );
        let environment = environment.map(|name| match name.contains('$') {
            true => super::value::unknown(&name),
            // `review/…` is many.
            false => name.split('/').next().unwrap_or_default().to_owned(),
        });
        self.machine.world.begin(Job {
            name: name.to_owned(),
            gate: manual,
            values_of: environment.clone(),
            environment,
            place: pieces.last().map(|(job, source)| Place {
                source: Arc::clone(source),
                span: job.span(),
            }),
        });
        let mut vars = global.clone();
        vars.extend(dotenv.clone());
        for (piece, source) in pieces {
            if let Some(variables) = piece.get("variables") {
                self.variables(variables, source, &mut vars);
            }
            for (secret, _) in piece
                .get("secrets")
                .into_iter()
                .flat_map(yaml::Value::entries)
            {
                // What GitLab takes from a vault it masks.
                self.machine.masked.extend(secret.text().map(str::to_owned));
            }
        }
        self.machine.vars = vars;
        self.machine.begin();
        let files = self.files;
        let default = |key: &str| {
            let of_default = files.get("default").into_iter().rev();
            let mut of_default = of_default.filter_map(|(of, source)| Some((of.get(key)?, source)));
            of_default.next().or_else(|| files.get(key).pop())
        };
        let before = last("before_script").or_else(|| default("before_script"));
        let after = last("after_script").or_else(|| default("after_script"));
        let scripts = [before, last("script"), after];
        // Which shell it is only the runner knows.
        let mut all = scripts.iter().flatten();
        let shell = match all.any(|(script, _)| is_powershell(*script, DEPTH)) {
            true => Shell::Power,
            false => Shell::Bash,
        };
        for (script, source) in scripts.into_iter().flatten() {
            self.script(shell, script, source, DEPTH);
        }
        if let Some((artifacts, source)) = last("artifacts") {
            self.artifacts(artifacts, source, dotenv);
        }
    }

    fn variables(&mut self, of: yaml::Value<'_>, source: &Arc<Source>, into: &mut Map) {
        for (name, value) in of.entries() {
            let value = value.get("value").unwrap_or(value);
            if let (Some(name), Some(text)) = (name.text(), Text::of(value, source)) {
                // A variable may be made of others; one that is not known has
                // its own name still.
                self.machine.vars.clone_from(into);
                let filled = self.machine.expand(&clean(text.value), &text.whole());
                // One without a value is asked for when a person starts it.
                let filled = match filled.is_empty() {
                    true => super::value::unknown(name),
                    false => filled,
                };
                into.insert(name.to_owned(), filled);
            }
        }
    }

    /// The lines of a script: a text, or a list of them and of references.
    fn script(
        &mut self,
        shell: Shell,
        script: yaml::Value<'_>,
        source: &Arc<Source>,
        depth: usize,
    ) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        if script.tag().is_some_and(|tag| tag.contains("reference")) {
            let path: Vec<&str> = script.items().filter_map(yaml::Value::text).collect();
            if let [job, keys @ ..] = path.as_slice() {
                let files = self.files;
                let found = files.get(job).pop();
                let found = found.and_then(|(of, source)| {
                    let value = keys.iter().try_fold(of, |of, key| of.get(key))?;
                    Some((value, source))
                });
                if let Some((value, source)) = found {
                    self.script(shell, value, source, depth);
                }
            }
            return;
        }
        if let Some(text) = Text::of(script, source) {
            let script = text.script(|_| Vec::new(), |_, _| Value::new());
            self.machine.go_on(shell, script);
        }
        for item in script.items() {
            self.script(shell, item, source, depth);
        }
    }

    fn artifacts(&mut self, artifacts: yaml::Value<'_>, source: &Arc<Source>, dotenv: &mut Map) {
        let reports = artifacts
            .get("reports")
            .into_iter()
            .flat_map(yaml::Value::entries);
        for (kind, paths) in reports {
            for path in paths.items().chain([paths]) {
                if kind.text() == Some("dotenv")
                    && let Some(name) = path.text()
                    && let Some(file) = self.machine.files.get(name.trim_start_matches("./"))
                {
                    dotenv.extend(assignments(&file.text));
                }
                self.uploaded(path, source);
            }
        }
        for path in artifacts
            .get("paths")
            .into_iter()
            .flat_map(yaml::Value::items)
        {
            self.uploaded(path, source);
        }
    }

    fn uploaded(&mut self, path: yaml::Value<'_>, source: &Arc<Source>) {
        if let Some(name) = path.text() {
            let place = Place {
                source: Arc::clone(source),
                span: path.span(),
            };
            self.machine.upload(name, &place);
        }
    }
}

/// Whether a line of a script can be none but PowerShell's.
fn is_powershell(script: yaml::Value<'_>, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let is_one = |text: &str| POWERSHELL.is_match(text.as_bytes());
    script.text().is_some_and(is_one) || script.items().any(|item| is_powershell(item, depth))
}

/// Whether a job waits for a person.
fn is_manual(when: Option<yaml::Value<'_>>, rules: Option<yaml::Value<'_>>) -> bool {
    let manual = |value: yaml::Value<'_>| value.text() == Some("manual");
    let rules: Vec<_> = rules.into_iter().flat_map(yaml::Value::items).collect();
    when.is_some_and(manual)
        || (!rules.is_empty()
            && rules
                .iter()
                .all(|rule| rule.get("when").is_some_and(manual)))
}

/// Whether nothing but a person starts a pipeline.
pub(super) fn is_started_by_hand(root: yaml::Value<'_>) -> bool {
    let rules = root
        .get("workflow")
        .and_then(|workflow| workflow.get("rules"));
    let rules: Vec<_> = rules.into_iter().flat_map(yaml::Value::items).collect();
    let by_hand = |rule: &yaml::Value<'_>| {
        let condition = rule
            .get("if")
            .and_then(yaml::Value::text)
            .unwrap_or_default();
        let never = rule.get("when").and_then(yaml::Value::text) == Some("never");
        never || (condition.contains("CI_PIPELINE_SOURCE") && condition.contains("== \"web\""))
    };
    !rules.is_empty() && rules.iter().all(by_hand)
}

/// The names that comments call masked.
fn said_masked(text: &str) -> String {
    let comments = text
        .lines()
        .filter_map(|line| Some(line.split_once('#')?.1));
    let masked = comments.filter(|comment| {
        let comment = comment.to_ascii_lowercase();
        comment.contains("masked")
            && !comment.contains("not masked")
            && !comment.contains("unmasked")
    });
    masked
        .flat_map(|comment| [comment, " "])
        .map(|part| part.replace([',', ':', '`', '\'', '"', '$', '.'], " "))
        .collect()
}
