//! Keys of apps that both sides have.

use std::collections::HashMap;

use super::inventories::Pair;
use super::{About, Change, Field, What, word};
use crate::inventory::{App, Event, Inventory, Key, Operation};
use crate::key::KeyClass;

/// Says once, and not of every app, that keys were left alone.
pub(super) fn metadata_only(pair: &mut Pair<'_>, old: &Inventory, new: &Inventory) {
    pair.metadata_only = old.sweep.metadata_only || new.sweep.metadata_only;
    let side = match (old.sweep.metadata_only, new.sweep.metadata_only) {
        (false, false) => return,
        (true, true) => "both sweeps",
        (true, false) => "the earlier sweep",
        (false, true) => "the later sweep",
    };
    pair.changes.push(Change::new(
        About::Key,
        What::NotCompared,
        "/",
        format!("{side} listed no keys (--metadata-only), so keys cannot be compared"),
    ));
}

pub(super) fn compare(pair: &mut Pair<'_>, old: &App, new: &App) {
    let (before, after) = (by_identity(old), by_identity(new));
    for key in fresh(new) {
        match before.get(&identity(key)).copied() {
            Some(before) => value(pair, new, before, key),
            None if old.keys_read.is_some() => arrived(pair, new, key),
            None => {}
        }
    }
    if new.keys_read.is_some() {
        for key in fresh(old) {
            if !after.contains_key(&identity(key)) {
                gone(pair, old, key);
            }
        }
    }
    let side = match (old.keys_read, new.keys_read) {
        (Some(_), Some(_)) => return,
        (None, Some(_)) => "the earlier sweep",
        (Some(_), None) => "the later sweep",
        (None, None) => "either sweep",
    };
    if !pair.metadata_only {
        let title = pair.after.reference(new).title;
        let message = format!("not all keys of {title} could be listed by {side}");
        let change = Change::new(About::Key, What::NotCompared, new.id.as_str(), message);
        pair.changes.push(change);
    }
}

/// Those that were seen, and are not an earlier sweep's.
fn fresh(app: &App) -> impl Iterator<Item = &Key> {
    app.keys.iter().filter(|key| !key.stale)
}

/// What makes a key of an app the same on both sides.
type Identity<'a> = (KeyClass, Option<&'a str>, String);

fn identity(key: &Key) -> Identity<'_> {
    (key.kind, key.function.as_deref(), key.name.to_lowercase())
}

fn by_identity(app: &App) -> HashMap<Identity<'_>, &Key> {
    fresh(app).map(|key| (identity(key), key)).collect()
}

/// The keys of an app that is new.
pub(super) fn of_new(pair: &mut Pair<'_>, app: &App) {
    fresh(app).for_each(|key| arrived(pair, app, key));
}

/// The keys of an app that is gone.
pub(super) fn of_gone(pair: &mut Pair<'_>, app: &App) {
    fresh(app).for_each(|key| gone(pair, app, key));
}

fn arrived(pair: &mut Pair<'_>, app: &App, key: &Key) {
    let id = app.key_id(key);
    let title = title_after(pair, app, key);
    let message = format!("{title} is new{}", copied(pair, key));
    let evidence = pair.done(Operation::Write, &id).map(recorded);
    let change = Change::new(About::Key, What::New, id.as_str(), message);
    let new = Some(key.fingerprint.as_str().to_owned());
    pair.changes.push(Change {
        evidence,
        fields: Field::of("fingerprint", None, new).into_iter().collect(),
        ..change
    });
}

