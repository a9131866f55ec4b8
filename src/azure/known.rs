//! The keys and hosts of the sweep, to recognise them in the texts of others.

use std::collections::{HashMap, HashSet};

use crate::inventory::{ArmId, Inventory};
use crate::secret::Fingerprint;

/// What has been listed.
#[derive(Default)]
pub(super) struct Known {
    keys: HashSet<Fingerprint>,
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
        Self {
            keys: apps()
                .flat_map(|app| &app.keys)
                .map(|key| key.fingerprint.clone())
                .collect(),
            hosts: hosts.collect(),
        }
    }

    /// Whether it is a key of the sweep.
    pub(super) fn is_key(&self, fingerprint: &Fingerprint) -> bool {
        self.keys.contains(fingerprint)
    }

    /// The app that has the host.
    pub(super) fn app_at(&self, host: &str) -> Option<&ArmId> {
        self.hosts.get(&host.to_ascii_lowercase())
    }
}
