//! Keys of an earlier inventory that need not be listed again.

use std::collections::HashMap;
use std::sync::Arc;

use super::run::Run;
use crate::inventory::{App, ArmId, Event, Inventory, Key, Moment, Operation, Text};

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
    if run
        .written
        .borrow()
        .get(&app.id)
        .is_some_and(|time| *time >= read)
    {
        return None;
    }
    // A function that is new has keys that nobody has listed.
    let is_new = |name: &Text| {
        !before
            .functions
            .iter()
            .any(|function| function.name == *name)
    };
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
    let chosen = before.keys.iter().any(|key| !key.fingerprint.is_random());
    let previous = run
        .previous
        .as_ref()
        .map(|it| &it.inventory.sweep.fingerprint_key);
    let same_key = previous.is_some_and(|key| key.as_deref() == run.prints.key_name().as_deref());
    !chosen || (same_key && run.prints.key_name().is_some())
}
