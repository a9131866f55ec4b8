//! Who holds which key: callers that came, went and moved to another key.

use std::collections::BTreeMap;

use super::inventories::Pair;
use super::{About, Change, Field, What, word};
use crate::fact::Fact;
use crate::fact::live::{HolderKind, KeyHolder, Match};
use crate::inventory::{ArmId, Family, Form};
use crate::join::live::Estate;
use crate::location::Location;

/// Holders by resource and place, both in small letters. A policy of API
/// Management can hold several keys at one place.
type Places = BTreeMap<(String, String), Vec<KeyHolder>>;

pub(super) fn compare(pair: &mut Pair<'_>) {
    let (mut before, after) = (places(&pair.before), places(&pair.after));
    for (place, mut here) in after {
        let mut there = before.remove(&place).unwrap_or_default();
        // What is the same on both sides first: what is left has changed.
        here.retain(|new| {
            let same = there
                .iter()
                .position(|old| changed(pair, old, new).is_empty());
            same.map(|at| there.remove(at)).is_none()
        });
        let mut there = there.into_iter();
        for new in here {
            match there.next() {
                Some(old) => moved(pair, &old, &new),
                None => arrived(pair, &new),
            }
        }
        there.for_each(|old| gone(pair, &old));
    }
    for old in before.into_values().flatten() {
        gone(pair, &old);
    }
}

fn places(estate: &Estate<'_>) -> Places {
    let mut places = Places::new();
    for fact in estate.rest().flatten() {
        if let Fact::Holder(holder) = fact {
            let place = (holder.id.to_lowercase(), holder.place.to_lowercase());
            places.entry(place).or_default().push(holder);
        }
    }
    places
}

fn arrived(pair: &mut Pair<'_>, new: &KeyHolder) {
    let absence = pair.old.absence(&[family(new.kind)], &ArmId::new(&new.id));
    let message = format!("{} holds {} in {}", new.title, what(new), place(new));
    let change = Change::new(About::Holder, What::New, &new.id, message);
    let fields = states(new);
    let fields = fields
        .into_iter()
        .filter_map(|(name, state)| Field::of(name, None, state));
    let fields = fields.collect();
    pair.lacking(absence, Change { fields, ..change });
}

fn gone(pair: &mut Pair<'_>, old: &KeyHolder) {
    let absence = pair.new.absence(&[family(old.kind)], &ArmId::new(&old.id));
    let message = format!(
        "{} no longer holds {} in {}",
        old.title,
        what(old),
        place(old)
    );
    let change = Change::new(About::Holder, What::Gone, &old.id, message);
    let fields = states(old);
    let fields = fields
        .into_iter()
        .filter_map(|(name, state)| Field::of(name, state, None));
    let fields = fields.collect();
    pair.lacking(absence, Change { fields, ..change });
}

fn moved(pair: &mut Pair<'_>, old: &KeyHolder, new: &KeyHolder) {
    let fields = changed(pair, old, new);
    let has = |name: &str| fields.iter().any(|field| field.name == name);
    let (holder, place) = (&new.title, place(new));
    let message = match (old.matches, new.matches) {
        (Match::Live, Match::Gone) if !has("fingerprint") => format!(
            "{holder} still holds the value that was {} in {place}: it opens nothing any more",
            what(old)
        ),
        _ if has("key") => format!(
            "{holder} moved from {} to {} in {place}",
            what(old),
            what(new)
        ),
        _ if has("fingerprint") => {
            format!("{holder} holds another value of {} in {place}", what(new))
        }
        _ if has("form") && new.form == Form::KeyVault => {
            format!(
                "{holder} refers to Key Vault for {} in {place} now",
                what(new)
            )
        }
        _ => format!("{holder} holds {} in another way in {place}", what(new)),
    };
    let change = Change::new(About::Holder, What::Changed, &new.id, message);
    pair.changes.push(Change { fields, ..change });
}

/// What of a holder is not the same. A value whose names do not hold on both
/// sides is no difference.
fn changed(pair: &Pair<'_>, old: &KeyHolder, new: &KeyHolder) -> Vec<Field> {
    let differ = match (&old.fingerprint, &new.fingerprint) {
        (Some(a), Some(b)) => pair.same(a, b) == Some(false),
        _ => false,
    };
    let mut fields = Vec::new();
    for ((name, a), (_, b)) in states(old).into_iter().zip(states(new)) {
        if name != "fingerprint" || differ {
            fields.extend(Field::of(name, a, b));
        }
    }
    fields
}

/// Everything that can change of one.
fn states(holder: &KeyHolder) -> [(&'static str, Option<String>); 6] {
    let print = holder.fingerprint.as_ref();
    [
        ("key", key(holder).map(str::to_lowercase)),
        ("fingerprint", print.map(|print| print.as_str().to_owned())),
        ("form", Some(word(&holder.form))),
        ("vaultSecret", holder.vault_secret.clone()),
        ("version", holder.version.clone()),
        ("opens", Some(word(&holder.matches))),
    ]
}

/// The id of the key that it holds, if that is one of the inventory.
fn key(holder: &KeyHolder) -> Option<&str> {
    holder.key.as_ref()?;
    match &holder.related.first()?.location {
        Location::Resource(place) => Some(&place.id),
        Location::File(_) => None,
    }
}

/// The key in words.
fn what(holder: &KeyHolder) -> String {
    match (&holder.key, &holder.app) {
        (Some(key), Some(app)) => format!("the {key} of {}", app.title),
        (None, Some(app)) if holder.matches == Match::Gone => {
            format!("a value for {} that is none of its keys", app.title)
        }
        (None, Some(app)) => format!("a value for {} that is not known", app.title),
        _ if holder.matches == Match::Gone => "a key that does not exist".to_owned(),
        _ => "a key that is not known".to_owned(),
    }
}

fn place(holder: &KeyHolder) -> String {
    match holder.kind {
        HolderKind::AppSetting => format!("the setting '{}'", holder.place),
        _ => format!("'{}'", holder.place),
    }
}

/// What could not be read when such a holder is missing.
fn family(kind: HolderKind) -> Family {
    match kind {
        HolderKind::AppSetting => Family::Settings,
        HolderKind::ApimNamedValue | HolderKind::ApimBackend | HolderKind::ApimPolicy => {
            Family::ApiManagement
        }
        HolderKind::LogicApp => Family::LogicApps,
        HolderKind::DataFactory => Family::DataFactory,
        HolderKind::EventGrid => Family::EventGrid,
        HolderKind::ActionGroup => Family::ActionGroups,
    }
}
