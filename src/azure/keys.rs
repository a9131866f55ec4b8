//! The keys of an app and of its functions: what `listkeys` answers.
//!
//! It is a `POST`, counted as a write, refused under a read-only lock, answered
//! by the app's own host, and not without effect: a host that has no keys yet
//! makes them now. So it is never sent again blindly ([`Nature::MayCreate`]).

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::client::{Ask, Budget};
use super::failure::Failure;
use super::retry::Nature;
use super::run::Run;
use super::sites::Site;
use super::throttle::Class;
use super::value::{SecretText, value_of};
use crate::inventory::{Key, Moment, Text};
use crate::key::KeyClass;
use crate::secret::{Fingerprinter, Secret};

pub(super) const HOST_ACTION: &str = "Microsoft.Web/sites/host/listkeys/action";
pub(super) const FUNCTION_ACTION: &str = "Microsoft.Web/sites/functions/listkeys/action";

/// A host that has gone to sleep wakes up for it.
const COLD_START: Duration = Duration::from_secs(100);

/// The longest answer: some thousands of keys.
const LIMIT: usize = 1 << 20;

/// Keys, and when they were listed.
pub(super) type Listed = (Moment, Vec<Key>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawHostKeys {
    master_key: Option<SecretText>,
    function_keys: Option<BTreeMap<String, SecretText>>,
    system_keys: Option<BTreeMap<String, SecretText>>,
}

/// The host, system and master keys of an app.
///
/// # Errors
/// When they could not be listed.
pub(super) async fn of_host(
    run: &Run,
    scope: &Arc<str>,
    site: &Site,
    budget: &Budget,
) -> Result<Listed, Failure> {
    let ask = ask(run, scope, &format!("{}/host/default/listkeys", site.id))?;
    let prints = &run.prints;
    let facts = |raw: RawHostKeys| {
        let now = Moment::now();
        let mut keys = Vec::new();
        if let Some(value) = raw.master_key {
            keys.push(key(
                KeyClass::Master,
                None,
                "_master",
                &value.0,
                prints,
                now,
            ));
        }
        for (name, value) in raw.function_keys.unwrap_or_default() {
            keys.push(key(KeyClass::Host, None, &name, &value.0, prints, now));
        }
        for (name, value) in raw.system_keys.unwrap_or_default() {
            keys.push(key(KeyClass::System, None, &name, &value.0, prints, now));
        }
        (now, keys)
    };
    run.client.one(&ask, budget, facts).await
}

/// The keys of one function.
///
/// # Errors
/// When they could not be listed.
pub(super) async fn of_function(
    run: &Run,
    scope: &Arc<str>,
    site: &Site,
    function: &Text,
    budget: &Budget,
) -> Result<Listed, Failure> {
    let ask = ask(
        run,
        scope,
        &format!("{}/functions/{function}/listkeys", site.id),
    )?;
    let prints = &run.prints;
    let facts = |raw: BTreeMap<String, SecretText>| {
        let now = Moment::now();
        let keys = raw.iter().map(|(name, value)| {
            let function = Some(function.clone());
            key(KeyClass::Function, function, name, &value.0, prints, now)
        });
        (now, keys.collect())
    };
    run.client.one(&ask, budget, facts).await
}

fn ask(run: &Run, scope: &Arc<str>, path: &str) -> Result<Ask, Failure> {
    let url = run.url(path, &run.options.web_api_version)?;
    Ok(Ask {
        nature: Nature::MayCreate,
        timeout: COLD_START,
        limit: LIMIT,
        ..Ask::post(url, scope, Class::Writes)
    })
}

fn key(
    kind: KeyClass,
    function: Option<Text>,
    name: &str,
    secret: &Secret,
    prints: &Fingerprinter,
    now: Moment,
) -> Key {
    let value = value_of(secret, prints);
    Key {
        kind,
        function,
        name: Text::name(name),
        format: value.format,
        seed: value.seed,
        checksum: value.checksum,
        fingerprint: value.fingerprint,
        strength: value.strength,
        first_seen: now,
        last_seen: now,
        stale: false,
        unseen: None,
        replaced: None,
        stored: None,
    }
}
