//! What an inventory says of the tenant, as rules judge it.
//!
//! A join has held the inventory against the policy and its register already:
//! facts carry day counts, limits, names and owners, so that conditions need no
//! dates and messages can say whose key it is.

mod app;
mod estate;
mod gateway;
mod holder;
mod key;
mod leak;
mod reader;
mod register;

pub use app::{AppRef, LiveApp, LiveFunction};
pub use estate::ReusedKey;
pub use gateway::{GatewaySubscription, NamedValue};
pub use holder::{HolderKind, KeyHolder, Match};
pub use key::{Age, Basis, LiveKey};
pub use leak::{ActiveLeak, ReportedLeak};
pub use reader::{KeyEvent, KeyReader, KeyReaders, ScopeKind};
pub use register::{RegisteredKey, UnregisteredKey};

use super::{Group, Related};
use crate::location::{Location, ResourcePlace};

/// The place of a resource.
#[must_use]
pub fn resource(id: &str) -> Location {
    Location::Resource(ResourcePlace {
        id: id.to_owned(),
        property: None,
    })
}

/// The place of a property of a resource.
#[must_use]
pub fn property(id: &str, property: &str) -> Location {
    Location::Resource(ResourcePlace {
        id: id.to_owned(),
        property: Some(property.to_owned()),
    })
}

/// Findings about these things of an app are one finding about the app.
fn of_app(app: &AppRef, member: &str) -> Group {
    Group {
        location: resource(&app.id),
        subject: app.title.clone(),
        member: member.to_owned(),
    }
}

/// Another place that belongs to it.
#[must_use]
pub fn related(id: &str, message: impl Into<String>) -> Related {
    Related {
        location: resource(id),
        message: message.into(),
    }
}
