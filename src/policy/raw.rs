//! `keysweep.toml` as it is written: the shape, before anything is checked.
//!
//! Every value keeps its place, so that whatever is wrong with it can be shown
//! under a caret. What a field needs is checked in [`super::resolve`]; required
//! fields are optional here, so that their absence is said in our words. The
//! doc comments are the descriptions of the JSON schema.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{Deref, Range};
use toml::Spanned;

use crate::key::KeyClass;

/// A value and where it stands.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
pub(super) struct Spot<T>(Spanned<T>);

impl<T> Spot<T> {
    pub(super) fn span(&self) -> Range<usize> {
        self.0.span()
    }
}

impl<T> Deref for Spot<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0.get_ref()
    }
}

impl<T: JsonSchema> JsonSchema for Spot<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A table whose keys keep their place too.
pub(super) type Named<V> = BTreeMap<Spot<String>, V>;

/// keysweep's policy: limits, environments, exemptions, and the register of who
/// holds which key. Globs over paths are relative to the directory of this
/// file, `*` stays within a directory, `**` crosses them, and a glob that
/// matches a directory covers everything below it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table"
)]
#[schemars(title = "keysweep.toml")]
pub(super) struct RawPolicy {
    /// Another policy file, relative to this one, whose settings hold unless
    /// this one says otherwise.
    pub extends: Option<Spot<String>>,
    /// What a policy that extends this one may tighten and not loosen:
    /// `max-age`, `overlap`, `rules`, `key-readers`, `key-name-pattern`,
    /// `apim`, `temporary-keys`, `chosen-values`, `exclude`, `exempt`,
    /// `accept-gap`, or one of a table, as in `max-age.master` and
    /// `rules.KS1001`.
    pub locked: Vec<Spot<String>>,
    /// What a key's name must look like, a regular expression over the whole
    /// name, where a caller holds the key.
    pub key_name_pattern: Option<Spot<String>>,
    /// Rules switched on or off, or given another severity.
    #[schemars(with = "BTreeMap<String, RuleWord>")]
    pub rules: Named<Spot<RuleWord>>,
    /// The greatest age of a key, in days, by its kind; 90 unless said.
    pub max_age: RawDays,
    /// How long the two keys of a rotation may exist side by side, in days, by
    /// their kind; 14 unless said.
    pub overlap: RawDays,
    /// Environments by name: globs over file paths, and over the names of
    /// apps, slots and hosts.
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub environments: Named<Vec<Spot<String>>>,
    /// Who may list keys.
    pub key_readers: RawKeyReaders,
    /// Subscriptions of API Management.
    pub apim: RawApim,
    /// Keys that are made for a while: to validate, to test, to debug.
    pub temporary_keys: RawTemporaryKeys,
    /// What the value of a key must have that somebody chose.
    pub chosen_values: RawChosenValues,
    /// An organisation's own key shapes.
    pub pattern: Vec<Spot<RawPattern>>,
    /// Files and directories that are not scanned.
    pub exclude: Vec<Spot<RawExclude>>,
    /// Findings that do not count, for a while.
    pub exempt: Vec<Spot<RawExempt>>,
    /// What could not be read and may be so, for a while.
    pub accept_gap: Vec<Spot<RawAcceptGap>>,
    /// What is known of an app.
    pub app: Vec<Spot<RawApp>>,
    /// The register: who holds which key.
    pub caller: Vec<Spot<RawCaller>>,
}

/// What the policy says of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "rule")]
pub(super) enum RuleWord {
    /// It runs, with its own severity.
    On,
    /// It does not run.
    Off,
    /// It runs, as a note.
    Note,
    /// It runs, with low severity.
    Low,
    /// It runs, with medium severity.
    Medium,
    /// It runs, with high severity.
    High,
    /// It runs, with critical severity.
    Critical,
}

/// Days by the kind of a key.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
#[schemars(rename = "days")]
pub(super) struct RawDays {
    /// Keys of one function.
    pub function: Option<Spot<i64>>,
    /// Keys of a host: they open every function of the app.
    pub host: Option<Spot<i64>>,
    /// Keys of an extension's webhook.
    pub system: Option<Spot<i64>>,
    /// The master key.
    pub master: Option<Spot<i64>>,
}

/// Who may list keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table"
)]
#[schemars(rename = "key-readers")]
pub(super) struct RawKeyReaders {
    /// How many principals may be able to list the keys of an app; 10 unless
    /// said.
    pub max: Option<Spot<i64>>,
    /// The principals that are expected to list keys: object ids, or user
    /// names.
    pub allowed: Vec<Spot<String>>,
}

/// Subscriptions of API Management.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table"
)]
#[schemars(rename = "apim")]
pub(super) struct RawApim {
    /// The greatest age of a subscription's keys, in days; 90 unless said.
    pub max_age: Option<Spot<i64>>,
}

/// Keys that are made for a while.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table"
)]
#[schemars(rename = "temporary-keys")]
pub(super) struct RawTemporaryKeys {
    /// Globs over their names; unless said, names that have one of the words
    /// `validation`, `test`, `debug`, `temp`, `tmp` and `temporary`.
    pub names: Vec<Spot<String>>,
    /// The greatest age of such a key, in days; 7 unless said.
    pub max_age: Option<Spot<i64>>,
}

