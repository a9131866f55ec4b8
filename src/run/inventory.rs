//! `keysweep inventory`: what saved inventories say, as tables.

use miette::miette;
use std::path::Path;

use super::output::{self, Console};
use super::{Failure, check, inputs};
use crate::cli::{Export, Inventory, Slots};
use crate::evidence::{self, Evidence};
use crate::excerpt::printable;
use crate::outcome::Verdict;

pub(super) fn run(command: &Inventory, console: &Console) -> Result<Verdict, Failure> {
    match command {
        Inventory::Export(export) => table(export, console),
        Inventory::Slots(slots) => swaps(slots, console),
    }
}

/// The evidence table.
fn table(export: &Export, console: &Console) -> Result<Verdict, Failure> {
    let known = &export.known;
    let policy = inputs::policy_of(known.config.as_deref(), Path::new("."), console)?;
    let merged = check::known(&known.inventories, &known.previous)?;
    let evidence = Evidence::of(&merged, &policy);
    output::to_stdout(|out| evidence::write(&evidence, export.format, out))?;
    Ok(gaps(&merged.inventory, console))
}

/// What a swap of each slot would leave without keys.
fn swaps(slots: &Slots, console: &Console) -> Result<Verdict, Failure> {
    let known = &slots.known;
    let policy = inputs::policy_of(known.config.as_deref(), Path::new("."), console)?;
    let merged = check::known(&known.inventories, &known.previous)?;
    let evidence = Evidence::of(&merged, &policy);
    let swaps = evidence::swaps(&merged.inventory, &evidence, &slots.app).map_err(|error| {
        let help = match &error.meant {
            Some(name) => format!("did you mean '{name}'?"),
            None => "`keysweep inventory export` lists the apps".to_owned(),
        };
        miette!(help = help, "{error}")
    })?;
    output::to_stdout(|out| {
        if swaps.is_empty() {
            writeln!(out, "{} has no slot", printable(&slots.app))?;
        }
        for swap in &swaps {
            for line in swap.lines() {
                writeln!(out, "{}", printable(&line))?;
            }
        }
        Ok(())
    })?;
    Ok(match swaps.iter().all(|swap| swap.known) {
        true => Verdict::Clean,
        false => Verdict::Incomplete,
    })
}

/// A table that lacks keys says so.
fn gaps(inventory: &crate::inventory::Inventory, console: &Console) -> Verdict {
    let coverage = &inventory.sweep.coverage;
    if coverage.assessed >= coverage.apps {
        return Verdict::Clean;
    }
    console.say(format_args!(
        "the keys of {} of {} apps could not be listed; `keysweep check` says why",
        coverage.apps - coverage.assessed,
        coverage.apps
    ));
    Verdict::Incomplete
}
