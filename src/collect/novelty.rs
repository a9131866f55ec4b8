//! What a change adds.
//!
//! A key is new where the version before did not have it, however its lines
//! were moved or edited: versions are compared by the keys in them, not by
//! lines. That also holds for binary files, for long lines and for renames. A
//! key that becomes worse (its file moves to where a browser gets it) is new.

use std::collections::{BTreeMap, VecDeque};

use crate::fact::KeyOccurrence;
use crate::gap::Gap;
use crate::location::Location;
use crate::read::text::Reading;
use crate::source::{Change, Document, Present};

/// Characters of a commit's name that reports show.
const SHORT: usize = 12;

/// Leaves in `reading` only what the change added, each key at the place where
/// it is today, or in the commit where it was.
///
/// What cannot be compared counts as new, and is a gap besides.
pub(super) fn keep_new(
    reading: &mut Reading,
    change: &Change,
    mut read: impl FnMut(Document) -> Result<Reading, Gap>,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    // They matter to rules that judge whole trees.
    reading.store = None;
    reading.decryption_keys.clear();
    let mut old = Vec::new();
    for before in change.versions.before() {
        if reading.occurrences.is_empty() {
            break;
        }
        match before.and_then(&mut read) {
            Ok(before) => {
                let pairs = pair(&reading.occurrences, &before.occurrences, as_bad);
                let all = std::mem::take(&mut reading.occurrences);
                for (occurrence, pair) in all.into_iter().zip(pairs) {
                    match pair {
                        Some(_) => old.push(occurrence),
                        None => reading.occurrences.push(occurrence),
                    }
                }
            }
            Err(gap) => gaps.push(gap),
        }
    }
    if reading.occurrences.is_empty() {
        // Those of a version of the past have nothing to hide.
        if change.commit.is_some() {
            reading.ignores.clear();
        }
        return gaps;
    }
    let present = match change.versions.present() {
        Ok(Present::Itself) => None,
        Ok(Present::Gone) => Some(Reading::default()),
        Ok(Present::Other(document)) => read(*document).map_or_else(
            |gap| {
                gaps.push(gap);
                Some(Reading::default())
            },
            Some,
        ),
        Err(gap) => {
            gaps.push(gap);
            Some(Reading::default())
        }
    };
    if let Some(present) = present {
        relocate(reading, change, &old, present);
    }
    for occurrence in &mut reading.occurrences {
        occurrence.commit.clone_from(&change.commit);
    }
    gaps
}

/// Moves each key to its place of today, which is not that of one that is old.
/// What has none stays in its commit, and so do the ignores around it.
fn relocate(reading: &mut Reading, change: &Change, old: &[KeyOccurrence], present: Reading) {
    let mut today = present.occurrences;
    let mut taken = vec![false; today.len()];
    for at in pair(old, &today, as_key).into_iter().flatten() {
        taken[at] = true;
    }
    let mut taken = taken.into_iter();
    today.retain(|_| !taken.next().unwrap_or(false));
    let commit = change.commit.as_deref();
    let revision: Option<String> = commit.map(|commit| commit.chars().take(SHORT).collect());
    let places = pair(&reading.occurrences, &today, as_key);
    for (occurrence, place) in reading.occurrences.iter_mut().zip(places) {
        match (place, &mut occurrence.location) {
            (Some(place), _) => *occurrence = today[place].clone(),
            (None, Location::File(place)) => place.revision.clone_from(&revision),
            (None, Location::Resource(_)) => {}
        }
    }
    for ignore in &mut reading.ignores {
        ignore.place.revision.clone_from(&revision);
    }
    reading.ignores.extend(present.ignores);
}

/// The same key.
fn as_key(occurrence: &KeyOccurrence) -> String {
    occurrence.fingerprint.as_str().to_owned()
}

/// The same key, no worse.
fn as_bad(occurrence: &KeyOccurrence) -> String {
    let KeyOccurrence {
        service,
        kind,
        exposure,
        fingerprint,
        ..
    } = occurrence;
    format!("{service:?} {kind:?} {exposure:?} {}", fingerprint.as_str())
}

/// For each of `these`, which of `those` it is; each of those is one of these
/// at most. Where a key stands more than once, equal lines belong together,
/// and what is left pairs off from the end.
fn pair(
    these: &[KeyOccurrence],
    those: &[KeyOccurrence],
    identity: impl Fn(&KeyOccurrence) -> String,
) -> Vec<Option<usize>> {
    let line = |occurrence: &KeyOccurrence| {
        let excerpt = occurrence.excerpt.as_ref();
        let text = excerpt.map_or("", |excerpt| excerpt.text());
        format!("{} {text}", identity(occurrence))
    };
    let mut pairs = vec![None; these.len()];
    let mut taken = vec![false; those.len()];
    for by in [&line as &dyn Fn(&KeyOccurrence) -> String, &identity] {
        let mut free: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
        for (at, that) in those.iter().enumerate().filter(|(at, _)| !taken[*at]) {
            free.entry(by(that)).or_default().push_back(at);
        }
        let open = pairs
            .iter_mut()
            .zip(these)
            .filter(|(pair, _)| pair.is_none());
        for (pair, this) in open.rev() {
            *pair = free.get_mut(&by(this)).and_then(VecDeque::pop_back);
            if let Some(at) = *pair {
                taken[at] = true;
            }
        }
    }
    pairs
}
