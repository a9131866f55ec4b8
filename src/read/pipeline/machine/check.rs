//! Commands that look at something: whether an app or its callers still work.

use super::super::value::words;
use super::arguments::Argument;

/// Whether the words say that something is looked at.
pub(in super::super) fn says_check(command: &[Argument]) -> bool {
    const CHECKS: &[&str] = &[
        "check",
        "verify",
        "verif",
        "test",
        "smoke",
        "health",
        "probe",
        "validate",
        "ping",
        "wait",
        "monitor",
        "confirm",
        "newman",
        "k6",
        "pytest",
        "curl",
        "playwright",
        "cypress",
    ];
    // What only builds and tests the code looks at no caller.
    let runner = command
        .first()
        .and_then(|(name, _)| runner(name))
        .unwrap_or_default();
    command.iter().take(3).any(|(word, _)| {
        let words = words(word);
        let says = |word: &String| CHECKS.iter().any(|check| word.starts_with(check));
        words
            .iter()
            .any(|word| word != "checkout" && !runner.contains(&word.as_str()) && says(word))
    })
}

/// The words by which a program is told to test the code of a project.
fn runner(name: &str) -> Option<&'static [&'static str]> {
    let name = name.rsplit('/').next().unwrap_or(name);
    match name {
        "cargo" | "dotnet" | "gradle" | "gradlew" | "mvn" | "mvnw" => {
            Some(&["check", "test", "tests", "verify"])
        }
        "bun" | "go" | "jest" | "npm" | "npx" | "nox" | "pnpm" | "poetry" | "pytest" | "python"
        | "python3" | "tox" | "uv" | "vitest" | "yarn" => Some(&["pytest", "test", "tests"]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::read::pipeline::value::Place;
    use crate::read::structured::Source;

    #[test]
    fn tests_of_the_code_are_no_check() {
        let source = Arc::new(Source::new(String::new(), String::new(), Vec::new()));
        let says = |command: &str| {
            let argument = |word: &str| {
                let source = Arc::clone(&source);
                (word.to_owned(), Place { source, span: 0..0 })
            };
            let command: Vec<Argument> = command.split(' ').map(argument).collect();
            says_check(&command)
        };
        for command in ["pytest -q", "npm test", "go test ./...", "mvn -B verify"] {
            assert!(!says(command), "{command}");
        }
        for command in [
            "npx playwright test",
            "npm run smoke",
            "python scripts/verify.py",
            "go run ./cmd/verify",
            "./smoke.sh",
            "check-orders func-a",
        ] {
            assert!(says(command), "{command}");
        }
    }
}
