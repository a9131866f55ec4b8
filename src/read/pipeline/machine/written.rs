//! What commands write that write their words.

use super::super::value::{Place, Value};
use super::Chunk;
use super::arguments::Argument;

/// What `echo` writes.
pub(super) fn written(words: &[Argument], place: &Place) -> Chunk {
    let flags = ["-n", "-e", "-ne", "-en", "-E"];
    let words = words.iter().map(|(word, _)| word.as_str());
    let words: Vec<&str> = words.skip_while(|word| flags.contains(word)).collect();
    let values = words.iter().filter(|word| !is_cmdlet_flag(word));
    let text = values.copied().collect::<Vec<_>>().join(" ");
    Chunk {
        text: text.replace("\\n", "\n"),
        place: place.clone(),
    }
}

fn is_cmdlet_flag(word: &str) -> bool {
    [
        "-object",
        "-inputobject",
        "-message",
        "-foregroundcolor",
        "-nonewline",
        "-messagedata",
    ]
    .iter()
    .any(|flag| word.eq_ignore_ascii_case(flag))
}

/// What `printf` writes: its format, with the values in the places for them.
pub(super) fn formatted(words: &[Argument], place: &Place) -> Chunk {
    let mut words = words
        .iter()
        .map(|(word, _)| word.as_str())
        .skip_while(|word| *word == "--");
    let format = words.next().unwrap_or_default();
    let mut text = Value::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        text += &rest[..at];
        let end = rest[at + 1..].find(|c: char| c.is_ascii_alphabetic() || c == '%');
        let Some(end) = end.map(|end| at + 2 + end) else {
            break;
        };
        match &rest[at..end] {
            "%%" => text.push('%'),
            _ => text += words.next().unwrap_or_default(),
        }
        rest = &rest[end..];
    }
    text += rest;
    for word in words {
        text.push(' ');
        text += word;
    }
    Chunk {
        text: text.replace("\\n", "\n"),
        place: place.clone(),
    }
}
