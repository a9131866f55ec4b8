//! Who can list keys, and who did.

use std::collections::{BTreeMap, BTreeSet};

use super::Estate;
use super::age::day;
use crate::fact::Fact;
use crate::fact::live::{KeyEvent, KeyReader, KeyReaders, ScopeKind, related, resource};
use crate::inventory::{App, ArmId, Principal, Reader};

/// Role assignments, and the scopes that they hold at.
pub(super) fn add(estate: &Estate<'_>, facts: &mut Vec<Fact>) {
    let mut scopes: BTreeMap<&ArmId, Vec<&Reader>> = BTreeMap::new();
    for reader in &estate.inventory.readers {
        scopes.entry(&reader.scope).or_default().push(reader);
        facts.push(Fact::from(KeyReader {
            id: reader.id.as_str().to_owned(),
            scope: reader.scope.as_str().to_owned(),
            scope_kind: kind(&reader.scope),
            principal: name(&reader.principal),
            principal_type: reader.principal.kind,
            role: reader.role.to_string(),
            built_in: reader.built_in,
            abilities: reader.abilities.clone(),
            allowed: allowed(estate, &reader.principal),
            location: resource(reader.id.as_str()),
        }));
    }
    for (scope, here) in &scopes {
        facts.push(Fact::from(readers(estate, &scopes, scope, here)));
    }
}

fn readers(
    estate: &Estate<'_>,
    scopes: &BTreeMap<&ArmId, Vec<&Reader>>,
    scope: &ArmId,
    here: &[&Reader],
) -> KeyReaders {
    let around = around(estate, scope);
    let inherited = scopes
        .iter()
        .filter(|(other, _)| **other != scope && (scope.is_in(other) || around.contains(*other)))
        .flat_map(|(_, readers)| readers);
    let own: BTreeSet<&str> = here.iter().map(|reader| &*reader.principal.id).collect();
    let all: BTreeSet<&str> = inherited
        .map(|reader| &*reader.principal.id)
        .chain(own.iter().copied())
        .collect();
    let names: BTreeSet<String> = here.iter().map(|reader| name(&reader.principal)).collect();
    let roles: BTreeSet<String> = here.iter().map(|reader| reader.role.to_string()).collect();
    let number = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    KeyReaders {
        scope: scope.as_str().to_owned(),
        title: title(estate, scope),
        kind: kind(scope),
        principals: number(all.len()),
        here: number(own.len()),
        names: names.into_iter().collect(),
        roles: roles.into_iter().collect(),
        max: estate.policy.key_readers().max,
        location: resource(scope.as_str()),
        related: here
            .iter()
            .map(|reader| {
                let what = format!(
                    "'{}' has the role '{}'.",
                    name(&reader.principal),
                    reader.role
                );
                related(reader.id.as_str(), what)
            })
            .collect(),
    }
}

/// The management groups around a scope.
fn around(estate: &Estate<'_>, scope: &ArmId) -> Vec<ArmId> {
    let subscription = estate.subscription(scope);
    subscription.map_or_else(Vec::new, |found| found.management_groups.clone())
}

fn kind(scope: &ArmId) -> ScopeKind {
    let after_group = scope.value_of("resourceGroups").is_some();
    let provider = scope.value_of("providers").is_some();
    match scope.as_str() {
        "/" | "" => ScopeKind::Tenant,
        _ if scope.value_of("managementGroups").is_some() => ScopeKind::ManagementGroup,
        _ if provider => ScopeKind::Resource,
        _ if after_group => ScopeKind::ResourceGroup,
        _ => ScopeKind::Subscription,
    }
}

fn title(estate: &Estate<'_>, scope: &ArmId) -> String {
    match kind(scope) {
        ScopeKind::Tenant => "the tenant".to_owned(),
        ScopeKind::ManagementGroup => format!("management group '{}'", scope.name()),
        ScopeKind::Subscription => {
            let name = estate
                .subscription(scope)
                .map_or(scope.name(), |found| &found.name);
            format!("subscription '{name}'")
        }
        ScopeKind::ResourceGroup => format!("resource group '{}'", scope.name()),
        ScopeKind::Resource => format!("'{}'", scope.name()),
    }
}

/// What was done to the keys of an app, by whom.
pub(super) fn add_events(estate: &Estate<'_>, app: &App, facts: &mut Vec<Fact>) {
    let reference = estate.reference(app);
    for event in estate.events(&app.id) {
        facts.push(Fact::from(KeyEvent {
            operation: event.operation,
            subject: event.subject.as_str().to_owned(),
            app: reference.clone(),
            principal: name(&event.caller),
            principal_type: event.caller.kind,
            allowed: allowed(estate, &event.caller),
            own: estate.merged.is_own(&event.caller),
            count: event.count,
            last: day(event.time),
            days_ago: event.time.days_to(estate.inventory.sweep.ended),
            status: event.status,
            location: resource(event.subject.as_str()),
        }));
    }
}

fn name(principal: &Principal) -> String {
    principal.name.as_ref().unwrap_or(&principal.id).to_string()
}

/// Whether the policy's list has somebody; none without a list.
fn allowed(estate: &Estate<'_>, principal: &Principal) -> Option<bool> {
    let list = &estate.policy.key_readers().allowed;
    let has = |text: &str| list.iter().any(|known| known.eq_ignore_ascii_case(text));
    (!list.is_empty()).then(|| has(&principal.id) || principal.name.as_deref().is_some_and(has))
}
