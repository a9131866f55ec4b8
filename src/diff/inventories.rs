//! Two inventories of one tenant.

use std::collections::{BTreeSet, HashMap};
use thiserror::Error;

use super::extent::{Absence, Extent};
use super::{About, Change, Compared, Diff, Side, What};
use super::{apps, gateway, holders, readers};
use crate::excerpt::printable;
use crate::inventory::{App, ArmId, Event, EventStatus, Gap, Inventory, Key, Merged, Operation};
use crate::join::live::Estate;
use crate::leaks::Leaks;
use crate::policy::Policy;
use crate::secret::Fingerprint;

/// Rows of the Activity Log and sweeps are dated by clocks that differ a little.
const GRACE_SECONDS: i64 = 3600;

/// Nothing of one tenant is in the other.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the inventories are of two tenants, {old} and {new}")]
pub struct DifferentTenants {
    /// The GUID of the one.
    pub old: String,
    /// The GUID of the other.
    pub new: String,
}

/// Compares two inventories; the paths are what the result calls them.
///
/// # Errors
/// When they are of two tenants.
pub fn of_inventories(
    (old_path, old): (&str, &Inventory),
    (new_path, new): (&str, &Inventory),
) -> Result<Diff, DifferentTenants> {
    if let (Some(a), Some(b)) = (&old.sweep.tenant, &new.sweep.tenant)
        && !a.eq_ignore_ascii_case(b)
    {
        return Err(DifferentTenants {
            old: a.to_string(),
            new: b.to_string(),
        });
    }
    let (policy, leaks) = (Policy::default(), Leaks::default());
    let (before, after) = (alone(old), joined(new, old));
    let mut pair = Pair {
        old: Extent::new(old, new),
        new: Extent::new(new, old),
        before: Estate::new(&before, &policy, &leaks),
        after: Estate::new(&after, &policy, &leaks),
        known_before: &before.inventory,
        known_after: &after.inventory,
        log: log(old, new),
        values: values(old),
        keyed: old.sweep.fingerprint_key.is_some()
            && old.sweep.fingerprint_key == new.sweep.fingerprint_key,
        metadata_only: false,
        changes: Vec::new(),
        chosen: 0,
        not_asked: 0,
    };
    apps::compare(&mut pair, old, new);
    holders::compare(&mut pair);
    readers::compare(&mut pair, old, new);
    gateway::compare(&mut pair, old, new);
    pair.gaps(old, new);
    let notices = pair.notices(old, new);
    let side = |path: &str, of: &Inventory| Side {
        path: path.to_owned(),
        taken: Some(of.sweep.started),
        tenant: of.sweep.tenant.as_ref().map(ToString::to_string),
    };
    Ok(Diff::new(
        Compared::Inventories,
        (side(old_path, old), side(new_path, new)),
        pair.changes,
        notices,
    ))
}

/// Both sides, and what has been found out so far.
pub(super) struct Pair<'a> {
    pub(super) old: Extent<'a>,
    pub(super) new: Extent<'a>,
    /// Who holds what, before and after.
    pub(super) before: Estate<'a>,
    pub(super) after: Estate<'a>,
    known_before: &'a Inventory,
    known_after: &'a Inventory,
    /// Writes and deletions between the two.
    log: HashMap<&'a ArmId, Vec<&'a Event>>,
    /// The keys that had each value.
    values: HashMap<&'a Fingerprint, (&'a App, &'a Key)>,
    /// Whether chosen values have names that hold on both sides.
    keyed: bool,
    /// Whether keys were left alone on one side: that is said once.
    pub(super) metadata_only: bool,
    pub(super) changes: Vec<Change>,
    /// Chosen values that could not be compared.
    pub(super) chosen: usize,
    /// Things that one side alone was asked for.
    not_asked: usize,
}

