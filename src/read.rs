//! Readers: documents in, facts out.

pub mod text;
