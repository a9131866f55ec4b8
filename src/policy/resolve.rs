//! Files, one upon the other, to one checked policy.
//!
//! The file that is extended comes first, so that each layer can be compared
//! with what held before it and with the locks of the layers below.

use jiff::civil::Date;
use std::collections::BTreeMap;
use std::ops::Range;

use super::check::Table;
use super::entries::{Limits, NamePattern, RuleSetting};
use super::error::{PolicyError, Problem};
use super::lock::Locks;
use super::raw::{Named, RawDays, RawPolicy, RuleWord, Spot};
use super::source::Source;
use super::suggest::closest;
use super::{Policy, tables};
use crate::environment::Environments;
use crate::finding::Severity;
use crate::glob::{Base, Glob};
use crate::key::KeyClass;
use crate::rule::Metadata;

/// Builds a policy of its files.
pub(super) struct Resolver<'r> {
    pub(super) rules: BTreeMap<&'r str, &'r Metadata>,
    pub(super) policy: Policy,
    pub(super) locks: Locks,
    /// What may be said once only, and where it was said.
    pub(super) said: BTreeMap<String, String>,
    /// Globs of environments, a list for each file.
    globs: Vec<Vec<(String, Glob, bool)>>,
}

/// One file.
pub(super) struct Layer {
    pub(super) source: Source,
    pub(super) raw: RawPolicy,
    /// Whether another file extends it.
    pub(super) inherited: bool,
}

impl<'r> Resolver<'r> {
    pub(super) fn new(
        base: Base,
        today: Date,
        rules: impl IntoIterator<Item = &'r Metadata>,
    ) -> Self {
        let policy = Policy {
            base,
            today,
            ..Policy::default()
        };
        Self {
            rules: rules
                .into_iter()
                .map(|rule| (rule.id.as_str(), rule))
                .collect(),
            policy,
            locks: Locks::default(),
            said: BTreeMap::new(),
            globs: Vec::new(),
        }
    }

    /// Lays one file upon those before it.
    pub(super) fn add(&mut self, layer: &Layer) -> Result<(), PolicyError> {
        let Layer { source, raw, .. } = layer;
        self.rule_settings(source, &raw.rules)?;
        let limits = [
            ("[max-age]", "max-age", &raw.max_age, 1, 3650),
            ("[overlap]", "overlap", &raw.overlap, 0, 365),
        ];
        for (name, setting, days, least, most) in limits {
            self.days(source, (name, setting), days, (least, most))?;
        }
        self.key_names(source, raw)?;
        self.key_readers(source, raw)?;
        self.live(source, raw)?;
        self.environment_globs(source, &raw.environments)?;
        tables::add(self, layer)?;
        self.lock(source, &raw.locked)
    }

    /// The policy, once all files are there.
    pub(super) fn finish(mut self) -> Policy {
        let mut environments = Environments::new(self.policy.base.clone());
        for (name, glob, over_paths) in self.globs.into_iter().rev().flatten() {
            environments.add_glob(&name, glob, over_paths);
        }
        for app in &self.policy.apps {
            if let Some(environment) = &app.environment {
                environments.add_app(&app.name, environment);
            }
        }
        for caller in &self.policy.callers {
            for glob in &caller.paths {
                if let Some(environment) = &caller.environment {
                    environments.add_files(glob.clone(), environment);
                }
            }
        }
        self.policy.environments = environments;
        self.policy
    }

