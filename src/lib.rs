//! keysweep: finds leaked, shared and overdue Azure Functions keys.
//!
//! The modules in reading order: documents come from a source, readers turn
//! them into facts, joins make facts of facts, rules judge facts, suppression
//! and a baseline mark what does not count, reports write what is left. Arrows
//! point one way.

pub mod key;
pub mod secret;

pub mod excerpt;
pub mod gap;
pub mod line_hash;
pub mod location;

pub mod rotation;

pub mod fact;
pub mod finding;
pub mod fix;

mod glob;

pub mod environment;
pub mod policy;
pub mod project;

pub mod inventory;
pub mod leaks;
pub mod syntax;

pub mod read;
pub mod source;

pub mod collect;
pub mod join;
pub mod rule;

pub mod control;
pub mod evidence;
pub mod plan;

pub mod earlier;

pub mod baseline;
pub mod diff;
pub mod suppress;

#[cfg(feature = "live")]
pub mod azure;

pub mod origin;
pub mod outcome;
pub mod report;

pub mod cli;
pub mod run;

pub mod placeholder;

mod similar;
