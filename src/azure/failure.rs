//! Why a request has no usable answer: what the service said, or that it said
//! nothing.

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

use crate::inventory::{Reason, Text};

/// Characters that are kept of what the service says.
const MOST: usize = 300;

/// A request without a usable answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    /// Why, in the words of an inventory.
    pub reason: Reason,
    /// The action that the identity lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Text>,
    /// What the service, or the connection, said: masked and cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text>,
    /// Whether the same request may have an answer at another time. What is
    /// settled need not be asked again when a sweep is resumed.
    #[serde(default, skip)]
    pub passing: bool,
}

impl Failure {
    pub(super) fn new(reason: Reason, detail: &str) -> Self {
        let detail: String = detail.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = detail.chars().take(MOST).collect();
        Self {
            reason,
            action: None,
            detail: (!cut.is_empty()).then(|| Text::prose(&cut)),
            passing: matches!(
                reason,
                Reason::Throttled
                    | Reason::TimedOut
                    | Reason::Unreachable
                    | Reason::ServiceError
                    | Reason::BadAnswer
                    | Reason::NotReached
            ),
        }
    }

    /// Of an answer with an error status.
    pub(super) fn of(refusal: &Refusal) -> Self {
        let words = match (refusal.code.as_str(), refusal.message.as_str()) {
            ("", "") => format!("HTTP {}", refusal.status.as_u16()),
            (code, message) => {
                format!("HTTP {}: {code}: {message}", refusal.status.as_u16())
            }
        };
        let mut failure = Self::new(refusal.reason(), &words);
        failure.action = match failure.reason {
            Reason::Forbidden => refusal.denied_action().map(|action| Text::name(&action)),
            _ => None,
        };
        failure
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.detail {
            Some(detail) => f.write_str(detail),
            None => write!(f, "{:?}", self.reason),
        }
    }
}

/// What the service said in refusing.
///
/// Its errors come in three envelopes: `{"error": {"code", "message"}}`,
/// `{"code", "message"}` (Activity Log) and `{"Code", "Message"}`
/// (Microsoft.Web); and at times as a page of HTML.
#[derive(Debug)]
pub(super) struct Refusal {
    pub status: StatusCode,
    pub code: String,
    pub message: String,
    /// A page of something in front of the service.
    pub html: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    error: Option<Inner>,
    #[serde(alias = "Code")]
    code: Option<String>,
    #[serde(alias = "Message")]
    message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    #[serde(alias = "Code")]
    code: Option<String>,
    #[serde(alias = "Message")]
    message: Option<String>,
    #[serde(alias = "Details")]
    details: Option<Vec<Inner>>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, body: &[u8]) -> Self {
        let start = body.trim_ascii_start();
        let html = start.first() == Some(&b'<');
        let envelope: Envelope = serde_json::from_slice(body).unwrap_or_default();
        let inner = envelope.error.unwrap_or_default();
        // Of Resource Graph the details say what is wrong, the rest does not.
        let detail = inner.details.unwrap_or_default().into_iter().next();
        let detail = detail.filter(|detail| detail.code.is_some());
        let said = detail.unwrap_or(Inner {
            code: inner.code.or(envelope.code),
            message: inner.message.or(envelope.message),
            details: None,
        });
        Self {
            status,
            code: said.code.unwrap_or_default(),
            message: without_markup(&said.message.unwrap_or_default()),
            html,
        }
    }

    fn reason(&self) -> Reason {
        let code = self.code.as_str();
        let says = |text: &str| self.message.to_ascii_lowercase().contains(text);
        match self.status.as_u16() {
            401 | 403 => Reason::Forbidden,
            // nginx in front of a host that is not there.
            404 if says("error retrieving") => Reason::HostDown,
            404 if self.html => Reason::ServiceError,
            404 => Reason::NotFound,
            409 if code.eq_ignore_ascii_case("ReadOnlyDisabledSubscription") => {
                Reason::SubscriptionDisabled
            }
            409 if code.eq_ignore_ascii_case("ScopeLocked") || says("locked") => Reason::Locked,
            400 if says("host runtime") => Reason::HostDown,
            429 => Reason::Throttled,
            408 => Reason::TimedOut,
            _ => Reason::ServiceError,
        }
    }

    /// "… does not have authorization to perform action 'X' over scope …"
    fn denied_action(&self) -> Option<String> {
        let (_, rest) = self.message.split_once("perform action '")?;
        let (action, _) = rest.split_once('\'')?;
        Some(action.to_owned())
    }
}