impl<'a> Pair<'a> {
    /// The app as the estate of the later side has it.
    pub(super) fn after(&self, id: &ArmId) -> Option<&'a App> {
        find(self.known_after, id)
    }

    /// The app as the estate of the earlier side has it.
    pub(super) fn before(&self, id: &ArmId) -> Option<&'a App> {
        find(self.known_before, id)
    }

    /// Whether two values are the same; none where that cannot be said.
    pub(super) fn same(&self, a: &Fingerprint, b: &Fingerprint) -> Option<bool> {
        let comparable = match (a.is_random(), b.is_random()) {
            (false, false) => self.keyed && a.is_stable() && b.is_stable(),
            // A value that was chosen is none that was generated.
            _ => true,
        };
        comparable.then(|| a == b)
    }

    /// The key that had a value before.
    pub(super) fn had(&self, value: &Fingerprint) -> Option<(&'a App, &'a Key)> {
        self.values
            .get(value)
            .copied()
            .filter(|(_, key)| self.same(&key.fingerprint, value) == Some(true))
    }

    /// The last time that something was done to a key between the two.
    pub(super) fn done(&self, operation: Operation, id: &ArmId) -> Option<&'a Event> {
        let events = self.log.get(id)?.iter().copied();
        events
            .filter(|event| event.operation == operation)
            .max_by_key(|event| event.time)
    }

    /// Something that one side lacks: what is true of it by what that side
    /// looked at. `there` is what it is if it really is not there.
    pub(super) fn lacking(&mut self, absence: Absence, there: Change) {
        match absence {
            Absence::Proven => self.changes.push(there),
            Absence::NotAsked => self.not_asked += 1,
            Absence::Gap => {
                let side = match there.what {
                    What::New => "the earlier inventory",
                    _ => "the later inventory",
                };
                let message = format!(
                    "whether this is so cannot be said, since {side} has a gap there: {}",
                    there.message
                );
                self.changes.push(Change {
                    what: What::NotCompared,
                    message,
                    ..there
                });
            }
        }
    }

    /// Gaps that opened and closed.
    fn gaps(&mut self, old: &Inventory, new: &Inventory) {
        let (before, after): (BTreeSet<&Gap>, BTreeSet<&Gap>) =
            (old.gaps.iter().collect(), new.gaps.iter().collect());
        for (gaps, what) in [
            (after.difference(&before), What::New),
            (before.difference(&after), What::Gone),
        ] {
            for gap in gaps {
                let id = gap.subject.as_str();
                let message = match what {
                    What::New => format!("{id}: {}", gap.sentence()),
                    _ => format!("{id}: {} can be read again", gap.family),
                };
                self.changes
                    .push(Change::new(About::Gap, what, id, printable(&message)));
            }
        }
    }

    fn notices(&self, old: &Inventory, new: &Inventory) -> Vec<String> {
        let count = crate::report::count;
        let mut notices = Vec::new();
        if self.chosen > 0 {
            notices.push(format!(
                "{} could not be compared: chosen values have names that hold in one inventory \
                 only, unless both were made with one KEYSWEEP_FINGERPRINT_KEY",
                count(self.chosen, "chosen value")
            ));
        }
        if self.not_asked > 0 {
            notices.push(format!(
                "the two sweeps were asked for different apps (scope, filters or shard): {} of one \
                 side alone left out",
                match self.not_asked {
                    1 => "1 thing was".to_owned(),
                    n => format!("{n} things were"),
                }
            ));
        }
        if new.sweep.started < old.sweep.started {
            notices.push(
                "the second inventory is older than the first: name the older one first".to_owned(),
            );
        }
        notices
    }
}

fn find<'a>(inventory: &'a Inventory, id: &ArmId) -> Option<&'a App> {
    let at = inventory.apps.binary_search_by(|app| app.id.cmp(id)).ok()?;
    inventory.apps.get(at)
}

/// The earlier inventory, without holders that even then were of an earlier one.
fn alone(old: &Inventory) -> Merged {
    merged(old.clone())
}

/// The later inventory with what the earlier one proves of its keys.
fn joined(new: &Inventory, old: &Inventory) -> Merged {
    let mut new = new.clone();
    new.carry(old);
    merged(new)
}

fn merged(mut inventory: Inventory) -> Merged {
    inventory.holders.retain(|one| one.stale.is_none());
    inventory
        .apim_named_values
        .retain(|one| one.stale.is_none());
    inventory.finish();
    Merged {
        sweeps: vec![inventory.sweep.clone()],
        inventory,
        chosen_comparable: true,
    }
}

fn log<'a>(old: &Inventory, new: &'a Inventory) -> HashMap<&'a ArmId, Vec<&'a Event>> {
    let from = old.sweep.started.timestamp().as_second() - GRACE_SECONDS;
    let mut log: HashMap<&ArmId, Vec<&Event>> = HashMap::new();
    for event in &new.events {
        let is_between = event.time.timestamp().as_second() > from;
        if is_between && event.status != EventStatus::Failed {
            log.entry(&event.subject).or_default().push(event);
        }
    }
    log
}

fn values(old: &Inventory) -> HashMap<&Fingerprint, (&App, &Key)> {
    let keys = old
        .apps
        .iter()
        .flat_map(|app| app.keys.iter().map(move |key| (app, key)));
    keys.map(|(app, key)| (&key.fingerprint, (app, key)))
        .collect()
}
