//! Sites and slots of a subscription: function apps, and those that may hold
//! the keys of one.

mod details;

pub(super) use details::{Details, RawSite, tags};

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::client::{Ask, Budget};
use super::failure::Failure;
use super::graph;
use super::run::Run;
use super::shard;
use crate::inventory::{App, ArmId, Family, Filters, Moment, Tags, Text};

const RESOURCES: &str = "2021-04-01";

/// The action that a list of resources needs.
const RESOURCES_READ: &str = "Microsoft.Resources/subscriptions/resources/read";

/// The action that a list of sites needs.
const SITES_READ: &str = "Microsoft.Web/sites/read";

/// A site or slot.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub id: ArmId,
    pub details: Details,
    pub created: Option<Moment>,
    pub group_tags: Tags,
}

/// An entry of the list of all resources: the one place that tells when a site
/// was created, and the one list that has the slots of all sites.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawResource {
    id: String,
    kind: Option<String>,
    created_time: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Resource {
    id: ArmId,
    kind: Option<Text>,
    created: Option<Moment>,
}

/// All sites and slots of the subscription that are asked for.
pub(super) async fn list(
    run: &Run,
    subscription: &ArmId,
    scope: &Arc<str>,
    graph: &graph::Details,
) -> Vec<Site> {
    let budget = run.budget();
    let (resources, complete) = resources(run, subscription, scope, &budget).await;
    let mut sites: HashMap<ArmId, Site> = HashMap::new();
    let mut unknown = Vec::new();
    for resource in resources {
        let details = graph.sites.get(&resource.id).cloned();
        if details.is_none() {
            unknown.push((resource.id.clone(), resource.kind.clone()));
        }
        let site = Site {
            id: resource.id.clone(),
            details: details.unwrap_or_default(),
            created: resource.created,
            group_tags: Tags::default(),
        };
        sites.insert(resource.id, site);
    }
    let in_graph = graph.sites.iter().filter(|(id, _)| id.is_in(subscription));
    for (id, details) in in_graph {
        // Gone since, where the list is complete and does not have it.
        if !complete && !sites.contains_key(id) {
            let site = Site {
                id: id.clone(),
                details: details.clone(),
                created: None,
                group_tags: Tags::default(),
            };
            sites.insert(id.clone(), site);
        }
    }
    if graph.failure.is_some() {
        for (id, details) in described(run, subscription, scope, &budget).await {
            let site = sites.entry(id.clone()).or_insert_with(|| Site {
                id,
                details: Details::default(),
                created: None,
                group_tags: Tags::default(),
            });
            site.details = details;
        }
    } else {
        describe_missing(run, scope, &budget, unknown, &mut sites).await;
    }
    let tags = group_tags(run, subscription, scope, &budget).await;
    let mut chosen: Vec<Site> = sites
        .into_values()
        .filter(|site| is_asked_for(run, site))
        .collect();
    for site in &mut chosen {
        let group = site
            .id
            .resource_group()
            .unwrap_or_default()
            .to_ascii_lowercase();
        site.group_tags = tags.get(&group).cloned().unwrap_or_default();
    }
    chosen.sort_by(|a, b| a.id.cmp(&b.id));
    chosen
}

/// The resources that are sites or slots, and whether those are all.
async fn resources(
    run: &Run,
    subscription: &ArmId,
    scope: &Arc<str>,
    budget: &Budget,
) -> (Vec<Resource>, bool) {
    let mut found = Vec::new();
    let mut complete = true;
    for kind in ["Microsoft.Web/sites", "Microsoft.Web/sites/slots"] {
        let failure = match run.url(&format!("{subscription}/resources"), RESOURCES) {
            Ok(mut url) => {
                url.query_pairs_mut()
                    .append_pair("$filter", &format!("resourceType eq '{kind}'"))
                    .append_pair("$expand", "createdTime");
                let listing = run
                    .client
                    .list(Ask::get(url, scope).vital(), budget, resource)
                    .await;
                found.extend(listing.facts);
                listing.failure
            }
            Err(failure) => Some(failure),
        };
        if let Some(failure) = failure {
            complete = false;
            run.gap(subscription, Family::Apps, &failure, RESOURCES_READ);
        }
    }
    (found, complete)
}

fn resource(raw: RawResource) -> Option<Resource> {
    Some(Resource {
        id: ArmId::new(&raw.id),
        kind: raw.kind.as_deref().map(Text::name),
        created: raw.created_time.and_then(|time| time.parse().ok()),
    })
}

/// Those that Resource Graph does not have yet, one by one.
async fn describe_missing(
    run: &Run,
    scope: &Arc<str>,
    budget: &Budget,
    unknown: Vec<(ArmId, Option<Text>)>,
    sites: &mut HashMap<ArmId, Site>,
) {
    for (id, kind) in unknown {
        let asked = match run.url(id.as_str(), &run.options.web_api_version) {
            Ok(url) => {
                run.client
                    .one(&Ask::get(url, scope), budget, RawSite::details)
                    .await
            }
            Err(failure) => Err(failure),
        };
        let mut details = match asked {
            Ok(details) => details,
            Err(failure) => {
                run.gap(&id, Family::Apps, &failure, SITES_READ);
                Details::default()
            }
        };
        details.kind = details.kind.or(kind);
        let shard = run.options.shard;
        if details.is_function_app() && shard::has(shard, site_id(&id).as_str()) {
            let coverage = &mut run.found.borrow_mut().sweep.coverage;
            coverage.not_in_resource_graph.push(id.clone());
        }
        if let Some(site) = sites.get_mut(&id) {
            site.details = details;
        }
    }
}

