//! A word on how far a long run has come.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

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

fn draw(end: &Receiver<()>, message: &dyn Fn() -> String) {
    if end.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    while end.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
        bar.set_message(message());
        bar.tick();
    }
    bar.finish_and_clear();
}
