//! Bicep.
//!
//! A reader of our own: the grammar that exists for tree-sitter is older than
//! half of the language. It reads the statements and expressions of Bicep 0.38;
//! types are passed over. What it does not know it passes over up to the end of
//! the statement, and says where that was.

mod lexer;
mod parser;

use std::ops::Range;

use super::SyntaxError;
use super::expression::Expr;

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it declares.
    pub kind: StatementKind,
    /// The name of what it declares.
    pub name: String,
    /// The place of that name.
    pub name_span: Range<usize>,
    /// What is written before it: `secure`, `description`, ….
    pub decorators: Vec<String>,
    /// The whole statement, its decorators left out.
    pub span: Range<usize>,
}

/// What a statement declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// `param name type = default`
    Param {
        /// The default.
        default: Option<Expr>,
    },
    /// `var name = value`
    Var {
        /// The value.
        value: Expr,
    },
    /// `output name type = value`
    Output {
        /// The value.
        value: Expr,
    },
    /// `resource name 'type@version' = body`
    Resource {
        /// The type, its version left out.
        of_type: String,
        /// Whether it is only referred to.
        existing: bool,
        /// The body.
        body: Expr,
        /// Resources that are declared in the body.
        nested: Vec<Statement>,
    },
    /// `func name(param type, …) type => body`
    Function {
        /// The names of its parameters.
        params: Vec<String>,
        /// What it gives.
        body: Expr,
    },
    /// `using 'path'`: what a file of parameters is for.
    Using {
        /// The path or the registry's name.
        path: String,
    },
    /// `module name 'path' = body`
    Module {
        /// The path or the registry's name.
        path: String,
        /// The body.
        body: Expr,
    },
}

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bicep {
    /// Its statements; those that hold nothing to follow are left out.
    pub statements: Vec<Statement>,
    /// Where a statement was passed over.
    pub errors: Vec<SyntaxError>,
}

/// Reads a document; what is no Bicep has errors and nothing else.
#[must_use]
pub fn parse(text: &str) -> Bicep {
    parser::Parser::new(text).document()
}

#[cfg(test)]
mod tests;
