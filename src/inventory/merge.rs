//! Several inventories as one: the shards of a sweep, the sweeps of several
//! tenants, or of several nights.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::{
    ActivityLog, ArmId, Event, Family, Filters, Gap, Inventory, Operation, Principal, Reason,
    Scope, Shard, Subscription, Sweep,
};
use crate::secret::Fingerprint;

/// One inventory, made of one or several.
#[derive(Clone, Debug)]
pub struct Merged {
    /// All that they say. Of an app that several have, the newest counts; what
    /// that one could not list is the older one's, as of then.
    pub inventory: Inventory,
    /// Their headers, the oldest first.
    pub sweeps: Vec<Sweep>,
    /// Whether chosen values of one can be told from those of another: their
    /// fingerprints were made with one key.
    pub chosen_comparable: bool,
}

impl Merged {
    /// Of the inventories of one sweep or of several; none of none.
    #[must_use]
    pub fn new(mut inventories: Vec<Inventory>) -> Option<Self> {
        inventories.sort_by_key(|inventory| (inventory.sweep.started, inventory.sweep.shard));
        let sweeps: Vec<Sweep> = inventories.iter().map(|one| one.sweep.clone()).collect();
        let chosen_comparable = sweeps.len() < 2 || one_key(&sweeps);
        if !chosen_comparable {
            for (at, inventory) in inventories.iter_mut().enumerate() {
                rename_chosen(inventory, at + 1);
            }
        }
        let mut parts = inventories.into_iter();
        let mut inventory = parts.next()?;
        parts.for_each(|later| join(&mut inventory, later));
        if sweeps.len() > 1 {
            inventory.sweep = header(&sweeps);
        }
        inventory.gaps.extend(missing_shards(&sweeps));
        inventory.finish();
        Some(Self {
            inventory,
            sweeps,
            chosen_comparable,
        })
    }

    /// Whether somebody is the identity of one of the sweeps.
    #[must_use]
    pub fn is_own(&self, principal: &Principal) -> bool {
        self.sweeps
            .iter()
            .filter_map(|sweep| sweep.identity.as_ref())
            .any(|own| {
                let ids = [&own.object_id, &own.application_id, &own.name];
                let ids: Vec<&str> = ids.into_iter().flatten().map(|id| id.as_str()).collect();
                let is = |text: &str| ids.iter().any(|id| id.eq_ignore_ascii_case(text));
                is(&principal.id) || principal.name.as_deref().is_some_and(is)
            })
    }
}

fn one_key(sweeps: &[Sweep]) -> bool {
    let key = &sweeps[0].fingerprint_key;
    key.is_some() && sweeps.iter().all(|sweep| sweep.fingerprint_key == *key)
}

/// Chosen values that cannot be compared get names that are no one else's.
fn rename_chosen(inventory: &mut Inventory, part: usize) {
    let mut names: HashMap<Fingerprint, Fingerprint> = HashMap::new();
    for fingerprint in inventory.fingerprints_mut() {
        if !fingerprint.is_random() {
            let next = names.len() + 1;
            let name = names.entry(fingerprint.clone());
            let name = name.or_insert_with(|| Fingerprint::numbered_in(next, part));
            *fingerprint = name.clone();
        }
    }
}

/// Lays a later inventory upon an earlier one: what both have is as the later
/// one has it.
fn join(earlier: &mut Inventory, mut later: Inventory) {
    let old: HashSet<&ArmId> = earlier.apps.iter().map(|app| &app.id).collect();
    let new = later.apps.iter().map(|app| &app.id);
    let both: HashSet<ArmId> = new.filter(|id| old.contains(id)).cloned().collect();
    if !both.is_empty() {
        later.carry(earlier);
    }
    let new: HashSet<ArmId> = later
        .holders
        .iter()
        .map(|holder| holder.id.clone())
        .collect();
    let replaced = |id: &ArmId| id.app().is_some_and(|app| both.contains(&app));
    earlier.apps.retain(|app| !both.contains(&app.id));
    earlier
        .holders
        .retain(|one| !replaced(&one.id) && !new.contains(&one.id));
    earlier.gaps.retain(|gap| !replaced(&gap.subject));
    earlier.apps.append(&mut later.apps);
    earlier.holders.append(&mut later.holders);
    earlier.gaps.append(&mut later.gaps);
    // Of what both have the first stays.
    earlier
        .apim_named_values
        .splice(0..0, later.apim_named_values);
    earlier
        .apim_subscriptions
        .splice(0..0, later.apim_subscriptions);
    earlier.readers.splice(0..0, later.readers);
    subscriptions(&mut earlier.subscriptions, later.subscriptions);
    events(&mut earlier.events, later.events);
}

