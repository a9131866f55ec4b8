//! Reports: what a run has to say, one writer per format.
//!
//! A report gets an [`Outcome`] and nothing else. It decides nothing, knows no
//! condition and reads no file; all text that it is given is masked already,
//! and it adds none of its own from a document. The same outcome gives the
//! same bytes: no time stamp, no machine name, no map without an order.
//!
//! A new format is a variant of [`Format`], a file here with a `write`, and an
//! arm in [`write()`].

mod azure;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
pub(crate) mod json_text;
mod junit;
mod markdown;
mod pick;
mod remedy;
mod sarif;
mod standing;
mod tally;

pub use json::schema as json_schema;
pub(crate) use markdown::cell as markdown_cell;
pub(crate) use tally::count;

use std::io::{self, BufWriter, Write};

use crate::outcome::Outcome;

/// What a report looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Format {
    /// For people: places, masked lines, what to do, a summary
    #[default]
    Human,
    /// For scripts: versioned and documented
    Json,
    /// For code scanning and other viewers: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: annotations
    Github,
    /// For Azure Pipelines: logged issues
    Azure,
    /// For GitLab: a code quality report
    Gitlab,
    /// For job summaries: Markdown
    Markdown,
    /// For test reports of any CI system: JUnit XML
    Junit,
    /// For whoever answers for the keys: one page that needs nothing else
    Html,
}

/// How a report for people is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether it has colours.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// What findings are put together by.
    pub group: Group,
}

/// What findings are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Group {
    /// The rule that found them, and what to do about it
    #[default]
    Rule,
    /// The controls of compliance frameworks, with those that passed and those
    /// that were not evaluated
    Control,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            colour: false,
            width: 100,
            group: Group::Rule,
        }
    }
}

/// Writes the report.
///
/// # Errors
/// When `out` fails. A broken pipe is an error here; it is for the caller to
/// call it success.
pub fn write(
    format: Format,
    outcome: &Outcome,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    match format {
        Format::Human => human::write(outcome, style, &mut out)?,
        Format::Json => json::write(outcome, &mut out)?,
        Format::Sarif => sarif::write(outcome, &mut out)?,
        Format::Github => github::write(outcome, &mut out)?,
        Format::Azure => azure::write(outcome, &mut out)?,
        Format::Gitlab => gitlab::write(outcome, &mut out)?,
        Format::Markdown => markdown::write(outcome, style.group, &mut out)?,
        Format::Junit => junit::write(outcome, &mut out)?,
        Format::Html => html::write(outcome, &mut out)?,
    }
    out.flush()
}

#[cfg(test)]
mod fixture;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::excerpt::is_deceptive;
    use clap::ValueEnum;
    use std::path::Path;

    /// Whatever a repository calls its files, and an author his reasons.
    #[test]
    fn no_format_writes_what_a_terminal_obeys_or_an_eye_misreads() {
        let colours = Style {
            colour: true,
            ..Style::default()
        };
        for format in Format::value_variants() {
            for style in [Style::default(), colours] {
                let mut out = Vec::new();
                write(*format, &fixture::deceptive(), style, &mut out).unwrap();
                let text = String::from_utf8(out).unwrap();
                let shown = anstream::adapter::strip_str(&text).to_string();
                let found = shown.chars().find(|c| *c != '\n' && is_deceptive(*c));
                assert_eq!(found, None, "{format:?} {style:?}");
            }
        }
    }

    /// Writes `target/tmp/samples/` for `scripts/formats-validate`.
    #[test]
    #[ignore = "writes files: cargo test --lib samples_of_every_format -- --ignored"]
    fn samples_of_every_format() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/samples");
        std::fs::create_dir_all(&folder).unwrap();
        for (name, outcome) in [
            ("clean", Outcome::default()),
            ("findings", fixture::outcome()),
            ("hostile", fixture::hostile()),
            ("known", fixture::known()),
            ("many", fixture::big(5_000)),
        ] {
            for (format, end) in [
                (Format::Github, "github.txt"),
                (Format::Azure, "azure.txt"),
                (Format::Gitlab, "gitlab.json"),
                (Format::Markdown, "summary.md"),
                (Format::Junit, "junit.xml"),
            ] {
                let file = folder.join(format!("{name}.{end}"));
                let mut file = std::fs::File::create(file).unwrap();
                write(format, &outcome, Style::default(), &mut file).unwrap();
            }
        }
    }
}
