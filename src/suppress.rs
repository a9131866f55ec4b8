//! What does not count: inline ignores and the policy's exemptions.
//!
//! A suppressed finding stays, with its justification; reports show it as
//! suppressed. What hides nothing is said: an ignore or exemption that matches
//! no finding becomes a fact that KS9001 judges, an attempt at an ignore a
//! notice, an expired exemption a fact that KS9002 judges.

mod inline;

pub use inline::{Directive, InlineIgnore, MARKERS, ignore_at};

use std::collections::BTreeMap;

use crate::fact::{Fact, Suppression, SuppressionSource};
use crate::finding::{Finding, Suppressed};
use crate::gap::Notice;
use crate::location::{FilePlace, Location};
use crate::policy::Policy;

/// In the place of a reason that repeats a key.
pub const NOT_SHOWN: &str = "not shown: there is a key in it";

/// What was suppressed, and what was not.
#[derive(Debug, Default)]
pub struct Applied {
    /// One [`Suppression`] for each ignore, and for each exemption of this
    /// policy that has not expired, with how much it hid.
    pub suppressions: Vec<Fact>,
    /// Attempts at ignores.
    pub notices: Vec<Notice>,
}

/// Marks what does not count, and tells what each suppression has hidden.
///
/// `ignores` are those of every scanned file, with or without a finding. With
/// `--no-suppress` this is not called, and nothing is judged unused.
#[must_use]
pub fn apply(policy: &Policy, ignores: &[InlineIgnore], findings: &mut [Finding]) -> Applied {
    apply_reviewed(policy, ignores, findings, &|_, _| true)
}

/// The same for a change that must not exempt itself: an ignore counts only
/// where `stood` says so of its place and of the last line that it would hide.
/// One that does not count is a notice.
#[must_use]
pub fn apply_reviewed(
    policy: &Policy,
    ignores: &[InlineIgnore],
    findings: &mut [Finding],
    stood: &dyn Fn(&FilePlace, u64) -> bool,
) -> Applied {
    let mut applied = Applied::default();
    apply_ignores(ignores, findings, stood, &mut applied);
    let mut exemptions = Exemptions::new(policy);
    exemptions.apply(findings);
    applied.suppressions.extend(exemptions.suppressions(false));
    applied
}

/// The same for a run that judges a tenant, where there are no comments.
#[must_use]
pub fn apply_to_tenant(policy: &Policy, findings: &mut [Finding]) -> Applied {
    let mut exemptions = Exemptions::new(policy);
    exemptions.apply(findings);
    Applied {
        suppressions: exemptions.suppressions(true),
        ..Applied::default()
    }
}

/// An ignore, and what came of it.
struct Entry<'i> {
    place: &'i FilePlace,
    rules: &'i [String],
    reason: &'i str,
    /// Whether it is about its own line: then it is not about the next one.
    at_its_line: bool,
    matched: u64,
}

impl Entry<'_> {
    /// Whether it speaks of the finding, which begins at this line.
    fn is_about(&self, finding: &Finding, first: u64) -> bool {
        let reaches = first <= self.place.start.line || !self.at_its_line;
        reaches && self.names(finding)
    }

    fn names(&self, finding: &Finding) -> bool {
        self.rules.iter().any(|rule| *rule == finding.rule)
    }
}

/// A line of one version of a file.
type Line<'p> = (&'p str, Option<&'p str>, u64);

fn line(place: &FilePlace, line: u64) -> Line<'_> {
    (place.path.as_str(), place.revision.as_deref(), line)
}

