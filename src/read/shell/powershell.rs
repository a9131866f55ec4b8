//! PowerShell, as far as the forms that are listed here; there is no grammar of
//! it that a scanner could take along. Anything else is unknown.
//!
//! - commands with bare, `'single'` and `"double"` quoted words, here-strings,
//!   `` ` `` before a line end, `|`, `;`, `&`, `>` `>>` `2>` `*>`;
//! - `$x`, `${x}`, `$env:X`, `$(…)`, `(…)`, each with `.member`s and `['keys']`;
//! - `$x = …`, `$x += …`, `[type]$x = …`, `$x['name'] = …`, `$x.Add('name', …)`;
//! - `@{ name = …; … }`, `@( … )`, `'…' -f …`, `… + …`;
//! - `if`, `elseif`, `else`, `foreach`, `for`, `while`, `do`, `switch`, `try`,
//!   `catch`, `finally`, `function`, `{ … }`; of their conditions the commands.
//! - an expression that stands alone is written: `$x`, `"…"`, `(…).member`;
//! - `.Substring(…)`, `.ToCharArray()`, `[Convert]::ToBase64String(…)` and an
//!   index give a part of a value, or the value in another form.

mod assign;
mod cursor;
mod expression;
mod member;

use std::ops::Range;

use super::{Command, Group, LONGEST, Piece, Redirect, Statement, Stream, Word};
use cursor::scoped;

/// How deep statements lie in each other, at most.
const DEPTH: usize = 48;

/// The statements of a script, as far as they are understood.
#[must_use]
pub fn parse(script: &str) -> Vec<Statement> {
    if script.len() > LONGEST {
        return Vec::new();
    }
    let mut parser = Parser {
        text: script,
        at: 0,
        depth: 0,
    };
    parser.statements(None)
}

