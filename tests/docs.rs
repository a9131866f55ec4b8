//! Every path that the pages for people name exists.
//!
//! A path is what stands in backticks and has a slash or a file's ending, and
//! every relative link. Commands count by their words.

use regex::Regex;
use std::path::Path;

const PAGES: [&str; 6] = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs/ci.md",
    "docs/release.md",
];

/// What looks like a path here and is none of this repository: files that users
/// have, and names of other things.
const ELSEWHERE: [&str; 4] = [
    "keysweep.toml",
    "package.json",
    "keysweep.cdx.json",
    "OWNER/keysweep",
];

const ENDINGS: [&str; 8] = [
    ".md", ".rs", ".toml", ".json", ".yml", ".yaml", ".py", ".sh",
];

#[test]
fn every_path_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for page in PAGES {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        let named = paths(&text);
        for path in &named {
            // What a build and the demo make is not in a clone.
            let made = path.starts_with("target/") || path.starts_with("keysweep-demo/");
            // Links of a page start from it, its code from the root.
            let beside = root.join(page).with_file_name(path);
            if !made && !root.join(path).exists() && !beside.exists() {
                missing.push(format!("{page} names {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn contributing_takes_five_steps_at_most() {
    let text = include_str!("../CONTRIBUTING.md");
    let recipes: Vec<_> = text
        .split("\n## ")
        .filter(|part| part.starts_with("Add "))
        .collect();
    assert_eq!(recipes.len(), 3, "a rule, a reader, a report");
    for recipe in recipes {
        let steps = recipe.lines().filter(|line| {
            line.split_once(". ")
                .is_some_and(|(number, _)| number.parse::<u8>().is_ok())
        });
        assert!((1..=5).contains(&steps.count()), "{recipe}");
        assert!(!paths(recipe).is_empty(), "names no path: {recipe}");
    }
}

#[test]
fn paths_are_told_from_other_code() {
    let text = "See `src/read.rs`, `.ci/run format`, `fuzz/` and [it](docs/rules.md#x), not \
        `--rules DIR`, `{{function-key}}`, `https://x/y`, `cargo test`, `keysweep.toml`.\n\
        ```sh\nls /nowhere/at/all.rs\n```\n";
    assert_eq!(
        paths(text),
        ["src/read.rs", ".ci/run", "fuzz/", "docs/rules.md"]
    );
}

/// The paths that a page names, in order. Fenced blocks are left out: they show
/// commands and output.
fn paths(page: &str) -> Vec<String> {
    let outside: String = page.split("\n```").step_by(2).collect();
    let code = Regex::new(r"`([^`\n]+)`|\]\(([^)\s#]+)").expect("a regex");
    let mut found = Vec::new();
    for part in code.captures_iter(&outside) {
        if let Some(link) = part.get(2) {
            if !link.as_str().contains("://") {
                found.push(link.as_str().to_owned());
            }
            continue;
        }
        let words = part[1].split_whitespace();
        found.extend(words.filter(|word| is_path(word)).map(str::to_owned));
    }
    found
}

fn is_path(word: &str) -> bool {
    let plain = word
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let looks = word.contains('/') || ENDINGS.iter().any(|ending| word.ends_with(ending));
    plain && looks && !word.starts_with(['-', '/']) && !ELSEWHERE.contains(&word)
        || ["LICENSE", "README", "CONTRIBUTING"].contains(&word)
}
