//! `--plan`: what a sweep would ask, how long that takes, and what it would not
//! be allowed to. Reads lists of resources, and no secret.

mod permissions;

use permissions::Missing;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::client::{Budget, Log};
use super::run::{Outcome, Progress, Run, scope_of};
use super::sites::Site;
use super::{Options, SweepError, block_on, core_dump, functions, graph, shard, sites, start};
use crate::inventory::{ArmId, Gap};
use crate::report::count;

/// Apps of each subscription whose functions are counted; of the others as many
/// are assumed.
const SAMPLE: usize = 20;

/// What a sweep would do.
#[derive(Debug)]
pub struct Plan {
    /// Subscriptions in scope.
    pub subscriptions: usize,
    /// Function apps, without slots.
    pub apps: usize,
    /// Their slots.
    pub slots: usize,
    /// Other sites, whose settings may hold keys.
    pub other_sites: usize,
    /// Their functions; some of it is an estimate, if `sampled`.
    pub functions: usize,
    /// Whether the functions of some apps were not counted.
    pub sampled: bool,
    /// The requests.
    pub calls: Calls,
    /// The time that the throttle leaves it.
    pub minutes: f64,
    /// What the identity may not do. None, if that cannot be told.
    missing: Option<Vec<Missing>>,
    /// What could not be looked at for the plan.
    pub gaps: Vec<Gap>,
}

/// Requests, by what they are counted as.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calls {
    /// `GET`.
    pub reads: usize,
    /// Listing keys: counted as writes.
    pub writes: usize,
    /// Listing settings.
    pub settings: usize,
}

/// Lists of a subscription that do not depend on its apps: resources, groups,
/// roles, a page of its log, action groups, workflows, factories, event
/// subscriptions of sixty regions.
const READS_PER_SUBSCRIPTION: usize = 72;

/// Functions, authentication, network.
const READS_PER_APP: usize = 3;

/// Makes the plan.
///
/// # Errors
/// When nothing can be read at all.
pub fn plan(
    mut options: Options,
    log: Arc<dyn Log>,
    progress: Arc<Progress>,
) -> Result<Plan, SweepError> {
    core_dump::switch_off();
    // It is over in no time, and has nothing to go on with.
    options.resume = None;
    block_on(async move {
        let run = Rc::new(start::start(options, log, progress).await?);
        look(&run).await
    })
}

async fn look(run: &Rc<Run>) -> Outcome<Plan> {
    let subscriptions = run.found.borrow().subscriptions.clone();
    let details = graph::sites(run, &subscriptions).await;
    let mut plan = Plan {
        subscriptions: subscriptions.len(),
        apps: 0,
        slots: 0,
        other_sites: 0,
        functions: 0,
        sampled: false,
        calls: Calls::default(),
        minutes: 0.0,
        missing: Some(Vec::new()),
        gaps: Vec::new(),
    };
    for subscription in &subscriptions {
        let (id, scope) = (&subscription.id, scope_of(&subscription.id));
        let sites = sites::list(run, id, &scope, &details).await;
        let (apps, others): (Vec<&Site>, Vec<&Site>) =
            sites.iter().partition(|site| site.details.is_function_app());
        let functions = functions_of(run, &scope, &apps, &mut plan.sampled).await;
        let own = shard::has(run.options.shard, id.as_str());
        let keys = if run.options.metadata_only { 0 } else { apps.len() + functions };
        let settings = if run.options.metadata_only { 0 } else { sites.len() };
        let calls = Calls {
            reads: READS_PER_APP * apps.len() + if own { READS_PER_SUBSCRIPTION } else { 5 },
            writes: keys,
            settings,
        };
        // Each subscription has an allowance of its own.
        plan.minutes = plan.minutes.max(calls.minutes());
        plan.calls.reads += calls.reads;
        plan.calls.writes += calls.writes;
        plan.calls.settings += calls.settings;
        let slots = apps.iter().filter(|site| site.id.slot().is_some()).count();
        plan.apps += apps.len() - slots;
        plan.slots += slots;
        plan.other_sites += others.len();
        plan.functions += functions;
        let missing = permissions::missing(run, id, &scope).await;
        plan.missing = match (plan.missing.take(), missing) {
            (Some(all), Some(more)) => Some(permissions::merged(all, more)),
            _ => None,
        };
    }
    plan.gaps = std::mem::take(&mut run.found.borrow_mut().gaps);
    Ok(plan)
}

