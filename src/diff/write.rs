//! The comparison for people, for scripts and for tickets.

use anstyle::{AnsiColor, Effects, Style};
use std::io::{self, Write};

use super::{About, Change, Compared, Diff, What};
use crate::excerpt::printable;
use crate::report::{count, json_text, markdown_cell};

/// What the comparison looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Human,
    /// For scripts: versioned and documented
    Json,
    /// For tickets and job summaries
    Markdown,
}

/// Writes the comparison.
///
/// # Errors
/// When `out` fails.
pub fn write(diff: &Diff, format: Format, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human(diff, colour, out),
        Format::Json => json_text::write(diff, out),
        Format::Markdown => markdown(diff, out),
    }
}

fn human(diff: &Diff, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let paint = |style: Style, text: &str| match colour {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    };
    for about in ALL {
        let mut changes = diff
            .changes
            .iter()
            .filter(|change| change.about == about)
            .peekable();
        if changes.peek().is_none() {
            continue;
        }
        writeln!(out, "{}", paint(Effects::BOLD.into(), title(about)))?;
        for change in changes {
            let sign = paint(style(change.what), sign(change.what));
            writeln!(out, "  {sign} {}", printable(&change.message))?;
            for detail in details(change) {
                writeln!(out, "      {}", paint(Effects::DIMMED.into(), &detail))?;
            }
        }
        writeln!(out)?;
    }
    for notice in &diff.notices {
        writeln!(out, "note: {notice}")?;
    }
    writeln!(out, "{}", sentence(diff))
}

/// What stands below a change: its evidence, and what is not the same.
fn details(change: &Change) -> Vec<String> {
    let mut details: Vec<String> = change.evidence.iter().map(|text| printable(text)).collect();
    // On one side alone it is all said by the message.
    if matches!(change.what, What::Rotated | What::Changed) {
        let shown = |side: &Option<String>| side.as_deref().map_or("none".to_owned(), printable);
        let fields = change.fields.iter();
        details.extend(fields.map(|field| {
            format!(
                "{}: {} → {}",
                field.name,
                shown(&field.old),
                shown(&field.new)
            )
        }));
    }
    details
}

fn markdown(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# What changed\n\n{}\n",
        markdown_cell(&sentence(diff))
    )?;
    for notice in &diff.notices {
        writeln!(out, "> {}\n", markdown_cell(notice))?;
    }
    for about in ALL {
        let mut changes = diff
            .changes
            .iter()
            .filter(|change| change.about == about)
            .peekable();
        if changes.peek().is_none() {
            continue;
        }
        writeln!(
            out,
            "## {}\n\n| | What | Evidence and details |\n|---|---|---|",
            title(about)
        )?;
        for change in changes {
            writeln!(
                out,
                "| {} | {} | {} |",
                name(change.what),
                markdown_cell(&change.message),
                markdown_cell(&details(change).join("; "))
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The comparison in one sentence.
fn sentence(diff: &Diff) -> String {
    let mut counts: Vec<String> = Vec::new();
    for (about, whats) in &diff.summary {
        for (what, n) in whats {
            counts.push(format!("{} {}", count(*n, noun(*about)), name(*what)));
        }
    }
    let day = |side: &super::Side| match side.taken {
        Some(taken) => format!(
            "{} ({})",
            side.path,
            taken.timestamp().strftime("%Y-%m-%d %H:%M")
        ),
        None => side.path.clone(),
    };
    let sides = format!("from {} to {}", day(&diff.old), day(&diff.new));
    let sort = match diff.of {
        Compared::Inventories => "inventories",
        Compared::Reports => "reports",
    };
    printable(&match counts.is_empty() {
        true => format!("the {sort} are the same, {sides}"),
        false => format!("{sides}: {}", counts.join(", ")),
    })
}

const ALL: [About; 8] = [
    About::Key,
    About::Holder,
    About::Reader,
    About::App,
    About::Function,
    About::ApimSubscription,
    About::Gap,
    About::Finding,
];

fn title(about: About) -> &'static str {
    match about {
        About::Key => "Keys",
        About::Holder => "Holders",
        About::Reader => "Who can list or write keys",
        About::App => "Apps",
        About::Function => "Functions",
        About::ApimSubscription => "Subscriptions of API Management",
        About::Gap => "What could not be read",
        About::Finding => "Findings",
    }
}

fn noun(about: About) -> &'static str {
    match about {
        About::Key => "key",
        About::Holder => "holder",
        About::Reader => "right",
        About::App => "app",
        About::Function => "function",
        About::ApimSubscription => "API Management subscription",
        About::Gap => "gap",
        About::Finding => "finding",
    }
}

fn name(what: What) -> &'static str {
    match what {
        What::New => "new",
        What::Gone => "gone",
        What::Rotated => "rotated",
        What::Changed => "changed",
        What::NotCompared => "not compared",
    }
}

fn sign(what: What) -> &'static str {
    match what {
        What::New => "+",
        What::Gone => "-",
        What::Rotated | What::Changed => "~",
        What::NotCompared => "?",
    }
}

fn style(what: What) -> Style {
    let colour = match what {
        What::New => AnsiColor::Green,
        What::Gone => AnsiColor::Red,
        What::Rotated | What::Changed => AnsiColor::Yellow,
        What::NotCompared => AnsiColor::Magenta,
    };
    colour.on_default()
}
