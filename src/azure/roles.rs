//! Who is able to list or write keys: role assignments, and what their roles
//! allow. Groups are not taken apart: that is the directory's to know.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

use super::client::Ask;
use super::run::Run;
use crate::inventory::{Ability, ArmId, Family, Principal, PrincipalType, Reader, Text};

const AUTHORIZATION: &str = "2022-04-01";

/// What each ability takes; any of them is enough.
const ABILITIES: [(Ability, &[&str]); 4] = [
    (
        Ability::ListHostKeys,
        &[
            "microsoft.web/sites/host/listkeys/action",
            "microsoft.web/sites/slots/host/listkeys/action",
        ],
    ),
    (
        Ability::ListFunctionKeys,
        &[
            "microsoft.web/sites/functions/listkeys/action",
            "microsoft.web/sites/slots/functions/listkeys/action",
        ],
    ),
    (
        Ability::WriteHostKeys,
        &[
            "microsoft.web/sites/host/functionkeys/write",
            "microsoft.web/sites/host/systemkeys/write",
            "microsoft.web/sites/slots/host/functionkeys/write",
            "microsoft.web/sites/slots/host/systemkeys/write",
        ],
    ),
    (
        Ability::WriteFunctionKeys,
        &[
            "microsoft.web/sites/functions/keys/write",
            "microsoft.web/sites/slots/functions/keys/write",
        ],
    ),
];

#[derive(Deserialize)]
struct RawDefinition {
    name: String,
    properties: RawRole,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRole {
    role_name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    permissions: Vec<Permission>,
}

/// A part of a role.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Permission {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    not_actions: Vec<String>,
}

#[derive(Deserialize)]
struct RawAssignment {
    id: String,
    properties: RawGrant,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawGrant {
    role_definition_id: String,
    principal_id: String,
    principal_type: Option<String>,
    scope: Option<String>,
}

/// A role that gives access to keys.
#[derive(Serialize, Deserialize)]
struct Role {
    guid: String,
    name: Text,
    built_in: bool,
    abilities: Vec<Ability>,
}

/// Who was given which role, and where.
#[derive(Serialize, Deserialize)]
struct Assignment {
    id: ArmId,
    scope: ArmId,
    role: String,
    principal: Principal,
}

/// Reads those of a subscription: what is given above it, in it, and below.
pub(super) async fn read(run: &Run, subscription: &ArmId, scope: &Arc<str>) {
    let path = format!("{subscription}/providers/Microsoft.Authorization");
    let budget = run.budget();
    let (Ok(definitions), Ok(assignments)) = (
        run.url(&format!("{path}/roleDefinitions"), AUTHORIZATION),
        run.url(&format!("{path}/roleAssignments"), AUTHORIZATION),
    ) else {
        return;
    };
    let listing = run.client.list(Ask::get(definitions, scope), &budget, role).await;
    if let Some(failure) = &listing.failure {
        let action = "Microsoft.Authorization/roleDefinitions/read";
        run.gap(subscription, Family::Roles, failure, action);
    }
    let roles: HashMap<String, Role> = listing
        .facts
        .into_iter()
        .map(|role| (role.guid.clone(), role))
        .collect();
    let listing = run.client.list(Ask::get(assignments, scope), &budget, assignment).await;
    if let Some(failure) = &listing.failure {
        let action = "Microsoft.Authorization/roleAssignments/read";
        run.gap(subscription, Family::Roles, failure, action);
    }
    let readers = listing.facts.into_iter().filter_map(|assignment| {
        let role = roles.get(&assignment.role)?;
        Some(Reader {
            id: assignment.id,
            scope: assignment.scope,
            principal: assignment.principal,
            role: role.name.clone(),
            built_in: role.built_in,
            abilities: role.abilities.clone(),
        })
    });
    run.found.borrow_mut().readers.extend(readers);
}

fn role(raw: RawDefinition) -> Option<Role> {
    let it = raw.properties;
    let abilities: Vec<Ability> = ABILITIES
        .iter()
        .filter(|(_, actions)| actions.iter().any(|action| allows(&it.permissions, action)))
        .map(|(ability, _)| *ability)
        .collect();
    if abilities.is_empty() {
        return None;
    }
    let kind = it.kind.unwrap_or_default();
    Some(Role {
        name: Text::name(it.role_name.as_deref().unwrap_or(&raw.name)),
        guid: raw.name.to_ascii_lowercase(),
        built_in: kind.eq_ignore_ascii_case("BuiltInRole"),
        abilities,
    })
}

fn assignment(raw: RawAssignment) -> Option<Assignment> {
    let it = raw.properties;
    let guid = it.role_definition_id.rsplit('/').next()?;
    // Its own id begins with the scope.
    let own = raw.id.to_ascii_lowercase().find("/providers/microsoft.authorization/");
    let scope = it.scope.unwrap_or_else(|| raw.id[..own.unwrap_or(0)].to_owned());
    let scope = if scope.is_empty() { "/".to_owned() } else { scope };
    Some(Assignment {
        id: ArmId::new(&raw.id),
        scope: ArmId::new(&scope),
        role: guid.to_ascii_lowercase(),
        principal: Principal {
            id: Text::name(&it.principal_id),
            name: None,
            kind: match it.principal_type.as_deref() {
                Some("User") => PrincipalType::User,
                Some("Group" | "ForeignGroup") => PrincipalType::Group,
                Some("ServicePrincipal") => PrincipalType::ServicePrincipal,
                _ => PrincipalType::Unknown,
            },
        },
    })
}

/// Whether a role allows an action, given in small letters: one of its parts
/// does, and does not take it back.
pub(super) fn allows(permissions: &[Permission], action: &str) -> bool {
    let is_in = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, action));
    permissions.iter().any(|part| is_in(&part.actions) && !is_in(&part.not_actions))
}

