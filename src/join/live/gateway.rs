//! API Management.

use super::age::day;
use super::callers::{self, Hold, Source, vault_name};
use super::{Estate, holders, keys};
use crate::fact::Fact;
use crate::fact::live::{GatewaySubscription, NamedValue, property, related, resource};
use crate::inventory::{ApimSubscription, EventStatus, Operation};
use crate::policy::Caller;

/// A named value that is a key, or is sent as one.
pub(super) fn named_value<'a>(estate: &Estate<'a>, hold: &Hold<'a>) -> Option<Fact> {
    let Source::NamedValue(value) = hold.source else {
        return None;
    };
    let users = holders::users(estate, hold);
    if hold.fingerprint.is_none() && users.is_empty() {
        return None;
    }
    let found = holders::found(estate, hold, None);
    let callers = found.map(|(app, key)| callers::of(estate, app, key));
    let secret = value.vault_secret.as_ref();
    let mut used_by: Vec<String> = users.iter().map(|user| user.title.clone()).collect();
    used_by.sort();
    let uses = users.iter().map(|user| crate::fact::Related {
        location: property(user.id.as_str(), user.place),
        message: format!("Used by {}.", user.title),
    });
    let key = found.map(|(app, key)| {
        related(
            app.key_id(key).as_str(),
            format!("The {}.", keys::title(key)),
        )
    });
    Some(Fact::from(NamedValue {
        id: value.id.as_str().to_owned(),
        name: value.display_name.to_string(),
        service: hold.caller.name().to_owned(),
        secret: value.secret,
        vault_secret: secret.map(|found| format!("{}/{}", vault_name(found), found.secret)),
        version: secret
            .and_then(|found| found.version.as_ref())
            .map(ToString::to_string),
        used_by,
        key: found.map(|(_, key)| keys::title(key)),
        key_kind: found.map(|(_, key)| key.kind),
        app: found.map(|(app, _)| estate.reference(app)),
        format: value.format,
        seed: value.seed,
        fingerprint: hold.fingerprint.cloned(),
        owner: callers
            .as_ref()
            .and_then(|callers| callers.says(|entry| entry.owner.as_ref())),
        contact: callers
            .as_ref()
            .and_then(|callers| callers.says(|entry| entry.contact.as_ref())),
        stale: hold.stale.map(day),
        location: resource(value.id.as_str()),
        related: key.into_iter().chain(uses).collect(),
    }))
}

/// The subscriptions.
pub(super) fn add(estate: &Estate<'_>, facts: &mut Vec<Fact>) {
    let subscriptions = estate.inventory.apim_subscriptions.iter();
    facts.extend(subscriptions.map(|one| Fact::from(subscription(estate, one))));
}

fn subscription(estate: &Estate<'_>, one: &ApimSubscription) -> GatewaySubscription {
    let service = one.id.apim_service();
    let service = service
        .as_ref()
        .map_or_else(|| one.id.name(), |id| id.name());
    let now = estate.inventory.sweep.ended;
    let log = estate
        .subscription(&one.id)
        .and_then(|found| found.apim_activity_log);
    let entry = entry(estate, service, one);
    let changes = estate.changes(&one.id);
    let renewed = changes
        .iter()
        .filter(|change| {
            change.operation == Operation::Renew && change.status == EventStatus::Succeeded
        })
        .map(|change| change.time.days_to(now))
        .min();
    let registered = entry.and_then(|entry| entry.rotated).map(|day| {
        let age = estate.policy.today().duration_since(day).as_hours() / 24;
        u32::try_from(age).unwrap_or(0)
    });
    GatewaySubscription {
        name: one
            .display_name
            .as_ref()
            .map_or_else(|| one.id.name().to_owned(), ToString::to_string),
        service: service.to_owned(),
        scope: one.scope.to_string(),
        all_apis: one.covers_all_apis(),
        built_in: one.is_built_in(),
        state: one.state,
        allow_tracing: one.allow_tracing,
        created_days: one.created.map(|created| created.days_to(now)),
        renewed_days: [renewed, registered].into_iter().flatten().min(),
        log_since: log.filter(|log| log.complete).map(|log| day(log.from)),
        max_age_days: estate.policy.apim_max_age_days(),
        owner: entry.and_then(|entry| entry.owner.clone()),
        stale: one.stale.map(day),
        location: resource(one.id.as_str()),
        id: one.id.as_str().to_owned(),
    }
}

/// An entry of the register whose app is the service and whose key the
/// subscription.
fn entry<'a>(estate: &Estate<'a>, service: &str, one: &ApimSubscription) -> Option<&'a Caller> {
    let entries = estate
        .register
        .get(&(service.to_lowercase(), "production".to_owned()))?;
    let named = |name: &str| {
        let display = one.display_name.as_deref().unwrap_or_default();
        name.eq_ignore_ascii_case(one.id.name()) || name.eq_ignore_ascii_case(display)
    };
    entries.iter().copied().find(|entry| {
        let name = entry.key.as_ref().unwrap_or(&entry.name);
        named(name)
    })
}
