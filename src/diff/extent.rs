//! What each side looked at: whether something that it lacks is not there.

use crate::inventory::{ArmId, Family, Inventory, Sweep};

/// What it means that a side lacks something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    /// It looked, and it is not there.
    Proven,
    /// It could not look.
    Gap,
    /// It was not asked to look.
    NotAsked,
}

/// What a sweep was asked to look at, beside what another one was.
pub(super) struct Extent<'a> {
    inventory: &'a Inventory,
    /// Whether the other one was asked for the same.
    same: bool,
}

impl<'a> Extent<'a> {
    pub(super) fn new(inventory: &'a Inventory, other: &Inventory) -> Self {
        let asked = |sweep: &Sweep| (sweep.scope.clone(), sweep.filters.clone(), sweep.shard);
        Self {
            inventory,
            same: asked(&inventory.sweep) == asked(&other.sweep),
        }
    }

    /// What it means that this side lacks something of these families.
    pub(super) fn absence(&self, families: &[Family], id: &ArmId) -> Absence {
        let around = [&[Family::Subscriptions][..], families].concat();
        if self.inventory.is_blind(&around, id) {
            Absence::Gap
        } else if self.asked_for(id) {
            Absence::Proven
        } else {
            Absence::NotAsked
        }
    }

    /// Of two sweeps that were asked for other things only one that was asked
    /// for everything can be said to have looked at something that it lacks.
    fn asked_for(&self, id: &ArmId) -> bool {
        let sweep = &self.inventory.sweep;
        let all = sweep.filters.are_none() && sweep.shard.is_none();
        let subscriptions = &self.inventory.subscriptions;
        let is_listed = || subscriptions.iter().any(|listed| id.is_in(&listed.id));
        self.same || (all && (sweep.scope.is_tenant() || is_listed()))
    }
}
