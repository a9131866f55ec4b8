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
    if reading.occurrences.is_empty() {
        return gaps;
    }
    let mut old = Vec::new();
    for before in change.versions.before() {
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
        return gaps;
    }
    match change.versions.present() {
        Ok(Present::Itself) => {}
        Ok(Present::Gone) => withdraw(&mut reading.occurrences, change, |_| true),
        Ok(Present::Other(document)) => match read(*document) {
            Ok(present) => relocate(&mut reading.occurrences, change, &old, present.occurrences),
            Err(gap) => gaps.push(gap),
        },
        Err(gap) => gaps.push(gap),
    }
    for occurrence in &mut reading.occurrences {
        occurrence.commit.clone_from(&change.commit);
    }
    gaps
}

/// Moves each key to its place of today, which is not that of one that is old.
fn relocate(
    occurrences: &mut [KeyOccurrence],
    change: &Change,
    old: &[KeyOccurrence],
    mut present: Vec<KeyOccurrence>,
) {
    let mut taken = vec![false; present.len()];
    for at in pair(old, &present, as_key).into_iter().flatten() {
        taken[at] = true;
    }
    let mut taken = taken.into_iter();
    present.retain(|_| !taken.next().unwrap_or(false));
    let places = pair(occurrences, &present, as_key);
    for (occurrence, place) in occurrences.iter_mut().zip(&places) {
        if let Some(place) = place {
            *occurrence = present[*place].clone();
        }
    }
    withdraw(occurrences, change, |at| places[at].is_none());
}

/// Says of keys that are not there any more in which commit they are.
fn withdraw(occurrences: &mut [KeyOccurrence], change: &Change, gone: impl Fn(usize) -> bool) {
    for (at, occurrence) in occurrences.iter_mut().enumerate() {
        if gone(at)
            && let Location::File(place) = &mut occurrence.location
        {
            let commit = change.commit.as_deref();
            place.revision = commit.map(|commit| commit.chars().take(SHORT).collect());
        }
    }
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
