//! Who gained or lost the right to list keys, or to write them.

use std::collections::{BTreeMap, BTreeSet};

use super::extent::Absence;
use super::inventories::Pair;
use super::{About, Change, Field, What, word};
use crate::inventory::{Ability, ArmId, Family, Inventory, Reader};

/// What a principal may at a scope, by whatever assignments.
#[derive(Default)]
struct Right<'a> {
    name: &'a str,
    scope: Option<&'a ArmId>,
    abilities: BTreeSet<Ability>,
    roles: BTreeSet<&'a str>,
}

/// By the principal's id in small letters and the scope: an assignment that is
/// made anew gives nothing new.
type Rights<'a> = BTreeMap<(String, &'a ArmId), Right<'a>>;

pub(super) fn compare(pair: &mut Pair<'_>, old: &Inventory, new: &Inventory) {
    let (before, after) = (rights(&old.readers), rights(&new.readers));
    for (place, right) in &after {
        match before.get(place) {
            None => {
                let change = change(What::New, right, held_around(&before, place, right));
                let absence = absence(pair, old, place.1, What::New);
                pair.lacking(absence, change);
            }
            Some(earlier) if earlier.abilities != right.abilities => {
                let message = format!(
                    "{} may {} at {} now, and might {} before",
                    right.name,
                    words(&right.abilities),
                    place.1,
                    words(&earlier.abilities)
                );
                let fields = fields(Some(earlier), Some(right));
                let change = Change::new(About::Reader, What::Changed, place.1.as_str(), message);
                pair.changes.push(Change { fields, ..change });
            }
            Some(_) => {}
        }
    }
    for (place, right) in &before {
        if !after.contains_key(place) {
            let change = change(What::Gone, right, held_around(&after, place, right));
            let absence = absence(pair, new, place.1, What::Gone);
            pair.lacking(absence, change);
        }
    }
}

fn rights(readers: &[Reader]) -> Rights<'_> {
    let mut rights = Rights::new();
    for reader in readers {
        let place = (reader.principal.id.to_lowercase(), &reader.scope);
        let right = rights.entry(place).or_default();
        let name = reader.principal.name.as_ref();
        right.name = name.unwrap_or(&reader.principal.id);
        right.scope = Some(&reader.scope);
        right.abilities.extend(reader.abilities.iter().copied());
        right.roles.insert(&reader.role);
    }
    rights
}

fn change(what: What, right: &Right<'_>, around: Option<&ArmId>) -> Change {
    let scope = right.scope.map(ArmId::as_str).unwrap_or_default();
    let roles: Vec<String> = right.roles.iter().map(|role| format!("'{role}'")).collect();
    let (verb, anyway) = match what {
        What::New => ("gained", "had it already"),
        _ => ("lost", "has it still"),
    };
    let around = around.map_or_else(String::new, |scope| {
        format!("; but {anyway} through an assignment at {scope}")
    });
    let message = format!(
        "'{}' {verb} the right to {} at {scope}, by the role {}{around}",
        right.name,
        words(&right.abilities),
        roles.join(" and ")
    );
    let fields = match what {
        What::New => fields(None, Some(right)),
        _ => fields(Some(right), None),
    };
    Change {
        fields,
        ..Change::new(About::Reader, what, scope, message)
    }
}

fn fields(old: Option<&Right<'_>>, new: Option<&Right<'_>>) -> Vec<Field> {
    let list = |right: Option<&Right<'_>>| {
        let words = right?.abilities.iter().map(word);
        Some(words.collect::<Vec<_>>().join(", "))
    };
    let roles = |right: Option<&Right<'_>>| {
        let roles = right?.roles.iter().copied();
        Some(roles.collect::<Vec<_>>().join(", "))
    };
    [
        Field::of("abilities", list(old), list(new)),
        Field::of("roles", roles(old), roles(new)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The scope around this one at which the same principal has the same on the
/// other side: then the assignment changed, and nothing that it gives.
fn held_around<'a>(
    other: &Rights<'a>,
    (principal, scope): &(String, &ArmId),
    right: &Right<'_>,
) -> Option<&'a ArmId> {
    let held = other.iter().find(|((id, around), held)| {
        id == principal && scope.is_in(around) && held.abilities.is_superset(&right.abilities)
    });
    held.map(|((_, around), _)| *around)
}

/// Roles are read by subscription, those of the scopes around it included.
fn absence(pair: &Pair<'_>, side: &Inventory, scope: &ArmId, what: What) -> Absence {
    let extent = match what {
        What::New => &pair.old,
        _ => &pair.new,
    };
    let mut gaps = side.gaps.iter();
    let below = gaps.any(|gap| gap.family == Family::Roles && gap.subject.is_in(scope));
    match below {
        true => Absence::Gap,
        false => extent.absence(&[Family::Roles], scope),
    }
}

fn words(abilities: &BTreeSet<Ability>) -> String {
    let words: Vec<&str> = abilities
        .iter()
        .map(|ability| match ability {
            Ability::ListHostKeys => "list host keys",
            Ability::ListFunctionKeys => "list function keys",
            Ability::WriteHostKeys => "write host keys",
            Ability::WriteFunctionKeys => "write function keys",
        })
        .collect();
    words.join(", ")
}
