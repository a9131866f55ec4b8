//! Expressions of ARM templates: `[concat('a', parameters('b'))]`.

use std::ops::Range;

use super::SyntaxError;
use super::expression::{Call, Expr, ExprKind};

/// How deeply calls may be nested.
const DEPTH: usize = 128;

/// Functions that choose between their last two arguments.
const IF: &str = "if";

/// The expression that a string of a template is, if it is one; `span` is its
/// place in the document, and offsets hold where the string has no escapes.
///
/// # Errors
/// When it begins as one and is none.
pub fn parse(string: &str, span: &Range<usize>) -> Result<Option<Expr>, SyntaxError> {
    let is_one = string.starts_with('[') && !string.starts_with("[[") && string.ends_with(']');
    if !is_one {
        return Ok(None);
    }
    // Between the quotes.
    let plain = span.len() == string.len() + 2;
    let mut parser = Parser {
        text: string,
        at: 1,
        end: string.len() - 1,
        depth: 0,
        base: plain.then_some(span.start + 1),
        whole: span.clone(),
    };
    let expression = parser.expression()?;
    parser.space();
    match parser.at == parser.end {
        true => Ok(Some(expression)),
        false => Err(parser.error("expected the end of the expression")),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    depth: usize,
    /// Where the string begins in the document, if its offsets are the
    /// document's.
    base: Option<usize>,
    whole: Range<usize>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..self.end]
    }

    fn place(&self, start: usize) -> Range<usize> {
        match self.base {
            Some(base) => base + start..base + self.at,
            None => self.whole.clone(),
        }
    }

    fn error(&self, problem: &str) -> SyntaxError {
        SyntaxError {
            at: self.base.map_or(self.whole.start, |base| base + self.at),
            problem: problem.to_owned(),
        }
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, sign: char) -> bool {
        self.space();
        let is = self.rest().starts_with(sign);
        self.at += if is { sign.len_utf8() } else { 0 };
        is
    }

    fn expression(&mut self) -> Result<Expr, SyntaxError> {
        if self.depth >= DEPTH {
            return Err(self.error("nested too deeply"));
        }
        self.depth += 1;
        let expression = self.chain();
        self.depth -= 1;
        expression
    }

    fn chain(&mut self) -> Result<Expr, SyntaxError> {
        self.space();
        let start = self.at;
        let mut of = self.primary()?;
        let mut links = 0;
        loop {
            links += 1;
            if links > DEPTH {
                return Err(self.error("nested too deeply"));
            }
            if self.take('.') {
                self.space();
                let name = self.word().ok_or_else(|| self.error("expected a name"))?;
                of = Expr::new(ExprKind::Member(Box::new(of), name), self.place(start));
            } else if self.take('[') {
                let index = self.expression()?;
                if !self.take(']') {
                    return Err(self.error("expected ']'"));
                }
                let kind = ExprKind::Index(Box::new(of), Box::new(index));
                of = Expr::new(kind, self.place(start));
            } else {
                return Ok(of);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, SyntaxError> {
        let start = self.at;
        if self.rest().starts_with('\'') {
            return self.string();
        }
        if self
            .rest()
            .starts_with(|c: char| c.is_ascii_digit() || c == '-')
        {
            self.at += 1;
            let more = self.rest().find(|c: char| !c.is_ascii_digit());
            self.at += more.unwrap_or(self.rest().len());
            let number = self.text[start..self.at].parse().unwrap_or(i64::MAX);
            return Ok(Expr::new(ExprKind::Number(number), self.place(start)));
        }
        let mut name = self.word().ok_or_else(|| self.error("expected a value"))?;
        // `namespace.function()`
        while self.take('.') {
            name = self.word().ok_or_else(|| self.error("expected a name"))?;
        }
        if !self.take('(') {
            let kind = match name.as_str() {
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                _ => ExprKind::Null,
            };
            return Ok(Expr::new(kind, self.place(start)));
        }
        let mut arguments = Vec::new();
        if !self.take(')') {
            loop {
                arguments.push(self.expression()?);
                if self.take(')') {
                    break;
                }
                if !self.take(',') {
                    return Err(self.error("expected ',' or ')'"));
                }
            }
        }
        let span = self.place(start);
        if name.eq_ignore_ascii_case(IF) && arguments.len() == 3 {
            return Ok(Expr::new(ExprKind::Choice(arguments.split_off(1)), span));
        }
        let call = Call {
            function: name,
            target: None,
            arguments,
        };
        Ok(Expr::new(ExprKind::Call(Box::new(call)), span))
    }

    /// `'it''s'`
    fn string(&mut self) -> Result<Expr, SyntaxError> {
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        loop {
            let Some(end) = self.rest().find('\'') else {
                return Err(self.error("a string is not closed"));
            };
            text.push_str(&self.rest()[..end]);
            self.at += end + 1;
            if !self.rest().starts_with('\'') {
                return Ok(Expr::new(ExprKind::Text(text), self.place(start)));
            }
            text.push('\'');
            self.at += 1;
        }
    }

    fn word(&mut self) -> Option<String> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '-');
        let rest = self.rest();
        let len = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let word = rest[..len].to_owned();
        self.at += len;
        (len > 0).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Option<Expr>, SyntaxError> {
        parse(text, &(10..12 + text.len()))
    }

    #[test]
    fn reads_expressions_with_their_places() {
        let text = "[listKeys(concat(resourceId('Microsoft.Web/sites', parameters('n')), '/host/default'), '2022-03-01').functionKeys['default']]";
        let expr = parsed(text).unwrap().unwrap();
        assert_eq!(expr.span, 12..11 + text.len() - 1);
        let ExprKind::Index(of, index) = &expr.kind else {
            panic!("{expr:?}")
        };
        assert_eq!(index.as_text(), Some("default"));
        let ExprKind::Member(call, name) = &of.kind else {
            panic!("{of:?}")
        };
        assert_eq!(name, "functionKeys");
        let ExprKind::Call(call) = &call.kind else {
            panic!("{call:?}")
        };
        assert_eq!(
            (call.function.as_str(), call.arguments.len()),
            ("listKeys", 2)
        );
    }

    #[test]
    fn tells_expressions_from_strings() {
        for text in ["plain", "[[escaped]", "[not closed", ""] {
            assert_eq!(parsed(text), Ok(None), "{text}");
        }
        for text in ["[concat('a']", "[a b]", "[]", "[f(,)]", "['a", "[f('x)]"] {
            assert_eq!(parsed(text).is_err(), text != "['a", "{text}");
        }
        let choice = parsed("[if(equals(1, 2), 'it''s', variables('b'))]")
            .unwrap()
            .unwrap();
        let ExprKind::Choice(of) = choice.kind else {
            panic!("no choice")
        };
        assert_eq!(of[0].as_text(), Some("it's"));
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for piece in ["f(", "['", "''", "a.", "[1", "f()", "("] {
            let text = format!("[{}]", piece.repeat(20_000));
            let _ = parsed(&text);
        }
    }

    #[test]
    fn what_is_escaped_has_the_place_of_its_string() {
        let expr = parse("[f('\"')]", &(5..20)).unwrap().unwrap();
        assert_eq!(expr.span, 5..20);
    }
}
