//! The places that hold keys.

use super::age::day;
use super::callers::{self, Callers, Hold, Source};
use super::{Estate, keys};
use crate::fact::Fact;
use crate::fact::Format;
use crate::fact::live::{KeyHolder, Match, property, related};
use crate::inventory::{App, Form, Key};
use crate::key::KeyClass;

/// Holders of which facts are made at once.
const PART: usize = 256;

/// The facts of some holders after those of others: an estate has many thousand.
pub(super) fn parts<'e, 'a>(
    estate: &'e Estate<'a>,
    fact: fn(&Estate<'a>, &Hold<'a>) -> Option<Fact>,
) -> impl Iterator<Item = Vec<Fact>> + use<'e, 'a> {
    let mut rest = &estate.holds[..];
    std::iter::from_fn(move || {
        // What stands in one place is told apart by its order in there.
        let mut end = rest.len().min(PART);
        while end > 0 && end < rest.len() && rest[end - 1].id == rest[end].id {
            end += 1;
        }
        let (part, left) = rest.split_at(end);
        rest = left;
        let facts = part.iter().filter_map(|hold| fact(estate, hold));
        (!part.is_empty()).then(|| facts.collect())
    })
}

/// What is known of a holder.
pub(super) fn fact<'a>(estate: &Estate<'a>, hold: &Hold<'a>) -> Option<Fact> {
    Some(Fact::from(holder(estate, hold)))
}

fn holder(estate: &Estate<'_>, hold: &Hold<'_>) -> KeyHolder {
    let (own, host, target, format, seed) = match hold.source {
        Source::Holder(holder) => (
            holder.fingerprint.as_ref(),
            holder.host.as_ref().map(ToString::to_string),
            holder
                .target
                .as_ref()
                .and_then(|id| estate.apps.get(id).copied()),
            holder.format,
            holder.seed,
        ),
        Source::NamedValue(value) => {
            let (host, target) = sent_to(estate, hold);
            (
                value.fingerprint.as_ref(),
                host,
                target,
                value.format,
                value.seed,
            )
        }
    };
    let target = target.or_else(|| host.as_ref().and_then(|host| estate.app_of_host(host)));
    let found = found(estate, hold, target);
    let matches = match (&found, own) {
        (Some(_), _) => Match::Live,
        (None, Some(fingerprint)) if !comparable(estate, fingerprint) => Match::Untold,
        (None, Some(_)) => gone(estate, target, host.is_some(), format),
        (None, None) => Match::Untold,
    };
    let callers = found.map(|(app, key)| callers::of(estate, app, key));
    let says = |what: &dyn Fn(&Callers<'_, '_>) -> Option<String>| callers.as_ref().and_then(what);
    KeyHolder {
        id: hold.id.as_str().to_owned(),
        title: hold.title.clone(),
        kind: hold.kind,
        place: hold.place.to_owned(),
        form: hold.form,
        sent: hold.sent,
        host,
        matches,
        key: found.map(|(_, key)| keys::title(key)),
        key_kind: found.map(|(_, key)| key.kind),
        app: found
            .map(|(app, _)| app)
            .or(target)
            .map(|app| estate.reference(app)),
        format: format.or(found.map(|(_, key)| key.format)),
        seed: seed.or(found.and_then(|(_, key)| key.seed)),
        fingerprint: hold.fingerprint.cloned(),
        vault_secret: hold.vault_secret.map(|secret| {
            let vault = callers::vault_name(secret);
            format!("{vault}/{}", secret.secret)
        }),
        version: hold
            .vault_secret
            .and_then(|secret| secret.version.as_ref())
            .map(ToString::to_string),
        owner: says(&|callers| callers.says(|entry| entry.owner.as_ref())),
        contact: says(&|callers| callers.says(|entry| entry.contact.as_ref())),
        stale: hold.stale.map(day),
        location: property(hold.id.as_str(), hold.place),
        related: found
            .map(|(app, key)| related(app.key_id(key).as_str(), "The key."))
            .into_iter()
            .collect(),
        rotation: found
            .zip(callers.as_ref())
            .map(|((app, key), callers)| keys::rotation(estate, app, key, callers)),
    }
}

/// The key that it is: of several with one value the one that opens most, and
/// of these the one of the app that it is sent to.
pub(super) fn found<'a>(
    estate: &Estate<'a>,
    hold: &Hold<'_>,
    target: Option<&App>,
) -> Option<(&'a App, &'a Key)> {
    let same = estate.keys_with(hold.fingerprint?);
    let opens = |key: &Key| match key.kind {
        KeyClass::Master => 0,
        KeyClass::Host => 1,
        KeyClass::Function => 2,
        KeyClass::System => 3,
    };
    let here = |app: &App| target.is_some_and(|target| target.id == app.id);
    same.iter()
        .copied()
        .min_by_key(|(app, key)| (opens(key), !here(app), &app.id, &key.name))
}

/// The host, or the app, that the backends which use a named value call, if
/// they agree.
fn sent_to<'a>(estate: &Estate<'a>, value: &Hold<'_>) -> (Option<String>, Option<&'a App>) {
    let users = users(estate, value);
    let holders = users.iter().filter_map(|hold| match hold.source {
        Source::Holder(holder) => Some(holder),
        Source::NamedValue(_) => None,
    });
    let (mut host, mut target) = (None, None);
    for holder in holders {
        let app = holder
            .target
            .as_ref()
            .and_then(|id| estate.apps.get(id).copied());
        target = target.or(app);
        host = host.or_else(|| holder.host.as_ref().map(ToString::to_string));
    }
    (host, target)
}

/// The backends and policies that use a named value.
pub(super) fn users<'e, 'a>(estate: &'e Estate<'a>, value: &Hold<'_>) -> Vec<&'e Hold<'a>> {
    let Source::NamedValue(named) = value.source else {
        return Vec::new();
    };
    let uses = |hold: &&Hold<'_>| match hold.source {
        Source::Holder(holder) => {
            hold.form == Form::NamedValue
                && hold.caller == value.caller
                && holder
                    .named_value
                    .as_ref()
                    .is_some_and(|name| name.eq_ignore_ascii_case(&named.display_name))
        }
        Source::NamedValue(_) => false,
    };
    estate.holds.iter().filter(uses).collect()
}

/// Whether a value that equals no key is none: a random one always, a chosen
/// one where all its inventory's chosen values have one sort of name.
fn comparable(estate: &Estate<'_>, fingerprint: &crate::secret::Fingerprint) -> bool {
    fingerprint.is_stable() || estate.merged.chosen_comparable
}

/// A value that equals no key of the inventory.
fn gone(
    estate: &Estate<'_>,
    target: Option<&App>,
    has_host: bool,
    format: Option<Format>,
) -> Match {
    match target {
        Some(app) if app.keys_read.is_some() => Match::Gone,
        Some(_) => Match::Untold,
        // It is for somebody else's app, whose keys nobody listed.
        None if has_host => Match::Untold,
        None if format == Some(Format::Identifiable) && estate.is_whole() => Match::Gone,
        None => Match::Untold,
    }
}
