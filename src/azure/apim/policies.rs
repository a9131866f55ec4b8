//! Policies: documents of XML, with expressions of C# in them, for the service,
//! its APIs, their operations and its products.

use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

use super::{APIM, Service, named_value};
use crate::azure::client::Ask;
use crate::azure::failure::Failure;
use crate::azure::holding::{Searcher, holder, is_key_header, is_key_parameter};
use crate::azure::value::SecretText;
use crate::inventory::{ArmId, Family, Form, Holder, HolderKind, Reason, Text, Transport};

const ACTION: &str = "Microsoft.ApiManagement/service/policies/read";

/// In bytes; the service's own limit is half a MiB.
const LONGEST: usize = 1 << 20;

#[derive(Deserialize)]
struct RawStatus {
    properties: Option<RawReference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReference {
    reference_policy_id: Option<String>,
}

#[derive(Deserialize)]
struct RawNamed {
    id: String,
}

#[derive(Deserialize)]
struct RawPolicy {
    id: String,
    properties: Option<RawContent>,
}

#[derive(Deserialize)]
struct RawContent {
    value: Option<SecretText>,
}

/// What a policy says of keys.
#[derive(Default, Serialize, Deserialize)]
struct Facts {
    holders: Vec<Holder>,
    /// Named values that are sent as a key.
    named_values: Vec<String>,
}

impl Service<'_> {
    /// Holders, and the named values that policies send as keys.
    pub(super) async fn policies(&self) -> (Vec<Holder>, Vec<String>) {
        let mut facts = Facts::default();
        let ids = match self.all_policies().await {
            Ok(ids) => ids,
            Err(_) => self.places().await,
        };
        for id in ids {
            match self.policy(&id).await {
                Ok(more) => {
                    facts.holders.extend(more.holders);
                    facts.named_values.extend(more.named_values);
                }
                // Most places have none.
                Err(failure) if failure.reason == Reason::NotFound => {}
                Err(failure) => {
                    self.run.gap(&id, Family::ApiManagement, &failure, ACTION);
                    if failure.reason == Reason::Forbidden {
                        break;
                    }
                }
            }
        }
        (facts.holders, facts.named_values)
    }

    /// The ids of the policies that there are, in one list.
    async fn all_policies(&self) -> Result<Vec<ArmId>, Failure> {
        let url = self.run.url(&format!("{}/allPolicies", self.id), APIM)?;
        let list = self.run.client.list(
            Ask::get(url, self.scope),
            &self.budget,
            |raw: RawStatus| {
                let id = raw.properties?.reference_policy_id?;
                Some(ArmId::new(&id))
            },
        );
        let listing = list.await;
        match listing.failure {
            Some(failure) => Err(failure),
            None => Ok(listing.facts),
        }
    }

    /// Where there may be one, for tiers that do not list them.
    async fn places(&self) -> Vec<ArmId> {
        let named = |raw: RawNamed| Some(ArmId::new(&raw.id));
        let mut places = vec![self.id.clone()];
        let read = "Microsoft.ApiManagement/service/apis/read";
        let apis: Vec<ArmId> = self.list("/apis", read, named).await;
        for api in apis {
            let path = format!("/apis/{}/operations", api.name());
            let read = "Microsoft.ApiManagement/service/apis/operations/read";
            places.extend(self.list::<RawNamed, ArmId>(&path, read, named).await);
            places.push(api);
        }
        let read = "Microsoft.ApiManagement/service/products/read";
        places.extend(self.list::<RawNamed, ArmId>("/products", read, named).await);
        let places = places.iter();
        places.map(|place| ArmId::new(&format!("{place}/policies/policy"))).collect()
    }

    async fn policy(&self, id: &ArmId) -> Result<Facts, Failure> {
        let mut url = self.run.url(id.as_str(), APIM)?;
        url.query_pairs_mut().append_pair("format", "rawxml");
        let read = |raw: RawPolicy| {
            let known = self.run.known.borrow();
            let searcher = Searcher {
                prints: &self.run.prints,
                known: &known,
            };
            let text = raw.properties.and_then(|it| it.value);
            let text = text.as_ref().map_or("", SecretText::text);
            facts(&searcher, &ArmId::new(&raw.id), text)
        };
        let ask = Ask::get(url, self.scope);
        self.run.client.one(&ask, &self.budget, read).await
    }
}

