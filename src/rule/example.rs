//! The examples of a rule: documents on which it must fire, and documents on
//! which it must not.

use jiff::civil::Date;
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

use super::file::in_document;
use super::problem::{Origin, Problem};
use crate::inventory::sketch::{full_id, sketch};
use crate::inventory::{Inventory, Moment};
use crate::placeholder::expand;
use crate::secret::Fingerprint;
use crate::similar::all_of;

/// What the inventories of an example are called on a rule's page.
const INVENTORY: &str = "inventory";
const PREVIOUS: &str = "the inventory of 30 days before";

/// How long before the inventory the earlier one is of.
const DAYS_BETWEEN: u32 = 30;

/// The day of an inventory, unless the example says another.
const DAY: Date = Date::constant(2026, 1, 31);

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
    inventory: Option<Spanned<String>>,
    previous: Option<Spanned<String>>,
    #[serde(default)]
    leaks: Vec<Spanned<String>>,
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
    /// What a sweep found, if the example is about a tenant.
    pub tenant: Option<Tenant>,
    /// The day on which it is judged, if that matters.
    pub today: Option<Date>,
    /// Where the rule must fire, once; nowhere in a good example.
    pub expected: Option<Place>,
    /// Other rules that fire in a good example.
    pub others: Vec<String>,
    /// Its place in the file.
    pub(super) span: Range<usize>,
}

/// What an example says of a tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The inventory.
    pub inventory: Inventory,
    /// An earlier one.
    pub previous: Option<Inventory>,
    /// The fingerprints of keys that a report says have leaked.
    pub leaks: Vec<Fingerprint>,
}

/// A document of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFile {
    /// Relative to the root of the tree.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// Where a rule has to fire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line of a document, from 1.
    Line {
        /// The document.
        path: String,
        /// The line, from 1.
        line: u64,
    },
    /// A resource of the tenant.
    Resource {
        /// Its id, and a property in parentheses.
        id: String,
        /// The same as the example writes it.
        written: String,
    },
}

impl Place {
    /// As the example writes it.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Line { .. } => self.to_string(),
            Self::Resource { written, .. } => written.clone(),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line { path, line } => write!(f, "{path}:{line}"),
            Self::Resource { id, .. } => f.write_str(id),
        }
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
    if written.is_empty() && form.policy.is_none() && form.inventory.is_none() {
        let help =
            "write path and text, or files = [{ path = …, text = … }], a policy or an inventory";
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
    let tenant = tenant(origin, form, today)?;
    let expected = match (&form.at, fires) {
        (Some(at), true) if tenant.is_some() && !is_line(at, &files, policy.as_deref()) => {
            let (id, property) = at.get_ref().split_once(' ').unwrap_or((at.get_ref(), ""));
            let place = format!("{} {property}", full_id(id));
            Some(Place::Resource {
                id: place.trim_end().to_owned(),
                written: at.get_ref().clone(),
            })
        }
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
    let inventories = [(PREVIOUS, &form.previous), (INVENTORY, &form.inventory)];
    let inventories = inventories
        .into_iter()
        .filter_map(|(name, text)| Some(template(name, text.as_ref()?)));
    let templates = written
        .iter()
        .map(|(path, text)| template(path.get_ref(), text));
    Ok(Example {
        title: form.title.clone(),
        templates: policy_template
            .chain(inventories)
            .chain(templates)
            .collect(),
        files,
        policy,
        tenant,
        today,
        expected,
        others: form.others.clone(),
        span: form.at.as_ref().map_or(span, Spanned::span),
    })
}

/// The inventories of an example, which are of one day unless it says another.
fn tenant(
    origin: &Origin,
    form: &ExampleForm,
    today: Option<Date>,
) -> Result<Option<Tenant>, Problem> {
    let Some(inventory) = &form.inventory else {
        let stray = form.previous.as_ref().or(form.leaks.first());
        return match stray {
            None => Ok(None),
            Some(stray) => {
                let help = "write inventory = '…', which it is held against";
                let problem = Problem::new("the example has no inventory").help(help);
                Err(problem.at(origin, stray.span(), "here"))
            }
        };
    };
    let now = moment(today.unwrap_or(DAY));
    let read = |text: &Spanned<String>, at: Moment| {
        sketch(&expanded(origin, text)?, at).map_err(|error| {
            let help = "docs/own-rules.md says how an inventory is written in short";
            let problem = Problem::new(format!("the inventory cannot be read: {error}"));
            problem.help(help).at(origin, text.span(), "this one")
        })
    };
    let leak = |text: &Spanned<String>| {
        Fingerprint::try_from(expanded(origin, text)?).map_err(|error| {
            let help = "write '{{function-key|fingerprint}}'";
            let problem = Problem::new(error.to_string()).help(help);
            problem.at(origin, text.span(), "here")
        })
    };
    let earlier = now.days_before(DAYS_BETWEEN);
    Ok(Some(Tenant {
        inventory: read(inventory, now)?,
        previous: form
            .previous
            .as_ref()
            .map(|text| read(text, earlier))
            .transpose()?,
        leaks: form.leaks.iter().map(leak).collect::<Result<_, _>>()?,
    }))
}

fn moment(day: Date) -> Moment {
    let midnight = day.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    midnight.map_or_else(|_| Moment::now(), |day| Moment::new(day.timestamp()))
}

fn is_line(at: &Spanned<String>, files: &[ExampleFile], policy: Option<&str>) -> bool {
    place(at, files, policy).is_some()
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
    (1..=lines)
        .contains(&line)
        .then_some(Place::Line { path, line })
}

fn is_relative(path: &str) -> bool {
    !path.contains('\\')
        && !path.contains('\0')
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}
