//! From a fact that a rule fires on to a finding.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
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
        stable_id: record.identity().join("\0").into(),
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

fn digest(text: &str) -> SmolStr {
    let digest = Sha256::digest(text);
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What findings have to share to be one.
type Class = (
    SmolStr,
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

    fn gather_one(&self, rule: &str, mut members: Vec<Finding>) -> Option<Finding> {
        members.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let first = members.first()?.unpacked();
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
        let (mut properties, mut places) = (first.properties.clone(), Vec::new());
        let mut steps = Steps::default();
        // One after the other: a group may be of thousands.
        for member in &members {
            let member = member.unpacked();
            // What is true of one member is not of all.
            properties.retain(|name, value| member.properties.get(name) == Some(value));
            places.push(place(&member, members.len()));
            places.extend(member.related.iter().cloned());
            steps.add(&member);
        }
        properties.insert("members".into(), json!(ids));
        let about = format!(
            "{}\0{}",
            rule.metadata().id,
            group.location.subject().to_lowercase()
        );
        Some(Finding {
            message,
            related: places,
            stable_id: digest(&about),
            properties,
            steps: steps.all(),
            suppressed: first.suppressed.clone(),
            baseline: first.baseline,
            ..Finding::new(&*first.rule, first.severity, group.location)
        })
    }
}

/// What to do for the first members, and where to get the rest.
#[derive(Default)]
struct Steps {
    shown: Vec<Step>,
    /// Members that have some.
    able: usize,
    /// The first of them that is not shown.
    next: Option<String>,
}

impl Steps {
    fn add(&mut self, member: &Finding) {
        if member.steps.is_empty() {
            return;
        }
        self.able += 1;
        if self.able <= MAX_STEPS {
            self.shown.extend(member.steps.iter().cloned());
        } else if self.next.is_none() {
            self.next = Some(quoted(member.location.subject()));
        }
    }

    fn all(self) -> Vec<Step> {
        let mut steps = self.shown;
        if let Some(next) = self.next {
            let left = self.able - MAX_STEPS;
            let keys = if left == 1 { "key" } else { "keys" };
            steps.push(Step {
                text: format!(
                    "Do the same for {left} further {keys}; `keysweep plan` writes the steps of each."
                ),
                commands: vec![format!("keysweep plan {next} <inventory>")],
            });
        }
        steps
    }
}

/// A member of so many, with what is said of it where there are several; the
/// places that belong to it come after it.
fn place(member: &Finding, members: usize) -> Related {
    Related {
        location: member.location.clone(),
        message: match members {
            1 => sentence(member.group.as_ref().map_or("", |group| &group.member)),
            _ => member.message.clone(),
        },
    }
}

/// A name as a sentence.
fn sentence(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
