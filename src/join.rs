//! Facts from facts: what no single place shows.

pub mod live;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::fact::{Checksum, EncryptedStore, Fact, KeyOccurrence, Related, SharedKey};
use crate::location::FilePlace;
use crate::read::structured::Region;
use crate::read::text::{DecryptionKey, StoreSighting};
use crate::secret::Fingerprint;

/// Gives keys in a job of a pipeline the job's environment, where neither their
/// host nor their file has one.
pub fn in_regions(occurrences: &mut [KeyOccurrence], regions: &[Region]) {
    let mut by_path: HashMap<&str, Vec<(&FilePlace, &str)>> = HashMap::new();
    for region in regions {
        if let Some(place) = region.place.file() {
            let known = by_path.entry(&place.path).or_default();
            known.push((place, &region.environment));
        }
    }
    for occurrence in occurrences {
        let Some(place) = occurrence.location.file() else {
            continue;
        };
        let around = by_path.get(place.path.as_str()).into_iter().flatten();
        let mut around = around.filter(|(region, _)| {
            (region.start.line..=region.end.line).contains(&place.start.line)
        });
        if let (None, Some((_, environment))) = (&occurrence.environment, around.next()) {
            occurrence.environment = Some((*environment).to_owned());
        }
    }
}

/// Keys whose value stands in more than one place.
#[must_use]
pub fn shared_keys(occurrences: &[KeyOccurrence]) -> Vec<SharedKey> {
    let mut places: BTreeMap<&Fingerprint, Vec<&KeyOccurrence>> = BTreeMap::new();
    for occurrence in occurrences {
        if occurrence.checksum != Checksum::Broken {
            places
                .entry(&occurrence.fingerprint)
                .or_default()
                .push(occurrence);
        }
    }
    let mut shared: Vec<SharedKey> = places
        .into_values()
        .filter(|places| places.len() > 1)
        .map(|mut places| {
            places.sort_by(|a, b| a.location.cmp(&b.location));
            share(&places)
        })
        .collect();
    shared.sort_by(|a, b| a.location.cmp(&b.location));
    shared
}

fn share(places: &[&KeyOccurrence]) -> SharedKey {
    let first = places[0];
    let callers: BTreeSet<&str> = places
        .iter()
        .filter(|place| !place.caller.supporting)
        .map(|place| place.caller.name.as_str())
        .collect();
    let environments: BTreeSet<&str> = places
        .iter()
        .filter_map(|place| place.environment.as_deref())
        .collect();
    let related = places[1..]
        .iter()
        .map(|place| Related {
            location: place.location.clone(),
            message: match &place.environment {
                Some(environment) => {
                    format!("The same key, in '{}' ({environment}).", place.caller.name)
                }
                None => format!("The same key, in '{}'.", place.caller.name),
            },
        })
        .collect();
    SharedKey {
        service: first.service,
        // A place that tells the kind tells it for all.
        kind: places
            .iter()
            .map(|place| place.kind)
            .min()
            .unwrap_or(first.kind),
        format: first.format,
        callers: callers.into_iter().map(str::to_owned).collect(),
        environments: environments.into_iter().map(str::to_owned).collect(),
        occurrences: places.len() as u64,
        fingerprint: first.fingerprint.clone(),
        path: first.path.clone(),
        location: first.location.clone(),
        excerpt: first.excerpt.clone(),
        related,
    }
}

/// Encrypted stores with the key that opens them: the one that the store names
/// by its hash or, where it names none, any.
#[must_use]
pub fn encrypted_stores(stores: &[StoreSighting], keys: &[DecryptionKey]) -> Vec<EncryptedStore> {
    stores
        .iter()
        .filter_map(|store| {
            let confirmed = !store.key_hashes.is_empty();
            let key = keys
                .iter()
                .find(|key| !confirmed || store.key_hashes.contains(&key.hash))?;
            Some(EncryptedStore {
                path: store.location.subject().to_owned(),
                keys: store.keys,
                setting: key.setting.clone(),
                setting_path: key.location.subject().to_owned(),
                confirmed,
                location: store.location.clone(),
                related: vec![Related {
                    location: key.location.clone(),
                    message: format!("'{}', which decrypts the store.", key.setting),
                }],
            })
        })
        .collect()
}

/// Gives the chosen values of a run, which no digest may name, numbers in the
/// order of the report: the same tree gives the same names.
pub fn number_chosen(occurrences: &mut [KeyOccurrence]) {
    let mut numbers: BTreeMap<Fingerprint, Fingerprint> = BTreeMap::new();
    for occurrence in occurrences {
        if occurrence.fingerprint.is_of_this_run() {
            let next = numbers.len() + 1;
            let number = numbers
                .entry(occurrence.fingerprint.clone())
                .or_insert_with(|| Fingerprint::numbered(next));
            occurrence.fingerprint = number.clone();
        }
    }
}

/// The facts of single places.
pub fn facts(occurrences: Vec<KeyOccurrence>) -> impl Iterator<Item = Fact> {
    occurrences.into_iter().map(Fact::from)
}
