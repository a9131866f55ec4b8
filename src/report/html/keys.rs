//! The keys of a tenant: how old they are, who shares one, and all of them.

use serde_json::Value;
use std::collections::BTreeMap;

use super::ages::{self, Age, Ages};
use super::graph::{self, Graph, Shared};
use super::portions::{Portions, ROWS};
use crate::evidence::{AgeState, Evidence, Row};
use crate::excerpt::printable;
use crate::key::KeyClass;
use crate::outcome::Outcome;

/// Keys on the page: beyond, it is no page any more.
const MAX_KEYS: usize = 20_000;

/// The evidence table.
pub(super) struct Keys<'a> {
    pub(super) total: usize,
    pub(super) overdue: usize,
    pub(super) unproven: usize,
    pub(super) apps: Portions<App<'a>>,
    pub(super) left_out: usize,
}

/// The keys of an app or slot, or the part of them that fits into a portion.
pub(super) struct App<'a> {
    pub(super) name: &'a str,
    pub(super) slot: &'a str,
    pub(super) subscription: &'a str,
    pub(super) group: &'a str,
    pub(super) environment: &'a str,
    /// Counted from one.
    pub(super) part: usize,
    pub(super) keys: Vec<Key<'a>>,
}

/// A row.
pub(super) struct Key<'a> {
    pub(super) number: usize,
    pub(super) row: &'a Row,
    pub(super) kind: &'static str,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
    pub(super) age: String,
    pub(super) callers: String,
    pub(super) stored_in: String,
}

pub(super) fn of(evidence: &Evidence) -> Keys<'_> {
    let rows = &evidence.keys;
    let state = |state| rows.iter().filter(|row| row.age_state == state).count();
    let mut apps: Vec<App<'_>> = Vec::new();
    let mut last = None;
    for (number, row) in rows.iter().take(MAX_KEYS).enumerate() {
        let of = (
            &row.subscription_id,
            &row.resource_group,
            &row.app,
            &row.slot,
        );
        let full = apps.last().filter(|app| app.keys.len() == ROWS);
        let part = match last == Some(of) {
            true => full.map(|app| app.part + 1),
            false => Some(1),
        };
        if let Some(part) = part {
            last = Some(of);
            apps.push(App {
                name: &row.app,
                slot: row.slot.as_deref().unwrap_or_default(),
                subscription: &row.subscription,
                group: &row.resource_group,
                environment: row.environment.as_deref().unwrap_or_default(),
                part,
                keys: Vec::new(),
            });
        }
        if let Some(app) = apps.last_mut() {
            app.keys.push(key(number, row));
        }
    }
    Keys {
        total: rows.len(),
        overdue: state(AgeState::Overdue),
        unproven: state(AgeState::NotProven),
        apps: Portions::of(apps, |app| app.keys.len()),
        left_out: rows.len().saturating_sub(MAX_KEYS),
    }
}

fn key(number: usize, row: &Row) -> Key<'_> {
    let callers: Vec<_> = row.callers().collect();
    Key {
        number,
        kind: row.kind.as_str(),
        state: row.age_state.as_str(),
        class: match row.age_state {
            AgeState::Overdue => "failed",
            AgeState::NotProven => "partly",
            AgeState::WithinLimit => "passed",
        },
        age: row.age(),
        callers: printable(&callers.join(", ")),
        stored_in: printable(&row.stored_in.join("; ")),
        row,
    }
}

/// Who looked, when, at what.
pub(super) fn sweep(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let sweep = &evidence.sweep;
    let identity = sweep.identity.as_ref().and_then(|identity| {
        let names = [
            &identity.name,
            &identity.application_id,
            &identity.object_id,
        ];
        names.into_iter().flatten().next().map(ToString::to_string)
    });
    let policy = sweep.policy.as_ref().map(|policy| {
        let digest: String = policy.sha256.chars().take(12).collect();
        format!("{} ({digest}…)", policy.path)
    });
    let all = [
        ("tenant", sweep.tenant.as_ref().map(ToString::to_string)),
        (
            "seen",
            Some(format!("{} to {}", sweep.started, sweep.ended)),
        ),
        ("by", identity),
        ("policy", policy),
        (
            "tool",
            Some(format!("{} {}", sweep.tool.name, sweep.tool.version)),
        ),
    ];
    let known = all.into_iter();
    known
        .filter_map(|(name, value)| Some((name, printable(&value?))))
        .collect()
}

pub(super) fn ages(evidence: &Evidence) -> Ages {
    let mut kinds: BTreeMap<KeyClass, Vec<Age>> = BTreeMap::new();
    for row in &evidence.keys {
        kinds.entry(row.kind).or_default().push(Age {
            least: row.min_age_days,
            most: row.max_age_days,
            limit: row.limit_days,
        });
    }
    let kinds = kinds.into_iter();
    ages::of(kinds.map(|(kind, ages)| (kind.as_str(), ages)).collect())
}

/// The keys that several callers hold. What an extension's callers share by
/// design is left out.
pub(super) fn shared(evidence: &Evidence) -> Option<Graph> {
    let rows = evidence.keys.iter().enumerate();
    let held = rows.filter(|(_, row)| row.kind != KeyClass::System);
    graph::of(
        held.map(|(number, row)| Shared {
            of: match &row.slot {
                Some(slot) => printable(&format!("{} ({slot})", row.app)),
                None => printable(&row.app),
            },
            name: match &row.function {
                Some(function) => printable(&format!("{function} / {}", row.key)),
                None => printable(&row.key),
            },
            kind: row.kind.as_str(),
            anchor: format!("k-{number}"),
            // Seen and registered ones may be the same.
            callers: match row.observed.len() > 1 {
                true => row.observed.iter().map(|name| printable(name)).collect(),
                false => row.registered.iter().map(|name| printable(name)).collect(),
            },
        })
        .collect(),
    )
}

/// The same of a scan: keys that stand in the files of several callers.
pub(super) fn shared_in_files(outcome: &Outcome) -> Option<Graph> {
    let words = |value: Option<&Value>| -> Vec<String> {
        let list = value.and_then(Value::as_array);
        let words = list.into_iter().flatten().filter_map(Value::as_str);
        words.map(printable).collect()
    };
    let counting = outcome.findings.iter().filter(|finding| finding.counts());
    let shared = counting.filter_map(|finding| {
        let finding = finding.unpacked();
        let callers = words(finding.properties.get("callers"));
        let text = |name: &str| {
            let value = finding.properties.get(name).and_then(Value::as_str);
            printable(value.unwrap_or_default())
        };
        let fingerprint: String = text("fingerprint").chars().take(10).collect();
        (callers.len() > 1).then(|| Shared {
            of: format!("{} key", text("keyKind")),
            name: format!("{fingerprint}…"),
            kind: if text("keyKind") == "master" {
                "master"
            } else {
                "host"
            },
            anchor: format!("f-{}", finding.stable_id),
            callers,
        })
    });
    graph::of(shared.collect())
}
