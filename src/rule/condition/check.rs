//! Holds a condition against the schema of its fact.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo, operators};
use std::ops::Range;

use super::presence::{Paths, path, proven};
use super::program::parse;
use super::token::{Kind, Token, scan};
use super::{Condition, ConditionError};
use crate::fact::FactType;
use crate::rule::schema::{Record, Type};
use crate::similar::advice;

/// Checks a condition on facts of one type.
///
/// # Errors
/// The first thing in it that could be an error, or silently false, when it is
/// evaluated.
pub(crate) fn check(source: &str, fact: FactType) -> Result<(), ConditionError> {
    let tokens = scan(source)?;
    let (expression, positions) = parse(source)?;
    let mut checker = Checker {
        source,
        tokens,
        positions,
        fact,
        scope: vec![(fact.name().to_owned(), Type::Record(Record::of(fact)))],
        present: Vec::new(),
        nesting: 0,
    };
    checker.expect(&expression, &Type::Bool, "the whole condition")?;
    // What the checker lets through, the evaluator's parser has to take.
    Condition::compile(source).map(drop)
}

pub(super) type Checked<T = Type> = Result<T, ConditionError>;

pub(super) struct Checker<'a> {
    pub(super) source: &'a str,
    tokens: Vec<Token>,
    positions: SourceInfo,
    fact: FactType,
    /// Variables, innermost last.
    pub(super) scope: Vec<(String, Type)>,
    /// Fields that what stands to the left proves present.
    present: Vec<Paths>,
    /// Macros around the expression.
    pub(super) nesting: usize,
}

