//! From a fact that a rule fires on to a finding.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::Rule;
use crate::fact::Fact;
use crate::finding::Finding;
use crate::secret::Fingerprint;

type Properties = BTreeMap<&'static str, Value>;

/// A finding, its `stable_id` still without an ordinal.
pub(super) fn finding(rule: &Rule, fact: &Fact) -> Finding {
    let value = serde_json::to_value(fact).unwrap_or_default();
    Finding {
        rule: rule.metadata.id.clone(),
        severity: rule.metadata.severity,
        message: rule.message.render(&value),
        location: fact.location().clone(),
        related: fact.related().to_vec(),
        excerpt: fact.excerpt().cloned(),
        stable_id: identity(fact).join("\0"),
        properties: properties(fact),
        suppressed: None,
        baseline: None,
    }
}

/// Sorts findings, and gives each the id that survives line moves: what it is
/// about, and its place among those about the same.
pub(super) fn settle(findings: &mut [Finding]) {
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for finding in findings.iter_mut() {
        let subject = format!("{}\0{}", finding.rule, finding.stable_id);
        let ordinal = seen.entry(subject.clone()).or_default();
        let digest = Sha256::digest(format!("{subject}\0{ordinal}"));
        *ordinal += 1;
        finding.stable_id = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
    }
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
}

/// What a finding about the fact is the same by, from run to run: never a line,
/// never a value, and no fingerprint that another run would give otherwise.
fn identity(fact: &Fact) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match fact {
        Fact::Occurrence(o) => match stable(&o.fingerprint) {
            Some(fingerprint) => vec![o.path.clone(), fingerprint],
            None => vec![
                o.path.clone(),
                text(&o.name),
                text(&o.host),
                word(&o.context),
            ],
        },
        // One key is one finding wherever its first place is today.
        Fact::SharedKey(s) => match stable(&s.fingerprint) {
            Some(fingerprint) => vec![fingerprint],
            None => vec![s.path.clone(), s.callers.join("\0")],
        },
        Fact::EncryptedStore(e) => {
            vec![e.path.clone(), e.setting_path.clone(), e.setting.clone()]
        }
        Fact::Suppression(s) => vec![
            s.path.clone(),
            word(&s.source),
            s.rules.join("\0"),
            s.reason.clone(),
        ],
        Fact::Exemption(e) => vec![e.path.clone(), e.rule.clone(), e.subject.clone()],
        Fact::RegisterEntry(r) => vec![
            r.path.clone(),
            r.name.clone(),
            text(&r.app),
            text(&r.function),
            text(&r.key),
        ],
    }
}

fn stable(fingerprint: &Fingerprint) -> Option<String> {
    fingerprint
        .is_stable()
        .then(|| fingerprint.as_str().to_owned())
}

/// What machines read beside the message.
fn properties(fact: &Fact) -> Properties {
    let pairs = match fact {
        Fact::Occurrence(o) => vec![
            ("service", json!(o.service)),
            ("keyKind", json!(o.kind)),
            ("keyFormat", json!(o.format)),
            ("checksum", json!(o.checksum)),
            ("exposure", json!(o.exposure)),
            ("context", json!(o.context)),
            ("host", json!(o.host)),
            ("environment", json!(o.environment)),
            ("name", json!(o.name)),
            ("caller", json!(o.caller.name)),
            ("pattern", json!(o.pattern)),
            ("fingerprint", json!(o.fingerprint)),
            ("commit", json!(o.commit)),
        ],
        Fact::SharedKey(s) => vec![
            ("service", json!(s.service)),
            ("keyKind", json!(s.kind)),
            ("keyFormat", json!(s.format)),
            ("callers", json!(s.callers)),
            ("environments", json!(s.environments)),
            ("occurrences", json!(s.occurrences)),
            ("fingerprint", json!(s.fingerprint)),
        ],
        Fact::EncryptedStore(e) => vec![
            ("keys", json!(e.keys)),
            ("setting", json!(e.setting)),
            ("settingPath", json!(e.setting_path)),
            ("confirmed", json!(e.confirmed)),
        ],
        Fact::Suppression(s) => vec![("source", json!(s.source)), ("rules", json!(s.rules))],
        Fact::Exemption(e) => vec![
            ("rule", json!(e.rule)),
            ("subject", json!(e.subject)),
            ("owner", json!(e.owner)),
            ("until", json!(e.until)),
            ("daysPast", json!(e.days_past)),
        ],
        Fact::RegisterEntry(r) => vec![
            ("caller", json!(r.name)),
            ("app", json!(r.app)),
            ("function", json!(r.function)),
            ("key", json!(r.key)),
            ("limit", json!(r.kind)),
            ("daysSinceRotation", json!(r.days_since_rotation)),
            ("maxAgeDays", json!(r.max_age_days)),
            ("missing", json!(r.missing)),
        ],
    };
    let present = pairs.into_iter().filter(|(_, value)| !value.is_null());
    present.collect()
}

/// The word of a closed set.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
