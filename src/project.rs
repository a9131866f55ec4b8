//! The projects of a tree: directories with a manifest of their own.
//!
//! What a project is made of says whether its code is delivered to browsers and
//! phones, and whose a file is: a key that stands in the files of two projects
//! is shared.

mod caller;

pub use caller::Callers;

use std::collections::HashMap;
use std::path::Path;
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

/// Looks directories up, each of them once.
#[derive(Default)]
pub struct Projects(Mutex<HashMap<String, Project>>);

impl Projects {
    /// What the directory is; its path is as reports have it.
    pub fn at(&self, directory: &str) -> Project {
        if let Some(known) = self.lock().get(directory) {
            return *known;
        }
        let local = if directory.is_empty() { "." } else { directory };
        let project = look(Path::new(local));
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the directory's manifests. A `host.json` among secrets is a secret
/// store.
fn look(directory: &Path) -> Project {
    let among_secrets = directory.components().any(|part| {
        let part = part.as_os_str().to_string_lossy().to_ascii_lowercase();
        part.contains("secrets")
    });
    let mut project = Project::default();
    let Ok(entries) = std::fs::read_dir(directory) else {
        return project;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let listed = MANIFESTS.contains(&name) && !(among_secrets && name == "host.json");
        let by_extension = name
            .rsplit_once('.')
            .is_some_and(|(_, extension)| MANIFEST_EXTENSIONS.contains(&extension));
        if listed || by_extension {
            project.exists = true;
            project.front_end |= names_front_end(&entry.path());
        }
    }
    project
}

/// Whether the manifest depends on what runs in a browser or on a phone.
fn names_front_end(manifest: &Path) -> bool {
    use std::io::Read;
    let Ok(file) = std::fs::File::open(manifest) else {
        return false;
    };
    let mut text = Vec::new();
    if !file.metadata().is_ok_and(|metadata| metadata.is_file())
        || file.take(MANIFEST).read_to_end(&mut text).is_err()
    {
        return false;
    }
    FRONT_END.is_match(&text)
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
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join(name), manifest).unwrap();
            let expected = Project {
                exists: true,
                front_end,
            };
            assert_eq!(look(directory.path()), expected, "{manifest}");
        }
    }
}