    pub(super) fn table<'c>(&'c self, source: &'c Source, name: &'static str) -> Table<'c> {
        Table {
            source,
            rules: &self.rules,
            name,
        }
    }

    /// An error where a setting is locked; the caller has seen that it is
    /// loosened.
    pub(super) fn loosened(
        &self,
        source: &Source,
        span: Range<usize>,
        setting: &str,
        allowed: impl FnOnce() -> String,
    ) -> Result<(), PolicyError> {
        let Some(by) = self.locks.holder(setting) else {
            return Ok(());
        };
        let problem = Problem::Loosened {
            setting: setting.to_owned(),
            by: by.to_owned(),
            allowed: allowed(),
        };
        Err(PolicyError::at(source, span, problem))
    }

    fn rule_settings(
        &mut self,
        source: &Source,
        rules: &Named<Spot<RuleWord>>,
    ) -> Result<(), PolicyError> {
        for (id, word) in in_order(rules) {
            self.table(source, "[rules]").rule_id(id)?;
            let setting = match **word {
                RuleWord::On => RuleSetting::On,
                RuleWord::Off => RuleSetting::Off,
                RuleWord::Note => RuleSetting::Severity(Severity::Note),
                RuleWord::Low => RuleSetting::Severity(Severity::Low),
                RuleWord::Medium => RuleSetting::Severity(Severity::Medium),
                RuleWord::High => RuleSetting::Severity(Severity::High),
                RuleWord::Critical => RuleSetting::Severity(Severity::Critical),
            };
            let rule = self.rules[id.as_str()];
            let before = self.policy.severity_of(rule);
            let after = Policy::severity_under(rule, Some(setting));
            if after < before {
                self.loosened(source, word.span(), &format!("rules.{}", **id), || {
                    let least = before.map_or("off", Severity::as_str);
                    format!("leave it at `{least}`, or raise it")
                })?;
            }
            self.policy.rules.insert((**id).clone(), setting);
        }
        Ok(())
    }

    fn days(
        &mut self,
        source: &Source,
        (name, setting): (&'static str, &'static str),
        days: &RawDays,
        (least, most): (i64, i64),
    ) -> Result<(), PolicyError> {
        let before = self.limits(setting).0;
        let written = [&days.function, &days.host, &days.system, &days.master];
        for (class, written) in KeyClass::ALL.into_iter().zip(written) {
            let Some(written) = written else { continue };
            let number = self.table(source, name).number(written, least, most)?;
            let before = before[class as usize];
            if number > before {
                let setting = format!("{setting}.{}", class.as_str());
                self.loosened(source, written.span(), &setting, || {
                    format!("write at most {before} days")
                })?;
            }
            self.limits(setting).0[class as usize] = number;
        }
        Ok(())
    }

    fn limits(&mut self, setting: &str) -> &mut Limits {
        if setting == "overlap" {
            &mut self.policy.overlap
        } else {
            &mut self.policy.max_age
        }
    }

    fn key_names(&mut self, source: &Source, raw: &RawPolicy) -> Result<(), PolicyError> {
        let Some(written) = &raw.key_name_pattern else {
            return Ok(());
        };
        let regex = self.table(source, "key-name-pattern").whole(written)?;
        let before = self.policy.key_names.as_ref().map(|names| names.0.as_str());
        if before != Some(regex.as_str()) {
            self.loosened(source, written.span(), "key-name-pattern", || {
                "remove it here".to_owned()
            })?;
        }
        self.policy.key_names = Some(NamePattern(regex));
        Ok(())
    }

    fn key_readers(&mut self, source: &Source, raw: &RawPolicy) -> Result<(), PolicyError> {
        let raw = &raw.key_readers;
        if let Some(max) = &raw.max {
            let number = self.table(source, "[key-readers]").number(max, 0, 10_000)?;
            let before = self.policy.key_readers.max;
            if number > before {
                self.loosened(source, max.span(), "key-readers", || {
                    format!("write at most {before}")
                })?;
            }
            self.policy.key_readers.max = number;
        }
        for reader in &raw.allowed {
            let name = reader.trim().to_lowercase();
            if name.is_empty() {
                let problem = Problem::BadName {
                    what: "key reader",
                    why: "it is empty",
                };
                return Err(PolicyError::at(source, reader.span(), problem));
            }
            if !self.policy.key_readers.allowed.contains(&name) {
                self.loosened(source, reader.span(), "key-readers", || {
                    "leave this principal out".to_owned()
                })?;
                self.policy.key_readers.allowed.push(name);
            }
        }
        Ok(())
    }

    fn environment_globs(
        &mut self,
        source: &Source,
        environments: &Named<Vec<Spot<String>>>,
    ) -> Result<(), PolicyError> {
        let mut found = Vec::new();
        let table = self.table(source, "[environments]");
        for (name, globs) in in_order(environments) {
            let name = table.word("environment name", name)?;
            for glob in globs {
                let over_paths = glob.contains('/');
                let compiled = if over_paths {
                    table.path_glob(glob)?
                } else {
                    Glob::name(glob).or_else(|error| table.bad_glob(glob, error))?
                };
                found.push((name.clone(), compiled, over_paths));
            }
        }
        self.globs.push(found);
        Ok(())
    }

    fn lock(&mut self, source: &Source, locked: &[Spot<String>]) -> Result<(), PolicyError> {
        for setting in locked {
            if let Some(id) = setting.strip_prefix("rules.") {
                let span = setting.span();
                self.table(source, "locked").rule_name(id, span)?;
            } else {
                let known = Locks::known();
                if !known.contains(setting) {
                    let meant = closest(setting, known.iter().map(String::as_str));
                    let problem = Problem::UnknownWord {
                        meant: meant.map(ToOwned::to_owned),
                        known,
                    };
                    return Err(PolicyError::at(source, setting.span(), problem));
                }
            }
            self.locks.add(setting, source.name());
        }
        Ok(())
    }
}

/// The entries of a table as the file has them, not by name.
fn in_order<V>(table: &Named<V>) -> Vec<(&Spot<String>, &V)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}
