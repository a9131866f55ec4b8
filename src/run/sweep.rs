//! `keysweep sweep`.

use indicatif::HumanCount;
use miette::{IntoDiagnostic, WrapErr};
use std::fmt::Arguments;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::check::{self, Judge};
use super::output::{self, Console};
use super::{Failure, progress, scan};
use crate::azure::{self, Log, Options, Progress, SweepError};
use crate::cli::Sweep;
use crate::excerpt::shown_path;
use crate::inventory::{Filters, Inventory, Merged, PolicyDigest, Scope, Text};
use crate::outcome::Verdict;
use crate::report::count;
use crate::secret::Fingerprinter;

/// The time for each family of resources of a subscription: its Activity Log
/// may have many thousands of pages.
const FAMILY_TIME: Duration = Duration::from_secs(3_600);

impl Log for Console {
    fn step(&self, message: Arguments<'_>) {
        self.detail(message);
    }

    fn request(&self, message: Arguments<'_>) {
        self.every_detail(message);
    }
}

/// Sweeps, keeps the inventory, judges it, and says how it ends.
pub(super) fn sweep(sweep: &Sweep, console: &Console) -> Result<Verdict, Failure> {
    output::check(&sweep.output)?;
    // Whatever is wrong with what was typed shows before the first request.
    let judge = Judge::new(&sweep.judgement, &sweep.evidence, console)?;
    let previous = check::read(&sweep.evidence.previous)?.map(|it| Arc::new(it.inventory));
    let options = options(sweep, previous.clone())?;
    if options.fingerprint_key.is_none() && (previous.is_some() || options.shard.is_some()) {
        console.say(format_args!(
            "chosen keys have names that hold in this sweep alone; set {} to compare them",
            Fingerprinter::KEY_VARIABLE
        ));
    }
    if sweep.plan {
        let plan = watched(sweep, console, |log, progress| {
            azure::plan(options, log, progress)
        })?;
        output::to_stdout(|out| write!(out, "{plan}"))?;
        return Ok(Verdict::Clean);
    }
    let mut inventory = watched(sweep, console, |log, progress| {
        azure::collect(options, log, progress)
    })?;
    inventory.sweep.policy = policy_of(&judge);
    if let Some(previous) = previous {
        inventory.carry(&previous);
    }
    save(sweep, console, &inventory)?;
    if let Some(shard) = inventory.sweep.shard {
        let coverage = &inventory.sweep.coverage;
        console.say(format_args!(
            "share {} of {}: {} of {} assessed; judge all shares with `keysweep check`",
            shard.index,
            shard.count,
            coverage.assessed,
            count(usize::try_from(coverage.apps).unwrap_or(usize::MAX), "app"),
        ));
        return Ok(judge.of_share(&inventory, sweep.judgement.allow_incomplete));
    }
    let Some(merged) = Merged::new(vec![inventory]) else {
        unreachable!("there is one")
    };
    judge.conclude(merged, &sweep.judgement, &sweep.output, console)
}

fn policy_of(judge: &Judge) -> Option<PolicyDigest> {
    Some(PolicyDigest {
        path: Text::name(judge.policy.path()?),
        sha256: Text::name(judge.policy.digest()?),
    })
}

/// Carries it out, and shows how far it is where somebody watches.
fn watched<T>(
    sweep: &Sweep,
    console: &Console,
    work: impl FnOnce(Arc<dyn Log>, Arc<Progress>) -> Result<T, SweepError>,
) -> Result<T, Failure> {
    let counters = Arc::new(Progress::default());
    let shown = Arc::clone(&counters);
    std::thread::scope(|scope| {
        // Lines and a bar in each other's way are neither.
        let watched = !sweep.output.no_progress && console.is_watched() && !console.is_verbose();
        let _progress = watched.then(|| progress::show(scope, move || message(&shown)));
        work(Arc::new(console.clone()), counters)
    })
    .map_err(Failure::new)
}

fn message(progress: &Progress) -> String {
    let shown = |counter: &AtomicU64| HumanCount(counter.load(Ordering::Relaxed)).to_string();
    format!(
        "subscriptions {}/{}, apps {}/{}, {} requests, {} of them waited for the throttle",
        shown(&progress.subscriptions),
        shown(&progress.all_subscriptions),
        shown(&progress.apps),
        shown(&progress.all_apps),
        shown(&progress.requests),
        shown(&progress.waits),
    )
}

fn options(sweep: &Sweep, previous: Option<Arc<Inventory>>) -> Result<Options, Failure> {
    let names = |names: &[String]| names.iter().map(|name| Text::name(name)).collect();
    let (target, connection) = (&sweep.target, &sweep.connection);
    Ok(Options {
        cloud: connection.cloud,
        arm_endpoint: connection.arm_endpoint.clone(),
        authority: connection.authority.clone(),
        ca_cert: connection.ca_cert.clone(),
        auth: connection.auth,
        tenant: target.tenant.clone(),
        scope: Scope {
            subscriptions: names(&target.subscriptions),
            management_groups: names(&target.management_groups),
        },
        filters: Filters {
            resource_groups: names(&target.resource_groups),
            apps: names(&target.apps),
            tags: target.tags.iter().cloned().collect(),
        },
        shard: target.shard,
        metadata_only: sweep.metadata_only,
        webhook_urls: sweep.webhook_urls,
        previous,
        refresh_keys: sweep.refresh_keys,
        resume: sweep.resume.clone(),
        run_time: sweep.deadline,
        app_time: sweep.app_deadline,
        family_time: FAMILY_TIME,
        web_api_version: connection.web_api_version.clone(),
        fingerprint_key: scan::fingerprint_key()?,
    })
}

fn save(sweep: &Sweep, console: &Console, inventory: &Inventory) -> Result<(), Failure> {
    let Some(file) = &sweep.save else {
        return Ok(());
    };
    output::replace_with(file, |out| inventory.write(out))
        .into_diagnostic()
        .wrap_err_with(|| format!("the inventory could not be written to {}", shown_path(file)))?;
    console.detail(format_args!("wrote {}", shown_path(file)));
    Ok(())
}
