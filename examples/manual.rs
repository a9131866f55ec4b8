//! Writes the manual pages and the shell completions, for packages:
//!
//! ```sh
//! cargo run --locked --example manual -- target/manual
//! ```
//!
//! An example and no subcommand: who builds a package has the source, and the
//! program stays free of what only they need.

use clap::{CommandFactory, ValueEnum};
use std::fs::create_dir_all;
use std::io::{self, Error};
use std::path::PathBuf;

use clap_complete::Shell;
use keysweep::cli::Cli;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(directory), None) = (arguments.next(), arguments.next()) else {
        return Err(Error::other("usage: manual DIRECTORY"));
    };
    let directory = PathBuf::from(directory);

    let pages = directory.join("man");
    create_dir_all(&pages)?;
    // Without the date that a page would have: two builds give the same bytes.
    clap_mangen::generate_to(Cli::command(), &pages)?;

    let completions = directory.join("completions");
    create_dir_all(&completions)?;
    for shell in Shell::value_variants() {
        clap_complete::generate_to(*shell, &mut Cli::command(), "keysweep", &completions)?;
    }
    Ok(())
}
