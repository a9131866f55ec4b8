//! What can be typed.

mod diff;
#[cfg(feature = "live")]
mod sweep;

pub use diff::Diff;

#[cfg(feature = "live")]
pub use sweep::{Connection, Sweep, Target};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

use crate::evidence::Format as Table;
use crate::finding::Severity;
use crate::report::{Format, Group};

/// What the exit codes mean, of every command.
const EXIT_CODES: &str = "\
Exit codes:
  0  done, and no finding at or above --fail-on
  1  findings at or above --fail-on
  2  not done, or not all of it: bad usage, a bad policy, a file that could not be read";

/// Finds leaked, shared and overdue Azure Functions keys.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    propagate_version = false,
    after_help = EXIT_CODES,
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// When to use colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    /// Say nothing on standard error but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say what is being done.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Search files for keys: the main job.
    Scan(Scan),
    /// Judge saved inventories of a tenant, without access to it.
    Check(Check),
    /// Look at the function apps of a tenant: their keys, and who holds them.
    #[cfg(feature = "live")]
    Sweep(Box<Sweep>),
    /// Tables of what saved inventories have.
    #[command(subcommand)]
    Inventory(Inventory),
    /// Write the runbook by which one key is replaced.
    Plan(Plan),
    /// Say what changed between two inventories, or between two reports.
    Diff(Diff),
    /// List, explain and check rules.
    #[command(subcommand)]
    Rules(Rules),
    /// Write a commented keysweep.toml.
    Init {
        /// The directory to write it to.
        #[arg(default_value = ".")]
        directory: PathBuf,
    },
    /// Write a small company's repository with planted keys, and find them.
    Demo {
        /// Where: a directory that is empty, does not exist, or is a demo already.
        #[arg(default_value = "keysweep-demo")]
        directory: PathBuf,
    },
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Search files for keys.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Scan {
    /// Files and directories, the working directory if none; `-` is standard input.
    pub paths: Vec<PathBuf>,

    /// Which files.
    #[command(flatten)]
    pub selection: Selection,

    /// How findings are judged.
    #[command(flatten)]
    pub judgement: Judgement,

    /// An inventory of the tenant: keys that it shows in use are reported with
    /// what they open. May be repeated.
    #[arg(long, value_name = "INVENTORY", help_heading = "Judgement")]
    pub inventory: Vec<PathBuf>,

    /// Report no keys but those that the inventory shows in use.
    #[arg(long, requires = "inventory", help_heading = "Judgement")]
    pub only_live: bool,

    /// Mend what can be mended for certain, in place; `--fix=diff` shows how and
    /// changes nothing.
    #[arg(
        long,
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "write",
        conflicts_with_all = ["staged", "since", "history"],
        help_heading = "Output"
    )]
    pub fix: Option<FixMode>,

    /// Where the result goes.
    #[command(flatten)]
    pub output: Output,
}

/// Judge saved inventories of a tenant, without access to it.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Check {
    /// Inventories, as a sweep writes them; several are judged as one.
    #[arg(required = true, value_name = "INVENTORY")]
    pub inventories: Vec<PathBuf>,

    /// What else is known.
    #[command(flatten)]
    pub evidence: Evidence,

    /// How findings are judged.
    #[command(flatten)]
    pub judgement: Judgement,

    /// Where the result goes.
    #[command(flatten)]
    pub output: Output,
}

/// Tables of what saved inventories have.
#[derive(Debug, Subcommand)]
pub enum Inventory {
    /// Every key with everything but its value: the table that a security
    /// review asks for.
    Export(Export),
    /// What a swap of slots would leave without keys.
    Slots(Slots),
}

/// The table of keys.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Export {
    /// What the table looks like.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    pub format: Table,

    /// What it is made of.
    #[command(flatten)]
    pub known: Known,
}

/// What a swap of slots would leave without keys.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Slots {
    /// The app, by its name or its resource id.
    pub app: String,

    /// What is known of it.
    #[command(flatten)]
    pub known: Known,
}

/// Write the runbook by which one key is replaced.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Plan {
    /// The key: APP/KEY, APP/FUNCTION/KEY or APP:SLOT/KEY, its resource id, or
    /// its fingerprint.
    pub subject: String,

    /// The key has leaked: evidence first, exposure, use, revocation.
    #[arg(long)]
    pub incident: bool,

    /// A report of a scan (SARIF or JSON) that says where the key stands.
    #[arg(long, value_name = "FILE")]
    pub leaks: Option<PathBuf>,

    /// What is known of it.
    #[command(flatten)]
    pub known: Known,
}

/// Saved inventories, and the policy whose register says who holds what.
#[derive(Debug, Args)]
pub struct Known {
    /// Inventories, as a sweep writes them; several are taken as one.
    #[arg(required = true, value_name = "INVENTORY")]
    pub inventories: Vec<PathBuf>,

    /// An earlier inventory: since when values are there. May be repeated.
    #[arg(long, value_name = "INVENTORY")]
    pub previous: Vec<PathBuf>,

