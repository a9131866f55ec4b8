//! `keysweep plan`.

use miette::miette;
use std::path::Path;

use super::output::{self, Console};
use super::{Failure, check, inputs};
use crate::cli;
use crate::leaks::Leaks;
use crate::outcome::Verdict;
use crate::plan::Plan;

/// Writes the runbook of one key.
pub(super) fn run(plan: &cli::Plan, console: &Console) -> Result<Verdict, Failure> {
    let known = &plan.known;
    let policy = inputs::policy_of(known.config.as_deref(), Path::new("."), console)?;
    let merged = check::known(&known.inventories, &known.previous)?;
    let leaks = match &plan.leaks {
        Some(file) => Leaks::read(file)?,
        None => Leaks::default(),
    };
    let of = Plan::of(&plan.subject, &merged, &policy, &leaks);
    let of = of.map_err(|error| miette!(help = error.help(), "{error}"))?;
    let text = match plan.incident {
        true => of.incident(),
        false => of.runbook(),
    };
    output::to_stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(Verdict::Clean)
}
