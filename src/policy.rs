//! `keysweep.toml`: limits, environments, exemptions, and the register.
//!
//! A policy is read once, at the start of a run, and whatever is wrong with it
//! ends the run there: half a policy would hide or invent findings. It may
//! build on the policy of an organisation, which decides what may not be
//! loosened. Everything here is checked, and every text in it is masked: a
//! policy is written by hand, and by hand people paste keys.
//!
//! ```text
//! file ─► raw (as written, with places) ─► resolve (checked, layered) ─► Policy
//! ```

mod check;
mod entries;
mod error;
mod facts;
mod init;
mod live;
mod load;
mod lock;
mod raw;
mod resolve;
mod schema;
mod source;
mod suggest;
mod tables;

pub use entries::{
    AcceptedGap, App, Caller, Exclude, Exempt, KeyReaders, Limits, Pattern, RuleSetting, Subject,
};
pub use error::{PolicyError, Problem};
pub use init::{InitError, TEMPLATE, init};
pub use live::{ChosenValues, TemporaryKeys};
pub use schema::schema;

use jiff::civil::Date;
use regex::Regex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::environment::Environments;
use crate::fact::Fact;
use crate::finding::{Finding, Severity};
use crate::gap::Gap;
use crate::glob::Base;
use crate::location::Location;
use crate::rule::Metadata;
use entries::{About, NamePattern};

