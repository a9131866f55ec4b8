//! What a policy that extends another may not loosen.

use crate::key::KeyClass;

/// The settings that `locked` may name, tables before their entries.
const WORDS: &[&str] = &[
    "max-age",
    "overlap",
    "rules",
    "key-readers",
    "key-name-pattern",
    "apim",
    "temporary-keys",
    "chosen-values",
    "exclude",
    "exempt",
    "accept-gap",
];

/// The locks that hold for a policy: those of the files that it extends.
#[derive(Clone, Default)]
pub(super) struct Locks(Vec<(String, String)>);

impl Locks {
    /// The words that `locked` may have, for suggestions; rules aside.
    pub(super) fn known() -> Vec<String> {
        let days = ["max-age", "overlap"]
            .into_iter()
            .flat_map(|table| KeyClass::ALL.map(|class| format!("{table}.{}", class.as_str())));
        WORDS
            .iter()
            .map(|word| (*word).to_owned())
            .chain(days)
            .collect()
    }

    pub(super) fn add(&mut self, setting: &str, by: &str) {
        self.0.push((setting.to_owned(), by.to_owned()));
    }

    /// The file that locks a setting, by itself or with its table.
    pub(super) fn holder(&self, setting: &str) -> Option<&str> {
        let table = setting.split_once('.').map_or(setting, |(table, _)| table);
        let (_, by) = self
            .0
            .iter()
            .find(|(locked, _)| locked == setting || locked == table)?;
        Some(by)
    }
}
