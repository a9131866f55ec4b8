//! Follows the commands of a script, with the values that are known.
//!
//! Branches are followed one after the other and loops once: what may happen
//! is taken to happen. What is not understood gives a value that is not known,
//! and of those nothing is reported.

mod administration;
mod arguments;
mod az;
mod call;
mod check;
mod filter;
mod group;
mod http;
mod keys;
mod mend;
mod output;
mod script;
mod table;
mod word;
mod written;

pub(super) use check::says_check;
pub(super) use script::join;
use word::{limited, variable_name};

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::super::shell::{Assign, Command, Redirect, Statement, Stream, bash, powershell};
use super::super::structured::{Around, Source};
use super::name::Dialect;
use super::value::{Place, Scope, Value};
use super::world::{Way, What, World};
use crate::syntax::yaml::{Origin, Style};

/// How deep functions and scripts call each other, at most.
const DEPTH: usize = 8;

/// Bytes of a value that are kept.
const LENGTH: usize = 64 * 1024;

/// What a shell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    /// Bash and its kin.
    Bash,
    /// PowerShell.
    Power,
    /// Python, a command prompt and their like.
    Other,
}

/// What a command writes.
#[derive(Clone)]
pub(super) struct Chunk {
    pub text: Value,
    pub place: Place,
}

/// A script, and how its text lies in a document.
#[derive(Clone)]
pub(super) struct Script {
    pub source: Arc<Source>,
    pub origin: Origin,
    /// With a placeholder for each expression of the pipeline.
    pub text: String,
    /// What the placeholders stand for.
    pub holes: Arc<Vec<Value>>,
    /// How the document has its text, where it is there as it is; the text of a
    /// whole file is as that of a literal block.
    pub style: Option<Style>,
}

/// A function, and the script that defines it.
#[derive(Clone)]
struct Function {
    body: Arc<[Statement]>,
    script: Option<Arc<Script>>,
    shell: Shell,
}

/// One step after another, in one job.
pub(super) struct Machine<'m> {
    pub world: &'m mut World,
    pub around: &'m Around<'m>,
    pub dialect: Dialect,
    /// Variables of the shell and of its environment.
    pub vars: HashMap<String, Value>,
    /// Files that were written, by their names.
    pub files: HashMap<String, Chunk>,
    /// What was handed to later steps: outputs, and the environment.
    pub outputs: Value,
    pub environment: Value,
    /// Variables that a step of Azure Pipelines sets: name, output or not, value.
    pub set: Vec<(String, bool, Value)>,
    /// Names of variables that the file says are masked.
    pub masked: HashSet<String>,
    /// The directory of the repository, as paths of reports begin.
    pub root: String,
    /// The directory that scripts run in, below the root.
    pub directory: String,
    /// Those that `popd` comes back to.
    left: Vec<String>,
    functions: HashMap<String, Function>,
    /// Commands of whose output nothing is known.
    commands: Vec<String>,
    /// The keys that were taken out of listings: listing, sort and name.
    taken: HashMap<(usize, Scope, String), Value>,
    script: Option<Arc<Script>>,
    shell: Shell,
    place: Option<Place>,
    trace: bool,
    /// How often what is written is captured: only else it is logged.
    captured: usize,
    traced: Vec<usize>,
    depth: usize,
}

impl<'m> Machine<'m> {
    pub(super) fn new(
        world: &'m mut World,
        around: &'m Around<'m>,
        dialect: Dialect,
        root: String,
    ) -> Self {
        Self {
            world,
            around,
            dialect,
            vars: HashMap::new(),
            files: HashMap::new(),
            outputs: Value::new(),
            environment: Value::new(),
            set: Vec::new(),
            masked: HashSet::new(),
            root,
            directory: String::new(),
            left: Vec::new(),
            functions: HashMap::new(),
            commands: Vec::new(),
            taken: HashMap::new(),
            script: None,
            shell: Shell::Other,
            place: None,
            trace: false,
            captured: 0,
            traced: Vec::new(),
            depth: 0,
        }
    }

