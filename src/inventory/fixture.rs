//! Small inventories for tests.

use super::*;
use crate::fact::{Checksum, Format};
use crate::key::{KeyClass, KeyKind, generate};
use crate::secret::{Fingerprint, Fingerprinter, Secret};

/// A moment of a day of November 2026.
pub(crate) fn at(day: u8, hour: u8) -> Moment {
    let text = format!("2026-11-{day:02}T{hour:02}:00:00Z");
    text.parse().expect("a day of November")
}

/// The fingerprint of the nth random key.
pub(crate) fn print(n: u8) -> Fingerprint {
    let key = generate(KeyKind::Function, &[n; 33]);
    Fingerprinter::keyed("a key of a test").random(&Secret::new(key.into_bytes()))
}

/// The id of an app in the one subscription.
pub(crate) fn site(name: &str) -> ArmId {
    ArmId::new(&format!(
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Web/sites/{name}"
    ))
}

/// An inventory of a day, with one app for each name.
pub(crate) fn inventory(day: u8, apps: &[&str]) -> Inventory {
    let mut inventory = Inventory::new(Sweep {
        tool: Tool::this(),
        started: at(day, 2),
        ended: at(day, 4),
        tenant: None,
        cloud: None,
        identity: None,
        policy: None,
        scope: Scope::default(),
        filters: Filters::default(),
        shard: None,
        metadata_only: false,
        fingerprint_key: None,
        coverage: Coverage::default(),
    });
    inventory.apps = apps
        .iter()
        .map(|name| App {
            keys_read: Some(at(day, 3)),
            ..App::new(site(name))
        })
        .collect();
    inventory
}

/// A host key seen on a day.
pub(crate) fn key(day: u8, name: &str, fingerprint: Fingerprint) -> Key {
    Key {
        kind: KeyClass::Host,
        function: None,
        name: Text::name(name),
        format: Format::Identifiable,
        seed: Some(KeyKind::Function),
        checksum: Checksum::Valid,
        fingerprint,
        strength: None,
        first_seen: at(day, 3),
        last_seen: at(day, 3),
        stale: false,
        unseen: None,
        replaced: None,
        stored: None,
    }
}

/// A gap about an app or a scope.
pub(crate) fn gap(subject: ArmId, family: Family) -> Gap {
    Gap {
        subject,
        family,
        reason: Reason::Locked,
        action: None,
        detail: None,
    }
}

/// A literal in a setting of a site.
pub(crate) fn setting(site: ArmId, name: &str, fingerprint: Fingerprint) -> Holder {
    Holder {
        id: site,
        kind: HolderKind::AppSetting,
        place: Text::name(name),
        form: Form::Literal,
        vault_secret: None,
        named_value: None,
        sent: None,
        host: None,
        target: None,
        format: Some(Format::Identifiable),
        seed: Some(KeyKind::Function),
        fingerprint: Some(fingerprint),
        stale: None,
    }
}
