//! The keys of a whole history: each once for each path that it stood at.
//!
//! What was found by its content alone is read again under each of its paths,
//! which have their say in what a value is; which commits brought a key to a
//! path, and took it away, is told by its fingerprint. What is reported of a
//! key is the version in HEAD or, where HEAD has it no more, the last one that
//! had it. Only the ignore comments of that version count.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Collector, guard};
use crate::fact::{KeyOccurrence, Lifetime};
use crate::gap::GapReason;
use crate::location::Location;
use crate::read::structured::Wanted;
use crate::read::text::{Made, Reading, Scratch, Sifted};
use crate::secret::Fingerprint;
use crate::source::Document;
use crate::source::GitError;
use crate::source::history::{
    History, Key, Known, Life, News, Options, Raw, Reach, Trace, Verdict, Version,
};

/// Paths of one key that a finding lists.
const MAX_PATHS: usize = 50;

/// Lives of keys by what is read of them: a commit, and a version of a file.
type Readings = BTreeMap<(usize, Version), Vec<Life>>;

impl Collector<'_> {
    /// Reads the whole history; answers how many paths the policy excluded, and
    /// how many commits there are.
    ///
    /// # Errors
    /// When git cannot say what the repository keeps. What cannot be read is a
    /// gap.
    pub fn history(
        &self,
        history: &Arc<History>,
        options: &Options<'_>,
    ) -> Result<(u64, u64), GitError> {
        let gap = |gap| self.note(gap);
        let sift = |scratch: &mut Scratch, raw: Raw<'_>| {
            Ok(match self.sift(raw, scratch)? {
                Sifted::Plain => Verdict::Passed(Some(Known::Plain)),
                Sifted::Empty => Verdict::Passed(Some(Known::Empty)),
                Sifted::Nothing => Verdict::Passed(None),
                Sifted::Something => Verdict::Wanted,
            })
        };
        let found = history.search(sift, &gap);
        let trace = history.trace(found, options, &gap)?;
        let names = Names::default();
        let read = |scratch: &mut Scratch, mut document: Document| {
            let reading = self.read(self.reader, &mut document, Wanted::default(), scratch)?;
            let keys: BTreeSet<Key> = reading
                .occurrences
                .iter()
                .map(|key| names.of(key))
                .collect();
            Ok(keys.into_iter().collect())
        };
        let keys = history.read_versions(&trace, read, &gap);
        let lives = trace.lives(&keys);
        let mut of_key: HashMap<Key, Vec<Version>> = HashMap::new();
        for (version, keys) in &keys {
            for key in keys {
                of_key.entry(*key).or_default().push(*version);
            }
        }
        let told = Told {
            trace: &trace,
            of_key,
        };
        let mut readings = Readings::new();
        for life in lives {
            let (commit, file) = match (life.in_head, trace.head_commit) {
                (Some(file), Some(head)) => (head, file),
                _ => life.last,
            };
            readings
                .entry((commit, (life.path, file)))
                .or_default()
                .push(life);
        }
        self.report(history, readings, &told, &names);
        Ok((trace.excluded, trace.commits()))
    }

    /// Whether an object is worth a closer look, whatever its path is.
    fn sift(&self, raw: Raw<'_>, scratch: &mut Scratch) -> Result<Sifted, GapReason> {
        let sifted = match raw {
            Raw::Held(content, news) => {
                self.count(content.len() as u64);
                let made = match news {
                    News::All => Made::Anew,
                    News::Parts(parts, Known::Plain) => Made::OfPlain(parts),
                    News::Parts(parts, Known::Empty) => Made::OfEmpty(parts),
                };
                guard(scratch, |_| Ok(self.reader.sift(content, made)))
            }
            Raw::Open(len, mut content) => {
                self.count(len);
                guard(scratch, |scratch| {
                    let sifted = self.reader.sift_stream(&mut content, scratch);
                    sifted.map(|worth| match worth {
                        true => Sifted::Something,
                        false => Sifted::Nothing,
                    })
                })
            }
        };
        sifted?.map_err(|error| GapReason::Unreadable(error.to_string()))
    }

    /// Reads the versions that are reported, with what stood beside them.
    fn report(&self, history: &Arc<History>, readings: Readings, told: &Told<'_>, names: &Names) {
        let trace = told.trace;
        let mut scratch = Scratch::default();
        let mut reader = None;
        for ((commit, (path, file)), lives) in readings {
            if reader.as_ref().is_none_or(|(of, _)| *of != commit) {
                let files = Box::new(history.files(trace, commit));
                reader = Some((commit, self.reader.beside(files)));
            }
            let Some((_, reader)) = &reader else { return };
            let document = history.reopened(file, trace.path(path));
            let reading = document.and_then(|mut document| {
                self.read(reader, &mut document, Wanted::default(), &mut scratch)
            });
            match reading {
                Ok(reading) => {
                    let revision = trace.short(commit);
                    for life in &lives {
                        let revision = revision.clone().filter(|_| life.in_head.is_none());
                        self.keep(one(&reading, life, revision, told, names));
                    }
                }
                Err(gap) => self.note(gap),
            }
        }
    }
}

