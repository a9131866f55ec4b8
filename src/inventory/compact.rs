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

/// Reads events, and holds each caller once.
pub(super) fn events<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Event>, D::Error> {
    let mut events: Vec<Event> = list(deserializer)?;
    let mut callers = Callers::default();
    events.iter_mut().for_each(|event| callers.share(event));
    Ok(events)
}

/// Callers of events, each held once.
#[derive(Default)]
pub(crate) struct Callers(HashSet<Arc<Principal>>);

impl Callers {
    /// Gives the event the caller that is held already, or holds its own.
    pub(crate) fn share(&mut self, event: &mut Event) {
        match self.0.get(&event.caller) {
            Some(known) => event.caller = Arc::clone(known),
            None => {
                self.0.insert(Arc::clone(&event.caller));
            }
        }
    }
}