fn facts(searcher: &Searcher<'_>, id: &ArmId, policy: &str) -> Facts {
    let mut facts = Facts::default();
    // The service takes none that is longer.
    let policy = policy.get(..LONGEST).unwrap_or(policy);
    let host = BASE_URL.captures(policy).map(|found| found[1].to_owned());
    for set in SET.captures_iter(policy) {
        let (element, name, content) = (&set["element"], &set["name"], &set["content"]);
        let (sent, is_key) = match element {
            "set-header" => (Transport::Header, is_key_header(name)),
            _ => (Transport::Query, is_key_parameter(name)),
        };
        if !is_key {
            continue;
        }
        for value in VALUE.captures_iter(content) {
            let text = unescaped(&value[1]);
            let place = format!("{element} {name}");
            if let Some(name) = named_value(&text) {
                facts.named_values.push(name.to_owned());
                facts.holders.push(Holder {
                    named_value: Some(Text::name(name)),
                    sent: Some(sent),
                    host: host.as_deref().map(Text::name),
                    target: host
                        .as_deref()
                        .and_then(|host| searcher.known.app_at(host))
                        .cloned(),
                    ..holder(id, HolderKind::ApimPolicy, &place, Form::NamedValue)
                });
            } else if let Some(held) = searcher.sent(&text, sent, host.as_deref()) {
                facts.holders.push(searcher.holder(id, HolderKind::ApimPolicy, &place, held));
            }
        }
    }
    // Whatever else has the format of a key: in an expression, in an address.
    let seen: Vec<_> = facts
        .holders
        .iter()
        .filter_map(|holder| holder.fingerprint.clone())
        .collect();
    for held in searcher.search(&unescaped(policy)) {
        if !seen.contains(&held.value.fingerprint) {
            let place = "policy";
            facts.holders.push(searcher.holder(id, HolderKind::ApimPolicy, place, held));
        }
    }
    facts
}

fn unescaped(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("<![CDATA[").unwrap_or(text);
    let text = text.strip_suffix("]]>").unwrap_or(text);
    text.replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Not a parser of XML: expressions stand in attributes and texts as they are.
static SET: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?is)<(?P<element>set-header|set-query-parameter)\s[^>]*?name\s*=\s*["'](?P<name>[^"']{1,256})["'][^>]*>(?P<content>.*?)</set-(?:header|query-parameter)>"#,
    )
});

static VALUE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?is)<value>(.*?)</value>"));

static BASE_URL: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"(?i)<set-backend-service\s[^>]*base-url\s*=\s*["']https?://([a-z0-9.-]{1,253})"#)
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern, tested")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::known::Known;
    use crate::key::{KeyKind, generate};
    use crate::secret::Fingerprinter;

    #[test]
    fn finds_what_a_policy_sends() {
        let (one, two) = (
            generate(KeyKind::Function, &[7; 33]),
            generate(KeyKind::Function, &[8; 33]),
        );
        let policy = format!(
            r#"<policies><inbound>
              <set-backend-service base-url="https://orders.azurewebsites.net/api" />
              <set-header name="X-Functions-Key" exists-action="override"><value>{{{{orders-key}}}}</value></set-header>
              <set-query-parameter name="code" exists-action="override">
                <value>{one}</value></set-query-parameter>
              <set-header name="Accept"><value>application/json</value></set-header>
              <send-request><set-url>https://b.azurewebsites.net/api/x?a=1&amp;code={two}</set-url></send-request>
            </inbound></policies>"#
        );
        let prints = Fingerprinter::keyed("a key for tests");
        let known = Known::default();
        let searcher = Searcher {
            prints: &prints,
            known: &known,
        };
        let found = facts(&searcher, &ArmId::new("/p/policies/policy"), &policy);
        assert_eq!(found.named_values, ["orders-key"]);
        let shown: Vec<_> = found
            .holders
            .iter()
            .map(|it| (it.place.as_str(), it.form, it.host.as_deref().unwrap_or("")))
            .collect();
        assert_eq!(
            shown,
            [
                ("set-header X-Functions-Key", Form::NamedValue, "orders.azurewebsites.net"),
                ("set-query-parameter code", Form::Literal, "orders.azurewebsites.net"),
                ("policy", Form::Literal, "b.azurewebsites.net"),
            ]
        );
    }
}
