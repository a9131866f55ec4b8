//! Words and expressions of PowerShell: what gives a value.

use std::ops::Range;

use super::super::{Command, Piece, Redirect, Statement, Stream, Word};
use super::{DEPTH, Parser, WRITE, plain, push, scoped, text};

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
    fn operation(&mut self, list: bool) -> Word {
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

    fn one_operand(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.operand(&mut pieces);
        pieces
    }

    /// `[Convert]::ToBase64String(…)`, `[string]$x`, `[void]$x`.
    fn typed(&mut self, pieces: &mut Vec<Piece>) {
        let start = self.at;
        self.skip_balanced('[', ']');
        let of_type = self.text[start..self.at].to_ascii_lowercase();
        if !self.eat("::") {
            let void = self.text[start..self.at].eq_ignore_ascii_case("[void]");
            if void {
                let word = Word {
                    pieces: self.one_operand(),
                    span: start..self.at,
                };
                pieces.push(Piece::Output(vec![discarded(word)]));
            } else if self.at > start {
                self.operand(pieces);
            }
            return;
        }
        let mut method = self.name().to_ascii_lowercase();
        // `[Text.Encoding]::UTF8.GetBytes(…)`
        while self.eat(".") {
            method = self.name().to_ascii_lowercase();
        }
        // `[UriBuilder]::new('https', $host, 443, 'api/x')`
        let signs: &[&str] = match of_type.rsplit(['[', '.']).next() {
            Some("uribuilder]") => &["://", ":", "/"],
            Some("uri]") => &[""],
            _ => &[],
        };
        let mut signs = signs.iter();
        let mut inner = Vec::new();
        let mut items = Vec::new();
        if self.eat("(") {
            while self.peek().is_some_and(|c| c != ')') {
                let before = self.at;
                let word = self.operation(false);
                inner.extend(word.pieces);
                self.skip(true);
                if self.eat(",") {
                    if method != "format" {
                        push(&mut inner, signs.next().unwrap_or(&" "));
                    }
                    items.push(inner.len());
                }
                if self.at == before {
                    self.bump();
                }
            }
            self.eat(")");
        }
        if method == "format" {
            inner = formatted(inner, &items);
        }
        if method == "newguid" {
            let words = vec![plain("new-guid", start..self.at)];
            inner.push(Piece::Output(vec![Statement::Command(Command {
                words,
                span: start..self.at,
                ..Command::default()
            })]));
        }
        // Names of what it is made of, in the other form.
        let alters = method.contains("base64") || method == "escapedatastring";
        for piece in inner {
            pieces.push(match piece {
                Piece::Variable(name) if alters => Piece::Part(name),
                other => other,
            });
        }
        self.members(pieces);
    }

    /// `.member`, `.Method(…)`, `['key']`, `[0..3]` behind an operand.
    fn members(&mut self, pieces: &mut Vec<Piece>) {
        let mut path = String::new();
        let mut part = false;
        loop {
            if self.peek() == Some('[') {
                let start = self.at;
                self.skip_balanced('[', ']');
                let inner = self.text[start + 1..self.at.max(start + 2) - 1].trim();
                match inner.starts_with(['\'', '"']) {
                    true => path = format!("{path}.{}", inner.trim_matches(['\'', '"'])),
                    false if inner.contains("..") => part = true,
                    false => {}
                }
                continue;
            }
            let rest = self.rest();
            let next = rest.strip_prefix("?.").or_else(|| rest.strip_prefix('.'));
            let Some(next) = next.filter(|next| {
                next.starts_with(|c: char| c.is_alphabetic() || "'\"_$(".contains(c))
            }) else {
                break;
            };
            self.at = self.text.len() - next.len();
            let quote = self.peek().filter(|c| matches!(c, '\'' | '"'));
            let member = match quote {
                Some(quote) => {
                    self.bump();
                    let end = self.rest().find(quote).unwrap_or(self.rest().len());
                    let member = self.rest()[..end].to_owned();
                    self.at = (self.at + end + 1).min(self.text.len());
                    member
                }
                None => {
                    self.eat("$");
                    let start = self.at;
                    self.name();
                    self.text[start..self.at].to_owned()
                }
            };
            if member.is_empty() {
                break;
            }
            if self.peek() == Some('(') {
                let start = self.at;
                self.skip_balanced('(', ')');
                let lower = member.to_ascii_lowercase();
                // Another day.
                if ["addyears", "addmonths", "adddays", "addhours"].contains(&lower.as_str()) {
                    path = format!("{path}.{member}{}", &self.text[start..self.at]);
                }
                part |= matches!(
                    lower.as_str(),
                    "substring" | "tochararray" | "remove" | "insert" | "split"
                );
                if lower == "getenumerator" {
                    path += ".keys";
                }
                continue;
            }
            const SAME: &[&str] = &["content", "trim", "properties", "tostring", "value", "body"];
            if !SAME.contains(&member.to_ascii_lowercase().as_str()) || member == "Keys" {
                path = format!("{path}.{member}");
            }
        }
        if let Some(last) = pieces.pop() {
            let last = match last {
                Piece::Variable(name) if part => Piece::Part(name),
                other => other,
            };
            pieces.push(match path.is_empty() {
                true => last,
                false => Piece::Field(Box::new(last), path),
            });
        }
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

/// A value that is not written.
fn discarded(word: Word) -> Statement {
    let start = word.span.start..word.span.start;
    Statement::Command(Command {
        redirects: vec![Redirect {
            stream: Stream::Output,
            target: plain("$null", start.clone()),
        }],
        span: word.span.clone(),
        words: vec![plain(WRITE, start), word],
        ..Command::default()
    })
}

/// What `-f` makes of a format and its items, which begin at these pieces; as
/// they are where it is no plain format.
fn formatted(pieces: Vec<Piece>, items: &[usize]) -> Vec<Piece> {
    let format = items.first().map(|first| &pieces[..*first]);
    let Some([Piece::Text(format)]) = format else {
        return pieces;
    };
    let mut made = Vec::new();
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
                let end = next.copied().unwrap_or(pieces.len());
                made.extend_from_slice(&pieces[start..end]);
            }
            None => made.push(Piece::Unknown),
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    push(&mut made, &rest.replace("}}", "}"));
    made
}
