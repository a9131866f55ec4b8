//! The evidence table: every key of a tenant with everything but its value, as
//! a security review asks for it.
//!
//! It is made of the facts that rules judge, so that the table and the findings
//! cannot say different things.

mod export;
mod slots;

pub use export::{Format, write};
pub use slots::{Loss, Swap, UnknownApp, swaps};

use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;
use std::collections::HashMap;

use crate::fact::live::{Basis, LiveKey};
use crate::fact::{Fact, Format as KeyFormat};
use crate::inventory::{EventStatus, Inventory, Merged, Moment, Operation, Sweep};
use crate::join::live::Estate;
use crate::key::KeyClass;
use crate::leaks::Leaks;
use crate::policy::Policy;
use crate::rotation::{Handover, Store};

/// Every key of a tenant, in the order of its ids.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "keysweep evidence")]
pub struct Evidence {
    /// The version of this format: 1.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// Who looked, when, at what.
    pub sweep: Sweep,
    /// The keys.
    pub keys: Vec<Row>,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The name of its subscription.
    pub subscription: String,
    /// The GUID of its subscription.
    pub subscription_id: String,
    /// Its resource group.
    pub resource_group: String,
    /// Its app.
    pub app: String,
    /// The slot; none for production.
    pub slot: Option<String>,
    /// The function, if it is that function's own.
    pub function: Option<String>,
    /// Its name.
    pub key: String,
    /// What it is: `function`, `host`, `system` or `master`.
    pub kind: KeyClass,
    /// What it opens.
    pub opens: String,
    /// The environment of its app, if the policy or a name says.
    pub environment: Option<String>,
    /// Resources that were seen to hold it.
    pub observed: Vec<String>,
    /// Callers of the register.
    pub registered: Vec<String>,
    /// Who answers for it, as the register says.
    pub owner: Option<String>,
    /// How to reach them.
    pub contact: Option<String>,
    /// Where its callers keep it.
    pub stored_in: Vec<String>,
    /// Its least age, in days.
    pub min_age_days: u32,
    /// Its greatest age, in days, if anything bounds it.
    pub max_age_days: Option<u32>,
    /// What proves the least.
    pub age_basis: Basis,
    /// The same in words.
    pub age_proof: String,
    /// The greatest age that the policy allows, in days.
    pub limit_days: u32,
    /// What follows from age and limit.
    pub age_state: AgeState,
    /// The day of its last write in the Activity Log, if that has one.
    pub last_change: Option<String>,
    /// The day on which it was last seen.
    pub last_seen: String,
    /// The format of its value.
    pub format: KeyFormat,
    /// The same for the same value.
    pub fingerprint: String,
    /// Its id.
    pub id: String,
}

/// Whether a key is older than the policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgeState {
    /// It is proven to be.
    Overdue,
    /// Neither that nor the contrary is proven.
    NotProven,
    /// It is proven not to be.
    WithinLimit,
}

impl AgeState {
    /// The words of tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::NotProven => "not proven",
            Self::WithinLimit => "within limit",
        }
    }

    fn of(least: u32, most: Option<u32>, limit: u32) -> Self {
        match most {
            _ if least >= limit => Self::Overdue,
            Some(most) if most < limit => Self::WithinLimit,
            _ => Self::NotProven,
        }
    }
}

impl Evidence {
    /// The keys of an inventory, with what the policy's register says of them.
    #[must_use]
    pub fn of(merged: &Merged, policy: &Policy) -> Self {
        let leaks = Leaks::default();
        let estate = Estate::new(merged, policy, &leaks);
        let inventory = &merged.inventory;
        let changes = last_changes(inventory);
        let seen = day(inventory.sweep.ended);
        let keys = estate.apps().flatten().filter_map(|fact| match fact {
            Fact::Key(key) => Some(key),
            _ => None,
        });
        Self {
            version: 1,
            sweep: inventory.sweep.clone(),
            keys: keys.map(|key| Row::of(key, &changes, &seen)).collect(),
        }
    }
}

impl Row {
    fn of(key: LiveKey, changes: &HashMap<String, Moment>, seen: &str) -> Self {
        let stored = key.rotation.handovers.iter().map(stored_in);
        Self {
            stored_in: stored.collect(),
            min_age_days: key.age.min_days,
            max_age_days: key.age.max_days,
            age_basis: key.age.basis,
            age_proof: key.age.proof,
            limit_days: key.max_age_days,
            age_state: AgeState::of(key.age.min_days, key.age.max_days, key.max_age_days),
            last_change: changes.get(&key.id.to_lowercase()).copied().map(day),
            last_seen: key.stale.unwrap_or_else(|| seen.to_owned()),
            subscription: key.app.subscription,
            subscription_id: key.app.subscription_id,
            resource_group: key.app.resource_group,
            app: key.app.name,
            slot: key.app.slot,
            environment: key.app.environment,
            function: key.function,
            key: key.name,
            kind: key.kind,
            opens: key.reach,
            observed: key.observed,
            registered: key.registered,
            owner: key.owner,
            contact: key.contact,
            format: key.format,
            fingerprint: key.fingerprint.as_str().to_owned(),
            id: key.id,
        }
    }

    /// Who holds it, seen or registered.
    pub fn callers(&self) -> impl Iterator<Item = &str> {
        let all = self.observed.iter().chain(&self.registered);
        all.map(String::as_str)
    }

    /// Its age in words: `90 to 412 days`, `at least 90 days`.
    #[must_use]
    pub fn age(&self) -> String {
        match (self.min_age_days, self.max_age_days) {
            (0, None) => "unknown".to_owned(),
            (0, Some(most)) => format!("at most {most} days"),
            (least, None) => format!("at least {least} days"),
            (least, Some(most)) if least == most => format!("{least} days"),
            (least, Some(most)) => format!("{least} to {most} days"),
        }
    }
}

/// The JSON Schema of the `json` export, as committed in
/// `docs/evidence.schema.json`.
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Evidence)
}

/// Where a caller keeps a key, in words.
fn stored_in(handover: &Handover) -> String {
    let Handover { caller, place, .. } = handover;
    match &handover.store {
        Store::Vault {
            vault,
            secret,
            pinned,
        } => {
            let pinned = if *pinned { ", pinned to a version" } else { "" };
            format!("{caller}: {place}, from Key Vault '{vault}', secret '{secret}'{pinned}")
        }
        Store::Setting { .. } | Store::NamedValue { .. } => format!("{caller}: {place}, in clear"),
        Store::Other => format!("{caller}: {place}"),
    }
}

/// When each key was last written, by its id in small letters.
fn last_changes(inventory: &Inventory) -> HashMap<String, Moment> {
    let mut last: HashMap<String, Moment> = HashMap::new();
    for event in &inventory.events {
        if event.operation == Operation::Write && event.status == EventStatus::Succeeded {
            let newest = last.entry(event.subject.as_str().to_lowercase());
            let newest = newest.or_insert(event.time);
            *newest = event.time.max(*newest);
        }
    }
    last
}

/// `2026-03-01`.
fn day(moment: Moment) -> String {
    moment.to_string().chars().take(10).collect()
}

#[cfg(test)]
pub(crate) mod tests;
