//! Which dialect a pipeline is written in, by its name.

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

#[cfg(test)]
mod tests {
    use super::*;

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
