//! The command: parse, run, return the verdict as exit code.

fn main() {}
