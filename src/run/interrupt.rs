//! Ctrl-C, in the middle of a run.
//!
//! Half of a report would look like a whole one with fewer findings, so there
//! is none: files keep what they had, the terminal is left as it was, and the
//! exit code is the one that shells give to what was interrupted.

use indicatif::ProgressBar;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// As shells have it: 128 and the number of the signal.
const CODE: i32 = 130;

/// What would be left behind.
static LEFT: Mutex<Left> = Mutex::new(Left {
    bar: None,
    drafts: Vec::new(),
});

struct Left {
    /// What is drawn on the terminal.
    bar: Option<ProgressBar>,
    /// Files that are being written, beside those whose names they will take.
    drafts: Vec<PathBuf>,
}

fn left() -> MutexGuard<'static, Left> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on Ctrl-C leaves nothing behind.
pub fn guard_interrupts() {
    // Where there is no handler to set, the system's own one ends the process.
    let _ = ctrlc::set_handler(|| {
        // Kept until the end: nobody draws or writes any more.
        let left = left();
        if let Some(bar) = &left.bar {
            bar.finish_and_clear();
        }
        for draft in &left.drafts {
            let _ = std::fs::remove_file(draft);
        }
        let said = "keysweep: interrupted: the run is not complete, and nothing is reported";
        let _ = writeln!(std::io::stderr(), "{said}");
        #[expect(clippy::exit, reason = "the other threads are in the middle of things")]
        std::process::exit(CODE);
    });
}

/// Draws on the terminal, unless the run is being interrupted.
pub(super) fn draw(bar: &ProgressBar, draw: impl FnOnce()) {
    let mut left = left();
    left.bar = Some(bar.clone());
    draw();
    if bar.is_finished() {
        left.bar = None;
    }
}

/// A file that is gone if the run is interrupted before this is dropped.
pub(super) struct Draft<'p>(&'p Path);

impl<'p> Draft<'p> {
    pub(super) fn new(path: &'p Path) -> Self {
        left().drafts.push(path.to_owned());
        Self(path)
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        left().drafts.retain(|draft| draft != self.0);
    }
}
