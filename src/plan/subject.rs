//! Which key is meant.

use thiserror::Error;

use crate::excerpt::{printable, redact};
use crate::inventory::{App, Inventory, Key};
use crate::key::KeyClass;

/// Candidates that are listed.
const MAX_CANDIDATES: usize = 12;

/// A subject that means no key, or several.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{} {}", .subject, match .candidates.len() { 0 | 1 => "is no key of the inventory", _ if *.known => "means several keys", _ => "is no key of the inventory" })]
pub struct SubjectError {
    /// As it was named, masked.
    pub subject: String,
    /// Keys that could be meant, as they can be named.
    pub candidates: Vec<String>,
    /// Whether each of the candidates fits.
    pub known: bool,
}

impl SubjectError {
    pub(super) fn unknown(subject: &str, candidates: Vec<String>) -> Self {
        Self {
            subject: format!("'{}'", printable(&redact(subject))),
            candidates,
            known: false,
        }
    }

    /// What to do, with the candidates.
    #[must_use]
    pub fn help(&self) -> String {
        let mut help = match (self.candidates.is_empty(), self.known) {
            (true, _) => "name a key as APP/KEY, APP/FUNCTION/KEY or APP:SLOT/KEY, by its resource id or by its fingerprint; `keysweep inventory export` lists them".to_owned(),
            (false, true) => "name one of them:".to_owned(),
            (false, false) => "these are like it:".to_owned(),
        };
        for candidate in self.candidates.iter().take(MAX_CANDIDATES) {
            help.push_str(&format!("\n  {candidate}"));
        }
        if self.candidates.len() > MAX_CANDIDATES {
            help.push_str(&format!(
                "\n  and {} more",
                self.candidates.len() - MAX_CANDIDATES
            ));
        }
        help
    }
}

/// The place of the app in the inventory, and the id of the key.
///
/// # Errors
/// When the subject means none, or several.
pub fn find(subject: &str, inventory: &Inventory) -> Result<(usize, String), SubjectError> {
    let subject = subject.trim();
    let mut fitting = Vec::new();
    let mut near = Vec::new();
    for (at, app) in inventory.apps.iter().enumerate() {
        for key in &app.keys {
            if fits(subject, app, key) {
                fitting.push((at, app, key));
            } else if is_near(subject, app, key) {
                near.push(name(app, key));
            }
        }
    }
    match fitting.as_slice() {
        [(at, app, key)] => Ok((*at, app.key_id(key).as_str().to_owned())),
        [] => Err(SubjectError::unknown(subject, near)),
        several => Err(SubjectError {
            subject: format!("'{}'", printable(&redact(subject))),
            candidates: several.iter().map(|(_, app, key)| name(app, key)).collect(),
            known: true,
        }),
    }
}

fn fits(subject: &str, app: &App, key: &Key) -> bool {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    if subject.starts_with("/subscriptions/") {
        return same(subject.trim_end_matches('/'), app.key_id(key).as_str());
    }
    // A fingerprint may hold a slash.
    if key.fingerprint.as_str() == subject {
        return true;
    }
    let segments: Vec<&str> = subject.split('/').collect();
    let [first, middle @ .., last] = segments.as_slice() else {
        return false;
    };
    let (site, slot) = first
        .split_once(':')
        .map_or((*first, None), |(a, b)| (a, Some(b)));
    let in_slot = match (slot, app.id.slot()) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    };
    let word = |word: &&str| {
        key.function
            .as_ref()
            .is_some_and(|function| same(function, word))
            || same(kind(key), word)
    };
    app.id.site().is_some_and(|name| same(name, site))
        && in_slot
        && same(&key.name, last)
        && middle.iter().all(word)
}

/// Whether the app or the key is named, and not both.
fn is_near(subject: &str, app: &App, key: &Key) -> bool {
    let first = subject.split(['/', ':']).next().unwrap_or_default();
    let last = subject.rsplit('/').next().unwrap_or_default();
    app.id
        .site()
        .is_some_and(|name| name.eq_ignore_ascii_case(first))
        || (!subject.contains('/') && key.name.eq_ignore_ascii_case(last))
}

fn kind(key: &Key) -> &'static str {
    match (key.kind, &key.function) {
        (KeyClass::Function, Some(_)) => "function",
        (KeyClass::Function | KeyClass::Host, _) => "host",
        (KeyClass::System, _) => "system",
        (KeyClass::Master, _) => "master",
    }
}

/// What a key can be named by.
fn name(app: &App, key: &Key) -> String {
    let site = app.id.site().unwrap_or_default();
    let slot = app
        .id
        .slot()
        .map(|slot| format!(":{slot}"))
        .unwrap_or_default();
    let middle = key
        .function
        .as_ref()
        .map_or(kind(key), |function| function.as_str());
    printable(&format!("{site}{slot}/{middle}/{}", key.name))
}
