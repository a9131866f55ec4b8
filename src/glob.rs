//! The globs of a policy, and what they are matched against.
//!
//! A glob over paths or resources names a subtree when it matches its root: who
//! exempts a directory or an app means what is in it. `*` stays within one
//! component, `**` crosses them.
//!
//! A glob over paths is anchored at the policy file's directory: one that says
//! more than its author meant would hide a key, one that says less is reported
//! as unused.

use globset::{GlobBuilder, GlobMatcher};
use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use crate::excerpt::redact;

/// A glob that does not hold, in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GlobError(pub(crate) String);

/// A compiled glob, or a glob and the same with everything below it.
#[derive(Clone)]
pub(crate) struct Glob {
    written: String,
    root: GlobMatcher,
    below: Option<GlobMatcher>,
}

impl Glob {
    /// Over the paths of files, relative to the policy file's directory.
    pub(crate) fn path(written: &str) -> Result<Self, GlobError> {
        let plain = written.strip_prefix("./").unwrap_or(written);
        let plain = plain.strip_suffix('/').unwrap_or(plain);
        if plain.is_empty() {
            return Err(GlobError("it is empty".to_owned()));
        }
        if plain.starts_with('/') || plain.split('/').any(|part| part == "..") {
            return Err(GlobError(
                "it leaves the directory of the policy file".to_owned(),
            ));
        }
        if plain.contains('\\') {
            return Err(GlobError("it has a backslash; write `/`".to_owned()));
        }
        Self::tree(written, plain, false)
    }

    /// Over the ids of Azure resources, which are the same in any case.
    pub(crate) fn resource(written: &str) -> Result<Self, GlobError> {
        let plain = written.strip_suffix('/').unwrap_or(written);
        if !plain.starts_with('/') && !plain.starts_with("**") {
            return Err(GlobError(
                "a resource id starts with `/subscriptions/…`; `**/sites/NAME` names it anywhere"
                    .to_owned(),
            ));
        }
        Self::tree(written, plain, true)
    }

    /// Over one name, in any case.
    pub(crate) fn name(written: &str) -> Result<Self, GlobError> {
        if written.is_empty() {
            return Err(GlobError("it is empty".to_owned()));
        }
        Ok(Self {
            written: written.to_owned(),
            root: compile(written, true)?,
            below: None,
        })
    }

    fn tree(written: &str, plain: &str, any_case: bool) -> Result<Self, GlobError> {
        Ok(Self {
            written: written.to_owned(),
            root: compile(plain, any_case)?,
            below: Some(compile(&format!("{plain}/**"), any_case)?),
        })
    }

    /// As the policy has it, masked.
    pub(crate) fn written(&self) -> String {
        redact(&self.written)
    }

    pub(crate) fn matches(&self, subject: &str) -> bool {
        self.root.is_match(subject)
            || self
                .below
                .as_ref()
                .is_some_and(|below| below.is_match(subject))
    }
}

fn compile(glob: &str, any_case: bool) -> Result<GlobMatcher, GlobError> {
    GlobBuilder::new(glob)
        .literal_separator(true)
        .backslash_escape(true)
        .case_insensitive(any_case)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| GlobError(error.kind().to_string()))
}

/// Turns paths as reports have them, relative to the working directory, into
/// paths as the policy's globs have them.
#[derive(Clone, Default)]
pub(crate) struct Base {
    here: String,
    /// The policy file's directory, as it was named and as it is.
    roots: Vec<String>,
}

impl Base {
    pub(crate) fn of(policy_file: &Path) -> Self {
        let file = absolute(policy_file);
        let directory = file.parent().unwrap_or(&file);
        let mut roots = vec![slashed(directory)];
        if let Ok(real) = directory.canonicalize() {
            let real = slashed(&real);
            if !roots.contains(&real) {
                roots.push(real);
            }
        }
        Self {
            here: slashed(&absolute(Path::new("."))),
            roots,
        }
    }

    /// The path from the policy file's directory; what lies outside of it
    /// keeps its path.
    pub(crate) fn relative<'p>(&self, path: &'p str) -> Cow<'p, str> {
        if self.roots.is_empty() {
            return Cow::Borrowed(path);
        }
        let plain = path.strip_prefix("./").unwrap_or(path);
        let simple = !Path::new(plain).is_absolute()
            && plain.split('/').all(|part| part != ".." && part != ".");
        if simple && self.roots.contains(&self.here) {
            return Cow::Borrowed(plain);
        }
        let full = slashed(&absolute(&Path::new(&self.here).join(plain)));
        self.roots
            .iter()
            .find_map(|root| below(&full, root))
            .map_or(Cow::Borrowed(plain), |rest| Cow::Owned(rest.to_owned()))
    }
}

fn below<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    path.strip_prefix(root)?.strip_prefix('/')
}

/// The path without `.` and `..`, made absolute, links left as they are.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The path with `/`, whatever the system writes.
pub(crate) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_glob_names_a_subtree() {
        for (glob, path, is) in [
            ("docs", "docs", true),
            ("docs", "docs/a/b.md", true),
            ("docs/", "docs/a/b.md", true),
            ("./docs", "docs/a.md", true),
            ("docs", "src/docs/a.md", false),
            ("**/docs", "src/docs/a.md", true),
            ("*.md", "a.md", true),
            ("*.md", "src/a.md", false),
            ("**/*.md", "src/a.md", true),
            ("**/*.md", "a.md", true),
            ("src/*/test", "src/a/test/x.js", true),
            ("src/*/test", "src/a/b/test/x.js", false),
            ("a.{js,ts}", "a.ts", true),
            ("A.js", "a.js", false),
        ] {
            assert_eq!(
                Glob::path(glob).ok().unwrap().matches(path),
                is,
                "{glob} {path}"
            );
        }
        for bad in ["", "/", "/etc", "../x", "a/../b", "a[", "a\\b"] {
            assert!(Glob::path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_resource_glob_knows_no_case() {
        let app = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Web/sites/orders";
        let key = format!("{app}/host/default/functionKeys/shop");
        for (glob, is) in [
            ("**/sites/orders", true),
            ("**/SITES/Orders", true),
            ("/subscriptions/1", true),
            ("/subscriptions/*/resourcegroups/rg", true),
            ("**/functionKeys/shop", true),
            ("**/functionKeys/other", false),
            ("**/sites/order", false),
        ] {
            assert_eq!(
                Glob::resource(glob).ok().unwrap().matches(&key),
                is,
                "{glob}"
            );
        }
        assert!(Glob::resource("sites/orders").is_err());
    }

    #[test]
    fn paths_are_turned_to_the_policy() {
        let base = Base {
            here: "/srv/repo/sub".into(),
            roots: vec!["/srv/repo".into(), "/real/repo".into()],
        };
        for (path, from_policy) in [
            ("a.js", "sub/a.js"),
            ("./a.js", "sub/a.js"),
            ("../b.js", "b.js"),
            ("/srv/repo/c.js", "c.js"),
            ("/real/repo/c.js", "c.js"),
            ("/elsewhere/c.js", "/elsewhere/c.js"),
        ] {
            assert_eq!(base.relative(path), from_policy);
        }
        let below = Base {
            here: "/srv".into(),
            roots: vec!["/srv/repo".into()],
        };
        assert_eq!(below.relative("repo/a.js"), "a.js");
        assert_eq!(below.relative("repository/a.js"), "repository/a.js");
        assert_eq!(Base::default().relative("./a.js"), "./a.js");
    }
}
