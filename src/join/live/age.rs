//! How old a key is, as far as that can be proved.
//!
//! The service keeps no date of a key. What bounds its age from below: an
//! earlier inventory that has the same value, a store that was not written
//! since, an Activity Log that shows its last write or, being complete, none.
//! What bounds it from above: its last write, a look that did not see it, and
//! the age of the app. Everything is as of the moment in which the key was
//! last seen: what happened since, nobody has looked at.

use super::Estate;
use crate::fact::live::{Age, Basis};
use crate::inventory::{ActivityLog, App, ArmId, Event, EventStatus, Key, Moment, Operation};

/// The service lets a query reach back 90 days and no minute more, and rows
/// appear minutes late: a window that is shorter by less than this is whole.
const GRACE_SECONDS: i64 = 3600;

/// Something that proves a bound.
struct Evidence {
    since: Moment,
    days: u32,
    basis: Basis,
    proof: String,
}

/// The age of a key.
pub(super) fn age(estate: &Estate<'_>, app: &App, id: &ArmId, key: &Key) -> Age {
    let log = estate
        .subscription(&app.id)
        .and_then(|found| found.activity_log);
    let changes = estate.changes(id);
    let least = least(app, key, log, &changes);
    let most = most(app, key, &changes).map(|since| since.days_to(key.last_seen));
    let missing = missing(app, key, log);
    match least {
        Some(least) => Age {
            min_days: least.days,
            // The value may be written again and stay the same: what was seen
            // counts for more than a row about a write.
            max_days: most.map(|most| most.max(least.days)),
            basis: least.basis,
            proof: least.proof,
            missing,
        },
        None => Age {
            min_days: 0,
            max_days: most,
            basis: Basis::None,
            proof: "nothing proves an age".to_owned(),
            missing,
        },
    }
}

/// The evidence that proves the greatest age.
fn least(app: &App, key: &Key, log: Option<ActivityLog>, changes: &[&Event]) -> Option<Evidence> {
    let seen = Evidence {
        since: key.first_seen,
        days: key.first_seen.days_to(key.last_seen),
        basis: Basis::Seen,
        proof: format!("seen: the same value was there on {}", day(key.first_seen)),
    };
    let stored = key.stored.map(|since| Evidence {
        since,
        days: since.days_to(key.last_seen),
        basis: Basis::Seen,
        proof: format!("seen: its store was last written on {}", day(since)),
    });
    let recorded = log.and_then(|log| recorded(app, key, log, changes));
    // A look that did not see the value refutes whatever says that it is older:
    // it was changed past the log, or the store's date is wrong.
    let refuted = |evidence: &Evidence| key.unseen.is_some_and(|unseen| evidence.since <= unseen);
    let all = [Some(seen), stored, recorded];
    let all = all.map(|evidence| evidence.filter(|evidence| !refuted(evidence)));
    let proved = all
        .into_iter()
        .flatten()
        .filter(|evidence| evidence.days > 0);
    // Of two that prove the same the better one, which is named first.
    proved.min_by_key(|evidence| (std::cmp::Reverse(evidence.days), evidence.since))
}

/// What the Activity Log proves, if all of it up to the key's last sight was
/// read.
fn recorded(app: &App, key: &Key, log: ActivityLog, changes: &[&Event]) -> Option<Evidence> {
    if !log.complete || !covers(log, key.last_seen) {
        return None;
    }
    let last = changes
        .iter()
        .filter(|change| may_have_happened(change) && change.time <= key.last_seen)
        .max_by_key(|change| change.time);
    if let Some(last) = last {
        let by = last.caller.name.as_ref().unwrap_or(&last.caller.id);
        return Some(Evidence {
            since: last.time,
            days: last.time.days_to(key.last_seen),
            basis: Basis::Recorded,
            proof: format!(
                "recorded: the Activity Log shows its last write on {}, by '{by}', and none since",
                day(last.time)
            ),
        });
    }
    // A key of a younger app may be younger than the window.
    app.created.filter(|created| *created <= log.from)?;
    let seconds = seconds_between(log.from, key.last_seen) + GRACE_SECONDS;
    Some(Evidence {
        since: log.from,
        days: u32::try_from(seconds / 86_400).unwrap_or(0),
        basis: Basis::Recorded,
        proof: format!(
            "recorded: the Activity Log, complete since {}, shows no write of it; one made behind \
             Azure Resource Manager's back would not show",
            day(log.from)
        ),
    })
}

/// The latest moment at which it cannot have had this value yet.
fn most(app: &App, key: &Key, changes: &[&Event]) -> Option<Moment> {
    let written = changes
        .iter()
        .filter(|change| change.status == EventStatus::Succeeded)
        // A write of the same value is no change: what was there before it and
        // is there after it was seen.
        .filter(|change| change.time <= key.first_seen)
        .map(|change| change.time)
        .max();
    [written, key.unseen, app.created]
        .into_iter()
        .flatten()
        .max()
}

/// The evidence that there is not.
fn missing(app: &App, key: &Key, log: Option<ActivityLog>) -> Vec<String> {
    let mut missing = Vec::new();
    if key.first_seen >= key.last_seen {
        missing.push("an earlier inventory that has its value (--previous)");
    }
    match log {
        None => missing.push("the Activity Log"),
        Some(log) if !log.complete => missing.push("a part of the Activity Log"),
        Some(log) if !covers(log, key.last_seen) => {
            missing.push("the Activity Log up to when it was seen");
        }
        Some(log) => match app.created {
            None => missing.push("the date on which the app was created"),
            Some(created) if created > log.from => missing.push("a longer life of its app"),
            Some(_) => {}
        },
    }
    missing.into_iter().map(ToOwned::to_owned).collect()
}

/// Whether the value changed between two sweeps, and a log that would show it
/// does not.
pub(super) fn changed_unannounced(estate: &Estate<'_>, app: &App, id: &ArmId, key: &Key) -> bool {
    let (Some(before), Some(unseen)) = (&key.replaced, key.unseen) else {
        return false;
    };
    let log = estate
        .subscription(&app.id)
        .and_then(|found| found.activity_log);
    let Some(log) = log.filter(|log| log.complete) else {
        return false;
    };
    let comparable = before.is_stable() && key.fingerprint.is_stable();
    let changes = estate.changes(id);
    // Clocks differ a little: a write just before the earlier look may be the
    // one that the look did not see yet.
    let announced = changes.iter().any(|change| {
        may_have_happened(change)
            && seconds_between(unseen, change.time) > -GRACE_SECONDS
            && change.time <= key.first_seen
    });
    comparable && log.from <= unseen && covers(log, key.first_seen) && !announced
}

/// Whether the log has everything up to a moment.
fn covers(log: ActivityLog, moment: Moment) -> bool {
    seconds_between(log.to, moment) <= GRACE_SECONDS
}

/// What failed changed nothing; of what has no end that cannot be said.
fn may_have_happened(change: &Event) -> bool {
    change.status != EventStatus::Failed
        && matches!(change.operation, Operation::Write | Operation::Delete)
}

fn seconds_between(from: Moment, to: Moment) -> i64 {
    to.timestamp().as_second() - from.timestamp().as_second()
}

/// A moment as messages have it.
pub(super) fn day(moment: Moment) -> String {
    moment.timestamp().strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests;
