//! JSON as people write it: with comments and with commas too many.

use jsonc_parser::ast::Value;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::SyntaxError;

/// The value that a document holds; none where it is empty.
///
/// # Errors
/// When it is no JSON, or nested more deeply than a few hundred levels.
pub fn parse(text: &str) -> Result<Option<Value<'_>>, SyntaxError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    match parsed {
        Ok(parsed) => Ok(parsed.value),
        Err(error) => Err(SyntaxError {
            at: error.range().start,
            problem: lower_case(&error.kind().to_string()),
        }),
    }
}

/// Errors of ours are fragments.
fn lower_case(message: &str) -> String {
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
