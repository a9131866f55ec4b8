//! Bicep as statements and expressions.

mod expression;

use std::ops::Range;

use super::super::SyntaxError;
use super::super::expression::{Expr, ExprKind};
use super::lexer::{Token, tokens};
use super::{Bicep, Statement, StatementKind};

/// How deeply expressions may be nested.
const DEPTH: usize = 128;

/// Problems of one document that are told.
const ERRORS: usize = 8;

pub(super) struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
    /// Resources that are declared in the body that is being read.
    nested: Vec<Statement>,
}

type Parsed<T> = Result<T, SyntaxError>;

/// A name, its place, and what is declared by it.
type Declared = (String, Range<usize>, StatementKind);

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            tokens: tokens(text),
            at: 0,
            depth: 0,
            nested: Vec::new(),
        }
    }

    pub(super) fn document(mut self) -> Bicep {
        let mut bicep = Bicep::default();
        loop {
            self.lines();
            if *self.peek() == Token::End {
                return bicep;
            }
            self.depth = 0;
            let nested = std::mem::take(&mut self.nested);
            match self.statement() {
                Ok(statement) => bicep.statements.extend(statement),
                Err(error) => {
                    if bicep.errors.len() < ERRORS {
                        bicep.errors.push(error);
                    }
                    self.skip_statement();
                }
            }
            self.nested = nested;
        }
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn span(&self) -> Range<usize> {
        self.tokens[self.at].1.clone()
    }

    /// The end of the token before.
    fn end(&self) -> usize {
        match self.at {
            0 => 0,
            at => self.tokens[at - 1].1.end,
        }
    }

    fn next(&mut self) {
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(other) if *other == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        if is {
            self.next();
        }
        is
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(self.error(&format!("expected '{sign}'"))),
        }
    }

    fn error(&self, problem: &str) -> SyntaxError {
        SyntaxError {
            at: self.span().start,
            problem: problem.to_owned(),
        }
    }

    fn word(&self) -> Option<&'t str> {
        matches!(self.peek(), Token::Word).then(|| &self.text[self.tokens[self.at].1.clone()])
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = self.word() == Some(word);
        if is {
            self.next();
        }
        is
    }

    fn lines(&mut self) {
        while *self.peek() == Token::Line {
            self.next();
        }
    }

    fn name(&mut self) -> Parsed<(String, Range<usize>)> {
        let Some(name) = self.word() else {
            return Err(self.error("expected a name"));
        };
        let span = self.span();
        self.next();
        Ok((name.to_owned(), span))
    }

    /// Goes to the next line on which a statement could begin: one that begins
    /// with a keyword at its very beginning.
    fn skip_statement(&mut self) {
        while *self.peek() != Token::End {
            let line = *self.peek() == Token::Line;
            self.next();
            let start = self.span().start;
            let first = start == 0 || self.text.as_bytes()[start - 1] == b'\n';
            if line && first && (self.is_keyword() || self.is("@")) {
                return;
            }
        }
    }

    fn is_keyword(&self) -> bool {
        matches!(
            self.word(),
            Some(
                "param"
                    | "var"
                    | "output"
                    | "resource"
                    | "module"
                    | "func"
                    | "type"
                    | "import"
                    | "targetScope"
                    | "metadata"
                    | "extension"
                    | "provider"
                    | "assert"
                    | "using"
                    | "test"
                    | "extends"
            )
        )
    }

    /// A statement; nothing for one that holds nothing to follow.
    fn statement(&mut self) -> Parsed<Option<Statement>> {
        let decorators = self.decorators()?;
        let start = self.span().start;
        let Some(keyword) = self.word().filter(|_| self.is_keyword()) else {
            return Err(self.error("expected a statement"));
        };
        self.next();
        let here = self.at;
        let declared = match keyword {
            // What is not read of these two is passed over as the others are.
            "func" => self.function().ok(),
            "using" => self.using().ok(),
            "param" | "var" | "output" | "resource" | "module" => Some(self.declaration(keyword)?),
            _ => None,
        };
        let Some((name, name_span, kind)) = declared else {
            self.at = here;
            self.rest_of_statement();
            return Ok(None);
        };
        if !matches!(self.peek(), Token::Line | Token::End) && !self.is("}") {
            return Err(self.error("expected the end of the line"));
        }
        Ok(Some(Statement {
            kind,
            name,
            name_span,
            decorators,
            span: start..self.end(),
        }))
    }

    fn declaration(&mut self, keyword: &str) -> Parsed<Declared> {
        let (name, name_span) = self.name()?;
        let kind = match keyword {
            "param" => StatementKind::Param {
                default: self.typed(true)?,
            },
            "output" => match self.typed(false)? {
                Some(value) => StatementKind::Output { value },
                None => return Err(self.error("expected '='")),
            },
            "var" => {
                self.typed_name();
                self.expect("=")?;
                StatementKind::Var {
                    value: self.value()?,
                }
            }
            "resource" => self.resource()?,
            _ => {
                let path = self.plain_string()?;
                self.expect("=")?;
                StatementKind::Module {
                    path,
                    body: self.value()?,
                }
            }
        };
        Ok((name, name_span, kind))
    }

    /// `using 'main.bicep'`, and what newer versions have after it.
    fn using(&mut self) -> Parsed<Declared> {
        let span = self.span();
        let path = self.plain_string()?;
        self.rest_of_statement();
        Ok((String::new(), span, StatementKind::Using { path }))
    }

    /// `func name(param type, …) type => body`
    fn function(&mut self) -> Parsed<Declared> {
        let (name, name_span) = self.name()?;
        let mut params = Vec::new();
        self.expect("(")?;
        loop {
            self.lines();
            if self.take(")") {
                break;
            }
            params.push(self.name()?.0);
            self.skip_type(&[",", ")"]);
            self.take(",");
        }
        self.skip_type(&["=>"]);
        self.expect("=>")?;
        let body = self.value()?;
        Ok((name, name_span, StatementKind::Function { params, body }))
    }

    /// Passes over a type, up to a sign or the end of the line.
    fn skip_type(&mut self, ends: &[&str]) {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Token::End => return,
                Token::Line if open == 0 => return,
                Token::Sign(sign) if open == 0 && ends.contains(sign) => return,
                Token::Sign("{" | "(" | "[" | "[?" | "<") => open += 1,
                Token::Sign("}" | ")" | "]" | ">") => open = open.saturating_sub(1),
                _ => {}
            }
            self.next();
        }
    }

    fn decorators(&mut self) -> Parsed<Vec<String>> {
        let mut names = Vec::new();
        while self.take("@") {
            let expression = self.postfix()?;
            if let ExprKind::Call(call) = expression.kind {
                names.push(call.function);
            }
            self.lines();
        }
        Ok(names)
    }

    /// Passes over what is left of a statement, brackets as a whole. A type or
    /// the body of a function may begin on the next line.
    fn rest_of_statement(&mut self) {
        let mut open = 0_usize;
        let mut goes_on = false;
        loop {
            match self.peek() {
                Token::End => return,
                Token::Line if open == 0 && !goes_on => {
                    let here = self.at;
                    self.lines();
                    if !self.is("|") {
                        self.at = here;
                        return;
                    }
                    continue;
                }
                Token::Line => {
                    self.next();
                    continue;
                }
                Token::Sign("{" | "(" | "[" | "[?" | "<") => open += 1,
                Token::Sign("}" | ")" | "]" | ">") => open = open.saturating_sub(1),
                _ => {}
            }
            goes_on = matches!(self.peek(), Token::Sign("=" | "=>" | "|"));
            self.next();
        }
    }

    /// Passes over a type, and reads what is assigned after it. A type that is
    /// written `resource 'type'`, a union or an object may go over lines.
    fn typed(&mut self, optional: bool) -> Parsed<Option<Expr>> {
        self.typed_name();
        if self.take("=") {
            return self.value().map(Some);
        }
        match optional {
            true => Ok(None),
            false => Err(self.error("expected '='")),
        }
    }

    fn typed_name(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Token::End => return,
                Token::Sign("=") if open == 0 => return,
                Token::Line if open == 0 => {
                    // A union may go on with `|` on the next line.
                    let here = self.at;
                    self.lines();
                    if !self.is("|") {
                        self.at = here;
                        return;
                    }
                }
                Token::Sign("{" | "(" | "[") => open += 1,
                Token::Sign("}" | ")" | "]") => open = open.saturating_sub(1),
                _ => {}
            }
            self.next();
        }
    }

    fn resource(&mut self) -> Parsed<StatementKind> {
        let of_type = self.plain_string()?;
        let of_type = of_type.split('@').next().unwrap_or_default().to_owned();
        let existing = self.take_word("existing");
        self.expect("=")?;
        let outer = std::mem::take(&mut self.nested);
        let body = self.value();
        let nested = std::mem::replace(&mut self.nested, outer);
        Ok(StatementKind::Resource {
            of_type,
            existing,
            body: body?,
            nested,
        })
    }

    fn plain_string(&mut self) -> Parsed<String> {
        match self.peek().clone() {
            Token::Text {
                text,
                first: true,
                last: true,
            } => {
                self.next();
                Ok(text)
            }
            _ => Err(self.error("expected a string")),
        }
    }

    /// The value of a statement: an expression, `if (…) {…}` or `[for …]`.
    fn value(&mut self) -> Parsed<Expr> {
        // The value may begin on the next line.
        self.lines();
        self.body()
    }

    fn body(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        if self.word() == Some("if")
            && self
                .tokens
                .get(self.at + 1)
                .is_some_and(|(token, _)| *token == Token::Sign("("))
        {
            self.next();
            self.expect("(")?;
            self.lines();
            let condition = self.expression()?;
            self.lines();
            self.expect(")")?;
            self.lines();
            let body = self.expression()?;
            let _ = condition;
            // What is made under a condition is what it is.
            return Ok(Expr::new(body.kind, start..self.end()));
        }
        self.expression()
    }
}
