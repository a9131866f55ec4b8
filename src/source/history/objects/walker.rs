//! The objects above the one at hand, while a tree of deltas is walked.

use std::ops::Range;

use super::Known;
use super::inflate::Inflate;

/// Bytes that one thread rebuilds a second time, at most. A repository of large
/// files needs some gigabytes; a pack of deltas upon deltas, made for that, can
/// need any number.
pub(super) const MAX_AGAIN: u64 = 64 << 30;

/// What one thread keeps between objects.
pub(super) struct Walker {
    pub(super) inflate: Inflate,
    pub(super) delta: Vec<u8>,
    /// What the last delta changed.
    pub(super) parts: Vec<Range<usize>>,
    spare: Vec<Vec<u8>>,
    pub(super) stack: Vec<Frame>,
    held: usize,
    budget: usize,
    /// Bytes that may still be rebuilt a second time.
    pub(super) again: u64,
}

/// An object whose deltas are being visited.
pub(super) struct Frame {
    pub(super) entry: u32,
    /// Its content; none when that had to make room.
    pub(super) content: Option<Vec<u8>>,
    /// The next delta to visit.
    pub(super) next: u32,
    /// What is known of what it shares with its deltas.
    pub(super) known: Option<Known>,
}

impl Walker {
    /// `budget` are the bytes that objects may take while their deltas are
    /// visited; past that they are rebuilt again when they are needed.
    pub(super) fn new(budget: usize) -> Self {
        Self {
            inflate: Inflate::new(),
            delta: Vec::new(),
            parts: Vec::new(),
            spare: Vec::new(),
            stack: Vec::new(),
            held: 0,
            budget,
            again: MAX_AGAIN,
        }
    }

    pub(super) fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    pub(super) fn recycle(&mut self, buffer: Vec<u8>) {
        const SMALL: usize = 1 << 20;
        if buffer.capacity() <= SMALL && self.spare.len() < 8 {
            self.spare.push(buffer);
        }
    }

    pub(super) fn push(&mut self, entry: u32, content: Vec<u8>, next: u32, known: Option<Known>) {
        self.held += content.len();
        self.stack.push(Frame {
            entry,
            content: Some(content),
            next,
            known,
        });
        let top = self.stack.len() - 1;
        for frame in &mut self.stack[..top] {
            if self.held <= self.budget {
                break;
            }
            if let Some(content) = frame.content.take() {
                self.held -= content.len();
            }
        }
    }

    pub(super) fn pop(&mut self) -> Option<Vec<u8>> {
        let content = self.stack.pop()?.content?;
        self.held -= content.len();
        Some(content)
    }
}
