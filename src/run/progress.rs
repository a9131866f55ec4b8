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
    read: impl Fn() -> Coverage + Send + 'scope,
) -> Progress {
    let (sender, end) = channel();
    scope.spawn(move || draw(&end, &read));
    Progress(sender)
}

fn draw(end: &Receiver<()>, read: &dyn Fn() -> Coverage) {
    if end.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    while end.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
        let Coverage { files, bytes, .. } = read();
        let (files, bytes) = (HumanCount(files), HumanBytes(bytes));
        bar.set_message(format!("{files} files, {bytes}"));
        bar.tick();
    }
    bar.finish_and_clear();
}
