//! The rules of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;

use super::builtin::BUILTIN;
use super::condition::{Condition, Scope as Facts};
use super::file::{read_builtin, read_checked};
use super::finding::{finding, settle};
use super::problem::Origin;
use super::{LoadError, Metadata, Problem, Rule, Scope};
use crate::excerpt::{redact, shown_path};
use crate::fact::{Fact, FactType};
use crate::finding::{Finding, Severity};
use crate::gap::{Gap, GapReason};
use crate::similar::similar;

/// The largest file that is read as a rule.
const MAX_FILE: u64 = 1 << 20;

/// Ids that begin so are keysweep's own.
const RESERVED: &str = "KS";

/// The rules of a run, by id.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
}

/// A rule was named that there is not.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no rule {id}")]
pub struct UnknownRule {
    /// As it was named, masked.
    pub id: String,
    /// What to do.
    pub help: String,
}

impl RuleSet {
    /// The rules that are built in.
    ///
    /// # Panics
    /// Never: the tests read each of them.
    #[must_use]
    pub fn builtin() -> Self {
        let read = |(name, text): &(&str, &str)| {
            let origin = Origin {
                name: Arc::from(format!("rules/{name}")),
                text: Arc::from(*text),
            };
            read_builtin(origin).expect("the tests read each built-in rule")
        };
        Self {
            rules: BUILTIN.iter().map(read).collect(),
        }
    }

    /// An organisation's own rules: the `*.toml` files of a directory, each
    /// checked in full.
    ///
    /// # Errors
    /// Everything that is wrong with them, with the places.
    pub fn load_dir(dir: &Path) -> Result<Self, LoadError> {
        Self::own(Self::read_dir(dir)?)
    }

    /// The same, of files that are elsewhere than on the disk: at the base of a
    /// pull request. Each has its name and its text.
    ///
    /// # Errors
    /// As for [`RuleSet::load_dir`].
    pub fn load_texts(
        texts: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, LoadError> {
        let origins = texts.into_iter().map(|(name, text)| Origin {
            name: Arc::from(name),
            text: Arc::from(text),
        });
        Self::own(Self::read_origins(origins)?)
    }

    fn own(mut set: Self) -> Result<Self, LoadError> {
        let reserved: Vec<_> = set
            .rules
            .iter()
            .filter(|rule| rule.metadata.id.starts_with(RESERVED))
            .map(|rule| {
                rule.problem(
                    format!("the id {} is reserved", rule.metadata.id),
                    "ids that begin with KS are keysweep's own: choose your organisation's letters",
                )
            })
            .collect();
        if !reserved.is_empty() {
            return Err(LoadError { problems: reserved });
        }
        set.rules.sort_by(|a, b| a.metadata.id.cmp(&b.metadata.id));
        Ok(set)
    }

    /// The rules of a directory, whatever their ids.
    pub(super) fn read_dir(dir: &Path) -> Result<Self, LoadError> {
        Self::read_origins(files(dir)?)
    }

    fn read_origins(origins: impl IntoIterator<Item = Origin>) -> Result<Self, LoadError> {
        let mut problems = Vec::new();
        let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
        for origin in origins {
            match read_checked(origin) {
                Ok(rule) => match rules.get(&rule.metadata.id) {
                    Some(first) => problems.push(rule.problem(
                        format!("there are two rules with the id {}", rule.metadata.id),
                        format!(
                            "the other one is in {}; give one a new id",
                            first.origin.name
                        ),
                    )),
                    None => {
                        rules.insert(rule.metadata.id.clone(), rule);
                    }
                },
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            let rules = rules.into_values().collect();
            Ok(Self { rules })
        } else {
            Err(LoadError { problems })
        }
    }

    /// These rules and those. The ids of the one are reserved and cannot be in
    /// the other when it comes from [`RuleSet::load_dir`].
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.rules.extend(others.rules);
        self.rules.sort_by(|a, b| a.metadata.id.cmp(&b.metadata.id));
        self
    }

    /// The rules as the policy has them: with which severity each runs, or that
    /// it does not.
    #[must_use]
    pub fn with_severities(mut self, severity_of: impl Fn(&Metadata) -> Option<Severity>) -> Self {
        for rule in &mut self.rules {
            match severity_of(&rule.metadata) {
                Some(severity) => {
                    rule.metadata.severity = severity;
                    rule.metadata.enabled = true;
                }
                None => rule.metadata.enabled = false,
            }
        }
        self
    }

    /// The rules that a run can judge by; and those of the enabled ones that
    /// are left out.
    #[must_use]
    pub fn only(self, judges: impl Fn(&Rule) -> bool) -> (Self, Vec<Metadata>) {
        let (kept, dropped): (Vec<_>, Vec<_>) = self.rules.into_iter().partition(judges);
        let dropped = dropped.into_iter().filter(|rule| rule.metadata.enabled);
        let dropped = dropped.map(|rule| rule.metadata).collect();
        (Self { rules: kept }, dropped)
    }

    /// The rules for a run that judges a tenant and reads no file: those about
    /// the estate, about the policy, and about exemptions that hide nothing; and
    /// the enabled rules left out.
    #[must_use]
    pub fn for_tenant(self) -> (Self, Vec<Metadata>) {
        let about = |scope| matches!(scope, Scope::Estate | Scope::Policy);
        self.only(|rule| about(rule.metadata.scope) || rule.on == FactType::Suppression)
    }

    /// Every rule, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule of an id.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, id: &str) -> Result<&Rule, UnknownRule> {
        let mut rules = self.rules.iter();
        let found = rules.find(|rule| rule.metadata.id.eq_ignore_ascii_case(id));
        found.ok_or_else(|| self.unknown(id))
    }

