//! From a fact that a rule fires on to a finding.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::template::Many;
use super::{Rule, RuleSet};
use crate::fact::{Fact, Group, Related};
use crate::finding::{BaselineState, Finding, Suppressed};
use crate::rotation::{Step, quoted};

/// Members of a finding whose steps it keeps: they are the same for all but the
/// names.
const MAX_STEPS: usize = 3;

/// A finding, its `stable_id` still without an ordinal.
pub(super) fn finding(rule: &Rule, fact: &Fact) -> Finding {
    let value = serde_json::to_value(fact).unwrap_or_default();
    let record = fact.record();
    let stale = record.stale();
    let mut message = rule.message.render(&value);
    if let Some(remark) = record.remark() {
        message.push(' ');
        message.push_str(&remark);
    }
    if let Some(day) = stale {
        message.push_str(&format!(
            " This was known on {day}; it could not be looked at since."
        ));
    }
    let stale = ("stale", stale.map_or(Value::Null, Value::from));
    let properties = record.properties().into_iter().chain([stale]);
    Finding {
        message,
        related: record.related().to_vec(),
        excerpt: record.excerpt().cloned().map(Box::new),
        stable_id: record.identity().join("\0"),
        properties: properties
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.into(), value))
            .collect(),
        steps: record.steps(),
        group: rule
            .many
            .as_ref()
            .and_then(|_| record.group().map(Box::new)),
        fix: record.fix().cloned().map(Box::new),
        ..Finding::new(
            &*rule.metadata.id,
            rule.metadata.severity,
            record.location().clone(),
        )
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
        finding.stable_id = digest(&format!("{subject}\0{ordinal}"));
        *ordinal += 1;
    }
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What findings have to share to be one.
type Class = (
    String,
    String,
    Option<Box<Suppressed>>,
    Option<BaselineState>,
);

impl RuleSet {
    /// Puts findings together that their rule reports as one: those about the
    /// keys of an app are one about the app, with the keys as other places.
    ///
    /// It is done last. An exemption may be for one key, and a baseline knows
    /// some keys of an app and not others: what counts and what does not are
    /// two findings.
    #[must_use]
    pub fn gather(&self, findings: Vec<Finding>) -> Vec<Finding> {
        self.gather_some(findings, |_, _| true)
    }

    /// The same for the findings about some apps that are all there: one about
    /// the estate may have members that come later.
    #[must_use]
    pub fn gather_apps(&self, findings: Vec<Finding>) -> Vec<Finding> {
        self.gather_some(findings, |finding, group| {
            let (app, place) = (group.location.subject(), finding.location.subject());
            place
                .get(..app.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(app))
        })
    }

    fn gather_some(
        &self,
        mut findings: Vec<Finding>,
        wanted: impl Fn(&Finding, &Group) -> bool,
    ) -> Vec<Finding> {
        let mut groups: BTreeMap<Class, Vec<Finding>> = BTreeMap::new();
        let grouped = |finding: &mut Finding| {
            let group = finding.group.as_ref();
            group.is_some_and(|group| wanted(finding, group))
        };
        for finding in findings.extract_if(.., grouped) {
            let group = finding.group.as_ref();
            let class = (
                finding.rule.clone(),
                group.map_or("", |it| it.location.subject()).to_lowercase(),
                finding.suppressed.clone(),
                finding.baseline,
            );
            groups.entry(class).or_default().push(finding);
        }
        for ((rule, ..), members) in groups {
            findings.extend(self.gather_one(&rule, members));
        }
        // In place, since they are many; two that have the same key are a group
        // of which a part does not count.
        findings.sort_unstable_by(|a, b| {
            let rest = |it: &Finding| (it.suppressed.clone(), it.baseline);
            let by_key = a.sort_key().cmp(&b.sort_key());
            by_key.then_with(|| rest(a).cmp(&rest(b)))
        });
        findings
    }

    fn gather_one(&self, rule: &str, members: Vec<Finding>) -> Option<Finding> {
        let members = members.into_iter().map(Finding::into_unpacked);
        let mut members: Vec<Finding> = members.collect();
        members.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let first = members.first()?;
        let group = first.group.clone()?;
        let names = members.iter().filter_map(|member| member.group.as_ref());
        let many = Many {
            count: members.len() as u64,
            subject: group.subject.clone(),
            members: names.map(|group| group.member.clone()).collect(),
        };
        let rule = self.iter().find(|known| known.metadata().id == rule)?;
        let message = match (members.len(), &rule.many) {
            (2.., Some(template)) => template.render(&json!(many)),
            _ => first.message.clone(),
        };
        let ids: Vec<&str> = members
            .iter()
            .map(|member| member.stable_id.as_str())
            .collect();
        let mut properties = first.properties.clone();
        if members.len() > 1 {
            // What is true of one member is not of all.
            let same = |name: &str| {
                let all = || members.iter().map(|member| member.properties.get(name));
                all().all(|value| value == first.properties.get(name))
            };
            properties.retain(|name, _| same(name));
        }
        properties.insert("members".into(), json!(ids));
        let about = format!(
            "{}\0{}",
            rule.metadata().id,
            group.location.subject().to_lowercase()
        );
        Some(Finding {
            message,
            related: related(&members),
            stable_id: digest(&about),
            properties,
            steps: steps(&members),
            suppressed: first.suppressed.clone(),
            baseline: first.baseline,
            ..Finding::new(&*first.rule, first.severity, group.location)
        })
    }
}

/// What to do for the first members, and where to get the rest.
fn steps(members: &[Finding]) -> Vec<Step> {
    let mut able = members.iter().filter(|member| !member.steps.is_empty());
    let shown = able.by_ref().take(MAX_STEPS);
    let mut steps: Vec<Step> = shown.flat_map(|member| member.steps.clone()).collect();
    if let Some(next) = able.next() {
        let left = 1 + able.count();
        let keys = if left == 1 { "key" } else { "keys" };
        steps.push(Step {
            text: format!(
                "Do the same for {left} further {keys}; `keysweep plan` writes the steps of each."
            ),
            commands: vec![format!(
                "keysweep plan {} <inventory>",
                quoted(next.location.subject())
            )],
        });
    }
    steps
}

/// Every member, with what is said of it where there are several, and the
/// places that belong to it after it.
fn related(members: &[Finding]) -> Vec<Related> {
    let mut places = Vec::new();
    for member in members {
        places.push(Related {
            location: member.location.clone(),
            message: match members.len() {
                1 => sentence(member.group.as_ref().map_or("", |group| &group.member)),
                _ => member.message.clone(),
            },
        });
        places.extend(member.related.iter().cloned());
    }
    places
}

/// A name as a sentence.
fn sentence(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
