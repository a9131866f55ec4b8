//! Whose file is this?
//!
//! A key that stands in the files of two callers is shared. A caller is the
//! nearest project around a file, which has a manifest of its own; without
//! one, the pipeline that the file is; without that, the top-level directory.

use super::{Files, Project, Projects, join, parent};
use crate::fact::{Caller, Exposure};
use crate::policy::Policy;

/// Finds the callers of a run.
pub struct Callers<'p> {
    roots: Vec<String>,
    policy: &'p Policy,
    projects: Projects,
}

impl<'p> Callers<'p> {
    /// For the roots of a scan (with `/`, as they begin the paths of reports)
    /// and the callers whose paths the policy names.
    #[must_use]
    pub fn new(roots: Vec<String>, policy: &'p Policy, files: Box<dyn Files>) -> Self {
        Self {
            roots,
            policy,
            projects: Projects::new(files),
        }
    }

    /// The same among other files.
    #[must_use]
    pub fn beside(&self, files: Box<dyn Files>) -> Self {
        Self::new(self.roots.clone(), self.policy, files)
    }

    /// The project that a file lies in, if it lies in one.
    #[must_use]
    pub fn project(&self, path: &str) -> Option<Project> {
        let (_, project) = self.projects.around(path, self.root_of(path))?;
        Some(project)
    }

    /// The caller that a file belongs to.
    #[must_use]
    pub fn of(&self, path: &str, exposure: Exposure) -> Caller {
        if let Some(named) = self.policy.caller_of(path) {
            return caller(&named.name, false);
        }
        let document = exposure == Exposure::Document;
        let root = self.root_of(path);
        match self.projects.around(path, root).map(|(project, _)| project) {
            // The project around everything: a document there describes any part.
            Some(project) if project == root => caller(named_root(root), document),
            Some(project) => self.tested_by(project, root),
            None if exposure == Exposure::Pipeline => caller(path, false),
            None => caller(&top_level(path, root), document),
        }
    }

    /// The longest root that the path lies in.
    fn root_of(&self, path: &str) -> &str {
        self.roots
            .iter()
            .map(String::as_str)
            .filter(|root| is_inside(path, root))
            .max_by_key(|root| root.len())
            .unwrap_or("")
    }

    /// A project of tests belongs to the project that it tests.
    fn tested_by(&self, project: &str, root: &str) -> Caller {
        let name = file_name(project);
        if is_test_folder(name) {
            return match self.projects.around(project, root) {
                Some((around, _)) => caller(named_root(around), true),
                None => caller(project, true),
            };
        }
        let Some(tested) = tested_name(name) else {
            return caller(project, false);
        };
        let beside = |folder: &str| join(folder, &tested);
        let siblings = [
            beside(parent(project)),
            beside(&join(parent(parent(project)), "src")),
            beside(parent(parent(project))),
        ];
        match siblings
            .iter()
            .find(|sibling| self.projects.at(sibling).exists)
        {
            Some(sibling) => caller(sibling, false),
            None => caller(project, true),
        }
    }
}

fn caller(name: &str, supporting: bool) -> Caller {
    Caller {
        name: crate::excerpt::redact_path(name),
        supporting,
    }
}

fn named_root(root: &str) -> &str {
    if root.is_empty() { "." } else { root }
}

/// The part of the path below the root, up to the first `/`.
fn top_level(path: &str, root: &str) -> String {
    let below = path
        .strip_prefix(root)
        .unwrap_or(path)
        .trim_start_matches('/');
    match below.split_once('/') {
        Some((first, _)) => join(root, first),
        None => named_root(root).to_owned(),
    }
}

fn is_inside(path: &str, root: &str) -> bool {
    root.is_empty()
        || path
            .strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn is_test_folder(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "test",
        "tests",
        "e2e",
        "spec",
        "specs",
        "cypress",
        "playwright",
        "integration",
        "integration-tests",
        "integrationtests",
        "smoke",
        "__tests__",
        "androidtest",
        "integration_test",
    ]
    .contains(&name.as_str())
}

/// `Orders` for `Orders.Tests`, `orders-tests`, `Orders.IntegrationTests`.
fn tested_name(name: &str) -> Option<String> {
    const ENDINGS: &[&str] = &[
        "integrationtests",
        "integration-tests",
        "integration_tests",
        "integration.tests",
        "functionaltests",
        "acceptancetests",
        "unittests",
        "unit-tests",
        "unit_tests",
        "unit.tests",
        "e2etests",
        "e2e-tests",
        "e2e",
        "tests",
        "test",
        "specs",
        "spec",
    ];
    let lower = name.to_ascii_lowercase();
    ENDINGS.iter().find_map(|ending| {
        let stem = lower.strip_suffix(ending)?;
        let cut = stem.trim_end_matches(['.', '-', '_']);
        (cut.len() < stem.len() && !cut.is_empty()).then(|| name[..cut.len()].to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_manifest_makes_the_caller() {
        let files = [
            "orders/package.json",
            "billing/Billing.csproj",
            "billing.Tests/x.csproj",
            "orders.Tests/x.csproj",
            "orders/e2e/package.json",
            "secrets/app/host.json",
        ];
        let files: Vec<(String, Vec<u8>)> = files.map(|path| (path.to_owned(), Vec::new())).into();
        let policy = Policy::default();
        let callers = Callers::new(vec![String::new()], &policy, Box::new(files));
        let of = |path: &str| {
            let found = callers.of(path, Exposure::Source);
            (found.name, found.supporting)
        };
        assert_eq!(of("orders/src/a.js"), ("orders".into(), false));
        assert_eq!(of("billing/A.cs"), ("billing".into(), false));
        assert_eq!(of("billing.Tests/A.cs"), ("billing".into(), false));
        assert_eq!(of("orders/e2e/a.js"), ("orders".into(), true));
        assert_eq!(of("secrets/app/host.json"), ("secrets".into(), false));
        assert_eq!(of("scripts/a.sh"), ("scripts".into(), false));
    }
}
