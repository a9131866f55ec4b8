//! Who can reach an app: required authentication and access restrictions.

use serde::Deserialize;
use std::sync::Arc;

use super::client::{Ask, Budget};
use super::failure::Failure;
use super::run::Run;
use super::sites::{Site, explained};
use crate::inventory::{App, Family, Restrictions};

/// The action that both need.
const ACTION: &str = "Microsoft.Web/sites/config/read";

/// Reads both into the app.
pub(super) async fn read(
    run: &Run,
    scope: &Arc<str>,
    site: &Site,
    app: &mut App,
    budget: &Budget,
) {
    let required = |raw: Config<Authentication>| raw.properties.is_some_and(|it| it.is_required());
    match config(run, scope, site, "authsettingsV2", budget, required).await {
        Ok(required) => app.access.auth_required = Some(required),
        Err(failure) => run.gap(&app.id, Family::Authentication, &failure, ACTION),
    }
    let network = |raw: Config<Network>| raw.properties.map(|it| (it.restrictions(), it.public()));
    match config(run, scope, site, "web", budget, network).await {
        Ok(Some((restrictions, public))) => {
            app.access.restrictions = Some(restrictions);
            if public == Some(false) {
                app.access.public = Some(false);
            }
        }
        Ok(None) => {
            let words = "the configuration has no properties";
            let failure = Failure::new(crate::inventory::Reason::BadAnswer, words);
            run.gap(&app.id, Family::Network, &failure, ACTION);
        }
        Err(failure) => run.gap(&app.id, Family::Network, &failure, ACTION),
    }
}

async fn config<R, F>(
    run: &Run,
    scope: &Arc<str>,
    site: &Site,
    name: &str,
    budget: &Budget,
    fact: impl FnOnce(R) -> F,
) -> Result<F, Failure>
where
    R: serde::de::DeserializeOwned,
    F: serde::Serialize + serde::de::DeserializeOwned,
{
    let url = run.url(&format!("{}/config/{name}", site.id), &run.options.web_api_version)?;
    let asked = run.client.one(&Ask::get(url, scope), budget, fact).await;
    asked.map_err(|failure| explained(site, failure))
}

#[derive(Deserialize)]
struct Config<P> {
    properties: Option<P>,
}

/// `authsettingsV2`; an app that never had any has an empty one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    platform: Option<Platform>,
    global_validation: Option<Validation>,
}

