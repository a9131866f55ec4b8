//! Event Grid: event subscriptions that call functions, with a system key that
//! the service fetches, or with one in the address of a webhook.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::client::{Ask, Budget};
use super::failure::Failure;
use super::holding::{Searcher, holder};
use super::run::Run;
use super::throttle::Class;
use super::value::SecretText;
use crate::inventory::{ArmId, Family, Form, Holder, HolderKind, Reason, Text, Transport};
use crate::read::text::is_functions_host;

const EVENT_GRID: &str = "2025-02-15";
const LOCATIONS: &str = "2022-12-01";
const ACTION: &str = "Microsoft.EventGrid/eventSubscriptions/read";

/// What tells the full address, which reading does not.
const FULL_URL: &str = "Microsoft.EventGrid/eventSubscriptions/getFullUrl/action";

#[derive(Deserialize)]
struct Raw {
    id: String,
    properties: Option<RawSubscription>,
}

#[derive(Deserialize)]
struct RawSubscription {
    destination: Option<RawDestination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDestination {
    endpoint_type: Option<String>,
    properties: Option<RawEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEndpoint {
    resource_id: Option<String>,
    endpoint_base_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawUrl {
    endpoint_url: Option<SecretText>,
}

#[derive(Deserialize)]
struct RawNamed {
    id: String,
}

#[derive(Deserialize)]
struct RawLocation {
    name: String,
}

/// An event subscription that calls an app.
#[derive(Serialize, Deserialize)]
struct Call {
    id: ArmId,
    /// The app, where it is named by its id: the service fetches the key.
    app: Option<ArmId>,
    /// The host of a webhook.
    host: Option<String>,
}

/// Reads those of a subscription: the global ones, those of each region, and
/// those of each system topic.
pub(super) async fn read(run: &Run, subscription: &ArmId, scope: &Arc<str>) {
    let budget = run.budget();
    let provider = format!("{subscription}/providers/Microsoft.EventGrid");
    let mut paths = vec![format!("{provider}/eventSubscriptions")];
    match locations(run, subscription, scope, &budget).await {
        Ok(names) => {
            let regional = names.iter();
            paths.extend(
                regional.map(|name| format!("{provider}/locations/{name}/eventSubscriptions")),
            );
        }
        Err(failure) => {
            let action = "Microsoft.Resources/subscriptions/locations/read";
            run.gap(subscription, Family::EventGrid, &failure, action);
        }
    }
    match topics(run, &format!("{provider}/systemTopics"), scope, &budget).await {
        Ok(topics) => {
            paths.extend(topics.iter().map(|topic| format!("{topic}/eventSubscriptions")));
        }
        Err(failure) => {
            let action = "Microsoft.EventGrid/systemTopics/read";
            run.gap(subscription, Family::EventGrid, &failure, action);
        }
    }
    for path in paths {
        match calls(run, &path, scope, &budget).await {
            Ok(calls) => {
                for call in calls {
                    let holder = holder_of(run, scope, &budget, call).await;
                    run.found.borrow_mut().holders.push(holder);
                }
            }
            // Event Grid is not in every region.
            Err(failure) if failure.detail.as_deref().is_some_and(no_such_region) => {}
            // Of one region as of all.
            Err(failure) if failure.reason == Reason::Forbidden || budget.is_spent() => {
                run.gap(subscription, Family::EventGrid, &failure, ACTION);
                break;
            }
            Err(failure) => run.gap(&ArmId::new(&path), Family::EventGrid, &failure, ACTION),
        }
    }
}

fn no_such_region(said: &str) -> bool {
    said.contains("NoRegisteredProviderFound") || said.contains("LocationNotAvailable")
}

async fn locations(
    run: &Run,
    subscription: &ArmId,
    scope: &Arc<str>,
    budget: &Budget,
) -> Result<Vec<String>, Failure> {
    let url = run.url(&format!("{subscription}/locations"), LOCATIONS)?;
    let list = run.client.list(Ask::get(url, scope), budget, |raw: RawLocation| Some(raw.name));
    whole(list.await)
}

async fn topics(
    run: &Run,
    path: &str,
    scope: &Arc<str>,
    budget: &Budget,
) -> Result<Vec<ArmId>, Failure> {
    let url = run.url(path, EVENT_GRID)?;
    let id = |raw: RawNamed| Some(ArmId::new(&raw.id));
    whole(run.client.list(Ask::get(url, scope), budget, id).await)
}

async fn calls(
    run: &Run,
    path: &str,
    scope: &Arc<str>,
    budget: &Budget,
) -> Result<Vec<Call>, Failure> {
    let url = run.url(path, EVENT_GRID)?;
    whole(run.client.list(Ask::get(url, scope), budget, call).await)
}

fn whole<F>(listing: super::page::Listing<F>) -> Result<Vec<F>, Failure> {
    match listing.failure {
        Some(failure) => Err(failure),
        None => Ok(listing.facts),
    }
}

fn call(raw: Raw) -> Option<Call> {
    let destination = raw.properties?.destination?;
    let kind = destination.endpoint_type.unwrap_or_default();
    let endpoint = destination.properties?;
    let id = ArmId::new(&raw.id);
    if kind.eq_ignore_ascii_case("AzureFunction") {
        let app = endpoint.resource_id.as_deref().and_then(|id| ArmId::new(id).app())?;
        return Some(Call {
            id,
            app: Some(app),
            host: None,
        });
    }
    if !kind.eq_ignore_ascii_case("WebHook") {
        return None;
    }
    let url = reqwest::Url::parse(&endpoint.endpoint_base_url?).ok()?;
    Some(Call {
        id,
        app: None,
        host: Some(url.host_str()?.to_owned()),
    })
}

async fn holder_of(run: &Run, scope: &Arc<str>, budget: &Budget, call: Call) -> Holder {
    let target = match (&call.app, &call.host) {
        (Some(app), _) => Some(app.clone()),
        (None, Some(host)) => run.known.borrow().app_at(host).cloned(),
        (None, None) => None,
    };
    let is_app = call
        .host
        .as_deref()
        .is_some_and(|host| target.is_some() || is_functions_host(host));
    if is_app && run.options.webhook_urls && !run.options.metadata_only {
        match full_url(run, scope, budget, &call.id).await {
            Ok(Some(mut holder)) => {
                holder.target = target.or(holder.target);
                return holder;
            }
            Ok(None) => {}
            Err(failure) => run.gap(&call.id, Family::EventGrid, &failure, FULL_URL),
        }
    }
    Holder {
        // A webhook has nowhere else to send it.
        sent: call.host.as_ref().map(|_| Transport::Query),
        host: call.host.as_deref().map(Text::name),
        target,
        ..holder(&call.id, HolderKind::EventGrid, "destination", Form::Hidden)
    }
}

/// The key in the full address of a webhook, if there is one.
async fn full_url(
    run: &Run,
    scope: &Arc<str>,
    budget: &Budget,
    id: &ArmId,
) -> Result<Option<Holder>, Failure> {
    let url = run.url(&format!("{id}/getFullUrl"), EVENT_GRID)?;
    let ask = Ask::post(url, scope, Class::Writes);
    let read = |raw: RawUrl| {
        let known = run.known.borrow();
        let searcher = Searcher {
            prints: &run.prints,
            known: &known,
        };
        let url = raw.endpoint_url.as_ref().map_or("", SecretText::text);
        let held = searcher.search(url).into_iter().next()?;
        Some(searcher.holder(id, HolderKind::EventGrid, "endpointUrl", held))
    };
    run.client.one(&ask, budget, read).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(destination: &str) -> Option<Call> {
        let json = format!(r#"{{"id": "/es", "properties": {{"destination": {destination}}}}}"#);
        call(serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn knows_who_is_called() {
        let function = of(
            r#"{"endpointType": "AzureFunction", "properties": {"resourceId":
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/orders/functions/F"}}"#,
        )
        .unwrap();
        assert_eq!(function.app.unwrap().name(), "orders");
        let webhook = of(
            r#"{"endpointType": "WebHook", "properties": {"endpointBaseUrl": "https://a.azurewebsites.net/runtime/webhooks/eventgrid"}}"#,
        );
        assert_eq!(webhook.unwrap().host.as_deref(), Some("a.azurewebsites.net"));
        assert!(of(r#"{"endpointType": "EventHub", "properties": {}}"#).is_none());
    }
}
