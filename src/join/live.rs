//! An inventory, held against the policy and its register: the facts that live
//! rules judge.
//!
//! Facts are made app by app, so that an estate of any size is judged in the
//! memory of its inventory: [`Estate::apps`], then [`Estate::rest`].

mod age;
mod apps;
mod callers;
mod gateway;
mod holders;
mod keys;
mod leaks;
mod readers;
mod register;
mod reuse;

use std::collections::HashMap;

use crate::fact::Fact;
use crate::fact::live::{AppRef, LiveKey};
use crate::inventory::{App, ArmId, Event, Inventory, Key, Merged, Operation, Subscription};
use crate::leaks::Leaks;
use crate::policy::{Caller, Policy};
use crate::secret::Fingerprint;
use callers::Hold;

/// An inventory and a policy, with what is looked up in them.
pub struct Estate<'a> {
    merged: &'a Merged,
    inventory: &'a Inventory,
    policy: &'a Policy,
    leaks: &'a Leaks,
    subscriptions: HashMap<String, &'a Subscription>,
    apps: HashMap<&'a ArmId, &'a App>,
    /// Apps by the hosts that they answer to, in small letters.
    hosts: HashMap<String, &'a App>,
    /// All keys, those with one value next to each other.
    keys: Vec<(&'a App, &'a Key)>,
    holds: Vec<Hold<'a>>,
    held: HashMap<&'a Fingerprint, Vec<usize>>,
    /// Entries by app and slot, in small letters.
    register: HashMap<(String, String), Vec<&'a Caller>>,
}

impl<'a> Estate<'a> {
    /// Everything is looked up from here on, and nothing read again.
    #[must_use]
    pub fn new(merged: &'a Merged, policy: &'a Policy, leaks: &'a Leaks) -> Self {
        let inventory = &merged.inventory;
        let mut estate = Self {
            merged,
            inventory,
            policy,
            leaks,
            subscriptions: HashMap::new(),
            apps: HashMap::new(),
            hosts: HashMap::new(),
            keys: Vec::new(),
            holds: callers::holds(inventory),
            held: HashMap::new(),
            register: HashMap::new(),
        };
        for subscription in &inventory.subscriptions {
            let id = subscription.id.subscription().unwrap_or_default();
            estate.subscriptions.insert(id.to_lowercase(), subscription);
        }
        for app in &inventory.apps {
            estate.apps.insert(&app.id, app);
            for host in &app.hosts {
                estate.hosts.insert(host.to_lowercase(), app);
            }
            estate.keys.extend(app.keys.iter().map(|key| (app, key)));
        }
        estate.keys.sort_by_key(|(_, key)| &key.fingerprint);
        for (at, hold) in estate.holds.iter().enumerate() {
            if let Some(fingerprint) = hold.fingerprint {
                estate.held.entry(fingerprint).or_default().push(at);
            }
        }
        for caller in policy.callers() {
            if let Some(app) = &caller.app {
                let slot = slot_name(caller.slot.as_deref());
                let entries = estate
                    .register
                    .entry((app.to_lowercase(), slot))
                    .or_default();
                entries.push(caller);
            }
        }
        estate
    }

