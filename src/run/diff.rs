//! `keysweep diff`.

use miette::miette;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::path::Path;

use super::Failure;
use super::output::{self, Console};
use crate::cli;
use crate::diff::{self, Diff};
use crate::earlier::Earlier;
use crate::excerpt::shown_path;
use crate::inventory::{self, Inventory};
use crate::outcome::Verdict;

/// Compares two files, and says how it ends.
pub(super) fn run(command: &cli::Diff, console: &Console) -> Result<Verdict, Failure> {
    let compared = match (read(&command.old)?, read(&command.new)?) {
        (Sort::Inventory(old), Sort::Inventory(new)) => inventories(command, &old, &new)?,
        (Sort::Report(old), Sort::Report(new)) => {
            diff::of_reports(&old, &new).map_err(|error| {
                miette!(help = "compare two reports of the same command", "{error}")
            })?
        }
        (Sort::Inventory(_), Sort::Report(_)) => return Err(mixed(&command.old, &command.new)),
        (Sort::Report(_), Sort::Inventory(_)) => return Err(mixed(&command.new, &command.old)),
    };
    let colour = console.style().colour;
    output::to_stdout(|out| diff::write(&compared, command.format, colour, out))?;
    Ok(compared.verdict(command.allow_incomplete))
}

/// What a file is.
enum Sort {
    Inventory(Box<Inventory>),
    Report(Earlier),
}

/// The field that no report has.
#[derive(Deserialize)]
struct Head {
    sweep: Option<IgnoredAny>,
    keys: Option<IgnoredAny>,
}

fn read(path: &Path) -> Result<Sort, Failure> {
    let bytes = inventory::bytes(path)?;
    let name = shown_path(path);
    let head: Option<Head> = serde_json::from_slice(&bytes).ok();
    match head {
        Some(Head {
            sweep: Some(_),
            keys: Some(_),
        }) => Err(miette!(
            help = "compare the inventories that the tables were made of",
            "{name} is a table of `keysweep inventory export`"
        )),
        Some(Head { sweep: Some(_), .. }) => {
            let inventory = Inventory::parse(&name, &bytes)?;
            Ok(Sort::Inventory(Box::new(inventory)))
        }
        _ => Ok(Sort::Report(Earlier::parse(&name, &bytes)?)),
    }
}

fn inventories(command: &cli::Diff, old: &Inventory, new: &Inventory) -> Result<Diff, Failure> {
    let (a, b) = (shown_path(&command.old), shown_path(&command.new));
    diff::of_inventories((&a, old), (&b, new)).map_err(|error| {
        miette!(
            help = "name two inventories of one tenant, the earlier one first",
            "{error}"
        )
    })
}

fn mixed(inventory: &Path, report: &Path) -> Failure {
    miette!(
        help = "compare two inventories or two reports; `keysweep check` makes a report of an inventory",
        "{} is an inventory and {} a report",
        shown_path(inventory),
        shown_path(report)
    )
}
