//! Who gets the new key, and how.

use super::shell::quoted;
use super::{Rotation, Step, Target};
use crate::inventory::ArmId;

/// Somebody who holds the key, and has to get the new one.
#[derive(Clone, Debug)]
pub struct Handover {
    /// Who, in words: `app 'web'`, `the registered caller 'shop'`.
    pub caller: String,
    /// Where they keep it, in words: `its setting 'ORDERS_KEY'`.
    pub place: String,
    /// The same for commands.
    pub store: Store,
    /// The resource that keeps it, where that was seen.
    pub resource: Option<String>,
    /// Whom to ask, if the register says.
    pub contact: Option<String>,
    /// How to see that it works, if the register says.
    pub test: Option<String>,
}

/// Where a caller keeps a key.
#[derive(Clone, Debug)]
pub enum Store {
    /// A secret of Key Vault, which the caller refers to.
    Vault {
        /// The name of the vault.
        vault: String,
        /// The name of the secret.
        secret: String,
        /// Whether the reference names a version, and has to be changed, too.
        pinned: bool,
    },
    /// An app setting that holds the key itself.
    Setting {
        /// The site.
        site: Target,
        /// Whether it is a function app.
        function_app: bool,
        /// The name of the setting.
        name: String,
        /// Whether the key is a part of a URL in it.
        in_url: bool,
    },
    /// A named value of API Management that holds the key itself.
    NamedValue {
        /// Its resource id.
        id: String,
        /// Its display name.
        name: String,
    },
    /// Anything else.
    Other,
}

impl Handover {
    /// The new key goes into this caller's store.
    pub(super) fn step(&self, rotation: &Rotation) -> Step {
        let ask = self.contact.as_ref();
        let ask = ask.map_or_else(String::new, |contact| format!(" Ask {contact}."));
        let (text, commands) = match &self.store {
            Store::Vault {
                vault,
                secret,
                pinned,
            } => {
                let mut text = format!(
                    "Hand it over to {}, whose {} refers to the secret '{secret}'.",
                    self.caller, self.place
                );
                if *pinned {
                    text.push_str(" The reference names a version: take the version out of it.");
                }
                let commands = [Some(rotation.to_vault(vault, secret)), self.refresh()];
                (text, commands.into_iter().flatten().collect())
            }
            Store::Setting {
                site,
                function_app,
                name,
                in_url,
            } => setting(self, rotation, (site, *function_app), name, *in_url),
            Store::NamedValue { id, name } => named_value(self, rotation, id, name),
            Store::Other => (
                format!("Hand it over to {}: {}.", self.caller, self.place),
                Vec::new(),
            ),
        };
        Step {
            text: text + &ask,
            commands,
        }
    }

    /// Has a reference to Key Vault read anew, which by itself takes up to a day.
    fn refresh(&self) -> Option<String> {
        let id = ArmId::new(self.resource.as_ref()?);
        let url = match (id.app(), id.value_of("namedValues")) {
            (Some(app), _) => {
                format!("{app}/config/configreferences/appsettings/refresh?api-version=2022-03-01")
            }
            (None, Some(_)) => format!("{id}/refreshSecret?api-version=2024-05-01"),
            (None, None) => return None,
        };
        let url = quoted(&url);
        Some(format!("az rest --method post --url {url} --output none"))
    }

    /// The caller is told, without a store.
    pub(super) fn plainly(&self) -> Step {
        let ask = self.contact.as_ref();
        let ask = ask.map_or_else(String::new, |contact| format!(" Ask {contact}."));
        Step {
            text: format!("Change it at {}: {}.{ask}", self.caller, self.place),
            commands: Vec::new(),
        }
    }
}

fn setting(
    caller: &Handover,
    rotation: &Rotation,
    (site, function_app): (&Target, bool),
    name: &str,
    in_url: bool,
) -> (String, Vec<String>) {
    let secret = format!("{}-{}", rotation.target.app, rotation.successor);
    let secret = secret.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let (who, place) = (&caller.caller, &caller.place);
    let mut commands = vec![rotation.to_vault("<vault>", &secret)];
    if in_url {
        let text = format!(
            "Hand it over to {who} through Key Vault. {place} is a URL with the key in it: let the \
             app send the header 'x-functions-key' from a setting of its own that refers to the \
             secret."
        );
        return (text, commands);
    }
    let command = if function_app {
        "functionapp"
    } else {
        "webapp"
    };
    // The vault is the reader's to fill in, so quotes of the shell stand around
    // the whole and nothing in them needs another.
    let reference = format!("{name}=@Microsoft.KeyVault(VaultName=<vault>;SecretName={secret})");
    commands.push(format!(
        "az {command} config appsettings set {} --settings {} --output none",
        site.options(),
        quoted(&reference)
    ));
    let text = format!("Hand it over to {who} through Key Vault, and let {place} refer to it.");
    (text, commands)
}

fn named_value(
    caller: &Handover,
    rotation: &Rotation,
    id: &str,
    name: &str,
) -> (String, Vec<String>) {
    let secret = format!("{}-{}", rotation.target.app, rotation.successor);
    let secret = secret.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let body = serde_json::json!({"properties": {
        "displayName": name,
        "secret": true,
        "keyVault": {"secretIdentifier": format!("https://<vault>.vault.azure.net/secrets/{secret}")},
    }});
    let text = format!(
        "Hand it over to {} through Key Vault, and let {} refer to it.",
        caller.caller, caller.place
    );
    let commands = vec![
        rotation.to_vault("<vault>", &secret),
        format!(
            "az rest --method put --url {} --body {} --output none",
            quoted(&format!("{id}?api-version=2024-05-01")),
            quoted(&body.to_string())
        ),
    ];
    (text, commands)
}