/// `*` stands for anything, slashes included, and letters have no case.
fn matches(pattern: &str, action: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| action.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(actions: &[&str], not_actions: &[&str]) -> Vec<Ability> {
        let raw = serde_json::json!({"name": "GUID", "properties": {
            "roleName": "r", "type": "CustomRole",
            "permissions": [{"actions": actions, "notActions": not_actions}]}});
        let role = role(serde_json::from_value(raw).unwrap());
        role.map(|role| role.abilities).unwrap_or_default()
    }

    #[test]
    fn knows_what_a_role_allows() {
        use Ability::*;
        let all = [ListHostKeys, ListFunctionKeys, WriteHostKeys, WriteFunctionKeys];
        assert_eq!(of(&["*"], &[]), all);
        assert_eq!(of(&["Microsoft.Web/sites/*"], &[]), all);
        assert_eq!(of(&["*/read"], &[]), []);
        assert_eq!(of(&["Microsoft.Web/sites/functions/listKeys/action"], &[]), [ListFunctionKeys]);
        let without = [
            "Microsoft.Web/sites/*/listkeys/action",
            "microsoft.web/sites/slots/*/listKeys/action",
        ];
        assert_eq!(of(&["Microsoft.Web/sites/*"], &without), [WriteHostKeys, WriteFunctionKeys]);
        assert_eq!(of(&["*/action"], &[]), [ListHostKeys, ListFunctionKeys]);
        assert_eq!(of(&["Microsoft.Web/sites/host/*"], &["*"]), []);
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, action, is) in [
            ("*", "a/b", true),
            ("a/*", "a/b/c", true),
            ("a/*/c", "a/b/b/c", true),
            ("a/*/c", "a/c", false),
            ("a", "a/b", false),
            ("*b*d", "abcd", true),
            ("*bb", "ab", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, action), is, "{pattern} {action}");
        }
    }

    #[test]
    fn an_assignment_has_a_scope() {
        let id = "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/a";
        let raw = serde_json::json!({"id": id, "properties": {
            "roleDefinitionId": "/x/roleDefinitions/G", "principalId": "p"}});
        let found = assignment(serde_json::from_value(raw).unwrap()).unwrap();
        assert_eq!((found.scope.as_str(), found.role.as_str()), ("/subscriptions/s", "g"));
        assert_eq!(found.principal.kind, PrincipalType::Unknown);
    }
}
