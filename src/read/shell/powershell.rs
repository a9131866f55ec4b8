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

use std::ops::Range;

use super::{Assign, Command, Group, LONGEST, Piece, Redirect, Statement, Stream, Word};

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
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    /// Blanks, comments and continued lines; line ends where they mean nothing.
    fn skip(&mut self, line_ends: bool) {
        loop {
            if self.eat("`\n") || self.eat("`\r\n") {
                continue;
            }
            if self.rest().starts_with("<#") {
                let end = self
                    .rest()
                    .find("#>")
                    .map_or(self.text.len(), |end| self.at + end + 2);
                self.at = end;
                continue;
            }
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\n') if line_ends => self.at += 1,
                Some('#') => {
                    let end = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.at += end;
                }
                _ => return,
            }
        }
    }

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

    fn word_ahead(&self) -> &str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        &rest[..end]
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
        let statement = self.pipeline();
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

    fn skip_balanced(&mut self, open: char, close: char) {
        let mut depth = 0;
        while let Some(c) = self.bump() {
            if c == open {
                depth += 1;
            } else if c == close {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            } else if c == '\'' || c == '"' {
                while self.bump().is_some_and(|inner| inner != c) {}
            }
        }
    }

    /// `$x = …` and its kin.
    fn assignment(&mut self) -> Option<Statement> {
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
        } else if self.rest().to_ascii_lowercase().starts_with(".add(") {
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
    fn value(&mut self) -> Word {
        let start = self.at;
        if self.begins_expression() {
            let word = self.expression();
            self.skip(false);
            if self.peek() != Some('|') {
                return word;
            }
            self.at = start;
        }
        let statements: Vec<Statement> = self.pipeline().into_iter().collect();
        Word {
            pieces: vec![Piece::Output(statements)],
            span: start..self.at,
        }
    }

    fn begins_expression(&self) -> bool {
        matches!(
            self.peek(),
            Some('$' | '"' | '\'' | '(' | '@' | '[' | '0'..='9')
        )
    }

    /// Commands with `|` between them.
    fn pipeline(&mut self) -> Option<Statement> {
        let mut stages = Vec::new();
        loop {
            self.skip(false);
            let before = self.at;
            stages.extend(self.stage());
            self.skip(false);
            if self.rest().starts_with("||") || self.rest().starts_with("&&") {
                self.at += 2;
                break;
            }
            if !self.eat("|") || self.at == before {
                break;
            }
            self.skip(true);
        }
        match stages.len() {
            0 | 1 => stages.pop(),
            _ => Some(Statement::Pipe(stages)),
        }
    }

    fn stage(&mut self) -> Option<Statement> {
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
        // `return $x` and `throw` are about what follows them.
        let words = match words[0].text().as_deref() {
            Some("return") if words.len() > 1 => {
                let mut words = words;
                words[0] = plain(WRITE, start..start);
                words
            }
            _ => words,
        };
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

    /// One word of a command.
    fn argument(&mut self) -> Word {
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
    fn expression(&mut self) -> Word {
        let start = self.at;
        let mut pieces = Vec::new();
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
                .find(|operator| self.rest().starts_with(**operator));
            match next {
                Some(operator) => self.at += operator.len(),
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
                        let mut rest = Vec::new();
                        self.skip(false);
                        self.operand(&mut rest);
                        pieces.clear();
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
            pieces,
            span: start..self.at,
        }
    }

    fn operand(&mut self, pieces: &mut Vec<Piece>) {
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
                // A splatted table.
                self.bump();
                let name = self.name();
                pieces.push(Piece::Variable(name));
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

    /// `[Convert]::ToBase64String(…)`, `[string]$x`.
    fn typed(&mut self, pieces: &mut Vec<Piece>) {
        let start = self.at;
        self.skip_balanced('[', ']');
        if !self.eat("::") {
            if self.at > start {
                self.operand(pieces);
            }
            return;
        }
        let mut method = self.name().to_ascii_lowercase();
        // `[Text.Encoding]::UTF8.GetBytes(…)`
        while self.eat(".") {
            method = self.name().to_ascii_lowercase();
        }
        let mut inner = Vec::new();
        if self.eat("(") {
            while self.peek().is_some_and(|c| c != ')') {
                let before = self.at;
                let word = self.expression();
                inner.extend(word.pieces);
                self.skip(true);
                self.eat(",");
                if self.at == before {
                    self.bump();
                }
            }
            self.eat(")");
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
                self.skip_balanced('(', ')');
                let lower = member.to_ascii_lowercase();
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
    fn table(&mut self) -> Piece {
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

    /// A name, with its scope; not of the environment it is in small letters,
    /// since PowerShell tells no letters apart.
    fn name(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.bump();
        }
        let scope = self.text[start..self.at].to_ascii_lowercase();
        let scopes = ["env", "script", "global", "local", "using"];
        if scopes.contains(&scope.as_str()) && self.peek() == Some(':') {
            self.bump();
            while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                self.bump();
            }
        }
        scoped(&self.text[start..self.at])
    }
}

/// What an expression that stands alone does.
const WRITE: &str = "Write-Output";

fn scoped(name: &str) -> String {
    match name.split_once(':') {
        Some((scope, name)) if scope.eq_ignore_ascii_case("env") => format!("env:{name}"),
        Some((_, name)) => name.to_ascii_lowercase(),
        None => name.to_ascii_lowercase(),
    }
}

fn plain(text: &str, span: Range<usize>) -> Word {
    Word {
        pieces: vec![Piece::Text(text.to_owned())],
        span,
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
mod tests {
    use super::*;

    fn said(script: &str) -> String {
        parse(script).iter().map(say).collect::<Vec<_>>().join("; ")
    }

    fn say(statement: &Statement) -> String {
        match statement {
            Statement::Command(command) => {
                let words = command.words.iter().map(word);
                let redirects = command.redirects.iter();
                let redirects = redirects.map(|r| format!("{:?}:{}", r.stream, word(&r.target)));
                words.chain(redirects).collect::<Vec<_>>().join(" ")
            }
            Statement::Pipe(stages) => stages.iter().map(say).collect::<Vec<_>>().join(" | "),
            Statement::Assign(assign) => {
                let sign = if assign.append { "+=" } else { ":=" };
                format!("{} {sign} {}", assign.name, word(&assign.value))
            }
            Statement::Group(group) => {
                let body: Vec<_> = group.body.iter().map(say).collect();
                format!("{{{}}}", body.join("; "))
            }
            Statement::Function(name, body) => {
                let body: Vec<_> = body.iter().map(say).collect();
                format!("{name}() {{{}}}", body.join("; "))
            }
        }
    }

    fn word(word: &Word) -> String {
        word.pieces.iter().map(piece).collect()
    }

    fn piece(piece: &Piece) -> String {
        match piece {
            Piece::Text(text) => text.replace('\n', "⏎"),
            Piece::Variable(name) => format!("⟨{name}⟩"),
            Piece::Part(name) => format!("⟨part of {name}⟩"),
            Piece::Output(body) => {
                format!("⟨{}⟩", body.iter().map(say).collect::<Vec<_>>().join("; "))
            }
            Piece::Field(of, path) => format!("{}{path}", self::piece(of)),
            Piece::Table(entries) => {
                let entries = entries
                    .iter()
                    .map(|(k, v)| format!("{}={}", word(k), word(v)));
                format!("@({})", entries.collect::<Vec<_>>().join(","))
            }
            _ => "⟨?⟩".to_owned(),
        }
    }

    #[test]
    fn reads_its_forms() {
        for (script, expected) in [
            (
                "az functionapp keys list -n $App -g 'rg'",
                "az functionapp keys list -n ⟨app⟩ -g rg",
            ),
            ("$key = az x `\n  -o tsv", "key := ⟨az x -o tsv⟩"),
            (
                "$k = (Invoke-AzResourceAction -Action listkeys).masterKey",
                "k := ⟨Invoke-AzResourceAction -Action listkeys⟩.masterKey",
            ),
            (
                "$k = (az x | ConvertFrom-Json).functionKeys.default",
                "k := ⟨az x | ConvertFrom-Json⟩.functionKeys.default",
            ),
            ("$k = $keys.functionKeys['a']", "k := ⟨keys⟩.functionKeys.a"),
            (
                "Write-Host \"key: $k and $($k.x)\"",
                "Write-Host key: ⟨k⟩ and ⟨Write-Output ⟨k⟩.x⟩",
            ),
            (
                "Invoke-RestMethod -Uri \"https://a/b?code=$key\" -Headers @{ 'x-functions-key' = $key }",
                "Invoke-RestMethod -Uri https://a/b?code=⟨key⟩ -Headers @(x-functions-key=⟨key⟩)",
            ),
            (
                "$h = @{\n  'x-functions-key' = $key\n  a = 1\n}",
                "h := @(x-functions-key=⟨key⟩,a=1)",
            ),
            (
                "$h['x-functions-key'] = $key",
                "h += @(x-functions-key=⟨key⟩)",
            ),
            (
                "$h.Add('x-functions-key', $key)",
                "h += @(x-functions-key=⟨key⟩)",
            ),
            ("$env:KEY = $k", "env:KEY := ⟨k⟩"),
            (
                "\"K=$k\" >> $env:GITHUB_OUTPUT",
                "Write-Output K=⟨k⟩ Append:⟨env:GITHUB_OUTPUT⟩",
            ),
            (
                "$k | Out-File -FilePath $env:GITHUB_ENV -Append",
                "Write-Output ⟨k⟩ | Out-File -FilePath ⟨env:GITHUB_ENV⟩ -Append",
            ),
            ("$k.Substring(0, 4)", "Write-Output ⟨part of k⟩"),
            (
                "[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($k))",
                "Write-Output ⟨part of k⟩",
            ),
            ("if ($k -eq 'x') { a } else { b }", "{}; {a}; {b}"),
            ("foreach ($f in $fs) { az $f }", "{az ⟨f⟩}"),
            (
                "function Get-It { param($a) az x $a }\nGet-It 1",
                "Get-It() {az x ⟨a⟩}; Get-It 1",
            ),
            ("try { a } catch { b }", "{a}; {b}"),
            ("a | Out-Null; b > $null", "a | Out-Null; b Output:$null"),
            ("[string]$x = 'a'", "x := a"),
        ] {
            assert_eq!(said(script), expected, "{script}");
        }
    }

    #[test]
    fn ends_whatever_it_reads() {
        for open in [
            "(", "{", "@{", "$(", "\"$(", "[", "if (", "'", "@\"", "$x = ",
        ] {
            let _ = parse(&open.repeat(20_000));
        }
    }
}
