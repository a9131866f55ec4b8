//! `keysweep check`: the rules over saved inventories.

use std::path::{Path, PathBuf};

use super::inputs::{self, Inputs};
use super::output::{self, Console};
use super::{Failure, scan};
use crate::baseline::Baseline;
use crate::cli::{Check, Evidence, Judgement, Output};
use crate::evidence;
use crate::fact::Fact;
use crate::finding::{Finding, Packer};
use crate::gap::{Gap, GapReason, Notice};
use crate::inventory::{self, Inventory, Merged};
use crate::join::live::Estate;
use crate::leaks::Leaks;
use crate::outcome::{Coverage, Outcome, TenantCoverage, Terms, Verdict};
use crate::policy::Policy;
use crate::report::Format;
use crate::rule::RuleSet;
use crate::suppress::Exemptions;

/// Facts that are judged at once: enough for the rules to be worth their while,
/// few enough to be small beside the inventory.
const BATCH: usize = 1024;

/// Reads, judges, reports, and says how it ends.
pub(super) fn check(check: &Check, console: &Console) -> Result<Verdict, Failure> {
    output::check(&check.output)?;
    let judge = Judge::new(&check.judgement, &check.evidence, console)?;
    let merged = known(&check.inventories, &check.evidence.previous)?;
    judge.conclude(merged, &check.judgement, &check.output, console)
}

/// The inventories as one, with what earlier ones add.
pub(super) fn known(files: &[PathBuf], previous: &[PathBuf]) -> Result<Merged, Failure> {
    let Some(mut merged) = read(files)? else {
        return Err(miette::miette!("there is no inventory to read"));
    };
    if let Some(earlier) = read(previous)? {
        merged.inventory.carry(&earlier.inventory);
    }
    Ok(merged)
}

/// The inventories as one; none of none.
pub(super) fn read(files: &[PathBuf]) -> Result<Option<Merged>, Failure> {
    let read = files.iter().map(|file| inventory::read(file));
    let inventories: Vec<Inventory> = read.collect::<Result<_, _>>()?;
    Ok(Merged::new(inventories))
}

/// What a tenant is judged by. It is read before the tenant is: a mistake in a
/// policy is not to be found after hours of sweeping.
pub(super) struct Judge {
    rules: RuleSet,
    pub(super) policy: Policy,
    baseline: Option<Baseline>,
    not_in_base: Option<Notice>,
    leaks: Option<Leaks>,
    min_coverage: Option<u8>,
}

impl Judge {
    pub(super) fn new(
        judgement: &Judgement,
        evidence: &Evidence,
        console: &Console,
    ) -> Result<Self, Failure> {
        let Inputs {
            rules,
            policy,
            base,
        } = inputs::read(judgement, Path::new("."), console)?;
        let (baseline, not_in_base) = match &judgement.baseline {
            Some(file) => inputs::baseline(file, base.as_ref())?,
            None => (None, None),
        };
        let leaks = evidence.leaks.as_deref().map(Leaks::read).transpose()?;
        Ok(Self {
            rules,
            policy,
            baseline,
            not_in_base,
            leaks,
            min_coverage: evidence.min_coverage,
        })
    }

    /// Judges, reports, and says how it ends.
    pub(super) fn conclude(
        self,
        merged: Merged,
        judgement: &Judgement,
        output: &Output,
        console: &Console,
    ) -> Result<Verdict, Failure> {
        let tenant = Tenant {
            merged,
            leaks: self.leaks,
            min_coverage: self.min_coverage,
        };
        let mut outcome = tenant.judge(self.rules, &self.policy, self.baseline, judgement);
        outcome.notices.extend(self.not_in_base);
        outcome.origin = scan::origin();
        if output.has(Format::Html) {
            outcome.evidence = Some(evidence::Evidence::of(&tenant.merged, &self.policy));
        }
        let verdict = outcome.verdict();
        output::reports(&outcome, output, console)?;
        Ok(verdict)
    }

