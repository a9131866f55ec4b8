//! Controls with how they stand.

use crate::excerpt::printable;
use crate::report::standing::{Assessment, Standing, by_framework};

/// A framework.
pub(super) struct Framework<'a> {
    pub(super) name: String,
    /// How many of its controls stand how, in the order of [`Standing`].
    pub(super) counts: Vec<(Standing, usize)>,
    pub(super) controls: Vec<Control<'a>>,
}

/// A control.
pub(super) struct Control<'a> {
    pub(super) id: String,
    pub(super) title: &'a str,
    pub(super) says: &'a str,
    pub(super) standing: Standing,
    /// The word that findings against it are filtered by.
    pub(super) token: String,
    pub(super) findings: usize,
    pub(super) accepted: usize,
    pub(super) evaluated: Vec<&'a str>,
    pub(super) not_evaluated: Vec<&'a str>,
}

impl Standing {
    /// The class of its mark.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Partly => "partly",
            Self::Passed => "passed",
            Self::NotEvaluated => "unseen",
        }
    }
}

pub(super) fn of<'a>(assessments: &[Assessment<'a>]) -> Vec<Framework<'a>> {
    let mut frameworks = Vec::new();
    for (name, of) in by_framework(assessments) {
        let order = [
            Standing::Failed,
            Standing::Partly,
            Standing::Passed,
            Standing::NotEvaluated,
        ];
        let counts = order.map(|standing| {
            let such = of.iter().filter(|control| control.standing == standing);
            (standing, such.count())
        });
        let controls = of.iter().map(|control| {
            let ids = |rules: &[&'a crate::rule::Metadata]| -> Vec<&'a str> {
                rules.iter().map(|rule| rule.id.as_str()).collect()
            };
            Control {
                id: printable(control.id),
                title: control.title,
                says: control.says,
                standing: control.standing,
                token: token(control.framework, control.id),
                findings: control.findings.len(),
                accepted: control.accepted,
                evaluated: ids(&control.evaluated),
                not_evaluated: ids(&control.not_evaluated),
            }
        });
        frameworks.push(Framework {
            name: printable(name),
            controls: controls.collect(),
            counts: counts.into_iter().filter(|(_, n)| *n > 0).collect(),
        });
    }
    frameworks
}

/// A control as one word without spaces.
pub(super) fn token(framework: &str, id: &str) -> String {
    let text = printable(&format!("{framework}/{id}"));
    text.split_whitespace().collect::<Vec<_>>().join("_")
}
