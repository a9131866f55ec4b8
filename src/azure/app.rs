//! One app: its functions, its keys, and who can reach it.

use std::rc::Rc;
use std::sync::Arc;
use tokio::task::JoinSet;

use super::client::Budget;
use super::failure::Failure;
use super::run::{Progress, Run};
use super::sites::{Site, explained};
use super::{access, functions, keys, previous};
use crate::inventory::{App, ArmId, Family, Moment, Reason, Text};

/// Apps of one subscription that are read at a time. Each has one request under
/// way: enough of them to use the allowance for keys, 10 a second, where an
/// answer takes three seconds.
const AT_ONCE: usize = 32;

/// Functions in a row whose keys the host does not give: the rest would fail
/// the same way.
const PATIENCE: u32 = 3;

/// Reads the function apps among the sites of a subscription.
pub(super) async fn read_all(run: &Rc<Run>, scope: &Arc<str>, sites: &mut [Site]) {
    let apps: Vec<&mut Site> = sites
        .iter_mut()
        .filter(|site| site.details.is_function_app())
        .collect();
    run.expect_apps(apps.len());
    let mut tasks = JoinSet::new();
    for site in apps {
        while tasks.len() >= AT_ONCE {
            // As `join_all` below: an app that panicked is not passed over.
            if let Some(Err(failure)) = tasks.join_next().await
                && failure.is_panic()
            {
                std::panic::resume_unwind(failure.into_panic());
            }
        }
        let (run, scope, site) = (Rc::clone(run), Arc::clone(scope), site.take());
        tasks.spawn_local(async move {
            let app = read(&run, &scope, &site).await;
            run.found.borrow_mut().apps.push(app);
            Progress::add(&run.progress.apps, 1);
            run.count_requests();
        });
    }
    tasks.join_all().await;
}

async fn read(run: &Run, scope: &Arc<str>, site: &Site) -> App {
    let budget = Budget::new(run.options.app_time);
    let mut app = site.app();
    let (found, listed, failure) = functions::read(run, scope, site, &budget).await;
    let complete = failure.is_none();
    match failure {
        None => app.functions_read = Some(listed),
        Some(failure) => {
            let failure = explained(site, failure);
            run.gap(&app.id, Family::Functions, &failure, functions::ACTION);
        }
    }
    app.functions = found;
    if !run.options.metadata_only {
        match previous::recent_keys(run, &app) {
            Some((keys, read)) => {
                app.keys = keys;
                app.keys_read = Some(read);
            }
            None => {
                let read = read_keys(run, scope, site, &mut app, &budget).await;
                app.keys_read = read.filter(|_| complete);
            }
        }
    }
    access::read(run, scope, site, &mut app, &budget).await;
    // A sweep holds all of them until its end.
    app.functions.shrink_to_fit();
    app.keys.shrink_to_fit();
    app
}

/// Lists its keys: when, if all of them could be listed.
async fn read_keys(
    run: &Run,
    scope: &Arc<str>,
    site: &Site,
    app: &mut App,
    budget: &Budget,
) -> Option<Moment> {
    let mut read = None;
    match keys::of_host(run, scope, site, budget).await {
        Ok((moment, keys)) => {
            app.keys.extend(keys);
            read = Some(moment);
        }
        Err(failure) => {
            let failure = explained(site, failure);
            run.gap(&app.id, Family::HostKeys, &failure, keys::HOST_ACTION);
            if is_of_the_app(failure.reason) {
                if !app.functions.is_empty() {
                    run.gap(
                        &app.id,
                        Family::FunctionKeys,
                        &failure,
                        keys::FUNCTION_ACTION,
                    );
                }
                return None;
            }
        }
    }
    let mut failed = 0;
    let names: Vec<Text> = app.functions.iter().map(|one| one.name.clone()).collect();
    for (at, name) in names.iter().enumerate() {
        let failure = match keys::of_function(run, scope, site, name, budget).await {
            Ok((_, keys)) => {
                failed = 0;
                app.keys.extend(keys);
                continue;
            }
            Err(failure) => explained(site, failure),
        };
        read = None;
        failed += 1;
        let rest = names.len() - at > 1;
        let of_all = is_of_the_app(failure.reason) || failure.reason == Reason::Forbidden;
        let tired = failed >= PATIENCE && is_of_the_host(&failure);
        let out_of_time = matches!(failure.reason, Reason::NotReached) || budget.is_spent();
        if rest && (of_all || tired || out_of_time) {
            run.gap(
                &app.id,
                Family::FunctionKeys,
                &failure,
                keys::FUNCTION_ACTION,
            );
            return None;
        }
        let function = ArmId::new(&format!("{}/functions/{name}", app.id));
        run.gap(
            &function,
            Family::FunctionKeys,
            &failure,
            keys::FUNCTION_ACTION,
        );
    }
    read
}

/// Whether what stops one list of keys stops all of them.
fn is_of_the_app(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Locked | Reason::SubscriptionDisabled | Reason::Stopped | Reason::HostDown
    )
}

fn is_of_the_host(failure: &Failure) -> bool {
    matches!(
        failure.reason,
        Reason::TimedOut | Reason::ServiceError | Reason::Unreachable | Reason::Throttled
    )
}
