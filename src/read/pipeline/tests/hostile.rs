use proptest::prelude::*;

use super::*;
use crate::fix::{Fix, apply};

const PIECES: &[&str] = &[
    ONE,
    ALL,
    "\"",
    "'",
    "$(",
    ")",
    "${",
    "}",
    "$key",
    "key=",
    "$key = ",
    "\n",
    "\n\n",
    " | ",
    " > f",
    " <<E\n",
    "E\n",
    " && ",
    "curl ",
    "Invoke-RestMethod ",
    "https://func-a.azurewebsites.net/api/F",
    "?code=",
    "&x=1",
    "echo ",
    "::add-mask::",
    "##vso[task.setvariable variable=a]",
    "@{",
    "`",
    "ü",
    "\u{f0000}",
    "\u{fdd0}",
    "\u{e000}",
    "${{ secrets.FUNC_KEY }}",
    "$(FuncKey)",
    "$[ ",
    "]",
    "if ",
    "; then ",
    "fi",
    "for x in ",
    "; do ",
    "done",
    "function a ",
    "Write-Host ",
    ">> $GITHUB_OUTPUT",
    "\\",
    "\t",
    "# ",
    "set -x\n",
    "cat f",
    "eval ",
    "bash -c ",
    "xargs ",
    ".functionKeys.a",
    "[",
    "(",
    "{",
    "$env:KEY",
    "-f ",
    "\r",
];

/// A step in each dialect and shell.
fn pipelines(script: &str) -> Vec<(&'static str, String)> {
    let body = indented(&script.replace('\r', ""), 10);
    vec![
        (
            ".github/workflows/a.yml",
            format!("on: push\njobs:\n  a:\n    steps:\n      - run: |\n{body}"),
        ),
        (
            ".github/workflows/b.yml",
            format!(
                "on: push\njobs:\n  a:\n    steps:\n      - shell: pwsh\n        run: |\n{body}"
            ),
        ),
        (
            "azure-pipelines.yml",
            format!("steps:\n- bash: |\n{body}\n- pwsh: |\n{body}"),
        ),
        (".gitlab-ci.yml", format!("a:\n  script:\n    - |\n{body}")),
    ]
}

/// The characters that stand for keys in here mean nothing in a document.
#[test]
fn what_is_formatted_again_and_again_is_not_known() {
    let once = |item: &str| format!("[string]::Format('{{0}}{{0}}{{0}}{{0}}', {item})");
    let line = (0..40).fold("'a'".to_owned(), |item, _| once(&item));
    let (path, text) = workflow(&format!("Write-Host ({line})"));
    let text = text.replace("- run: |", "- shell: pwsh\n        run: |");
    assert_eq!(done(&[(path, &text)]), [""; 0]);
    let nested = (0..24).fold("'a'".to_owned(), |item, _| {
        format!("$('{{0}}{{0}}{{0}}' -f {item})")
    });
    let (path, text) = workflow(&format!("Write-Host {nested}"));
    let text = text.replace("- run: |", "- shell: pwsh\n        run: |");
    assert_eq!(done(&[(path, &text)]), [""; 0]);
}

#[test]
fn no_document_names_a_key_of_ours() {
    for script in [
        "echo $[ \u{f0000} ]",
        "echo $(\u{f0000})",
        "echo ${{ \u{f0000} }}",
    ] {
        for (path, text) in pipelines(script) {
            assert!(read(&[(path, &text)]).gaps.is_empty(), "{text}");
        }
    }
}

proptest! {
    /// Whatever a script says: no reader fails, and fixes leave documents that
    /// parse where they did.
    #[test]
    fn no_script_makes_a_reader_fail(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        for (path, text) in pipelines(&pieces.concat()) {
            let found = read(&[(path, &text)]);
            prop_assert!(found.gaps.is_empty(), "{:?}", found.gaps);
            let fixes: Vec<&Fix> = found.facts.iter().filter_map(|fact| fact.record().fix()).collect();
            let fixed = apply(&text, &fixes);
            if found.notices.is_empty() {
                prop_assert!(read(&[(path, &fixed.text)]).notices.is_empty(), "{}", fixed.text);
            }
        }
    }
}

#[test]
fn hostile_scripts_take_linear_time() {
    for piece in [
        "(",
        "$(",
        "$($($(",
        "{",
        "@{",
        "\"$(",
        "'",
        "`",
        "[",
        "if (",
        "$x[",
        "$x = ",
        "<<E\n",
        "a | ",
        "a=$a$a\n",
        "x() { x; x; }\nx\n",
    ] {
        let script = piece.repeat(20_000 / piece.len());
        for (path, text) in pipelines(&script) {
            assert!(read(&[(path, &text)]).gaps.is_empty(), "{piece}");
        }
    }
}

#[test]
fn hostile_documents_take_linear_time() {
    let mut anchors = String::from("a0: &a0 { run: x }\n");
    for n in 1..200 {
        anchors += &format!(
            "a{n}: &a{n} [*a{before}, *a{before}, *a{before}]\n",
            before = n - 1
        );
    }
    for text in [
        "[".repeat(500_000),
        "{a: ".repeat(100_000),
        "- ".repeat(200_000),
        "? ".repeat(200_000),
        "a:\n".repeat(100_000),
        format!("{anchors}jobs: *a199\nsteps: *a199\nscript: *a199\n"),
        "steps: &s\n- template: azure-pipelines.yml\n".to_owned()
            + &"- template: azure-pipelines.yml\n".repeat(200),
    ] {
        for path in [
            ".github/workflows/a.yml",
            "azure-pipelines.yml",
            ".gitlab-ci.yml",
        ] {
            assert!(read(&[(path, &text)]).gaps.is_empty(), "{path}");
        }
    }
}
