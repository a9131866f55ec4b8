//! The one function that sends requests to the resource manager.

use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, StatusCode, Url};
use serde::de::DeserializeOwned;
use std::fmt::Arguments;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::body::{self, BodyError};
use super::failure::{Failure, Refusal};
use super::journal::Journal;
use super::retry::{Attempts, Ending, Nature, retry_after};
use super::throttle::{Class, Meter, Throttle};
use super::token::{Bearer, Tokens};
use crate::inventory::{Moment, Reason};

/// Requests under way at once, over all subscriptions.
const UNDER_WAY: usize = 256;

/// How often a refused token is replaced for one request.
const RENEWALS: u32 = 3;

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub method: Method,
    /// Within the resource manager.
    pub url: Url,
    pub body: Option<String>,
    pub meter: Meter,
    pub nature: Nature,
    /// The time from sending it to the end of its answer.
    pub timeout: Duration,
    /// The longest answer, in bytes.
    pub limit: usize,
}

/// A page of a long list.
const PAGE_LIMIT: usize = 32 << 20;

impl Ask {
    /// A `GET`.
    pub(super) fn get(url: Url, scope: &Arc<str>) -> Self {
        Self {
            method: Method::GET,
            url,
            body: None,
            meter: Meter {
                scope: Arc::clone(scope),
                class: Class::Reads,
            },
            nature: Nature::Read,
            timeout: Duration::from_secs(60),
            limit: PAGE_LIMIT,
        }
    }

    /// A `POST` that only reads.
    pub(super) fn post(url: Url, scope: &Arc<str>, class: Class) -> Self {
        Self {
            method: Method::POST,
            meter: Meter {
                scope: Arc::clone(scope),
                class,
            },
            ..Self::get(url, scope)
        }
    }

    /// One that the sweep cannot do without.
    pub(super) fn vital(self) -> Self {
        Self {
            nature: Nature::Vital,
            ..self
        }
    }

    /// What tells it from every other request of the sweep.
    pub(super) fn name(&self) -> String {
        format!(
            "{} {}?{} {}",
            self.method,
            self.url.path(),
            self.url.query().unwrap_or_default(),
            self.body.as_deref().unwrap_or_default()
        )
    }
}

/// The time that an app, or a family of resources of a subscription, may take.
/// Waiting for its turn does not count.
#[derive(Debug)]
pub(super) struct Budget(AtomicU64);

impl Budget {
    pub(super) fn new(time: Duration) -> Self {
        Self(AtomicU64::new(millis(time)))
    }

    /// Whether nothing is left of it.
    pub(super) fn is_spent(&self) -> bool {
        self.left().is_zero()
    }

