//! Keys in files that are live.

use std::collections::BTreeMap;

use super::age::{age, day};
use super::{Estate, callers, keys};
use crate::fact::live::{ActiveLeak, related};
use crate::fact::{Checksum, Fact, KeyOccurrence, Related};
use crate::inventory::{App, Key};
use crate::secret::Fingerprint;

pub(super) fn active(estate: &Estate<'_>, found: &[Fact]) -> Vec<Fact> {
    let mut places: BTreeMap<&Fingerprint, Vec<&KeyOccurrence>> = BTreeMap::new();
    for fact in found {
        if let Fact::Occurrence(occurrence) = fact
            && occurrence.checksum != Checksum::Broken
            && estate.is_live(&occurrence.fingerprint)
        {
            places
                .entry(&occurrence.fingerprint)
                .or_default()
                .push(occurrence);
        }
    }
    let mut facts: Vec<ActiveLeak> = Vec::new();
    for (fingerprint, mut places) in places {
        places.sort_by(|a, b| a.location.cmp(&b.location));
        let live = estate.keys_with(fingerprint).iter();
        facts.extend(live.map(|(app, key)| leak(estate, app, key, &places)));
    }
    facts.sort_by(|a, b| (&a.location, &a.id).cmp(&(&b.location, &b.id)));
    facts.into_iter().map(Fact::from).collect()
}

fn leak(estate: &Estate<'_>, app: &App, key: &Key, places: &[&KeyOccurrence]) -> ActiveLeak {
    let callers = callers::of(estate, app, key);
    let first = places[0];
    let id = app.key_id(key);
    let others = places[1..].iter().map(|place| Related {
        location: place.location.clone(),
        message: format!("The same key, in '{}'.", place.caller.name),
    });
    // Where it came in first is where it leaked.
    let lives = places.iter().filter_map(|place| place.lifetime.as_ref());
    let lifetime = lives.min_by_key(|life| {
        let added = life.added_at.as_ref();
        let added = added.and_then(|at| at.parse::<jiff::Timestamp>().ok());
        (added.is_none(), added)
    });
    let own = related(id.as_str(), format!("The {}.", keys::title(key)));
    ActiveLeak {
        app: estate.reference(app),
        title: keys::title(key),
        kind: key.kind,
        reach: keys::reach(key),
        seen: day(key.last_seen),
        age: age(estate, app, &id, key),
        lifetime: lifetime.cloned(),
        occurrences: places.len() as u64,
        observed: callers.observed(),
        registered: callers.registered(),
        owner: callers.says(|entry| entry.owner.as_ref()),
        contact: callers.says(|entry| entry.emergency.as_ref().or(entry.contact.as_ref())),
        exposure: first.exposure,
        path: first.path.clone(),
        fingerprint: key.fingerprint.clone(),
        location: first.location.clone(),
        excerpt: first.excerpt.clone(),
        related: others.chain([own]).chain(callers.related()).collect(),
        rotation: keys::rotation(estate, app, key, &callers),
        id: id.as_str().to_owned(),
    }
}
