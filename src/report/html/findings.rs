//! Findings as rows that can be filtered.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use super::controls::token;
use super::portions::Portions;
use crate::excerpt::printable;
use crate::fact::Related;
use crate::finding::{Finding, Severity};
use crate::location::Location;
use crate::outcome::Outcome;
use crate::report::pick::{one_line, spot, worst_first};
use crate::report::standing::{Assessment, by_framework};
use crate::rule::Metadata;

/// Findings on the page: more is no reading any more.
const MAX_FINDINGS: usize = 3_000;

/// Other places shown of one finding.
const MAX_RELATED: usize = 12;

/// Every finding, and what they can be filtered by.
pub(super) struct Findings<'a> {
    pub(super) rows: Portions<Row<'a>>,
    /// How many are not on the page.
    pub(super) left_out: usize,
    /// What was found and does not count.
    pub(super) aside: Portions<Aside<'a>>,
    pub(super) filters: Vec<Filter>,
}

/// A finding that counts.
pub(super) struct Row<'a> {
    pub(super) id: &'a str,
    pub(super) severity: Severity,
    pub(super) rule: &'a str,
    pub(super) name: &'a str,
    /// What was found.
    pub(super) sentence: String,
    /// What it means and what to do.
    pub(super) rest: String,
    pub(super) place: Place,
    /// The value of each filter.
    pub(super) subscription: String,
    pub(super) owner: String,
    pub(super) caller: String,
    pub(super) controls: String,
    pub(super) excerpt: Option<Line>,
    pub(super) related: Vec<(String, String)>,
    pub(super) more_related: usize,
    pub(super) properties: Vec<(String, String)>,
}

/// Where a finding is: the words that one looks for first, and the whole.
pub(super) struct Place {
    pub(super) short: String,
    pub(super) long: String,
}

/// A masked line, in the parts before the key, the key, and after it.
pub(super) struct Line {
    pub(super) before: String,
    pub(super) key: String,
    pub(super) after: String,
}

/// A finding that does not count, and why.
pub(super) struct Aside<'a> {
    pub(super) rule: &'a str,
    pub(super) severity: Severity,
    pub(super) sentence: String,
    pub(super) place: String,
    pub(super) why: String,
    pub(super) owner: String,
}

/// Something to filter by.
pub(super) struct Filter {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    /// Choices in groups with a name, or in one without.
    pub(super) groups: Vec<(String, Vec<Choice>)>,
}

/// One value of a filter.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) findings: usize,
}

pub(super) fn of<'a>(
    outcome: &'a Outcome,
    assessments: &[Assessment<'a>],
    rules: &BTreeMap<&str, &'a Metadata>,
) -> Findings<'a> {
    let all = worst_first(outcome);
    let shown = &all[..all.len().min(MAX_FINDINGS)];
    let rows: Vec<_> = shown.iter().map(|finding| row(finding, rules)).collect();
    let aside = outcome.findings.iter().filter(|finding| !finding.counts());
    Findings {
        filters: filters(&rows, assessments),
        left_out: all.len() - rows.len(),
        aside: Portions::new(aside.map(|finding| set_aside(finding)).collect()),
        rows: Portions::new(rows),
    }
}

fn row<'a>(finding: &'a Finding, rules: &BTreeMap<&str, &'a Metadata>) -> Row<'a> {
    let rule = rules.get(finding.rule.as_str());
    let texts = finding.unpacked();
    let message = one_line(&texts.message);
    let (sentence, rest) = message.split_at(message.find(". ").map_or(message.len(), |at| at + 1));
    let word = |name: &str| {
        let value = texts.properties.get(name).and_then(Value::as_str);
        printable(value.unwrap_or_default())
    };
    let controls = rule.map_or(&[][..], |rule| &rule.controls);
    let controls: Vec<_> = controls
        .iter()
        .map(|control| token(&control.framework, &control.id))
        .collect();
    Row {
        id: &finding.stable_id,
        severity: finding.severity,
        rule: &finding.rule,
        name: rule.map_or("", |rule| &rule.name),
        sentence: sentence.to_owned(),
        rest: rest.trim().to_owned(),
        place: place(&finding.location),
        subscription: subscription(&finding.location),
        owner: word("owner"),
        caller: word("caller"),
        controls: controls.join(" "),
        excerpt: finding.excerpt.as_ref().map(|excerpt| {
            let (text, key) = (excerpt.text(), excerpt.highlight());
            Line {
                before: text[..key.start].to_owned(),
                key: text[key.clone()].to_owned(),
                after: text[key.end..].to_owned(),
            }
        }),
        related: texts.related.iter().take(MAX_RELATED).map(also).collect(),
        more_related: texts.related.len().saturating_sub(MAX_RELATED),
        properties: properties(&texts),
    }
}

fn also(related: &Related) -> (String, String) {
    (place(&related.location).long, one_line(&related.message))
}

/// The file's place, or the resource by the names that people use.
pub(super) fn place(location: &Location) -> Place {
    let long = spot(location);
    let short = match location {
        Location::File(_) => long.clone(),
        Location::Resource(resource) => match &resource.property {
            Some(property) => format!("{} ({})", short_id(&resource.id), printable(property)),
            None => short_id(&resource.id),
        },
    };
    Place { short, long }
}

/// `contoso-orders/functionKeys/default` of an ARM id: what comes after the
/// type of the resource.
fn short_id(id: &str) -> String {
    let id = printable(id);
    let segments: Vec<_> = id.split('/').collect();
    let provider = segments
        .iter()
        .rposition(|segment| segment.eq_ignore_ascii_case("providers"));
    let rest = provider.and_then(|at| segments.get(at + 3..));
    let dull = ["host", "default", "functions", "keys", "slots"];
    match rest {
        Some(names) if !names.is_empty() => names
            .iter()
            .enumerate()
            .filter(|(at, name)| {
                *at == 0 || *at + 1 == names.len() || !dull.contains(&name.to_lowercase().as_str())
            })
            .map(|(_, name)| *name)
            .collect::<Vec<_>>()
            .join(" / "),
        _ => id,
    }
}

