//! What the Activity Log says was done to keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::{ArmId, Moment, Principal, compact};

/// An operation on keys in the Activity Log.
///
/// Each write and deletion is an event of its own. Listings are summed up,
/// one event for each app and principal: a nightly sweep alone makes one row
/// for each function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// What was done.
    pub operation: Operation,
    /// To what: the id of a key for a write or a deletion, of an app or slot
    /// for a listing, of a subscription of API Management for a renewal.
    pub subject: ArmId,
    /// When; of several, the last time.
    pub time: Moment,
    /// Of several, the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    /// How often.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub count: u64,
    /// By whom.
    #[serde(with = "compact::shared")]
    #[schemars(with = "Principal")]
    pub caller: Arc<Principal>,
    /// What came of it.
    pub status: EventStatus,
}

fn once() -> u64 {
    1
}

fn is_once(count: &u64) -> bool {
    *count == 1
}

/// What can be done to keys.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// A key was created, or its value replaced, by the same one perhaps.
    Write,
    /// A key was deleted.
    Delete,
    /// Keys were listed, with their values.
    List,
    /// A key of an API Management subscription was generated anew.
    Renew,
}

/// What came of an operation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum EventStatus {
    /// It was done.
    Succeeded,
    /// It was not.
    Failed,
    /// The log has its start and not its end.
    Unknown,
}
