//! What the service says of a site, in either of its two lists.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::inventory::{Tags, Text};

/// What Resource Graph and Microsoft.Web say of it alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::azure) struct Details {
    pub kind: Option<Text>,
    pub location: Option<Text>,
    pub tags: Tags,
    pub state: Option<Text>,
    pub sku: Option<Text>,
    pub hosts: Vec<Text>,
    pub public: Option<bool>,
    pub private_endpoints: u32,
    pub admin_isolated: Option<bool>,
}

impl Details {
    /// Whether it is a function app, or a Logic App of the same runtime.
    pub(in crate::azure) fn is_function_app(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        kind.to_ascii_lowercase().contains("functionapp")
    }
}

/// A row of Resource Graph, and the properties of a site alike.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::azure) struct RawSite {
    pub id: String,
    kind: Option<String>,
    location: Option<String>,
    tags: Option<BTreeMap<String, Option<String>>>,
    #[serde(flatten)]
    row: RawProperties,
    properties: Option<RawProperties>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawProperties {
    state: Option<String>,
    sku: Option<String>,
    default_host_name: Option<String>,
    host_names: Option<Vec<String>>,
    public_network_access: Option<String>,
    functions_runtime_admin_isolation_enabled: Option<bool>,
    private_endpoint_connections: Option<Vec<RawEndpoint>>,
}

#[derive(Deserialize)]
struct RawEndpoint {
    properties: Option<RawEndpointProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEndpointProperties {
    private_link_service_connection_state: Option<RawLinkState>,
}

#[derive(Deserialize)]
struct RawLinkState {
    status: Option<String>,
}

impl RawEndpoint {
    fn is_approved(&self) -> bool {
        let state = self
            .properties
            .as_ref()
            .and_then(|it| it.private_link_service_connection_state.as_ref());
        state
            .and_then(|state| state.status.as_deref())
            .is_some_and(|status| status.eq_ignore_ascii_case("approved"))
    }
}

impl RawSite {
    pub(in crate::azure) fn details(self) -> Details {
        let it = self.properties.unwrap_or(self.row);
        let endpoints = it.private_endpoint_connections.unwrap_or_default();
        let private_endpoints = endpoints.iter().filter(|one| one.is_approved()).count();
        let public = match it.public_network_access.as_deref() {
            Some(word) if word.eq_ignore_ascii_case("disabled") => false,
            Some(word) if word.eq_ignore_ascii_case("enabled") => true,
            // Not set: a private endpoint closes the public way.
            _ => private_endpoints == 0,
        };
        let mut hosts: Vec<String> = it.default_host_name.into_iter().collect();
        hosts.extend(it.host_names.unwrap_or_default());
        let mut seen = std::collections::HashSet::new();
        hosts.retain(|host| !host.is_empty() && seen.insert(host.to_ascii_lowercase()));
        Details {
            kind: self.kind.as_deref().map(Text::name),
            // `West Europe` by one, `westeurope` by the other.
            location: self
                .location
                .map(|it| Text::name(&it.replace(' ', "").to_ascii_lowercase())),
            tags: tags(self.tags),
            state: it.state.as_deref().map(Text::name),
            sku: it.sku.as_deref().map(Text::name),
            hosts: hosts.iter().map(|host| Text::name(host)).collect(),
            public: Some(public),
            private_endpoints: u32::try_from(private_endpoints).unwrap_or(u32::MAX),
            admin_isolated: it.functions_runtime_admin_isolation_enabled,
        }
    }
}

pub(in crate::azure) fn tags(raw: Option<BTreeMap<String, Option<String>>>) -> Tags {
    let tags = raw.unwrap_or_default().into_iter();
    let masked = |(name, value): (String, Option<String>)| {
        let value = value.unwrap_or_default();
        (Text::name(&name), Text::prose(&value))
    };
    tags.map(masked).collect::<BTreeMap<_, _>>().into()
}
