//! A tree of files and the built program, in few lines.
//!
//! ```ignore
//! let run = Tree::new().file("a/b.js", "'x-functions-key': '{{legacy-key}}'").scan();
//! assert_eq!(run.rules(), ["KS1003"]);
//! ```
//!
//! Every tree is new, so tests run side by side; nothing of the environment of
//! whoever runs them is passed on, since a developer's git settings or
//! `NO_COLOR` are no part of a scenario.
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod detector;
mod run;

pub(crate) use run::Run;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A directory to scan, and a home that is nobody's.
pub(crate) struct Tree {
    root: TempDir,
    path: PathBuf,
    home: TempDir,
    seed: String,
    env: Vec<(String, String)>,
}

impl Tree {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let directory = || tempfile::tempdir().expect("a temporary directory");
        let root = directory();
        // Where temporary directories are behind a link, programs see its end.
        let real = root.path().canonicalize().ok().filter(|_| cfg!(unix));
        Self {
            path: real.unwrap_or_else(|| root.path().to_owned()),
            root,
            home: directory(),
            seed: String::new(),
            env: Vec::new(),
        }
    }

    /// With other keys than those of the rules' examples.
    pub(crate) fn seeded(seed: &str) -> Self {
        let mut tree = Self::new();
        seed.clone_into(&mut tree.seed);
        tree
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The text with keys in place of its placeholders.
    pub(crate) fn expand(&self, template: &str) -> String {
        keysweep::placeholder::expand_from(&self.seed, template).expect("known placeholders")
    }

    /// With a file; placeholders in its path and in its text are expanded.
    pub(crate) fn file(self, path: &str, template: &str) -> Self {
        let text = self.expand(template);
        self.bytes(path, text.as_bytes())
    }

    /// With a file of these bytes.
    pub(crate) fn bytes(self, path: &str, content: &[u8]) -> Self {
        let path = self.at(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a directory");
        }
        fs::write(&path, content).expect("a file");
        self
    }

    /// With an inventory of 2026-01-31, or of so many days before, written in
    /// short as the examples of rules have it.
    pub(crate) fn inventory(self, path: &str, days_before: u32, sketch: &str) -> Self {
        let day: keysweep::inventory::Moment = "2026-01-31T00:00:00Z".parse().expect("a day");
        let sketch = self.expand(sketch);
        let inventory = keysweep::inventory::sketch::sketch(&sketch, day.days_before(days_before));
        let mut text = Vec::new();
        let inventory = inventory.unwrap_or_else(|problem| panic!("{problem}"));
        inventory.write(&mut text).expect("a buffer takes all");
        self.bytes(path, &text)
    }

    /// Where a path of the tree is.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.path().join(self.expand(path))
    }

    /// With a variable in the program's environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As a repository, with these files in its index (all: `.`).
    pub(crate) fn repository(self, tracked: &[&str]) -> Self {
        self.git(".", &["init", "-q"]);
        if !tracked.is_empty() {
            self.git(".", &[&["add", "-f", "--"], tracked].concat());
        }
        self
    }

    /// Runs git below the tree.
    pub(crate) fn git(&self, directory: &str, arguments: &[&str]) {
        let output = self
            .alone(Command::new("git"))
            .current_dir(self.at(directory))
            .args(["-c", "user.name=a", "-c", "user.email=a@example.invalid"])
            .args(arguments)
            .output()
            .expect("the tests need git");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {said}");
    }

    /// `keysweep scan --format json` of the tree.
    pub(crate) fn scan(&self) -> Run {
        self.run(&["scan", "--format", "json"])
    }

    /// The same with more arguments.
    pub(crate) fn scan_with(&self, arguments: &[&str]) -> Run {
        self.run(&[&["scan", "--format", "json"], arguments].concat())
    }

    /// `keysweep check --format json` of inventories, with more arguments.
    pub(crate) fn check(&self, arguments: &[&str]) -> Run {
        self.run(&[&["check", "--format", "json"], arguments].concat())
    }

    /// The program in the tree, with any arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("the program"))
    }

    /// The program with a text on its standard input.
    pub(crate) fn pipe(&self, arguments: &[&str], input: &[u8]) -> Run {
        use std::io::Write;
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut pipe = child.stdin.take().expect("its input");
        pipe.write_all(input).expect("it reads its input");
        drop(pipe);
        Run::of(child.wait_with_output().expect("the program ends"))
    }

    /// The program, ready to start in the tree.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.alone(Command::new(env!("CARGO_BIN_EXE_keysweep")));
        let arguments = arguments.iter().map(|argument| self.expand(argument));
        command.args(arguments).current_dir(self.path());
        command.stdin(Stdio::null());
        command
    }

    /// A command without an environment, but for what every program needs and
    /// what the scenario gives.
    pub(crate) fn alone(&self, mut command: Command) -> Command {
        command.env_clear();
        for name in ["PATH", "SystemRoot", "TEMP", "TMP", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}
