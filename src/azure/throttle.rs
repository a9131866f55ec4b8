//! How fast the service may be asked: a token bucket for each subscription and
//! class of request, steered by what its answers say is left.
//!
//! The service fills a bucket at a steady rate up to a burst: 250 and 25 a
//! second for reads, 200 and 10 for writes, of one principal in one
//! subscription. Every answer tells how many are left. Our own count runs
//! beside it and is corrected by each answer; where the true rate is another
//! one (trial subscriptions have less), the corrections teach it.

mod bucket;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

use bucket::{Bucket, Go};

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Class {
    /// `GET`.
    Reads,
    /// `POST` and everything else that the service takes for a write, listing
    /// keys among it.
    Writes,
    /// What Microsoft.Web counts itself: listing settings.
    Web,
    /// What Microsoft.ApiManagement counts itself: listing services.
    ApiManagement,
    /// Queries of Resource Graph.
    Graph,
}

impl Class {
    /// The burst, and how many a second come back: documented, and no more than
    /// a first guess.
    fn allowance(self) -> (f64, f64) {
        match self {
            Self::Reads => (250.0, 25.0),
            Self::Writes => (200.0, 10.0),
            Self::Web | Self::ApiManagement => (12_000.0, 3.33),
            Self::Graph => (15.0, 3.0),
        }
    }

    /// The headers, each after `x-ms-`, that tell what is left.
    fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Reads => &[
                "x-ms-ratelimit-remaining-subscription-reads",
                "x-ms-ratelimit-remaining-subscription-global-reads",
                "x-ms-ratelimit-remaining-tenant-reads",
            ],
            Self::Writes => &[
                "x-ms-ratelimit-remaining-subscription-writes",
                "x-ms-ratelimit-remaining-subscription-global-writes",
                "x-ms-ratelimit-remaining-tenant-writes",
            ],
            Self::Web | Self::ApiManagement => {
                &["x-ms-ratelimit-remaining-subscription-resource-requests"]
            }
            Self::Graph => &["x-ms-user-quota-remaining"],
        }
    }
}

/// Whose allowance a request takes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Meter {
    /// The subscription's GUID; empty for the tenant.
    pub scope: Arc<str>,
    /// The class.
    pub class: Class,
}

/// All buckets of a run.
#[derive(Default)]
pub(super) struct Throttle {
    buckets: Mutex<HashMap<Meter, Arc<Shared>>>,
    waits: AtomicU64,
}

struct Shared {
    bucket: Mutex<Bucket>,
    /// Requests go in the order in which they came.
    turn: tokio::sync::Mutex<()>,
    /// An answer may have told of more.
    told: Notify,
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to send one request.
pub(super) struct Permit {
    shared: Arc<Shared>,
    number: u64,
    sent: Instant,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.lock().landed();
        self.shared.told.notify_one();
    }
}

impl Throttle {
    /// Waits until one more request may be sent; none if that is after `latest`.
    pub(super) async fn permit(&self, meter: &Meter, latest: Instant) -> Option<Permit> {
        let shared = self.shared(meter);
        let turn = shared.turn.lock().await;
        let mut waited = false;
        loop {
            let now = Instant::now();
            if now >= latest {
                return None;
            }
            let go = shared.lock().take(now);
            let wait = match go {
                Go::Now(number) => {
                    drop(turn);
                    return Some(Permit {
                        shared,
                        number,
                        sent: now,
                    });
                }
                Go::At(time) if time > latest => return None,
                Go::At(time) => time - now,
                // Until the first answers tell how much there is.
                Go::OnceTold => latest.saturating_duration_since(now),
            };
            if !waited {
                waited = true;
                self.waits.fetch_add(1, Ordering::Relaxed);
            }
            let _ = tokio::time::timeout(wait, shared.told.notified()).await;
        }
    }

    /// Takes in what an answer says of the allowance.
    pub(super) fn answered(
        &self,
        permit: &Permit,
        class: Class,
        status: StatusCode,
        headers: &HeaderMap,
        told: Option<Duration>,
    ) {
        let now = Instant::now();
        let number = |name: &&str| -> Option<f64> {
            headers.get(*name)?.to_str().ok()?.trim().parse().ok()
        };
        let left = class.headers().iter().filter_map(number).reduce(f64::min);
        let mut bucket = permit.shared.lock();
        if status == StatusCode::TOO_MANY_REQUESTS {
            // Without a time to come back it is not this bucket that is empty:
            // Microsoft.Web says so of a site that is being changed.
            if let Some(told) = told {
                bucket.refused(now, told);
            }
        } else if let Some(left) = left {
            bucket.told(now, permit.number, permit.sent, left);
            if class == Class::Graph && left < 1.0 {
                bucket.shut(now + resets_after(headers).unwrap_or(Duration::from_secs(5)));
            }
        } else {
            bucket.told_nothing();
        }
        drop(bucket);
        permit.shared.told.notify_one();
    }

    /// Keeps a bucket shut, as an earlier process was told to.
    pub(super) fn keep_shut(&self, meter: &Meter, time: Duration) {
        self.shared(meter).lock().shut(Instant::now() + time);
    }

    /// How many requests have had to wait.
    pub(super) fn waits(&self) -> u64 {
        self.waits.load(Ordering::Relaxed)
    }

    fn shared(&self, meter: &Meter) -> Arc<Shared> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = buckets.entry(meter.clone()).or_insert_with(|| {
            let (burst, rate) = meter.class.allowance();
            Arc::new(Shared {
                bucket: Mutex::new(Bucket::new(burst, rate, Instant::now())),
                turn: tokio::sync::Mutex::default(),
                told: Notify::new(),
            })
        });
        Arc::clone(shared)
    }
}

/// `x-ms-user-quota-resets-after: hh:mm:ss`.
fn resets_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("x-ms-user-quota-resets-after")?.to_str().ok()?;
    let mut seconds = 0_u64;
    for part in text.trim().split(':') {
        let part: f64 = part.parse().ok()?;
        seconds = seconds * 60 + part.ceil() as u64;
    }
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests;
