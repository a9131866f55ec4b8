//! The register, held against the apps that it names.

use super::callers::{is_about, target};
use super::{Estate, keys};
use crate::fact::live::{RegisteredKey, resource};
use crate::fact::{Fact, Related};
use crate::inventory::App;
use crate::key::KeyClass;
use crate::location::Location;
use crate::policy::Caller;
use crate::rotation::Rotation;

/// Whether there is one at all.
pub(super) fn exists(estate: &Estate<'_>) -> bool {
    !estate.policy.callers().is_empty()
}

pub(super) fn add(estate: &Estate<'_>, app: &App, facts: &mut Vec<Fact>) {
    let entries = estate.entries(app).iter();
    let entries = entries.filter_map(|entry| registered(estate, app, entry));
    facts.extend(entries.map(Fact::from));
}

/// An entry that names no key says of no key that it is there.
fn registered(estate: &Estate<'_>, app: &App, entry: &Caller) -> Option<RegisteredKey> {
    let name = entry.key.as_ref()?;
    let key = app.keys.iter().find(|key| is_about(entry, key));
    let id = app.id.key(entry.class, entry.function.as_deref(), name);
    let today = estate.policy.today();
    let title = match (key, entry.class, &entry.function) {
        (Some(key), ..) => keys::title(key),
        (None, KeyClass::Master, _) => "master key".to_owned(),
        (None, KeyClass::System, _) => format!("system key '{name}'"),
        (None, _, Some(function)) => format!("key '{name}' of function '{function}'"),
        (None, ..) => format!("host key '{name}'"),
    };
    let rotation = Rotation {
        target: target(&app.id),
        kind: entry.class,
        function: entry.function.clone(),
        name: name.clone(),
        successor: String::new(),
        handovers: Vec::new(),
    };
    Some(RegisteredKey {
        app: estate.reference(app),
        caller: entry.name.clone(),
        title,
        kind: entry.class,
        key: name.clone(),
        exists: key.is_some(),
        assessed: app.keys_read.is_some(),
        ended: entry.ended.is_some_and(|day| day <= today),
        ended_days: entry
            .ended
            .filter(|day| *day <= today)
            .map(|day| today.duration_since(day).as_hours() / 24),
        owner: entry.owner.clone(),
        contact: entry.contact.clone(),
        location: resource(id.as_str()),
        related: vec![Related {
            location: Location::File(Box::new(entry.place.clone())),
            message: format!("The entry of '{}' in the register.", entry.name),
        }],
        removal: key.map_or_else(Vec::new, |_| rotation.removal()),
        id: id.as_str().to_owned(),
    })
}
