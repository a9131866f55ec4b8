//! API Management: the gateway that often holds the keys of everything behind
//! it, in named values, backends and policies.

mod backends;
mod named_values;
mod policies;
mod subscriptions;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::sync::Arc;

use super::activity_log;
use super::client::{Ask, Budget};
use super::run::Run;
use super::throttle::Class;
use crate::inventory::{ArmId, Family, Holder};

const APIM: &str = "2024-05-01";

/// One service.
pub(super) struct Service<'r> {
    run: &'r Run,
    scope: &'r Arc<str>,
    id: ArmId,
    budget: Budget,
}

#[derive(Deserialize)]
struct RawService {
    id: String,
}

/// Reads every service of the subscription.
pub(super) async fn read(run: &Run, subscription: &ArmId, scope: &Arc<str>) {
    let path = format!("{subscription}/providers/Microsoft.ApiManagement/service");
    let Some(services) = services(run, subscription, scope, &path).await else {
        return;
    };
    if !services.is_empty() {
        activity_log::read_renewals(run, subscription, scope).await;
    }
    for id in services {
        let service = Service {
            run,
            scope,
            id,
            budget: run.budget(),
        };
        service.read().await;
    }
}

async fn services(
    run: &Run,
    subscription: &ArmId,
    scope: &Arc<str>,
    path: &str,
) -> Option<Vec<ArmId>> {
    let url = run.url(path, APIM).ok()?;
    let mut ask = Ask::get(url, scope);
    // The provider counts this list itself.
    ask.meter.class = Class::ApiManagement;
    let budget = run.budget();
    let id = |raw: RawService| Some(ArmId::new(&raw.id));
    let listing = run.client.list(ask, &budget, id).await;
    if let Some(failure) = &listing.failure {
        let action = "Microsoft.ApiManagement/service/read";
        run.gap(subscription, Family::ApiManagement, failure, action);
    }
    Some(listing.facts)
}

impl Service<'_> {
    async fn read(&self) {
        let holders = self.backends().await;
        let (more, used) = self.policies().await;
        let used: HashSet<String> = used
            .into_iter()
            .chain(named_values_of(&holders))
            .chain(named_values_of(&more))
            .map(|name| name.to_ascii_lowercase())
            .collect();
        {
            let mut found = self.run.found.borrow_mut();
            found.holders.extend(holders);
            found.holders.extend(more);
        }
        self.named_values(&used).await;
        self.subscriptions().await;
    }

    /// A list of the service. What could not be read is a gap, with the action
    /// that it needs.
    async fn list<R, F>(
        &self,
        path: &str,
        action: &str,
        fact: impl FnMut(R) -> Option<F>,
    ) -> Vec<F>
    where
        R: DeserializeOwned,
        F: serde::Serialize + DeserializeOwned,
    {
        let (facts, failure) = match self.run.url(&format!("{}{path}", self.id), APIM) {
            Ok(url) => {
                let ask = Ask::get(url, self.scope);
                let listing = self.run.client.list(ask, &self.budget, fact).await;
                (listing.facts, listing.failure)
            }
            Err(failure) => (Vec::new(), Some(failure)),
        };
        if let Some(failure) = failure {
            let subject = ArmId::new(&format!("{}{path}", self.id));
            self.run.gap(&subject, Family::ApiManagement, &failure, action);
        }
        facts
    }
}

/// The display names of the named values that holders send.
fn named_values_of(holders: &[Holder]) -> impl Iterator<Item = String> + '_ {
    let names = holders.iter().filter_map(|holder| holder.named_value.as_ref());
    names.map(ToString::to_string)
}

/// The name in `{{name}}`, where that is all there is.
fn named_value(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let name = inner.trim();
    (!name.is_empty() && !name.contains(['{', '}'])).then_some(name)
}
