//! A git that runs while its output is read.

use std::io::Read;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use super::GitError;

/// Bytes of what git says that are kept; it may say something of every file.
const MAX_SAID: u64 = 1 << 20;

/// It ends when nobody wants its output any more.
pub(crate) struct Running {
    child: Child,
    /// Read aside: a git that waits for somebody to hear it gives no output.
    said: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    /// Starts it; its output is the caller's to read.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(crate) fn start(command: &mut Command) -> Result<(Self, ChildStdout), GitError> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(GitError::not_run)?;
        let said = child.stderr.take().map(|errors| {
            std::thread::spawn(move || {
                let mut said = Vec::new();
                let mut errors = errors.take(MAX_SAID);
                // What it says last is lost with it; its exit code is not.
                let _ = errors.read_to_end(&mut said);
                let _ = std::io::copy(&mut errors.into_inner(), &mut std::io::sink());
                said
            })
        });
        let output = child.stdout.take();
        let running = Self { child, said };
        Ok((running, output.ok_or(GitError::NoGit)?))
    }

    /// Its input, where it was given one to write to; once.
    pub(crate) fn input(&mut self) -> Option<std::process::ChildStdin> {
        self.child.stdin.take()
    }

    /// Ends with it: only now is it known whether its output was all. Answers
    /// what it said besides.
    ///
    /// # Errors
    /// With its own words, when it failed.
    pub(crate) fn finish(mut self, doing: &'static str) -> Result<Vec<u8>, GitError> {
        let status = self.child.wait().map_err(GitError::not_run)?;
        let said = self.said.take().and_then(|said| said.join().ok());
        let said = said.unwrap_or_default();
        if status.success() {
            Ok(said)
        } else {
            Err(GitError::failed(doing, &said))
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended by itself, or ends now; there is nobody to tell otherwise.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
