//! A word on how far a long scan has come.

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

use crate::outcome::Coverage;

/// A scan that takes less is over before anybody wonders.
const PATIENCE: Duration = Duration::from_millis(700);

/// Shows progress until it is dropped.
pub(super) struct Progress(#[expect(dead_code, reason = "its end is the signal")] Sender<()>);

/// Draws on standard error, from a thread of its own.
pub(super) fn show<'scope>(
    scope: &'scope Scope<'scope, '_>,
    read: impl Fn() -> String + Send + 'scope,
) -> Progress {
    let (sender, end) = channel();
    scope.spawn(move || draw(&end, &read));
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

fn draw(end: &Receiver<()>, read: &dyn Fn() -> String) {
    if end.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    while end.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
        bar.set_message(read());
        bar.tick();
    }
    bar.finish_and_clear();
}
