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
    const AGAINST_CALLERS: &[&str] = &[
        "smoke",
        "health",
        "e2e",
        "integration",
        "contract",
        "acceptance",
        "caller",
        "consumer",
        "client",
        "live",
        "key",
    ];
    // What only builds and tests the code looks at no caller.
    if command.first().is_some_and(|(name, _)| runs_tests(name)) {
        return command.iter().any(|(word, _)| {
            let words = words(word);
            words
                .iter()
                .any(|word| AGAINST_CALLERS.iter().any(|part| word.starts_with(part)))
        });
    }
    command.iter().take(3).any(|(word, _)| {
        let words = words(word);
        let says = |word: &String| CHECKS.iter().any(|check| word.starts_with(check));
        words.iter().any(|word| word != "checkout" && says(word))
    })
}

/// Whether a program runs the tests of a project.
fn runs_tests(name: &str) -> bool {
    const RUNNERS: &[&str] = &[
        "cargo", "dotnet", "go", "gradle", "gradlew", "jest", "mvn", "mvnw", "npm", "npx", "nox",
        "pnpm", "pytest", "python", "python3", "poetry", "tox", "uv", "vitest", "yarn",
    ];
    RUNNERS.contains(&name.trim_start_matches("./"))
}
