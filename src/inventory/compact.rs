//! Lists as they are kept: an estate has some hundred thousand short ones, and
//! what a list has grown to hold and does not would be as much again.

use serde::{Deserialize, Deserializer};
use std::collections::HashSet;
use std::sync::Arc;

use super::{Event, Principal};

/// What is shared is written as if it were not.
pub(super) mod shared {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        (**value).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}

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

/// Holds each caller once.
pub(crate) fn share_callers(events: &mut [Event]) {
    let mut callers: HashSet<Arc<Principal>> = HashSet::new();
    for event in events {
        match callers.get(&event.caller) {
            Some(known) => event.caller = Arc::clone(known),
            None => {
                callers.insert(Arc::clone(&event.caller));
            }
        }
    }
}
