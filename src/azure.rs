//! The live tenant: reads function apps, their keys and whoever holds them, and
//! makes an [`Inventory`] of it.
//!
//! The only part of keysweep that waits for a network, and the only
//! asynchronous one: [`collect`] is called like any other function. Values
//! become facts in the function that receives them.
//!
//! ```text
//! subscriptions ─► sites ─► functions ─► keys ─┐ first: every key of the scope
//!                  roles, Activity Log ────────┤
//!                                              ▼
//!                  settings, API Management, … ─► holders: who has one of them
//! ```
//!
//! | file | what |
//! |---|---|
//! | `cloud`, `token`, `tls` | where to, as whom, and over what |
//! | `client`, `throttle`, `retry`, `page`, `journal` | asking politely, and once |
//! | `subscriptions` … `roles` | one family of resources each |
//! | `known`, `holding` | keys in the texts of others |

mod access;
mod action_groups;
mod activity_log;
mod apim;
mod app;
mod body;
mod client;
mod cloud;
mod core_dump;
mod data_factory;
mod event_grid;
mod failure;
mod functions;
mod graph;
mod holding;
mod journal;
mod keys;
mod known;
mod logic_apps;
mod page;
mod plan;
mod previous;
mod retry;
mod roles;
mod run;
mod settings;
mod shard;
mod sites;
mod start;
mod subscriptions;
mod throttle;
mod tls;
mod token;
mod value;

pub use client::Log;
pub use cloud::CloudName;
pub use plan::{Plan, plan};
pub use run::Progress;
pub use token::{Auth, TokenError};

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::task::{JoinSet, LocalSet};

use crate::inventory::{Filters, Inventory, Moment, Scope, Shard, Subscription};
use run::{Outcome, Run, scope_of};

/// What to look at, as whom, and within which limits.
#[derive(Clone, Debug)]
pub struct Options {
    /// The cloud, unless `arm_endpoint` says another one.
    pub cloud: CloudName,
    /// The resource manager of another cloud.
    pub arm_endpoint: Option<String>,
    /// Who issues tokens there; asked of the resource manager if not given.
    pub authority: Option<String>,
    /// Certificate authorities to trust beside the system's, in PEM.
    pub ca_cert: Option<PathBuf>,
    /// The way to a token.
    pub auth: Auth,
    /// The tenant.
    pub tenant: Option<String>,
    /// The scope; the whole tenant, if empty.
    pub scope: Scope,
    /// Which apps of that.
    pub filters: Filters,
    /// Which share of those.
    pub shard: Option<Shard>,
    /// Whether to leave keys and settings alone.
    pub metadata_only: bool,
    /// Whether to ask Event Grid for the full addresses of webhooks.
    pub webhook_urls: bool,
    /// An earlier inventory of the same tenant.
    pub previous: Option<Arc<Inventory>>,
    /// Keys that were listed less than so many days ago are taken from there.
    pub refresh_keys: Option<u32>,
    /// Where to keep what has been answered so far, and to go on from.
    pub resume: Option<PathBuf>,
    /// The time for the whole run.
    pub run_time: Duration,
    /// The time for each app, without its waits for the throttle.
    pub app_time: Duration,
    /// The time for each family of resources of a subscription.
    pub family_time: Duration,
    /// The version of Microsoft.Web's interface.
    pub web_api_version: String,
    /// The key of the fingerprints of chosen values.
    pub fingerprint_key: Option<String>,
}

