//! The closed sets of words that `serde-sarif` leaves as free JSON, and text as
//! SARIF wants it.

use ::sarif::sarif::ResultLevel;
use serde::Serialize;
use serde_json::Value;

use crate::finding::Severity;

/// The version of the format.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) enum Version {
    #[serde(rename = "2.1.0")]
    V2_1_0,
}

/// The unit of columns.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ColumnKind {
    Utf16CodeUnits,
}

/// The level of a rule's configuration and of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum FailureLevel {
    Note,
    Warning,
    Error,
}

/// Where a suppression is written.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum SuppressionKind {
    InSource,
    External,
}

/// Whether a suppression holds.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum SuppressionStatus {
    Accepted,
}

macro_rules! words {
    ($($name:ty),*) => {
        $(impl From<$name> for Value {
            /// The word that the type serialises to.
            fn from(word: $name) -> Self {
                serde_json::to_value(word).unwrap_or_default()
            }
        })*
    };
}

words!(ColumnKind, FailureLevel, SuppressionKind, SuppressionStatus);

impl From<Severity> for FailureLevel {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Note => Self::Note,
        }
    }
}

impl From<FailureLevel> for ResultLevel {
    fn from(level: FailureLevel) -> Self {
        match level {
            FailureLevel::Error => Self::Error,
            FailureLevel::Warning => Self::Warning,
            FailureLevel::Note => Self::Note,
        }
    }
}

/// `security-severity`: the number from which code scanning makes the word
/// again. A note has none: 0.0 is no security severity to code scanning.
pub(super) fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.5"),
        Severity::Note => None,
    }
}

/// The text with a full stop at its end.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut sentence = text.to_owned();
    if !text.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// The text with no link in it: `](` means one in SARIF messages, and names
/// come from documents.
pub(super) fn unlinked(text: &str) -> String {
    text.replace("](", "] (")
}

/// The text as the label of a link.
pub(super) fn label(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
}

/// At most `max` characters, cut at a word.
pub(super) fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max - 1).collect();
    let end = cut.rfind(char::is_whitespace).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_specification() {
        assert_eq!(Value::from(ColumnKind::Utf16CodeUnits), "utf16CodeUnits");
        assert_eq!(Value::from(FailureLevel::Warning), "warning");
        assert_eq!(Value::from(SuppressionKind::InSource), "inSource");
        assert_eq!(Value::from(SuppressionStatus::Accepted), "accepted");
    }

    #[test]
    fn text_is_cut_at_a_word() {
        assert_eq!(shortened("one two three", 13), "one two three");
        assert_eq!(shortened("one two three", 12), "one two…");
        assert_eq!(shortened("页页页页", 3), "页页…");
    }

    #[test]
    fn names_make_no_links() {
        assert_eq!(unlinked("see [x](http://y)"), "see [x] (http://y)");
        assert_eq!(label("a[b]\\"), "a\\[b\\]\\\\");
        assert_eq!(sentence("gone"), "gone.");
    }
}
