//! What a sweep could not read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArmId, Text};

/// Something that should have been read, and was not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// What: an app, one of its functions, a service, a subscription; `/` for
    /// the tenant.
    pub subject: ArmId,
    /// What of it.
    pub family: Family,
    /// Why not.
    pub reason: Reason,
    /// The action that the identity lacks, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Text>,
    /// What the service said, masked and cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text>,
}

/// What sort of thing could not be read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The subscriptions in scope.
    Subscriptions,
    /// The function apps and slots of a subscription.
    Apps,
    /// The functions of an app.
    Functions,
    /// The host, system and master keys of an app.
    HostKeys,
    /// The keys of a function.
    FunctionKeys,
    /// The settings of an app: where it keeps its keys, and those that it holds.
    Settings,
    /// Whether an app requires authentication.
    Authentication,
    /// Who can reach an app: access restrictions and private endpoints.
    Network,
    /// API Management.
    ApiManagement,
    /// Event Grid.
    EventGrid,
    /// Action groups of Azure Monitor.
    ActionGroups,
    /// Logic Apps.
    LogicApps,
    /// Data Factory.
    DataFactory,
    /// The Activity Log of a subscription.
    ActivityLog,
    /// Role assignments and definitions.
    Roles,
}

/// Why something could not be read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The identity lacks a permission.
    Forbidden,
    /// A read-only lock: listing keys is metered, and refused, as a write.
    Locked,
    /// The subscription is disabled, so that nothing in it can be written.
    SubscriptionDisabled,
    /// The app is stopped, and only a running host can list its keys.
    Stopped,
    /// The app's host does not start or does not answer.
    HostDown,
    /// It was listed, and gone when it was asked for.
    NotFound,
    /// The service refused for its load until the sweep gave up.
    Throttled,
    /// No answer within the time allowed for the request, the app or the run.
    TimedOut,
    /// The connection failed.
    Unreachable,
    /// The service answered with an error of its own.
    ServiceError,
    /// The answer was not what the service promises.
    BadAnswer,
    /// The sweep ended before it came to it.
    NotReached,
}

impl Gap {
    /// What could not be read, why, and what to do, for people; without the
    /// subject.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = format!("{} could not be read: {}", self.family, self.reason);
        if let Some(action) = &self.action {
            text.push_str(&format!(" (it lacks '{action}')"));
        }
        if let Some(detail) = &self.detail {
            text.push_str(&format!("; the answer was: {detail}"));
        }
        text
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Subscriptions => "the subscriptions",
            Self::Apps => "the list of its apps",
            Self::Functions => "its functions",
            Self::HostKeys => "its host keys",
            Self::FunctionKeys => "keys of its functions",
            Self::Settings => "its settings",
            Self::Authentication => "its authentication",
            Self::Network => "its network access",
            Self::ApiManagement => "API Management",
            Self::EventGrid => "Event Grid",
            Self::ActionGroups => "action groups",
            Self::LogicApps => "logic apps",
            Self::DataFactory => "data factories",
            Self::ActivityLog => "the Activity Log",
            Self::Roles => "role assignments",
        })
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Forbidden => "the identity may not; grant it the permission, or accept the gap",
            Self::Locked => {
                "a read-only lock refuses it, since listing keys is metered as a write; lift the \
                 lock for the sweep, or accept the gap"
            }
            Self::SubscriptionDisabled => {
                "its subscription is disabled; enable it, or accept the gap"
            }
            Self::Stopped => {
                "the app is stopped, and only a running host lists its keys; start or delete it, \
                 or accept the gap"
            }
            Self::HostDown => "its host does not start or does not answer; mend the app",
            Self::NotFound => "it was gone when it was asked for; sweep again",
            Self::Throttled => "the service refused for its load; sweep again later",
            Self::TimedOut => "no answer came in time; sweep again",
            Self::Unreachable => "the connection failed; sweep again",
            Self::ServiceError => "the service answered with an error of its own; sweep again",
            Self::BadAnswer => "the answer was not what the service promises; please report this",
            Self::NotReached => "the sweep did not come to it; sweep again",
        })
    }
}
