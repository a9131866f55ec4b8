//! What an earlier inventory knows of the same keys: since when they are there,
//! and what they were before.

use std::collections::HashMap;
use std::sync::Arc;

use super::run::Run;
use crate::inventory::{App, ArmId, Event, Inventory, Key, Moment, Operation, Text};
use crate::key::KeyClass;

/// What tells a key from the others of its app.
type Slot<'k> = (KeyClass, Option<String>, &'k str);

fn slot(key: &Key) -> Slot<'_> {
    let function = key.function.as_deref().map(str::to_ascii_lowercase);
    (key.kind, function, &key.name)
}

/// An earlier inventory, and where its apps are in it.
pub(super) struct Previous {
    pub inventory: Arc<Inventory>,
    apps: HashMap<ArmId, usize>,
}

impl Previous {
    pub(super) fn new(inventory: Arc<Inventory>) -> Self {
        let apps = inventory.apps.iter().enumerate();
        Self {
            apps: apps.map(|(at, app)| (app.id.clone(), at)).collect(),
            inventory,
        }
    }

    fn app(&self, id: &ArmId) -> Option<&App> {
        self.inventory.apps.get(*self.apps.get(id)?)
    }
}

/// The keys of an app that were listed so recently that they need not be again.
/// Not if the Activity Log shows that one has been written since.
pub(super) fn recent_keys(run: &Run, app: &App) -> Option<(Vec<Key>, Moment)> {
    let days = run.options.refresh_keys?;
    let previous = run.previous.as_ref()?;
    let before = previous.app(&app.id)?;
    let read = before.keys_read?;
    if read.days_to(run.started) >= days || !comparable(before, run) {
        return None;
    }
    if run.written.borrow().get(&app.id).is_some_and(|time| *time >= read) {
        return None;
    }
    // A function that is new has keys that nobody has listed.
    let is_new = |name: &Text| !before.functions.iter().any(|function| function.name == *name);
    if app.functions.iter().any(|function| is_new(&function.name)) {
        return None;
    }
    Some((before.keys.clone(), read))
}

/// When a key of each app was last written or deleted, as far as the log says.
pub(super) fn written(events: &[Event]) -> HashMap<ArmId, Moment> {
    let mut written: HashMap<ArmId, Moment> = HashMap::new();
    for event in events {
        if matches!(event.operation, Operation::Write | Operation::Delete)
            && let Some(app) = event.subject.app()
        {
            let time = written.entry(app).or_insert(event.time);
            *time = event.time.max(*time);
        }
    }
    written
}

/// Whether the names of its keys are those that this sweep would give them.
fn comparable(before: &App, run: &Run) -> bool {
    let chosen = before.keys.iter().any(|key| key.strength.is_some());
    let previous = run.previous.as_ref().map(|it| &it.inventory.sweep.fingerprint_key);
    let same_key = previous.is_some_and(|key| key.as_deref() == run.prints.key_name().as_deref());
    !chosen || (same_key && run.prints.key_name().is_some())
}

/// Gives the keys of `inventory` their past, and apps whose keys could not be
/// listed tonight the keys that they had.
pub(super) fn carry(previous: &Inventory, inventory: &mut Inventory) {
    let before: HashMap<&ArmId, &App> = previous.apps.iter().map(|app| (&app.id, app)).collect();
    // Without the same key the names of chosen values are not the same.
    let same_key = previous.sweep.fingerprint_key.is_some()
        && previous.sweep.fingerprint_key == inventory.sweep.fingerprint_key;
    for app in &mut inventory.apps {
        let Some(before) = before.get(&app.id) else {
            continue;
        };
        let known: HashMap<Slot<'_>, &Key> =
            before.keys.iter().map(|key| (slot(key), key)).collect();
        for key in &mut app.keys {
            match known.get(&slot(key)) {
                Some(old) => compare(old, key, same_key),
                // Everything was listed then, and it was not there.
                None => key.unseen = before.keys_read,
            }
        }
        if app.keys_read.is_none() {
            keep_unread(before, app);
        }
    }
}

fn compare(old: &Key, key: &mut Key, same_key: bool) {
    if old.last_seen == key.last_seen && old.fingerprint == key.fingerprint {
        // Taken over as it was.
        return;
    }
    let random = |key: &Key| key.strength.is_none() && key.fingerprint.is_stable();
    if !same_key && !(random(old) && random(key)) && random(old) == random(key) {
        return;
    }
    if old.fingerprint == key.fingerprint {
        key.first_seen = old.first_seen;
        key.unseen = old.unseen;
        key.replaced = old.replaced.clone();
        key.stored = key.stored.or(old.stored);
    } else {
        key.unseen = Some(old.last_seen);
        key.replaced = Some(old.fingerprint.clone()).filter(crate::secret::Fingerprint::is_stable);
    }
}

/// The keys of what could not be listed, as they were last: an alert is not to
/// close because a host was down.
fn keep_unread(before: &App, app: &mut App) {
    let listed = |kind: KeyClass, function: &Option<Text>| {
        app.keys.iter().any(|key| match kind {
            KeyClass::Function => key.function == *function,
            _ => key.function.is_none(),
        })
    };
    let stale: Vec<Key> = before
        .keys
        .iter()
        .filter(|key| !listed(key.kind, &key.function))
        // Of a function that is gone, where its functions could be listed.
        .filter(|key| {
            app.functions_read.is_none()
                || key.function.as_ref().is_none_or(|name| {
                    app.functions.iter().any(|function| function.name == *name)
                })
        })
        .filter(|key| key.fingerprint.is_stable())
        .cloned()
        .collect();
    app.keys.extend(stale);
}
