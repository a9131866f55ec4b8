//! Types, methods and members of PowerShell: `[type]::method(…)`, `$x.member`.

use super::super::{Command, Piece, Redirect, Statement, Stream, Word};
use super::expression::formatted;
use super::{Parser, WRITE, plain, push};

impl Parser<'_> {
    fn one_operand(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.operand(&mut pieces);
        pieces
    }

    /// `[Convert]::ToBase64String(…)`, `[string]$x`, `[void]$x`.
    pub(super) fn typed(&mut self, pieces: &mut Vec<Piece>) {
        let start = self.at;
        self.skip_balanced('[', ']');
        let of_type = self.text[start..self.at].to_ascii_lowercase();
        if !self.eat("::") {
            if of_type == "[void]" {
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
    pub(super) fn members(&mut self, pieces: &mut Vec<Piece>) {
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
}

/// A value that is not written.
pub(super) fn discarded(word: Word) -> Statement {
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
