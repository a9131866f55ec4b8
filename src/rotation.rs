//! How a key is replaced without dropping a call: the two-key rotation, in
//! steps and ready commands.
//!
//! A new key is created beside the old one, handed over to each caller's own
//! store, confirmed, and only then the old one deleted. No command shows a
//! value or takes one as an argument: it goes through a pipe, from the app into
//! the vault.

mod handover;
mod shell;

pub use handover::{Handover, Store};
pub use shell::quoted;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::key::KeyClass;

/// Callers whose stores are written about one by one.
const MAX_HANDOVERS: usize = 6;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What, as a sentence.
    pub text: String,
    /// Commands of a POSIX shell that do it; `<words>` in them are to be
    /// replaced.
    pub commands: Vec<String>,
}

/// An app, as commands name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The GUID of its subscription.
    pub subscription: String,
    /// Its resource group.
    pub group: String,
    /// Its name.
    pub app: String,
    /// The slot; none for production.
    pub slot: Option<String>,
}

/// A key that is to be replaced.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// Its app.
    pub target: Target,
    /// What it is.
    pub kind: KeyClass,
    /// The function, if it is that function's own.
    pub function: Option<String>,
    /// Its name.
    pub name: String,
    /// The name of the key that replaces it.
    pub successor: String,
    /// Who has to get the new one.
    pub handovers: Vec<Handover>,
}

impl Target {
    /// The options that name it.
    fn options(&self) -> String {
        let mut options = format!(
            "--subscription {} -g {} -n {}",
            quoted(&self.subscription),
            quoted(&self.group),
            quoted(&self.app)
        );
        if let Some(slot) = &self.slot {
            options.push_str(&format!(" --slot {}", quoted(slot)));
        }
        options
    }
}

