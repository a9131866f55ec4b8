//! From a fact that a rule fires on to a finding.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::Rule;
use crate::fact::Fact;
use crate::finding::Finding;

/// A finding, its `stable_id` still without an ordinal.
pub(super) fn finding(rule: &Rule, fact: &Fact) -> Finding {
    let value = serde_json::to_value(fact).unwrap_or_default();
    let record = fact.record();
    let properties = record.properties().into_iter();
    Finding {
        rule: rule.metadata.id.clone(),
        severity: rule.metadata.severity,
        message: rule.message.render(&value),
        location: record.location().clone(),
        related: record.related().to_vec(),
        excerpt: record.excerpt().cloned(),
        stable_id: record.identity().join("\0"),
        properties: properties.filter(|(_, value)| !value.is_null()).collect(),
        suppressed: None,
        fix: record.fix().cloned(),
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
