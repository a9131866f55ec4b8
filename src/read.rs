//! Readers: documents in, facts out.

pub mod pipeline;
pub mod structured;
pub mod text;
