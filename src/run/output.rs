//! Standard output, standard error, and files.

use miette::{IntoDiagnostic, WrapErr, miette};
use std::fmt::Arguments;
use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use super::Failure;
use super::interrupt::Draft;
use crate::cli::{Cli, Color, Output};
use crate::excerpt::shown_path;
use crate::outcome::Outcome;
use crate::report::{self, Style};

/// Who is at the other end.
#[derive(Clone)]
pub(super) struct Console {
    color: Color,
    quiet: bool,
    verbose: u8,
}

impl Console {
    pub(super) fn new(cli: &Cli) -> Self {
        Self {
            color: cli.color,
            quiet: cli.quiet,
            verbose: cli.verbose,
        }
    }

    /// A word to the user, on standard error.
    pub(super) fn say(&self, message: Arguments<'_>) {
        if !self.quiet {
            let _ = writeln!(io::stderr(), "keysweep: {message}");
        }
    }

    /// The same, for those who asked for more.
    pub(super) fn detail(&self, message: Arguments<'_>) {
        if self.verbose > 0 {
            self.say(message);
        }
    }

    /// The same, for those who want to see everything.
    #[cfg(feature = "live")]
    pub(super) fn every_detail(&self, message: Arguments<'_>) {
        if self.verbose > 1 {
            self.say(message);
        }
    }

    /// Whether details are said.
    #[cfg(feature = "live")]
    pub(super) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// Whether somebody watches standard error.
    pub(super) fn is_watched(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// How a report on standard output looks.
    pub(super) fn style(&self) -> Style {
        let colour = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
            }
        };
        let width = terminal_width().unwrap_or(100);
        Style {
            colour,
            width,
            ..Style::default()
        }
    }
}

/// The columns of the terminal, where there is one.
fn terminal_width() -> Option<usize> {
    let told = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    told.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
}

/// Writes a result to standard output. A reader that has seen enough and closes
/// the pipe is content, and so are we.
pub(super) fn to_stdout(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What the buffer still holds has nobody to go to.
            let _ = out.into_parts();
            Ok(())
        }
        other => other
            .into_diagnostic()
            .wrap_err("the result could not be written to standard output"),
    }
}

/// Refuses two reports in one file: the second would replace the first.
pub(super) fn check(output: &Output) -> Result<(), Failure> {
    let mut files: Vec<&Path> = output.files.iter().map(|(_, file)| &**file).collect();
    files.sort_unstable();
    match files.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => Err(miette!(
            help = "name a file for each",
            "two reports go to '{}'",
            shown_path(pair[0])
        )),
    }
}

/// Writes the reports of a run, each file as a whole or not at all.
pub(super) fn reports(
    outcome: &Outcome,
    wanted: &Output,
    console: &Console,
) -> Result<(), Failure> {
    let group = wanted.group_by;
    for (format, file) in &wanted.files {
        let style = Style {
            group,
            ..Style::default()
        };
        replace_with(file, |out| report::write(*format, outcome, style, out))
            .into_diagnostic()
            .wrap_err_with(|| format!("the report could not be written to {}", shown_path(file)))?;
        console.detail(format_args!("wrote {}", shown_path(file)));
    }
    let style = Style {
        group,
        ..console.style()
    };
    to_stdout(|out| report::write(wanted.format, outcome, style, out))
}

/// Writes beside the file, then takes its name: a killed process or a full disk
/// leaves what was there before. What is written is too long to be held.
pub(super) fn replace_with(
    file: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let fill = |path: &Path| {
        let mut out = BufWriter::new(fs::File::create(path)?);
        write(&mut out)?;
        out.flush()
    };
    // What is no regular file (a pipe, `/dev/null`) has no beside, and neither
    // has what a process holds open, which is a link (`/dev/stdout`).
    let held = file.starts_with("/dev") || file.starts_with("/proc");
    if file.exists() && (held || !file.is_file()) {
        return fill(file);
    }
    // A link stays one.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let file = target.as_path();
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!(".{}.tmp", std::process::id()));
    let draft = Path::new(&draft);
    let _guard = Draft::new(draft);
    let written = fill(draft).and_then(|()| fs::rename(draft, file));
    if written.is_err() {
        let _ = fs::remove_file(draft);
    }
    written
}
