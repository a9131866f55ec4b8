//! Readers: documents in, facts out.

pub mod code;
mod literals;
mod mark;
pub mod pipeline;
pub mod shell;
pub mod structured;
pub mod template;
pub mod text;
