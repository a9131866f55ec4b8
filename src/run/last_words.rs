//! What is said when a run does not come about.
//!
//! Arguments, failures and panics carry texts that no reader has seen and
//! masked: a key typed where a path belongs, the name of a file, a buffer. What
//! the process says last is masked here, whatever said it.

use clap::Parser;
use std::io::Write;
use std::panic::Location;

use super::Failure;
use crate::cli::Cli;
use crate::excerpt::mask;

/// Reads the arguments.
///
/// # Errors
/// With the exit code, when there is nothing to run: help was asked for, or
/// what was typed is no command, and that has been said.
pub fn arguments() -> Result<Cli, u8> {
    Cli::try_parse().map_err(|error| {
        let code = u8::try_from(error.exit_code()).unwrap_or(2);
        let said = error.render().to_string();
        let masked = mask(&said);
        if masked == said {
            // As clap has it: in colour, help on standard output.
            let _ = error.print();
        } else {
            let _ = std::io::stderr().write_all(masked.as_bytes());
        }
        code
    })
}

/// Says why a command failed.
pub fn failure(failure: &Failure) {
    let _ = writeln!(std::io::stderr(), "{}", mask(&format!("{failure:?}")));
}

/// From now on a panic says where it was, and nothing of what it carries: that
/// may be what was read.
pub fn guard_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(Location::to_string);
        let place = place.as_deref().unwrap_or("an unknown place");
        let _ = writeln!(
            std::io::stderr(),
            "keysweep: internal error at {place}; please report this place"
        );
    }));
}