    /// What the enabled rules say of themselves, for a report.
    #[must_use]
    pub fn enabled(&self) -> Vec<Metadata> {
        let enabled = self.rules.iter().filter(|rule| rule.metadata.enabled);
        enabled.map(|rule| rule.metadata.clone()).collect()
    }

    /// What the enabled rules say about the facts, sorted; and what could not be
    /// judged.
    #[must_use]
    pub fn evaluate(&self, facts: &[Fact]) -> (Vec<Finding>, Vec<Gap>) {
        self.evaluate_some(facts, |rule| rule.metadata.enabled)
    }

    /// What some of the rules say about the facts.
    pub(super) fn evaluate_some(
        &self,
        facts: &[Fact],
        wanted: impl Fn(&Rule) -> bool,
    ) -> (Vec<Finding>, Vec<Gap>) {
        self.compile(facts, &wanted);
        let mut findings = Vec::new();
        let mut gaps = BTreeSet::new();
        for fact_type in FactType::ALL {
            let mut facts = facts
                .iter()
                .filter(|f| f.fact_type() == *fact_type)
                .peekable();
            let Some(first) = facts.peek() else { continue };
            let mut rules = Vec::new();
            let mut conditions = Vec::new();
            for rule in self
                .rules
                .iter()
                .filter(|r| r.on == *fact_type && wanted(r))
            {
                match rule.condition() {
                    Ok(condition) => {
                        rules.push(rule);
                        conditions.push(condition);
                    }
                    Err(error) => {
                        gaps.insert(gap(rule, first, error.to_string()));
                    }
                }
            }
            let scope = Facts::new(conditions.iter().copied());
            for fact in facts {
                let verdicts = scope.judge(fact, conditions.iter().copied());
                for (rule, verdict) in rules.iter().zip(verdicts) {
                    match verdict {
                        Ok(true) => findings.push(finding(rule, fact)),
                        Ok(false) => {}
                        Err(error) => {
                            gaps.insert(gap(rule, fact, error));
                        }
                    }
                }
            }
        }
        settle(&mut findings);
        (findings, gaps.into_iter().collect())
    }

    /// Compiles the conditions that are going to be asked for, together.
    fn compile(&self, facts: &[Fact], wanted: &impl Fn(&Rule) -> bool) {
        let types: BTreeSet<FactType> = facts.iter().map(Fact::fact_type).collect();
        let needed = self.rules.iter().filter(|rule| {
            types.contains(&rule.on) && rule.condition.get().is_none() && wanted(rule)
        });
        let rules: Vec<&Rule> = needed.collect();
        let sources: Vec<&str> = rules.iter().map(|rule| rule.when.as_str()).collect();
        for (rule, compiled) in rules.iter().zip(Condition::compile_all(&sources)) {
            // It fails when somebody else was faster.
            let _ = rule.condition.set(compiled);
        }
    }

    fn unknown(&self, id: &str) -> UnknownRule {
        let ids = self.rules.iter().map(|rule| rule.metadata.id.as_str());
        let names = self.rules.iter().map(|rule| rule.metadata.name.as_str());
        let help = match (similar(id, ids), similar(id, names)) {
            (_, Some(name)) if name.eq_ignore_ascii_case(id) => {
                let mut rules = self.rules.iter();
                let named = rules.find(|rule| rule.metadata.name == name);
                let id = named.map_or("its id", |rule| &rule.metadata.id);
                format!("rules go by their ids here: {id}")
            }
            (Some(meant), _) => format!("did you mean {meant}?"),
            _ => "`keysweep rules list` lists them".to_owned(),
        };
        UnknownRule {
            id: redact(id),
            help,
        }
    }
}

/// A fact that a rule could not judge.
fn gap(rule: &Rule, fact: &Fact, error: String) -> Gap {
    Gap {
        subject: fact.record().location().subject().to_owned(),
        reason: GapReason::Condition {
            rule: rule.metadata.id.clone(),
            error,
        },
    }
}

/// Whether a file is one, by its name.
pub(crate) fn is_rule(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

/// The rule files of a directory and of those in it, by name.
fn files(dir: &Path) -> Result<Vec<Origin>, Problem> {
    let failed = |path: &Path, error: &std::io::Error| {
        Problem::new(format!("failed to read {}: {error}", shown_path(path)))
            .help("--rules takes a directory with one TOML file per rule")
    };
    let mut paths = Vec::new();
    let mut directories = vec![dir.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).map_err(|error| failed(&directory, &error))? {
            let entry = entry.map_err(|error| failed(&directory, &error))?;
            let path = entry.path();
            // A link to a directory could lead back here.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                directories.push(path);
            } else if is_rule(&path) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    if paths.is_empty() {
        let message = format!("there is no rule in {}", shown_path(dir));
        return Err(Problem::new(message).help("a rule is a file whose name ends in .toml"));
    }
    let mut origins = Vec::new();
    for path in paths {
        let metadata = fs::metadata(&path).map_err(|error| failed(&path, &error))?;
        if !metadata.is_file() || metadata.len() > MAX_FILE {
            let message = format!("{} is not a file of at most 1 MiB", shown_path(&path));
            return Err(Problem::new(message).help("a rule is one small text file"));
        }
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
        origins.push(Origin {
            name: Arc::from(shown_path(&path)),
            text: Arc::from(text),
        });
    }
    Ok(origins)
}
