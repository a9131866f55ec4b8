//! The usual spellings of environments, and where they say something.

/// A spelling, and the environment that it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word(&'static str, &'static str);

impl Word {
    pub(super) const PRODUCTION: Self = Self("production", "prod");

    pub(super) fn spelling(self) -> &'static str {
        self.0
    }

    pub(super) fn canonical(self) -> &'static str {
        self.1
    }

    /// Words that name other things too: tests, and the stages of a pipeline.
    fn is_ambiguous(self) -> bool {
        matches!(self.0, "test" | "testing" | "tests" | "stage")
    }
}

const WORDS: &[Word] = &[
    Word("prod", "prod"),
    Word::PRODUCTION,
    Word("prd", "prod"),
    Word("staging", "staging"),
    Word("stage", "staging"),
    Word("stg", "staging"),
    Word("uat", "staging"),
    Word("preprod", "staging"),
    Word("preproduction", "staging"),
    Word("test", "test"),
    Word("testing", "test"),
    Word("tst", "test"),
    Word("qa", "test"),
    Word("dev", "dev"),
    Word("development", "dev"),
];

/// Directories whose subdirectories are environments.
const FOLDERS: &[&str] = &[
    "environment",
    "environments",
    "env",
    "envs",
    "deploy",
    "deployment",
    "deployments",
    "overlay",
    "overlays",
    "stages",
    "tiers",
];

/// Directories whose subdirectories may be environments, and tests as well.
const CONFIGURATION_FOLDERS: &[&str] = &[
    "config",
    "configs",
    "configuration",
    "settings",
    "parameters",
    "params",
    "values",
    "vars",
    "tfvars",
    "secrets",
    "infra",
    "infrastructure",
    "iac",
    "terraform",
    "bicep",
    "helm",
    "k8s",
    "kubernetes",
    "kustomize",
    "manifests",
    "clusters",
    "gitops",
    "argocd",
    "inventories",
];

/// The endings of configuration files.
const CONFIGURATION: &[&str] = &[
    "json",
    "jsonc",
    "json5",
    "yaml",
    "yml",
    "toml",
    "ini",
    "conf",
    "cfg",
    "config",
    "properties",
    "xml",
    "env",
    "tfvars",
    "tfbackend",
    "hcl",
    "bicepparam",
    "plist",
];

/// The endings that nothing but the settings of an environment has.
const SETTINGS_ONLY: &[&str] = &["env", "tfvars", "tfbackend", "bicepparam"];

/// First words of the names of files that hold settings: here `test` means the
/// environment, and program text counts too (`environment.prod.ts`).
const SETTINGS: &[&str] = &[
    "appsettings",
    "settings",
    "local",
    "values",
    "parameters",
    "params",
    "config",
    "configuration",
    "application",
    "app",
    "web",
    "env",
    "environment",
    "secrets",
    "secret",
    "vars",
    "variables",
    "main",
    "azuredeploy",
    "terraform",
    "backend",
    "docker",
    "compose",
    "host",
    "deploy",
    "deployment",
    "kustomization",
];

/// The environment that a name says, the last word first: `orders-test-prod`
/// is production's.
pub(super) fn of_name(name: &str) -> Option<Word> {
    let words = split(name);
    (0..words.len()).rev().find_map(|at| word_at(&words, at))
}

pub(super) fn of_host(host: &str) -> Option<Word> {
    if host == "dev.azure.com" || !host.contains('.') {
        return None;
    }
    // The last label is a top-level domain, and `.dev` and `.test` are two; the
    // one before it is a company's name, which may hold a word but not be one.
    let labels: Vec<&str> = host.split('.').collect();
    let (_, labels) = labels.split_last()?;
    let (company, labels) = labels.split_last()?;
    labels
        .iter()
        .find_map(|label| of_name(label))
        .or_else(|| of_name(company).filter(|_| split(company).len() > 1))
}