fn apply_ignores(
    ignores: &[InlineIgnore],
    findings: &mut [Finding],
    stood: &dyn Fn(&FilePlace, u64) -> bool,
    applied: &mut Applied,
) {
    let mut entries = Vec::new();
    for InlineIgnore { place, says } in ignores {
        match says {
            Ok(directive) => entries.push(Entry {
                place,
                rules: &directive.rules,
                reason: &directive.reason,
                at_its_line: false,
                matched: 0,
            }),
            Err(problem) => applied.notices.push(Notice::IgnoreNotUnderstood {
                place: Location::File(Box::new(place.clone())).to_string(),
                problem: *problem,
            }),
        }
    }
    entries.sort_by_key(|entry| entry.place);
    let mut by_line: BTreeMap<Line<'_>, Vec<usize>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let line = line(entry.place, entry.place.start.line);
        by_line.entry(line).or_default().push(index);
    }
    for finding in findings.iter() {
        let Some(place) = finding.location.file() else {
            continue;
        };
        let lines = line(place, place.start.line)..=line(place, place.last_line());
        for index in by_line.range(lines).flat_map(|(_, indices)| indices) {
            entries[*index].at_its_line |= entries[*index].names(finding);
        }
    }
    hide_keys(&mut entries, &by_line, findings);
    for finding in findings.iter_mut() {
        let Some(place) = finding.location.file() else {
            continue;
        };
        let (first, last) = (place.start.line, place.last_line());
        let near = line(place, first.saturating_sub(1))..=line(place, last);
        for index in by_line.range(near).flat_map(|(_, indices)| indices) {
            let entry = &mut entries[*index];
            if !entry.is_about(finding, first) {
                continue;
            }
            if stood(entry.place, last.max(entry.place.start.line)) {
                entry.matched += 1;
                finding.suppressed.get_or_insert_with(|| {
                    Box::new(Suppressed {
                        in_source: true,
                        justification: entry.reason.to_owned(),
                        owner: None,
                    })
                });
            } else {
                applied.notices.push(Notice::IgnoreNotReviewed {
                    place: Location::File(Box::new(entry.place.clone())).to_string(),
                });
            }
        }
    }
    applied.notices.sort();
    applied.notices.dedup();
    applied.suppressions.extend(entries.into_iter().map(fact));
}

/// Takes away reasons in which a finding says that a key stands.
fn hide_keys(
    entries: &mut [Entry],
    by_line: &BTreeMap<Line<'_>, Vec<usize>>,
    findings: &[Finding],
) {
    let places = findings.iter().flat_map(|finding| {
        let related = finding.related.iter().map(|related| &related.location);
        std::iter::once(&finding.location).chain(related)
    });
    for key in places.filter_map(Location::file) {
        let line = line(key, key.start.line);
        for index in by_line.get(&line).into_iter().flatten() {
            let entry = &mut entries[*index];
            if entry.place.start < key.start && key.start < entry.place.end {
                entry.reason = NOT_SHOWN;
            }
        }
    }
}

fn fact(entry: Entry) -> Fact {
    Fact::from(Suppression {
        source: SuppressionSource::Inline,
        rules: entry.rules.to_vec(),
        reason: entry.reason.to_owned(),
        matched: entry.matched,
        path: entry.place.path.clone(),
        location: Location::File(Box::new(entry.place.clone())),
    })
}

/// The exemptions of a policy, with what each matched so far: findings may come
/// in several lots.
pub struct Exemptions<'p> {
    policy: &'p Policy,
    matched: Vec<u64>,
}

impl<'p> Exemptions<'p> {
    /// Of a policy; nothing is matched yet.
    #[must_use]
    pub fn new(policy: &'p Policy) -> Self {
        Self {
            policy,
            matched: vec![0; policy.exemptions().len()],
        }
    }

    /// Marks the findings that one of them exempts.
    pub fn apply(&mut self, findings: &mut [Finding]) {
        for (exempt, matched) in self.policy.exemptions().iter().zip(&mut self.matched) {
            if self.policy.expired(exempt) {
                continue;
            }
            for finding in findings
                .iter_mut()
                .filter(|finding| self.policy.exempts(exempt, finding))
            {
                *matched += 1;
                finding.suppressed.get_or_insert_with(|| {
                    Box::new(Suppressed {
                        in_source: false,
                        justification: exempt.reason.clone(),
                        owner: Some(exempt.owner.clone()),
                    })
                });
            }
        }
    }

    /// What each was good for: those about a tenant, or those about files.
    #[must_use]
    pub fn suppressions(&self, tenant: bool) -> Vec<Fact> {
        let all = self.policy.exemptions().iter().zip(&self.matched);
        // One that is inherited may be meant for another repository.
        let ours = all.filter(|(exempt, _)| {
            !exempt.inherited
                && exempt.subject.is_resource() == tenant
                && !self.policy.expired(exempt)
        });
        ours.map(|(exempt, matched)| {
            Fact::from(Suppression {
                source: SuppressionSource::Policy,
                rules: vec![exempt.rule.clone()],
                reason: exempt.reason.clone(),
                matched: *matched,
                path: exempt.place.path.clone(),
                location: Location::File(Box::new(exempt.place.clone())),
            })
        })
        .collect()
    }
}

#[cfg(test)]
mod tests;
