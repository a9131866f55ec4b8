//! Expressions of the template languages, in one shape for all of them.
//!
//! What matters of an expression is which values its value is made of; what it
//! computes beside that is left out.

use std::ops::Range;

/// An expression and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its bytes in the document.
    pub span: Range<usize>,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// A string.
    Text(String),
    /// A string with values put in.
    Template(Vec<Expr>),
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(i64),
    /// Nothing that anything can be read from.
    Null,
    /// A name.
    Name(String),
    /// `a.b`, `a::b`.
    Member(Box<Expr>, String),
    /// `a[b]`.
    Index(Box<Expr>, Box<Expr>),
    /// `f(a)`, `a.f(b)`.
    Call(Box<Call>),
    /// `{ a: b }`.
    Object(Vec<Property>),
    /// `[a, b]`.
    Array(Vec<Expr>),
    /// One body for each of several items.
    Loop(Box<Loop>),
    /// One of several.
    Choice(Vec<Expr>),
    /// A value that is made from these and shows none of them.
    Opaque(Vec<Expr>),
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function, its namespace left out.
    pub function: String,
    /// What it is a method of.
    pub target: Option<Expr>,
    /// What it is given.
    pub arguments: Vec<Expr>,
}

/// A loop, or a function that is applied to each item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loop {
    /// The name of an item.
    pub item: String,
    /// The name of its number.
    pub index: Option<String>,
    /// The items.
    pub items: Expr,
    /// What is made of each.
    pub body: Expr,
}

/// An entry of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name; none where the name is computed, or for a spread.
    pub name: Option<String>,
    /// The place of the name.
    pub name_span: Range<usize>,
    /// Its value.
    pub value: Expr,
}

impl Expr {
    /// At a place.
    #[must_use]
    pub fn new(kind: ExprKind, span: Range<usize>) -> Self {
        Self { kind, span }
    }

    /// The string that it is.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An entry of the object that it is; names are compared in any case, as
    /// Azure does.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Property> {
        let ExprKind::Object(properties) = &self.kind else {
            return None;
        };
        properties.iter().find(|property| {
            property
                .name
                .as_deref()
                .is_some_and(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// What it is made of, one level down.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Null
            | ExprKind::Name(_) => Vec::new(),
            ExprKind::Member(of, _) => vec![of],
            ExprKind::Index(of, index) => vec![of, index],
            ExprKind::Call(call) => call.target.iter().chain(&call.arguments).collect(),
            ExprKind::Object(properties) => properties.iter().map(|p| &p.value).collect(),
            ExprKind::Loop(parts) => vec![&parts.items, &parts.body],
            ExprKind::Template(parts)
            | ExprKind::Array(parts)
            | ExprKind::Choice(parts)
            | ExprKind::Opaque(parts) => parts.iter().collect(),
        }
    }
}
