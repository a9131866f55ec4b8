//! A finding as a SARIF result.

use ::sarif::sarif::{Location, Message, PropertyBag, Result, Suppression};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::place;
use super::words::{FailureLevel, SuppressionKind, SuppressionStatus, label, sentence, unlinked};
use crate::fact::Related;
use crate::finding::{Finding, Suppressed};
use crate::location;

/// Code scanning accepts 1,000 locations of a result; one is the finding's own.
const MAX_RELATED: usize = 999;

/// Other places named in the message: code scanning shows a related location
/// only where the message links to it.
const MAX_LINKS: usize = 10;

/// The fingerprint that is ours; the other is code scanning's.
const OUR_FINGERPRINT: &str = "keysweep/v1";

pub(super) fn result(finding: &Finding, rule_index: Option<i64>) -> Result {
    let finding = &*finding.unpacked();
    let related: Vec<Location> = (1..)
        .zip(&finding.related)
        .take(MAX_RELATED)
        .map(|(id, related)| related_location(id, related))
        .collect();
    let mut result = Result::builder()
        .rule_id(&*finding.rule)
        .level(FailureLevel::from(finding.severity))
        .message(Message::builder().text(text(finding)).build())
        .locations([place::location(&finding.location)])
        .partial_fingerprints(fingerprints(finding))
        .suppressions(suppressions(finding))
        .properties(properties(finding))
        .build();
    result.baseline_state = finding.baseline.map(|state| json!(state));
    result.rule_index = rule_index;
    result.fixes = finding
        .fix
        .as_ref()
        .zip(finding.location.file())
        .map(|(fix, place)| vec![super::fix::fix(fix, &place.path)]);
    result.related_locations = (!related.is_empty()).then_some(related);
    result
}

fn related_location(id: i64, related: &Related) -> Location {
    let mut location = place::location(&related.location);
    location.id = Some(id);
    location.message = Some(Message::from(
        sentence(&unlinked(&related.message)).as_str(),
    ));
    location
}

/// The message, and links to the other places.
fn text(finding: &Finding) -> String {
    let mut text = sentence(&unlinked(&finding.message));
    let links: Vec<String> = (1..)
        .zip(&finding.related)
        .take(MAX_LINKS)
        .map(|(id, related): (usize, _)| {
            let place = match &related.location {
                location::Location::File(place) => {
                    format!("{}:{}", place.path, place.start.line)
                }
                location::Location::Resource(place) => place.id.clone(),
            };
            format!("[{}]({id})", label(&place))
        })
        .collect();
    if !links.is_empty() {
        text.push_str(" Also: ");
        text.push_str(&links.join(", "));
        if finding.related.len() > links.len() {
            let more = finding.related.len() - links.len();
            text.push_str(&format!(" and {more} more"));
        }
        text.push('.');
    }
    text
}

/// What makes it the same alert in the next run.
fn fingerprints(finding: &Finding) -> BTreeMap<String, String> {
    let line_hash = match &finding.location {
        location::Location::File(place) => place.line_hash.clone(),
        location::Location::Resource(place) => Some(resource_hash(&finding.rule, place)),
    };
    [(OUR_FINGERPRINT, finding.stable_id.to_string())]
        .into_iter()
        .chain(line_hash.map(|hash| ("primaryLocationLineHash", hash)))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// In the place of a line's hash: the rule and the resource. ARM ids have no
/// case.
fn resource_hash(rule: &str, place: &location::ResourcePlace) -> String {
    let id = place.id.to_lowercase();
    let property = place.property.as_deref().unwrap_or_default();
    let digest = Sha256::digest([rule, &id, property].join("\0"));
    let hex: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{hex}:1")
}

/// Always an array: the specification wants it on all results or on none.
fn suppressions(finding: &Finding) -> Vec<Suppression> {
    finding
        .suppressed
        .as_deref()
        .map(suppression)
        .into_iter()
        .collect()
}

fn suppression(suppressed: &Suppressed) -> Suppression {
    let kind = if suppressed.in_source {
        SuppressionKind::InSource
    } else {
        SuppressionKind::External
    };
    let mut suppression = Suppression::builder()
        .kind(kind)
        .status(SuppressionStatus::Accepted)
        .build();
    if !suppressed.justification.is_empty() {
        suppression.justification = Some(suppressed.justification.clone());
    }
    if let Some(owner) = &suppressed.owner {
        let owner = [("owner".to_owned(), Value::from(owner.as_str()))];
        suppression.properties = Some(bag(owner));
    }
    suppression
}

fn properties(finding: &Finding) -> PropertyBag {
    let own = finding
        .properties
        .iter()
        .map(|(name, value)| (name.clone().into_owned(), value.clone()));
    let severity = ("severity".to_owned(), finding.severity.as_str().into());
    let dropped = finding.related.len().saturating_sub(MAX_RELATED);
    let dropped = (dropped > 0).then(|| ("relatedLocationsNotListed".to_owned(), dropped.into()));
    let steps = (!finding.steps.is_empty()).then(|| ("steps".to_owned(), json!(finding.steps)));
    bag(own.chain([severity]).chain(dropped).chain(steps))
}

/// A property bag with these properties.
pub(super) fn bag(properties: impl IntoIterator<Item = (String, Value)>) -> PropertyBag {
    PropertyBag::builder()
        .additional_properties(properties.into_iter().collect::<BTreeMap<_, _>>())
        .build()
}
