//! The values of words.

use super::super::super::shell::{Piece, Statement, Word};
use super::super::name::Dialect;
use super::super::value::{
    OUTPUT, Supply, Value, clean, id, key, keys, says_key, unknown, unknowns,
};
use super::super::world::What;
use super::{FILLER, HOLE, LENGTH, Machine, table};

impl Machine<'_> {
    /// The value of a word.
    pub(super) fn word(&mut self, word: &Word) -> Value {
        let mut value = Value::new();
        for piece in &word.pieces {
            self.go_to(&word.span);
            value += &self.piece(piece);
        }
        self.world.charge(value.len());
        limited(value)
    }

    pub(super) fn piece(&mut self, piece: &Piece) -> Value {
        match piece {
            Piece::Text(text) => self.fill(text),
            Piece::Variable(name) | Piece::Splat(name) => self.variable(name),
            Piece::Part(name) => {
                let value = self.variable(name);
                self.alter(&value)
            }
            Piece::Default(name, other) => {
                let known = self.vars.get(variable_name(name)).cloned();
                match known.filter(|value| !value.is_empty()) {
                    Some(value) => value,
                    None => match self.word(other) {
                        other if other.is_empty() => self.variable(name),
                        other => other,
                    },
                }
            }
            Piece::Output(statements) => {
                self.captured += 1;
                let chunks = self.body(statements, &[]);
                self.captured -= 1;
                let texts: Vec<&str> = chunks.iter().map(|chunk| chunk.text.as_str()).collect();
                match texts.join("\n").trim_end() {
                    "" => self.output_of(statements),
                    text => text.to_owned(),
                }
            }
            Piece::Field(of, path) => {
                let value = self.piece(of);
                let place = self.here();
                if let Some(address) = table::address(&value, path) {
                    return address;
                }
                match (table::entry(&value, path), unknowns(&value).next()) {
                    (Some(entry), _) => entry,
                    (None, Some(name)) if keys(&value).next().is_none() => {
                        unknown(&format!("{name}{path}"))
                    }
                    _ => self.select(&value, path, &place),
                }
            }
            Piece::Table(entries) => {
                let mut text = Value::new();
                for (name, value) in entries {
                    let name = self.word(name);
                    text += &table::line(&name, &self.word(value));
                }
                text
            }
            Piece::Unknown => unknown("something"),
        }
    }

    /// The words that a word of a command stands for: one, or those of a list.
    pub(super) fn words(&mut self, word: &Word) -> Vec<Value> {
        let value = self.word(word);
        let items = || value.split_whitespace().map(str::to_owned).collect();
        match word.pieces.as_slice() {
            [Piece::Splat(_)] => table::arguments(&value).unwrap_or_else(items),
            // A variable without quotes, or a list: flags for several commands.
            [Piece::Variable(_)] if value.starts_with('-') => items(),
            _ => vec![value],
        }
    }

    /// What is not known of a command's output: the same for the same command.
    fn output_of(&mut self, statements: &[Statement]) -> Value {
        let text = match statements {
            [Statement::Command(command)] => {
                let words = command.words.iter().map(Word::text);
                words
                    .collect::<Option<Vec<_>>>()
                    .unwrap_or_default()
                    .join(" ")
            }
            _ => String::new(),
        };
        let known = self.commands.iter().position(|known| *known == text);
        let number = known.unwrap_or_else(|| {
            self.commands.push(text);
            self.commands.len() - 1
        });
        unknown(&format!("{OUTPUT}{}", number + 1))
    }

    /// Text of a script, its placeholders filled.
    fn fill(&self, text: &str) -> Value {
        let Some(script) = &self.script else {
            return clean(text);
        };
        if script.holes.is_empty() || !text.contains(is_hole) {
            return clean(text);
        }
        let mut value = Value::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if !is_hole(c) {
                value.push(c);
                continue;
            }
            let number = u32::from(c) - HOLE;
            if let Some(filled) = script.holes.get(number as usize) {
                value += filled;
            }
            while chars.peek() == Some(&FILLER) {
                chars.next();
            }
        }
        value
    }

    /// The value of a variable.
    pub(in super::super) fn variable(&mut self, name: &str) -> Value {
        let name = variable_name(name);
        if let Some(value) = self.vars.get(name) {
            return value.clone();
        }
        if let Some((array, index)) = name.strip_suffix(']').and_then(|name| name.split_once('['))
            && let Some(items) = self.vars.get(array)
        {
            let item = index
                .parse()
                .map(|index| items.split_whitespace().nth(index));
            return match (index, item) {
                ("@" | "*", _) => items.clone(),
                (_, Ok(Some(item))) => item.to_owned(),
                _ => unknown(name),
            };
        }
        // Only GitLab gives secrets to every script.
        if self.dialect == Dialect::Gitlab && (says_key(name) || self.world.sent.contains(name)) {
            let masked = self.masked.contains(name);
            let place = self.here();
            let id = self.world.named(Supply::Variable, name, masked, &place);
            if says_key(name) {
                self.world.event(What::Name, Some(id), &place);
            }
            return key(id).to_string();
        }
        unknown(name)
    }

    /// The value in another form: no mask of the platform knows it.
    fn alter(&mut self, value: &str) -> Value {
        value
            .chars()
            .map(|c| match id(c) {
                Some(id) => key(self.world.altered(id)),
                None => c,
            })
            .collect()
    }
}

pub(super) fn is_hole(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}')
}

/// A variable's name: PowerShell's environment is the environment.
pub(super) fn variable_name(name: &str) -> &str {
    let scope = name.split_once(':');
    match scope {
        Some((scope, rest))
            if ["env", "script", "global", "local"]
                .iter()
                .any(|s| scope.eq_ignore_ascii_case(s)) =>
        {
            rest
        }
        _ => name,
    }
}

pub(super) fn limited(mut value: Value) -> Value {
    if value.len() > LENGTH {
        let end = (0..=LENGTH).rev().find(|at| value.is_char_boundary(*at));
        value.truncate(end.unwrap_or(0));
    }
    value
}
