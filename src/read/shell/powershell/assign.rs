//! Assignments of PowerShell.

use std::ops::Range;

use super::super::{Assign, Command, Piece, Statement, Word};
use super::{Parser, WRITE, plain};

impl Parser<'_> {
    /// `$x = …` and its kin.
    pub(super) fn assignment(&mut self) -> Option<Statement> {
        let start = self.at;
        while self.peek() == Some('[') && !self.rest().starts_with("[[") {
            let before = self.at;
            self.skip_balanced('[', ']');
            if self.rest().starts_with("::") {
                self.at = before;
                break;
            }
            self.skip(false);
        }
        if !self.eat("$") {
            self.at = start;
            return None;
        }
        let name = self.name();
        let mut entry = None;
        if self.peek() == Some('[') {
            self.bump();
            self.skip(false);
            let mut pieces = Vec::new();
            self.operand(&mut pieces);
            self.skip(false);
            self.eat("]");
            entry = Some(Word {
                pieces,
                span: start..self.at,
            });
        } else if self.begins_with(".add(") {
            self.at += ".add(".len();
            self.skip(true);
            let mut pieces = Vec::new();
            self.operand(&mut pieces);
            let key = Word {
                pieces,
                span: start..self.at,
            };
            self.skip(true);
            self.eat(",");
            let value = self.expression();
            self.skip(true);
            self.eat(")");
            return Some(entry_of(name, key, value, start..self.at));
        } else if self.peek() == Some('.') {
            let before = self.at;
            self.bump();
            let member = self.name();
            entry = Some(plain(&member, before..self.at));
        }
        self.skip(false);
        let append = self.rest().starts_with("+=");
        if !(append || (self.peek() == Some('=') && !self.rest().starts_with("==")))
            || name.is_empty()
        {
            self.at = start;
            return None;
        }
        self.at += if append { 2 } else { 1 };
        self.skip(true);
        let value = self.value();
        let span = start..self.at;
        Some(match entry {
            Some(key) => entry_of(name, key, value, span),
            None => Statement::Assign(Assign {
                name,
                value,
                append,
                span,
            }),
        })
    }

    /// The right side of an assignment: an expression, or what a command
    /// writes.
    pub(super) fn value(&mut self) -> Word {
        let start = self.at;
        let mut first = None;
        if self.begins_expression() {
            let word = self.expression();
            self.skip(false);
            if self.peek() != Some('|') {
                return word;
            }
            // What it was read as is kept: to read it anew would double the work
            // with every level.
            first = Some(Statement::Command(Command {
                words: vec![plain(WRITE, start..start), word],
                span: start..self.at,
                ..Command::default()
            }));
        }
        let statements: Vec<Statement> = self.pipeline(first).into_iter().collect();
        Word {
            pieces: vec![Piece::Output(statements)],
            span: start..self.at,
        }
    }
}

/// An entry of a table that a variable has.
fn entry_of(name: String, key: Word, value: Word, span: Range<usize>) -> Statement {
    Statement::Assign(Assign {
        name,
        value: Word {
            pieces: vec![Piece::Table(vec![(key, value)])],
            span: span.clone(),
        },
        append: true,
        span,
    })
}
