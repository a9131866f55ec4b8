//! Grammars: documents as trees whose nodes know their place.
//!
//! Each parser stands behind a type of ours, so that it can be replaced; none
//! of them says anything of a document's text in its errors.

pub mod arm;
pub mod bicep;
pub mod expression;
pub mod hcl;
pub mod json;
pub mod policy;
pub mod yaml;

use thiserror::Error;

/// A document is not what its name says.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{problem}")]
pub struct SyntaxError {
    /// Where the parser stopped, in bytes of the text.
    pub at: usize,
    /// What it expected or met; nothing that the document says.
    pub problem: String,
}
