//! The projects of a tree: directories with a manifest of their own.
//!
//! What a project is made of says whether its code is delivered to browsers and
//! phones, and whose a file is: a key that stands in the files of two projects
//! is shared.

mod caller;

pub use caller::Callers;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use regex::bytes::Regex;
use std::sync::LazyLock;

/// Files that make their directory a project.
const MANIFESTS: &[&str] = &[
    "package.json",
    "deno.json",
    "pyproject.toml",
    "setup.py",
    "requirements.txt",
    "Pipfile",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "build.sbt",
    "composer.json",
    "Gemfile",
    "mix.exs",
    "pubspec.yaml",
    "Package.swift",
    "Podfile",
    "host.json",
];

/// Endings of files that make their directory a project.
const MANIFEST_EXTENSIONS: &[&str] = &[
    "csproj",
    "fsproj",
    "vbproj",
    "gemspec",
    "cabal",
    "xcodeproj",
];

/// Bytes of a manifest that are read.
const MANIFEST: u64 = 256 * 1024;

/// What a directory is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// Whether it has a manifest.
    pub exists: bool,
    /// Whether its manifest names what runs in a browser or on a phone.
    pub front_end: bool,
}

/// What is beside the documents of a run: a directory, or a tree that is held in
/// memory.
pub trait Files: Send + Sync {
    /// The names in a directory; its path is as reports have it.
    fn names(&self, directory: &str) -> Vec<String>;

    /// The beginning of a file.
    fn head(&self, path: &str) -> Vec<u8>;

    /// All of a file, if it is one and has at most `most` bytes.
    fn whole(&self, path: &str, most: u64) -> Option<Vec<u8>>;
}

/// The files of the disk.
pub struct Disk;

impl Files for Disk {
    fn names(&self, directory: &str) -> Vec<String> {
        let local = if directory.is_empty() { "." } else { directory };
        let entries = std::fs::read_dir(local).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect()
    }

    fn head(&self, path: &str) -> Vec<u8> {
        use std::io::Read;
        let mut text = Vec::new();
        let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        if is_file && let Ok(file) = std::fs::File::open(path) {
            // What cannot be read tells nothing; the scan itself reports it.
            let _ = file.take(MANIFEST).read_to_end(&mut text);
        }
        text
    }

    fn whole(&self, path: &str, most: u64) -> Option<Vec<u8>> {
        use std::io::Read;
        // Not what a link leads to: it may be none of the tree's business.
        let metadata = std::fs::symlink_metadata(path).ok()?;
        if !metadata.is_file() || metadata.len() > most {
            return None;
        }
        let mut text = Vec::new();
        let file = std::fs::File::open(path).ok()?;
        file.take(most).read_to_end(&mut text).ok()?;
        Some(text)
    }
}

/// Files that are given by path and text.
impl Files for Vec<(String, Vec<u8>)> {
    fn names(&self, directory: &str) -> Vec<String> {
        self.iter()
            .filter(|(path, _)| parent(path) == directory)
            .map(|(path, _)| path.rsplit('/').next().unwrap_or(path).to_owned())
            .collect()
    }

    fn head(&self, path: &str) -> Vec<u8> {
        self.iter()
            .find(|(name, _)| name == path)
            .map(|(_, text)| text.clone())
            .unwrap_or_default()
    }

    fn whole(&self, path: &str, most: u64) -> Option<Vec<u8>> {
        let (_, text) = self.iter().find(|(name, _)| name == path)?;
        (text.len() as u64 <= most).then(|| text.clone())
    }
}

/// Looks directories up, each of them once.
pub struct Projects {
    files: Box<dyn Files>,
    known: Mutex<HashMap<String, Project>>,
}

impl Projects {
    /// Among these files.
    #[must_use]
    pub fn new(files: Box<dyn Files>) -> Self {
        Self {
            files,
            known: Mutex::default(),
        }
    }

    /// What the directory is; its path is as reports have it.
    pub fn at(&self, directory: &str) -> Project {
        if let Some(known) = self.lock().get(directory) {
            return *known;
        }
        let project = look(self.files.as_ref(), directory);
        self.lock().insert(directory.to_owned(), project);
        project
    }

    /// The nearest project around a file, up to `root`, and its directory.
    pub fn around<'p>(&self, path: &'p str, root: &str) -> Option<(&'p str, Project)> {
        let mut directory = parent(path);
        loop {
            let project = self.at(directory);
            if project.exists {
                return Some((directory, project));
            }
            if directory == root || directory.is_empty() || directory == "/" {
                return None;
            }
            directory = parent(directory);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Project>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the directory's manifests. A `host.json` among secrets is a secret
/// store.
fn look(files: &dyn Files, directory: &str) -> Project {
    let among_secrets = directory.to_ascii_lowercase().contains("secrets");
    let mut project = Project::default();
    for name in files.names(directory) {
        let listed = MANIFESTS.contains(&name.as_str()) && !(among_secrets && name == "host.json");
        let by_extension = name
            .rsplit_once('.')
            .is_some_and(|(_, extension)| MANIFEST_EXTENSIONS.contains(&extension));
        if listed || by_extension {
            project.exists = true;
            project.front_end |= FRONT_END.is_match(&files.head(&join(directory, &name)));
        }
    }
    project
}

static FRONT_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u)"(?:react|react-dom|react-scripts|react-native|preact|vue|svelte|@sveltejs/kit|solid-js|lit|ember-source|jquery|expo|next|nuxt|gatsby|vite|parcel|@angular/core|@ionic/\w+|@capacitor/core|@remix-run/react|astro|alpinejs|cordova[\w-]*)"\s*:
        | <UseMaui>|Xamarin\.|net\d+\.0-(?:android|ios|maccatalyst)|Microsoft\.NET\.Sdk\.BlazorWebAssembly|Uno\.Sdk
        | com\.android\.(?:application|library)|android\s*\{
        | ^\s*flutter:|sdk:\s*flutter"#,
    )
    .expect("a constant pattern, tested")
});

/// A name in a directory.
pub(crate) fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

/// The directories around a file, the nearest first, the root last.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let first = parent(path);
    std::iter::successors(Some(first), |directory| {
        (!directory.is_empty() && *directory != "/").then(|| parent(directory))
    })
}

/// The directory of a path.
pub(crate) fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) if path.len() > 1 => "/",
        Some((parent, _)) => parent,
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_project_is_made_of() {
        for (name, manifest, front_end) in [
            (
                "package.json",
                r#"{"dependencies": {"react": "^18"}}"#,
                true,
            ),
            (
                "package.json",
                r#"{"dependencies": {"express": "^4"}}"#,
                false,
            ),
            ("App.csproj", "<UseMaui>true</UseMaui>", true),
            (
                "build.gradle",
                "plugins { id \"com.android.application\" }",
                true,
            ),
            (
                "pubspec.yaml",
                "dependencies:\n  flutter:\n    sdk: flutter\n",
                true,
            ),
        ] {
            let files = vec![(format!("app/{name}"), manifest.as_bytes().to_vec())];
            let expected = Project {
                exists: true,
                front_end,
            };
            assert_eq!(look(&files, "app"), expected, "{manifest}");
        }
    }
}
