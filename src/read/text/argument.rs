//! `az functionapp keys set … --key-value …`: a key as an argument.

use std::ops::Range;

use super::pattern::patterns;
use super::role::Position;
use crate::fact::Context;
use crate::key::KeyKind;

/// Bytes of a command that are looked at on either side of an argument.
const REACH: usize = 4096;

patterns! {
    KEY_VALUE = r#"(?-u)--key-value(?:\s+(?:[\\`]\r?\n\s*)?|=|["']\s*,\s*)(?P<quote>\\*["'])?(?P<value>[^\s"'`\\]+)"#;
    KEY_TYPE = r"(?i-u)--key-type[\s=]+(?P<type>\w+)";
}

/// Every value of `--key-value`.
pub(crate) fn arguments(text: &[u8]) -> Vec<(Range<usize>, Position)> {
    let mut found = Vec::new();
    let mut rest = None;
    let mut command = 0..0;
    for argument in KEY_VALUE.captures_iter(text) {
        let Some(value) = argument.name("value") else {
            continue;
        };
        let rest = rest.get_or_insert_with(|| Rest::of(text));
        if value.start() >= command.end {
            command = command_around(text, value.start());
        }
        let from = command.start.max(value.start().saturating_sub(REACH));
        let near = from..command.end.min(value.end() + REACH);
        if !rest.is_about_functions(&near) {
            continue;
        }
        let position = Position::functions(rest.kind(&near), Context::Setting)
            .named(b"--key-value")
            .certain();
        found.push((value.range(), position));
    }
    found
}

/// What else the commands of a text say, by its place.
struct Rest {
    functions: Vec<usize>,
    kinds: Vec<(usize, KeyKind)>,
}

impl Rest {
    fn of(text: &[u8]) -> Self {
        let kinds = KEY_TYPE.captures_iter(text).filter_map(|found| {
            let word = found.name("type")?;
            let kind = match word.as_bytes().to_ascii_lowercase().as_slice() {
                b"masterkey" => KeyKind::Master,
                b"systemkeys" => KeyKind::System,
                _ => KeyKind::Unknown,
            };
            Some((found.get(0)?.start(), kind))
        });
        Self {
            functions: memchr::memmem::find_iter(text, "functionapp").collect(),
            kinds: kinds.collect(),
        }
    }

    fn is_about_functions(&self, command: &Range<usize>) -> bool {
        let next = self.functions.partition_point(|at| *at < command.start);
        self.functions
            .get(next)
            .is_some_and(|at| command.contains(at))
    }

    fn kind(&self, command: &Range<usize>) -> KeyKind {
        let next = self.kinds.partition_point(|(at, _)| *at < command.start);
        match self.kinds.get(next) {
            Some((at, kind)) if command.contains(at) => *kind,
            _ => KeyKind::Unknown,
        }
    }
}

/// The command around a place: its line, with those that it is continued from
/// and on.
fn command_around(text: &[u8], at: usize) -> Range<usize> {
    let mut start = at;
    loop {
        let line = memchr::memrchr(b'\n', &text[..start]);
        start = line.unwrap_or(0);
        if start == 0 || !is_continued(&text[..start]) || at - start > REACH {
            break;
        }
    }
    let mut end = at;
    loop {
        end = memchr::memchr(b'\n', &text[end..]).map_or(text.len(), |len| end + len);
        if end == text.len() || !is_continued(&text[..end]) {
            break;
        }
        end += 1;
    }
    start..end
}

/// Whether a text ends with the mark that its last line goes on.
fn is_continued(text: &[u8]) -> bool {
    let end = text
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    end.is_some_and(|end| matches!(text[end], b'\\' | b'`' | b'^'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(&str, KeyKind)> {
        let found = arguments(text.as_bytes()).into_iter();
        found
            .map(|(span, position)| (&text[span], position.kind))
            .collect()
    }

    #[test]
    fn the_rest_of_the_command_says_what_the_key_opens() {
        let text = "az functionapp keys set \\\n  --key-type masterKey \\\n  --key-value one\n\
            az functionapp keys set --key-value two --key-type systemKeys\n\
            az functionapp keys set --key-value {{three}}\n\
            az keyvault set --key-value {{four}}\n";
        let expected = [
            ("one", KeyKind::Master),
            ("two", KeyKind::System),
            ("{{three}}", KeyKind::Unknown),
        ];
        assert_eq!(kinds(text), expected);
    }

    #[test]
    fn a_blank_line_continues_nothing() {
        assert_eq!(kinds("az functionapp \\\n\n --key-value one"), []);
        assert_eq!(kinds("az functionapp \\\r\n --key-value one").len(), 1);
        assert_eq!(kinds("az functionapp `  \n --key-value one").len(), 1);
    }
}
