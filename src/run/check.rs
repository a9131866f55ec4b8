//! `keysweep check`: the rules over saved inventories.

use std::path::{Path, PathBuf};

use super::inputs::{self, Inputs};
use super::output::{self, Console};
use super::{Failure, scan};
use crate::baseline::Baseline;
use crate::cli::{Check, Judgement};
use crate::evidence::Evidence;
use crate::fact::Fact;
use crate::finding::Finding;
use crate::gap::{Gap, GapReason, Notice};
use crate::inventory::{self, Inventory, Merged};
use crate::join::live::Estate;
use crate::leaks::Leaks;
use crate::outcome::{Coverage, Outcome, TenantCoverage, Terms, Verdict};
use crate::policy::Policy;
use crate::report::Format;
use crate::rule::RuleSet;
use crate::suppress;

/// Facts that are judged at once: enough for the rules to be worth their while,
/// few enough to be small beside the inventory.
const BATCH: usize = 4096;

/// Reads, judges, reports, and says how it ends.
pub(super) fn check(check: &Check, console: &Console) -> Result<Verdict, Failure> {
    let Inputs {
        rules,
        policy,
        base,
    } = inputs::read(&check.judgement, Path::new("."), console)?;
    let (baseline, not_in_base) = match &check.judgement.baseline {
        Some(file) => inputs::baseline(file, base.as_ref())?,
        None => (None, None),
    };
    let merged = read(&check.inventories, &check.evidence.previous)?;
    let leaks = check
        .evidence
        .leaks
        .as_deref()
        .map(Leaks::read)
        .transpose()?;
    let tenant = Tenant {
        merged,
        leaks,
        min_coverage: check.evidence.min_coverage,
    };
    let mut outcome = tenant.judge(rules, &policy, baseline, &check.judgement);
    outcome.notices.extend(not_in_base);
    outcome.origin = scan::origin();
    if check.output.has(Format::Html) {
        outcome.evidence = Some(Evidence::of(&tenant.merged, &policy));
    }
    let verdict = outcome.verdict();
    output::reports(&outcome, &check.output, console)?;
    Ok(verdict)
}

/// The inventories as one, with what earlier ones add.
pub(super) fn read(files: &[PathBuf], previous: &[PathBuf]) -> Result<Merged, Failure> {
    let all = |files: &[PathBuf]| -> Result<Option<Merged>, Failure> {
        let read = files.iter().map(|file| inventory::read(file));
        let inventories: Vec<Inventory> = read.collect::<Result<_, _>>()?;
        Ok(Merged::new(inventories))
    };
    let Some(mut merged) = all(files)? else {
        return Err(miette::miette!("there is no inventory to check"));
    };
    if let Some(earlier) = all(previous)? {
        merged.inventory.carry(&earlier.inventory);
    }
    Ok(merged)
}

/// What is judged.
pub(super) struct Tenant {
    pub(super) merged: Merged,
    pub(super) leaks: Option<Leaks>,
    /// The share of apps, in percent, whose assessment is enough.
    pub(super) min_coverage: Option<u8>,
}

impl Tenant {
    /// Everything between the inventory and the report.
    pub(super) fn judge(
        &self,
        rules: RuleSet,
        policy: &Policy,
        baseline: Option<Baseline>,
        judgement: &Judgement,
    ) -> Outcome {
        let rules = rules.with_severities(|rule| policy.severity_of(rule));
        let (rules, not_evaluated) = rules.for_tenant();
        let (mut findings, mut gaps) = self.evaluate(&rules, policy);
        let mut notices = self.notices();
        if !judgement.no_suppress {
            let applied = suppress::apply_to_tenant(policy, &mut findings);
            let (unused, more) = rules.evaluate(&applied.suppressions);
            findings.extend(unused);
            gaps.extend(more);
        }
        gaps.extend(self.gaps(&mut notices));
        if let Some(mut baseline) = baseline {
            baseline.mark(&mut findings);
            let unmatched = baseline.unmatched(&rules.enabled(), &gaps);
            let (mut unused, more) = rules.evaluate(&unmatched);
            baseline.mark(&mut unused);
            findings.extend(unused);
            gaps.extend(more);
        }
        let gaps = scan::accept(gaps, policy, &mut notices);
        Outcome {
            findings: rules.gather(findings),
            gaps,
            notices,
            rules: rules.enabled(),
            not_evaluated,
            evidence: None,
            coverage: self.coverage(),
            terms: Terms {
                fail_on: judgement.fail_on.severity(),
                strict: judgement.strict,
                allow_incomplete: judgement.allow_incomplete,
            },
            origin: crate::origin::Origin::default(),
        }
    }

    fn evaluate(&self, rules: &RuleSet, policy: &Policy) -> (Vec<Finding>, Vec<Gap>) {
        let none = Leaks::default();
        let estate = Estate::new(&self.merged, policy, self.leaks.as_ref().unwrap_or(&none));
        let (mut findings, mut gaps) = (Vec::new(), Vec::new());
        let mut judge = |facts: &mut Vec<Fact>| {
            let (found, unjudged) = rules.evaluate(facts);
            findings.extend(found);
            gaps.extend(unjudged);
            facts.clear();
        };
        let mut batch = Vec::new();
        for app in estate.apps() {
            batch.extend(app);
            if batch.len() >= BATCH {
                judge(&mut batch);
            }
        }
        judge(&mut batch);
        judge(&mut estate.rest());
        judge(&mut policy.facts());
        (findings, gaps)
    }

    /// What the sweep could not read. Where enough apps were assessed, those
    /// that were not are no failure.
    fn gaps(&self, notices: &mut Vec<Notice>) -> Vec<Gap> {
        let enough = self.min_coverage.filter(|percent| self.covers(*percent));
        let mut gaps = Vec::new();
        for gap in &self.merged.inventory.gaps {
            let of_app = gap.subject.app().is_some();
            let gap = Gap {
                subject: gap.subject.as_str().to_owned(),
                reason: GapReason::NotAssessed(gap.sentence()),
            };
            match enough {
                Some(percent) if of_app => notices.push(Notice::GapAccepted {
                    gap: gap.to_string(),
                    reason: format!("--min-coverage {percent}%"),
                }),
                _ => gaps.push(gap),
            }
        }
        gaps
    }

    fn covers(&self, percent: u8) -> bool {
        let coverage = &self.merged.inventory.sweep.coverage;
        coverage.assessed * 100 >= coverage.apps * u64::from(percent)
    }

    fn notices(&self) -> Vec<Notice> {
        let inventory = &self.merged.inventory;
        let chosen = inventory.apps.iter().flat_map(|app| &app.keys);
        let chosen = chosen.filter(|key| !key.fingerprint.is_random()).count();
        let no_leaks = self.leaks.as_ref().is_some_and(Leaks::is_empty);
        [
            (!self.merged.chosen_comparable && chosen > 0).then_some(Notice::ChosenNotComparable),
            inventory
                .sweep
                .metadata_only
                .then_some(Notice::KeysNotListed),
            inventory.apps.is_empty().then_some(Notice::NoApps),
            no_leaks.then_some(Notice::NoLeaks),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn coverage(&self) -> Coverage {
        let inventory = &self.merged.inventory;
        let seen = &inventory.sweep.coverage;
        Coverage {
            tenant: Some(TenantCoverage {
                subscriptions: inventory.subscriptions.len() as u64,
                apps: seen.apps,
                assessed: seen.assessed,
                functions: seen.functions,
                keys: seen.keys,
            }),
            ..Coverage::default()
        }
    }
}
