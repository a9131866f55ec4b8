//! The clouds: where their resource manager is, and who issues tokens for it.

use reqwest::Url;
use serde::Deserialize;

use super::SweepError;

/// A cloud of Microsoft's, by the name that `--cloud` gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum CloudName {
    /// Azure.
    #[default]
    Public,
    /// Azure US Government.
    Usgov,
    /// Azure operated by 21Vianet in China.
    China,
}

/// The endpoints of a cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cloud {
    /// The resource manager: scheme, host and port.
    pub arm: Url,
    /// Who issues tokens.
    pub authority: Url,
    /// Whom the tokens are for.
    pub audience: String,
    /// What an inventory calls it: a name, or the resource manager's host.
    pub name: String,
}

impl Cloud {
    /// A cloud of Microsoft's.
    pub(super) fn named(name: CloudName) -> Result<Self, SweepError> {
        // azure-cli-core, cloud.py.
        let (word, arm, authority) = match name {
            CloudName::Public => (
                "public",
                "https://management.azure.com",
                "https://login.microsoftonline.com",
            ),
            CloudName::Usgov => (
                "usgov",
                "https://management.usgovcloudapi.net",
                "https://login.microsoftonline.us",
            ),
            CloudName::China => (
                "china",
                "https://management.chinacloudapi.cn",
                "https://login.chinacloudapi.cn",
            ),
        };
        Ok(Self {
            arm: endpoint("--cloud", arm)?,
            authority: endpoint("--cloud", authority)?,
            audience: arm.to_owned(),
            name: word.to_owned(),
        })
    }

    /// Another cloud, by what its resource manager says of itself and by what
    /// was typed, which wins.
    pub(super) fn of(
        arm: Url,
        authority: Option<Url>,
        metadata: Option<&Metadata>,
    ) -> Result<Self, SweepError> {
        let told = metadata.and_then(|told| told.authentication.as_ref());
        let authority = match (authority, told.and_then(|told| told.login_endpoint.as_ref())) {
            (Some(typed), _) => typed,
            (None, Some(told)) => endpoint("the metadata of --arm-endpoint", told)?,
            (None, None) => {
                return Err(SweepError::NoAuthority {
                    arm: arm.to_string(),
                });
            }
        };
        let origin = arm.as_str().trim_end_matches('/').to_owned();
        // The endpoint itself, where it is among them: what it accepts for sure.
        let audiences = told.map(|told| told.audiences.as_slice());
        let audience = audiences
            .unwrap_or_default()
            .iter()
            .map(|audience| audience.trim_end_matches('/'))
            .min_by_key(|audience| *audience != origin)
            .unwrap_or(&origin);
        Ok(Self {
            audience: audience.to_owned(),
            name: arm.authority().to_owned(),
            arm,
            authority,
        })
    }

    /// The scope that a token is asked for.
    pub(super) fn scope(&self) -> String {
        format!("{}/.default", self.audience)
    }

    /// Where to ask a resource manager for its metadata.
    pub(super) fn metadata_url(arm: &Url) -> Url {
        let mut url = arm.clone();
        url.set_path("/metadata/endpoints");
        url.set_query(Some("api-version=2022-09-01"));
        url
    }
}

/// What a resource manager says of its cloud, as far as it is of use.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    authentication: Option<Authentication>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    login_endpoint: Option<String>,
    #[serde(default)]
    audiences: Vec<String>,
}

/// An address that was typed or told. Tokens go there, so it has to be HTTPS.
pub(super) fn endpoint(origin: &'static str, text: &str) -> Result<Url, SweepError> {
    let refuse = |problem| SweepError::BadEndpoint {
        origin,
        address: crate::excerpt::redact(text),
        problem,
    };
    let mut url = Url::parse(text).map_err(|_| refuse("it is no address"))?;
    if url.scheme() != "https" {
        return Err(refuse("it is not HTTPS"));
    }
    if url.host_str().is_none() || !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it is more than scheme, host and port"));
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        endpoint("--arm-endpoint", text).unwrap()
    }

    #[test]
    fn knows_microsofts_clouds() {
        let cloud = Cloud::named(CloudName::China).unwrap();
        assert_eq!(cloud.scope(), "https://management.chinacloudapi.cn/.default");
        assert_eq!(cloud.authority.as_str(), "https://login.chinacloudapi.cn/");
    }

    #[test]
    fn asks_another_cloud_who_it_is() {
        let metadata: Metadata = serde_json::from_str(
            r#"{"authentication": {"loginEndpoint": "https://login.local/adfs",
                "audiences": ["https://management.other/", "https://arm.local:444/"]}}"#,
        )
        .unwrap();
        let arm = url("https://arm.local:444");
        let cloud = Cloud::of(arm.clone(), None, Some(&metadata)).unwrap();
        assert_eq!(cloud.audience, "https://arm.local:444");
        assert_eq!(cloud.authority.as_str(), "https://login.local/");
        let typed = Cloud::of(arm.clone(), Some(url("https://typed.local")), None).unwrap();
        assert_eq!(typed.audience, "https://arm.local:444");
        assert_eq!(typed.authority.as_str(), "https://typed.local/");
        assert!(Cloud::of(arm, None, None).is_err());
    }

    #[test]
    fn tokens_go_over_https_only() {
        for bad in ["http://arm.local", "arm.local", "https://u:p@arm.local", "https://"] {
            assert!(endpoint("--arm-endpoint", bad).is_err(), "{bad}");
        }
    }
}
