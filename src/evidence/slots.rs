//! What a swap of slots would leave without keys.
//!
//! A swap moves code and settings, and no key: each slot keeps the keys that
//! its host stored under its name. What was made for a slot is not there when
//! its code is in production. Where the host keeps keys in files of the app
//! (`AzureWebJobsSecretStorageType=files`), it is worse: a swap resets them.

use std::collections::BTreeSet;
use thiserror::Error;

use super::{Evidence, Row};
use crate::inventory::{App, ArmId, Inventory, KeyStore};
use crate::key::KeyClass;
use crate::similar::similar;

/// A slot, and what happens when it is swapped with production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// The app.
    pub app: String,
    /// The name of its subscription.
    pub subscription: String,
    /// The slot.
    pub slot: String,
    /// Whether the keys of both are made anew, since one keeps them in files.
    pub resets: bool,
    /// Whether one keeps them in Key Vault: whether the setting that says so
    /// stays with its slot is not in an inventory.
    pub vault: bool,
    /// Whether the keys of both could be listed.
    pub known: bool,
    /// Keys that nobody can use any more after it.
    pub losses: Vec<Loss>,
    /// Functions that the swap brings to production.
    pub arriving: Vec<String>,
    /// Functions that it takes from there.
    pub leaving: Vec<String>,
}

/// A key that nobody can use any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The slot that has it now; none for production.
    pub slot: Option<String>,
    /// The function, if it is that function's own.
    pub function: Option<String>,
    /// Its name.
    pub key: String,
    /// Its kind.
    pub kind: KeyClass,
    /// Who holds it.
    pub callers: Vec<String>,
}

/// An app was named that the inventory does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no app '{name}' in the inventory")]
pub struct UnknownApp {
    /// As it was named.
    pub name: String,
    /// A name like it, if there is one.
    pub meant: Option<String>,
}

/// Every slot of the apps of a name or an id.
///
/// # Errors
/// When the inventory has no such app.
pub fn swaps(
    inventory: &Inventory,
    evidence: &Evidence,
    name: &str,
) -> Result<Vec<Swap>, UnknownApp> {
    let is_meant = |app: &&App| {
        let site = app.id.site().unwrap_or_default();
        let id = app.id.site_id();
        site.eq_ignore_ascii_case(name)
            || id.is_some_and(|id| id.as_str().eq_ignore_ascii_case(name.trim_end_matches('/')))
    };
    let apps: Vec<&App> = inventory.apps.iter().filter(is_meant).collect();
    if apps.is_empty() {
        let names = inventory.apps.iter().filter_map(|app| app.id.site());
        return Err(UnknownApp {
            name: crate::excerpt::redact(name),
            meant: similar(name, names).map(ToOwned::to_owned),
        });
    }
    let production = apps.iter().filter(|app| app.id.slot().is_none());
    let mut swaps = Vec::new();
    for production in production {
        let slots = apps
            .iter()
            .filter(|app| app.id.slot().is_some() && app.id.site_id() == production.id.site_id());
        swaps.extend(slots.map(|slot| swap(evidence, production, slot)));
    }
    Ok(swaps)
}

fn swap(evidence: &Evidence, production: &App, slot: &App) -> Swap {
    let (here, there) = (rows(evidence, production), rows(evidence, slot));
    let functions = |app: &App| -> BTreeSet<String> {
        let names = app.functions.iter();
        names.map(|function| function.name.to_string()).collect()
    };
    let (live, staged) = (functions(production), functions(slot));
    let stores = [production.key_store, slot.key_store];
    let resets = stores.contains(&Some(KeyStore::Files));
    let losses = match resets {
        true => here.iter().chain(&there).map(|row| loss(row)).collect(),
        false => {
            let has: BTreeSet<_> = here.iter().map(|row| identity(row)).collect();
            let missing = there.iter().filter(|row| !has.contains(&identity(row)));
            missing
                .filter(|row| is_missed(row))
                .map(|row| loss(row))
                .collect()
        }
    };
    let first = here.first().or(there.first());
    Swap {
        app: production.id.site().unwrap_or_default().to_owned(),
        subscription: first
            .map(|row| row.subscription.clone())
            .unwrap_or_default(),
        slot: slot.id.slot().unwrap_or_default().to_owned(),
        resets,
        vault: stores.contains(&Some(KeyStore::KeyVault)),
        known: production.keys_read.is_some() && slot.keys_read.is_some(),
        losses,
        arriving: staged.difference(&live).cloned().collect(),
        leaving: live.difference(&staged).cloned().collect(),
    }
}

/// The keys of an app or slot.
fn rows<'e>(evidence: &'e Evidence, app: &App) -> Vec<&'e Row> {
    let of = |row: &&Row| ArmId::new(&row.id).app().is_some_and(|id| id == app.id);
    evidence.keys.iter().filter(of).collect()
}

fn identity(row: &Row) -> (KeyClass, Option<String>, String) {
    let function = row.function.as_ref().map(|name| name.to_lowercase());
    (row.kind, function, row.key.to_lowercase())
}

/// Whether somebody will look for the key. The host makes `default`, the master
/// key and those of extensions by itself, with another value.
fn is_missed(row: &Row) -> bool {
    let made = row.key.eq_ignore_ascii_case("default")
        || matches!(row.kind, KeyClass::Master | KeyClass::System);
    !made || row.callers().next().is_some()
}

fn loss(row: &Row) -> Loss {
    Loss {
        slot: row.slot.clone(),
        function: row.function.clone(),
        key: row.key.clone(),
        kind: row.kind,
        callers: row.callers().map(ToOwned::to_owned).collect(),
    }
}

impl Swap {
    /// What happens, as lines for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let Self { app, slot, .. } = self;
        let mut lines = vec![format!("{app}: swapping slot '{slot}' with production")];
        let mut say = |text: String| lines.push(format!("  {text}"));
        if self.resets {
            say("the host keeps its keys in files (AzureWebJobsSecretStorageType=files), and a swap resets them:".to_owned());
            say("every key below is made anew, and whoever holds it is refused; move the keys to Blob Storage or Key Vault first".to_owned());
        } else {
            say(format!(
                "no key moves: production keeps its keys, and '{slot}' its own"
            ));
        }
        if self.vault {
            say("keys are kept in Key Vault: make AzureWebJobsSecretStorageKeyVaultUri a slot setting, or they move with the swap".to_owned());
        }
        if !self.known {
            say("not all keys could be listed: there may be more".to_owned());
        }
        match (self.losses.is_empty(), self.resets) {
            (true, true) => say("no key is known".to_owned()),
            (true, false) => say("every key of the slot has its like in production".to_owned()),
            (false, true) => {}
            (false, false) => {
                say("missing in production afterwards, create them there before:".to_owned())
            }
        }
        for loss in &self.losses {
            say(format!("  {}", loss.line()));
        }
        for (functions, what) in [
            (
                &self.arriving,
                "new in production, with no key of their own yet",
            ),
            (
                &self.leaving,
                "gone from production, with whoever calls them",
            ),
        ] {
            if !functions.is_empty() {
                say(format!("{what}: {}", functions.join(", ")));
            }
        }
        lines
    }
}

impl Loss {
    fn line(&self) -> String {
        let place = self.slot.as_deref().unwrap_or("production");
        let what = match &self.function {
            Some(function) => format!("key '{}' of function '{function}'", self.key),
            None => format!("{} key '{}'", self.kind.as_str(), self.key),
        };
        match self.callers.is_empty() {
            true => format!("{what} ({place}), of which no caller is known"),
            false => format!("{what} ({place}), held by {}", self.callers.join(", ")),
        }
    }
}
