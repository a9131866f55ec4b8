//! Lines that fit a terminal: colour, wrapping, cropping.

use anstyle::{AnsiColor, Effects};
use std::io::{self, Write};
use std::ops::Range;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::excerpt::printable;
use crate::finding::Severity;
use crate::report::Style;

/// Neither lines of three words nor lines that no eye follows.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=120;

/// Where the report is written to.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    style: Style,
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut dyn Write, style: Style) -> Self {
        let width = style.width.clamp(*WIDTHS.start(), *WIDTHS.end());
        Self {
            out,
            style: Style { width, ..style },
        }
    }

    /// Columns to use.
    pub(super) fn width(&self) -> usize {
        self.style.width
    }

    /// One line as it is.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// Text, wrapped and indented.
    pub(super) fn paragraph(&mut self, indent: &str, text: &str) -> io::Result<()> {
        let room = self.width().saturating_sub(indent.len());
        for line in wrap(text, room, room) {
            self.line(&format!("{indent}{line}"))?;
        }
        Ok(())
    }

    /// Text in a style, if the page has colours.
    pub(super) fn paint(&self, style: anstyle::Style, text: &str) -> String {
        if self.style.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// What guides the eye and is not read.
    pub(super) fn faint(&self, text: &str) -> String {
        self.paint(Effects::DIMMED.into(), text)
    }

    /// What is read first.
    pub(super) fn bold(&self, text: &str) -> String {
        self.paint(Effects::BOLD.into(), text)
    }
}

/// The colour of a severity.
pub(super) fn of(severity: Severity) -> anstyle::Style {
    let colour = match severity {
        Severity::Critical => AnsiColor::Magenta,
        Severity::High => AnsiColor::Red,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::Cyan,
        Severity::Note => AnsiColor::Blue,
    };
    colour.on_default()
}

/// Columns that the text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The text in lines, the first of at most `first` columns, the others of at
/// most `rest`; a longer word has a line of its own.
pub(super) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let word = printable(word);
        let width = columns(&word);
        let room = if lines.is_empty() { first } else { rest };
        if !line.is_empty() && used + 1 + width > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if !line.is_empty() {
            line.push(' ');
            used += 1;
        }
        line.push_str(&word);
        used += width;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The line cropped to `room` columns, `key` and what is around it kept.
pub(super) fn fit(text: &str, key: Range<usize>, room: usize) -> (String, Range<usize>) {
    if columns(text) <= room {
        return (text.to_owned(), key);
    }
    let (before, after) = (&text[..key.start], &text[key.end..]);
    let shown = crop_end(&text[key], room / 2);
    let around = room - columns(shown);
    let half = around / 2;
    let (left, right) = match (columns(before), columns(after)) {
        (left, _) if left <= half => (left, around - left),
        (_, right) if right <= half => (around - right, right),
        _ => (half, around - half),
    };
    let mut line = String::new();
    if columns(before) > left {
        line.push('…');
        line.push_str(crop_start(before, left.saturating_sub(1)));
    } else {
        line.push_str(before);
    }
    let start = line.len();
    line.push_str(shown);
    let end = line.len();
    if columns(after) > right {
        line.push_str(crop_end(after, right.saturating_sub(1)));
        line.push('…');
    } else {
        line.push_str(after);
    }
    (line, start..end)
}

/// The beginning that takes at most `room` columns.
fn crop_end(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > room {
            return &text[..at];
        }
    }
    text
}

/// The end that takes at most `room` columns.
fn crop_start(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > room {
            return &text[at + c.len_utf8()..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wraps_words() {
        assert_eq!(wrap("one two three", 7, 5), ["one two", "three"]);
        assert_eq!(
            wrap("a incomprehensibilities b", 5, 5),
            ["a", "incomprehensibilities", "b"]
        );
        assert_eq!(wrap(" \n ", 5, 5), [""; 0]);
        assert_eq!(wrap("a\x1b[31mb", 50, 50), ["a\u{fffd}[31mb"]);
    }

    #[test]
    fn crops_around_the_key() {
        let (line, key) = fit("0123456789****abcdefghij", 10..14, 14);
        assert_eq!(line, "…6789****abcd…");
        assert_eq!(&line[key], "****");
        let (line, _) = fit("01****abcdefghijkl", 2..6, 12);
        assert_eq!(line, "01****abcde…");
    }

    proptest! {
        #[test]
        fn what_is_cropped_fits(
            before in "[a-z 页é]{0,60}",
            stars in 0_usize..80,
            after in "[a-z 页é]{0,60}",
            room in 20_usize..100,
        ) {
            let key = "*".repeat(stars);
            let text = format!("{before}{key}{after}");
            let (line, shown) = fit(&text, before.len()..before.len() + stars, room);
            prop_assert!(columns(&line) <= room);
            prop_assert!(line[shown].chars().all(|c| c == '*'));
        }
    }
}