/// The text without tags: of a page, the title is all that a person needs.
fn without_markup(text: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in text.chars().take(8 * MOST) {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                plain.push(' ');
            }
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, body: &str) -> Failure {
        let status = StatusCode::from_u16(status).unwrap();
        Failure::of(&Refusal::new(status, body.as_bytes()))
    }

    #[test]
    fn reads_every_envelope() {
        for (status, body, reason, detail) in [
            (
                409,
                r#"{"error": {"code": "ScopeLocked", "message": "The scope is locked."}}"#,
                Reason::Locked,
                "HTTP 409: ScopeLocked: The scope is locked.",
            ),
            (
                400,
                r#"{"code": "BadRequest", "message": "The start time …"}"#,
                Reason::ServiceError,
                "HTTP 400: BadRequest: The start time …",
            ),
            (
                429,
                r#"{"Code": "429", "Message": "Cannot acquire exclusive lock", "Target": null, "Details": [{"Message": "x"}]}"#,
                Reason::Throttled,
                "HTTP 429: 429: Cannot acquire exclusive lock",
            ),
            (
                502,
                "<html><head><title>502 Bad Gateway</title></head></html>",
                Reason::ServiceError,
                "HTTP 502",
            ),
            (
                404,
                r#"{"error": {"code": "NotFound", "message": "Error retrieving master key. <html>\r\n<h1>404 Not Found</h1></html>"}}"#,
                Reason::HostDown,
                "HTTP 404: NotFound: Error retrieving master key. 404 Not Found",
            ),
            (404, "<html>nginx</html>", Reason::ServiceError, "HTTP 404"),
            (404, "{}", Reason::NotFound, "HTTP 404"),
            (
                400,
                r#"{"error": {"code": "BadRequest", "message": "Encountered an error (ServiceUnavailable) from host runtime."}}"#,
                Reason::HostDown,
                "HTTP 400: BadRequest: Encountered an error (ServiceUnavailable) from host runtime.",
            ),
            (
                400,
                r#"{"error": {"code": "BadRequest", "message": "when", "details": [{"code": "InvalidQuery", "message": "Query is invalid."}]}}"#,
                Reason::ServiceError,
                "HTTP 400: InvalidQuery: Query is invalid.",
            ),
        ] {
            let failure = failure(status, body);
            assert_eq!(failure.reason, reason, "{body}");
            assert_eq!(failure.detail.unwrap().as_str(), detail);
        }
    }

    #[test]
    fn names_the_action_that_is_missing() {
        let failure = failure(
            403,
            r#"{"error": {"code": "AuthorizationFailed", "message": "The client 'c' with object id 'o' does not have authorization to perform action 'Microsoft.Web/sites/host/listkeys/action' over scope '/subscriptions/s' or the scope is invalid."}}"#,
        );
        assert_eq!(failure.reason, Reason::Forbidden);
        let action = failure.action.unwrap();
        assert_eq!(action.as_str(), "Microsoft.Web/sites/host/listkeys/action");
    }

    #[test]
    fn keeps_no_key_of_what_was_said() {
        let key = crate::key::generate(crate::key::KeyKind::Master, &[9; 33]);
        let body = format!(r#"{{"error": {{"code": "E", "message": "with {key}"}}}}"#);
        let failure = failure(500, &body);
        assert!(!format!("{failure:?}").contains(&key[..20]));
    }
}
