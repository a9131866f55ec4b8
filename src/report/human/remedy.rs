//! What to do, once per rule.

use std::io;

use super::layout::Page;
use crate::excerpt::printable;
use crate::report::remedy::first_step;
use crate::rotation::Step;
use crate::rule::Metadata;

/// What to do about one finding, with its names filled in.
pub(super) fn steps(page: &mut Page<'_>, steps: &[Step]) -> io::Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    let colour = anstyle::AnsiColor::Green.on_default();
    for (at, step) in steps.iter().enumerate() {
        page.paragraph("    ", &format!("{}. {}", at + 1, step.text))?;
        for command in &step.commands {
            // As one line, however long: it is there to be copied.
            let command = page.paint(colour, &printable(command));
            page.line(&format!("       {command}"))?;
        }
    }
    page.line("")
}

pub(super) fn write(page: &mut Page<'_>, rule: &Metadata) -> io::Result<()> {
    let step = first_step(&rule.help.fix);
    if step.paragraphs.is_empty() && step.commands.is_empty() {
        return Ok(());
    }
    page.line(&page.bold("  What to do"))?;
    for paragraph in &step.paragraphs {
        page.paragraph("  ", paragraph)?;
    }
    let colour = anstyle::AnsiColor::Green.on_default();
    for command in &step.commands {
        let command = page.paint(colour, &printable(command));
        page.line(&format!("      {command}"))?;
    }
    if step.more {
        let more = format!("  more: keysweep rules explain {}", rule.id);
        page.line(&page.faint(&more))?;
    }
    page.line("")
}
