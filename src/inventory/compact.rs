//! Lists as they are kept: an estate has some hundred thousand short ones, and
//! what a list has grown to hold and does not would be as much again.

use serde::{Deserialize, Deserializer};
use std::collections::HashSet;

use super::{Event, Principal};

/// Reads a list, and keeps no room to spare in it.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let mut list = Vec::deserialize(deserializer)?;
    list.shrink_to_fit();
    Ok(list)
}

/// Reads events; see [`share_callers`].
pub(super) fn events<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Event>, D::Error> {
    let mut events: Vec<Event> = list(deserializer)?;
    share_callers(&mut events);
    Ok(events)
}

/// Of many thousand events a handful of principals are the callers: their names
/// are held once.
pub(crate) fn share_callers(events: &mut [Event]) {
    let mut callers: HashSet<Principal> = HashSet::new();
    for event in events {
        match callers.get(&event.caller) {
            Some(known) => event.caller = known.clone(),
            None => {
                callers.insert(event.caller.clone());
            }
        }
    }
}