/// What a version says of one key, at the place that says most.
fn one(
    reading: &Reading,
    life: &Life,
    revision: Option<String>,
    told: &Told<'_>,
    names: &Names,
) -> Reading {
    let mut ignores = reading.ignores.clone();
    let near_ignore = |occurrence: &KeyOccurrence| {
        let line = occurrence.location.file().map(|place| place.start.line);
        let lines = ignores.iter().map(|ignore| ignore.place.start.line);
        lines
            .into_iter()
            .any(|at| Some(at) == line || Some(at + 1) == line)
    };
    let same = reading
        .occurrences
        .iter()
        .filter(|other| names.of(other) == life.key);
    // An ignore at one place hides no other.
    let key = |occurrence: &&KeyOccurrence| (near_ignore(occurrence), occurrence.kind);
    let mut occurrences: Vec<KeyOccurrence> = same.min_by_key(key).cloned().into_iter().collect();
    for occurrence in &mut occurrences {
        occurrence.lifetime = Some(Box::new(told.lifetime(life)));
        occurrence.commit = told.trace.commit(life.added).id;
        if let Location::File(place) = &mut occurrence.location {
            place.revision.clone_from(&revision);
        }
    }
    for ignore in &mut ignores {
        ignore.place.revision.clone_from(&revision);
    }
    Reading {
        occurrences,
        ignores,
        ..Reading::default()
    }
}

/// What is known of lives.
struct Told<'t> {
    trace: &'t Trace,
    /// Where each key stands, in whichever version.
    of_key: HashMap<Key, Vec<Version>>,
}

impl Told<'_> {
    fn lifetime(&self, life: &Life) -> Lifetime {
        let added = self.trace.commit(life.added);
        let removed = life.removed.map(|commit| self.trace.commit(commit));
        let all = self.of_key.get(&life.key).map_or(&[][..], |all| all);
        let paths: BTreeSet<&str> = all.iter().map(|(path, _)| self.trace.path(*path)).collect();
        let here = all.iter().filter(|(path, _)| *path == life.path);
        let in_head = life.in_head.is_some();
        let holders = match in_head {
            true => Default::default(),
            false => self.trace.holders(here),
        };
        let (removed_in, removed_at) = removed.map_or((None, None), |named| (named.id, named.at));
        Lifetime {
            in_text: self.trace.is_text(life.path),
            added_in: added.id,
            added_at: added.at,
            since_before: added.cut,
            removed_in,
            removed_at,
            in_head,
            reachable: life.reach != Reach::None,
            refs: holders
                .names
                .iter()
                .map(|name| crate::excerpt::redact_path(name))
                .collect(),
            more_refs: holders.count.saturating_sub(holders.names.len()) as u64,
            paths: paths
                .into_iter()
                .take(MAX_PATHS)
                .map(crate::excerpt::redact_path)
                .collect(),
        }
    }
}

/// The keys of a history, by number.
#[derive(Default)]
struct Names(Mutex<HashMap<Fingerprint, Key>>);

impl Names {
    fn of(&self, occurrence: &KeyOccurrence) -> Key {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = Key::try_from(known.len()).unwrap_or(Key::MAX);
        *known.entry(occurrence.fingerprint.clone()).or_insert(next)
    }
}
