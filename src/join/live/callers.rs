//! Who holds which key.

use std::collections::{BTreeSet, HashMap};

use super::Estate;
use super::age::day;
use crate::fact::Related;
use crate::fact::live::{HolderKind, property};
use crate::inventory::{
    ApimNamedValue, App, ArmId, Form, Holder, Inventory, Key, Moment, Transport, VaultSecret,
};
use crate::location::Location;
use crate::policy::Caller;
use crate::rotation::{Handover, Store, Target};
use crate::secret::Fingerprint;

/// A place that holds a key, with what has been found out about it.
pub(super) struct Hold<'a> {
    /// The resource.
    pub(super) id: &'a ArmId,
    /// What it is called: `backend 'orders' of API Management 'gateway'`.
    pub(super) title: String,
    /// What counts as one caller: a site with its slots, a service, …
    pub(super) caller: ArmId,
    /// What that is called.
    pub(super) caller_title: String,
    pub(super) kind: HolderKind,
    /// Where in it.
    pub(super) place: &'a str,
    pub(super) form: Form,
    pub(super) vault_secret: Option<&'a VaultSecret>,
    pub(super) sent: Option<Transport>,
    /// The key: its own, or that of what it refers to.
    pub(super) fingerprint: Option<&'a Fingerprint>,
    /// When that was seen, if it could not be looked at since.
    pub(super) stale: Option<Moment>,
    pub(super) source: Source<'a>,
}

/// Where the inventory has it.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Holder(&'a Holder),
    NamedValue(&'a ApimNamedValue),
}

/// Every holder and named value. One that refers to a named value or to a
/// secret of Key Vault holds what others show that this is.
pub(super) fn holds(inventory: &Inventory) -> Vec<Hold<'_>> {
    let mut secrets: HashMap<(String, String), &Fingerprint> = HashMap::new();
    let mut named: HashMap<(ArmId, String), &ApimNamedValue> = HashMap::new();
    for value in &inventory.apim_named_values {
        if let (Some(secret), Some(fingerprint)) = (&value.vault_secret, &value.fingerprint) {
            secrets.insert(secret_name(secret), fingerprint);
        }
        if let Some(service) = value.id.apim_service() {
            named.insert((service, value.display_name.to_lowercase()), value);
        }
    }
    for holder in &inventory.holders {
        if let (Some(secret), Some(fingerprint)) = (&holder.vault_secret, &holder.fingerprint) {
            secrets.insert(secret_name(secret), fingerprint);
        }
    }
    let of_secret = |secret: Option<&VaultSecret>| {
        let secret = secret?;
        secrets.get(&secret_name(secret)).copied()
    };
    let values = inventory.apim_named_values.iter().map(|value| {
        let service = value.id.apim_service().unwrap_or_else(|| value.id.clone());
        let gateway = format!("API Management '{}'", service.name());
        Hold {
            id: &value.id,
            title: format!("named value '{}' of {gateway}", value.display_name),
            caller: service,
            caller_title: gateway,
            kind: HolderKind::ApimNamedValue,
            place: "value",
            form: match value.vault_secret {
                Some(_) => Form::KeyVault,
                None => Form::Literal,
            },
            vault_secret: value.vault_secret.as_ref(),
            sent: None,
            fingerprint: value
                .fingerprint
                .as_ref()
                .or_else(|| of_secret(value.vault_secret.as_ref())),
            stale: value.stale,
            source: Source::NamedValue(value),
        }
    });
    let holders = inventory.holders.iter().map(|holder| {
        let caller = caller(holder);
        let value = holder.named_value.as_ref().and_then(|name| {
            let service = holder.id.apim_service()?;
            named.get(&(service, name.to_lowercase()))
        });
        let of_value = || {
            let value = value?;
            let own = value.fingerprint.as_ref();
            own.or_else(|| of_secret(value.vault_secret.as_ref()))
        };
        Hold {
            id: &holder.id,
            title: title(holder),
            caller_title: caller_title(holder, &caller),
            caller,
            kind: holder.kind.into(),
            place: &holder.place,
            form: holder.form,
            vault_secret: holder.vault_secret.as_ref(),
            sent: holder.sent,
            fingerprint: holder
                .fingerprint
                .as_ref()
                .or_else(of_value)
                .or_else(|| of_secret(holder.vault_secret.as_ref())),
            stale: holder.stale.or(value.and_then(|value| value.stale)),
            source: Source::Holder(holder),
        }
    });
    values.chain(holders).collect()
}