    /// The policy with the register; otherwise keysweep.toml, looked for upward.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What else is known of a tenant.
#[derive(Debug, Args)]
#[command(next_help_heading = "Evidence")]
pub struct Evidence {
    /// An earlier inventory: since when values are there, and what could not be
    /// read this time. May be repeated.
    #[arg(long, value_name = "INVENTORY")]
    pub previous: Vec<PathBuf>,

    /// A report of a scan (SARIF or JSON): keys in it that are live are found.
    #[arg(long, value_name = "FILE")]
    pub leaks: Option<PathBuf>,

    /// The share of apps that has to be assessed; unless said, all of them.
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    pub min_coverage: Option<u8>,
}

fn parse_percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text);
    match number.parse() {
        Ok(percent) if percent <= 100 => Ok(percent),
        _ => Err("write a whole number from 0 to 100, for example 95%".to_owned()),
    }
}

/// What is done with fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FixMode {
    /// Write them into the files.
    Write,
    /// Show them as a diff, in the place of the report.
    Diff,
}

/// Which files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub struct Selection {
    /// Scan what is staged in the index and not in HEAD yet.
    #[arg(long, conflicts_with_all = ["since", "no_gitignore"])]
    pub staged: bool,

    /// Scan what the commits since this revision add, later removed or not.
    #[arg(long, value_name = "REV", conflicts_with = "no_gitignore")]
    pub since: Option<String>,

    /// Scan everything that the repository has ever stored: every version of
    /// every file on every branch, tag and stash, and the messages of commits.
    #[arg(long, conflicts_with_all = ["staged", "since", "no_gitignore"])]
    pub history: bool,

    /// With --history: also what no branch, tag or stash leads to any more.
    #[arg(long, requires = "history")]
    pub unreachable: bool,

    /// Scan untracked files that ignore rules match, too.
    #[arg(long)]
    pub no_gitignore: bool,

    /// The name that reports give to standard input; its ending tells the format.
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub stdin_name: String,
}

/// How findings are judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judgement")]
pub struct Judgement {
    /// The policy; otherwise keysweep.toml, looked for from the first path upward.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Read policy, rules, ignores and baseline as they were at this revision: a
    /// change must not exempt itself.
    #[arg(long, value_name = "REV")]
    pub policy_from: Option<String>,

    /// A directory with rules of your own.
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,

    /// An earlier report (SARIF or JSON): only what is not in it fails the run.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// The least severity that fails the run.
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    pub fail_on: FailOn,

    /// Treat notices as things not looked at: they fail the run with exit code 2.
    #[arg(long)]
    pub strict: bool,

    /// Do not fail when something could not be looked at.
    #[arg(long)]
    pub allow_incomplete: bool,

    /// Let no inline ignore and no exemption set a finding aside.
    #[arg(long)]
    pub no_suppress: bool,
}

/// The least severity that fails a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A key that opens everything, or that everybody has.
    Critical,
    /// A key that somebody can use.
    High,
    /// A weakness.
    Medium,
    /// A habit that leads to trouble.
    Low,
    /// No finding does; only what could not be looked at.
    Never,
}

impl FailOn {
    /// The severity, if there is one.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Never => None,
        }
    }
}

/// Where the result goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// What standard output shows.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,

    /// Another report, into a file, beside what standard output shows.
    #[arg(long = "output", value_name = "FORMAT=FILE", value_parser = parse_output)]
    pub files: Vec<(Format, PathBuf)>,

    /// What findings are put together by, in human and markdown; json always
    /// lists controls beside findings.
    #[arg(long, value_name = "WHAT", default_value = "rule")]
    pub group_by: Group,

    /// Show no progress on standard error.
    #[arg(long)]
    pub no_progress: bool,
}

impl Output {
    /// Whether a report of this format is asked for.
    #[must_use]
    pub fn has(&self, format: Format) -> bool {
        self.format == format || self.files.iter().any(|(of, _)| *of == format)
    }
}

fn parse_output(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .ok_or("write FORMAT=FILE, for example sarif=keysweep.sarif")?;
    let format = Format::from_str(format, false).map_err(|_| {
        let known: Vec<String> = Format::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value)
            .map(|value| value.get_name().to_owned())
            .collect();
        format!(
            "there is no format '{format}'; use one of {}",
            known.join(", ")
        )
    })?;
    if file.is_empty() {
        return Err("the file is missing after '='".to_owned());
    }
    Ok((format, PathBuf::from(file)))
}

/// List, explain and check rules.
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// One line for each rule.
    List {
        /// A directory with rules of your own.
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// A rule's page: the risk, the remedy, examples.
    Explain {
        /// Its id, for example KS1001.
        id: String,
        /// A directory with rules of your own.
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// Check rules of your own, and run their examples.
    Check {
        /// The directory.
        directory: PathBuf,
    },
    /// The facts and fields that a rule's condition may name.
    Facts,
}
