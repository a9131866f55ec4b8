//! What the command line means: the one place that wires every layer.

mod check;
mod demo;
mod diff;
mod fix;
mod history;
mod inputs;
mod interrupt;
mod inventory;
mod last_words;
mod memory;
mod output;
mod plan;
mod progress;
mod rules;
mod scan;
#[cfg(feature = "live")]
mod sweep;

pub use interrupt::guard_interrupts;
pub use last_words::{arguments, failure, guard_panics};
pub use memory::{collect_in_memory, facts_of};

use crate::cli::{Cli, Color, Command};
use crate::excerpt::shown_path;
use crate::outcome::Verdict;

/// What a command that fails says: what, where, and what to do.
pub type Failure = miette::Report;

/// Carries a command out.
///
/// # Errors
/// When the job cannot be done at all: exit code 2.
pub fn run(cli: &Cli) -> Result<Verdict, Failure> {
    let console = output::Console::new(cli);
    match &cli.command {
        Command::Scan(scan) => scan::scan(scan, &console),
        Command::Check(check) => check::check(check, &console),
        #[cfg(feature = "live")]
        Command::Sweep(sweep) => sweep::sweep(sweep, &console),
        Command::Plan(plan) => plan::run(plan, &console),
        Command::Diff(diff) => diff::run(diff, &console),
        Command::Inventory(inventory) => inventory::run(inventory, &console),
        Command::Rules(rules) => rules::run(rules, &console),
        Command::Init { directory } => {
            let written = crate::policy::init(directory)?;
            console.say(format_args!("wrote {}", shown_path(&written)));
            Ok(Verdict::Clean)
        }
        Command::Demo { directory } => demo::demo(directory, &console),
        Command::Completions { shell } => {
            let mut command = <Cli as clap::CommandFactory>::command();
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut command, "keysweep", &mut text);
            output::to_stdout(|out| out.write_all(&text))?;
            Ok(Verdict::Clean)
        }
    }
}

/// How errors are drawn: as reports are, in colour or not.
pub fn draw_errors(color: Color) {
    let choice = match color {
        Color::Auto => None,
        Color::Always => Some(true),
        Color::Never => Some(false),
    };
    // Only the first call counts, and there is only one.
    let _ = miette::set_hook(Box::new(move |_| {
        let mut options = miette::MietteHandlerOpts::new();
        if let Some(choice) = choice {
            options = options.color(choice);
        }
        Box::new(options.build())
    }));
}
