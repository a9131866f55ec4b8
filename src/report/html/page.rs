//! The page as a whole.

use askama::Template;
use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::ages::Ages;
use super::controls::{self, Framework};
use super::findings::{self, Findings};
use super::graph::Graph;
use super::keys::{self, Keys};
use super::markup::{self, Markup};
use super::overview::{self, Overview, Priority};
use super::portions::Portions;
use crate::excerpt::printable;
use crate::finding::Severity;
use crate::outcome::Outcome;
use crate::report::standing::assess;
use crate::report::tally::Tally;
use crate::rule::Metadata;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(
    include_str!("page/lists.js"),
    include_str!("page/filters.js"),
    include_str!("page/page.js")
);

/// What the templates are filled with.
#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page<'a> {
    policy: String,
    style: &'static str,
    script: &'static str,
    version: &'static str,
    overview: Overview,
    priorities: Vec<Priority>,
    sweep: Vec<(&'static str, String)>,
    ages: Option<Ages>,
    graph: Option<Graph>,
    keys: Option<Keys<'a>>,
    findings: Findings<'a>,
    frameworks: Vec<Framework<'a>>,
    rules: Vec<RuleText<'a>>,
    unseen: Portions<Unseen>,
    notices: Portions<String>,
}

/// What was not looked at, and why.
pub(super) struct Unseen {
    subject: String,
    reason: String,
}

/// A rule that found something: why it matters, and what to do.
pub(super) struct RuleText<'a> {
    id: &'a str,
    name: &'a str,
    severity: Severity,
    summary: String,
    why: Markup,
    fix: Markup,
    links: Vec<String>,
}

impl<'a> Page<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        let tally = Tally::of(outcome);
        let assessments = assess(outcome);
        let rules: BTreeMap<&str, &Metadata> = outcome
            .rules
            .iter()
            .map(|rule| (rule.id.as_str(), rule))
            .collect();
        let findings = findings::of(outcome, &assessments, &rules);
        Self {
            policy: policy(),
            style: STYLE,
            script: SCRIPT,
            version: env!("CARGO_PKG_VERSION"),
            overview: overview::of(outcome, &tally),
            priorities: overview::priorities(outcome, &rules),
            sweep: outcome
                .evidence
                .as_ref()
                .map(keys::sweep)
                .unwrap_or_default(),
            ages: outcome.evidence.as_ref().map(keys::ages),
            graph: match &outcome.evidence {
                Some(evidence) => keys::shared(evidence),
                None => keys::shared_in_files(outcome),
            },
            keys: outcome.evidence.as_ref().map(keys::of),
            frameworks: controls::of(&assessments),
            rules: texts(&tally, &rules),
            findings,
            unseen: unseen(outcome),
            notices: notices(outcome),
        }
    }
}

fn unseen(outcome: &Outcome) -> Portions<Unseen> {
    let gaps = outcome.gaps.iter().map(|gap| Unseen {
        subject: printable(&gap.subject),
        reason: printable(&gap.reason.to_string()),
    });
    Portions::new(gaps.collect())
}

fn notices(outcome: &Outcome) -> Portions<String> {
    let notices = outcome.notices.iter();
    Portions::new(
        notices
            .map(|notice| printable(&notice.to_string()))
            .collect(),
    )
}

/// The content security policy: this style, this script, no request.
fn policy() -> String {
    let digest = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}

/// The rules that found something, the worst first.
fn texts<'a>(tally: &Tally<'a>, rules: &BTreeMap<&str, &'a Metadata>) -> Vec<RuleText<'a>> {
    let fired = tally.by_rule.keys().filter_map(|id| rules.get(id).copied());
    let mut fired: Vec<&Metadata> = fired.collect();
    fired.sort_by_key(|rule| (std::cmp::Reverse(rule.severity), &rule.id));
    let text = |rule: &'a Metadata| RuleText {
        id: &rule.id,
        name: &rule.name,
        severity: rule.severity,
        summary: printable(rule.summary.trim()),
        why: markup::of(&rule.help.why),
        fix: markup::of(&rule.help.fix),
        links: rule
            .help
            .links
            .iter()
            .filter(|link| markup::is_web(link))
            .map(|link| printable(link))
            .collect(),
    };
    fired.into_iter().map(text).collect()
}