/// What holds for a run. [`Policy::default`] is what holds without a file.
#[derive(Clone)]
pub struct Policy {
    path: Option<String>,
    digest: Option<String>,
    base: Base,
    today: Date,
    rules: BTreeMap<String, RuleSetting>,
    max_age: Limits,
    overlap: Limits,
    environments: Environments,
    key_names: Option<NamePattern>,
    key_readers: KeyReaders,
    apim_max_age: u32,
    temporary_keys: TemporaryKeys,
    chosen_values: ChosenValues,
    patterns: Vec<Pattern>,
    excludes: Vec<Exclude>,
    exempts: Vec<Exempt>,
    accepted_gaps: Vec<AcceptedGap>,
    apps: Vec<App>,
    callers: Vec<Caller>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            path: None,
            digest: None,
            base: Base::default(),
            today: Date::constant(1970, 1, 1),
            rules: BTreeMap::new(),
            max_age: Limits([90; 4]),
            overlap: Limits([14; 4]),
            environments: Environments::default(),
            key_names: None,
            key_readers: KeyReaders::default(),
            apim_max_age: 90,
            temporary_keys: TemporaryKeys::default(),
            chosen_values: ChosenValues::default(),
            patterns: Vec::new(),
            excludes: Vec::new(),
            exempts: Vec::new(),
            accepted_gaps: Vec::new(),
            apps: Vec::new(),
            callers: Vec::new(),
        }
    }
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Policy {
    /// The name of the file.
    pub const FILE_NAME: &'static str = "keysweep.toml";

    /// The policy file for what is below `root`: the nearest one upward, no
    /// further than the root of the repository.
    #[must_use]
    pub fn find(root: &Path) -> Option<PathBuf> {
        load::find(root)
    }

    /// Reads a policy file and those that it extends.
    ///
    /// `today` decides what has expired; `rules` are all the rules that there
    /// are, for the ids and the locks that the policy names.
    ///
    /// # Errors
    /// When a file cannot be read or anything in it is not as it should be;
    /// the error shows the place in a masked copy of the text.
    pub fn load<'r>(
        path: &Path,
        today: Date,
        rules: impl IntoIterator<Item = &'r Metadata>,
    ) -> Result<Self, PolicyError> {
        load::load(path, today, rules, None)
    }

    /// The same, with files that are elsewhere than on the disk: at the base of
    /// a pull request. `file` answers `None` where there is none.
    ///
    /// # Errors
    /// As for [`Policy::load`].
    pub fn load_from<'r>(
        path: &Path,
        today: Date,
        rules: impl IntoIterator<Item = &'r Metadata>,
        file: &dyn Fn(&Path) -> std::io::Result<Option<Vec<u8>>>,
    ) -> Result<Self, PolicyError> {
        load::load(path, today, rules, Some(file))
    }

    /// The policy that a text is, as if it were a file of that name.
    ///
    /// # Errors
    /// As for [`Policy::load`]; a text extends nothing.
    pub fn from_text<'r>(
        name: &str,
        text: &str,
        today: Date,
        rules: impl IntoIterator<Item = &'r Metadata>,
    ) -> Result<Self, PolicyError> {
        load::from_text(name, text, today, rules)
    }

    /// The file, as reports show it; none for the default.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// SHA-256 over the file and those that it extends, one after the other, in
    /// hexadecimal; none for the default.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The day that decides what has expired.
    #[must_use]
    pub fn today(&self) -> Date {
        self.today
    }

    /// With which severity a rule runs; `None` when it does not.
    #[must_use]
    pub fn severity_of(&self, rule: &Metadata) -> Option<Severity> {
        Self::severity_under(rule, self.rules.get(&rule.id).copied())
    }

    fn severity_under(rule: &Metadata, setting: Option<RuleSetting>) -> Option<Severity> {
        match setting {
            None => rule.enabled.then_some(rule.severity),
            Some(RuleSetting::On) => Some(rule.severity),
            Some(RuleSetting::Off) => None,
            Some(RuleSetting::Severity(severity)) => Some(severity),
        }
    }

    /// The greatest age of a key, in days.
    #[must_use]
    pub fn max_age_days(&self) -> Limits {
        self.max_age
    }

    /// How long the two keys of a rotation may exist side by side, in days.
    #[must_use]
    pub fn overlap_days(&self) -> Limits {
        self.overlap
    }

    /// Which environment a place belongs to.
    #[must_use]
    pub fn environments(&self) -> &Environments {
        &self.environments
    }

    /// What a key's name must look like, if the policy says.
    #[must_use]
    pub fn key_name_pattern(&self) -> Option<&Regex> {
        self.key_names.as_ref().map(|names| &names.0)
    }

    /// Who may list keys.
    #[must_use]
    pub fn key_readers(&self) -> &KeyReaders {
        &self.key_readers
    }

    /// The greatest age of an API Management subscription's keys, in days.
    #[must_use]
    pub fn apim_max_age_days(&self) -> u32 {
        self.apim_max_age
    }

    /// Which keys are made for a while only, and for how long.
    #[must_use]
    pub fn temporary_keys(&self) -> &TemporaryKeys {
        &self.temporary_keys
    }

    /// What a value that somebody chose must have.
    #[must_use]
    pub fn chosen_values(&self) -> &ChosenValues {
        &self.chosen_values
    }

    /// The organisation's own key shapes.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether a pattern is for a file, whose path is as reports have it.
    #[must_use]
    pub fn pattern_applies(&self, pattern: &Pattern, path: &str) -> bool {
        let path = self.base.relative(path);
        pattern.files.is_empty() || pattern.files.iter().any(|glob| glob.matches(&path))
    }

    /// Why a file or directory is not scanned, if it is not; the path is as
    /// reports have it.
    #[must_use]
    pub fn excluded(&self, path: &str) -> Option<&Exclude> {
        if self.excludes.is_empty() {
            return None;
        }
        let path = self.base.relative(path);
        self.excludes
            .iter()
            .find(|exclude| exclude.glob.matches(&path))
    }

    /// The exemptions, expired ones included.
    #[must_use]
    pub fn exemptions(&self) -> &[Exempt] {
        &self.exempts
    }

    /// Whether an exemption is about a finding, by rule and primary place, and
    /// has not expired.
    #[must_use]
    pub fn exempts(&self, exempt: &Exempt, finding: &Finding) -> bool {
        exempt.rule == finding.rule
            && !self.expired(exempt)
            && match (&exempt.subject.0, &finding.location) {
                (About::Path(glob), Location::File(place)) => {
                    glob.matches(&self.base.relative(&place.path))
                }
                (About::Resource(glob), Location::Resource(place)) => glob.matches(&place.id),
                _ => false,
            }
    }

    /// Whether the last day of an exemption is over.
    #[must_use]
    pub fn expired(&self, exempt: &Exempt) -> bool {
        exempt.until < self.today
    }

    /// The entry that accepts a gap, unless it has expired.
    #[must_use]
    pub fn accepted(&self, gap: &Gap) -> Option<&AcceptedGap> {
        self.accepted_gaps
            .iter()
            .filter(|accepted| accepted.until >= self.today)
            .find(|accepted| match &accepted.subject.0 {
                About::Path(glob) => glob.matches(&self.base.relative(&gap.subject)),
                About::Resource(glob) => glob.matches(&gap.subject),
            })
    }

    /// The accepted gaps, expired ones included.
    #[must_use]
    pub fn accepted_gaps(&self) -> &[AcceptedGap] {
        &self.accepted_gaps
    }

    /// What is known of apps.
    #[must_use]
    pub fn apps(&self) -> &[App] {
        &self.apps
    }

    /// The register.
    #[must_use]
    pub fn callers(&self) -> &[Caller] {
        &self.callers
    }

    /// The caller that a file belongs to by the register; the path is as
    /// reports have it.
    #[must_use]
    pub fn caller_of(&self, path: &str) -> Option<&Caller> {
        let path = self.base.relative(path);
        self.callers
            .iter()
            .find(|caller| caller.paths.iter().any(|glob| glob.matches(&path)))
    }

    /// The exemptions and the register, as facts.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        facts::facts(self)
    }
}

#[cfg(test)]
mod tests;
