//! `keysweep plan`: the runbook by which one key is replaced, and the record to
//! file afterwards.
//!
//! What to do is the rotation that findings show; around it stand what has to
//! be made sure of before, what to look at between, what cannot be undone, and
//! for a leaked key what an incident needs. No command shows a value.

mod document;
mod incident;
mod subject;

pub use subject::{SubjectError, find};

use crate::fact::live::LiveKey;
use crate::inventory::{App, Merged, Moment};
use crate::join::live::Estate;
use crate::leaks::{Exposure, Leaks};
use crate::policy::{Caller, Policy};
use crate::rotation::quoted;

/// A key that is to be replaced, with what is known around it.
pub struct Plan<'a> {
    key: LiveKey,
    app: &'a App,
    tenant: Option<String>,
    seen: Moment,
    /// The register's entries about its app.
    entries: Vec<&'a Caller>,
    /// Where a report says that it stands.
    places: Vec<String>,
    /// Since when a history has it.
    exposure: Option<Exposure>,
}

impl<'a> Plan<'a> {
    /// The plan for the key that `subject` means: its resource id, its
    /// fingerprint, or `app/function/key` and shorter.
    ///
    /// # Errors
    /// When it means none, or several.
    pub fn of(
        subject: &str,
        merged: &'a Merged,
        policy: &'a Policy,
        leaks: &Leaks,
    ) -> Result<Self, SubjectError> {
        let inventory = &merged.inventory;
        let (at, id) = find(subject, inventory)?;
        let app = &inventory.apps[at];
        let estate = Estate::new(merged, policy, leaks);
        let mut keys = app.keys.iter();
        let key = keys.find(|key| app.key_id(key).as_str().eq_ignore_ascii_case(&id));
        let Some(key) = key.map(|key| estate.key(app, key)) else {
            return Err(SubjectError::unknown(subject, Vec::new()));
        };
        let name = app.id.site().unwrap_or_default();
        let entries = policy.callers().iter().filter(|entry| {
            entry
                .app
                .as_deref()
                .is_some_and(|app| app.eq_ignore_ascii_case(name))
                && key.registered.contains(&entry.name)
        });
        Ok(Self {
            tenant: inventory.sweep.tenant.as_ref().map(ToString::to_string),
            seen: inventory.sweep.ended,
            entries: entries.collect(),
            places: leaks.places(&key.fingerprint).unwrap_or_default().to_vec(),
            exposure: leaks.exposure(&key.fingerprint).cloned(),
            app,
            key,
        })
    }

    /// The runbook, in Markdown.
    #[must_use]
    pub fn runbook(&self) -> String {
        document::runbook(self)
    }

    /// The same for a key that has leaked.
    #[must_use]
    pub fn incident(&self) -> String {
        incident::runbook(self)
    }

    /// The options by which the CLI names the app.
    fn target(&self) -> String {
        let app = &self.key.app;
        let mut options = format!(
            "--subscription {} -g {} -n {}",
            quoted(&app.subscription_id),
            quoted(&app.resource_group),
            quoted(&app.name)
        );
        if let Some(slot) = &app.slot {
            options.push_str(&format!(" --slot {}", quoted(slot)));
        }
        options
    }

    /// Lists the names of the keys beside it, and no value.
    fn names(&self) -> String {
        use crate::key::KeyClass;
        let target = self.target();
        match (&self.key.function, self.key.kind) {
            (Some(function), _) => format!(
                "az functionapp function keys list {target} --function-name {} --query 'keys(@)' -o tsv",
                quoted(function)
            ),
            (None, KeyClass::System) => {
                format!("az functionapp keys list {target} --query 'keys(systemKeys)' -o tsv")
            }
            (None, _) => {
                format!("az functionapp keys list {target} --query 'keys(functionKeys)' -o tsv")
            }
        }
    }
}

#[cfg(test)]
mod tests;
