//! Subscriptions, and what their Activity Logs can prove.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArmId, Moment, Text};

/// A subscription in scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// `/subscriptions/{GUID}`.
    pub id: ArmId,
    /// Its display name.
    pub name: Text,
    /// `Enabled`, `Warned`, `PastDue`, `Disabled` or `Deleted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Text>,
    /// The GUID of its tenant, which with Azure Lighthouse is another one than
    /// the sweep's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Text>,
    /// The management groups above it, as ids, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub management_groups: Vec<ArmId>,
    /// What was read of its Activity Log about apps; none when nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity_log: Option<ActivityLog>,
    /// What was read of it about API Management.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apim_activity_log: Option<ActivityLog>,
}

/// What was read of an Activity Log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActivityLog {
    /// The start of the window, at most 90 days back.
    pub from: Moment,
    /// Its end: rows appear some minutes late, so this is before the request.
    pub to: Moment,
    /// Whether every page of the window was read. Only then does the absence of
    /// a row say something.
    pub complete: bool,
}
