//! The page by controls: how each stands, and what was found against it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::{code, words};
use super::{FINDINGS, REMEDIES, findings, within};
use crate::outcome::Outcome;
use crate::report::standing::{
    Assessment, Standing, assess, by_framework, ids, tally, without_control,
};
use crate::report::tally::grouped;
use crate::rule::Metadata;

pub(super) fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    rules: &BTreeMap<&str, &Metadata>,
) -> io::Result<()> {
    let assessments = assess(outcome);
    let frameworks = by_framework(&assessments);
    let share = REMEDIES / frameworks.len().max(1);
    for (framework, controls) in &frameworks {
        writeln!(out, "### {}\n\n{}\n", words(framework), tally(controls))?;
        writeln!(out, "| | Control | Findings | Evaluated | Not evaluated |")?;
        writeln!(out, "| --- | --- | ---: | --- | --- |")?;
        let rows: Vec<_> = controls.iter().map(|control| row(control)).collect();
        let left = within(out, share, rows.into_iter())?;
        writeln!(out)?;
        if left > 0 {
            writeln!(
                out,
                "and {} more controls; the json format has them.\n",
                grouped(left as u64)
            )?;
        }
    }
    // What fails several controls is listed below each of them.
    let failed: Vec<_> = assessments
        .iter()
        .filter(|control| !control.findings.is_empty())
        .collect();
    let others = without_control(outcome);
    let share = FINDINGS / (failed.len() + 1);
    for control in failed {
        let title = format!("{} {} {}", control.framework, control.id, control.title);
        writeln!(out, "#### {}\n", words(title.trim_end()))?;
        if !control.says.is_empty() {
            writeln!(out, "{}\n", words(control.says))?;
        }
        findings(out, share, &control.findings, rules)?;
    }
    if !others.is_empty() {
        writeln!(out, "#### No control\n")?;
        findings(out, share, &others, rules)?;
    }
    Ok(())
}

fn row(control: &Assessment<'_>) -> String {
    let mark = match control.standing {
        Standing::Failed => "❌",
        Standing::Partly => "◐",
        Standing::Passed => "✅",
        Standing::NotEvaluated => "–",
    };
    let found = match (control.findings.len(), control.accepted) {
        (0, 0) => "0".to_owned(),
        (n, 0) => grouped(n as u64),
        (n, accepted) => format!(
            "{} ({} accepted)",
            grouped(n as u64),
            grouped(accepted as u64)
        ),
    };
    format!(
        "| {mark} {} | {} {} | {found} | {} | {} |\n",
        control.standing.as_str(),
        code(control.id),
        words(control.title),
        words(&ids(&control.evaluated)),
        words(&ids(&control.not_evaluated)),
    )
}
