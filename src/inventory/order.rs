//! The order of an inventory, and its count.

use std::collections::BTreeMap;

use super::{Coverage, Inventory};
use crate::secret::Fingerprint;

impl Inventory {
    /// Puts everything in the order of its id, drops what is there twice, gives
    /// chosen values that have no keyed fingerprint their numbers, and counts
    /// the coverage: the last thing to do before it is written.
    pub fn finish(&mut self) {
        self.sort();
        self.number_chosen();
        self.count();
    }

    fn sort(&mut self) {
        self.subscriptions.sort_by(|a, b| a.id.cmp(&b.id));
        self.subscriptions.dedup_by(|a, b| a.id == b.id);
        self.apps.sort_by(|a, b| a.id.cmp(&b.id));
        self.apps.dedup_by(|a, b| a.id == b.id);
        for app in &mut self.apps {
            app.functions.sort_by(|a, b| a.name.cmp(&b.name));
            app.functions.dedup_by(|a, b| a.name == b.name);
            app.keys.sort_by(|a, b| {
                (a.kind, &a.function, &a.name).cmp(&(b.kind, &b.function, &b.name))
            });
            app.keys
                .dedup_by(|a, b| (a.kind, &a.function, &a.name) == (b.kind, &b.function, &b.name));
        }
        self.holders.sort_by(|a, b| {
            (&a.id, &a.place, &a.fingerprint, a.form).cmp(&(
                &b.id,
                &b.place,
                &b.fingerprint,
                b.form,
            ))
        });
        self.holders.dedup();
        self.apim_named_values.sort_by(|a, b| a.id.cmp(&b.id));
        self.apim_named_values.dedup_by(|a, b| a.id == b.id);
        self.apim_subscriptions.sort_by(|a, b| a.id.cmp(&b.id));
        self.apim_subscriptions.dedup_by(|a, b| a.id == b.id);
        self.events.sort_by(|a, b| {
            (&a.subject, a.time, a.operation, &a.caller, a.status).cmp(&(
                &b.subject,
                b.time,
                b.operation,
                &b.caller,
                b.status,
            ))
        });
        self.events.dedup();
        self.readers.sort_by(|a, b| a.id.cmp(&b.id));
        self.readers.dedup_by(|a, b| a.id == b.id);
        self.gaps.sort();
        self.gaps.dedup();
    }

    /// The random name of such a value is another one in each run, so it cannot
    /// decide the order of what has nothing else to be ordered by: the first
    /// sort puts keys in order, their numbers the rest.
    fn number_chosen(&mut self) {
        let mut numbers: BTreeMap<Fingerprint, Fingerprint> = BTreeMap::new();
        for fingerprint in self.fingerprints_mut() {
            if fingerprint.is_of_this_run() {
                let next = numbers.len() + 1;
                let number = numbers.entry(fingerprint.clone());
                *fingerprint = number
                    .or_insert_with(|| Fingerprint::numbered(next))
                    .clone();
            }
        }
        if !numbers.is_empty() {
            self.sort();
        }
    }

    fn count(&mut self) {
        let Coverage {
            not_in_resource_graph,
            ..
        } = &mut self.sweep.coverage;
        not_in_resource_graph.sort();
        not_in_resource_graph.dedup();
        let apps = || self.apps.iter();
        self.sweep.coverage = Coverage {
            apps: apps().count() as u64,
            assessed: apps().filter(|app| app.keys_read.is_some()).count() as u64,
            functions: apps().map(|app| app.functions.len() as u64).sum(),
            keys: apps().map(|app| app.keys.len() as u64).sum(),
            not_in_resource_graph: std::mem::take(not_in_resource_graph),
        };
    }
}