/// How many functions the apps have, by some of them if they are many.
async fn functions_of(
    run: &Run,
    scope: &Arc<str>,
    apps: &[&Site],
    sampled: &mut bool,
) -> usize {
    let mut counted = 0;
    let sample = apps.len().min(SAMPLE);
    for site in &apps[..sample] {
        let budget = Budget::new(run.options.app_time);
        let (functions, ..) = functions::read(run, scope, site, &budget).await;
        counted += functions.len();
    }
    if sample < apps.len() {
        *sampled = true;
        counted = (counted * apps.len()).div_ceil(sample.max(1));
    }
    counted
}

impl Calls {
    /// The documented allowance: 200 writes and 10 a second, 250 reads and 25 a
    /// second, 12,000 lists of settings and 3.33 a second.
    fn minutes(self) -> f64 {
        let seconds = |calls: usize, burst: f64, rate: f64| (calls as f64 - burst).max(0.0) / rate;
        seconds(self.writes, 200.0, 10.0)
            .max(seconds(self.reads, 250.0, 25.0))
            .max(seconds(self.settings, 12_000.0, 3.33))
            / 60.0
    }

    fn all(self) -> usize {
        self.reads + self.writes + self.settings
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.sampled { "about " } else { "" };
        writeln!(
            f,
            "{}, {} with {}, {about}{}, {}",
            count(self.subscriptions, "subscription"),
            count(self.apps, "function app"),
            count(self.slots, "slot"),
            count(self.functions, "function"),
            count(self.other_sites, "other site"),
        )?;
        writeln!(
            f,
            "{about}{}: {} counted as reads, {} as writes, {} of settings",
            count(self.calls.all(), "request"),
            self.calls.reads,
            self.calls.writes,
            self.calls.settings,
        )?;
        match self.minutes.ceil() as u64 {
            0 => writeln!(f, "less than a minute of waiting for the throttle")?,
            minutes => writeln!(
                f,
                "about {} at what the service allows",
                count(usize::try_from(minutes).unwrap_or(usize::MAX), "minute")
            )?,
        }
        match &self.missing {
            None => writeln!(f, "\nwhat the identity may do could not be told")?,
            Some(missing) if missing.is_empty() => {
                writeln!(f, "\nthe identity has every permission that a sweep uses")?;
            }
            Some(missing) => {
                writeln!(f, "\nmissing permissions, and what is lost without them:")?;
                for one in missing {
                    writeln!(f, "  {one}")?;
                }
                writeln!(f, "docs/permissions.md has a role with all of them")?;
            }
        }
        if !self.gaps.is_empty() {
            writeln!(f, "\nnot looked at for this plan:")?;
            for gap in &self.gaps {
                let detail = gap.detail.as_deref().unwrap_or_default();
                writeln!(f, "  {}: {detail}", gap.subject)?;
            }
        }
        Ok(())
    }
}

/// Ids of subscriptions, shown by their GUIDs.
fn shown(subscriptions: &[ArmId]) -> String {
    match subscriptions {
        [one] => one.name().to_owned(),
        many => format!("{} subscriptions", many.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_that_of_the_slowest_class() {
        let calls = Calls {
            reads: 250 + 25 * 60,
            writes: 200 + 10 * 60 * 18,
            settings: 1_000,
        };
        assert!((calls.minutes() - 18.0).abs() < 0.01);
        assert_eq!(Calls::default().minutes(), 0.0);
    }
}
