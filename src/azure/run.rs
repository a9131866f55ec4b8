//! What all parts of a sweep share: the client, the settings, and what has been
//! found so far.
//!
//! The runtime has one thread: cells will do, and nothing has to be sent.

use reqwest::Url;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::client::{Budget, Client};
use super::failure::Failure;
use super::known::Known;
use super::previous::Previous;
use super::{Options, SweepError};
use crate::inventory::{ArmId, Family, Gap, Inventory, Moment, Reason, Text};
use crate::secret::Fingerprinter;

/// A sweep under way.
pub(super) struct Run {
    pub client: Client,
    pub options: Options,
    pub prints: Fingerprinter,
    /// When it began, or when the sweep that it resumes did.
    pub started: Moment,
    pub found: RefCell<Inventory>,
    /// The keys that have been listed, once all have.
    pub known: RefCell<Known>,
    /// An earlier inventory.
    pub previous: Option<Previous>,
    /// When a key of each app was last written, as far as the log says.
    pub written: RefCell<HashMap<ArmId, Moment>>,
    pub progress: Arc<Progress>,
}

/// How far a sweep has come.
#[derive(Debug, Default)]
pub struct Progress {
    /// Subscriptions whose apps have been read.
    pub subscriptions: AtomicU64,
    /// All of them.
    pub all_subscriptions: AtomicU64,
    /// Apps and slots that have been read.
    pub apps: AtomicU64,
    /// Those that are known of by now.
    pub all_apps: AtomicU64,
    /// Requests sent.
    pub requests: AtomicU64,
    /// Requests that had to wait for the throttle.
    pub waits: AtomicU64,
}

impl Progress {
    pub(super) fn add(counter: &AtomicU64, more: usize) {
        counter.fetch_add(more as u64, Ordering::Relaxed);
    }
}

impl Run {
    /// The time for a family of resources of one subscription.
    pub(super) fn budget(&self) -> Budget {
        Budget::new(self.options.family_time)
    }

    /// The address of a path of the resource manager.
    ///
    /// # Errors
    /// When the path, which has names of the tenant in it, leads elsewhere.
    pub(super) fn url(&self, path: &str, api_version: &str) -> Result<Url, Failure> {
        let strange = path.bytes().any(|b| matches!(b, b'?' | b'#' | b'%' | b'\\') || b < b' ')
            || path.split('/').any(|part| part == "." || part == "..");
        if strange || !path.starts_with('/') {
            let words = "the id that the service gave has characters that none has";
            return Err(Failure::new(Reason::BadAnswer, words));
        }
        let mut url = self.client.arm.clone();
        url.set_path(path);
        url.query_pairs_mut().append_pair("api-version", api_version);
        Ok(url)
    }

    /// Notes something that could not be read. `action` is what is needed for
    /// it, for where the service does not say.
    pub(super) fn gap(&self, subject: &ArmId, family: Family, why: &Failure, action: &str) {
        let action = match why.reason {
            Reason::Forbidden => why.action.clone().or_else(|| Some(Text::name(action))),
            _ => None,
        };
        self.found.borrow_mut().gaps.push(Gap {
            subject: subject.clone(),
            family,
            reason: why.reason,
            action,
            detail: why.detail.clone(),
        });
    }

    /// Tells whoever watches.
    pub(super) fn count_requests(&self) {
        let progress = &self.progress;
        let requests = self.client.requests.load(Ordering::Relaxed);
        progress.requests.store(requests, Ordering::Relaxed);
        let waits = self.client.throttle.waits();
        progress.waits.store(waits, Ordering::Relaxed);
    }
}

/// The scope of the meter of a subscription.
pub(super) fn scope_of(subscription: &ArmId) -> Arc<str> {
    let guid = subscription.subscription().unwrap_or_default();
    guid.to_ascii_lowercase().into()
}

pub(super) type Outcome<T> = Result<T, SweepError>;
