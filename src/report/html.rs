//! The report that is opened: one file that needs nothing else.
//!
//! For whoever answers for the keys: what has to be done first, findings to be
//! filtered, controls with what passed, how old the keys are, which callers
//! share one, and a table of every key as evidence. It works without a script,
//! as a plain document, and prints; only of lists with more than sixty rows the
//! script has to bring the rest.
//!
//! The page asks no server for anything, and may not: a content security
//! policy allows the one style and the one script that are in it, by their
//! digests, and nothing else. All foreign text is escaped by the templates.

mod ages;
mod controls;
mod findings;
mod graph;
mod keys;
mod markup;
mod overview;
mod page;
mod portions;

use askama::Template;
use std::io::{self, Write};

use crate::outcome::Outcome;

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    page::Page::of(outcome).write_into(out)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests;
