//! Words and expressions of PowerShell: what gives a value.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::{Piece, Word};
use super::member::discarded;
use super::{DEPTH, Parser, push, scoped, text};

impl Parser<'_> {
    /// One word of a command.
    pub(super) fn argument(&mut self) -> Word {
        let start = self.at;
        let mut pieces = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' | '\r' | ';' | '|' | ')' | '}' | ',' => break,
                '`' => {
                    if self.rest().starts_with("`\n") || self.rest().starts_with("`\r\n") {
                        break;
                    }
                    self.bump();
                    if let Some(c) = self.bump() {
                        text(&mut pieces, c);
                    }
                }
                '$' | '"' | '\'' | '(' | '@' | '{' => self.operand(&mut pieces),
                c => {
                    self.bump();
                    text(&mut pieces, c);
                }
            }
        }
        Word {
            pieces,
            span: start..self.at,
        }
    }

    /// Operands with `+`, `-f`, `??` and the like between them.
    pub(super) fn expression(&mut self) -> Word {
        self.operation(true)
    }

    /// The same, where a comma may part it from the next argument of a method.
    pub(super) fn operation(&mut self, list: bool) -> Word {
        let start = self.at;
        let mut pieces = Vec::new();
        // Behind `-f`: where the items begin.
        let mut items: Vec<usize> = Vec::new();
        loop {
            self.skip(false);
            let before = self.at;
            self.operand(&mut pieces);
            if self.at == before {
                break;
            }
            let end = self.at;
            self.skip(false);
            let operators = ["+", "-f ", "-join ", "??", "-replace ", ","];
            let next = operators
                .iter()
                .find(|operator| self.rest().starts_with(**operator))
                .filter(|operator| list || **operator != ",");
            match next {
                Some(operator) => {
                    self.at += operator.len();
                    match *operator {
                        "-f " => items = vec![pieces.len()],
                        "," if !items.is_empty() => {
                            items.push(pieces.len());
                            self.skip(true);
                        }
                        // Items are words, as in a list of another shell.
                        "," => {
                            push(&mut pieces, " ");
                            self.skip(true);
                        }
                        _ => {}
                    }
                }
                None if self.rest().starts_with('-') => {
                    // A comparison: yes or no.
                    let ahead: String = self.rest()[1..]
                        .chars()
                        .take_while(char::is_ascii_alphabetic)
                        .collect();
                    let compares = [
                        "eq", "ne", "like", "match", "notmatch", "gt", "lt", "ge", "le", "in",
                        "contains", "and", "or", "not", "is", "notlike", "notin",
                    ];
                    if compares.contains(&ahead.to_ascii_lowercase().as_str()) {
                        self.at += 1 + ahead.len();
                        self.skip(false);
                        self.operand(&mut pieces);
                        pieces = compared(pieces, start..self.at);
                    } else {
                        self.at = end;
                    }
                    break;
                }
                None => {
                    self.at = end;
                    break;
                }
            }
        }
        Word {
            pieces: formatted(pieces, &items),
            span: start..self.at,
        }
    }

    pub(super) fn operand(&mut self, pieces: &mut Vec<Piece>) {
        self.depth += 1;
        if self.depth > DEPTH {
            self.at = self.text.len();
            self.depth -= 1;
            return;
        }
        match self.peek() {
            Some('\'') => {
                self.bump();
                let mut value = String::new();
                while let Some(c) = self.bump() {
                    if c == '\'' && !self.eat("'") {
                        break;
                    }
                    value.push(c);
                }
                push(pieces, &value);
            }
            Some('"') => {
                self.bump();
                self.interpolated("\"", pieces);
                self.members(pieces);
            }
            Some('@') if self.rest().starts_with("@'") => {
                self.at += 2;
                let end = self.rest().find("\n'@").unwrap_or(self.rest().len());
                let value = self.rest()[..end]
                    .trim_start_matches(['\r', '\n'])
                    .to_owned();
                self.at = (self.at + end + 3).min(self.text.len());
                push(pieces, &value);
            }
            Some('@') if self.rest().starts_with("@\"") => {
                self.at += 2;
                self.interpolated("\n\"@", pieces);
            }
            Some('@') if self.rest().starts_with("@{") => {
                self.at += 2;
                let table = self.table();
                pieces.push(table);
            }
            Some('@') if self.rest().starts_with("@(") => {
                self.bump();
                self.bump();
                let body = self.statements(Some(')'));
                pieces.push(Piece::Output(body));
                self.members(pieces);
            }
            Some('@') => {
                self.bump();
                let name = self.name();
                pieces.push(Piece::Splat(name));
            }
            Some('(') => {
                self.bump();
                let body = self.statements(Some(')'));
                pieces.push(Piece::Output(body));
                self.members(pieces);
            }
            Some('$') if self.rest().starts_with("$(") => {
                self.at += 2;
                let body = self.statements(Some(')'));
                pieces.push(Piece::Output(body));
                self.members(pieces);
            }
            Some('$') => {
                self.bump();
                let name = match self.eat("{") {
                    true => {
                        let end = self.rest().find('}').unwrap_or(self.rest().len());
                        let name = self.rest()[..end].to_owned();
                        self.at = (self.at + end + 1).min(self.text.len());
                        scoped(&name)
                    }
                    false => self.name(),
                };
                if !name.is_empty() {
                    pieces.push(Piece::Variable(name));
                    self.members(pieces);
                }
            }
            Some('{') => {
                self.bump();
                let body = self.statements(Some('}'));
                pieces.push(Piece::Output(body));
            }
            Some('[') => self.typed(pieces),
            Some(c) if c.is_alphanumeric() || c == '-' => {
                while let Some(c) = self
                    .peek()
                    .filter(|c| c.is_alphanumeric() || "-_.".contains(*c))
                {
                    self.bump();
                    text(pieces, c);
                }
            }
            _ => {}
        }
        self.depth -= 1;
    }

    /// `@{ name = value; … }`, without its beginning.
    pub(super) fn table(&mut self) -> Piece {
        let mut entries = Vec::new();
        loop {
            self.skip(true);
            match self.peek() {
                None => break,
                Some('}') => {
                    self.bump();
                    break;
                }
                Some(';') => {
                    self.bump();
                    continue;
                }
                _ => {}
            }
            let before = self.at;
            let mut pieces = Vec::new();
            self.operand(&mut pieces);
            let name = Word {
                pieces,
                span: before..self.at,
            };
            self.skip(true);
            if self.eat("=") {
                self.skip(true);
                let value = self.value();
                entries.push((name, value));
            }
            if self.at == before {
                self.bump();
            }
        }
        Piece::Table(entries)
    }

    /// Text with variables in it, up to where it ends.
    fn interpolated(&mut self, close: &str, pieces: &mut Vec<Piece>) {
        let line = close.len() > 1;
        if line {
            self.eat("\r");
            self.eat("\n");
        }
        let mut value = Vec::new();
        while !self.rest().is_empty() && !self.eat(close) {
            match self.peek() {
                Some('`') if !line => {
                    self.bump();
                    match self.bump() {
                        Some('n') => text(&mut value, '\n'),
                        Some(c) => text(&mut value, c),
                        None => {}
                    }
                }
                Some('"') if !line && self.rest().starts_with("\"\"") => {
                    self.at += 2;
                    text(&mut value, '"');
                }
                Some('$') if self.rest().starts_with("$(") => {
                    self.at += 2;
                    let body = self.statements(Some(')'));
                    value.push(Piece::Output(body));
                }
                Some('$')
                    if self.rest()[1..]
                        .starts_with(|c: char| c.is_alphabetic() || "_{".contains(c)) =>
                {
                    self.bump();
                    let name = match self.eat("{") {
                        true => {
                            let end = self.rest().find('}').unwrap_or(self.rest().len());
                            let name = self.rest()[..end].to_owned();
                            self.at = (self.at + end + 1).min(self.text.len());
                            scoped(&name)
                        }
                        // A colon is the scope's, or the text's.
                        false => self.name(),
                    };
                    value.push(Piece::Variable(name));
                }
                _ => {
                    if let Some(c) = self.bump() {
                        text(&mut value, c);
                    }
                }
            }
        }
        pieces.extend(value);
    }
}