impl Rotation {
    /// What to do, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        match self.kind {
            KeyClass::Master => self.master(),
            KeyClass::System => self.system(),
            KeyClass::Host | KeyClass::Function => self.two_keys(),
        }
    }

    fn two_keys(&self) -> Vec<Step> {
        let mut steps = vec![Step {
            text: format!(
                "Create the key '{}' beside '{}': both work until one is deleted.",
                self.successor, self.name
            ),
            commands: vec![self.set(&self.successor)],
        }];
        steps.extend(self.hand_over());
        steps.push(self.confirm());
        // The host makes a missing `default` anew, so it is renewed and not
        // deleted.
        steps.push(if self.name.eq_ignore_ascii_case("default") {
            Step {
                text: "Renew 'default', which would come back if it were deleted.".to_owned(),
                commands: vec![self.set(&self.name)],
            }
        } else {
            Step {
                text: format!("Delete the key '{}'.", self.name),
                commands: vec![self.delete()],
            }
        });
        steps
    }

    fn master(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if !self.handovers.is_empty() {
            steps.push(Step {
                text: "Give each caller a key of the function that it calls instead, in a store \
                       of its own: nobody needs the master key."
                    .to_owned(),
                commands: vec![format!(
                    "az functionapp function keys set {} --function-name <function> --key-name <caller> --output none",
                    self.target.options()
                )],
            });
            steps.extend(
                self.handovers
                    .iter()
                    .take(MAX_HANDOVERS)
                    .map(Handover::plainly),
            );
        }
        steps.push(Step {
            text: "Renew the master key, without reading it.".to_owned(),
            commands: vec![self.set("_master")],
        });
        steps
    }

    fn system(&self) -> Vec<Step> {
        let mut steps = vec![Step {
            text: format!(
                "Renew the system key '{}' at a quiet time: its extension knows one key only, and \
                 refuses its callers until they have the new one.",
                self.name
            ),
            commands: vec![self.set(&self.name)],
        }];
        let known = self.handovers.iter().take(MAX_HANDOVERS);
        steps.extend(known.map(Handover::plainly));
        steps.push(self.confirm());
        steps
    }

    fn hand_over(&self) -> Vec<Step> {
        if self.handovers.is_empty() {
            return vec![Step {
                text: "Hand it over to the caller through Key Vault; no caller was seen or \
                       registered, so ask who uses the old one before you go on."
                    .to_owned(),
                commands: vec![self.to_vault("<vault>", "<secret>")],
            }];
        }
        let known = self.handovers.iter().take(MAX_HANDOVERS);
        let mut steps: Vec<Step> = known.map(|caller| caller.step(self)).collect();
        if self.handovers.len() > MAX_HANDOVERS {
            steps.push(Step {
                text: format!(
                    "Do the same for {} further places that hold it.",
                    self.handovers.len() - MAX_HANDOVERS
                ),
                commands: Vec::new(),
            });
        }
        steps
    }

    fn confirm(&self) -> Step {
        let tests: Vec<String> = self
            .handovers
            .iter()
            .filter_map(|caller| Some(format!("{}: {}", caller.caller, caller.test.as_ref()?)))
            .collect();
        let text = match tests.is_empty() {
            true => "See that every caller works with the new key.".to_owned(),
            false => format!(
                "See that every caller works with the new key ({}).",
                tests.join("; ")
            ),
        };
        Step {
            text,
            commands: Vec::new(),
        }
    }

    /// Creates or renews a key; the service generates its value.
    fn set(&self, name: &str) -> String {
        format!("az functionapp {} --output none", self.about("set", name))
    }

    fn delete(&self) -> String {
        format!("az functionapp {}", self.about("delete", &self.name))
    }

    /// Deletes it, and nothing else.
    #[must_use]
    pub fn removal(&self) -> Vec<Step> {
        let text = format!(
            "Delete the key '{}': nobody is to use it any more.",
            self.name
        );
        vec![match self.kind {
            KeyClass::Master | KeyClass::System => Step {
                text: format!(
                    "Renew the key '{}': nobody is to use this value any more.",
                    self.name
                ),
                commands: vec![self.set(&self.name)],
            },
            KeyClass::Host | KeyClass::Function => Step {
                text,
                commands: vec![self.delete()],
            },
        }]
    }

    fn about(&self, verb: &str, name: &str) -> String {
        let (target, name) = (self.target.options(), quoted(name));
        match (self.kind, &self.function) {
            (KeyClass::Function, Some(function)) => format!(
                "function keys {verb} {target} --function-name {} --key-name {name}",
                quoted(function)
            ),
            (KeyClass::Master, _) => {
                format!("keys {verb} {target} --key-type masterKey --key-name _master")
            }
            (KeyClass::System, _) => {
                format!("keys {verb} {target} --key-type systemKeys --key-name {name}")
            }
            (KeyClass::Host | KeyClass::Function, _) => {
                format!("keys {verb} {target} --key-type functionKeys --key-name {name}")
            }
        }
    }

    /// Takes the new key from the app into a vault, past every eye.
    fn to_vault(&self, vault: &str, secret: &str) -> String {
        let target = self.target.options();
        let name = shell::member(&self.successor);
        let list = match &self.function {
            Some(function) => format!(
                "az functionapp function keys list {target} --function-name {} --query {} -o tsv",
                quoted(function),
                quoted(&name)
            ),
            None => format!(
                "az functionapp keys list {target} --query {} -o tsv",
                quoted(&format!("functionKeys.{name}"))
            ),
        };
        format!(
            "{list} | tr -d '\\n' | az keyvault secret set --vault-name {} --name {} --file /dev/stdin --output none",
            shell::word(vault),
            shell::word(secret)
        )
    }
}

/// The name of the key that replaces one, which no other key of the place has.
#[must_use]
pub fn successor(name: &str, caller: Option<&str>, taken: &dyn Fn(&str) -> bool) -> String {
    let base = match (name.eq_ignore_ascii_case("default"), caller) {
        (true, Some(caller)) => slug(caller),
        (true, None) => "caller-1".to_owned(),
        (false, _) => name.to_owned(),
    };
    if base != name && !taken(&base) {
        return base;
    }
    let (stem, from) = match base.rsplit_once('-') {
        Some((stem, number)) if !stem.is_empty() => match number.parse::<u32>() {
            Ok(number) => (stem, number.saturating_add(1)),
            Err(_) => (base.as_str(), 2),
        },
        _ => (base.as_str(), 2),
    };
    let mut names = (from..from.saturating_add(1000)).map(|n| format!("{stem}-{n}"));
    names
        .find(|name| !taken(name))
        .unwrap_or_else(|| format!("{stem}-new"))
}

/// A name as keys have them.
fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    match words.is_empty() {
        true => "caller-1".to_owned(),
        false => words.join("-"),
    }
}

#[cfg(test)]
mod tests;