/// A reference that follows the newest version and one that does not are to the
/// same secret; a vault is written as a name or as a host.
fn secret_name(secret: &VaultSecret) -> (String, String) {
    (
        vault_name(secret).to_lowercase(),
        secret.secret.to_lowercase(),
    )
}

pub(super) fn vault_name(secret: &VaultSecret) -> &str {
    secret.vault.split('.').next().unwrap_or_default()
}

/// The resource that counts as one caller.
fn caller(holder: &Holder) -> ArmId {
    let id = &holder.id;
    match HolderKind::from(holder.kind) {
        HolderKind::AppSetting => id.site_id(),
        HolderKind::ApimBackend | HolderKind::ApimPolicy | HolderKind::ApimNamedValue => {
            id.apim_service()
        }
        HolderKind::DataFactory => id.parent("factories"),
        HolderKind::LogicApp | HolderKind::EventGrid | HolderKind::ActionGroup => None,
    }
    .unwrap_or_else(|| id.clone())
}

fn caller_title(holder: &Holder, caller: &ArmId) -> String {
    let name = caller.name();
    match HolderKind::from(holder.kind) {
        HolderKind::AppSetting => format!("app '{name}'"),
        HolderKind::ApimBackend | HolderKind::ApimPolicy | HolderKind::ApimNamedValue => {
            format!("API Management '{name}'")
        }
        HolderKind::DataFactory => format!("data factory '{name}'"),
        HolderKind::LogicApp => format!("logic app '{name}'"),
        HolderKind::EventGrid => format!("event subscription '{name}'"),
        HolderKind::ActionGroup => format!("action group '{name}'"),
    }
}

fn title(holder: &Holder) -> String {
    let id = &holder.id;
    let name = id.name();
    let gateway = || {
        let service = id.apim_service();
        service.map_or_else(String::new, |found| {
            format!(" of API Management '{}'", found.name())
        })
    };
    match HolderKind::from(holder.kind) {
        HolderKind::AppSetting => {
            let site = id.site().unwrap_or(name);
            id.slot().map_or_else(
                || format!("app '{site}'"),
                |slot| format!("slot '{slot}' of app '{site}'"),
            )
        }
        HolderKind::ApimBackend => format!("backend '{name}'{}", gateway()),
        HolderKind::ApimNamedValue => format!("named value '{name}'{}", gateway()),
        HolderKind::ApimPolicy => {
            let of = [
                ("operations", "operation"),
                ("apis", "API"),
                ("products", "product"),
            ];
            let of = of.iter().find_map(|(kind, word)| {
                let name = id.value_of(kind)?;
                Some(format!(" for the {word} '{name}'"))
            });
            format!("the policy{}{}", of.unwrap_or_default(), gateway())
        }
        HolderKind::LogicApp => format!("logic app '{name}'"),
        HolderKind::DataFactory => match id.value_of("factories") {
            Some(factory) => format!("linked service '{name}' of data factory '{factory}'"),
            None => format!("linked service '{name}'"),
        },
        HolderKind::EventGrid => format!("event subscription '{name}'"),
        HolderKind::ActionGroup => format!("action group '{name}'"),
    }
}

/// Everybody who holds a key.
pub(super) struct Callers<'e, 'a> {
    /// The places, its own app's aside.
    pub(super) holds: Vec<&'e Hold<'a>>,
    /// The register's entries, ended ones included.
    pub(super) entries: Vec<&'a Caller>,
    policy_day: jiff::civil::Date,
}

/// Who holds a key of an app.
pub(super) fn of<'e, 'a>(estate: &'e Estate<'a>, app: &App, key: &Key) -> Callers<'e, 'a> {
    let own = app.id.site_id();
    let places = estate.held.get(&key.fingerprint);
    let places = places.into_iter().flatten().map(|at| &estate.holds[*at]);
    let entries = estate.entries(app).iter().copied();
    Callers {
        holds: places
            .filter(|hold| own.as_ref() != Some(&hold.caller))
            .collect(),
        entries: entries.filter(|entry| is_about(entry, key)).collect(),
        policy_day: estate.policy.today(),
    }
}

/// Whether an entry of the register is about a key of its app. One that names
/// no key is about the key that is called as the caller is.
pub(super) fn is_about(entry: &Caller, key: &Key) -> bool {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let function = match (&entry.function, &key.function) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    };
    entry.class == key.kind
        && function
        && same(entry.key.as_ref().unwrap_or(&entry.name), &key.name)
}

