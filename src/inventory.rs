//! What a sweep of a tenant found, in a form that can be kept: the inventory.
//!
//! It is made to be stored, compared and handed around, so it holds no key:
//! values have become fingerprints, and every text of the tenant is masked
//! when it enters ([`Text`], [`ArmId`]), from the service as well as from a
//! file. `keysweep sweep` writes it, `keysweep check` and `keysweep diff` read
//! it. The shape is public: `docs/inventory.schema.json` is derived from these
//! types.
//!
//! Within version 1 fields are only added, and never renamed, removed or given
//! another meaning. A reader takes a file of a newer minor version and passes
//! over the fields that it does not know; in a file of its own or an older
//! version an unknown field is a mistake, and refused.
//!
//! The order of everything is that of the ids, so that two inventories of the
//! same tenant differ only where the tenant does: [`Inventory::finish`].

mod access;
mod apim;
mod app;
mod compact;
mod event;
mod gap;
mod history;
mod holder;
mod id;
mod key;
mod merge;
mod moment;
mod order;
mod read;
mod reader;
pub mod sketch;
mod subscription;
mod sweep;
mod tags;
mod text;
mod triggers;

pub use access::{Access, KeyStore, Restrictions};
pub use apim::{ApimNamedValue, ApimSubscription, ApimSubscriptionState, VaultSecret};
pub use app::{App, AuthLevel, Function};
#[cfg(feature = "live")]
pub(crate) use compact::Callers;
pub use event::{Event, EventStatus, Operation};
pub use gap::{Family, Gap, Reason};
pub use holder::{Form, Holder, HolderKind, Transport};
pub use id::ArmId;
pub use key::{Key, Strength};
pub use merge::Merged;
pub use moment::Moment;
pub use read::{ReadError, bytes, read};
pub use reader::{Ability, Principal, PrincipalType, Reader};
pub use subscription::{ActivityLog, Subscription};
pub use sweep::{Coverage, Filters, Identity, PolicyDigest, Scope, Shard, Sweep, Tool};
pub use tags::Tags;
pub use text::Text;
pub use triggers::Triggers;

use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The version of the format: major and minor.
pub const VERSION: (u32, u32) = (1, 0);

/// What one sweep, or one shard of it, found in a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "keysweep inventory")]
pub struct Inventory {
    /// The version of this format, `MAJOR.MINOR`.
    #[schemars(regex(pattern = r"^1\.[0-9]+$"))]
    pub version: String,
    /// Who looked, when, at what.
    pub sweep: Sweep,
    /// The subscriptions in scope.
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
    /// Function apps and their slots, each with its functions and keys.
    #[serde(default)]
    pub apps: Vec<App>,
    /// Where keys, or references to them, are kept: one entry for each place.
    #[serde(default)]
    pub holders: Vec<Holder>,
    /// Named values of API Management that are, or may be, keys.
    #[serde(default)]
    pub apim_named_values: Vec<ApimNamedValue>,
    /// Subscriptions of API Management.
    #[serde(default)]
    pub apim_subscriptions: Vec<ApimSubscription>,
    /// What the Activity Log says was done to keys.
    #[serde(default, deserialize_with = "compact::events")]
    pub events: Vec<Event>,
    /// Who is able to list or write keys.
    #[serde(default)]
    pub readers: Vec<Reader>,
    /// What could not be read.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

impl Inventory {
    /// An empty one.
    #[must_use]
    pub fn new(sweep: Sweep) -> Self {
        Self {
            version: format!("{}.{}", VERSION.0, VERSION.1),
            sweep,
            subscriptions: Vec::new(),
            apps: Vec::new(),
            holders: Vec::new(),
            apim_named_values: Vec::new(),
            apim_subscriptions: Vec::new(),
            events: Vec::new(),
            readers: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Writes it as it is; [`Inventory::finish`] it before.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

/// The JSON Schema, as committed in `docs/inventory.schema.json`.
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Inventory)
}

#[cfg(test)]
pub(crate) mod fixture;

#[cfg(test)]
mod tests;