fn gone(pair: &mut Pair<'_>, app: &App, key: &Key) {
    let id = app.key_id(key);
    let title = match pair
        .before(&app.id)
        .and_then(|app| Some((app, find(app, key)?)))
    {
        Some((app, key)) => {
            let key = pair.before.key(app, key);
            format!("{} of {}", key.title, key.app.title)
        }
        None => id.to_string(),
    };
    let evidence = pair.done(Operation::Delete, &id).map(recorded);
    let change = Change::new(
        About::Key,
        What::Gone,
        id.as_str(),
        format!("{title} is gone"),
    );
    let old = Some(key.fingerprint.as_str().to_owned());
    pair.changes.push(Change {
        evidence,
        fields: Field::of("fingerprint", old, None).into_iter().collect(),
        ..change
    });
}

/// A key that both have: whether it still is the same.
fn value(pair: &mut Pair<'_>, app: &App, old: &Key, new: &Key) {
    match pair.same(&old.fingerprint, &new.fingerprint) {
        Some(true) => return,
        None => {
            pair.chosen += 1;
            return;
        }
        Some(false) => {}
    }
    let id = app.key_id(new);
    let title = title_after(pair, app, new);
    let message = format!("{title} has another value{}", copied(pair, new));
    let print = |key: &Key| Some(key.fingerprint.as_str().to_owned());
    let format = |key: &Key| Some(word(&key.format));
    let fields = [
        Field::of("fingerprint", print(old), print(new)),
        Field::of("format", format(old), format(new)),
    ];
    let evidence = Some(rotation(pair, app, new));
    let change = Change::new(About::Key, What::Rotated, id.as_str(), message);
    pair.changes.push(Change {
        evidence,
        fields: fields.into_iter().flatten().collect(),
        ..change
    });
}

/// Where a value came from, if another key had it before: a value that is copied
/// is no fresh one.
fn copied(pair: &Pair<'_>, key: &Key) -> String {
    let Some((app, other)) = pair.had(&key.fingerprint) else {
        return String::new();
    };
    match pair
        .before(&app.id)
        .and_then(|app| Some((app, find(app, other)?)))
    {
        Some((app, other)) => {
            let other = pair.before.key(app, other);
            format!(": the one that {} of {} had", other.title, other.app.title)
        }
        None => String::new(),
    }
}

/// What proves a rotation, and what it proves of the new value's age.
fn rotation(pair: &Pair<'_>, app: &App, key: &Key) -> String {
    let id = app.key_id(key);
    let known = pair
        .after(&app.id)
        .and_then(|app| Some((app, find(app, key)?)));
    let known = known.map(|(app, key)| pair.after.key(app, key));
    let age = known.as_ref().and_then(|key| key.age.max_days);
    let age = age.map_or_else(String::new, |days| match days {
        0 => "; the value is less than a day old".to_owned(),
        days => format!("; the value is at most {days} days old"),
    });
    match (pair.done(Operation::Write, &id), known) {
        (Some(event), _) => format!("{}{age}", recorded(event)),
        (None, Some(key)) if key.changed_unannounced => format!(
            "seen: the fingerprint differs, and the Activity Log, complete for that time, shows no \
             write: it was changed behind Azure Resource Manager's back{age}"
        ),
        (None, _) => format!(
            "seen: the fingerprint differs; the Activity Log, as far as it was read, does not say \
             by whom{age}"
        ),
    }
}

fn recorded(event: &Event) -> String {
    let by = event.caller.name.as_ref().unwrap_or(&event.caller.id);
    let day = event.time.timestamp().strftime("%Y-%m-%d %H:%M");
    format!("recorded: the Activity Log shows it on {day} UTC, by '{by}'")
}

fn title_after(pair: &Pair<'_>, app: &App, key: &Key) -> String {
    match pair
        .after(&app.id)
        .and_then(|app| Some((app, find(app, key)?)))
    {
        Some((app, key)) => {
            let key = pair.after.key(app, key);
            format!("{} of {}", key.title, key.app.title)
        }
        None => app.key_id(key).to_string(),
    }
}

/// The same key, as an estate has it.
fn find<'a>(app: &'a App, key: &Key) -> Option<&'a Key> {
    app.keys
        .iter()
        .find(|other| identity(other) == identity(key))
}