impl Checker<'_> {
    /// The type of an expression.
    pub(super) fn infer(&mut self, node: &IdedExpr) -> Checked {
        match &node.expr {
            Expr::Literal(literal) => self.literal(node, literal),
            Expr::Ident(name) => self.variable(node, name),
            Expr::Select(select) => self.field(node, select),
            Expr::List(list) => self.constants(node, &list.elements),
            Expr::Call(call) => self.call(node, call),
            _ => Err(self.error(node, "this form is not available", "see docs/own-rules.md")),
        }
    }

    /// The type of an expression that has to have a value.
    pub(super) fn solid(&mut self, node: &IdedExpr) -> Checked {
        let ty = self.infer(node)?;
        if !ty.is_optional() {
            return Ok(ty);
        }
        let text = &self.source[self.extent(node)];
        let help = format!("write 'has({text}) &&' before it, or compare it with == or !=");
        Err(self.error(node, format!("'{text}' may be absent"), help))
    }

    /// Checks that an expression has a value of the type.
    pub(super) fn expect(&mut self, node: &IdedExpr, wanted: &Type, what: &str) -> Checked<()> {
        let ty = self.solid(node)?;
        if ty == *wanted {
            return Ok(());
        }
        let help = match (wanted, &ty) {
            (Type::Bool, Type::List(_)) => "ask something of it: size(list) > 0, list.exists(x, …)",
            (Type::Bool, _) => "compare it with something",
            (Type::String, Type::Enum(_)) => "compare words of a closed set with == or in",
            _ => "the fields and their types are listed by `keysweep rules facts`",
        };
        let message = format!("{what} has to be {wanted}, and this is {ty}");
        Err(self.error(node, message, help))
    }

    fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Checked {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, [left, right]) => self.logical(left, right, true),
            (operators::LOGICAL_OR, [left, right]) => self.logical(left, right, false),
            (operators::LOGICAL_NOT, [inner]) => {
                self.expect(inner, &Type::Bool, "what '!' negates")?;
                Ok(Type::Bool)
            }
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => {
                self.equality(node, left, right)
            }
            (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [left, right],
            ) => {
                self.ordered(left)?;
                self.ordered(right)?;
                Ok(Type::Bool)
            }
            (operators::IN, [left, right]) => self.membership(left, right),
            (operators::ADD | operators::SUBSTRACT | operators::MULTIPLY, [left, right]) => {
                self.expect(left, &Type::Int, "an operand")?;
                self.expect(right, &Type::Int, "an operand")?;
                Ok(Type::Int)
            }
            (operators::NEGATE, [inner]) => {
                self.expect(inner, &Type::Int, "what '-' negates")?;
                Ok(Type::Int)
            }
            (operators::INDEX, [_, _]) => Err(self.error(
                node,
                "lists have no index",
                "ask for any or all of the items: list.exists(x, x == 'a')",
            )),
            _ => self.function(node, call),
        }
    }

    /// The right operand is evaluated only when the left one leaves it open, and
    /// so may rely on what the left one proves.
    fn logical(&mut self, left: &IdedExpr, right: &IdedExpr, and: bool) -> Checked {
        let what = if and {
            "what '&&' joins"
        } else {
            "what '||' joins"
        };
        self.expect(left, &Type::Bool, what)?;
        self.present.push(proven(left, and));
        let checked = self.expect(right, &Type::Bool, what);
        self.present.pop();
        checked?;
        Ok(Type::Bool)
    }

    fn literal(&self, node: &IdedExpr, literal: &LiteralValue) -> Checked {
        match literal {
            LiteralValue::Boolean(_) => Ok(Type::Bool),
            LiteralValue::Int(_) => Ok(Type::Int),
            LiteralValue::String(_) => Ok(Type::String),
            LiteralValue::Null => Ok(Type::Null),
            _ => Err(self.error(
                node,
                "conditions know no such constant",
                "use text, ints, true, false or null",
            )),
        }
    }

    fn variable(&self, node: &IdedExpr, name: &str) -> Checked {
        let known = self.scope.iter().rev().find(|(known, _)| known == name);
        if let Some((_, ty)) = known {
            return Ok(ty.clone());
        }
        let names: Vec<&str> = self.scope.iter().map(|(name, _)| name.as_str()).collect();
        let help = if FactType::ALL.iter().any(|fact| fact.name() == name) {
            let own = self.fact.name();
            format!("the rule is on '{own}'; a condition sees one fact, of that type")
        } else {
            advice(name, &names)
        };
        Err(self.error(node, format!("unknown variable '{name}'"), help))
    }

    fn field(&mut self, node: &IdedExpr, select: &SelectExpr) -> Checked {
        let ty = self.declared(node, select)?;
        let is_present =
            path(node).is_some_and(|path| self.present.iter().any(|proven| proven.contains(&path)));
        match ty {
            Type::Optional(inner) if is_present => Ok(*inner),
            ty => Ok(ty),
        }
    }

    /// The type of a field as the schema has it.
    pub(super) fn declared(&mut self, node: &IdedExpr, select: &SelectExpr) -> Checked {
        let owner = self.solid(&select.operand)?;
        let Type::Record(record) = &owner else {
            let text = &self.source[self.extent(&select.operand)];
            let message = format!("'{text}' is {owner} and has no fields");
            return Err(self.name_error(node, message, "leave it out"));
        };
        if let Some(field) = record.field(&select.field) {
            return Ok(field.ty.clone());
        }
        let message = format!("unknown field '{}'", select.field);
        Err(self.name_error(node, message, advice(&select.field, &record.names())))
    }

    /// A list of constants of one type.
    fn constants(&mut self, node: &IdedExpr, elements: &[IdedExpr]) -> Checked {
        let mut list: Option<Type> = None;
        for element in elements {
            let negative =
                matches!(&element.expr, Expr::Call(call) if call.func_name == operators::NEGATE);
            if !negative && !matches!(&element.expr, Expr::Literal(_)) {
                let help = "write 'a == b || …' to compare with fields";
                return Err(self.error(element, "lists hold constants only", help));
            }
            let ty = self.infer(element)?;
            if ty == Type::Null || list.as_ref().is_some_and(|first| *first != ty) {
                let first = list.unwrap_or(Type::String);
                let message = format!("this is {ty} in a list that begins with {first}");
                return Err(self.error(element, message, "lists hold constants of one type"));
            }
            list = Some(ty);
        }
        match list {
            Some(ty) => Ok(Type::List(Box::new(ty))),
            None => Err(self.error(node, "the list is empty", "nothing is in it: leave it out")),
        }
    }

    /// An error whose caret covers a whole expression.
    pub(super) fn error(
        &self,
        node: &IdedExpr,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> ConditionError {
        ConditionError::new(self.extent(node), message, "here", help)
    }

    /// An error whose caret covers the name of a field or function.
    pub(super) fn name_error(
        &self,
        node: &IdedExpr,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> ConditionError {
        ConditionError::new(self.name_span(node), message, "here", help)
    }

    /// The text of an expression.
    pub(super) fn extent(&self, node: &IdedExpr) -> Range<usize> {
        let own = self.token(node);
        match &node.expr {
            Expr::Select(select) => self.extent(&select.operand).start..self.name_span(node).end,
            Expr::List(_) => own.start..self.closing(own.start),
            Expr::Call(call) if self.source[own.clone()].starts_with(['(', '[']) => {
                let start = match (&call.target, call.args.first()) {
                    (Some(target), _) => self.extent(target).start,
                    (None, Some(first)) if call.func_name == operators::INDEX => {
                        self.extent(first).start
                    }
                    _ => self.name_span(node).start,
                };
                start..self.closing(own.start)
            }
            Expr::Call(call) => {
                let parts = call.args.iter().map(|arg| self.extent(arg));
                parts.fold(own, |all, part| {
                    all.start.min(part.start)..all.end.max(part.end)
                })
            }
            _ => own,
        }
    }

    /// The name after a dot, or before a bracket.
    pub(super) fn name_span(&self, node: &IdedExpr) -> Range<usize> {
        let own = self.token(node);
        let at = self.tokens.iter().position(|t| t.span.start == own.start);
        let name = at.and_then(|at| match &node.expr {
            Expr::Select(_) => self.tokens.get(at + 1),
            _ => self.tokens.get(at.checked_sub(1)?),
        });
        name.map_or(own, |token| token.span.clone())
    }

    /// The word that the parser placed an expression at.
    fn token(&self, node: &IdedExpr) -> Range<usize> {
        let offset = self.positions.offset_for(node.id);
        let (start, end) = offset.unwrap_or_default();
        let span = start as usize..end as usize + 1;
        if self.source.get(span.clone()).is_some() {
            span
        } else {
            0..self.source.len()
        }
    }

    /// Past the bracket that closes the one at `open`.
    fn closing(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for token in self.tokens.iter().filter(|t| t.span.start >= open) {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return token.span.end;
            }
        }
        self.source.len()
    }
}
