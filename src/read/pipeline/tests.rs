//! The flows that `docs/pipelines.md` lists, one by one; and that a value whose
//! way is not known makes no fact.

mod azure;
mod github;
mod gitlab;
mod hostile;
mod power;
mod script;

use std::sync::Arc;

use serde_json::Value;

use crate::policy::Policy;
use crate::read::structured::{Found, Parts, Source, Structures, Wanted};

/// What a listing of one key is.
const ONE: &str =
    "az functionapp function keys list -g rg -n func-a --function-name F --query default -o tsv";

/// What a listing of all keys of a host is.
const ALL: &str = "az functionapp keys list -g rg -n func-a";

/// Everything that the pipelines among some files say.
fn read(files: &[(&str, &str)]) -> Found {
    let mut structures = Structures::default();
    for (path, text) in files {
        let source = Source::new((*path).to_owned(), (*text).to_owned(), Vec::new());
        structures.absorb(Parts::read(&Arc::new(source), Wanted::as_partner(path)));
    }
    let owned = files.iter();
    let files: Vec<(String, Vec<u8>)> = owned
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect();
    structures.facts(&Policy::default(), &files)
}

/// What is done with keys, as `action way path:line`, names and fetches left out.
fn done(files: &[(&str, &str)]) -> Vec<String> {
    let mut done: Vec<String> = read(files)
        .facts
        .iter()
        .filter_map(|fact| {
            let seen = serde_json::to_value(fact).ok()?;
            let word = |name: &str| seen.get(name).and_then(Value::as_str).map(str::to_owned);
            let action = word("action")?;
            let place = fact.record().location().file()?.clone();
            let way = word("way").map(|way| format!("-{way}")).unwrap_or_default();
            let masked = seen.get("masked").and_then(Value::as_bool) == Some(true);
            let url = if seen.get("in_url").and_then(Value::as_bool) == Some(true) {
                "-url"
            } else {
                ""
            };
            let counts = !matches!(action.as_str(), "name" | "fetch") && !masked;
            let line = place.start.line;
            counts.then(|| format!("{action}{way}{url} {}:{line}", place.path))
        })
        .collect();
    done.sort();
    done.dedup();
    done
}

/// What the last of some lines of a step does, as words; nothing where none of
/// them does anything. The lines before it do nothing.
#[track_caller]
fn last(pipeline: impl Fn(&str) -> (&'static str, String), lines: &[&str]) -> Vec<String> {
    let lines: Vec<&str> = lines.iter().flat_map(|line| line.split('\n')).collect();
    let (path, text) = pipeline(&lines.join("\n"));
    let ends = text.lines().count();
    let done = done(&[(path, &text)]);
    let words = done.iter().map(|said| {
        let (what, place) = said.split_once(' ').unwrap_or_default();
        let line = place.rsplit_once(':').map_or("", |(_, line)| line);
        match line.parse() == Ok(ends) {
            true => what.to_owned(),
            false => format!("{what} at {line}"),
        }
    });
    words.collect()
}

fn indented(lines: &str, blanks: usize) -> String {
    let line = |line: &str| format!("{}{line}\n", " ".repeat(blanks));
    lines.lines().map(line).collect()
}

/// A step of a workflow, in Bash.
fn workflow(lines: &str) -> (&'static str, String) {
    let start = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n";
    (
        ".github/workflows/a.yml",
        format!("{start}{}", indented(lines, 10)),
    )
}