impl<'a> Callers<'_, 'a> {
    /// The resources, by name.
    pub(super) fn observed(&self) -> Vec<String> {
        let callers: BTreeSet<(&str, &ArmId)> = self
            .holds
            .iter()
            .map(|hold| (hold.caller_title.as_str(), &hold.caller))
            .collect();
        callers
            .into_iter()
            .map(|(title, _)| title.to_owned())
            .collect()
    }

    /// The register's callers that have not ended, by name.
    pub(super) fn registered(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.current().map(|entry| entry.name.as_str()).collect();
        names.into_iter().map(ToOwned::to_owned).collect()
    }

    fn current(&self) -> impl Iterator<Item = &'a Caller> + '_ {
        let ended = |entry: &&Caller| entry.ended.is_some_and(|day| day <= self.policy_day);
        self.entries
            .iter()
            .copied()
            .filter(move |entry| !ended(entry))
    }

    /// What the register says first, of those who have not ended.
    pub(super) fn says(&self, what: impl Fn(&'a Caller) -> Option<&'a String>) -> Option<String> {
        let rest = self.entries.iter().copied();
        self.current().chain(rest).find_map(what).cloned()
    }

    /// What is said of those that could not be looked at this time.
    pub(super) fn stale(&self) -> Option<String> {
        let stale = self.holds.iter().filter(|hold| hold.stale.is_some());
        let since = stale.clone().filter_map(|hold| hold.stale).min()?;
        let who: BTreeSet<&str> = stale.map(|hold| hold.caller_title.as_str()).collect();
        Some(format!(
            "What is said of {} was known on {}; it could not be looked at since.",
            who.into_iter().collect::<Vec<_>>().join(", "),
            day(since)
        ))
    }

    /// The places, and the register's entries.
    pub(super) fn related(&self) -> Vec<Related> {
        let holds = self.holds.iter().map(|hold| Related {
            location: property(hold.id.as_str(), hold.place),
            message: match hold.stale {
                Some(since) => format!(
                    "Held by {}, as known on {}; it could not be looked at since.",
                    hold.title,
                    day(since)
                ),
                None => format!("Held by {}.", hold.title),
            },
        });
        let entries = self.entries.iter().map(|entry| Related {
            location: Location::File(Box::new(entry.place.clone())),
            message: format!("Registered for '{}'.", entry.name),
        });
        holds.chain(entries).collect()
    }

    /// Who has to get a new key. What only refers to a place that is listed
    /// itself gets it from there.
    pub(super) fn handovers(&self, estate: &Estate<'_>) -> Vec<Handover> {
        let holds = self
            .holds
            .iter()
            .filter(|hold| hold.form != Form::NamedValue);
        let holds = holds.map(|hold| Handover {
            caller: hold.title.clone(),
            place: place(hold),
            store: store(estate, hold),
            resource: Some(hold.id.as_str().to_owned()),
            contact: None,
            test: None,
        });
        let entries = self.current().map(|entry| Handover {
            caller: format!("the registered caller '{}'", entry.name),
            place: match &entry.stored_in {
                Some(stored) => format!("it keeps the key in {stored}"),
                None => "the register does not say where it keeps the key".to_owned(),
            },
            store: Store::Other,
            resource: None,
            contact: entry.contact.clone(),
            test: entry.test.clone(),
        });
        holds.chain(entries).collect()
    }
}

fn place(hold: &Hold<'_>) -> String {
    match hold.kind {
        HolderKind::AppSetting => format!("the setting '{}'", hold.place),
        HolderKind::ApimNamedValue => "the named value".to_owned(),
        _ => format!("'{}'", hold.place),
    }
}

fn store(estate: &Estate<'_>, hold: &Hold<'_>) -> Store {
    if let (Form::KeyVault, Some(secret)) = (hold.form, hold.vault_secret) {
        return Store::Vault {
            vault: vault_name(secret).to_owned(),
            secret: secret.secret.to_string(),
            pinned: secret.version.is_some(),
        };
    }
    match (hold.kind, hold.source) {
        (HolderKind::AppSetting, _) => Store::Setting {
            site: target(hold.id),
            function_app: hold
                .id
                .app()
                .is_some_and(|id| estate.apps.contains_key(&id)),
            name: hold.place.to_owned(),
            in_url: hold.sent == Some(Transport::Query),
        },
        (_, Source::NamedValue(value)) => Store::NamedValue {
            id: value.id.as_str().to_owned(),
            name: value.display_name.to_string(),
        },
        _ => Store::Other,
    }
}

/// A site, as commands name it.
pub(super) fn target(id: &ArmId) -> Target {
    let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
    Target {
        subscription: text(id.subscription()),
        group: text(id.resource_group()),
        app: text(id.site()),
        slot: id.slot().map(ToOwned::to_owned),
    }
}
