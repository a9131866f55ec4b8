//! The tenant of the demo: two inventories, as two sweeps a month apart would
//! have kept them.
//!
//! They have days of their own, which never pass: an inventory is judged as of
//! when it was taken, so everybody sees the same ages.

use miette::{IntoDiagnostic, miette};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use crate::inventory::sketch::sketch;
use crate::placeholder::expand;
use crate::run::Failure;

/// The day of each inventory, and the inventory in short.
const SWEEPS: &[(&str, &str)] = &[
    (
        "2026-05-01",
        include_str!("../../../testdata/tenant/2026-05-01.toml"),
    ),
    (
        "2026-06-01",
        include_str!("../../../testdata/tenant/2026-06-01.toml"),
    ),
];

/// How many files are written.
pub(super) const FILES: usize = SWEEPS.len();

/// The later inventory, below the demo.
pub(super) const LATEST: &str = "tenant/2026-06-01.json";

/// Writes `tenant/DAY.json`. The keys of the tree are the tenant's by their
/// fingerprints: there is none in here.
pub(super) fn write(directory: &Path) -> Result<(), Failure> {
    let directory = directory.join("tenant");
    std::fs::create_dir_all(&directory).into_diagnostic()?;
    for (day, short) in SWEEPS {
        let taken = format!("{day}T02:00:00Z").parse().into_diagnostic()?;
        let short = expand(short).into_diagnostic()?;
        let inventory = sketch(&short, taken).map_err(|problem| miette!("{problem}"))?;
        let file = File::create(directory.join(format!("{day}.json"))).into_diagnostic()?;
        let mut out = BufWriter::new(file);
        inventory.write(&mut out).into_diagnostic()?;
        std::io::Write::flush(&mut out).into_diagnostic()?;
    }
    Ok(())
}
