//! The ways to a token, each through azure_identity.

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{AccessToken, Secret, TokenCredential};
use azure_core::http::{ClientMethodOptions, ClientOptions, RetryOptions, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertion, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use reqwest::Url;
use std::sync::Arc;

use super::{Auth, TokenError};
use crate::azure::cloud::Cloud;
use crate::inventory::Text;

/// Reads a variable of the environment; empty ones count as missing.
pub(in crate::azure) type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Where tokens come from.
///
/// The credential is made anew for each token: those of azure_identity keep
/// theirs, and would answer with the one that the service has just refused.
pub(in crate::azure) struct Source {
    auth: Auth,
    tenant: Option<String>,
    http: reqwest::Client,
    environment: Box<Environment>,
}

/// What the environment is set up for.
pub(in crate::azure) fn auto(environment: &Environment) -> Auth {
    let is_set = |name| environment(name).is_some();
    if is_set("AZURE_CLIENT_SECRET") {
        Auth::Env
    } else if is_set("AZURE_FEDERATED_TOKEN_FILE") {
        Auth::Workload
    } else if is_set("ACTIONS_ID_TOKEN_REQUEST_URL") && is_set("AZURE_CLIENT_ID") {
        Auth::Github
    } else if is_set("IDENTITY_ENDPOINT") {
        Auth::Managed
    } else {
        Auth::Cli
    }
}

impl Source {
    pub(in crate::azure) fn new(
        auth: Auth,
        tenant: Option<String>,
        http: reqwest::Client,
        environment: Box<Environment>,
    ) -> Self {
        let auth = match auth {
            Auth::Auto => auto(&*environment),
            other => other,
        };
        Self {
            auth,
            tenant,
            http,
            environment,
        }
    }

    /// What it is called in messages.
    pub(in crate::azure) fn name(&self) -> &'static str {
        match self.auth {
            Auth::Auto | Auth::Cli => "the Azure CLI (--auth cli)",
            Auth::Env => "the client secret (--auth env)",
            Auth::Workload => "workload identity (--auth workload)",
            Auth::Managed => "the managed identity (--auth managed)",
            Auth::Github => "GitHub's identity token (--auth github)",
        }
    }

    pub(super) fn failed(&self, problem: &str) -> TokenError {
        TokenError {
            source_name: self.name(),
            problem: Text::prose(problem),
        }
    }

    /// A new token for the cloud's resource manager.
    pub(super) async fn token(&self, cloud: &Cloud) -> Result<AccessToken, TokenError> {
        let credential = self.credential(cloud)?;
        let scope = cloud.scope();
        credential
            .get_token(&[&scope], None)
            .await
            .map_err(|error| self.failed(&in_words(&error)))
    }

    fn credential(&self, cloud: &Cloud) -> Result<Arc<dyn TokenCredential>, TokenError> {
        let made: azure_core::Result<Arc<dyn TokenCredential>> = match self.auth {
            Auth::Auto | Auth::Cli => AzureCliCredential::new(Some(AzureCliCredentialOptions {
                tenant_id: self.tenant.clone(),
                ..Default::default()
            }))
            .map(|made| made as _),
            Auth::Env => ClientSecretCredential::new(
                &self.tenant()?,
                self.variable("AZURE_CLIENT_ID")?,
                Secret::new(self.variable("AZURE_CLIENT_SECRET")?),
                Some(ClientSecretCredentialOptions {
                    client_options: self.options(cloud),
                }),
            )
            .map(|made| made as _),
            Auth::Workload => {
                WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                    credential_options: ClientAssertionCredentialOptions {
                        client_options: self.options(cloud),
                    },
                    tenant_id: Some(self.tenant()?),
                    client_id: Some(self.variable("AZURE_CLIENT_ID")?),
                    token_file_path: Some(self.variable("AZURE_FEDERATED_TOKEN_FILE")?.into()),
                }))
                .map(|made| made as _)
            }
            Auth::Managed => {
                ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                    user_assigned_id: (self.environment)("AZURE_CLIENT_ID")
                        .map(UserAssignedId::ClientId),
                    client_options: self.options(cloud),
                }))
                .map(|made| made as _)
            }
            Auth::Github => ClientAssertionCredential::new(
                self.tenant()?,
                self.variable("AZURE_CLIENT_ID")?,
                self.github()?,
                Some(ClientAssertionCredentialOptions {
                    client_options: self.options(cloud),
                }),
            )
            .map(|made| made as _),
        };
        made.map_err(|error| self.failed(&in_words(&error)))
    }

    /// Our connections, and the authority of the cloud. No retries: those of
    /// azure_core take a minute where a host does not exist.
    fn options(&self, cloud: &Cloud) -> ClientOptions {
        let mut custom = CustomConfiguration::default();
        custom.authority_host = cloud.authority.to_string();
        ClientOptions {
            retry: RetryOptions::none(),
            transport: Some(Transport::new(Arc::new(self.http.clone()))),
            cloud: Some(Arc::new(CloudConfiguration::Custom(custom))),
            ..Default::default()
        }
    }

    fn github(&self) -> Result<GithubToken, TokenError> {
        let url = self.variable("ACTIONS_ID_TOKEN_REQUEST_URL")?;
        let mut url = Url::parse(&url)
            .map_err(|_| self.failed("ACTIONS_ID_TOKEN_REQUEST_URL is no address"))?;
        url.query_pairs_mut()
            .append_pair("audience", "api://AzureADTokenExchange");
        Ok(GithubToken {
            url,
            request_token: Secret::new(self.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?),
            http: self.http.clone(),
        })
    }

    fn tenant(&self) -> Result<String, TokenError> {
        match &self.tenant {
            Some(tenant) => Ok(tenant.clone()),
            None => self.variable("AZURE_TENANT_ID"),
        }
    }

    fn variable(&self, name: &'static str) -> Result<String, TokenError> {
        (self.environment)(name).ok_or_else(|| {
            let hint = match (name, self.auth) {
                ("AZURE_TENANT_ID", _) => "; set it, or use --tenant",
                (_, Auth::Github) if name.starts_with("ACTIONS_") => {
                    "; the job needs `permissions: id-token: write`"
                }
                _ => "; set it",
            };
            self.failed(&format!("{name} is not set{hint}"))
        })
    }
}