/// All sites and slots by Microsoft.Web's own lists: one request for each page
/// of sites, and one for the slots of each function app.
async fn described(
    run: &Run,
    subscription: &ArmId,
    scope: &Arc<str>,
    budget: &Budget,
) -> Vec<(ArmId, Details)> {
    let path = format!("{subscription}/providers/Microsoft.Web/sites");
    let mut found = listed(run, subscription, &path, scope, budget).await;
    let apps: Vec<ArmId> = found
        .iter()
        .filter(|(_, details)| details.is_function_app())
        .map(|(id, _)| id.clone())
        .collect();
    for app in apps {
        found.extend(listed(run, &app, &format!("{app}/slots"), scope, budget).await);
    }
    found
}

async fn listed(
    run: &Run,
    subject: &ArmId,
    path: &str,
    scope: &Arc<str>,
    budget: &Budget,
) -> Vec<(ArmId, Details)> {
    let (facts, failure) = match run.url(path, &run.options.web_api_version) {
        Ok(url) => {
            let listing = run
                .client
                .list(Ask::get(url, scope).vital(), budget, |raw: RawSite| {
                    Some((ArmId::new(&raw.id), raw.details()))
                });
            let listing = listing.await;
            (listing.facts, listing.failure)
        }
        Err(failure) => (Vec::new(), Some(failure)),
    };
    if let Some(failure) = failure {
        run.gap(subject, Family::Apps, &failure, SITES_READ);
    }
    facts
}

#[derive(Deserialize)]
struct RawGroup {
    name: String,
    tags: Option<BTreeMap<String, Option<String>>>,
}

/// The tags of each resource group, by its name in small letters. They say who
/// owns what; without them nothing else is missing.
async fn group_tags(
    run: &Run,
    subscription: &ArmId,
    scope: &Arc<str>,
    budget: &Budget,
) -> HashMap<String, Tags> {
    let Ok(url) = run.url(&format!("{subscription}/resourcegroups"), RESOURCES) else {
        return HashMap::new();
    };
    let listing = run
        .client
        .list(Ask::get(url, scope), budget, |raw: RawGroup| {
            Some((raw.name.to_ascii_lowercase(), tags(raw.tags)))
        });
    listing.await.facts.into_iter().collect()
}

/// The site of a slot, or the site itself.
fn site_id(id: &ArmId) -> ArmId {
    id.site_id().unwrap_or_else(|| id.clone())
}

fn is_asked_for(run: &Run, site: &Site) -> bool {
    passes(&run.options.filters, site) && shard::has(run.options.shard, site_id(&site.id).as_str())
}

/// Whether the filters let it through.
fn passes(filters: &Filters, site: &Site) -> bool {
    let is_one_of = |names: &[Text], name: Option<&str>| {
        names.is_empty()
            || name.is_some_and(|name| names.iter().any(|one| one.eq_ignore_ascii_case(name)))
    };
    let has_tag = |(name, value): (&Text, &Option<Text>)| {
        site.details.tags.iter().any(|(tag, has)| {
            // Names of tags have no case, their values do.
            tag.eq_ignore_ascii_case(name) && value.as_ref().is_none_or(|value| value == has)
        })
    };
    is_one_of(&filters.resource_groups, site.id.resource_group())
        && is_one_of(&filters.apps, site.id.site())
        && filters.tags.iter().all(has_tag)
}

impl Site {
    /// The app as an inventory has it, without what is read later.
    pub(super) fn app(&self) -> App {
        let details = &self.details;
        let mut app = App::new(self.id.clone());
        app.location = details.location.clone();
        app.kind = details.kind.clone();
        app.state = details.state.clone();
        app.sku = details.sku.clone();
        app.created = self.created;
        app.hosts = details.hosts.clone();
        app.tags = details.tags.clone();
        app.group_tags = self.group_tags.clone();
        app.access.public = details.public;
        app.access.private_endpoints = Some(details.private_endpoints);
        app.access.admin_isolated = details.admin_isolated;
        app
    }

    /// All of it; what stays is what its settings are read by. A sweep holds
    /// that of every site until all keys are known.
    pub(super) fn take(&mut self) -> Self {
        let stays = Self {
            id: self.id.clone(),
            details: Details {
                kind: self.details.kind.clone(),
                state: self.details.state.clone(),
                ..Details::default()
            },
            created: None,
            group_tags: Tags::default(),
        };
        std::mem::replace(self, stays)
    }

    /// Whether it is stopped: its host answers nothing then.
    pub(super) fn is_stopped(&self) -> bool {
        let state = self.details.state.as_deref().unwrap_or_default();
        state.eq_ignore_ascii_case("stopped")
    }
}

/// What Microsoft.Web said of a request about a site, seen with what is known
/// of the site.
pub(super) fn explained(site: &Site, mut failure: Failure) -> Failure {
    use crate::inventory::Reason;
    if failure.reason == Reason::HostDown && site.is_stopped() {
        failure.reason = Reason::Stopped;
    }
    failure
}

#[cfg(test)]
mod tests;
