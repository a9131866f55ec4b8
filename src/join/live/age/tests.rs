use super::super::Estate;
use super::*;
use crate::fact::Fact;
use crate::fact::live::LiveKey;
use crate::inventory::sketch::sketch;
use crate::inventory::{Merged, Moment};
use crate::leaks::Leaks;
use crate::policy::Policy;

/// The key 'web' of a sketch, as rules see it.
fn key(text: &str) -> LiveKey {
    let now: Moment = "2026-01-31T12:00:00Z".parse().unwrap();
    let merged = Merged::new(vec![sketch(text, now).unwrap()]).unwrap();
    let (policy, leaks) = (Policy::default(), Leaks::default());
    let estate = Estate::new(&merged, &policy, &leaks);
    let found = estate.apps().flatten().find_map(|fact| match fact {
        Fact::Key(key) if key.name == "web" => Some(key),
        _ => None,
    });
    found.unwrap()
}

/// The app of 'web', with more of the app, of the key, and of everything else.
fn web(app: &str, key: &str, more: &str) -> String {
    format!(
        "[[apps]]\nid = 'orders'\n{app}\nkeys = [{{ name = 'web'{key} }}]\n\
         [[subscriptions]]\n{more}\n"
    )
}

fn write(days: u32, status: &str) -> String {
    format!(
        "[[events]]\noperation = 'write'\nsubject = 'orders/host/default/functionKeys/web'\n\
         time = {days}\nstatus = '{status}'\ncaller = {{ id = 'ada' }}\n"
    )
}

const LOG: &str = "activityLog = 90";

#[track_caller]
fn assert_age(text: &str, min: u32, max: Option<u32>, basis: Basis) -> Age {
    let age = key(text).age;
    assert_eq!(
        (age.min_days, age.max_days, age.basis),
        (min, max, basis),
        "{}",
        age.proof
    );
    age
}

#[test]
fn nothing_is_known_of_a_first_sight() {
    let age = assert_age(&web("", "", ""), 0, None, Basis::None);
    assert_eq!(age.missing.len(), 2, "{:?}", age.missing);
    assert_age(&web("created = 400", "", ""), 0, Some(400), Basis::None);
}

#[test]
fn a_complete_log_without_a_write_proves_its_length() {
    let age = assert_age(
        &web("created = 400", "", LOG),
        90,
        Some(400),
        Basis::Recorded,
    );
    assert!(
        age.proof.contains("complete since 2025-11-02"),
        "{}",
        age.proof
    );
    // The service lets nobody ask for more than 90 days, and what comes minutes
    // late has not come yet: the window is never 90 days to the second.
    let window = "activityLog = { from = '2025-11-02T12:00:01Z', to = '2026-01-31T11:50:00Z', complete = true }";
    assert_age(
        &web("created = 400", "", window),
        90,
        Some(400),
        Basis::Recorded,
    );
}

#[test]
fn a_log_proves_nothing_where_it_could_not() {
    for (app, log) in [
        ("created = 60", LOG),
        ("", LOG),
        (
            "created = 400",
            "activityLog = { from = 90, to = 0, complete = false }",
        ),
        (
            "created = 400",
            "activityLog = { from = 90, to = 3, complete = true }",
        ),
        ("created = 400", ""),
    ] {
        let age = key(&web(app, "", log)).age;
        assert_eq!((age.min_days, age.basis), (0, Basis::None), "{app} {log}");
        assert!(age.missing.len() > 1, "{app} {log}");
    }
}

#[test]
fn a_write_bounds_both_sides() {
    let text = web("created = 400", "", LOG) + &write(40, "succeeded");
    let age = assert_age(&text, 40, Some(40), Basis::Recorded);
    assert!(age.proof.contains("by 'ada'"), "{}", age.proof);
    let failed = web("created = 400", "", LOG) + &write(40, "failed");
    assert_age(&failed, 90, Some(400), Basis::Recorded);
    // Of what has no end nobody knows whether it was done.
    let unknown = web("created = 400", "", LOG) + &write(40, "unknown");
    assert_age(&unknown, 40, Some(400), Basis::Recorded);
    let partial = web("created = 400", "", "") + &write(40, "succeeded");
    assert_age(&partial, 0, Some(40), Basis::None);
    let two = web("created = 400", "", LOG) + &write(40, "succeeded") + &write(10, "succeeded");
    assert_age(&two, 10, Some(10), Basis::Recorded);
}

#[test]
fn what_was_seen_counts_for_more_than_a_row() {
    let seen = web("created = 400", ", firstSeen = 120", "");
    let age = assert_age(&seen, 120, Some(400), Basis::Seen);
    assert!(
        age.proof
            .starts_with("seen: the same value was there on 2025-10-03")
    );
    // The same value was put again: the row is about a change that was none.
    let put = web("created = 400", ", firstSeen = 120", LOG) + &write(5, "succeeded");
    assert_age(&put, 120, Some(400), Basis::Seen);
    let changed = web("created = 400", ", unseen = 7", LOG);
    assert_age(&changed, 0, Some(7), Basis::None);
    let changed = web("created = 400", ", unseen = 7", "");
    assert_age(&changed, 0, Some(7), Basis::None);
    let stored = web("created = 400", ", stored = 200", "");
    assert_age(&stored, 200, Some(400), Basis::Seen);
}

#[test]
fn ages_are_of_when_the_key_was_seen() {
    let stale = web(
        "created = 400",
        ", firstSeen = 50, lastSeen = 20, stale = true",
        "",
    );
    let key = key(&stale);
    assert_eq!((key.age.min_days, key.age.max_days), (30, Some(380)));
    assert_eq!(key.stale.as_deref(), Some("2026-01-11"));
}

#[test]
fn a_change_is_unannounced_only_if_a_log_would_show_it() {
    let print = "R6+pDaPrTyjBTsNUJ6dj";
    let change = format!(", unseen = 10, replaced = '{print}'");
    let unannounced = |more: &str| key(&web("created = 400", &change, more)).changed_unannounced;
    assert!(unannounced(LOG));
    assert!(!unannounced(&format!("{LOG}\n{}", write(5, "succeeded"))));
    assert!(!unannounced(&format!("{LOG}\n{}", write(5, "unknown"))));
    assert!(unannounced(&format!("{LOG}\n{}", write(5, "failed"))));
    assert!(unannounced(&format!("{LOG}\n{}", write(30, "succeeded"))));
    assert!(!unannounced("activityLog = 5"));
    assert!(!unannounced(""));
}
