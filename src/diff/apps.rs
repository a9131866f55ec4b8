//! Apps, slots and functions.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::extent::Absence;
use super::inventories::Pair;
use super::{About, Change, Field, What, keys, word};
use crate::inventory::{App, Family, Function, Inventory};

/// Walks both lists, which are in the order of their ids.
pub(super) fn compare(pair: &mut Pair<'_>, old: &Inventory, new: &Inventory) {
    keys::metadata_only(pair, old, new);
    let (mut before, mut after) = (old.apps.iter().peekable(), new.apps.iter().peekable());
    loop {
        let order = match (before.peek(), after.peek()) {
            (Some(a), Some(b)) => a.id.cmp(&b.id),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return,
        };
        match order {
            Ordering::Less => before.next().into_iter().for_each(|app| gone(pair, app)),
            Ordering::Greater => after.next().into_iter().for_each(|app| arrived(pair, app)),
            Ordering::Equal => {
                if let (Some(a), Some(b)) = (before.next(), after.next()) {
                    both(pair, a, b);
                    keys::compare(pair, a, b);
                }
            }
        }
    }
}

fn gone(pair: &mut Pair<'_>, app: &App) {
    let title = pair.before.reference(app).title;
    let absence = pair.new.absence(&[Family::Apps], &app.id);
    let change = Change::new(
        About::App,
        What::Gone,
        app.id.as_str(),
        format!("{title} is gone, with {}", contents(app)),
    );
    pair.lacking(absence, change);
    if absence == Absence::Proven {
        keys::of_gone(pair, app);
    }
}

fn arrived(pair: &mut Pair<'_>, app: &App) {
    let title = pair.after.reference(app).title;
    let absence = pair.old.absence(&[Family::Apps], &app.id);
    let change = Change::new(
        About::App,
        What::New,
        app.id.as_str(),
        format!("{title} is new, with {}", contents(app)),
    );
    pair.lacking(absence, change);
    if absence == Absence::Proven {
        keys::of_new(pair, app);
    }
}

fn contents(app: &App) -> String {
    let count = crate::report::count;
    format!(
        "{} and {}",
        count(app.functions.len(), "function"),
        count(app.keys.len(), "key")
    )
}

fn both(pair: &mut Pair<'_>, old: &App, new: &App) {
    let title = pair.after.reference(new).title;
    let fields = fields(old, new);
    if !fields.is_empty() {
        let message = format!("{title} has another {}", names(&fields));
        let change = Change::new(About::App, What::Changed, new.id.as_str(), message);
        pair.changes.push(Change { fields, ..change });
    }
    if old.functions_read.is_none() || new.functions_read.is_none() {
        if old.functions_read.is_some() || new.functions_read.is_some() {
            let message = format!("the functions of {title} were listed on one side only");
            pair.changes.push(Change::new(
                About::Function,
                What::NotCompared,
                new.id.as_str(),
                message,
            ));
        }
        return;
    }
    functions(pair, &title, old, new);
}

fn functions(pair: &mut Pair<'_>, title: &str, old: &App, new: &App) {
    let app = &new.id;
    let id = |function: &Function| format!("{app}/functions/{}", function.name);
    let (old, new) = (by_name(old), by_name(new));
    let level = |function: &Function| function.auth_level.as_ref().map(word);
    for (key, function) in &new {
        let name = &function.name;
        let Some(before) = old.get(key) else {
            let needs = match level(function) {
                Some(level) => format!(", with the level '{level}'"),
                None => String::new(),
            };
            pair.changes.push(Change::new(
                About::Function,
                What::New,
                &id(function),
                format!("function '{name}' of {title} is new{needs}"),
            ));
            continue;
        };
        let enabled = |function: &Function| Some((!function.disabled).to_string());
        let fields: Vec<Field> = [
            Field::of("authLevel", level(before), level(function)),
            Field::of("enabled", enabled(before), enabled(function)),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !fields.is_empty() {
            let message = format!(
                "function '{name}' of {title} has another {}",
                names(&fields)
            );
            let change = Change::new(About::Function, What::Changed, &id(function), message);
            pair.changes.push(Change { fields, ..change });
        }
    }
    for (key, function) in &old {
        if !new.contains_key(key) {
            pair.changes.push(Change::new(
                About::Function,
                What::Gone,
                &id(function),
                format!("function '{}' of {title} is gone", function.name),
            ));
        }
    }
}

fn by_name(app: &App) -> BTreeMap<String, &Function> {
    let functions = app.functions.iter();
    functions
        .map(|one| (one.name.to_lowercase(), one))
        .collect()
}

/// What counts for keys. What one side did not read is no difference.
fn fields(old: &App, new: &App) -> Vec<Field> {
    let text = |value: Option<bool>| value.map(|is| is.to_string());
    let (a, b) = (&old.access, &new.access);
    let number = |value: Option<u32>| value.map(|n| n.to_string());
    [
        Field::of_both(
            "state",
            old.state.as_ref().map(ToString::to_string),
            new.state.as_ref().map(ToString::to_string),
        ),
        Field::of_both(
            "keyStore",
            old.key_store.as_ref().map(word),
            new.key_store.as_ref().map(word),
        ),
        Field::of_both("public", text(a.public), text(b.public)),
        Field::of_both(
            "restrictions",
            a.restrictions.as_ref().map(word),
            b.restrictions.as_ref().map(word),
        ),
        Field::of_both(
            "privateEndpoints",
            number(a.private_endpoints),
            number(b.private_endpoints),
        ),
        Field::of_both("authRequired", text(a.auth_required), text(b.auth_required)),
        Field::of_both(
            "adminIsolated",
            text(a.admin_isolated),
            text(b.admin_isolated),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `state and keyStore`.
fn names(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    names.join(" and ")
}