    /// Runs a script as a step does: what it writes is logged.
    pub(super) fn run(&mut self, shell: Shell, script: Script, trace: bool) {
        self.trace = trace;
        self.functions.clear();
        self.left.clear();
        let chunks = self.follow(shell, script);
        self.log(chunks);
        self.trace = false;
    }

    /// Begins a job: nothing is left of another one's files and functions.
    pub(super) fn begin(&mut self) {
        self.files.clear();
        self.functions.clear();
        self.directory.clear();
        self.left.clear();
        self.trace = false;
    }

    /// Runs a script in the shell of the one before it: what that has set, and
    /// whether it traces, goes on.
    pub(super) fn go_on(&mut self, shell: Shell, script: Script) {
        let chunks = self.follow(shell, script);
        self.log(chunks);
    }

    /// The body of a request: `@file` is what is in that file.
    fn content(&self, body: &str) -> Value {
        match body.strip_prefix('@') {
            Some(file) => self.file(file),
            None => body.to_owned(),
        }
    }

    /// What has been written to a file.
    fn file(&self, name: &str) -> Value {
        let known = self.files.get(&file_name(name));
        known.map(|chunk| chunk.text.clone()).unwrap_or_default()
    }

    /// Text with `$NAME`s in it.
    pub(super) fn expand(&mut self, text: &str, place: &Place) -> Value {
        if !text.contains('$') {
            return text.to_owned();
        }
        self.place = Some(place.clone());
        let mut value = Value::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            value += &rest[..at];
            let behind = rest[at + 1..].trim_start_matches('{');
            let end = behind
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(behind.len());
            value += &match &behind[..end] {
                "" => "$".to_owned(),
                name => self.variable(name),
            };
            rest = &behind[end..];
            if rest.starts_with('}') {
                rest = &rest[1..];
            }
        }
        self.place = None;
        value + rest
    }

    /// Runs a script; gives what it writes.
    fn follow(&mut self, shell: Shell, script: Script) -> Vec<Chunk> {
        let statements = match shell {
            Shell::Bash => bash::parse(&script.text),
            Shell::Power => powershell::parse(&script.text),
            Shell::Other => Vec::new(),
        };
        let outer = self.script.replace(Arc::new(script));
        let outer_shell = std::mem::replace(&mut self.shell, shell);
        let place = self.place.take();
        let chunks = self.body(&statements, &[]);
        self.script = outer;
        self.shell = outer_shell;
        self.place = place;
        chunks
    }

    fn body(&mut self, statements: &[Statement], input: &[Chunk]) -> Vec<Chunk> {
        let mut all = Vec::new();
        for statement in statements {
            let chunks = self.statement(statement, input);
            // In its turn: what masks a key comes before what hands it on.
            match self.captured {
                0 => self.log(chunks),
                _ => all.extend(chunks),
            }
        }
        all
    }

    fn statement(&mut self, statement: &Statement, input: &[Chunk]) -> Vec<Chunk> {
        if !self.world.spend() {
            return Vec::new();
        }
        match statement {
            Statement::Command(command) => self.command(command, input),
            Statement::Pipe(stages) => {
                let mut chunks = input.to_vec();
                let last = stages.len().saturating_sub(1);
                for (at, stage) in stages.iter().enumerate() {
                    let captured = usize::from(at < last);
                    self.captured += captured;
                    chunks = self.statement(stage, &chunks);
                    self.captured -= captured;
                }
                chunks
            }
            Statement::Assign(assign) => {
                self.assign(assign);
                Vec::new()
            }
            Statement::Group(group) => self.group(group, input),
            Statement::Function(name, body) => {
                let function = Function {
                    body: body.as_slice().into(),
                    script: self.script.clone(),
                    shell: self.shell,
                };
                self.functions.insert(name.clone(), function);
                Vec::new()
            }
        }
    }

    fn assign(&mut self, assign: &Assign) {
        self.go_to(&assign.span);
        let value = self.word(&assign.value);
        let place = self.here();
        self.show_trace(&value, &place);
        self.capture(assign, &value);
        let name = variable_name(&assign.name).to_owned();
        let before = match assign.append {
            true => self.vars.remove(&name).unwrap_or_default(),
            false => Value::new(),
        };
        self.vars.insert(name, limited(before + &value));
    }

    fn command(&mut self, command: &Command, input: &[Chunk]) -> Vec<Chunk> {
        self.go_to(&command.span);
        let place = self.here();
        let mut kept = Vec::new();
        for assign in &command.assigns {
            let before = self.vars.get(&assign.name).cloned();
            kept.push((assign.name.clone(), before));
            self.assign(assign);
        }
        let mut words = Vec::new();
        for word in &command.words {
            let values = self.words(word);
            let place = self.place_of(&word.span);
            words.extend(values.into_iter().map(|value| (value, place.clone())));
        }
        self.place = Some(place.clone());
        let mut here = self.here_text(&command.redirects);
        for chunk in &mut here {
            chunk.place = place.clone();
        }
        let input = if here.is_empty() { input } else { &here };
        for (word, _) in &words {
            self.show_trace(word, &place);
        }
        let silent = command.redirects.iter().any(|redirect| {
            matches!(redirect.stream, Stream::Errors | Stream::Both)
                && !redirect.target.text().is_some_and(|to| to.starts_with('&'))
        });
        let chunks = self.call(&words, &place, input, silent);
        for (name, before) in kept {
            match before {
                Some(value) => self.vars.insert(name, value),
                None => self.vars.remove(&name),
            };
        }
        self.redirect(chunks, &command.redirects)
    }

    fn copied_variables(&mut self) -> HashMap<String, Value> {
        self.world.charge(self.vars.values().map(Value::len).sum());
        self.vars.clone()
    }

    /// Under `set -x` every word is logged.
    fn show_trace(&mut self, value: &str, place: &Place) {
        if !self.trace {
            return;
        }
        for id in self.world.visible(value) {
            let root = self.world.root(id);
            if !self.traced.contains(&root) {
                self.traced.push(root);
                self.world.event(What::Print(Way::Trace), Some(id), place);
            }
        }
    }

    /// What a here-document, a here-string or a file gives to a command.
    fn here_text(&mut self, redirects: &[Redirect]) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        for redirect in redirects {
            match redirect.stream {
                Stream::Here => {
                    let text = self.word(&redirect.target);
                    let place = self.place_of(&redirect.target.span);
                    chunks.push(Chunk { text, place });
                }
                Stream::Input => {
                    let name = self.word(&redirect.target);
                    chunks.extend(self.files.get(&file_name(&name)).cloned());
                }
                _ => {}
            }
        }
        chunks
    }

    /// Puts the statements that follow at a span of the script.
    fn go_to(&mut self, span: &Range<usize>) {
        self.place = Some(self.place_of(span));
    }

    fn here(&self) -> Place {
        match (&self.place, &self.script) {
            (Some(place), _) => place.clone(),
            (None, Some(script)) => Place {
                source: Arc::clone(&script.source),
                span: script.origin.span(0..script.text.len()),
            },
            (None, None) => Place {
                source: Arc::new(Source::new(String::new(), String::new(), Vec::new())),
                span: 0..0,
            },
        }
    }

    fn place_of(&self, span: &Range<usize>) -> Place {
        match &self.script {
            Some(script) => Place {
                source: Arc::clone(&script.source),
                span: script.origin.span(span.clone()),
            },
            None => self.here(),
        }
    }
}

/// The first of the characters that stand for an expression of the pipeline.
pub(super) const HOLE: u32 = 0xe000;

/// What fills an expression's length behind it.
pub(super) const FILLER: char = '_';

/// A file's name, the same however it is written.
fn file_name(name: &str) -> String {
    let name = name.trim().trim_start_matches("./");
    let known = [
        "RUNNER_TEMP",
        "GITHUB_WORKSPACE",
        "runner.temp",
        "github.workspace",
    ];
    match super::value::leading_unknown(name) {
        Some((start, rest)) if known.contains(&start) => rest.trim_start_matches('/').to_owned(),
        _ => name.to_owned(),
    }
}
