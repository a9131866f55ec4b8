//! The subscriptions in scope.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::SweepError;
use super::client::Ask;
use super::failure::Failure;
use super::run::{Outcome, Run};
use crate::inventory::{ArmId, Family, Reason, Subscription, Text};

const SUBSCRIPTIONS: &str = "2022-12-01";
const MANAGEMENT_GROUPS: &str = "2023-04-01";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    subscription_id: String,
    display_name: Option<String>,
    state: Option<String>,
    tenant_id: Option<String>,
    #[serde(default)]
    managed_by_tenants: Vec<Tenant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    tenant_id: Option<String>,
}

/// One that the identity can see.
#[derive(Serialize, Deserialize)]
struct Seen {
    subscription: Subscription,
    /// Whether it belongs to the tenant that was asked for, or is managed by it.
    of_tenant: bool,
}

/// Finds them, and notes those that were asked for and cannot be seen.
pub(super) async fn read(run: &Run) -> Outcome<()> {
    let tenant_scope: Arc<str> = "".into();
    let budget = run.budget();
    let url = run.url("/subscriptions", SUBSCRIPTIONS);
    let url = url.map_err(|failure| no_subscriptions(&failure))?;
    let wanted = run.options.tenant.as_deref().map(str::to_ascii_lowercase);
    let ask = Ask::get(url, &tenant_scope).vital();
    let seen = |raw: Raw| Some(seen(raw, wanted.as_deref()));
    let listing = run.client.list(ask, &budget, seen).await;
    if let Some(failure) = &listing.failure {
        if listing.facts.is_empty() {
            return Err(no_subscriptions(failure));
        }
        let action = "Microsoft.Resources/subscriptions/read";
        run.gap(&ArmId::new("/"), Family::Subscriptions, failure, action);
    }
    let all = listing.facts.into_iter();
    let all = all
        .filter(|seen| seen.of_tenant)
        .map(|seen| seen.subscription);
    let all: Vec<Subscription> = all
        .filter(|one| one.state.as_deref() != Some("Deleted"))
        .collect();
    let mut chosen = choose(run, all, &tenant_scope).await;
    place_in_groups(run, &mut chosen, &tenant_scope).await;
    run.client.log.step(format_args!(
        "{} in scope",
        crate::report::count(chosen.len(), "subscription")
    ));
    run.found.borrow_mut().subscriptions = chosen;
    Ok(())
}

fn no_subscriptions(failure: &Failure) -> SweepError {
    SweepError::NoSubscriptions {
        problem: failure.to_string(),
    }
}

fn seen(raw: Raw, tenant: Option<&str>) -> Seen {
    let is_it = |id: &Option<String>| {
        tenant.is_none_or(|tenant| {
            id.as_deref()
                .is_some_and(|id| id.eq_ignore_ascii_case(tenant))
        })
    };
    // A tenant can be given by its domain, which no subscription tells.
    let by_domain = tenant.is_some_and(|tenant| tenant.contains('.'));
    let of_tenant = by_domain
        || is_it(&raw.tenant_id)
        || raw.managed_by_tenants.iter().any(|by| is_it(&by.tenant_id));
    let id = ArmId::new(&format!("/subscriptions/{}", raw.subscription_id));
    Seen {
        of_tenant,
        subscription: Subscription {
            name: Text::name(raw.display_name.as_deref().unwrap_or(id.name())),
            id,
            state: raw.state.as_deref().map(Text::name),
            tenant: raw.tenant_id.as_deref().map(Text::name),
            management_groups: Vec::new(),
            activity_log: None,
            apim_activity_log: None,
        },
    }
}

/// Those that were named, and those of the management groups that were.
async fn choose(run: &Run, all: Vec<Subscription>, scope: &Arc<str>) -> Vec<Subscription> {
    let asked = &run.options.scope;
    if asked.is_tenant() {
        return all;
    }
    let mut ids: BTreeSet<ArmId> = BTreeSet::new();
    for name in &asked.subscriptions {
        let named = |one: &&Subscription| {
            one.id.name().eq_ignore_ascii_case(name) || one.name.eq_ignore_ascii_case(name)
        };
        let before = ids.len();
        ids.extend(all.iter().filter(named).map(|one| one.id.clone()));
        if ids.len() == before && !all.iter().any(|one| named(&one)) {
            not_there(run, &ArmId::new(&format!("/subscriptions/{name}")));
        }
    }
    for group in &asked.management_groups {
        for id in of_group(run, group, scope).await {
            if all.iter().any(|one| one.id == id) {
                ids.insert(id);
            } else {
                not_there(run, &id);
            }
        }
    }
    all.into_iter()
        .filter(|one| ids.contains(&one.id))
        .collect()
}