    /// The facts of one app after the other: the app, its functions and keys,
    /// what the register says of them, and what was done to them.
    pub fn apps(&self) -> impl Iterator<Item = Vec<Fact>> + '_ {
        self.inventory.apps.iter().map(|app| {
            let mut facts = Vec::new();
            apps::add(self, app, &mut facts);
            keys::add(self, app, &mut facts);
            register::add(self, app, &mut facts);
            readers::add_events(self, app, &mut facts);
            facts
        })
    }

    /// The facts of no single app, those of one sort after the other.
    pub fn rest(&self) -> impl Iterator<Item = Vec<Fact>> + '_ {
        let all = |add: fn(&Self, &mut Vec<Fact>)| {
            let mut facts = Vec::new();
            add(self, &mut facts);
            facts
        };
        reuse::parts(self)
            .chain(holders::parts(self, holders::fact))
            .chain(holders::parts(self, gateway::named_value))
            .chain(std::iter::once_with(move || {
                all(|estate, facts| gateway::add(estate, facts))
            }))
            .chain(std::iter::once_with(move || {
                all(|estate, facts| readers::add(estate, facts))
            }))
    }

    /// One key of an app of the inventory.
    #[must_use]
    pub fn key(&self, app: &App, key: &Key) -> LiveKey {
        keys::fact(self, app, key)
    }

    /// Keys that were found in files and are live: one fact for each live key.
    #[must_use]
    pub fn active_leaks(&self, found: &[Fact]) -> Vec<Fact> {
        leaks::active(self, found)
    }

    /// Whether a value is a key of the inventory.
    #[must_use]
    pub fn is_live(&self, fingerprint: &Fingerprint) -> bool {
        !self.keys_with(fingerprint).is_empty()
    }

    /// The keys that have a value.
    fn keys_with(&self, fingerprint: &Fingerprint) -> &[(&'a App, &'a Key)] {
        let before = |(_, key): &(&App, &Key)| key.fingerprint < *fingerprint;
        let rest = &self.keys[self.keys.partition_point(before)..];
        &rest[..rest.partition_point(|(_, key)| key.fingerprint == *fingerprint)]
    }

    /// What was done to a key, or to a subscription of API Management, listings
    /// aside.
    fn changes(&self, subject: &ArmId) -> Vec<&'a Event> {
        self.events_from(subject)
            .take_while(|event| event.subject == *subject)
            .filter(|event| event.operation != Operation::List)
            .collect()
    }

    /// Listings and everything else about an app or slot.
    fn events(&self, app: &ArmId) -> impl Iterator<Item = &'a Event> {
        let own = self.events_from(app);
        let own = own.take_while(move |event| event.subject == *app);
        // Another app whose name begins so may come in between, and a slot is
        // an app of its own.
        let below = self.events_from(&ArmId::new(&format!("{app}/!")));
        let below = below.take_while(move |event| event.subject.is_in(app));
        own.chain(below.filter(move |event| event.subject.app().as_ref() == Some(app)))
    }

    /// The events are in the order of what they are about.
    fn events_from(&self, subject: &ArmId) -> std::slice::Iter<'a, Event> {
        let events = &self.inventory.events;
        events[events.partition_point(|event| event.subject < *subject)..].iter()
    }

    /// The names of an app.
    #[must_use]
    pub fn reference(&self, app: &App) -> AppRef {
        let id = &app.id;
        let name = id.site().unwrap_or(id.name());
        let slot = id.slot();
        let subscription_id = id.subscription().unwrap_or_default();
        let subscription = self.subscription(id);
        let subscription = subscription.map_or(subscription_id, |found| &found.name);
        let title = match slot {
            Some(slot) => format!("'{name}', slot '{slot}' (subscription '{subscription}')"),
            None => format!("'{name}' (subscription '{subscription}')"),
        };
        let known = self.policy.apps().iter();
        let mut known = known.filter(|app| app.name.eq_ignore_ascii_case(name));
        AppRef {
            id: id.as_str().to_owned(),
            title,
            name: name.to_owned(),
            slot: slot.map(ToOwned::to_owned),
            subscription: subscription.to_owned(),
            subscription_id: subscription_id.to_owned(),
            resource_group: id.resource_group().unwrap_or_default().to_owned(),
            environment: self.policy.environments().of_app(name, slot),
            sensitive: known.any(|app| app.sensitive),
        }
    }

    fn subscription(&self, id: &ArmId) -> Option<&'a Subscription> {
        let guid = id.subscription()?.to_lowercase();
        self.subscriptions.get(&guid).copied()
    }

    /// The register's entries about an app or slot.
    fn entries(&self, app: &App) -> &[&'a Caller] {
        let name = app.id.site().unwrap_or_default().to_lowercase();
        let slot = slot_name(app.id.slot());
        self.register.get(&(name, slot)).map_or(&[], Vec::as_slice)
    }

    /// The app that answers to a host, with or without a port.
    fn app_of_host(&self, host: &str) -> Option<&'a App> {
        let host = host.to_lowercase();
        let name = host.split(':').next().unwrap_or_default();
        self.hosts.get(name.trim_end_matches('.')).copied()
    }

    /// Whether the keys of every app of the tenant that could be meant are
    /// known: nothing was left out, by a wish or by a gap.
    fn is_whole(&self) -> bool {
        use crate::inventory::Family;
        let sweep = &self.inventory.sweep;
        let blind = |family| {
            let mut gaps = self.inventory.gaps.iter();
            gaps.any(|gap| gap.family == family)
        };
        sweep.filters.are_none()
            && sweep.shard.is_none()
            && self
                .inventory
                .apps
                .iter()
                .all(|app| app.keys_read.is_some())
            && !blind(Family::Subscriptions)
            && !blind(Family::Apps)
    }
}

fn slot_name(slot: Option<&str>) -> String {
    slot.unwrap_or("production").to_lowercase()
}

#[cfg(test)]
mod tests;
