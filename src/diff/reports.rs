//! Two reports of the same sort, in either format.

use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

use super::{About, Change, Compared, Diff, Field, Side, What};
use crate::earlier::{Earlier, Found, Unseen};
use crate::excerpt::{printable, redact, redact_path};

/// A report about files and one about a tenant have nothing in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("one report is of a scan of files, the other of a tenant")]
pub struct DifferentSubjects;

/// Compares two reports.
///
/// Findings are the same by their rule and stable id. Their messages are not
/// compared: an age in one grows by a day each day.
///
/// # Errors
/// When one is of files and the other of a tenant.
pub fn of_reports(old: &Earlier, new: &Earlier) -> Result<Diff, DifferentSubjects> {
    if let (Some(a), Some(b)) = (old.of_tenant, new.of_tenant)
        && a != b
    {
        return Err(DifferentSubjects);
    }
    let mut before = by_identity(&old.findings);
    let mut changes = Vec::new();
    for (identity, here) in by_identity(&new.findings) {
        let mut there = before.remove(&identity).unwrap_or_default();
        let mut left = Vec::new();
        for found in here {
            // One that is set aside and one that is not can have one id.
            match there
                .iter()
                .position(|one| one.suppressed == found.suppressed)
            {
                Some(at) => changes.extend(changed(there.remove(at), found)),
                None => left.push(found),
            }
        }
        let mut there = there.into_iter();
        for found in left {
            changes.extend(match there.next() {
                Some(earlier) => changed(earlier, found),
                None => Some(one_sided(old, found, What::New)),
            });
        }
        changes.extend(there.map(|found| one_sided(new, found, What::Gone)));
    }
    let rest = before.into_values().flatten();
    changes.extend(rest.map(|found| one_sided(new, found, What::Gone)));
    changes.extend(gaps(old, new));
    let side = |report: &Earlier| Side {
        path: report.path.clone(),
        taken: None,
        tenant: None,
    };
    Ok(Diff::new(
        Compared::Reports,
        (side(old), side(new)),
        changes,
        notices(old, new),
    ))
}

type Identity<'a> = (&'a str, &'a str);

fn by_identity(findings: &[Found]) -> BTreeMap<Identity<'_>, Vec<&Found>> {
    let mut all: BTreeMap<Identity<'_>, Vec<&Found>> = BTreeMap::new();
    for found in findings {
        let identity = (found.rule.as_str(), found.stable_id.as_str());
        all.entry(identity).or_default().push(found);
    }
    all
}

/// A finding that one report has, and `other` lacks.
fn one_sided(other: &Earlier, found: &Found, what: What) -> Change {
    let mut change = change(what, found, message(found));
    if !other.looked(&found.rule, &found.subject) {
        change.what = What::NotCompared;
        change.message = format!("{} did not look for it: {}", other.path, change.message);
    }
    change
}

/// A finding that both have: whether it counts the same, and is about as many
/// things.
fn changed(old: &Found, new: &Found) -> Option<Change> {
    let severity = |found: &Found| Some(found.severity?.as_str().to_owned());
    let suppressed = |found: &Found| Some(found.suppressed.to_string());
    let (added, mended) = (difference(new, old), difference(old, new));
    let fields: Vec<Field> = [
        Field::of_both("severity", severity(old), severity(new)),
        Field::of("suppressed", suppressed(old), suppressed(new)),
        Field::of("members", Some(count(old)), Some(count(new))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if fields.is_empty() && added + mended == 0 {
        return None;
    }
    let mut words = Vec::new();
    for (n, what) in [(added, "new in it"), (mended, "mended of it")] {
        if n > 0 {
            words.push(format!("{n} {what}"));
        }
    }
    let words = match words.is_empty() {
        true => String::new(),
        false => format!(" ({})", words.join(", ")),
    };
    let change = change(What::Changed, new, format!("{}{words}", message(new)));
    Some(Change { fields, ..change })
}

/// How many things the one is about that the other is not.
fn difference(one: &Found, other: &Found) -> usize {
    let other: BTreeSet<&String> = other.members.iter().collect();
    one.members
        .iter()
        .filter(|member| !other.contains(member))
        .count()
}

fn count(found: &Found) -> String {
    found.members.len().max(1).to_string()
}

fn change(what: What, found: &Found, message: String) -> Change {
    Change {
        rule: Some(found.rule.clone()),
        ..Change::new(About::Finding, what, &shown(&found.subject), message)
    }
}

/// `KS1003 src/a.js:3: …`.
fn message(found: &Found) -> String {
    let line = found
        .line
        .map_or_else(String::new, |line| format!(":{line}"));
    format!(
        "{} {}{line}: {}",
        found.rule,
        shown(&found.subject),
        printable(&redact(&found.message))
    )
}

fn shown(name: &str) -> String {
    printable(&redact_path(name))
}

/// What one report could not look at and the other could; SARIF has no names for
/// that.
fn gaps(old: &Earlier, new: &Earlier) -> Vec<Change> {
    let (Unseen::Subjects(before), Unseen::Subjects(after)) = (&old.unseen, &new.unseen) else {
        return Vec::new();
    };
    let (before, after): (BTreeSet<&String>, BTreeSet<&String>) =
        (before.iter().collect(), after.iter().collect());
    let opened = after.difference(&before).map(|subject| {
        let subject = shown(subject);
        let message = format!("{subject} could not be looked at");
        Change::new(About::Gap, What::New, &subject, message)
    });
    let closed = before.difference(&after).map(|subject| {
        let subject = shown(subject);
        let message = format!("{subject} could be looked at again");
        Change::new(About::Gap, What::Gone, &subject, message)
    });
    opened.chain(closed).collect()
}

fn notices(old: &Earlier, new: &Earlier) -> Vec<String> {
    let mut notices = Vec::new();
    for report in [old, new] {
        if report.unseen == Unseen::Something {
            notices.push(format!(
                "{} is of a run that did not see everything, and SARIF does not say what in a way \
                 to be read: the same report as JSON does",
                report.path
            ));
        }
    }
    notices
}

#[cfg(test)]
mod tests;