pub(super) fn of_path(path: &str) -> Option<Word> {
    let (directories, file) = path.rsplit_once('/').unwrap_or(("", path));
    let directories: Vec<&str> = directories.split('/').filter(|d| !d.is_empty()).collect();
    of_file(file)
        .or_else(|| of_folders(&directories))
        .or_else(|| {
            let folder = directories.last()?;
            let stem = file.split('.').find(|part| !part.is_empty())?;
            let plain = ["environment", "environments", "env", "envs"];
            let word = is_in(FOLDERS, folder).then(|| of_folder(stem)).flatten()?;
            (is_in(&plain, folder) || !word.is_ambiguous()).then_some(word)
        })
}

/// The name of a configuration file: `appsettings.Staging.json`,
/// `.env.production`, `values-prod.yaml`, `prod.tfvars`.
fn of_file(file: &str) -> Option<Word> {
    if let Some(rest) = file.strip_prefix(".env") {
        return of_name(rest);
    }
    let (stem, ending) = file.rsplit_once('.')?;
    let first = split(stem).first().cloned().unwrap_or_default();
    let settings = is_in(SETTINGS, &first) || is_in(SETTINGS_ONLY, ending);
    let script = ["js", "ts", "mjs", "cjs", "py", "rb"];
    let configuration = is_in(CONFIGURATION, ending)
        || (is_in(&script, ending) && is_in(&["environment", "config", "settings", "env"], &first));
    if !configuration {
        return None;
    }
    of_name(stem).filter(|word| settings || !word.is_ambiguous())
}

/// The innermost directory that stands for an environment.
fn of_folders(directories: &[&str]) -> Option<Word> {
    let below = directories.iter().enumerate().skip(1).rev();
    for (at, name) in below {
        let parent = directories[at - 1];
        let word = if is_in(FOLDERS, parent) {
            of_folder(name)
        } else if is_in(CONFIGURATION_FOLDERS, parent)
            || directories[..at].iter().any(|d| is_in(FOLDERS, d))
        {
            alone(name).filter(|word| !word.is_ambiguous())
        } else {
            None
        };
        if word.is_some() {
            return word;
        }
    }
    None
}

/// `prod`, `orders-prod` and `prod-westeurope`, and not `orders-prod-tools`.
fn of_folder(name: &str) -> Option<Word> {
    let words = split(name);
    let last = words.len().checked_sub(1)?;
    word_at(&words, last).or_else(|| {
        let first = (0..last).find_map(|at| Some((at, word_at(&words, at)?)))?;
        let tool = [
            "tool", "tools", "script", "scripts", "util", "utils", "data", "ops",
        ];
        (first.0 <= 1 && !words.iter().any(|word| is_in(&tool, word))).then_some(first.1)
    })
}

/// The word and nothing else.
pub(super) fn alone(name: &str) -> Option<Word> {
    let words = split(name);
    let word = word_at(&words, words.len().checked_sub(1)?)?;
    (words.concat() == word.0).then_some(word)
}

/// The spelling at a place: two words where they are one (`pre-prod`), and
/// nothing where the word before takes it back (`non-prod`).
fn word_at(words: &[String], at: usize) -> Option<Word> {
    let before = at.checked_sub(1).map(|before| words[before].as_str());
    match before {
        Some("non" | "not" | "no") => return None,
        Some("pre") => {
            let joined = format!("pre{}", words[at]);
            if let Some(word) = WORDS.iter().find(|word| word.0 == joined) {
                return Some(*word);
            }
        }
        _ => {}
    }
    WORDS.iter().find(|word| word.0 == words[at]).copied()
}

/// The words of a name in small letters, without the number of an instance:
/// `dev01` is `dev`.
fn split(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let plain = word.trim_end_matches(|c: char| c.is_ascii_digit());
            let number = word.len() - plain.len();
            let word = if number <= 3 && !plain.is_empty() {
                plain
            } else {
                word
            };
            word.to_lowercase()
        })
        .collect()
}

fn is_in(list: &[&str], word: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(word))
}
