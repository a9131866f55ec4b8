//! Backends: where requests go, and what is sent along.

use reqwest::Url;
use serde::Deserialize;
use std::collections::BTreeMap;

use super::{Service, named_value};
use crate::azure::holding::{Searcher, holder, is_key_header, is_key_parameter};
use crate::azure::value::SecretText;
use crate::inventory::{ArmId, Form, Holder, HolderKind, Text, Transport};

#[derive(Deserialize)]
struct Raw {
    id: String,
    properties: Option<RawBackend>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBackend {
    /// It may have a key in it.
    url: Option<SecretText>,
    resource_id: Option<String>,
    credentials: Option<RawCredentials>,
}

#[derive(Deserialize)]
struct RawCredentials {
    header: Option<BTreeMap<String, Vec<SecretText>>>,
    query: Option<BTreeMap<String, Vec<SecretText>>>,
}

impl Service<'_> {
    pub(super) async fn backends(&self) -> Vec<Holder> {
        let run = self.run;
        let found = self.list(
            "/backends",
            "Microsoft.ApiManagement/service/backends/read",
            |raw: Raw| {
                let known = run.known.borrow();
                let searcher = Searcher {
                    prints: &run.prints,
                    known: &known,
                };
                let holders = holders(&searcher, &raw);
                (!holders.is_empty()).then_some(holders)
            },
        );
        found.await.into_iter().flatten().collect()
    }
}

fn holders(searcher: &Searcher<'_>, raw: &Raw) -> Vec<Holder> {
    let id = ArmId::new(&raw.id);
    let Some(backend) = &raw.properties else {
        return Vec::new();
    };
    let address = backend.url.as_ref().map_or("", SecretText::text);
    let host = Url::parse(address)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    // An address of the resource manager, with the site's id behind it.
    let target = backend.resource_id.as_deref().and_then(|resource| {
        let at = resource.to_ascii_lowercase().find("/subscriptions/")?;
        ArmId::new(&resource[at..]).app()
    });
    let mut found = Vec::new();
    let credentials = backend.credentials.as_ref();
    let headers = credentials.and_then(|it| it.header.as_ref());
    let queries = credentials.and_then(|it| it.query.as_ref());
    for (values, group, sent) in [
        (headers, "header", Transport::Header),
        (queries, "query", Transport::Query),
    ] {
        for (name, values) in values.into_iter().flatten() {
            let place = format!("credentials.{group}.{name}");
            let is_key = match sent {
                Transport::Header => is_key_header(name),
                Transport::Query => is_key_parameter(name),
            };
            for value in values {
                let text = value.text();
                if is_key && let Some(name) = named_value(text) {
                    found.push(Holder {
                        named_value: Some(Text::name(name)),
                        sent: Some(sent),
                        host: host.as_deref().map(Text::name),
                        ..holder(&id, HolderKind::ApimBackend, &place, Form::NamedValue)
                    });
                    continue;
                }
                let held = match is_key {
                    true => searcher.sent(text, sent, host.as_deref()).into_iter().collect(),
                    false => searcher.search(text),
                };
                let held = held.into_iter();
                found.extend(
                    held.map(|held| searcher.holder(&id, HolderKind::ApimBackend, &place, held)),
                );
            }
        }
    }
    let in_url = searcher.search(address).into_iter();
    found.extend(in_url.map(|held| searcher.holder(&id, HolderKind::ApimBackend, "url", held)));
    for holder in &mut found {
        let by_host = host.as_deref().and_then(|host| searcher.known.app_at(host)).cloned();
        holder.target = target.clone().or(by_host).or(holder.target.take());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::known::Known;
    use crate::key::{KeyKind, generate};
    use crate::secret::Fingerprinter;

    #[test]
    fn reads_credentials_and_addresses() {
        let key = generate(KeyKind::Function, &[6; 33]);
        let json = format!(
            r#"{{"id": "/subscriptions/s/service/gw/backends/b", "properties": {{
                "url": "https://orders.azurewebsites.net/api",
                "resourceId": "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/orders",
                "credentials": {{
                    "header": {{"X-Functions-Key": ["{{{{orders-key}}}}", "{key}"], "Accept": ["*/*"]}},
                    "query": {{"code": ["Tr0ub4dor-and-3"], "subscription-key": ["Tr0ub4dor-and-3"]}}}}}}}}"#
        );
        let raw: Raw = serde_json::from_str(&json).unwrap();
        let prints = Fingerprinter::keyed("a key for tests");
        let known = Known::default();
        let searcher = Searcher {
            prints: &prints,
            known: &known,
        };
        let found = holders(&searcher, &raw);
        let shown: Vec<_> = found
            .iter()
            .map(|it| (it.place.as_str(), it.form, it.sent))
            .collect();
        assert_eq!(
            shown,
            [
                ("credentials.header.X-Functions-Key", Form::NamedValue, Some(Transport::Header)),
                ("credentials.header.X-Functions-Key", Form::Literal, Some(Transport::Header)),
                ("credentials.query.code", Form::Literal, Some(Transport::Query)),
            ]
        );
        assert!(found.iter().all(|it| it.target.as_ref().unwrap().name() == "orders"));
        assert_eq!(found[0].named_value.as_ref().unwrap().as_str(), "orders-key");
    }
}