    /// How a share of a tenant ends, which is not judged: by what of it could
    /// not be read.
    #[cfg(feature = "live")]
    pub(super) fn of_share(&self, share: &Inventory, allow_incomplete: bool) -> Verdict {
        let gaps = share.gaps.iter().map(not_assessed).collect();
        let gaps = scan::accept(gaps, &self.policy, &mut Vec::new());
        match gaps.is_empty() || allow_incomplete {
            true => Verdict::Clean,
            false => Verdict::Incomplete,
        }
    }
}

fn not_assessed(gap: &inventory::Gap) -> Gap {
    Gap {
        subject: gap.subject.as_str().to_owned(),
        reason: GapReason::NotAssessed(gap.sentence()),
    }
}

/// What is judged.
struct Tenant {
    merged: Merged,
    leaks: Option<Leaks>,
    /// The share of apps, in percent, whose assessment is enough.
    min_coverage: Option<u8>,
}

impl Tenant {
    /// Everything between the inventory and the report.
    fn judge(
        &self,
        rules: RuleSet,
        policy: &Policy,
        mut baseline: Option<Baseline>,
        judgement: &Judgement,
    ) -> Outcome {
        let rules = rules.with_severities(|rule| policy.severity_of(rule));
        let (rules, not_evaluated) = rules.for_tenant();
        let mut exemptions = (!judgement.no_suppress).then(|| Exemptions::new(policy));
        let mut packer = Packer::default();
        let (mut findings, mut gaps) = self.evaluate(&rules, policy, &mut packer, |found| {
            if let Some(exemptions) = &mut exemptions {
                exemptions.apply(found);
            }
            if let Some(baseline) = &mut baseline {
                baseline.mark(found);
            }
        });
        let mut notices = self.notices();
        if let Some(exemptions) = exemptions {
            let (mut unused, more) = rules.evaluate(&exemptions.suppressions(true));
            if let Some(baseline) = &mut baseline {
                baseline.mark(&mut unused);
            }
            findings.extend(unused);
            gaps.extend(more);
        }
        gaps.extend(self.gaps(&mut notices));
        if let Some(mut baseline) = baseline {
            let unmatched = baseline.unmatched(&rules.enabled(), &gaps);
            let (mut unused, more) = rules.evaluate(&unmatched);
            baseline.mark(&mut unused);
            findings.extend(unused);
            gaps.extend(more);
        }
        let gaps = scan::accept(gaps, policy, &mut notices);
        let mut findings = rules.gather(findings);
        findings.iter_mut().for_each(|one| packer.pack(one));
        Outcome {
            findings,
            gaps,
            notices,
            rules: rules.enabled(),
            not_evaluated,
            coverage: self.coverage(),
            terms: Terms {
                fail_on: judgement.fail_on.severity(),
                strict: judgement.strict,
                allow_incomplete: judgement.allow_incomplete,
            },
            origin: crate::origin::Origin::default(),
            evidence: None,
        }
    }

    /// Judges an app after the other. What counts is settled at once, so that
    /// of the findings about the keys of an app only the one remains that they
    /// are reported as: an estate has some hundred thousand keys.
    fn evaluate(
        &self,
        rules: &RuleSet,
        policy: &Policy,
        packer: &mut Packer,
        mut settle: impl FnMut(&mut Vec<Finding>),
    ) -> (Vec<Finding>, Vec<Gap>) {
        let none = Leaks::default();
        let estate = Estate::new(&self.merged, policy, self.leaks.as_ref().unwrap_or(&none));
        let (mut findings, mut gaps) = (Vec::new(), Vec::new());
        let mut judge = |facts: &mut Vec<Fact>| {
            let (mut found, unjudged) = rules.evaluate(facts);
            settle(&mut found);
            let gathered = rules.gather_apps(found).into_iter();
            findings.extend(gathered.map(|mut finding| {
                packer.pack(&mut finding);
                finding
            }));
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
        estate.rest().for_each(|mut facts| judge(&mut facts));
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
            let gap = not_assessed(gap);
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
