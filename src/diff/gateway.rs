//! Subscriptions of API Management, which have keys of their own.

use std::collections::BTreeMap;

use super::inventories::Pair;
use super::{About, Change, Field, What, word};
use crate::inventory::{ApimSubscription, ArmId, Family, Inventory};

pub(super) fn compare(pair: &mut Pair<'_>, old: &Inventory, new: &Inventory) {
    let (before, after) = (fresh(old), fresh(new));
    let families = [Family::ApiManagement];
    for (id, one) in &after {
        match before.get(id) {
            None => {
                let absence = pair.old.absence(&families, &one.id);
                pair.lacking(absence, change(What::New, one, "is new"));
            }
            Some(earlier) => {
                let fields = fields(earlier, one);
                if !fields.is_empty() {
                    let change = change(What::Changed, one, "is not what it was");
                    pair.changes.push(Change { fields, ..change });
                }
            }
        }
    }
    for (id, one) in &before {
        if !after.contains_key(id) {
            let absence = pair.new.absence(&families, &one.id);
            pair.lacking(absence, change(What::Gone, one, "is gone"));
        }
    }
}

/// Those that were seen, and are not an earlier sweep's.
fn fresh(inventory: &Inventory) -> BTreeMap<&ArmId, &ApimSubscription> {
    let all = inventory.apim_subscriptions.iter();
    let fresh = all.filter(|one| one.stale.is_none());
    fresh.map(|one| (&one.id, one)).collect()
}

fn change(what: What, one: &ApimSubscription, happened: &str) -> Change {
    let service = one.id.apim_service();
    let service = service.as_ref().map_or("", |service| service.name());
    let name = one.display_name.as_deref().unwrap_or(one.id.name());
    let message = format!(
        "subscription '{name}' of API Management '{service}', for {}, {happened}",
        match one.covers_all_apis() {
            true => "all APIs".to_owned(),
            false => format!("'{}'", one.scope),
        }
    );
    Change::new(About::ApimSubscription, what, one.id.as_str(), message)
}

fn fields(old: &ApimSubscription, new: &ApimSubscription) -> Vec<Field> {
    let scope = |one: &ApimSubscription| Some(one.scope.to_string());
    let tracing = |one: &ApimSubscription| Some(one.allow_tracing.to_string());
    [
        Field::of("state", Some(word(&old.state)), Some(word(&new.state))),
        Field::of("scope", scope(old), scope(new)),
        Field::of("allowTracing", tracing(old), tracing(new)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