/// The error and what led to it, in one line. Not its debug text: that may have
/// the answer of the service in it.
fn in_words(error: &azure_core::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    let line: Vec<&str> = text.split_whitespace().collect();
    line.join(" ").chars().take(600).collect()
}

/// The identity token of a job of GitHub Actions, as a client assertion.
struct GithubToken {
    url: Url,
    request_token: Secret,
    http: reqwest::Client,
}

impl std::fmt::Debug for GithubToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GithubToken").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl ClientAssertion for GithubToken {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        #[derive(serde::Deserialize)]
        struct Answer {
            value: String,
        }
        let failed = |problem: String| {
            azure_core::Error::with_message(azure_core::error::ErrorKind::Credential, problem)
        };
        let answer = self
            .http
            .get(self.url.clone())
            .bearer_auth(self.request_token.secret())
            .send()
            .await
            .map_err(|error| failed(format!("GitHub: {}", error.without_url())))?;
        if !answer.status().is_success() {
            return Err(failed(format!("GitHub answered {}", answer.status())));
        }
        let body = answer
            .bytes()
            .await
            .map_err(|error| failed(format!("GitHub: {}", error.without_url())))?;
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|_| failed("GitHub's answer has no token".to_owned()))?;
        Ok(answer.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(variables: &[&str]) -> Auth {
        let variables: Vec<String> = variables.iter().map(|name| (*name).to_owned()).collect();
        auto(&move |name: &str| {
            variables
                .iter()
                .any(|set| set == name)
                .then(|| "set".to_owned())
        })
    }

    #[test]
    fn goes_by_what_the_environment_is_set_up_for() {
        assert_eq!(chosen(&[]), Auth::Cli);
        assert_eq!(
            chosen(&["AZURE_CLIENT_SECRET", "IDENTITY_ENDPOINT"]),
            Auth::Env
        );
        assert_eq!(chosen(&["AZURE_FEDERATED_TOKEN_FILE"]), Auth::Workload);
        assert_eq!(chosen(&["ACTIONS_ID_TOKEN_REQUEST_URL"]), Auth::Cli);
        assert_eq!(
            chosen(&["ACTIONS_ID_TOKEN_REQUEST_URL", "AZURE_CLIENT_ID"]),
            Auth::Github
        );
        assert_eq!(chosen(&["IDENTITY_ENDPOINT"]), Auth::Managed);
    }

    #[test]
    fn says_which_variable_is_missing() {
        super::super::super::tls::install();
        let http = reqwest::Client::new();
        let source = Source::new(Auth::Env, None, http, Box::new(|_| None));
        let error = source.tenant().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the client secret (--auth env) gave no token: AZURE_TENANT_ID is not set; set it, or use --tenant"
        );
    }
}
