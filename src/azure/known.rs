//! The keys and hosts of the sweep, to recognise them in the texts of others.

use std::collections::HashMap;

use crate::inventory::{ArmId, Inventory};
use crate::secret::Fingerprint;

/// What has been listed.
#[derive(Default)]
pub(super) struct Known {
    /// In order: a set of some hundred thousand would take twice the room.
    keys: Vec<Fingerprint>,
    hosts: HashMap<String, ArmId>,
}

impl Known {
    /// Of the apps of an inventory.
    pub(super) fn of(inventory: &Inventory) -> Self {
        let apps = || inventory.apps.iter();
        let hosts = apps().flat_map(|app| {
            let hosts = app.hosts.iter();
            hosts.map(|host| (host.to_ascii_lowercase(), app.id.clone()))
        });
        // No room to spare, and none left behind by growing.
        let mut keys = Vec::with_capacity(apps().map(|app| app.keys.len()).sum());
        let prints = apps().flat_map(|app| &app.keys);
        keys.extend(prints.map(|key| key.fingerprint.clone()));
        keys.sort_unstable();
        Self {
            keys,
            hosts: hosts.collect(),
        }
    }

    /// Whether it is a key of the sweep.
    pub(super) fn is_key(&self, fingerprint: &Fingerprint) -> bool {
        self.keys.binary_search(fingerprint).is_ok()
    }

    /// The app that has the host.
    pub(super) fn app_at(&self, host: &str) -> Option<&ArmId> {
        self.hosts.get(&host.to_ascii_lowercase())
    }
}
