//! Sites and slots by Resource Graph: many subscriptions in one question.
//!
//! It is late at times, and shows what the identity may read without saying
//! what it leaves out. So it only describes what [`super::sites`] lists.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

use super::client::Ask;
use super::failure::Failure;
use super::run::Run;
use super::sites::{Details as Site, RawSite};
use super::throttle::Class;
use crate::inventory::{ArmId, Subscription};

const RESOURCE_GRAPH: &str = "2024-04-01";

/// Microsoft's guidance for queries over many subscriptions.
const BATCH: usize = 300;

/// All sites, function apps or not: any of them may hold a key.
const QUERY: &str = "resources \
| where type in~ ('microsoft.web/sites', 'microsoft.web/sites/slots') \
| project id, kind, location, tags, \
state = properties.state, sku = properties.sku, \
defaultHostName = properties.defaultHostName, hostNames = properties.hostNames, \
publicNetworkAccess = properties.publicNetworkAccess, \
functionsRuntimeAdminIsolationEnabled = properties.functionsRuntimeAdminIsolationEnabled, \
privateEndpointConnections = properties.privateEndpointConnections \
| order by id asc";

/// What Resource Graph says of the sites.
#[derive(Default)]
pub(super) struct Details {
    pub sites: HashMap<ArmId, Site>,
    /// Why it does not say everything.
    pub failure: Option<Failure>,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<RawSite>,
    #[serde(rename = "$skipToken")]
    skip_token: Option<String>,
    /// `"true"`, a string, when rows were left out for good.
    #[serde(rename = "resultTruncated")]
    truncated: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Rows {
    sites: Vec<(ArmId, Site)>,
    truncated: bool,
}

/// Asks for all sites of the subscriptions.
pub(super) async fn sites(run: &Run, subscriptions: &[Subscription]) -> Details {
    let mut details = Details::default();
    for batch in subscriptions.chunks(BATCH) {
        if let Err(failure) = ask(run, batch, &mut details).await {
            run.client.log.step(format_args!(
                "Resource Graph does not say which apps there are ({failure}); listing them"
            ));
            details.failure = Some(failure);
            break;
        }
    }
    details
}

async fn ask(run: &Run, batch: &[Subscription], details: &mut Details) -> Result<(), Failure> {
    let scope: Arc<str> = "".into();
    let budget = run.budget();
    let guids: Vec<&str> = batch.iter().map(|one| one.id.name()).collect();
    let mut skip_token: Option<String> = None;
    loop {
        let mut options = serde_json::json!({
            "$top": 1000,
            "resultFormat": "objectArray",
            "allowPartialScopes": true,
        });
        if let Some(token) = &skip_token {
            options["$skipToken"] = token.as_str().into();
        }
        let body = serde_json::json!({
            "subscriptions": guids,
            "query": QUERY,
            "options": options,
        });
        let url = run.url(
            "/providers/Microsoft.ResourceGraph/resources",
            RESOURCE_GRAPH,
        )?;
        let mut ask = Ask::post(url, &scope, Class::Graph).vital();
        ask.body = Some(body.to_string());
        let read = |answer: Answer| {
            let sites = answer.data.into_iter();
            let rows = Rows {
                sites: sites
                    .map(|raw| (ArmId::new(&raw.id), raw.details()))
                    .collect(),
                truncated: answer.truncated.as_deref() == Some("true"),
            };
            (rows, answer.skip_token.filter(|token| !token.is_empty()))
        };
        let (rows, next) = run.client.kept(&ask.name(), &ask, &budget, read).await?;
        let before = details.sites.len();
        details.sites.extend(rows.sites);
        if rows.truncated {
            let words = "Resource Graph left rows out";
            return Err(Failure::new(crate::inventory::Reason::BadAnswer, words));
        }
        match next {
            // A page that brings nothing new leads nowhere.
            Some(_) if details.sites.len() == before => {
                let words = "the pages of Resource Graph have no end";
                return Err(Failure::new(crate::inventory::Reason::BadAnswer, words));
            }
            Some(token) => skip_token = Some(token),
            None => return Ok(()),
        }
    }
}