struct Parser<'s> {
    text: &'s str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    /// Statements up to a closing character, which is taken.
    fn statements(&mut self, close: Option<char>) -> Vec<Statement> {
        let mut all = Vec::new();
        self.depth += 1;
        loop {
            self.skip(true);
            match self.peek() {
                None => break,
                Some(c) if Some(c) == close => {
                    self.bump();
                    break;
                }
                Some(';' | ')' | '}' | ',') => {
                    self.bump();
                }
                Some(_) if self.depth > DEPTH => {
                    self.at = self.text.len();
                    break;
                }
                Some(_) => {
                    let before = self.at;
                    self.statement(&mut all);
                    if self.at == before {
                        self.bump();
                    }
                }
            }
        }
        self.depth -= 1;
        all
    }

    fn statement(&mut self, all: &mut Vec<Statement>) {
        let keyword = self.word_ahead().to_ascii_lowercase();
        let blocks = [
            "if", "elseif", "while", "for", "switch", "until", "else", "try", "catch", "finally",
            "do", "begin", "process", "end", "foreach",
        ];
        let next = self.text[self.at + keyword.len()..]
            .trim_start()
            .chars()
            .next();
        if blocks.contains(&keyword.as_str()) && matches!(next, Some('(' | '{' | '[')) {
            self.at += keyword.len();
            self.block(&keyword, all);
            return;
        }
        if keyword == "function" || keyword == "filter" {
            self.at += keyword.len();
            self.skip(true);
            let start = self.at;
            while self
                .peek()
                .is_some_and(|c| c.is_alphanumeric() || "-_:".contains(c))
            {
                self.bump();
            }
            let name = self.text[start..self.at].to_owned();
            let mut body = Vec::new();
            self.block("function", &mut body);
            all.push(Statement::Function(name, body));
            return;
        }
        if keyword == "param" && next == Some('(') {
            self.at += keyword.len();
            self.skip(true);
            self.skip_balanced('(', ')');
            return;
        }
        if self.peek() == Some('{') {
            self.bump();
            let body = self.statements(Some('}'));
            all.push(Statement::Group(Group {
                body,
                ..Group::default()
            }));
            return;
        }
        if let Some(assign) = self.assignment() {
            all.push(assign);
            return;
        }
        let statement = self.pipeline(None);
        all.extend(statement);
    }

    /// A keyword's condition and block.
    fn block(&mut self, keyword: &str, all: &mut Vec<Statement>) {
        self.skip(true);
        while self.peek() == Some('[') {
            self.skip_balanced('[', ']');
            self.skip(true);
        }
        let mut each = None;
        if self.peek() == Some('(') {
            self.bump();
            self.skip(true);
            let start = self.at;
            if keyword == "foreach" && self.eat("$") {
                let name = self.name();
                self.skip(true);
                if self.word_ahead().eq_ignore_ascii_case("in") {
                    self.at += 2;
                    let words = self.words(true);
                    each = Some((name.to_ascii_lowercase(), words.0));
                    self.skip(true);
                    self.eat(")");
                } else {
                    self.at = start;
                }
            }
            if each.is_none() {
                // What a condition runs is run; what it says is not written.
                let body = self.statements(Some(')'));
                let quiet = body.into_iter().filter(|statement| match statement {
                    Statement::Command(command) => {
                        command.words.first().and_then(Word::text).as_deref() != Some(WRITE)
                    }
                    _ => true,
                });
                let redirects = vec![Redirect {
                    stream: Stream::Output,
                    target: plain("$null", start..start),
                }];
                all.push(Statement::Group(Group {
                    body: quiet.collect(),
                    redirects,
                    ..Group::default()
                }));
            }
            self.skip(true);
        }
        if self.peek() == Some('{') {
            self.bump();
            let body = self.statements(Some('}'));
            match keyword {
                "function" => all.extend(body),
                _ => all.push(Statement::Group(Group {
                    body,
                    each,
                    ..Group::default()
                })),
            }
        }
    }

    fn begins_expression(&self) -> bool {
        matches!(
            self.peek(),
            Some('$' | '"' | '\'' | '(' | '@' | '[' | '0'..='9')
        )
    }

    /// Commands with `|` between them, of which the first may have been read.
    fn pipeline(&mut self, first: Option<Statement>) -> Option<Statement> {
        let mut stages: Vec<Statement> = first.into_iter().collect();
        if stages.is_empty() {
            self.skip(false);
            stages.extend(self.stage());
        }
        loop {
            self.skip(false);
            if self.rest().starts_with("||") || self.rest().starts_with("&&") {
                self.at += 2;
                break;
            }
            if !self.eat("|") {
                break;
            }
            self.skip(true);
            stages.extend(self.stage());
        }
        match stages.len() {
            0 | 1 => stages.pop(),
            _ => Some(Statement::Pipe(stages)),
        }
    }

    fn stage(&mut self) -> Option<Statement> {
        // What is returned is written, be it a value or what a command writes.
        if self.word_ahead().eq_ignore_ascii_case("return") {
            self.at += "return".len();
            self.skip(false);
        }
        let start = self.at;
        if self.begins_expression() {
            let word = self.expression();
            let (_, redirects) = self.words(false);
            return Some(Statement::Command(Command {
                words: vec![plain(WRITE, start..start), word],
                redirects,
                span: start..self.at,
                ..Command::default()
            }));
        }
        self.eat("&");
        self.skip(false);
        let (words, redirects) = self.words(false);
        if words.is_empty() {
            return None;
        }
        let end = words.last().map_or(self.at, |word| word.span.end);
        Some(Statement::Command(Command {
            words,
            redirects,
            span: start..end,
            ..Command::default()
        }))
    }

    /// The words of a command, up to where it ends.
    fn words(&mut self, in_brackets: bool) -> (Vec<Word>, Vec<Redirect>) {
        let mut words = Vec::new();
        let mut redirects = Vec::new();
        loop {
            self.skip(in_brackets);
            match self.peek() {
                None | Some('\n' | ';' | '|' | ')' | '}') => break,
                Some(',') => {
                    self.bump();
                    continue;
                }
                Some('&') if self.rest().starts_with("&&") => break,
                _ => {}
            }
            if let Some(redirect) = self.redirect() {
                redirects.push(redirect);
                continue;
            }
            let before = self.at;
            words.push(self.argument());
            if self.at == before {
                self.bump();
            }
        }
        (words, redirects)
    }

    fn redirect(&mut self) -> Option<Redirect> {
        let operators = [
            ("2>&1", None),
            ("*>&1", None),
            ("*>>", Some(Stream::Both)),
            ("*>", Some(Stream::Both)),
            ("2>>", Some(Stream::Errors)),
            ("2>", Some(Stream::Errors)),
            (">>", Some(Stream::Append)),
            (">", Some(Stream::Output)),
        ];
        let (operator, stream) = operators
            .into_iter()
            .find(|(operator, _)| self.rest().starts_with(operator))?;
        let start = self.at;
        self.at += operator.len();
        let Some(stream) = stream else {
            return Some(Redirect {
                stream: Stream::Errors,
                target: plain("&1", start..self.at),
            });
        };
        self.skip(false);
        let target = match self.eat("$null") {
            true => plain("$null", start..self.at),
            false => self.argument(),
        };
        Some(Redirect { stream, target })
    }
}

/// What an expression that stands alone does.
const WRITE: &str = "Write-Output";

fn plain(text: &str, span: Range<usize>) -> Word {
    Word {
        pieces: vec![Piece::Text(text.to_owned())],
        span,
    }
}

fn push(pieces: &mut Vec<Piece>, value: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(before)) => before.push_str(value),
        _ => pieces.push(Piece::Text(value.to_owned())),
    }
}

fn text(pieces: &mut Vec<Piece>, c: char) {
    push(pieces, c.encode_utf8(&mut [0; 4]));
}

#[cfg(test)]
mod tests;
