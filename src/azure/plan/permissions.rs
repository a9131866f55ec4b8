//! What a sweep has to be allowed to do, and what is lost where it is not.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

use super::shown;
use crate::azure::client::Ask;
use crate::azure::roles::{Permission, allows};
use crate::azure::run::Run;
use crate::inventory::ArmId;

const AUTHORIZATION: &str = "2022-04-01";

/// An action that a sweep takes.
#[derive(Debug)]
pub(super) struct Action {
    /// Its name.
    pub(super) name: &'static str,
    /// What is lost without it.
    pub(super) lost: &'static str,
    /// The rules that say nothing then.
    pub(super) rules: &'static [&'static str],
    /// Whether `--metadata-only` does without it anyway.
    pub(super) keys: bool,
}

const fn read(name: &'static str, lost: &'static str, rules: &'static [&'static str]) -> Action {
    Action {
        name,
        lost,
        rules,
        keys: false,
    }
}

const fn keys(name: &'static str, lost: &'static str, rules: &'static [&'static str]) -> Action {
    Action {
        name,
        lost,
        rules,
        keys: true,
    }
}

/// All of them, in the order of `docs/permissions.md`.
pub(super) const ACTIONS: &[Action] = &[
    read(
        "Microsoft.Resources/subscriptions/read",
        "the subscription is not looked at",
        &[],
    ),
    read(
        "Microsoft.Resources/subscriptions/resources/read",
        "apps that Resource Graph does not have yet, and the dates of all",
        &["KS4001", "KS4002"],
    ),
    read(
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "the tags of resource groups, which say who owns an app",
        &[],
    ),
    read(
        "Microsoft.Resources/subscriptions/locations/read",
        "event subscriptions of the regions",
        &["KS4003", "KS4004"],
    ),
    read("Microsoft.Web/sites/read", "the app is not looked at", &[]),
    read(
        "Microsoft.Web/sites/slots/read",
        "the slot is not looked at",
        &[],
    ),
    read(
        "Microsoft.Web/sites/functions/read",
        "functions, their keys and their levels",
        &["KS4001", "KS6001", "KS6002"],
    ),
    read(
        "Microsoft.Web/sites/slots/functions/read",
        "functions of slots, their keys and their levels",
        &["KS4001", "KS6001", "KS6002"],
    ),
    read(
        "Microsoft.Web/sites/config/read",
        "whether authentication is required, and who can reach the app",
        &["KS6001", "KS6002", "KS6008"],
    ),
    read(
        "Microsoft.Web/sites/slots/config/read",
        "the same of slots",
        &["KS6001", "KS6002", "KS6008"],
    ),
    keys(
        "Microsoft.Web/sites/host/listkeys/action",
        "host, system and master keys",
        &[
            "KS4001", "KS4003", "KS4004", "KS4005", "KS4009", "KS4010", "KS4012",
        ],
    ),
    keys(
        "Microsoft.Web/sites/functions/listkeys/action",
        "keys of functions",
        &["KS4001", "KS4003", "KS4005", "KS4009", "KS4010", "KS4012"],
    ),
    keys(
        "Microsoft.Web/sites/slots/host/listkeys/action",
        "host, system and master keys of slots",
        &[
            "KS4001", "KS4003", "KS4004", "KS4005", "KS4009", "KS4010", "KS4012",
        ],
    ),
    keys(
        "Microsoft.Web/sites/slots/functions/listkeys/action",
        "keys of functions of slots",
        &["KS4001", "KS4003", "KS4005", "KS4009", "KS4010", "KS4012"],
    ),
    keys(
        "Microsoft.Web/sites/config/list/action",
        "keys in settings, and where a host keeps its own",
        &["KS4003", "KS4004", "KS4006", "KS5001", "KS5003", "KS6003"],
    ),
    keys(
        "Microsoft.Web/sites/slots/config/list/action",
        "the same of slots",
        &["KS4003", "KS4004", "KS4006", "KS5001", "KS5003", "KS6003"],
    ),
    read(
        "Microsoft.ApiManagement/service/read",
        "API Management",
        &["KS5004", "KS5005", "KS5006", "KS5007", "KS5008"],
    ),
    read(
        "Microsoft.ApiManagement/service/namedValues/read",
        "named values",
        &["KS5004", "KS5005"],
    ),
    keys(
        "Microsoft.ApiManagement/service/namedValues/listValue/action",
        "which key a secret named value is",
        &["KS4003", "KS4004"],
    ),
    read(
        "Microsoft.ApiManagement/service/backends/read",
        "keys that backends send",
        &["KS5001", "KS5002"],
    ),
    read(
        "Microsoft.ApiManagement/service/policies/read",
        "keys that policies send",
        &["KS5001", "KS5002"],
    ),
    read(
        "Microsoft.ApiManagement/service/apis/read",
        "policies of APIs",
        &["KS5001", "KS5002"],
    ),
    read(
        "Microsoft.ApiManagement/service/apis/policies/read",
        "policies of APIs",
        &["KS5001", "KS5002"],
    ),
    read(
        "Microsoft.ApiManagement/service/apis/operations/read",
        "policies of operations",
        &["KS5001", "KS5002"],
    ),
    read(
        "Microsoft.ApiManagement/service/apis/operations/policies/read",
        "policies of operations",
        &["KS5001", "KS5002"],
    ),
    read(
        "Microsoft.ApiManagement/service/products/read",
        "policies of products",
        &["KS5001", "KS5002"],
    ),
    read(
        "Microsoft.ApiManagement/service/products/policies/read",
        "policies of products",
        &["KS5001", "KS5002"],
    ),
    read(
        "Microsoft.ApiManagement/service/subscriptions/read",
        "subscriptions of API Management",
        &["KS5006", "KS5007", "KS5008"],
    ),
    read(
        "Microsoft.EventGrid/eventSubscriptions/read",
        "event subscriptions that call functions",
        &["KS4003", "KS5002"],
    ),
    read(
        "Microsoft.EventGrid/systemTopics/read",
        "event subscriptions of system topics",
        &["KS4003", "KS5002"],
    ),
    read(
        "Microsoft.EventGrid/systemTopics/eventSubscriptions/read",
        "event subscriptions of system topics",
        &["KS4003", "KS5002"],
    ),
    read(
        "Microsoft.Insights/actionGroups/read",
        "alerts that call functions",
        &["KS4003", "KS4004", "KS5009"],
    ),
    read(
        "Microsoft.Logic/workflows/read",
        "keys in workflows",
        &["KS4003", "KS4004", "KS5001", "KS5002"],
    ),
    read(
        "Microsoft.DataFactory/factories/read",
        "linked services that call functions",
        &["KS4003", "KS5001"],
    ),
    read(
        "Microsoft.DataFactory/factories/linkedservices/read",
        "linked services that call functions",
        &["KS4003", "KS5001"],
    ),
    read(
        "Microsoft.Insights/eventtypes/values/read",
        "the Activity Log: the age of keys, and who lists them",
        &["KS4001", "KS4015", "KS5008", "KS6005"],
    ),
    read(
        "Microsoft.Authorization/roleAssignments/read",
        "who is able to list keys",
        &["KS6004"],
    ),
    read(
        "Microsoft.Authorization/roleDefinitions/read",
        "who is able to list keys",
        &["KS6004"],
    ),
];

