//! The arguments of a command.

use super::super::value::{Place, Value};

/// A word of a command.
pub(super) type Argument = (Value, Place);

/// The arguments of a command: flags with their values, and what is none.
pub(super) struct Arguments<'c> {
    words: &'c [Argument],
}

impl<'c> Arguments<'c> {
    pub(super) fn of(words: &'c [Argument]) -> Self {
        Self { words }
    }

    /// The value of a flag, in any of its spellings: `-n x`, `--name x`,
    /// `--name=x`, `-ox`; PowerShell's are whole words, in any case.
    pub(super) fn value(&self, names: &[&str]) -> Option<&'c str> {
        self.find(names).map(|(value, _)| value)
    }

    /// The same, with the place of the flag.
    pub(super) fn find(&self, names: &[&str]) -> Option<(&'c str, &'c Place)> {
        self.all(names).next()
    }

    pub(super) fn all(&self, names: &[&str]) -> impl Iterator<Item = (&'c str, &'c Place)> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        self.words
            .iter()
            .enumerate()
            .filter_map(move |(at, (word, place))| {
                for name in &names {
                    if word.eq_ignore_ascii_case(name) && (name.len() > 2 || word == name) {
                        return Some((self.words.get(at + 1)?.0.as_str(), place));
                    }
                    let Some(rest) = word.strip_prefix(name.as_str()) else {
                        continue;
                    };
                    let long = name.starts_with("--");
                    if let Some(value) = rest.strip_prefix(['=', ':']).filter(|_| name.len() > 2) {
                        return Some((value, place));
                    }
                    if !long && name.len() == 2 && !rest.is_empty() && !rest.starts_with('-') {
                        return Some((rest.trim_start_matches('='), place));
                    }
                }
                None
            })
    }

    /// Whether a flag is there.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.words.iter().any(|(word, _)| {
            names
                .iter()
                .any(|name| word == name || (name.len() > 2 && word.eq_ignore_ascii_case(name)))
        })
    }

    /// Whether a letter is among those of a short flag: `-v` in `-sv`.
    pub(super) fn has_letter(&self, letter: char, taking: &str) -> bool {
        self.words.iter().any(|(word, _)| {
            let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else {
                return false;
            };
            // What stands behind a letter that takes a value is that value.
            let end = letters
                .find(|c| taking.contains(c))
                .unwrap_or(letters.len());
            letters[..end].contains(letter)
        })
    }

    /// The words before the first flag.
    pub(super) fn leading(&self) -> Vec<&'c str> {
        let words = self.words.iter().map(|(word, _)| word.as_str());
        words.take_while(|word| !word.starts_with('-')).collect()
    }
}