/// What the value of a key must have that somebody chose.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table"
)]
#[schemars(rename = "chosen-values")]
pub(super) struct RawChosenValues {
    /// Characters; 32 unless said.
    pub min_length: Option<Spot<i64>>,
    /// Different characters; 12 unless said.
    pub min_distinct: Option<Spot<i64>>,
    /// Sorts of characters, of small letters, capitals, digits and others; 2
    /// unless said.
    pub min_classes: Option<Spot<i64>>,
}

/// A key shape of an organisation's own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(rename = "pattern")]
pub(super) struct RawPattern {
    /// Its name: letters, digits and hyphens.
    #[schemars(required)]
    pub id: Option<Spot<String>>,
    /// What it finds, as a sentence.
    #[schemars(required)]
    pub description: Option<Spot<String>>,
    /// A regular expression; its group `secret` is the value.
    #[schemars(required)]
    pub pattern: Option<Spot<String>>,
    /// Literal texts, one of which stands near every match: the expression is
    /// tried only around them. Upper and lower case count.
    #[schemars(required)]
    pub keywords: Option<Spot<Vec<Spot<String>>>>,
    /// Globs of the files that it is for; all unless said.
    #[serde(default)]
    pub files: Vec<Spot<String>>,
}

/// Files that are not scanned.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(rename = "exclude")]
pub(super) struct RawExclude {
    /// A glob.
    #[schemars(required)]
    pub path: Option<Spot<String>>,
    /// Why nobody needs to look there.
    #[schemars(required)]
    pub reason: Option<Spot<String>>,
}

/// Findings of one rule that do not count, for a while.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(rename = "exempt", extend("oneOf" = [{"required": ["path"]}, {"required": ["resource"]}]))]
pub(super) struct RawExempt {
    /// The rule's id.
    #[schemars(required)]
    pub rule: Option<Spot<String>>,
    /// A glob over the paths of files; either this or `resource`.
    pub path: Option<Spot<String>>,
    /// A glob over the ids of Azure resources; either this or `path`.
    pub resource: Option<Spot<String>>,
    /// Why it may be so.
    #[schemars(required)]
    pub reason: Option<Spot<String>>,
    /// Who answers for it.
    #[schemars(required)]
    pub owner: Option<Spot<String>>,
    /// The last day on which it holds.
    #[schemars(required)]
    pub until: Option<Spot<Day>>,
}

/// Something that could not be read, and may be so for a while.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(rename = "accept-gap", extend("oneOf" = [{"required": ["path"]}, {"required": ["resource"]}]))]
pub(super) struct RawAcceptGap {
    /// A glob over the paths of files; either this or `resource`.
    pub path: Option<Spot<String>>,
    /// A glob over the ids of Azure resources; either this or `path`.
    pub resource: Option<Spot<String>>,
    /// Why it may be so.
    #[schemars(required)]
    pub reason: Option<Spot<String>>,
    /// The last day on which it holds.
    #[schemars(required)]
    pub until: Option<Spot<Day>>,
}

/// What is known of an app.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(rename = "app")]
pub(super) struct RawApp {
    /// Its name, as in its host name.
    #[schemars(required)]
    pub name: Option<Spot<String>>,
    /// Whether a key alone is too little protection for it.
    #[serde(default)]
    pub sensitive: bool,
    /// Its environment, where its name does not tell.
    pub environment: Option<Spot<String>>,
}

/// One caller and one key that it holds.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(rename = "caller")]
pub(super) struct RawCaller {
    /// The caller; the same in every entry of the same caller.
    #[schemars(required)]
    pub name: Option<Spot<String>>,
    /// Who answers for the caller.
    pub owner: Option<Spot<String>>,
    /// How to reach the owner about a rotation.
    pub contact: Option<Spot<String>>,
    /// Whom to call at night, when the key has leaked.
    pub emergency: Option<Spot<String>>,
    /// The function app that it calls.
    pub app: Option<Spot<String>>,
    /// The deployment slot of that app; the production slot unless said.
    pub slot: Option<Spot<String>>,
    /// The function, when the key is that function's own.
    pub function: Option<Spot<String>>,
    /// The name of the key; never the key.
    pub key: Option<Spot<String>>,
    /// The kind of the key. Unless said: `function` where `function` is given,
    /// `master` for `_master`, `system` for names that end in `_extension`,
    /// else `host`.
    pub kind: Option<Spot<KeyClass>>,
    /// Where the caller keeps the key: the Key Vault secret, the setting.
    pub stored_in: Option<Spot<String>>,
    /// How to see that the caller works with a new key.
    pub test: Option<Spot<String>>,
    /// The day on which the key was last rotated.
    pub rotated: Option<Spot<Day>>,
    /// The name of the key that this one replaces, while both exist.
    pub replaces: Option<Spot<String>>,
    /// The day on which the caller ended, or is going to: its key has to go.
    pub ended: Option<Spot<Day>>,
    /// The environment that the caller belongs to.
    pub environment: Option<Spot<String>>,
    /// Globs of the files that belong to the caller.
    #[serde(default)]
    pub paths: Vec<Spot<String>>,
}

/// A day, written as a TOML date or as text; whether it is one is checked
/// later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day(pub String);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::Datetime(date) => Ok(Self(date.to_string())),
            toml::Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("invalid type: other, expected a date")),
        }
    }
}

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        })
    }
}
