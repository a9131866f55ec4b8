//! The keys of an app.

use super::age::{age, changed_unannounced, day};
use super::callers::{self, Callers, target};
use super::{Estate, register};
use crate::fact::Fact;
use crate::fact::live::{Age, LiveKey, ReportedLeak, UnregisteredKey, resource};
use crate::inventory::{App, Key, Moment};
use crate::key::KeyClass;
use crate::policy::Caller;
use crate::rotation::{Rotation, successor};

/// What a key is called in messages.
pub(super) fn title(key: &Key) -> String {
    match (key.kind, &key.function) {
        (KeyClass::Master, _) => "master key".to_owned(),
        (KeyClass::System, _) => format!("system key '{}'", key.name),
        (KeyClass::Function, Some(function)) => {
            format!("key '{}' of function '{function}'", key.name)
        }
        (KeyClass::Host | KeyClass::Function, _) => format!("host key '{}'", key.name),
    }
}

/// What it opens.
pub(super) fn reach(key: &Key) -> String {
    match (key.kind, &key.function) {
        (KeyClass::Master, _) => "everything in the app, its administration included".to_owned(),
        (KeyClass::System, _) => "the webhook of one extension".to_owned(),
        (KeyClass::Function, Some(function)) => format!("the function '{function}' alone"),
        (KeyClass::Host | KeyClass::Function, _) => "every function of the app".to_owned(),
    }
}

/// A key of the app, with all that is known of it.
pub(super) fn fact(estate: &Estate<'_>, app: &App, key: &Key) -> LiveKey {
    live(estate, app, key, &callers::of(estate, app, key))
}

pub(super) fn add(estate: &Estate<'_>, app: &App, facts: &mut Vec<Fact>) {
    for key in &app.keys {
        let callers = callers::of(estate, app, key);
        facts.push(Fact::from(live(estate, app, key, &callers)));
        facts.extend(unregistered(estate, app, key, &callers).map(Fact::from));
        facts.extend(leaked(estate, app, key, &callers).map(Fact::from));
    }
}

fn live(estate: &Estate<'_>, app: &App, key: &Key, callers: &Callers<'_, '_>) -> LiveKey {
    let policy = estate.policy;
    let id = app.key_id(key);
    let (observed, registered) = (callers.observed(), callers.registered());
    let ordinary = matches!(key.kind, KeyClass::Host | KeyClass::Function);
    let age = age(estate, app, &id, key);
    let replacement = replacement(estate, app, key);
    LiveKey {
        app: estate.reference(app),
        title: title(key),
        kind: key.kind,
        reach: reach(key),
        function: key.function.as_ref().map(ToString::to_string),
        name: key.name.to_string(),
        format: key.format,
        seed: key.seed,
        checksum: key.checksum,
        fingerprint: key.fingerprint.clone(),
        max_age_days: policy.max_age_days().of(key.kind),
        callers: u32::try_from(observed.len().max(registered.len())).unwrap_or(u32::MAX),
        observed,
        registered,
        owner: callers.says(|entry| entry.owner.as_ref()),
        contact: callers.says(|entry| entry.contact.as_ref()),
        name_problem: ordinary.then(|| name_problem(estate, key)).flatten(),
        temporary_days: (ordinary && policy.temporary_keys().include(&key.name))
            .then_some(policy.temporary_keys().max_age_days),
        weakness: key
            .strength
            .and_then(|strength| policy.chosen_values().missing(strength)),
        replaced_by: replacement.as_ref().map(|(name, _)| name.clone()),
        replaced_days: replacement.map(|(_, days)| days),
        overlap_days: policy.overlap_days().of(key.kind),
        changed_unannounced: changed_unannounced(estate, app, &id, key),
        other_value_seen: key.replaced.as_ref().and(key.unseen).map(day),
        location: resource(id.as_str()),
        related: callers.related(),
        rotation: rotation(estate, app, key, callers),
        stale: key.stale.then(|| day(key.last_seen)),
        of_callers: callers.stale(),
        age,
        id: id.as_str().to_owned(),
    }
}