/// A comparison is yes or no, but the commands in it run.
fn compared(pieces: Vec<Piece>, span: Range<usize>) -> Vec<Piece> {
    fn runs(piece: &Piece) -> bool {
        match piece {
            Piece::Output(_) => true,
            Piece::Field(of, _) => runs(of),
            _ => false,
        }
    }
    let pieces: Vec<Piece> = pieces.into_iter().filter(runs).collect();
    match pieces.is_empty() {
        true => pieces,
        false => vec![Piece::Output(vec![discarded(Word { pieces, span })])],
    }
}

/// Pieces and letters of what `-f` makes, at most.
const FORMATTED: usize = 4_000;

/// How long a piece is; none where it has commands, which may have what `-f`
/// makes in them in their turn, and so on.
fn size(piece: &Piece) -> Option<usize> {
    match piece {
        Piece::Text(text) => Some(text.len()),
        Piece::Variable(_) | Piece::Part(_) | Piece::Splat(_) | Piece::Unknown => Some(1),
        Piece::Field(of, _) => size(of),
        _ => None,
    }
}

/// What `-f` makes of a format and its items, which begin at these pieces; as
/// they are where it is no plain format.
pub(super) fn formatted(pieces: Vec<Piece>, items: &[usize]) -> Vec<Piece> {
    let format = items.first().map(|first| &pieces[..*first]);
    let Some([Piece::Text(format)]) = format else {
        return pieces;
    };
    let mut made = Vec::new();
    let mut used = BTreeSet::new();
    let mut rest = format.as_str();
    while let Some(at) = rest.find('{') {
        push(&mut made, &rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('{') {
            push(&mut made, "{");
            rest = behind;
            continue;
        }
        let end = rest.find('}').unwrap_or(rest.len());
        // `{0}`, `{0:d2}`, `{0,8}`
        let number = rest[..end].split([':', ',']).next().unwrap_or_default();
        let item = number.trim().parse().ok();
        match item.and_then(|item: usize| Some((*items.get(item)?, items.get(item + 1)))) {
            Some((start, next)) => {
                let item = &pieces[start..next.copied().unwrap_or(pieces.len())];
                // What has commands in it is there once.
                match used.insert(start) || item.iter().all(|piece| size(piece).is_some()) {
                    true => made.extend_from_slice(item),
                    false => made.push(Piece::Unknown),
                }
            }
            None => made.push(Piece::Unknown),
        }
        rest = rest.get(end + 1..).unwrap_or_default();
        if made.iter().filter_map(size).sum::<usize>() > FORMATTED {
            return vec![Piece::Unknown];
        }
    }
    push(&mut made, &rest.replace("}}", "}"));
    made
}
