//! Action groups of Azure Monitor: alerts that call functions. Whoever reads
//! them is shown the addresses, keys included.

use serde::Deserialize;
use std::sync::Arc;

use super::holding::{Searcher, read_holders};
use super::run::Run;
use super::value::SecretText;
use crate::inventory::{ArmId, Family, Holder, HolderKind};

const ACTION_GROUPS: &str = "2023-01-01";

#[derive(Deserialize)]
struct Raw {
    id: String,
    properties: Option<RawReceivers>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReceivers {
    azure_function_receivers: Option<Vec<RawFunction>>,
    webhook_receivers: Option<Vec<RawWebhook>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawFunction {
    #[serde(default)]
    name: String,
    function_app_resource_id: Option<String>,
    http_trigger_url: Option<SecretText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawWebhook {
    #[serde(default)]
    name: String,
    service_uri: Option<SecretText>,
}

/// Reads those of a subscription.
pub(super) async fn read(run: &Run, subscription: &ArmId, scope: &Arc<str>) {
    let kind = "Microsoft.Insights/actionGroups";
    read_holders(
        run,
        subscription,
        scope,
        kind,
        ACTION_GROUPS,
        Family::ActionGroups,
        holders,
    )
    .await;
}

fn holders(searcher: &Searcher<'_>, raw: &Raw) -> Vec<Holder> {
    let id = ArmId::new(&raw.id);
    let mut found = Vec::new();
    let Some(receivers) = &raw.properties else {
        return found;
    };
    for function in receivers.azure_function_receivers.iter().flatten() {
        let place = format!("azureFunctionReceivers.{}", function.name);
        let target = function.function_app_resource_id.as_deref();
        let target = target.and_then(|id| ArmId::new(id).app());
        let url = function
            .http_trigger_url
            .as_ref()
            .map_or("", SecretText::text);
        for held in searcher.search(url) {
            let mut holder = searcher.holder(&id, HolderKind::ActionGroup, &place, held);
            holder.target = target.clone().or(holder.target);
            found.push(holder);
        }
    }
    for webhook in receivers.webhook_receivers.iter().flatten() {
        let place = format!("webhookReceivers.{}", webhook.name);
        let url = webhook.service_uri.as_ref().map_or("", SecretText::text);
        for held in searcher.search(url) {
            found.push(searcher.holder(&id, HolderKind::ActionGroup, &place, held));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::known::Known;
    use crate::inventory::{Form, Transport};
    use crate::key::{KeyKind, generate};
    use crate::secret::Fingerprinter;

    #[test]
    fn reads_both_sorts_of_receivers() {
        let key = generate(KeyKind::Function, &[1; 33]);
        let json = format!(
            r#"{{"id": "/subscriptions/s/actionGroups/g", "properties": {{
                "azureFunctionReceivers": [
                  {{"name": "fn", "functionAppResourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/orders",
                    "httpTriggerUrl": "https://orders.azurewebsites.net/api/a?code={key}"}},
                  {{"name": "quiet", "functionAppResourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/orders",
                    "httpTriggerUrl": "https://orders.azurewebsites.net/api/a"}}],
                "webhookReceivers": [{{"name": "hook", "serviceUri": "https://example.com/x"}}]}}}}"#
        );
        let prints = Fingerprinter::keyed("a key for tests");
        let known = Known::default();
        let searcher = Searcher {
            prints: &prints,
            known: &known,
        };
        let found = holders(&searcher, &serde_json::from_str(&json).unwrap());
        let shown: Vec<_> = found
            .iter()
            .map(|it| (it.place.as_str(), it.form, it.sent))
            .collect();
        assert_eq!(
            shown,
            [(
                "azureFunctionReceivers.fn",
                Form::Literal,
                Some(Transport::Query)
            )]
        );
        assert!(
            found
                .iter()
                .all(|it| it.target.as_ref().unwrap().name() == "orders")
        );
    }
}
