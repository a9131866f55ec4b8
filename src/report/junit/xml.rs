//! Text in XML 1.0.
//!
//! Written here and not by a library: what is needed is six lines, and what
//! libraries leave out is the rest. Most control characters cannot stand in
//! XML 1.0 in any spelling, and one of them makes the whole report unreadable.

use crate::excerpt::is_deceptive;

/// The text between two tags.
pub(super) fn content(text: &str) -> String {
    escaped(text, false)
}

/// The text of an attribute in double quotes.
pub(super) fn attribute(text: &str) -> String {
    escaped(text, true)
}

fn escaped(text: &str, attribute: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // `]]>` may not stand in text.
            '>' => escaped.push_str("&gt;"),
            '"' if attribute => escaped.push_str("&quot;"),
            // A parser makes a space of them in an attribute, and a line feed
            // of a carriage return anywhere.
            '\t' | '\n' if attribute => escaped.push_str(&format!("&#{};", u32::from(c))),
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(c),
            c if is_deceptive(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('\u{fffd}');
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_xml_has_is_written() {
        let text = "a<b>&\"'\t\n\r\u{0}\u{b}\u{1b}\u{7f}\u{85}\u{202e}\u{fffe}\u{ffff}页😀]]>";
        let shown = "a&lt;b&gt;&amp;\"'\t\n&#13;\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}页😀]]&gt;";
        assert_eq!(content(text), shown);
        assert_eq!(attribute("\"\t\n"), "&quot;&#9;&#10;");
    }
}
