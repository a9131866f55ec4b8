//! The command: parse, run, return the verdict as exit code; nothing else.

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

use keysweep::cli::Cli;
use keysweep::run::{draw_errors, run};

fn main() -> ExitCode {
    // What a panic carries may be what was read: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let _ = writeln!(
            std::io::stderr(),
            "keysweep: internal error at {}; please report this place",
            place.as_deref().unwrap_or("an unknown place")
        );
    }));
    let cli = Cli::parse();
    draw_errors(cli.color);
    match run(&cli) {
        Ok(verdict) => ExitCode::from(verdict.code()),
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "{failure:?}");
            ExitCode::from(2)
        }
    }
}