#[derive(Deserialize)]
struct Platform {
    enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Validation {
    require_authentication: Option<bool>,
    unauthenticated_client_action: Option<String>,
    excluded_paths: Option<Vec<String>>,
}

impl Authentication {
    fn is_required(&self) -> bool {
        let enabled = self.platform.as_ref().and_then(|it| it.enabled);
        let Some(validation) = &self.global_validation else {
            return false;
        };
        let lets_pass = validation
            .unauthenticated_client_action
            .as_deref()
            .is_some_and(|action| action.eq_ignore_ascii_case("AllowAnonymous"));
        // Paths that are left out are open to everybody; which functions they
        // lead to cannot be told from here.
        let all_paths = validation.excluded_paths.as_ref().is_none_or(Vec::is_empty);
        enabled == Some(true)
            && validation.require_authentication == Some(true)
            && !lets_pass
            && all_paths
    }
}

/// `config/web`, as far as it is about who may come in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Network {
    public_network_access: Option<String>,
    ip_security_restrictions: Option<Vec<Restriction>>,
    ip_security_restrictions_default_action: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Restriction {
    ip_address: Option<String>,
    vnet_subnet_resource_id: Option<String>,
    action: Option<String>,
    priority: Option<i64>,
    tag: Option<String>,
    headers: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Restriction {
    fn allows(&self) -> bool {
        let action = self.action.as_deref().unwrap_or("Allow");
        action.eq_ignore_ascii_case("allow")
    }

    /// Whether it is about everybody.
    fn is_for_all(&self) -> bool {
        let address = self.ip_address.as_deref().unwrap_or_default();
        let addresses = ["any", "0.0.0.0/0", "::/0", "*"];
        let everywhere = addresses.iter().any(|all| address.eq_ignore_ascii_case(all));
        let tagged = self.tag.as_deref().is_some_and(|tag| {
            tag.eq_ignore_ascii_case("ServiceTag") || tag.eq_ignore_ascii_case("XffProxy")
        });
        everywhere
            && !tagged
            && self.vnet_subnet_resource_id.is_none()
            && self.headers.as_ref().is_none_or(serde_json::Map::is_empty)
    }
}

impl Network {
    fn public(&self) -> Option<bool> {
        let word = self.public_network_access.as_deref()?;
        word.eq_ignore_ascii_case("disabled").then_some(false)
    }

    /// The first rule that is about everybody decides what is left; without
    /// one, whatever the default is: with rules, to deny.
    fn restrictions(&self) -> Restrictions {
        let mut rules: Vec<&Restriction> =
            self.ip_security_restrictions.iter().flatten().collect();
        rules.sort_by_key(|rule| rule.priority.unwrap_or(i64::MAX));
        if let Some(rule) = rules.iter().find(|rule| rule.is_for_all()) {
            return left(rule.allows());
        }
        match self.ip_security_restrictions_default_action.as_deref() {
            Some(word) => left(word.eq_ignore_ascii_case("allow")),
            None => left(rules.is_empty()),
        }
    }
}

fn left(open: bool) -> Restrictions {
    match open {
        true => Restrictions::Open,
        false => Restrictions::Restricted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restrictions(json: &str) -> Restrictions {
        serde_json::from_str::<Network>(json).unwrap().restrictions()
    }

    #[test]
    fn the_first_rule_for_everybody_decides() {
        use Restrictions::{Open, Restricted};
        let rules = |rules: &str| format!(r#"{{"ipSecurityRestrictions": {rules}}}"#);
        for (json, left) in [
            (rules("null"), Open),
            (rules("[]"), Open),
            (rules(r#"[{"ipAddress": "Any", "action": "Allow", "priority": 2147483647}]"#), Open),
            (rules(r#"[{"ipAddress": "10.0.0.0/8", "action": "Allow"}]"#), Restricted),
            (
                rules(
                    r#"[{"ipAddress": "Any", "action": "Deny", "priority": 2147483647},
                        {"ipAddress": "10.0.0.0/8", "action": "Allow", "priority": 100}]"#,
                ),
                Restricted,
            ),
            (
                rules(
                    r#"[{"ipAddress": "Any", "action": "Deny", "priority": 200},
                        {"ipAddress": "0.0.0.0/0", "action": "Allow", "priority": 100}]"#,
                ),
                Open,
            ),
            (
                rules(
                    r#"[{"ipAddress": "Any", "action": "Allow", "headers": {"x-azure-fdid": ["1"]}}]"#,
                ),
                Restricted,
            ),
            (
                r#"{"ipSecurityRestrictions": [], "ipSecurityRestrictionsDefaultAction": "Deny"}"#
                    .to_owned(),
                Restricted,
            ),
        ] {
            assert_eq!(restrictions(&json), left, "{json}");
        }
    }

    #[test]
    fn authentication_is_required_where_nothing_passes_without() {
        let required = |json: &str| {
            serde_json::from_str::<Authentication>(json).unwrap().is_required()
        };
        let with = |validation: &str| {
            format!(r#"{{"platform": {{"enabled": true}}, "globalValidation": {validation}}}"#)
        };
        assert!(required(&with(
            r#"{"requireAuthentication": true, "unauthenticatedClientAction": "Return401"}"#
        )));
        assert!(!required("{}"));
        assert!(!required(&with("null")));
        assert!(!required(&with(
            r#"{"requireAuthentication": true, "unauthenticatedClientAction": "AllowAnonymous"}"#
        )));
        assert!(!required(&with(
            r#"{"requireAuthentication": true, "excludedPaths": ["/api/open"]}"#
        )));
        assert!(!required(
            r#"{"platform": {"enabled": false}, "globalValidation": {"requireAuthentication": true}}"#
        ));
    }
}
