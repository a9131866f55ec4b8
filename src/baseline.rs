//! What an earlier report knows already: only what is new fails a run.
//!
//! A baseline is a report of keysweep, SARIF or JSON, as an earlier run wrote
//! it. A finding is known when the baseline has one of the same rule with the
//! same stable id, which holds no line: moving a line changes nothing. Of two
//! about the same key in the same file each has its own id, by their order, and
//! should two have one id, they are counted: a second copy of a known key is
//! new. Which of the two is called new says nothing about which came later.
//!
//! What was suppressed then is known now, without its suppression too, unless
//! there is a new suppressed finding of the same rule in the same file: then
//! the suppression may have moved on, and a known ignore would cover for a new
//! copy beside it. Better an old finding called new than the reverse.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::earlier::{Earlier, ReportError, covers};
use crate::excerpt::{printable, redact_path};
use crate::fact::{Fact, Suppression, SuppressionSource};
use crate::finding::{BaselineState, Finding};
use crate::gap::Gap;
use crate::location::{FilePlace, Location, Position};
use crate::rule::Metadata;

/// The rule that judges unmatched entries; its own findings are no entries that
/// anybody would miss.
const UNMATCHED_RULE: &str = "KS9001";

/// An earlier report, and what of it has been found again.
#[derive(Debug)]
pub struct Baseline {
    path: String,
    entries: BTreeMap<Identity, Vec<Entry>>,
}

/// What makes a finding the same from run to run.
type Identity = (String, String);

/// A finding of the earlier report.
#[derive(Debug)]
struct Entry {
    /// The file or resource that it was in.
    subject: String,
    /// Where in the earlier report it stands.
    line: u64,
    /// Whether it counted then.
    suppressed: bool,
    /// Whether it was found again.
    matched: bool,
}

impl Baseline {
    /// Reads an earlier report.
    ///
    /// # Errors
    /// When the file cannot be read, or is no report of keysweep.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        Ok(Self::of(Earlier::read(path)?))
    }

    /// Reads the bytes of an earlier report; `name` is what messages call it.
    ///
    /// # Errors
    /// When they are no report of keysweep.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, ReportError> {
        Ok(Self::of(Earlier::parse(name, bytes)?))
    }

    fn of(report: Earlier) -> Self {
        let mut entries: BTreeMap<Identity, Vec<Entry>> = BTreeMap::new();
        for found in report.findings {
            let ids = match found.members.is_empty() {
                true => vec![found.stable_id],
                // Each of them is known, and no other one of the same app.
                false => found.members,
            };
            for id in ids {
                let entry = Entry {
                    subject: found.subject.clone(),
                    line: found.at,
                    suppressed: found.suppressed,
                    matched: false,
                };
                let identity = (found.rule.clone(), id);
                entries.entry(identity).or_default().push(entry);
            }
        }
        Self {
            path: report.path,
            entries,
        }
    }

    /// How many findings it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().map(Vec::len).sum()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Marks every finding as new or known. An entry makes one finding known,
    /// over all calls: first for the findings of the documents, suppressed
    /// already, then for those of KS9001 about what [`Self::unmatched`] tells.
    pub fn mark(&mut self, findings: &mut [Finding]) {
        for finding in findings.iter_mut() {
            let suppressed = finding.suppressed.is_some();
            let alike = self.take(finding, |entry| entry.suppressed == suppressed);
            finding.baseline = Some(state(alike));
        }
        let mut changed = Vec::new();
        for (index, finding) in findings.iter_mut().enumerate() {
            if !finding.is_known() && self.take(finding, |_| true) {
                finding.baseline = Some(BaselineState::Unchanged);
                changed.push(index);
            }
        }
        doubt(findings, &changed);
    }

    /// Takes an entry that fits the finding, if there is one left.
    fn take(&mut self, finding: &Finding, fits: impl Fn(&Entry) -> bool) -> bool {
        let identity = (finding.rule.to_string(), finding.stable_id.to_string());
        let entries = self.entries.get_mut(&identity).into_iter().flatten();
        let entry = entries.into_iter().find(|e| !e.matched && fits(e));
        entry.is_some_and(|entry| {
            entry.matched = true;
            true
        })
    }

    /// One [`Suppression`] that matched nothing for each entry that was not
    /// found again, in the order of the report. They are only what can be known
    /// to be gone: the entries of rules that ran, outside of what was not
    /// looked at. A run that sees a part of the tree should not ask.
    #[must_use]
    pub fn unmatched(&self, rules: &[Metadata], gaps: &[Gap]) -> Vec<Fact> {
        let ran = |id: &str| rules.iter().any(|rule| rule.id == id);
        let mut gone: Vec<(&str, &Entry)> = self
            .entries
            .iter()
            .filter(|((rule, _), _)| rule != UNMATCHED_RULE && ran(rule))
            .flat_map(|((rule, _), entries)| entries.iter().map(|entry| (rule.as_str(), entry)))
            .filter(|(_, entry)| !entry.matched)
            .filter(|(_, entry)| !gaps.iter().any(|gap| covers(&gap.subject, &entry.subject)))
            .collect();
        gone.sort_by_key(|(rule, entry)| (entry.line, *rule));
        let facts = gone.into_iter().map(|(rule, entry)| self.fact(rule, entry));
        facts.collect()
    }

    fn fact(&self, rule: &str, entry: &Entry) -> Fact {
        let start = Position {
            line: entry.line,
            column: 1,
        };
        Fact::from(Suppression {
            source: SuppressionSource::Baseline,
            rules: vec![rule.to_owned()],
            reason: format!("known in '{}'", shown(&entry.subject)),
            matched: 0,
            path: self.path.clone(),
            location: Location::File(Box::new(FilePlace {
                path: self.path.clone(),
                start,
                end: start,
                offset: 0,
                line_hash: None,
                revision: None,
            })),
        })
    }
}

/// Calls what lost its suppression new, where a new finding got one.
fn doubt(findings: &mut [Finding], changed: &[usize]) {
    let place = |finding: &Finding| {
        let subject = finding.location.subject().to_owned();
        (finding.rule.clone(), subject)
    };
    let newly_suppressed: BTreeSet<_> = findings
        .iter()
        .filter(|finding| finding.suppressed.is_some() && !finding.is_known())
        .map(place)
        .collect();
    for index in changed {
        let finding = &mut findings[*index];
        if finding.suppressed.is_none() && newly_suppressed.contains(&place(finding)) {
            finding.baseline = Some(BaselineState::New);
        }
    }
}

fn state(known: bool) -> BaselineState {
    match known {
        true => BaselineState::Unchanged,
        false => BaselineState::New,
    }
}

/// A name from outside, as a message may show it.
fn shown(name: &str) -> String {
    printable(&redact_path(name))
}

#[cfg(test)]
mod tests;
