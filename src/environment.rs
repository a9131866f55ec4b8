//! Which environment a path, a host, an app or a slot belongs to.
//!
//! The policy's globs speak first. Where they say nothing, the usual spellings
//! do, as whole words of names, and for paths only where a name is meant to say
//! an environment: in the names of configuration files, and in the directories
//! below `environments/` and its like. `src/test` and `live-chat` say nothing.

mod words;

use words::Word;

use crate::glob::{Base, Glob};

/// What the policy says of environments, and the usual spellings.
#[derive(Clone, Default)]
pub struct Environments {
    base: Base,
    /// In the order of the policy: environment, glob.
    globs: Vec<(String, EnvironmentGlob)>,
    /// Apps whose environment the policy states: lower-case name, environment.
    apps: Vec<(String, String)>,
    /// Files of callers whose environment the policy states.
    files: Vec<(Glob, String)>,
}

#[derive(Clone)]
enum EnvironmentGlob {
    /// It has a slash: over whole paths.
    Path(Glob),
    /// It has none: over names of apps, slots, hosts and files.
    Name(Glob),
}

impl Environments {
    /// With paths turned to the policy's directory.
    pub(crate) fn new(base: Base) -> Self {
        Self {
            base,
            ..Self::default()
        }
    }

    /// Adds a glob of `[environments]`; the first that matches speaks.
    pub(crate) fn add_glob(&mut self, environment: &str, glob: Glob, over_paths: bool) {
        let glob = if over_paths {
            EnvironmentGlob::Path(glob)
        } else {
            EnvironmentGlob::Name(glob)
        };
        self.globs.push((environment.to_owned(), glob));
    }

    /// States the environment of an app.
    pub(crate) fn add_app(&mut self, app: &str, environment: &str) {
        self.apps.push((app.to_lowercase(), environment.to_owned()));
    }

    /// States the environment of some files.
    pub(crate) fn add_files(&mut self, glob: Glob, environment: &str) {
        self.files.push((glob, environment.to_owned()));
    }

    /// Of a file; the path is as reports have it.
    #[must_use]
    pub fn of_path(&self, path: &str) -> Option<String> {
        let path = &*self.base.relative(path);
        let file = path.rsplit('/').next().unwrap_or(path);
        let globbed = self.globs.iter().find(|(_, glob)| match glob {
            EnvironmentGlob::Path(glob) => glob.matches(path),
            EnvironmentGlob::Name(glob) => glob.matches(file),
        });
        if let Some((environment, _)) = globbed {
            return Some(environment.clone());
        }
        if let Some((_, environment)) = self.files.iter().find(|(glob, _)| glob.matches(path)) {
            return Some(self.normalised(environment));
        }
        words::of_path(path).map(|word| self.named(word))
    }

    /// Of a host, with or without a port.
    #[must_use]
    pub fn of_host(&self, host: &str) -> Option<String> {
        let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let host = host.trim_end_matches('.').to_lowercase();
        let first = host.split('.').next().unwrap_or(&host);
        self.globbed(&host)
            .or_else(|| self.globbed(first))
            .map(ToOwned::to_owned)
            .or_else(|| self.stated(first))
            .or_else(|| words::of_host(&host).map(|word| self.named(word)))
    }

    /// Of an app, or of one of its slots. Every slot other than `production` is
    /// an environment of its own.
    #[must_use]
    pub fn of_app(&self, app: &str, slot: Option<&str>) -> Option<String> {
        let of_app = || {
            self.globbed(app)
                .map(ToOwned::to_owned)
                .or_else(|| self.stated(&app.to_lowercase()))
                .or_else(|| words::of_name(app).map(|word| self.named(word)))
        };
        let Some(slot) = slot else {
            return of_app();
        };
        let of_slot = || self.globbed(slot).map(ToOwned::to_owned);
        if slot.eq_ignore_ascii_case("production") {
            return of_slot()
                .or_else(of_app)
                .or_else(|| Some(self.named(Word::PRODUCTION)));
        }
        of_slot()
            .or_else(|| words::of_name(slot).map(|word| self.named(word)))
            .or_else(|| Some(slot.to_lowercase()))
    }

    /// The same name for every spelling of an environment that somebody wrote
    /// down as one: `production` in a workflow is the policy's `prod`.
    #[must_use]
    pub fn normalised(&self, environment: &str) -> String {
        let name = environment.trim();
        self.globs
            .iter()
            .map(|(known, _)| known)
            .find(|known| known.eq_ignore_ascii_case(name))
            .cloned()
            .or_else(|| words::alone(name).map(|word| self.named(word)))
            .unwrap_or_else(|| name.to_lowercase())
    }

    fn globbed(&self, name: &str) -> Option<&str> {
        self.globs
            .iter()
            .find_map(|(environment, glob)| match glob {
                EnvironmentGlob::Name(glob) if glob.matches(name) => Some(environment.as_str()),
                _ => None,
            })
    }

    fn stated(&self, app: &str) -> Option<String> {
        let (_, environment) = self.apps.iter().find(|(name, _)| name == app)?;
        Some(self.normalised(environment))
    }

    /// The environment's name: the policy's where it has one for this
    /// spelling, so that its globs and the usual spellings agree.
    fn named(&self, word: Word) -> String {
        let names = || self.globs.iter().map(|(name, _)| name.as_str());
        names()
            .find(|name| name.eq_ignore_ascii_case(word.spelling()))
            .or_else(|| names().find(|name| name.eq_ignore_ascii_case(word.canonical())))
            .or_else(|| {
                names().find(|name| {
                    words::of_name(name).is_some_and(|other| other.canonical() == word.canonical())
                })
            })
            .unwrap_or(word.canonical())
            .to_owned()
    }
}

#[cfg(test)]
mod tests;
