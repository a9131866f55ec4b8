//! Subscriptions of API Management. Their keys are not read.

use serde::Deserialize;

use super::Service;
use crate::inventory::{ApimSubscription, ApimSubscriptionState, ArmId, Text};

#[derive(Deserialize)]
struct Raw {
    id: String,
    properties: RawSubscription,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSubscription {
    display_name: Option<String>,
    #[serde(default)]
    scope: String,
    state: Option<String>,
    created_date: Option<String>,
    expiration_date: Option<String>,
    owner_id: Option<String>,
    allow_tracing: Option<bool>,
}

impl Service<'_> {
    pub(super) async fn subscriptions(&self) {
        let action = "Microsoft.ApiManagement/service/subscriptions/read";
        let list = self.list("/subscriptions", action, |raw: Raw| Some(fact(&self.id, raw)));
        let subscriptions = list.await;
        self.run.found.borrow_mut().apim_subscriptions.extend(subscriptions);
    }
}

fn fact(service: &ArmId, raw: Raw) -> ApimSubscription {
    let it = raw.properties;
    let moment = |time: Option<String>| time.and_then(|time| time.parse().ok());
    ApimSubscription {
        id: ArmId::new(&raw.id),
        display_name: it.display_name.as_deref().map(Text::name),
        scope: Text::name(&below(service, &it.scope)),
        state: state(it.state.as_deref().unwrap_or_default()),
        created: moment(it.created_date),
        expires: moment(it.expiration_date),
        owner: it.owner_id.map(|owner| Text::name(&below(service, &owner))),
        allow_tracing: it.allow_tracing.unwrap_or(false),
    }
}

/// The part of an id that is below the service; `/` for the service itself.
fn below(service: &ArmId, id: &str) -> String {
    let full = ArmId::new(id);
    if !full.is_in(service) {
        return id.to_owned();
    }
    match &id[service.as_str().len()..] {
        "" => "/".to_owned(),
        rest => rest.to_owned(),
    }
}

/// A word that is not known yet counts as one that works: nothing is hidden.
fn state(word: &str) -> ApimSubscriptionState {
    match word.to_ascii_lowercase().as_str() {
        "suspended" => ApimSubscriptionState::Suspended,
        "expired" => ApimSubscriptionState::Expired,
        "submitted" => ApimSubscriptionState::Submitted,
        "rejected" => ApimSubscriptionState::Rejected,
        "cancelled" => ApimSubscriptionState::Cancelled,
        _ => ApimSubscriptionState::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_below_the_service() {
        let service = ArmId::new("/subscriptions/s/service/gw");
        let scope = |end: &str| below(&service, &format!("/subscriptions/S/service/GW{end}"));
        assert_eq!(scope("/"), "/");
        assert_eq!(scope(""), "/");
        assert_eq!(scope("/apis"), "/apis");
        assert_eq!(scope("/products/x"), "/products/x");
        assert_eq!(below(&service, "/apis/a"), "/apis/a");
    }
}