/// The GUID of the subscription of a resource.
fn subscription(location: &Location) -> String {
    let Location::Resource(resource) = location else {
        return String::new();
    };
    let mut segments = resource.id.split('/');
    segments
        .find(|segment| segment.eq_ignore_ascii_case("subscriptions"))
        .and_then(|_| segments.next())
        .map(printable)
        .unwrap_or_default()
}

/// What is known beside the message, for people.
fn properties(finding: &Finding) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    for (name, value) in &finding.properties {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(is) => if *is { "yes" } else { "no" }.to_owned(),
            Value::Array(list) => {
                let words = list.iter().map(|word| match word {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                words.collect::<Vec<_>>().join(", ")
            }
            Value::Null | Value::Object(_) => continue,
        };
        if !text.is_empty() {
            shown.push((words(name), one_line(&text)));
        }
    }
    shown
}

/// `keyKind` as `key kind`.
fn words(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            text.push(' ');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

fn set_aside(finding: &Finding) -> Aside<'_> {
    let message = one_line(&finding.unpacked().message);
    let end = message.find(". ").map_or(message.len(), |at| at + 1);
    let (why, owner) = match &finding.suppressed {
        Some(suppressed) => (
            printable(&suppressed.justification),
            printable(suppressed.owner.as_deref().unwrap_or_default()),
        ),
        None => ("known from the baseline".to_owned(), String::new()),
    };
    Aside {
        rule: &finding.rule,
        severity: finding.severity,
        sentence: message[..end].to_owned(),
        place: place(&finding.location).short,
        why,
        owner,
    }
}

/// The filters that divide the rows.
fn filters(rows: &[Row<'_>], assessments: &[Assessment<'_>]) -> Vec<Filter> {
    let mut filters = vec![
        Filter {
            key: "severity",
            label: "Severity",
            groups: severities(rows),
        },
        Filter {
            key: "rule",
            label: "Rule",
            groups: by(rows, |row| {
                (row.rule.to_owned(), format!("{} {}", row.rule, row.name))
            }),
        },
    ];
    filters.push(plain("subscription", "Subscription", rows, |row| {
        &row.subscription
    }));
    filters.push(plain("owner", "Owner", rows, |row| &row.owner));
    filters.push(plain("caller", "Caller", rows, |row| &row.caller));
    filters.push(Filter {
        key: "control",
        label: "Control",
        groups: by_control(rows, assessments),
    });
    // One that leaves everything, or has nothing to choose, is in the way.
    filters.retain(|filter| {
        filter
            .groups
            .iter()
            .map(|(_, choices)| choices.len())
            .sum::<usize>()
            > 1
    });
    filters
}

/// A filter whose values say what they mean.
fn plain(
    key: &'static str,
    label: &'static str,
    rows: &[Row<'_>],
    value: impl for<'r> Fn(&'r Row<'_>) -> &'r str,
) -> Filter {
    let groups = by(rows, |row| (value(row).to_owned(), value(row).to_owned()));
    Filter { key, label, groups }
}

fn severities(rows: &[Row<'_>]) -> Vec<(String, Vec<Choice>)> {
    let mut counts: BTreeMap<Severity, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.severity).or_default() += 1;
    }
    let choices = counts.into_iter().rev();
    let choices = choices.map(|(severity, findings)| Choice {
        value: severity.as_str().to_owned(),
        label: severity.as_str().to_owned(),
        findings,
    });
    vec![(String::new(), choices.collect())]
}

fn by(
    rows: &[Row<'_>],
    value: impl Fn(&Row<'_>) -> (String, String),
) -> Vec<(String, Vec<Choice>)> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(value(row)).or_default() += 1;
    }
    let choices = counts
        .into_iter()
        .filter(|((value, _), _)| !value.is_empty());
    let choices = choices.map(|((value, label), findings)| Choice {
        value,
        label,
        findings,
    });
    vec![(String::new(), choices.collect())]
}

fn by_control(rows: &[Row<'_>], assessments: &[Assessment<'_>]) -> Vec<(String, Vec<Choice>)> {
    let shown: BTreeSet<&str> = rows.iter().map(|row| row.id).collect();
    let mut groups = Vec::new();
    for (framework, controls) in by_framework(assessments) {
        let choices = controls.iter().map(|control| Choice {
            value: token(control.framework, control.id),
            label: format!("{} {}", control.id, control.title)
                .trim_end()
                .to_owned(),
            findings: control
                .findings
                .iter()
                .filter(|finding| shown.contains(finding.stable_id.as_str()))
                .count(),
        });
        let choices: Vec<_> = choices.filter(|choice| choice.findings > 0).collect();
        if !choices.is_empty() {
            groups.push((printable(framework), choices));
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_go_by_their_names() {
        let site = "/subscriptions/1/resourceGroups/g/providers/Microsoft.Web/sites/shop";
        for (id, short) in [
            (
                format!("{site}/host/default/functionKeys/default"),
                "shop / functionKeys / default",
            ),
            (
                format!("{site}/slots/test/functions/f/keys/web"),
                "shop / test / f / web",
            ),
            (site.to_owned(), "shop"),
            ("/subscriptions/1".to_owned(), "/subscriptions/1"),
        ] {
            assert_eq!(short_id(&id), short);
        }
    }

    #[test]
    fn names_of_properties_are_words() {
        assert_eq!(words("daysSinceRotation"), "days since rotation");
    }
}
