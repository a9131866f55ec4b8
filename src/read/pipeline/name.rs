//! Which dialect a pipeline is written in, by its name or by what it says.

use crate::read::text::patterns;

/// A language for pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A workflow of GitHub Actions.
    Workflow,
    /// A composite action.
    Action,
    /// Azure Pipelines, templates included.
    Azure,
    /// GitLab CI.
    Gitlab,
}

impl Dialect {
    /// The directory of the repository that a pipeline of this name belongs to,
    /// as far as its name tells.
    pub(super) fn root(self, path: &str) -> &str {
        let end = match self {
            Self::Workflow | Self::Action => path.find(".github/").unwrap_or(0),
            Self::Azure | Self::Gitlab => 0,
        };
        path[..end].trim_end_matches('/')
    }

    /// By the name of a document, or by what it says.
    pub(super) fn of(path: &str, text: &[u8]) -> Option<Self> {
        let by_content = || (is_yaml(path) && is_azure(text)).then_some(Self::Azure);
        Self::by_name(path).or_else(by_content)
    }

    pub(super) fn by_name(path: &str) -> Option<Self> {
        let (stem, extension) = path.rsplit_once('.')?;
        if !matches!(extension, "yml" | "yaml") {
            return None;
        }
        let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let within = |part: &str| folder.split('/').any(|folder| folder == part);
        if folder == ".github/workflows" || folder.ends_with("/.github/workflows") {
            return Some(Self::Workflow);
        }
        if name == "action" {
            return Some(Self::Action);
        }
        if name.starts_with(".gitlab-ci") || name.ends_with(".gitlab-ci") || within(".gitlab") {
            return Some(Self::Gitlab);
        }
        let azure = ["azure-pipeline", ".azure-pipeline"];
        let folders = [
            ".azuredevops",
            ".azure-pipelines",
            "azure-pipelines",
            ".pipelines",
        ];
        let is_azure = azure.iter().any(|start| name.starts_with(start))
            || folders.iter().any(|folder| within(folder));
        is_azure.then_some(Self::Azure)
    }
}

/// Whether a document may be a pipeline of Azure under any name.
pub(super) fn is_yaml(path: &str) -> bool {
    path.ends_with(".yml") || path.ends_with(".yaml")
}

/// Whether a document is one for sure: it has steps or templates of them, and
/// one is a task with its version, or a script or a template beside what starts
/// it.
pub(super) fn is_azure(text: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    let steps = has("steps:") && STEPS.is_match(text);
    let templates = has("template:") && TEMPLATE.is_match(text) && PARTS.is_match(text);
    steps && TASK.is_match(text)
        || (templates || steps && SCRIPT.is_match(text)) && START.is_match(text)
}

patterns! {
    STEPS = r"(?m-u)^\s*(?:-\s+)?steps:";
    TASK = r#"(?m-u)^\s*-\s+task:\s*["']?[A-Za-z][\w.-]*@\d"#;
    START = r"(?m-u)^(?:trigger|pr|pool|schedules|resources):";
    PARTS = r"(?m-u)^(?:stages|jobs|steps|extends):";
    TEMPLATE = r"(?m-u)^\s*(?:-\s+)?template:\s*\S+\.ya?ml";
    SCRIPT = r"(?m-u)^\s*-\s+(?:script|bash|pwsh|powershell|checkout):";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_pipelines_of_azure_by_what_they_say() {
        for text in [
            "trigger: none\nsteps:\n- task: AzureCLI@2\n",
            "parameters: []\njobs:\n  - job: a\n    steps:\n    - task: 'Bash@3'\n",
            "pool:\n  vmImage: ubuntu-latest\nsteps:\n  - bash: ls\n",
            "resources: {}\nstages:\n- stage: a\n  jobs:\n  - template: a/b.yml\n",
            "trigger: none\nextends:\n  template: b.yml@shared\n",
        ] {
            let dialect = Dialect::of("eng/ci.yml", text.as_bytes());
            assert_eq!(dialect, Some(Dialect::Azure), "{text}");
        }
        for text in [
            "on: push\njobs:\n  a:\n    steps:\n      - run: ls\n",
            "include:\n- template: a.gitlab-ci.yml\nstages: [ a ]\nb:\n  trigger: c\n",
            "jobs:\n- name: a\n  plan:\n  - task: build\n",
            "- hosts: all\n  tasks:\n    - script: a.sh\n",
        ] {
            assert_eq!(Dialect::of("eng/ci.yml", text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn knows_pipelines_by_their_names() {
        for (path, dialect) in [
            (".github/workflows/ci.yml", Some(Dialect::Workflow)),
            ("a/.github/workflows/ci.yaml", Some(Dialect::Workflow)),
            (".github/workflows/old/ci.yml", None),
            (".github/actions/deploy/action.yml", Some(Dialect::Action)),
            ("action.yaml", Some(Dialect::Action)),
            (".github/dependabot.yml", None),
            ("azure-pipelines.yml", Some(Dialect::Azure)),
            ("azure-pipelines/steps/deploy.yml", Some(Dialect::Azure)),
            (".gitlab-ci.yml", Some(Dialect::Gitlab)),
            (".gitlab/ci/deploy.yml", Some(Dialect::Gitlab)),
            ("chart/values.yaml", None),
            ("azure-pipelines.json", None),
            ("ci", None),
        ] {
            assert_eq!(Dialect::by_name(path), dialect, "{path}");
        }
    }
}
