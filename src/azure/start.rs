//! Everything before the first app: the cloud, a token, the subscriptions.

use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::time::Instant;

use super::client::{Client, Log};
use super::cloud::{Cloud, Metadata, endpoint};
use super::journal::{Begun, Journal};
use super::known::Known;
use super::previous::Previous;
use super::run::{Outcome, Progress, Run};
use super::token::{Source, Tokens};
use super::{Options, SweepError, subscriptions, tls};
use crate::inventory::{Coverage, Inventory, Moment, Sweep, Text, Tool};
use crate::secret::Fingerprinter;

/// Answers of a resource manager that describe it are small.
const METADATA_LIMIT: usize = 1 << 20;

/// A run that knows its subscriptions.
pub(super) async fn start(
    options: Options,
    log: Arc<dyn Log>,
    progress: Arc<Progress>,
) -> Outcome<Run> {
    let now = Moment::now();
    let http = tls::client(options.ca_cert.as_deref(), tls::For::Arm)?;
    let cloud = cloud(&options, &http).await?;
    let token_http = tls::client(options.ca_cert.as_deref(), tls::For::Tokens)?;
    let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let source = Source::new(
        options.auth,
        options.tenant.clone(),
        token_http,
        Box::new(environment),
    );
    log.step(format_args!("asking {} for a token", source.name()));
    let arm = cloud.arm.clone();
    let cloud_name = cloud.name.clone();
    let tokens = Tokens::new(source, cloud);
    let (identity, tenant) = tokens.identity().await?;
    let deadline = Instant::now() + options.run_time;
    let mut client = Client::new(http, arm, tokens, deadline, log);
    let begun = match &options.resume {
        Some(file) => Some(Journal::open(file, &digest(&options, &cloud_name), now)?),
        None => None,
    };
    let (started, prints) = match begun {
        Some(begun) => resume(&mut client, begun, &options),
        None => (now, fingerprinter(&options)?),
    };
    let sweep = Sweep {
        tool: Tool::this(),
        started,
        ended: now,
        tenant: tenant.or(options.tenant.as_deref().map(Text::name)),
        cloud: Some(Text::name(&cloud_name)),
        identity: Some(identity),
        policy: None,
        scope: options.scope.clone(),
        filters: options.filters.clone(),
        shard: options.shard,
        metadata_only: options.metadata_only,
        fingerprint_key: prints.key_name().map(|name| Text::name(&name)),
        coverage: Coverage::default(),
    };
    let run = Run {
        client,
        previous: options.previous.clone().map(Previous::new),
        written: RefCell::default(),
        options,
        prints,
        started,
        found: RefCell::new(Inventory::new(sweep)),
        known: RefCell::new(Known::default()),
        progress,
    };
    subscriptions::read(&run).await?;
    Ok(run)
}

async fn cloud(options: &Options, http: &reqwest::Client) -> Outcome<Cloud> {
    let Some(typed) = &options.arm_endpoint else {
        return Cloud::named(options.cloud);
    };
    let arm = endpoint("--arm-endpoint", typed)?;
    let authority = match &options.authority {
        Some(typed) => Some(endpoint("--authority", typed)?),
        None => None,
    };
    let metadata = metadata(&arm, http).await;
    Cloud::of(arm, authority, metadata.as_ref())
}

/// What the resource manager says of itself; without a token.
async fn metadata(arm: &reqwest::Url, http: &reqwest::Client) -> Option<Metadata> {
    let request = http.get(Cloud::metadata_url(arm));
    let request = request.timeout(std::time::Duration::from_secs(20));
    let response = request.send().await.ok()?.error_for_status().ok()?;
    let body = super::body::read(response, METADATA_LIMIT).await.ok()?;
    serde_json::from_slice(&body).ok()
}

/// Goes on with an earlier sweep, or begins one that can be gone on with.
fn resume(client: &mut Client, begun: Begun, options: &Options) -> (Moment, Fingerprinter) {
    if begun.too_old {
        client.log.step(format_args!(
            "the state is more than a day old; beginning anew"
        ));
    } else if begun.answers > 0 {
        client.log.step(format_args!(
            "going on with the sweep of {}, {} answers of which are there",
            begun.started, begun.answers
        ));
    }
    let now = jiff::Timestamp::now();
    for (meter, until) in &begun.shut {
        let left = until.timestamp().duration_since(now);
        if let Ok(left) = std::time::Duration::try_from(left) {
            client.throttle.keep_shut(meter, left);
        }
    }
    client.journal = Some(begun.journal);
    let prints = match &options.fingerprint_key {
        Some(key) => Fingerprinter::keyed(key),
        None => Fingerprinter::for_a_resumed_run(begun.salt),
    };
    (begun.started, prints)
}

fn fingerprinter(options: &Options) -> Outcome<Fingerprinter> {
    match &options.fingerprint_key {
        Some(key) => Ok(Fingerprinter::keyed(key)),
        None => Fingerprinter::for_this_run().map_err(|error| SweepError::System {
            what: "the operating system gave no random numbers",
            problem: error.to_string(),
        }),
    }
}

/// Of everything that decides what is asked for, and what is made of it.
fn digest(options: &Options, cloud: &str) -> String {
    let settings = serde_json::json!([
        cloud,
        options.tenant,
        options.scope,
        options.filters,
        options.shard,
        options.metadata_only,
        options.webhook_urls,
        options.refresh_keys,
        options.web_api_version,
        options
            .fingerprint_key
            .as_deref()
            .and_then(|key| Fingerprinter::keyed(key).key_name()),
    ]);
    let digest = Sha256::digest(settings.to_string());
    digest[..12].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Run {
    /// Sets how many apps are known of.
    pub(super) fn expect_apps(&self, more: usize) {
        self.progress.all_apps.fetch_add(more as u64, Ordering::Relaxed);
    }
}