/// Why a sweep did not come about.
#[derive(Debug, Error, miette::Diagnostic)]
pub enum SweepError {
    /// An address that cannot be used.
    #[error("{origin} cannot be used: '{address}': {problem}")]
    #[diagnostic(help("write it as https://management.example.com"))]
    BadEndpoint {
        /// Where it comes from.
        origin: &'static str,
        /// What it is, masked.
        address: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Nobody is known to issue tokens.
    #[error("the resource manager at {arm} does not say who issues tokens for it")]
    #[diagnostic(help("check --arm-endpoint, and give --authority URL"))]
    NoAuthority {
        /// The resource manager.
        arm: String,
    },
    /// The file of certificates cannot be used.
    #[error("the certificates in {file} cannot be used: {problem}")]
    #[diagnostic(help("--ca-cert takes a file with one or more certificates in PEM"))]
    BadCertificate {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no TLS.
    #[error("no connection can be made: {problem}")]
    NoTls {
        /// What is missing.
        problem: String,
    },
    /// There is no token.
    #[error(transparent)]
    #[diagnostic(help("{}", token_help(.0)))]
    NoToken(#[from] TokenError),
    /// The subscriptions cannot be listed.
    #[error("the subscriptions could not be listed: {problem}")]
    #[diagnostic(help("check --tenant, the network and --arm-endpoint, then try again"))]
    NoSubscriptions {
        /// What the service said.
        problem: String,
    },
    /// The file of `--resume` cannot be used.
    #[error("{file} cannot be used with --resume: {problem}")]
    BadState {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The operating system failed us.
    #[error("{what}: {problem}")]
    System {
        /// What could not be done.
        what: &'static str,
        /// Why.
        problem: String,
    },
}

fn token_help(error: &TokenError) -> &'static str {
    if error.source_name.contains("--auth cli") {
        "log in with `az login`, or choose another way with --auth"
    } else {
        "docs/permissions.md says what each way needs"
    }
}

/// Reads the tenant.
///
/// # Errors
/// When nothing can be read at all. What could not be read of a tenant is a gap
/// of the inventory.
pub fn collect(
    options: Options,
    log: Arc<dyn Log>,
    progress: Arc<Progress>,
) -> Result<Inventory, SweepError> {
    core_dump::switch_off();
    block_on(async move {
        let run = Rc::new(start::start(options, log, progress).await?);
        sweep(&run).await;
        finish(run)
    })
}

/// Runs it on a runtime of its own, with one thread.
fn block_on<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| SweepError::System {
            what: "no network can be used",
            problem: error.to_string(),
        })?;
    LocalSet::new().block_on(&runtime, work)
}

/// Subscription by subscription, all at once: each has an allowance of its own.
async fn sweep(run: &Rc<Run>) {
    let subscriptions = run.found.borrow().subscriptions.clone();
    Progress::add(&run.progress.all_subscriptions, subscriptions.len());
    let details = Rc::new(graph::sites(run, &subscriptions).await);
    let mut tasks = JoinSet::new();
    for subscription in subscriptions.clone() {
        let (run, details) = (Rc::clone(run), Rc::clone(&details));
        tasks.spawn_local(async move {
            let sites = keys_of(&run, &subscription, details).await;
            Progress::add(&run.progress.subscriptions, 1);
            (subscription, sites)
        });
    }
    drop(details);
    let read = tasks.join_all().await;
    // Only now is it known which values are keys.
    let known = known::Known::of(&run.found.borrow());
    *run.known.borrow_mut() = known;
    run.client
        .log
        .step(format_args!("looking for whoever holds these keys"));
    let mut tasks = JoinSet::new();
    for (subscription, sites) in read {
        let run = Rc::clone(run);
        tasks.spawn_local(async move { holders_of(&run, &subscription, sites).await });
    }
    tasks.join_all().await;
}

/// The apps of a subscription with their keys, and what is known of the keys.
async fn keys_of(
    run: &Rc<Run>,
    subscription: &Subscription,
    details: Rc<graph::Details>,
) -> Vec<sites::Site> {
    let scope = scope_of(&subscription.id);
    if shard::has(run.options.shard, subscription.id.as_str()) {
        activity_log::read(run, &subscription.id, &scope).await;
        roles::read(run, &subscription.id, &scope).await;
    }
    let mut sites = sites::list(run, &subscription.id, &scope, &details).await;
    // Large, and needed by nobody else once all have come this far.
    drop(details);
    app::read_all(run, &scope, &mut sites).await;
    sites
}

/// Whoever holds keys in a subscription.
async fn holders_of(run: &Rc<Run>, subscription: &Subscription, sites: Vec<sites::Site>) {
    let (id, scope) = (&subscription.id, scope_of(&subscription.id));
    settings::read_all(run, &scope, sites).await;
    if shard::has(run.options.shard, id.as_str()) {
        apim::read(run, id, &scope).await;
        event_grid::read(run, id, &scope).await;
        action_groups::read(run, id, &scope).await;
        logic_apps::read(run, id, &scope).await;
        data_factory::read(run, id, &scope).await;
    }
    run.count_requests();
}

/// The inventory, complete and in order.
fn finish(run: Rc<Run>) -> Outcome<Inventory> {
    let run = Rc::into_inner(run).ok_or_else(|| SweepError::System {
        what: "the sweep did not end",
        problem: "please report this".to_owned(),
    })?;
    let mut inventory = run.found.into_inner();
    inventory.sweep.ended = Moment::now();
    inventory.finish();
    if let Some(journal) = run.client.journal {
        if journal.is_broken() {
            run.client.log.step(format_args!(
                "the state of the sweep could not be written; it could not have been resumed"
            ));
        }
        let _ = journal.remove();
    }
    Ok(inventory)
}