fn subscriptions(earlier: &mut Vec<Subscription>, later: Vec<Subscription>) {
    for new in later {
        match earlier.iter_mut().find(|old| old.id == new.id) {
            Some(old) => {
                let activity_log = better(old.activity_log, new.activity_log);
                let apim_activity_log = better(old.apim_activity_log, new.apim_activity_log);
                *old = Subscription {
                    activity_log,
                    apim_activity_log,
                    ..new
                };
            }
            None => earlier.push(new),
        }
    }
}

/// The log that proves more: the complete one, then the later one.
fn better(a: Option<ActivityLog>, b: Option<ActivityLog>) -> Option<ActivityLog> {
    let rank = |log: &ActivityLog| (log.complete, log.to);
    [a, b].into_iter().flatten().max_by_key(rank)
}

/// Listings are summed up already, and by each shard that read the log: of the
/// same sum the latest counts.
fn events(earlier: &mut Vec<Event>, later: Vec<Event>) {
    earlier.extend(later);
    let mut sums: BTreeMap<(ArmId, Arc<Principal>), Event> = BTreeMap::new();
    let mut rest = Vec::new();
    for event in earlier.drain(..) {
        if event.operation != Operation::List {
            rest.push(event);
            continue;
        }
        let sum = sums.entry((event.subject.clone(), event.caller.clone()));
        let sum = sum.or_insert_with(|| event.clone());
        if (event.time, event.count) > (sum.time, sum.count) {
            *sum = event;
        }
    }
    rest.extend(sums.into_values());
    *earlier = rest;
}

/// The header of all of them.
fn header(sweeps: &[Sweep]) -> Sweep {
    let newest = &sweeps[sweeps.len() - 1];
    let same = |what: &dyn Fn(&Sweep) -> String| {
        let first = what(newest);
        sweeps.iter().all(|sweep| what(sweep) == first)
    };
    let mut merged = newest.clone();
    for sweep in sweeps {
        merged.started = merged.started.min(sweep.started);
        merged.ended = merged.ended.max(sweep.ended);
        merged.metadata_only &= sweep.metadata_only;
    }
    if !same(&|sweep| format!("{:?}", sweep.tenant)) {
        merged.tenant = None;
    }
    if !same(&|sweep| format!("{:?}", sweep.fingerprint_key)) {
        merged.fingerprint_key = None;
    }
    if sweeps.iter().any(|sweep| sweep.filters.are_none()) {
        merged.filters = Filters::default();
    }
    if sweeps.iter().any(|sweep| sweep.scope.is_tenant()) {
        merged.scope = Scope::default();
    } else {
        merged.scope = scopes(sweeps);
    }
    let whole = missing_shards(sweeps).is_empty();
    merged.shard = newest.shard.filter(|_| !whole);
    merged
}

fn scopes(sweeps: &[Sweep]) -> Scope {
    let mut scope = Scope::default();
    for sweep in sweeps {
        scope
            .subscriptions
            .extend(sweep.scope.subscriptions.iter().cloned());
        scope
            .management_groups
            .extend(sweep.scope.management_groups.iter().cloned());
    }
    for list in [&mut scope.subscriptions, &mut scope.management_groups] {
        list.sort();
        list.dedup();
    }
    scope
}

/// The shards that are not there, as gaps.
fn missing_shards(sweeps: &[Sweep]) -> Vec<Gap> {
    let mut sets: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for Shard { index, count } in sweeps.iter().filter_map(|sweep| sweep.shard) {
        sets.entry(count).or_default().insert(index);
    }
    let mut gaps = Vec::new();
    for (count, there) in sets {
        let missing: Vec<String> = (1..=count.min(10_000))
            .filter(|index| !there.contains(index))
            .map(|index| index.to_string())
            .collect();
        if !missing.is_empty() {
            gaps.push(Gap {
                subject: ArmId::new("/"),
                family: Family::Apps,
                reason: Reason::NotReached,
                action: None,
                detail: Some(super::Text::name(&format!(
                    "of {count} shards, {} are missing",
                    missing.join(", ")
                ))),
            });
        }
    }
    gaps
}

impl Inventory {
    /// Every fingerprint, of whatever.
    pub(super) fn fingerprints_mut(&mut self) -> impl Iterator<Item = &mut Fingerprint> {
        let keys = self.apps.iter_mut().flat_map(|app| &mut app.keys);
        let keys = keys.flat_map(|key| {
            std::iter::once(&mut key.fingerprint).chain(key.replaced.as_deref_mut())
        });
        let values = self.apim_named_values.iter_mut();
        let values = values.filter_map(|value| value.fingerprint.as_mut());
        let holders = self.holders.iter_mut();
        keys.chain(values)
            .chain(holders.filter_map(|holder| holder.fingerprint.as_mut()))
    }
}

#[cfg(test)]
mod tests;
