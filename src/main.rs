//! The command: parse, run, return the verdict as exit code; nothing else.

use std::process::ExitCode;

use keysweep::run::{arguments, draw_errors, failure, guard_interrupts, guard_panics, run};

fn main() -> ExitCode {
    guard_panics();
    guard_interrupts();
    let cli = match arguments() {
        Ok(cli) => cli,
        Err(code) => return ExitCode::from(code),
    };
    draw_errors(cli.color);
    match run(&cli) {
        Ok(verdict) => ExitCode::from(verdict.code()),
        Err(error) => {
            failure(&error);
            ExitCode::from(2)
        }
    }
}
