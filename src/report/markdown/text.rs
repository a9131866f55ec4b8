//! Foreign text as Markdown that shows it and does nothing else.

use crate::excerpt::printable;
use crate::report::pick::one_line;

/// Characters of a name or a message that are shown.
const MAX_CHARS: usize = 1000;

/// The text as words of a paragraph or of a table's cell, on one line.
///
/// Everything that could mean something is written as a character reference:
/// a backslash does not survive a table's cell in every renderer, a reference
/// survives all of them.
pub(crate) fn words(text: &str) -> String {
    let text = one_line(text);
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars();
    if let Some(marker) = list_marker(&text) {
        rest = text[marker.len_utf8()..].chars();
        escaped.push_str(&format!("&#{};", u32::from(marker)));
    }
    for c in rest.by_ref().take(MAX_CHARS) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Markup, a cell's end, a mention, an issue, a formula, a link.
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' | '$' | '@'
            | '^' => escaped.push_str(&format!("&#{};", u32::from(c))),
            c => escaped.push(c),
        }
    }
    if rest.next().is_some() {
        escaped.push('…');
    }
    // The bare addresses that GitHub's Markdown makes links of.
    escaped
        .replace("://", "&#58;//")
        .replace("www.", "www&#46;")
}

/// The first character, if the text could begin a list or a heading with it.
fn list_marker(text: &str) -> Option<char> {
    let first = text.chars().next()?;
    let after = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = first.is_ascii_digit() && after.starts_with(['.', ')']);
    (numbered || matches!(first, '-' | '+' | '=')).then_some(first)
}

/// The text as code within a line.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", words(text))
}

/// A paragraph of a rule's help: its `code` is kept, nothing else is.
pub(super) fn prose(paragraph: &str) -> String {
    if paragraph.matches('`').count() % 2 == 1 {
        return words(paragraph);
    }
    let mut text = String::new();
    for (at, part) in paragraph.split('`').enumerate() {
        let shown = if at % 2 == 1 { code(part) } else { words(part) };
        // The text is put on one line, and loses the spaces at its ends.
        let space = |there| if there { " " } else { "" };
        let inner = at % 2 == 0;
        text.push_str(space(inner && at > 0 && part.starts_with(' ')));
        text.push_str(&shown);
        text.push_str(space(inner && part.len() > 1 && part.ends_with(' ')));
    }
    text
}

/// Commands as a block of code, which none of them can end.
pub(super) fn fenced(commands: &[&str]) -> String {
    let indent = |command: &&str| command.len() - command.trim_start().len();
    let filled = commands.iter().filter(|command| !command.is_empty());
    let common = filled.map(indent).min().unwrap_or(0);
    let lines: Vec<_> = commands
        .iter()
        .map(|command| printable(command.get(common..).unwrap_or_default()))
        .collect();
    let text = lines.join("\n");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}sh\n{text}\n{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_nothing() {
        assert_eq!(words("a|b\n<i>`c`"), "a&#124;b &lt;i&gt;&#96;c&#96;");
        assert_eq!(words("see https://a.b"), "see https&#58;//a.b");
        assert_eq!(words("- x"), "&#45; x");
        assert_eq!(words("12. x"), "&#49;2. x");
        assert_eq!(words("12 x"), "12 x");
        assert_eq!(words(&"x".repeat(1001)).chars().last(), Some('…'));
        assert_eq!(words("x\u{202e}\u{1b}"), "x\u{fffd}\u{fffd}");
    }

    #[test]
    fn the_code_of_a_help_text_is_kept() {
        assert_eq!(
            prose("Run `a|b` and `c`, then <d>."),
            "Run <code>a&#124;b</code> and <code>c</code>, then &lt;d&gt;."
        );
        assert_eq!(prose("one ` tick"), "one &#96; tick");
    }

    #[test]
    fn no_command_ends_its_block() {
        assert_eq!(fenced(&["a", "````"]), "`````sh\na\n````\n`````\n");
        assert_eq!(fenced(&["  a", "", "   b"]), "```sh\na\n\n b\n```\n");
    }
}
