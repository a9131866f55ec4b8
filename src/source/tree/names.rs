//! What files are called, and which of the given paths lie in others.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::glob::slashed;

/// Asked for once: a path is shown for every file.
static HERE: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::current_dir().ok());

/// The path from the working directory, where it lies below that.
pub(super) fn from_here(path: &Path) -> &Path {
    if path.is_absolute() {
        let here = HERE.as_deref();
        return here.map_or(path, |here| path.strip_prefix(here).unwrap_or(path));
    }
    path.strip_prefix(".").unwrap_or(path)
}

/// The path as reports show it: relative to the working directory where it lies
/// below that, with `/`.
#[must_use]
pub fn shown(path: &Path) -> String {
    slashed(from_here(path))
}

/// The same for a directory that a message names.
pub(in crate::source) fn named(directory: &Path) -> String {
    let name = shown(directory);
    if name.is_empty() {
        ".".to_owned()
    } else {
        name
    }
}

/// The roots that lie in no other one: what is below two of them is read once,
/// and is a part of the outer one.
#[must_use]
pub fn outermost(roots: &[PathBuf]) -> Vec<PathBuf> {
    let mut outer: Vec<PathBuf> = Vec::new();
    for root in roots {
        let name = from_here(root);
        let inside = |other: &PathBuf| {
            let around = from_here(other);
            name != around && name.is_relative() == around.is_relative() && name.starts_with(around)
        };
        let known = |other: &PathBuf| from_here(other) == name;
        if !roots.iter().any(inside) && !outer.iter().any(known) {
            outer.push(root.clone());
        }
    }
    outer
}
