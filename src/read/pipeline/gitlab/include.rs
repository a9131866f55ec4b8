//! The files that a pipeline of GitLab is made of, and those that it starts.

use super::super::Document;
use super::super::machine::join;
use crate::project::{self, Files};
use crate::syntax::yaml;

/// The files of the same repository that a file includes.
pub(super) fn includes(root: Option<yaml::Value<'_>>, directory: &str) -> Vec<String> {
    let include = root.and_then(|root| root.get("include"));
    let mut paths = Vec::new();
    for item in include.into_iter().flat_map(|of| of.items().chain([of])) {
        let local = item.get("local").unwrap_or(item);
        for path in local.items().chain([local]).filter_map(yaml::Value::text) {
            if !path.contains("://") {
                paths.extend(join(directory, "", path));
            }
        }
    }
    paths
}

/// The files that an include with a wildcard in its last part means: `ci/*.yml`.
pub(super) fn matching(pattern: &str, files: &dyn Files) -> Vec<String> {
    let (directory, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let Some((start, end)) = name.split_once('*').filter(|_| !directory.contains('*')) else {
        return Vec::new();
    };
    let mut found: Vec<String> = files
        .names(directory)
        .into_iter()
        .filter(|name| name.len() >= start.len() + end.len())
        .filter(|name| name.starts_with(start) && name.ends_with(end))
        .map(|name| project::join(directory, &name))
        .collect();
    // They are taken from the end.
    found.sort_by(|a, b| b.cmp(a));
    found
}

/// The pipelines of the same repository that the jobs of a file start.
pub(in super::super) fn children(document: &Document) -> Vec<String> {
    let directory = project::parent(&document.source.path);
    let jobs = document
        .yaml
        .root()
        .into_iter()
        .flat_map(yaml::Value::entries);
    let triggers = jobs.filter_map(|(_, job)| job.get("trigger"));
    let mut paths: Vec<String> = triggers
        .flat_map(|trigger| includes(Some(trigger), directory))
        .collect();
    paths.dedup();
    paths
}