/// An action that the identity may not take.
#[derive(Debug)]
pub(super) struct Missing {
    /// The action.
    pub(super) action: &'static Action,
    /// In which subscriptions.
    pub(super) subscriptions: Vec<ArmId>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Action {
            name, lost, rules, ..
        } = self.action;
        write!(f, "{name} in {}: {lost}", shown(&self.subscriptions))?;
        match rules.len() {
            0 => Ok(()),
            _ => write!(f, " ({})", rules.join(", ")),
        }
    }
}

/// What the service says the caller may do.
#[derive(Deserialize)]
struct RawDefinition {
    name: String,
    properties: RawRole,
}

#[derive(Deserialize)]
struct RawRole {
    #[serde(default)]
    permissions: Vec<Permission>,
}

#[derive(Deserialize)]
struct RawAssignment {
    properties: RawGrant,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawGrant {
    role_definition_id: String,
}

/// The numbers of actions that are allowed.
#[derive(Serialize, Deserialize)]
struct Allowed(Vec<usize>);

fn allowed(permissions: &[Permission]) -> Allowed {
    let all = ACTIONS.iter().enumerate();
    let allowed = all.filter(|(_, action)| allows(permissions, &action.name.to_ascii_lowercase()));
    Allowed(allowed.map(|(at, _)| at).collect())
}

/// What is missing in a subscription; none if that cannot be told.
pub(super) async fn missing(
    run: &Run,
    subscription: &ArmId,
    scope: &Arc<str>,
) -> Option<Vec<Missing>> {
    let allowed = match effective(run, subscription, scope).await {
        Some(allowed) => allowed,
        None => assigned(run, subscription, scope).await?,
    };
    let all = ACTIONS.iter().enumerate();
    let missing = all.filter(|(at, action)| {
        !(allowed.contains(at) || (action.keys && run.options.metadata_only))
    });
    let missing = missing.map(|(_, action)| Missing {
        action,
        subscriptions: vec![subscription.clone()],
    });
    Some(missing.collect())
}

/// By what the service itself says of the caller: groups and all.
async fn effective(run: &Run, subscription: &ArmId, scope: &Arc<str>) -> Option<Vec<usize>> {
    let path = format!("{subscription}/providers/Microsoft.Authorization/permissions");
    let url = run.url(&path, AUTHORIZATION).ok()?;
    let budget = run.budget();
    let list = run
        .client
        .list(Ask::get(url, scope), &budget, |part: Permission| {
            Some(allowed(&[part]))
        });
    let listing = list.await;
    if listing.failure.is_some() {
        return None;
    }
    Some(listing.facts.into_iter().flat_map(|part| part.0).collect())
}

/// By the roles that are assigned to the identity, or to its groups.
async fn assigned(run: &Run, subscription: &ArmId, scope: &Arc<str>) -> Option<Vec<usize>> {
    let identity = run.found.borrow().sweep.identity.clone()?;
    let object_id = identity.object_id?;
    let path = format!("{subscription}/providers/Microsoft.Authorization");
    let mut url = run
        .url(&format!("{path}/roleAssignments"), AUTHORIZATION)
        .ok()?;
    url.query_pairs_mut()
        .append_pair("$filter", &format!("assignedTo('{object_id}')"));
    let role = |raw: RawAssignment| {
        let guid = raw
            .properties
            .role_definition_id
            .rsplit('/')
            .next()?
            .to_ascii_lowercase();
        Some(guid)
    };
    let budget = run.budget();
    let assigned = run.client.list(Ask::get(url, scope), &budget, role).await;
    let url = run
        .url(&format!("{path}/roleDefinitions"), AUTHORIZATION)
        .ok()?;
    let definition = |raw: RawDefinition| {
        let allowed = allowed(&raw.properties.permissions);
        Some((raw.name.to_ascii_lowercase(), allowed))
    };
    let definitions = run
        .client
        .list(Ask::get(url, scope), &budget, definition)
        .await;
    if assigned.failure.is_some() || definitions.failure.is_some() {
        return None;
    }
    let mine = definitions.facts.into_iter();
    let mine = mine.filter(|(guid, _)| assigned.facts.contains(guid));
    Some(mine.flat_map(|(_, allowed)| allowed.0).collect())
}

/// Puts together what is missing in several subscriptions.
pub(super) fn merged(mut all: Vec<Missing>, more: Vec<Missing>) -> Vec<Missing> {
    for one in more {
        match all
            .iter_mut()
            .find(|known| known.action.name == one.action.name)
        {
            Some(known) => known.subscriptions.extend(one.subscriptions),
            None => all.push(one),
        }
    }
    all.sort_by_key(|one| {
        ACTIONS
            .iter()
            .position(|action| action.name == one.action.name)
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing_of(actions: &[&str]) -> Vec<&'static str> {
        let part = serde_json::json!({"actions": actions, "notActions": []});
        let part: Permission = serde_json::from_value(part).unwrap();
        let Allowed(allowed) = allowed(&[part]);
        let all = ACTIONS.iter().enumerate();
        all.filter(|(at, _)| !allowed.contains(at))
            .map(|(_, action)| action.name)
            .collect()
    }

    #[test]
    fn a_reader_reads_everything_but_keys() {
        assert_eq!(missing_of(&["*"]), [""; 0]);
        let missing = missing_of(&["*/read"]);
        assert_eq!(missing.len(), 7);
        assert!(missing.iter().all(|name| name.ends_with("/action")));
        assert_eq!(missing_of(&[]).len(), ACTIONS.len());
    }

    #[test]
    fn the_role_in_the_documents_has_all_of_them() {
        let page = include_str!("../../../docs/permissions.md");
        for action in ACTIONS {
            let name = format!("\"{}\"", action.name);
            assert!(page.contains(&name), "{name} is not in the role");
        }
    }

    #[test]
    fn names_each_action_once() {
        let mut names: Vec<&str> = ACTIONS.iter().map(|action| action.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ACTIONS.len());
    }
}
