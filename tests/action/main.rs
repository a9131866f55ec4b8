//! action.yml's script, run as a runner of GitHub Actions would.
//!
//! Each test is one job: a workspace, what the event says, inputs, and then the
//! two steps of the action. What GitHub itself does between them, uploading to
//! code scanning, is not here.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod change;
mod install;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const HEX: &str = "0123456789abcdef0123456789abcdef01234567";

/// A job with its workspace, which is a git repository.
struct Job {
    directory: TempDir,
    environment: BTreeMap<String, String>,
    script: PathBuf,
}

/// What a job came to.
struct Ended {
    /// What the first step printed.
    log: String,
    outputs: BTreeMap<String, String>,
    summary: String,
    /// The exit code of the last step.
    code: i32,
}

impl Job {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        for name in ["home", "temp", "workspace"] {
            fs::create_dir(at(name)).unwrap();
        }
        let path = std::env::var("PATH").unwrap();
        let environment = [
            ("PATH", path.as_str()),
            ("HOME", &at("home")),
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_ACTOR", "somebody"),
            ("GITHUB_REPOSITORY", "owner/name"),
            ("GITHUB_WORKSPACE", &at("workspace")),
            ("GITHUB_OUTPUT", &at("output")),
            ("GITHUB_STEP_SUMMARY", &at("summary")),
            ("RUNNER_TEMP", &at("temp")),
            ("RUNNER_OS", "Linux"),
            ("RUNNER_ARCH", "X64"),
            ("KEYSWEEP_BIN", env!("CARGO_BIN_EXE_keysweep")),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@example.com"),
            ("GIT_COMMITTER_NAME", "A"),
            ("GIT_COMMITTER_EMAIL", "a@example.com"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let job = Self {
            directory,
            environment: environment.into(),
            script: Path::new(env!("CARGO_MANIFEST_DIR")).join("action/run.sh"),
        };
        job.git("init -q -b main .");
        job.write("README.md", "Nothing to see.\n");
        job.commit();
        job
    }

    fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    fn workspace(&self) -> PathBuf {
        self.directory.path().join("workspace")
    }

    /// Writes a file of the workspace, its placeholders expanded.
    fn write(&self, path: &str, text: &str) {
        let text = keysweep::placeholder::expand(text).unwrap();
        fs::write(self.workspace().join(path), text).unwrap();
    }

    fn git(&self, words: &str) -> String {
        let output = Command::new("git")
            .args(words.split(' '))
            .current_dir(self.workspace())
            .env_clear()
            .envs(&self.environment)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {words}: {errors}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits everything; answers the commit.
    fn commit(&self) -> String {
        self.git("add -A");
        self.git("commit -q -m change");
        self.git("rev-parse HEAD")
    }

    /// Makes this the pull request of branch `change` into `main`, with the merge
    /// that GitHub makes checked out.
    fn pull_request(&mut self, base: &str) {
        let head = self.git("rev-parse change");
        self.git("checkout -q --detach main");
        self.git("merge -q --no-ff -m merge change");
        let merge = self.git("rev-parse HEAD");
        self.set("GITHUB_EVENT_NAME", "pull_request");
        self.set("GITHUB_REF", "refs/pull/7/merge");
        self.set("GITHUB_SHA", &merge);
        self.set("EVENT_BASE_SHA", base);
        self.set("EVENT_HEAD_SHA", &head);
        self.set("EVENT_HEAD_REPOSITORY", "owner/name");
    }

    fn step(&self, name: &str, environment: &[(&str, &str)]) -> Output {
        Command::new("bash")
            // As the runner starts what has `shell: bash`.
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(&self.script)
            .arg(name)
            .current_dir(self.workspace())
            .env_clear()
            .envs(&self.environment)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn run(&self) -> Ended {
        for name in ["output", "summary"] {
            fs::write(self.directory.path().join(name), "").unwrap();
        }
        let scan = self.step("scan", &[]);
        let mut log = String::from_utf8(scan.stdout).unwrap();
        log.push_str(&String::from_utf8(scan.stderr).unwrap());
        assert!(scan.status.success(), "the scan step failed: {log}");
        let read = |name| fs::read_to_string(self.directory.path().join(name)).unwrap();
        let outputs: BTreeMap<String, String> = read("output")
            .lines()
            .map(|line| line.split_once('=').expect("NAME=VALUE"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let code = outputs.get("exit-code").map_or("", String::as_str);
        let verdict = self.step("verdict", &[("SCAN_EXIT_CODE", code)]);
        Ended {
            log,
            summary: read("summary"),
            code: verdict.status.code().unwrap(),
            outputs,
        }
    }
}

impl Ended {
    fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }
}

#[test]
fn findings_are_reported_before_they_fail() {
    let job = Job::new();
    job.write("app.js", "const key = '{{master-key}}';\n");
    let result = job.run();
    assert_eq!(result.code, 1, "{}", result.log);
    assert_eq!(result.output("exit-code"), "1");
    assert_eq!(result.output("findings"), "1");
    assert_eq!(result.output("upload"), "true");
    assert!(result.summary.contains("app.js"), "{}", result.summary);
    let sarif = fs::read(result.output("sarif-file")).unwrap();
    let sarif: serde_json::Value = serde_json::from_slice(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1);
    // Uploaded, so not annotated twice.
    assert!(!result.log.contains("\n::error"), "{}", result.log);
}

#[test]
fn a_clean_tree_passes() {
    let job = Job::new();
    let result = job.run();
    assert_eq!(result.code, 0, "{}", result.log);
    assert_eq!(result.output("findings"), "0");
    assert!(Path::new(result.output("sarif-file")).is_file());
    assert!(result.summary.contains("keysweep"), "{}", result.summary);
}

#[test]
fn a_broken_policy_is_told_with_its_reason() {
    let job = Job::new();
    job.write("keysweep.toml", "[max-age]\nfunktion = 3\n");
    let result = job.run();
    assert_eq!(result.code, 2, "{}", result.log);
    for place in [&result.summary, &result.log] {
        assert!(place.contains("funktion"), "no reason: {place}");
    }
    assert!(result.log.contains("\n::error title=keysweep::"));
    assert_eq!(result.output("upload"), "false");
    assert_eq!(result.output("sarif-file"), "");
}

#[test]
fn no_input_is_code_or_an_option() {
    let values = [
        "; touch pwned; $(touch pwned) `touch pwned` && touch pwned",
        "' ; touch pwned ; '",
        "\" ; touch pwned ; \"",
        "x\ntouch pwned\nupload=true\nexit-code=0",
        "--help",
        "-",
        "*",
        "%0A::error::x",
    ];
    let inputs = [
        "PATHS",
        "CONFIG",
        "RULES",
        "BASELINE",
        "FAIL_ON",
        "STRICT",
        "UPLOAD",
        "SARIF_FILE",
    ];
    for input in inputs {
        let mut job = Job::new();
        job.write("key.txt", "{{master-key}}\n");
        for value in values {
            job.set(&format!("INPUT_{input}"), value);
            let result = job.run();
            let told = format!("{input}={value:?}: {}", result.log);
            // Any name will do for a report, if it is on one line.
            let wanted = if input == "SARIF_FILE" && !value.contains('\n') {
                1
            } else {
                2
            };
            assert_eq!(result.code, wanted, "{told}");
            let places = [job.workspace(), job.directory.path().join("temp")];
            let pwned = places.map(|place| place.join("pwned").exists());
            assert_eq!(pwned, [false, false], "{told}");
            let known = ["exit-code", "findings", "sarif-file", "upload"];
            let stray = result
                .outputs
                .keys()
                .find(|name| !known.contains(&name.as_str()));
            assert_eq!(stray, None, "{told}");
        }
    }
}

#[test]
fn paths_are_lines() {
    let mut job = Job::new();
    job.write("a file.txt", "{{master-key}}\n");
    job.write("-", "{{master-key}}\n");
    job.write("other.txt", "{{master-key}}\n");
    job.set("INPUT_PATHS", "a file.txt\r\n\n-\n");
    let result = job.run();
    assert_eq!(result.output("findings"), "2", "{}", result.log);
}

#[test]
fn file_names_are_no_commands() {
    let mut job = Job::new();
    job.write("::warning title=x::hello", "{{master-key}}\n");
    job.write("##[error]hello", "{{master-key}}\n");
    job.set("INPUT_UPLOAD", "false");
    let log = job.run().log;
    let (before, rest) = log.split_once("::stop-commands::").unwrap();
    let (token, rest) = rest.split_once('\n').unwrap();
    let (quiet, after) = rest.split_once(&format!("\n::{token}::\n")).unwrap();
    assert!(token.len() > 32 && !quiet.contains(token), "{log}");
    assert!(quiet.contains("hello"), "{log}");
    for line in before.lines().chain(after.lines()) {
        assert!(
            line.starts_with("::error title=") || !line.contains("hello"),
            "{line}"
        );
    }
}

#[test]
fn a_sweep_takes_its_arguments_line_by_line() {
    let mut job = Job::new();
    // Nobody listens there: it ends before a token is asked for.
    let endpoint = "--arm-endpoint=https://127.0.0.1:1\r\n--authority=https://127.0.0.1:1";
    job.set(
        "INPUT_SWEEP",
        &format!("{endpoint}\n--auth=env\n--app=$(touch made); touch made\n"),
    );
    let result = job.run();
    assert_eq!(result.code, 2, "{}", result.log);
    assert!(result.log.contains("AZURE_TENANT_ID"), "{}", result.log);
    assert!(!job.workspace().join("made").exists());
    job.set("INPUT_PATHS", "src");
    assert!(job.run().log.contains("either 'paths' or 'sweep'"));
}

#[test]
fn what_could_not_be_read_is_no_pass() {
    let mut job = Job::new();
    job.set("INPUT_PATHS", "missing");
    let result = job.run();
    assert_eq!(result.code, 2);
    assert!(result.summary.contains("missing"), "{}", result.summary);
}

#[test]
fn a_scan_that_never_ran_is_no_pass() {
    let job = Job::new();
    let verdict = job.step("verdict", &[("SCAN_EXIT_CODE", "")]);
    assert_eq!(verdict.status.code(), Some(2));
}
