//! What to do, once per rule.

use std::io;

use super::layout::Page;
use crate::excerpt::printable;
use crate::report::remedy::first_step;
use crate::rule::Metadata;

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
