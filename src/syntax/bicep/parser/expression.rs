//! Expressions of Bicep.

use super::super::super::expression::{Call, Expr, ExprKind, Loop, Property};
use super::super::lexer::Token;
use super::{DEPTH, Parsed, Parser};

impl<'t> Parser<'t> {
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        self.deeper(Self::ternary)
    }

    /// Reads one level deeper, up to the limit.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        if self.depth >= DEPTH {
            return Err(self.error("nested too deeply"));
        }
        self.depth += 1;
        let expression = read(self);
        self.depth -= 1;
        expression
    }

    fn ternary(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        let condition = self.binary()?;
        if !self.after_lines("?") {
            return Ok(condition);
        }
        self.lines();
        let yes = self.expression()?;
        self.lines();
        self.expect(":")?;
        self.lines();
        let no = self.expression()?;
        // The condition decides, and is in none of the values.
        let _ = condition;
        Ok(Expr::new(
            ExprKind::Choice(vec![yes, no]),
            start..self.end(),
        ))
    }

    /// Takes a sign that stands here or on one of the next lines.
    fn after_lines(&mut self, sign: &str) -> bool {
        let here = self.at;
        self.lines();
        if self.take(sign) {
            return true;
        }
        self.at = here;
        false
    }

    /// Operators, whose precedence does not matter: `??` chooses, the others
    /// compute.
    fn binary(&mut self) -> Parsed<Expr> {
        const COMPUTE: &[&str] = &[
            "==", "!=", "=~", "!~", "<=", ">=", "<", ">", "&&", "||", "+", "-", "*", "/", "%",
        ];
        let start = self.span().start;
        let first = self.unary()?;
        let mut operands = vec![first];
        let mut computes = false;
        loop {
            let here = self.at;
            self.lines();
            let same_line = self.at == here;
            let sign = match self.peek() {
                Token::Sign("??") => "??",
                // A line that begins with a sign may be an item of an array.
                Token::Sign("+" | "-") if !same_line => {
                    self.at = here;
                    break;
                }
                Token::Sign(sign) if COMPUTE.contains(sign) => *sign,
                _ => {
                    self.at = here;
                    break;
                }
            };
            self.next();
            self.lines();
            computes |= sign != "??";
            operands.push(self.unary()?);
        }
        let span = start..self.end();
        Ok(match (operands.len(), computes) {
            (1, _) => operands.remove(0),
            (_, true) => Expr::new(ExprKind::Opaque(operands), span),
            (_, false) => Expr::new(ExprKind::Choice(operands), span),
        })
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        if self.take("!") || self.take("-") || self.take("+") {
            let of = self.deeper(Self::unary)?;
            return Ok(Expr::new(ExprKind::Opaque(vec![of]), start..self.end()));
        }
        self.postfix()
    }

    pub(super) fn postfix(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        let mut of = self.primary()?;
        let mut chain = 0;
        loop {
            chain += 1;
            if chain > DEPTH {
                return Err(self.error("nested too deeply"));
            }
            if self.take(".") || self.take(".?") || self.take("::") {
                // `a.?b`, `a.b`, `a::b`
                let (name, _) = self.name()?;
                of = match self.is("(") {
                    true => {
                        let arguments = self.arguments()?;
                        self.call(name, Some(of), arguments, start)
                    }
                    false => Expr::new(ExprKind::Member(Box::new(of), name), start..self.end()),
                };
            } else if self.take("[") || self.take("[?") {
                self.lines();
                // `a[^1]` counts from the end.
                self.take("^");
                let index = self.expression()?;
                self.lines();
                self.expect("]")?;
                let kind = ExprKind::Index(Box::new(of), Box::new(index));
                of = Expr::new(kind, start..self.end());
            } else if self.is("!")
                && !self
                    .tokens
                    .get(self.at + 1)
                    .is_some_and(|(next, _)| *next == Token::Sign("="))
            {
                self.next();
            } else {
                return Ok(of);
            }
        }
    }

    /// A call; `sys.` and `az.` are namespaces, and what is applied to each item
    /// is a loop.
    pub(super) fn call(
        &self,
        function: String,
        target: Option<Expr>,
        arguments: Vec<Expr>,
        start: usize,
    ) -> Expr {
        let target = target.filter(
            |target| !matches!(&target.kind, ExprKind::Name(name) if name == "sys" || name == "az"),
        );
        let span = start..self.end();
        let call = Call {
            function,
            target,
            arguments,
        };
        Expr::new(ExprKind::Call(Box::new(call)), span)
    }

    pub(super) fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        loop {
            self.lines();
            if self.take(")") {
                return Ok(arguments);
            }
            arguments.push(self.expression()?);
            self.lines();
            if !self.take(",") && !self.is(")") {
                return Err(self.error("expected ',' or ')'"));
            }
        }
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let span = self.span();
        match self.peek().clone() {
            Token::Word => self.named(),
            Token::Number => {
                let number = self.text[span.clone()].parse().unwrap_or(i64::MAX);
                self.next();
                Ok(Expr::new(ExprKind::Number(number), span))
            }
            Token::Text { .. } => self.string(),
            Token::Sign("{") => self.deeper(Self::object),
            Token::Sign("[") => self.deeper(Self::array),
            Token::Sign("(") => self.parenthesis(),
            _ => Err(self.error("expected an expression")),
        }
    }

    fn named(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        let (name, span) = self.name()?;
        if self.is("(") {
            let arguments = self.arguments()?;
            return Ok(self.call(name, None, arguments, start));
        }
        if self.take("=>") {
            return self.lambda(name, start);
        }
        let kind = match name.as_str() {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            _ => ExprKind::Name(name),
        };
        Ok(Expr::new(kind, span))
    }

    /// `x => body`: what it is applied to is not known here.
    fn lambda(&mut self, item: String, start: usize) -> Parsed<Expr> {
        self.lines();
        let body = self.expression()?;
        let parts = Loop {
            item,
            index: None,
            items: Expr::new(ExprKind::Null, start..start),
            body,
        };
        Ok(Expr::new(
            ExprKind::Loop(Box::new(parts)),
            start..self.end(),
        ))
    }

    fn parenthesis(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        // `(x, y) => body`
        let close = self.tokens[self.at..]
            .iter()
            .take(64)
            .position(|(token, _)| *token == Token::Sign(")"));
        let lambda = close.is_some_and(|close| {
            self.tokens
                .get(self.at + close + 1)
                .is_some_and(|(token, _)| *token == Token::Sign("=>"))
        });
        self.expect("(")?;
        self.lines();
        if lambda {
            let mut first = String::new();
            while !self.take(")") {
                if let Some(word) = self.word()
                    && first.is_empty()
                {
                    word.clone_into(&mut first);
                }
                self.next();
            }
            self.expect("=>")?;
            return self.lambda(first, start);
        }
        let inner = self.expression()?;
        self.lines();
        self.expect(")")?;
        Ok(Expr::new(inner.kind, start..self.end()))
    }

    pub(super) fn string(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        let mut parts = Vec::new();
        loop {
            let span = self.span();
            let Token::Text { text, last, .. } = self.peek().clone() else {
                return Err(self.error("a value in a string is not closed"));
            };
            self.next();
            if last && parts.is_empty() {
                return Ok(Expr::new(ExprKind::Text(text), span));
            }
            if !text.is_empty() {
                parts.push(Expr::new(ExprKind::Text(text), span));
            }
            if last {
                return Ok(Expr::new(ExprKind::Template(parts), start..self.end()));
            }
            self.lines();
            parts.push(self.expression()?);
            self.lines();
        }
    }

    pub(super) fn object(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        self.expect("{")?;
        let mut properties = Vec::new();
        loop {
            while *self.peek() == Token::Line || self.is(",") {
                self.next();
            }
            if self.take("}") {
                return Ok(Expr::new(ExprKind::Object(properties), start..self.end()));
            }
            if self.take("...") {
                let value = self.expression()?;
                properties.push(Property {
                    name: None,
                    name_span: value.span.clone(),
                    value,
                });
            } else if self.declares_resource() || self.is("@") {
                let statement = self.statement()?;
                self.nested.extend(statement);
            } else {
                properties.push(self.property()?);
            }
        }
    }

    /// Whether a resource is declared here: `resource name 'type'`.
    fn declares_resource(&self) -> bool {
        let ahead = |n: usize| self.tokens.get(self.at + n).map(|(token, _)| token);
        self.word() == Some("resource")
            && ahead(1) == Some(&Token::Word)
            && matches!(ahead(2), Some(Token::Text { .. }))
    }

    pub(super) fn property(&mut self) -> Parsed<Property> {
        let name_span = self.span();
        let name = match self.peek() {
            Token::Text { .. } => self.string()?.as_text().map(str::to_owned),
            _ => Some(self.name()?.0),
        };
        let name_span = name_span.start..self.end();
        self.expect(":")?;
        self.lines();
        Ok(Property {
            name,
            name_span,
            value: self.body()?,
        })
    }

    fn array(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        self.expect("[")?;
        self.lines();
        if self.word() == Some("for") {
            return self.for_each(start);
        }
        let mut items = Vec::new();
        loop {
            while *self.peek() == Token::Line || self.is(",") {
                self.next();
            }
            if self.take("]") {
                return Ok(Expr::new(ExprKind::Array(items), start..self.end()));
            }
            self.take("...");
            items.push(self.expression()?);
        }
    }

    /// `[for item in items: body]`, `[for (item, index) in items: if (…) {…}]`.
    fn for_each(&mut self, start: usize) -> Parsed<Expr> {
        self.next();
        let (item, index) = match self.take("(") {
            true => {
                let (item, _) = self.name()?;
                self.expect(",")?;
                let (index, _) = self.name()?;
                self.expect(")")?;
                (item, Some(index))
            }
            false => (self.name()?.0, None),
        };
        if !self.take_word("in") {
            return Err(self.error("expected 'in'"));
        }
        let items = self.expression()?;
        self.expect(":")?;
        self.lines();
        let body = self.body()?;
        self.lines();
        self.expect("]")?;
        let parts = Loop {
            item,
            index,
            items,
            body,
        };
        Ok(Expr::new(
            ExprKind::Loop(Box::new(parts)),
            start..self.end(),
        ))
    }
}
