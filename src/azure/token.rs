//! Bearer tokens: who asks for them, and how long one is good.

mod credential;
mod identity;

pub(super) use credential::Source;
pub(super) use identity::identity_of;

use azure_core::time::OffsetDateTime;
use reqwest::header::HeaderValue;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

use super::cloud::Cloud;
use crate::inventory::{Identity, Text};

/// How `--auth` names the ways to a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Auth {
    /// What the environment is set up for, else the Azure CLI.
    #[default]
    Auto,
    /// Whoever is logged in with `az login`.
    Cli,
    /// A client secret: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET`.
    Env,
    /// Workload identity, in Kubernetes: `AZURE_FEDERATED_TOKEN_FILE`.
    Workload,
    /// The managed identity of a virtual machine, an App Service or a container.
    Managed,
    /// The identity token of a GitHub Actions job (`id-token: write`).
    Github,
}

/// A token is renewed this long before it ends, or in the last third of its
/// life if that is shorter.
const MARGIN: Duration = Duration::from_secs(300);

/// A token is not asked for more often than this: a service that hands out
/// expired ones is not to be flooded.
const BREATH: Duration = Duration::from_secs(2);

/// Hands the bearer of the moment to every request.
pub(super) struct Tokens {
    source: Source,
    cloud: Cloud,
    current: Mutex<Option<Current>>,
}

struct Current {
    bearer: Bearer,
    asked: Instant,
    renew: Instant,
    ends: Instant,
}

/// The value of an `Authorization` header.
#[derive(Clone)]
pub(super) struct Bearer {
    header: HeaderValue,
    generation: u64,
}

impl Bearer {
    /// The header, marked as sensitive: nothing prints it.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }
}

/// No token: what was tried, and what came of it. What it carries is masked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{source_name} gave no token: {problem}")]
pub struct TokenError {
    pub(super) source_name: &'static str,
    pub(super) problem: Text,
}

impl Tokens {
    pub(super) fn new(source: Source, cloud: Cloud) -> Self {
        Self {
            source,
            cloud,
            current: Mutex::default(),
        }
    }

    /// A token that is good for some time yet.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn bearer(&self) -> Result<Bearer, TokenError> {
        let mut current = self.current.lock().await;
        let now = Instant::now();
        if let Some(current) = current.as_ref()
            && (now < current.renew || now < current.asked + BREATH)
        {
            return Ok(current.bearer.clone());
        }
        match self.ask(&mut current).await {
            // Not renewed, and good for a while yet.
            Err(_) if current.as_ref().is_some_and(|current| now < current.ends) => {
                if let Some(current) = current.as_mut() {
                    current.asked = now;
                    return Ok(current.bearer.clone());
                }
                unreachable!("checked in the guard")
            }
            other => other,
        }
    }

    /// A token in place of one that the service refused.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn instead_of(&self, refused: &Bearer) -> Result<Bearer, TokenError> {
        let mut current = self.current.lock().await;
        match current.as_ref() {
            // Another request has seen to it.
            Some(current) if current.bearer.generation > refused.generation => {
                Ok(current.bearer.clone())
            }
            Some(current) if current.asked.elapsed() < BREATH => Ok(current.bearer.clone()),
            _ => self.ask(&mut current).await,
        }
    }

    /// As whom the tokens are.
    ///
    /// # Errors
    /// When there is no token.
    pub(super) async fn identity(&self) -> Result<(Identity, Option<Text>), TokenError> {
        let bearer = self.bearer().await?;
        Ok(identity_of(bearer.header.to_str().unwrap_or_default()))
    }

    async fn ask(&self, current: &mut Option<Current>) -> Result<Bearer, TokenError> {
        let generation = current.as_ref().map_or(0, |old| old.bearer.generation + 1);
        let token = self.source.token(&self.cloud).await?;
        let life = token.expires_on - OffsetDateTime::now_utc();
        let life = Duration::try_from(life).unwrap_or_default();
        let mut header = HeaderValue::try_from(format!("Bearer {}", token.token.secret()))
            .map_err(|_| self.source.failed("it is no header's value"))?;
        header.set_sensitive(true);
        let bearer = Bearer { header, generation };
        let now = Instant::now();
        *current = Some(Current {
            bearer: bearer.clone(),
            asked: now,
            renew: now + life.saturating_sub(MARGIN.min(life / 3)),
            ends: now + life,
        });
        Ok(bearer)
    }
}
