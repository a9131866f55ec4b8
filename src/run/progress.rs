//! A word on how far a long run has come.

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

use super::interrupt;
use crate::outcome::Coverage;

/// A run that takes less is over before anybody wonders.
const PATIENCE: Duration = Duration::from_millis(700);

/// Shows progress until it is dropped.
pub(super) struct Progress(#[expect(dead_code, reason = "its end is the signal")] Sender<()>);

/// Draws on standard error, from a thread of its own.
pub(super) fn show<'scope>(
    scope: &'scope Scope<'scope, '_>,
    message: impl Fn() -> String + Send + 'scope,
) -> Progress {
    let (sender, end) = channel();
    scope.spawn(move || draw(&end, &message));
    Progress(sender)
}

/// How many files have been read.
pub(super) fn of_files(read: Coverage) -> String {
    let Coverage { files, bytes, .. } = read;
    format!("{} files, {}", HumanCount(files), HumanBytes(bytes))
}

/// How many objects of a history have been read, of how many.
pub(super) fn of_objects((read, all): (u64, u64), held: Coverage) -> String {
    let (read, all) = (HumanCount(read.min(all)), HumanCount(all));
    format!("{read} of {all} objects, {}", HumanBytes(held.bytes))
}

fn draw(end: &Receiver<()>, message: &dyn Fn() -> String) {
    if end.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    while end.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
        interrupt::draw(&bar, || {
            bar.set_message(message());
            bar.tick();
        });
    }
    interrupt::draw(&bar, || bar.finish_and_clear());
}
