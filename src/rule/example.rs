//! The examples of a rule: documents on which it must fire, and documents on
//! which it must not.

use jiff::civil::Date;
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

use super::file::in_document;
use super::problem::{Origin, Problem};
use crate::placeholder::expand;
use crate::similar::all_of;

/// The path of the policy in examples.
pub const POLICY_PATH: &str = "keysweep.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExampleForm {
    title: Option<String>,
    path: Option<Spanned<String>>,
    text: Option<Spanned<String>>,
    #[serde(default)]
    files: Vec<FileForm>,
    policy: Option<Spanned<String>>,
    today: Option<Spanned<String>>,
    at: Option<Spanned<String>>,
    #[serde(default)]
    others: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    path: Spanned<String>,
    text: Spanned<String>,
}

/// A document, or several, and what a rule has to say of them.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows.
    pub title: Option<String>,
    /// The documents, with keys in place of the placeholders.
    pub files: Vec<ExampleFile>,
    /// The documents and the policy, as they are written.
    pub templates: Vec<ExampleFile>,
    /// The policy, if one matters.
    pub policy: Option<String>,
    /// The day on which it is judged, if that matters.
    pub today: Option<Date>,
    /// Where the rule must fire, once; nowhere in a good example.
    pub expected: Option<Place>,
    /// Other rules that fire in a good example.
    pub others: Vec<String>,
    /// Its place in the file.
    pub(super) span: Range<usize>,
}

/// A document of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFile {
    /// Relative to the root of the tree.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// A line of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The document.
    pub path: String,
    /// The line, from 1.
    pub line: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// The examples of a file, bad ones first.
pub(super) fn read_examples(
    origin: &Origin,
    bad: &[Spanned<ExampleForm>],
    good: &[Spanned<ExampleForm>],
) -> Result<Vec<Example>, Vec<Problem>> {
    let bad = bad.iter().map(|form| (form, true));
    let good = good.iter().map(|form| (form, false));
    let mut problems = Vec::new();
    let mut examples = Vec::new();
    for (form, fires) in bad.chain(good) {
        match read(origin, form.get_ref(), form.span(), fires) {
            Ok(example) => examples.push(example),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(examples)
    } else {
        Err(problems)
    }
}

fn read(
    origin: &Origin,
    form: &ExampleForm,
    span: Range<usize>,
    fires: bool,
) -> Result<Example, Problem> {
    let refuse = |span: Range<usize>, message: &str, help: &str| {
        Problem::new(message).help(help).at(origin, span, "here")
    };
    let single = match (&form.path, &form.text) {
        (Some(path), Some(text)) => Some((path, text)),
        (None, None) => None,
        _ => {
            let message = "an example has a path without a text, or a text without a path";
            return Err(refuse(span, message, "write both"));
        }
    };
    let several = form.files.iter().map(|file| (&file.path, &file.text));
    let written: Vec<_> = single.into_iter().chain(several).collect();
    if written.is_empty() && form.policy.is_none() {
        let help = "write path and text, or files = [{ path = …, text = … }], or a policy";
        return Err(refuse(span, "the example is empty", help));
    }
    let mut files: Vec<ExampleFile> = Vec::new();
    for (path, text) in &written {
        if !is_relative(path.get_ref()) || files.iter().any(|file| file.path == *path.get_ref()) {
            let help = "write each path once, relative to the root, with '/' and without '..'";
            return Err(refuse(path.span(), "the path cannot be used", help));
        }
        files.push(ExampleFile {
            path: path.get_ref().clone(),
            text: expanded(origin, text)?,
        });
    }
    let policy = form.policy.as_ref();
    let policy = policy.map(|text| expanded(origin, text)).transpose()?;
    let today = match &form.today {
        Some(day) => Some(day.get_ref().parse().map_err(|_| {
            let help = "write it as year, month and day: 2026-01-31";
            refuse(day.span(), "this is not a day", help)
        })?),
        None => None,
    };
    let expected = match (&form.at, fires) {
        (Some(at), true) => Some(place(at, &files, policy.as_deref()).ok_or_else(|| {
            let mut paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            paths.extend(policy.is_some().then_some(POLICY_PATH));
            let help = format!("write path:line, with a line of {}", all_of(&paths));
            refuse(at.span(), "no line of the example is there", &help)
        })?),
        (None, false) => None,
        (None, true) => {
            let help = "write at = 'path:line', where the rule has to fire";
            return Err(refuse(
                span,
                "a bad example does not say where it is bad",
                help,
            ));
        }
        (Some(at), false) => {
            let help = "leave it out: the rule has to stay silent";
            return Err(refuse(
                at.span(),
                "a good example says where it is bad",
                help,
            ));
        }
    };
    let template = |path: &str, text: &Spanned<String>| ExampleFile {
        path: path.to_owned(),
        text: text.get_ref().clone(),
    };
    let policy_template = form.policy.iter().map(|text| template(POLICY_PATH, text));
    let templates = written
        .iter()
        .map(|(path, text)| template(path.get_ref(), text));
    Ok(Example {
        title: form.title.clone(),
        templates: policy_template.chain(templates).collect(),
        files,
        policy,
        today,
        expected,
        others: form.others.clone(),
        span: form.at.as_ref().map_or(span, Spanned::span),
    })
}

fn expanded(origin: &Origin, text: &Spanned<String>) -> Result<String, Problem> {
    expand(text.get_ref()).map_err(|error| {
        let span = in_document(origin, text, &error.span);
        let problem = Problem::new(&*error.message).help(&*error.help);
        problem.at(origin, span, "in this placeholder")
    })
}

fn place(at: &Spanned<String>, files: &[ExampleFile], policy: Option<&str>) -> Option<Place> {
    let (path, line) = at.get_ref().rsplit_once(':')?;
    let line: u64 = line.parse().ok()?;
    let file = files.iter().find(|file| file.path == path);
    let text = match (file, policy) {
        (Some(file), _) => &file.text,
        (None, Some(policy)) if path == POLICY_PATH => policy,
        _ => return None,
    };
    let lines = u64::try_from(text.lines().count()).ok()?;
    let path = path.to_owned();
    (1..=lines).contains(&line).then_some(Place { path, line })
}

fn is_relative(path: &str) -> bool {
    !path.contains('\\')
        && !path.contains('\0')
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}
