//! keysweep: finds leaked, shared and overdue Azure Functions keys.
//!
//! The modules in reading order: documents come from a source, readers turn
//! them into facts, joins make facts of facts, rules judge facts, suppression
//! marks what does not count, reports write what is left. Arrows point one way.

pub mod key;
pub mod secret;

pub mod excerpt;
pub mod gap;
pub mod location;

pub mod fact;
pub mod finding;
pub mod rule;

pub mod outcome;

pub mod placeholder;

mod similar;
