//! What can be typed after `keysweep diff`.

use clap::Args;
use std::path::PathBuf;

use crate::diff::Format;

/// What the exit codes mean here: those of diff(1).
const EXIT_CODES: &str = "\
Exit codes:
  0  nothing changed
  1  something did
  2  not done, or not all of it: a file that cannot be compared, or something that only one
     side looked at";

/// Say what changed between two inventories, or between two reports.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Diff {
    /// The earlier one: an inventory, or a report of a scan, check or sweep
    /// (SARIF or JSON).
    pub old: PathBuf,

    /// The later one, of the same sort.
    pub new: PathBuf,

    /// What standard output shows.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,

    /// Do not fail when something could not be compared.
    #[arg(long)]
    pub allow_incomplete: bool,
}