fn not_there(run: &Run, id: &ArmId) {
    let words = "it is not among the subscriptions that the identity can read";
    let failure = Failure::new(Reason::NotFound, words);
    run.gap(id, Family::Subscriptions, &failure, "");
}

#[derive(Deserialize)]
struct RawDescendant {
    name: String,
    #[serde(rename = "type", default)]
    kind: String,
    properties: Option<RawParent>,
}

#[derive(Deserialize)]
struct RawParent {
    parent: Option<RawId>,
}

#[derive(Deserialize)]
struct RawId {
    id: Option<String>,
}

/// A management group or a subscription, and the group that it is in.
#[derive(Serialize, Deserialize)]
struct Descendant {
    name: String,
    subscription: bool,
    parent: Option<ArmId>,
}

/// Everything below a management group.
async fn descendants(
    run: &Run,
    group: &str,
    scope: &Arc<str>,
) -> Result<super::page::Listing<Descendant>, Failure> {
    let path = format!("/providers/Microsoft.Management/managementGroups/{group}/descendants");
    let url = run.url(&path, MANAGEMENT_GROUPS)?;
    let budget = run.budget();
    let listing = run
        .client
        .list(Ask::get(url, scope), &budget, |raw: RawDescendant| {
            let parent = raw.properties.and_then(|it| it.parent).and_then(|it| it.id);
            Some(Descendant {
                // `/subscriptions`, and in other places the whole type.
                subscription: raw.kind.to_ascii_lowercase().ends_with("/subscriptions"),
                name: raw.name,
                parent: parent.map(|id| ArmId::new(&id)),
            })
        });
    Ok(listing.await)
}

async fn of_group(run: &Run, group: &str, scope: &Arc<str>) -> Vec<ArmId> {
    let id = format!("/providers/Microsoft.Management/managementGroups/{group}");
    let (found, failure) = match descendants(run, group, scope).await {
        Ok(listing) => (listing.facts, listing.failure),
        Err(failure) => (Vec::new(), Some(failure)),
    };
    if let Some(failure) = failure {
        let action = "Microsoft.Management/managementGroups/descendants/read";
        run.gap(&ArmId::new(&id), Family::Subscriptions, &failure, action);
    }
    let found = found.iter().filter(|one| one.subscription);
    found
        .map(|one| ArmId::new(&format!("/subscriptions/{}", one.name)))
        .collect()
}

/// The management groups above each subscription, as far as they can be seen:
/// roles may be given there. Without them a role has its own scope all the same,
/// so it is no gap.
async fn place_in_groups(run: &Run, subscriptions: &mut [Subscription], scope: &Arc<str>) {
    let tenant = run.found.borrow_mut().sweep.tenant.clone();
    let Some(root) = tenant.filter(|_| !subscriptions.is_empty()) else {
        return;
    };
    let Ok(listing) = descendants(run, &root, scope).await else {
        return;
    };
    let parents: BTreeMap<String, ArmId> = listing
        .facts
        .into_iter()
        .filter_map(|one| Some((one.name.to_ascii_lowercase(), one.parent?)))
        .collect();
    for subscription in subscriptions {
        let mut name = subscription.id.name().to_ascii_lowercase();
        while let Some(parent) = parents.get(&name) {
            if subscription.management_groups.contains(parent) {
                break;
            }
            subscription.management_groups.push(parent.clone());
            name = parent.name().to_ascii_lowercase();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Raw {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn knows_the_tenant_by_owner_and_by_manager() {
        let own = r#"{"subscriptionId": "S", "displayName": "n", "tenantId": "T1"}"#;
        assert!(seen(raw(own), Some("t1")).of_tenant);
        assert!(seen(raw(own), None).of_tenant);
        assert!(seen(raw(own), Some("contoso.example")).of_tenant);
        assert!(!seen(raw(own), Some("t2")).of_tenant);
        let managed = r#"{"subscriptionId": "S", "tenantId": "T1",
                          "managedByTenants": [{"tenantId": "T2"}]}"#;
        let seen = seen(raw(managed), Some("t2"));
        assert!(seen.of_tenant);
        assert_eq!(seen.subscription.name.as_str(), "S");
    }
}
