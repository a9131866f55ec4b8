//! What an earlier inventory adds to a later one.

use std::collections::HashMap;

use super::{App, ArmId, Family, HolderKind, Inventory, Key, Moment};
use crate::secret::Fingerprint;

impl Inventory {
    /// Takes over what only an earlier inventory of the same apps knows: since
    /// when each value is there, which value a name had before, and everything
    /// that could not be read this time. A gap closes no alert: what was known
    /// behind it stays, marked as stale.
    pub fn carry(&mut self, earlier: &Self) {
        let keyed = self.sweep.fingerprint_key.is_some()
            && self.sweep.fingerprint_key == earlier.sweep.fingerprint_key;
        let comparable = |print: &Fingerprint| print.is_random() || (keyed && print.is_stable());
        let before: HashMap<&ArmId, &App> = earlier.apps.iter().map(|app| (&app.id, app)).collect();
        for app in &mut self.apps {
            if let Some(old) = before.get(&app.id) {
                carry_app(app, old, &comparable);
                carry_posture(app, old, earlier.sweep.ended);
            }
        }
        self.carry_apps(earlier);
        self.carry_callers(earlier);
        self.finish();
    }

    /// Apps of a subscription whose apps could not be listed.
    fn carry_apps(&mut self, earlier: &Self) {
        let unseen: Vec<App> = earlier
            .apps
            .iter()
            .filter(|app| self.is_blind(&[Family::Subscriptions, Family::Apps], &app.id))
            .filter(|app| self.apps.iter().all(|ours| ours.id != app.id))
            .cloned()
            .map(|mut app| {
                app.keys_read = None;
                app.stale = Some(app.stale.unwrap_or(earlier.sweep.ended));
                app.keys.iter_mut().for_each(|key| key.stale = true);
                app
            })
            .collect();
        self.apps.extend(unseen);
    }

    /// Holders and the things of API Management that could not be read.
    fn carry_callers(&mut self, earlier: &Self) {
        let since = |stale: Option<Moment>| Some(stale.unwrap_or(earlier.sweep.ended));
        let mut holders = Vec::new();
        for holder in &earlier.holders {
            let family = family(holder.kind);
            let known = self.holders.iter().any(|ours| ours.id == holder.id);
            if !known && self.is_blind(&[Family::Subscriptions, family], &holder.id) {
                let mut holder = holder.clone();
                holder.stale = since(holder.stale);
                holders.push(holder);
            }
        }
        self.holders.extend(holders);
        let gateway = [Family::Subscriptions, Family::ApiManagement];
        let mut values = Vec::new();
        for value in &earlier.apim_named_values {
            let known = self
                .apim_named_values
                .iter()
                .any(|ours| ours.id == value.id);
            if !known && self.is_blind(&gateway, &value.id) {
                let mut value = value.clone();
                value.stale = since(value.stale);
                values.push(value);
            }
        }
        self.apim_named_values.extend(values);
        let mut subscriptions = Vec::new();
        for one in &earlier.apim_subscriptions {
            let known = self.apim_subscriptions.iter().any(|ours| ours.id == one.id);
            if !known && self.is_blind(&gateway, &one.id) {
                let mut one = one.clone();
                one.stale = since(one.stale);
                subscriptions.push(one);
            }
        }
        self.apim_subscriptions.extend(subscriptions);
    }

    /// Whether a gap of one of the families is about a resource, or about what
    /// it is in.
    #[must_use]
    pub fn is_blind(&self, families: &[Family], id: &ArmId) -> bool {
        let mut gaps = self.gaps.iter();
        gaps.any(|gap| families.contains(&gap.family) && id.is_in(&gap.subject))
    }
}

/// What could not be read when such a holder is missing.
fn family(kind: HolderKind) -> Family {
    match kind {
        HolderKind::AppSetting => Family::Settings,
        HolderKind::ApimBackend | HolderKind::ApimPolicy => Family::ApiManagement,
        HolderKind::LogicApp => Family::LogicApps,
        HolderKind::DataFactory => Family::DataFactory,
        HolderKind::EventGrid => Family::EventGrid,
        HolderKind::ActionGroup => Family::ActionGroups,
    }
}

fn carry_app(app: &mut App, old: &App, comparable: &dyn Fn(&Fingerprint) -> bool) {
    let same = |a: &Key, b: &Key| a.kind == b.kind && a.function == b.function && a.name == b.name;
    for key in app.keys.iter_mut().filter(|key| !key.stale) {
        match old.keys.iter().find(|before| same(before, key)) {
            Some(before) if comparable(&before.fingerprint) && comparable(&key.fingerprint) => {
                carry_key(key, before);
            }
            Some(_) => {}
            // A look that would have seen it.
            None => {
                key.unseen = key
                    .unseen
                    .max(old.keys_read.filter(|read| *read < key.first_seen))
            }
        }
    }
    if app.keys_read.is_some() {
        return;
    }
    for before in &old.keys {
        if !app.keys.iter().any(|key| same(key, before)) {
            let mut key = before.clone();
            key.stale = true;
            app.keys.push(key);
        }
    }
}

/// What an app offers, who can reach it and where it keeps its keys, where that
/// was not read. `seen` is when the earlier sweep looked.
fn carry_posture(app: &mut App, old: &App, seen: Moment) {
    let mut carried = false;
    if app.functions_read.is_none() && app.functions.is_empty() && !old.functions.is_empty() {
        app.functions.clone_from(&old.functions);
        carried = true;
    }
    let (access, before) = (&mut app.access, old.access);
    carried |= fill(&mut access.public, before.public);
    carried |= fill(&mut access.restrictions, before.restrictions);
    carried |= fill(&mut access.private_endpoints, before.private_endpoints);
    carried |= fill(&mut access.auth_required, before.auth_required);
    carried |= fill(&mut access.admin_isolated, before.admin_isolated);
    if app.settings_read.is_none() {
        carried |= fill(&mut app.key_store, old.key_store);
    }
    if carried {
        app.stale = Some(old.stale.unwrap_or(seen));
    }
}

/// Whether something was missing that was known before.
fn fill<T>(now: &mut Option<T>, before: Option<T>) -> bool {
    let missing = now.is_none() && before.is_some();
    if missing {
        *now = before;
    }
    missing
}

fn carry_key(key: &mut Key, before: &Key) {
    if key.fingerprint == before.fingerprint {
        key.first_seen = key.first_seen.min(before.first_seen);
        key.unseen = before.unseen;
        key.replaced.clone_from(&before.replaced);
        key.stored = key.stored.or(before.stored);
    } else if before.last_seen < key.first_seen {
        key.unseen = Some(before.last_seen);
        key.replaced = Some(Box::new(before.fingerprint.clone()));
    }
}

#[cfg(test)]
mod tests;