    fn left(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn spend(&self, time: Duration) {
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(millis(time)))
            });
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Told of everything that happens; shows it or does not.
pub trait Log: Send + Sync {
    /// A step of the run.
    fn step(&self, message: Arguments<'_>);
    /// A request, for those who want to see every one.
    fn request(&self, message: Arguments<'_>);
}

/// Sends requests: with a token, in its turn, within its time.
pub(super) struct Client {
    pub http: reqwest::Client,
    pub arm: Url,
    pub tokens: Tokens,
    pub throttle: Throttle,
    pub journal: Option<Journal>,
    /// When the run has to be over.
    pub deadline: Instant,
    pub log: Arc<dyn Log>,
    pub requests: AtomicU64,
    slots: Semaphore,
}

impl Client {
    pub(super) fn new(
        http: reqwest::Client,
        arm: Url,
        tokens: Tokens,
        deadline: Instant,
        log: Arc<dyn Log>,
    ) -> Self {
        Self {
            http,
            arm,
            tokens,
            throttle: Throttle::default(),
            journal: None,
            deadline,
            log,
            requests: AtomicU64::new(0),
            slots: Semaphore::new(UNDER_WAY),
        }
    }

    /// The answer to a request, read by `read`.
    ///
    /// # Errors
    /// When there is none, after whatever may be sent again has been.
    pub(super) async fn answer<T: DeserializeOwned>(
        &self,
        ask: &Ask,
        budget: &Budget,
    ) -> Result<T, Failure> {
        let mut attempts = Attempts::default();
        let mut renewals = 0;
        let mut refused: Option<Bearer> = None;
        loop {
            if budget.left().is_zero() {
                return Err(Failure::new(Reason::TimedOut, "the time for it is over"));
            }
            let permit = self.throttle.permit(&ask.meter, self.deadline).await;
            let permit = permit.ok_or_else(|| self.not_reached())?;
            let bearer = match refused.take() {
                Some(bearer) => self.tokens.instead_of(&bearer).await,
                None => self.tokens.bearer().await,
            };
            let bearer =
                bearer.map_err(|error| Failure::new(Reason::NotReached, &error.to_string()))?;
            let started = Instant::now();
            let time = ask.timeout.min(budget.left());
            let tried = tokio::time::timeout_at(self.deadline, self.send(ask, &bearer, time)).await;
            let took = started.elapsed();
            budget.spend(took);
            let Ok(tried) = tried else {
                return Err(self.not_reached());
            };
            self.requests.fetch_add(1, Ordering::Relaxed);
            self.shown(ask, &tried, took);
            let told = tried.headers.as_ref().and_then(told_to_wait);
            if let (Some(status), Some(headers)) = (tried.status(), &tried.headers) {
                self.throttle
                    .answered(&permit, ask.meter.class, status, headers, told);
            }
            drop(permit);
            let failure = match tried.outcome {
                Ok(body) => match serde_json::from_slice(&body) {
                    Ok(value) => return Ok(value),
                    // Its text may have a piece of the answer in it.
                    Err(_) => Failed::new(
                        Ending::BadBody,
                        Failure::new(Reason::BadAnswer, "the answer is not what it should be"),
                    ),
                },
                Err(failed) => failed,
            };
            if failure.ending == Ending::Status(StatusCode::UNAUTHORIZED) && renewals < RENEWALS {
                renewals += 1;
                refused = Some(bearer);
                self.pause(Duration::from_millis(250) * renewals, budget)
                    .await;
                continue;
            }
            if failure.ending == Ending::Status(StatusCode::TOO_MANY_REQUESTS)
                && let (Some(journal), Some(told)) = (&self.journal, told)
            {
                let until = jiff::Timestamp::now() + told + Duration::from_secs(1);
                journal.keep_shut(&ask.meter, Moment::new(until));
            }
            match attempts.again(ask.nature, failure.ending, told) {
                // Longer than what there is: no use in waiting.
                Some(pause) if Instant::now() + pause > self.deadline => {
                    return Err(failure.failure);
                }
                // The bucket is shut, and all of its requests wait together.
                Some(_) if told.is_some() && failure.is_load() => {}
                Some(pause) => self.pause(pause, budget).await,
                None => return Err(failure.failure),
            }
        }
    }

    /// Sends it once.
    async fn send(&self, ask: &Ask, bearer: &Bearer, time: Duration) -> Tried {
        let Ok(_slot) = self.slots.acquire().await else {
            return Tried::without(self.not_reached());
        };
        let mut request = self
            .http
            .request(ask.method.clone(), ask.url.clone())
            .header(AUTHORIZATION, bearer.header());
        request = match &ask.body {
            Some(body) => request
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone()),
            // A POST without a body still has to say so.
            None if ask.method == Method::POST => request.header(CONTENT_LENGTH, 0),
            None => request,
        };
        let end = Instant::now() + time;
        let late = || {
            Failed::new(
                Ending::TimedOut,
                Failure::new(Reason::TimedOut, "no answer"),
            )
        };
        let response = match tokio::time::timeout_at(end, request.send()).await {
            Err(_) => return Tried::failed(late()),
            Ok(Err(error)) => return Tried::failed(unreachable(error)),
            Ok(Ok(response)) => response,
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let read = tokio::time::timeout_at(end, body::read(response, ask.limit)).await;
        let outcome = match read {
            // The service has done it; only the answer is lost.
            Err(_) if status.is_success() => Err(Failed::new(Ending::BadBody, late().failure)),
            Err(_) => Err(late()),
            Ok(Err(BodyError::TooLong)) => {
                let failure = Failure::new(Reason::BadAnswer, "the answer is too long");
                Err(Failed::new(
                    Ending::Status(StatusCode::PAYLOAD_TOO_LARGE),
                    failure,
                ))
            }
            Ok(Err(BodyError::Broken)) if status.is_success() => Err(Failed::new(
                Ending::BadBody,
                Failure::new(
                    Reason::Unreachable,
                    "the connection ended within the answer",
                ),
            )),
            Ok(Err(BodyError::Broken)) => {
                let failure = Failure::of(&Refusal::new(status, b""));
                Err(Failed::new(Ending::Status(status), failure))
            }
            Ok(Ok(body)) if status.is_success() => Ok(body),
            Ok(Ok(body)) => {
                let failure = Failure::of(&Refusal::new(status, &body));
                Err(Failed::new(Ending::Status(status), failure))
            }
        };
        Tried {
            status: Some(status),
            headers: Some(headers),
            outcome,
        }
    }

    fn not_reached(&self) -> Failure {
        Failure::new(Reason::NotReached, "the time for the sweep is over")
    }

    async fn pause(&self, time: Duration, budget: &Budget) {
        budget.spend(time);
        tokio::time::sleep(time).await;
    }

    fn shown(&self, ask: &Ask, tried: &Tried, took: Duration) {
        let path = crate::excerpt::redact_path(ask.url.path());
        let ending = match (&tried.outcome, tried.status) {
            (
                Err(Failed {
                    ending: Ending::TimedOut,
                    ..
                }),
                _,
            ) => "timed out".to_owned(),
            (_, Some(status)) => status.as_u16().to_string(),
            (_, None) => "no answer".to_owned(),
        };
        self.log.request(format_args!(
            "{} {path}: {ending}, {} ms",
            ask.method,
            took.as_millis()
        ));
    }
}

/// What came of one attempt.
struct Tried {
    status: Option<StatusCode>,
    headers: Option<HeaderMap>,
    outcome: Result<Zeroizing<Vec<u8>>, Failed>,
}

struct Failed {
    ending: Ending,
    failure: Failure,
}

impl Failed {
    fn new(ending: Ending, failure: Failure) -> Self {
        Self { ending, failure }
    }

    fn is_load(&self) -> bool {
        self.ending == Ending::Status(StatusCode::TOO_MANY_REQUESTS)
    }
}

impl Tried {
    fn failed(failed: Failed) -> Self {
        Self {
            status: None,
            headers: None,
            outcome: Err(failed),
        }
    }

    fn without(failure: Failure) -> Self {
        Self::failed(Failed::new(Ending::NotSent, failure))
    }

    fn status(&self) -> Option<StatusCode> {
        self.status
    }
}

/// No answer at all. Whether the request was sent decides if it may be again.
fn unreachable(error: reqwest::Error) -> Failed {
    let ending = match error.is_connect() {
        true => Ending::NotSent,
        false => Ending::NoStatus,
    };
    let error = error.without_url();
    let mut words = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    Failed::new(ending, Failure::new(Reason::Unreachable, &words))
}

/// `Retry-After`, or Azure's own in milliseconds.
fn told_to_wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    if let Some(told) = text(RETRY_AFTER.as_str()) {
        return retry_after(told, jiff::Timestamp::now());
    }
    let told = text("x-ms-retry-after-ms")?.trim().parse().ok()?;
    Some(Duration::from_millis(told))
}
