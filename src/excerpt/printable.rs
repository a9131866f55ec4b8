//! Characters that make a text read otherwise than it is: every report keeps
//! them from the eye, and this is the one place that says which they are.

/// The text with `\u{fffd}` for every character that [`is_deceptive`], and a
/// space for a tab.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(printable_char).collect()
}

pub(super) fn printable_char(c: char) -> char {
    match c {
        '\t' => ' ',
        c if is_deceptive(c) => '\u{fffd}',
        c => c,
    }
}

/// Whether a character has no shape of its own and changes what is around it:
/// a control character of ASCII or of C1, which a terminal obeys; one that
/// turns the direction of a line; one that is not seen at all.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_shown_as_such() {
        let text = "a\tb\u{9b}31m\u{85}\u{202e}gpj.exe\u{e0041}\u{1b}";
        let shown = "a b\u{fffd}31m\u{fffd}\u{fffd}gpj.exe\u{fffd}\u{fffd}";
        assert_eq!(printable(text), shown);
    }

    #[test]
    fn writing_stays() {
        for text in ["größe/页.js", "ملف.txt", "👍🏽 e\u{301}"] {
            assert_eq!(printable(text), text);
        }
    }
}
