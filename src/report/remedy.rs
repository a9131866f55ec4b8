//! What to do: the beginning of a rule's own words.
//!
//! `help.fix` is Markdown and can be a page. Shown is its first step: the prose
//! up to and with the first block of commands, or the first paragraph where
//! there is none.

/// Commands shown of a block.
const MAX_COMMANDS: usize = 8;

/// The first step of a remedy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step<'a> {
    pub(super) paragraphs: Vec<String>,
    pub(super) commands: Vec<&'a str>,
    /// Whether the rule's page says more.
    pub(super) more: bool,
}

pub(super) fn first_step(markdown: &str) -> Step<'_> {
    let mut paragraphs = Vec::new();
    let mut paragraph = String::new();
    let mut lines = markdown.lines();
    let mut commands = Vec::new();
    let mut cut = false;
    for line in lines.by_ref() {
        let text = line.trim();
        if let Some(fence) = text
            .get(..3)
            .filter(|fence| matches!(*fence, "```" | "~~~"))
        {
            for command in lines.by_ref() {
                if command.trim_start().starts_with(fence) {
                    break;
                }
                cut |= commands.len() == MAX_COMMANDS;
                if commands.len() < MAX_COMMANDS {
                    commands.push(command.trim_end());
                }
            }
            break;
        }
        if (text.is_empty() || is_item(text)) && !paragraph.is_empty() {
            paragraphs.push(std::mem::take(&mut paragraph));
        }
        if !text.is_empty() {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(text);
        }
    }
    if !paragraph.is_empty() {
        paragraphs.push(paragraph);
    }
    let mut more = cut || lines.any(|line| !line.trim().is_empty());
    if commands.is_empty() && !paragraphs.iter().any(|text| is_item(text)) {
        more |= paragraphs.len() > 1;
        paragraphs.truncate(1);
    }
    Step {
        paragraphs,
        commands,
        more,
    }
}

/// Whether the line is an entry of a Markdown list.
fn is_item(line: &str) -> bool {
    item(line).is_some()
}

/// The mark of an entry of a Markdown list, and its text.
pub(super) fn item(line: &str) -> Option<(&str, &str)> {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mark = match digits {
        0 if line.starts_with("- ") || line.starts_with("* ") => 1,
        1..=9 if line[digits..].starts_with(". ") => digits + 1,
        _ => return None,
    };
    let (mark, text) = line.split_at(mark);
    Some((mark, text.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_after_the_first_commands() {
        let step = first_step("Renew it,\nthen:\n\n```sh\naz a\naz b\n```\n\nThen more.");
        assert_eq!(step.paragraphs, ["Renew it, then:"]);
        assert_eq!(step.commands, ["az a", "az b"]);
        assert!(step.more);
    }

    #[test]
    fn takes_a_paragraph_where_there_are_no_commands() {
        let step = first_step("Renew it.\nNow.\n\nThe rest.");
        assert_eq!(step.paragraphs, ["Renew it. Now."]);
        assert!(step.more);
        assert!(!first_step("Renew it.").more);
    }

    #[test]
    fn keeps_the_entries_of_a_list_apart() {
        let step = first_step("1. Renew it.\n2. Deploy\n   it.");
        assert_eq!(step.paragraphs, ["1. Renew it.", "2. Deploy it."]);
        assert!(!step.more);
    }

    #[test]
    fn a_long_block_is_cut_and_said_so() {
        let block = format!("```\n{}```\n", "az\n".repeat(20));
        let step = first_step(&block);
        assert_eq!(step.commands.len(), MAX_COMMANDS);
        assert!(step.more);
    }
}
