//! What a change adds.
//!
//! A key is new where the version before did not have it, however its lines
//! were moved or edited: versions are compared by the keys in them, not by
//! lines. That also holds for binary files, for long lines and for renames. A
//! key that becomes worse (its file moves to where a browser gets it) is new.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::fact::KeyOccurrence;
use crate::gap::Gap;
use crate::location::Location;
use crate::read::text::Reading;
use crate::source::{Change, Document, Present};
use crate::suppress::InlineIgnore;

/// Characters of a commit's name that reports show.
const SHORT: usize = 12;

/// Leaves in `reading` only what the change added, each key at the place where
/// it is today, or in the commit where it was.
///
/// What cannot be compared counts as new, and is a gap besides. A `structured`
/// document keeps its ignores: other findings than keys may be at their lines.
pub(super) fn keep_new(
    reading: &mut Reading,
    change: &Change,
    structured: bool,
    mut read: impl FnMut(Document) -> Result<Reading, Gap>,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    // They matter to rules that judge whole trees.
    reading.store = None;
    reading.decryption_keys.clear();
    let ignored = ignored_lines(&reading.ignores);
    let mut old = Vec::new();
    for before in change.versions.before() {
        if reading.occurrences.is_empty() {
            break;
        }
        match before.and_then(&mut read) {
            Ok(before) => {
                let ignored_before = ignored_lines(&before.ignores);
                let pairs = pair(
                    (&reading.occurrences, &ignored),
                    (&before.occurrences, &ignored_before),
                    as_bad,
                );
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
    if reading.occurrences.is_empty() && !structured {
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
    let ignored = ignored_lines(&reading.ignores);
    let ignored_today = ignored_lines(&present.ignores);
    let mut today = present.occurrences;
    let mut taken = vec![false; today.len()];
    let still = pair((old, &ignored), (&today, &ignored_today), as_key);
    for at in still.into_iter().flatten() {
        taken[at] = true;
    }
    let mut taken = taken.into_iter();
    today.retain(|_| !taken.next().unwrap_or(false));
    let commit = change.commit.as_deref();
    let revision: Option<String> = commit.map(|commit| commit.chars().take(SHORT).collect());
    let places = pair(
        (&reading.occurrences, &ignored),
        (&today, &ignored_today),
        as_key,
    );
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

/// The lines that an ignore may hide something on.
fn ignored_lines(ignores: &[InlineIgnore]) -> BTreeSet<u64> {
    let lines = ignores.iter().map(|ignore| ignore.place.start.line);
    lines.flat_map(|line| [line, line + 1]).collect()
}

/// The keys of a version, and its lines that are ignored.
type Keys<'r> = (&'r [KeyOccurrence], &'r BTreeSet<u64>);

/// For each of `these`, which of `those` it is; each of those is one of these
/// at most.
///
/// Where a key stands more than once, the copies that look alike belong
/// together, the first with the first: as they do where an ignore is judged by
/// whether it stood before. Otherwise the new copy could be said to be the one
/// that an old ignore hides. For that reason an ignored one is another sort of
/// copy, too.
fn pair(
    these: Keys<'_>,
    those: Keys<'_>,
    identity: impl Fn(&KeyOccurrence) -> String,
) -> Vec<Option<usize>> {
    let mut pairs = vec![None; these.0.len()];
    let mut taken = vec![false; those.0.len()];
    for (by_line, by_ignore) in [(true, true), (true, false), (false, false)] {
        let alike = |key: &KeyOccurrence, ignored| {
            let excerpt = key.excerpt.as_ref().filter(|_| by_line);
            (
                identity(key),
                excerpt.map_or("", |excerpt| excerpt.text()).to_owned(),
                by_ignore && is_on(key, ignored),
            )
        };
        let mut free: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
        for (at, that) in those.0.iter().enumerate().filter(|(at, _)| !taken[*at]) {
            free.entry(alike(that, those.1)).or_default().push_back(at);
        }
        let open = pairs.iter_mut().zip(these.0);
        for (pair, this) in open.filter(|(pair, _)| pair.is_none()) {
            let found = free.get_mut(&alike(this, these.1));
            *pair = found.and_then(VecDeque::pop_front);
            if let Some(at) = *pair {
                taken[at] = true;
            }
        }
    }
    pairs
}

fn is_on(key: &KeyOccurrence, lines: &BTreeSet<u64>) -> bool {
    let place = key.location.file();
    place.is_some_and(|place| {
        lines
            .range(place.start.line..=place.last_line())
            .next()
            .is_some()
    })
}
