//! Rules: data that judges facts.

mod metadata;

pub use metadata::{Control, Help, Metadata, Scope};
