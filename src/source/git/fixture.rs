//! Real repositories for tests, in a few lines each.

use std::path::Path;
use std::process::Command;

use crate::collect::{Collection, Collector};
use crate::key::{KeyKind, generate};
use crate::policy::Policy;
use crate::read::text::TextReader;
use crate::secret::Fingerprinter;
use tempfile::TempDir;

/// Set in a hook: there git's environment is what is being tested.
pub(crate) const PROBE: &str = "KEYSWEEP_TEST_PROBE";

/// Keeps what surrounds the tests out of them.
pub(crate) fn isolate(git: &mut Command) {
    if std::env::var_os(PROBE).is_some() {
        return;
    }
    for variable in [
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "GIT_PREFIX",
        "GIT_OBJECT_DIRECTORY",
    ] {
        git.env_remove(variable);
    }
    git.env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
}

/// A function key; each `n` gives another.
pub(crate) fn key(n: u8) -> String {
    let random = std::array::from_fn(|at| (at as u8).wrapping_mul(37) ^ n.wrapping_mul(101));
    generate(KeyKind::Function, &random)
}

/// A repository with a work tree, gone when dropped.
pub(crate) struct Repo(TempDir);

impl Repo {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(options: &[&str]) -> Self {
        let repo = Self(TempDir::new().unwrap());
        repo.git(&[&["init", "-q", "-b", "main"], options].concat());
        repo
    }

    /// A clone of it, made with these options.
    pub(crate) fn cloned(&self, options: &[&str]) -> Self {
        let clone = Self(TempDir::new().unwrap());
        self.git(&["config", "uploadpack.allowFilter", "true"]);
        self.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let from = format!("file://{}", self.path().display());
        clone.git(&[&["clone", "-q"], options, &[&from, "."]].concat());
        clone
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs git and gives what it says.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let (succeeded, said) = self.try_git(arguments);
        assert!(succeeded, "git {arguments:?}: {said}");
        said
    }

    pub(crate) fn try_git(&self, arguments: &[&str]) -> (bool, String) {
        let mut git = Command::new("git");
        isolate(&mut git);
        let output = git
            .current_dir(self.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(["-c", "protocol.file.allow=always"])
            .args(arguments)
            .env("HOME", self.path())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        (output.status.success(), said)
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        std::fs::remove_file(self.path().join(path)).unwrap();
        self
    }

    pub(crate) fn stage(&self, path: &str) -> &Self {
        self.git(&["add", "-f", "--", path]);
        self
    }

    /// Commits the whole work tree; gives the commit.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}

/// What a source gives, read.
pub(crate) fn collect(source: impl FnOnce(&Collector<'_>)) -> Collection {
    collect_by(&Policy::default(), source)
}

/// The same by a policy.
pub(crate) fn collect_by(policy: &Policy, source: impl FnOnce(&Collector<'_>)) -> Collection {
    let files = Box::new(Vec::new());
    let fingerprinter = Fingerprinter::for_this_run().unwrap();
    let reader = TextReader::new(policy, vec![String::new()], files, fingerprinter);
    let collector = Collector::new(&reader);
    source(&collector);
    collector.finish()
}

/// Where the keys are: `path:line`, with the revision where there is one.
pub(crate) fn places(collection: &Collection) -> Vec<String> {
    let keys = collection.occurrences.iter();
    keys.map(|key| {
        let place = key.location.file().unwrap();
        let revision = place.revision.as_ref().map(|id| format!("{id}:"));
        let revision = revision.unwrap_or_default();
        format!("{revision}{}:{}", place.path, place.start.line)
    })
    .collect()
}

/// A policy that excludes a path.
pub(crate) fn excluding(path: &str) -> Policy {
    excluding_below(Path::new(""), path)
}

/// A policy in a directory, that excludes a path there.
pub(crate) fn excluding_below(directory: &Path, path: &str) -> Policy {
    let today = jiff::civil::date(2030, 1, 1);
    let text = format!("[[exclude]]\npath = '{path}'\nreason = 'not ours'\n");
    let file = directory.join(Policy::FILE_NAME);
    Policy::from_text(file.to_str().unwrap(), &text, today, []).unwrap()
}
