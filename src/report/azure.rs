//! Issues of Azure Pipelines: logging commands, one a line.
//!
//! `##vso[task.logissue type=error;sourcepath=…;linenumber=…;columnnumber=…;code=…;]text`,
//! escaped as Microsoft's task library does. There are errors and warnings and
//! nothing below.
//!
//! No `task.complete`: the exit code says how the run ended, the same for every
//! format, and a second word for it could only contradict the first. The
//! summary page is the `markdown` format, uploaded by whoever knows its file.

use std::fmt::Display;
use std::io::{self, Write};

use super::pick::{self, Level, MAX_OF_A_KIND};
use super::tally::{Tally, count};
use crate::excerpt::is_deceptive;
use crate::finding::Finding;
use crate::outcome::Outcome;

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let (mut errors, mut warnings) = (0, 0);
    let mut has_room = |level| {
        let used = match level {
            Level::Error => &mut errors,
            Level::Warning | Level::Notice => &mut warnings,
        };
        *used += 1;
        *used <= MAX_OF_A_KIND
    };
    for remark in pick::remarks(outcome) {
        has_room(remark.level);
        issue(out, remark.level, &[], &remark.text)?;
    }
    let mut rest = Vec::new();
    for finding in pick::worst_first(outcome) {
        if has_room(finding.severity.into()) {
            log(out, outcome, finding)?;
        } else {
            rest.push(finding);
        }
    }
    if !rest.is_empty() {
        let more = count(rest.len(), "further finding");
        writeln!(
            out,
            "##[group]{more} not annotated: a step shows {MAX_OF_A_KIND} issues of a kind"
        )?;
        for finding in rest {
            writeln!(out, "{}", pick::plain(finding))?;
        }
        writeln!(out, "##[endgroup]")?;
    }
    for line in pick::closing(outcome, &Tally::of(outcome)) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn log(out: &mut dyn Write, outcome: &Outcome, finding: &Finding) -> io::Result<()> {
    let mut properties = Vec::new();
    if let Some(place) = finding.location.file() {
        let directory = outcome.origin.directory.as_deref();
        properties.push(property("sourcepath", absolute(directory, &place.path)));
        properties.push(property("linenumber", place.start.line));
        properties.push(property("columnnumber", place.start.column));
    }
    properties.push(property("code", &finding.rule));
    let text = pick::with_place(finding);
    issue(out, finding.severity.into(), &properties, &text)
}

/// The path that the agent finds the file by, with the system's separators.
fn absolute(directory: Option<&str>, path: &str) -> String {
    let drive = path.as_bytes().get(1) == Some(&b':');
    match directory {
        Some(directory) if !path.starts_with('/') && !drive => {
            let backslashes = directory.contains('\\');
            let base = directory.trim_end_matches(['/', '\\']);
            match backslashes {
                true => format!("{base}\\{}", path.replace('/', "\\")),
                false => format!("{base}/{path}"),
            }
        }
        _ => path.to_owned(),
    }
}

fn issue(out: &mut dyn Write, level: Level, properties: &[String], text: &str) -> io::Result<()> {
    let kind = match level {
        Level::Error => "error",
        Level::Warning | Level::Notice => "warning",
    };
    let properties = properties.concat();
    let text = escaped(&pick::inert(text));
    writeln!(out, "##vso[task.logissue type={kind};{properties}]{text}")
}

fn property(name: &str, value: impl Display) -> String {
    let value = escaped(&value.to_string());
    let value = value.replace(']', "%5D").replace(';', "%3B");
    format!("{name}={value};")
}

/// Line breaks survive, what would act on a terminal does not.
fn escaped(text: &str) -> String {
    text.replace('%', "%AZP25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace(is_deceptive, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn text(outcome: &Outcome) -> String {
        let mut out = Vec::new();
        write(outcome, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_run_with_findings_and_gaps() {
        insta::assert_snapshot!(text(&fixture::in_azure()));
    }

    #[test]
    fn hostile_names_stay_data() {
        let text = text(&fixture::hostile());
        insta::assert_snapshot!(text);
        for line in text.lines() {
            assert!(!line.contains(is_deceptive), "{line}");
            let data = line.strip_prefix("##vso[").and_then(|l| l.split_once(']'));
            let data = data.map_or(line, |(_, data)| data);
            assert!(!data.contains("##"), "{line}");
        }
    }

    #[test]
    fn the_rest_is_counted_and_listed() {
        let text = text(&fixture::big(30));
        let errors = text.matches("##vso[task.logissue type=error;").count();
        assert_eq!(errors, MAX_OF_A_KIND);
        assert!(text.contains("##[group]21 further findings not annotated: "));
        assert_eq!(text.matches("\nhigh KS1003: ").count(), 21);
    }

    #[test]
    fn paths_are_absolute_where_the_directory_is_known() {
        assert_eq!(absolute(None, "a/b"), "a/b");
        assert_eq!(absolute(Some("/w/s/"), "a/b"), "/w/s/a/b");
        assert_eq!(absolute(Some("/w/s"), "/x/b"), "/x/b");
        assert_eq!(absolute(Some("D:\\a\\1\\s"), "a/b"), "D:\\a\\1\\s\\a\\b");
        assert_eq!(absolute(Some("D:\\a"), "C:/b"), "C:/b");
    }
}