/// Why a name does not say whose key it is.
fn name_problem(estate: &Estate<'_>, key: &Key) -> Option<String> {
    if key.name.eq_ignore_ascii_case("default") {
        return Some("'default' is the name of whatever key the app made first".to_owned());
    }
    let pattern = estate.policy.key_name_pattern()?;
    (!pattern.is_match(&key.name)).then(|| "it does not match the policy's pattern".to_owned())
}

/// The key that replaces it by the register, if that exists as well, and for how
/// many days both have, at least.
fn replacement(estate: &Estate<'_>, app: &App, key: &Key) -> Option<(String, u32)> {
    let replaces = |entry: &&&Caller| {
        let name = entry.replaces.as_ref();
        let same = |other: &Key| {
            other.kind == key.kind && other.function == key.function && other.name != key.name
        };
        name.is_some_and(|name| name.eq_ignore_ascii_case(&key.name))
            && app
                .keys
                .iter()
                .any(|other| same(other) && callers::is_about(entry, other))
            && entry.class == key.kind
    };
    let entry = *estate.entries(app).iter().find(replaces)?;
    let new = app.keys.iter().find(|other| {
        other.kind == key.kind && other.function == key.function && callers::is_about(entry, other)
    })?;
    let Age { min_days, .. } = age(estate, app, &app.key_id(new), new);
    let registered = entry.rotated.map_or(0, |day| {
        let moment = day.to_zoned_datetime(jiff::tz::TimeZone::UTC);
        moment.map_or(0, |day| Moment::new(day.timestamp()).days_to(new.last_seen))
    });
    Some((new.name.to_string(), min_days.max(registered)))
}

/// How it is replaced.
pub(super) fn rotation(
    estate: &Estate<'_>,
    app: &App,
    key: &Key,
    callers: &Callers<'_, '_>,
) -> Rotation {
    let taken = |name: &str| {
        let mut keys = app.keys.iter();
        keys.any(|other| other.function == key.function && other.name.eq_ignore_ascii_case(name))
    };
    let registered = callers.registered();
    let observed = callers.holds.first().map(|hold| hold.caller.name());
    let caller = registered.first().map(String::as_str).or(observed);
    Rotation {
        target: target(&app.id),
        kind: key.kind,
        function: key.function.as_ref().map(ToString::to_string),
        name: key.name.to_string(),
        successor: successor(&key.name, caller, &taken),
        handovers: callers.handovers(estate),
    }
}

fn unregistered(
    estate: &Estate<'_>,
    app: &App,
    key: &Key,
    callers: &Callers<'_, '_>,
) -> Option<UnregisteredKey> {
    if callers.holds.is_empty() || !callers.entries.is_empty() {
        return None;
    }
    let id = app.key_id(key);
    let tenant = estate.inventory.sweep.tenant.as_deref();
    Some(UnregisteredKey {
        app: estate.reference(app),
        title: title(key),
        kind: key.kind,
        observed: callers.observed(),
        app_owner: super::apps::owner(estate, app),
        register: register::exists(estate),
        fingerprint: key.fingerprint.clone(),
        location: resource(id.as_str()),
        related: callers.related(),
        of_callers: callers.stale(),
        estate: tenant.map_or_else(|| "/".to_owned(), |tenant| format!("/tenants/{tenant}")),
        id: id.as_str().to_owned(),
    })
}

fn leaked(
    estate: &Estate<'_>,
    app: &App,
    key: &Key,
    callers: &Callers<'_, '_>,
) -> Option<ReportedLeak> {
    let places = estate.leaks.places(&key.fingerprint)?;
    let id = app.key_id(key);
    Some(ReportedLeak {
        app: estate.reference(app),
        title: title(key),
        kind: key.kind,
        reach: reach(key),
        places: places.to_vec(),
        observed: callers.observed(),
        registered: callers.registered(),
        owner: callers.says(|entry| entry.owner.as_ref()),
        contact: callers.says(|entry| entry.emergency.as_ref().or(entry.contact.as_ref())),
        fingerprint: key.fingerprint.clone(),
        location: resource(id.as_str()),
        related: callers.related(),
        rotation: rotation(estate, app, key, callers),
        id: id.as_str().to_owned(),
    })
}
