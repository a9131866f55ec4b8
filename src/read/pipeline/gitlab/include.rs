//! The files that a pipeline of GitLab is made of, and those that it starts.

use super::super::Document;
use super::super::machine::join;
use crate::project::{self, Files};
use crate::syntax::yaml;

/// How many files a pipeline includes, and wildcards a file has, at most.
pub(super) const LIMIT: usize = 100;

/// The files of the same repository that a file includes.
pub(super) fn includes(
    root: Option<yaml::Value<'_>>,
    directory: &str,
    files: &dyn Files,
) -> Vec<String> {
    let include = root.and_then(|root| root.get("include"));
    let mut paths = Vec::new();
    let mut wildcards = 0;
    for item in include.into_iter().flat_map(|of| of.items().chain([of])) {
        let local = item.get("local").unwrap_or(item);
        for path in local.items().chain([local]).filter_map(yaml::Value::text) {
            let path = join(directory, "", path).filter(|_| !path.contains("://"));
            match path {
                Some(pattern) if pattern.contains('*') => {
                    wildcards += 1;
                    if wildcards <= LIMIT {
                        paths.extend(matching(&pattern, files));
                    }
                }
                path => paths.extend(path),
            }
        }
    }
    paths
}

/// The files that an include with a wildcard in its last part means: `ci/*.yml`.
fn matching(pattern: &str, files: &dyn Files) -> Vec<String> {
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
pub(in super::super) fn children(document: &Document, files: &dyn Files) -> Vec<String> {
    let directory = project::parent(&document.source.path);
    let jobs = document
        .yaml
        .root()
        .into_iter()
        .flat_map(yaml::Value::entries);
    let triggers = jobs.filter_map(|(_, job)| job.get("trigger"));
    let mut paths: Vec<String> = triggers
        .flat_map(|trigger| includes(Some(trigger), directory, files))
        .collect();
    paths.dedup();
    paths
}
