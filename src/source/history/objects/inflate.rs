//! Compressed parts of files.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::sync::Arc;

use flate2::{Decompress, FlushDecompress, Status};

use super::Damage;

/// Bytes that are read from a file at a time.
const CHUNK: usize = 64 * 1024;

const CUT: Damage = Damage::Broken("its compressed data ends early");
pub(super) const LIED: Damage = Damage::Broken("it has another size than its header says");
const GARBLED: Damage = Damage::Broken("its compressed data is damaged");

/// Reads at a place of a file that others read, too.
pub(super) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> Result<usize> {
    loop {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, buffer, at);
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, at);
        match read {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// A decompressor, used for object after object.
pub(super) struct Inflate {
    state: Decompress,
    input: Vec<u8>,
    /// What of the input is not used yet.
    left: std::ops::Range<usize>,
}

/// Where compressed data is in a file, and where it ends at the latest.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Inflate {
    pub(super) fn new() -> Self {
        Self {
            state: Decompress::new(true),
            input: Vec::new(),
            left: 0..0,
        }
    }

    /// The first bytes of a stretch, which may be a header; `used` tells how
    /// many of them were.
    pub(super) fn head<T>(
        &mut self,
        file: &File,
        stretch: &mut Stretch,
        used: impl FnOnce(&[u8]) -> Option<(T, usize)>,
    ) -> std::result::Result<T, Damage> {
        self.state.reset(true);
        self.left = 0..0;
        self.refill(file, stretch)?;
        let head = &self.input[self.left.clone()];
        let (value, len) = used(head).ok_or(Damage::Broken("its header cannot be read"))?;
        self.left.start += len;
        Ok(value)
    }

    /// Replaces the used input by the next of the stretch.
    fn refill(&mut self, file: &File, stretch: &mut Stretch) -> std::result::Result<(), Damage> {
        let want = usize::try_from(stretch.end - stretch.start).unwrap_or(CHUNK);
        self.input.resize(want.min(CHUNK), 0);
        let read = read_at(file, &mut self.input, stretch.start).map_err(|_| Damage::Unreadable)?;
        if read == 0 {
            return Err(CUT);
        }
        stretch.start += read as u64;
        self.left = 0..read;
        Ok(())
    }

    /// Continues until `out` is full or the data ends; whether it ended.
    pub(super) fn fill(
        &mut self,
        file: &File,
        stretch: &mut Stretch,
        out: &mut Vec<u8>,
    ) -> std::result::Result<bool, Damage> {
        loop {
            if self.left.is_empty() {
                self.refill(file, stretch)?;
            }
            let before = self.state.total_in();
            let status = self
                .state
                .decompress_vec(&self.input[self.left.clone()], out, FlushDecompress::None)
                .map_err(|_| GARBLED)?;
            let used = usize::try_from(self.state.total_in() - before).map_err(|_| GARBLED)?;
            self.left.start += used;
            match status {
                Status::StreamEnd => return Ok(true),
                _ if out.len() == out.capacity() => return Ok(false),
                // It wants more, and there is some that it does not take.
                _ if used == 0 && !self.left.is_empty() => return Err(GARBLED),
                _ => {}
            }
        }
    }

    /// The whole of the data, which has this size.
    pub(super) fn whole(
        &mut self,
        file: &File,
        stretch: &mut Stretch,
        size: usize,
        out: &mut Vec<u8>,
    ) -> std::result::Result<(), Damage> {
        out.clear();
        // One more byte shows whether there is more than there should be.
        out.reserve_exact(size + 1);
        let ended = self.fill(file, stretch, out)?;
        if ended && out.len() == size {
            Ok(())
        } else {
            Err(LIED)
        }
    }
}

/// The content of an object that is too large to hold, inflated while it is
/// read. Going back starts anew.
pub struct Inflated {
    file: Arc<File>,
    /// Where the compressed data is.
    place: Stretch,
    /// Bytes before the content: the header of a loose object.
    skip: u64,
    len: u64,
    at: u64,
    running: Option<(Inflate, Stretch)>,
    /// Whether that has come to the end of its data.
    ended: bool,
    buffer: Vec<u8>,
    given: usize,
}

impl Inflated {
    pub(super) fn new(file: &Arc<File>, place: Stretch, skip: u64, len: u64) -> Self {
        Self {
            file: Arc::clone(file),
            place,
            skip,
            len,
            at: 0,
            running: None,
            ended: false,
            buffer: Vec::new(),
            given: 0,
        }
    }

    /// Its length, as its header has it.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Fills the empty buffer; leaves it empty at the end.
    fn more(&mut self) -> std::result::Result<(), Damage> {
        let (inflate, stretch) = self
            .running
            .get_or_insert_with(|| (Inflate::new(), self.place));
        self.buffer.clear();
        self.buffer.reserve_exact(CHUNK);
        self.given = 0;
        self.ended = inflate.fill(&self.file, stretch, &mut self.buffer)?;
        Ok(())
    }
}

impl Read for Inflated {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let damaged = |damage: Damage| Error::new(ErrorKind::InvalidData, damage.to_string());
        let fresh = self.running.is_none();
        if out.is_empty() {
            return Ok(0);
        }
        if self.at >= self.len {
            if self.given == self.buffer.len() && !fresh && !self.ended {
                self.more().map_err(damaged)?;
            }
            return match self.given == self.buffer.len() {
                true => Ok(0),
                false => Err(damaged(LIED)),
            };
        }
        if self.given == self.buffer.len() {
            self.more().map_err(damaged)?;
            if fresh {
                self.given = usize::try_from(self.skip)
                    .unwrap_or(0)
                    .min(self.buffer.len());
            }
            if self.given == self.buffer.len() {
                return Err(damaged(CUT));
            }
        }
        let left = usize::try_from(self.len - self.at).unwrap_or(usize::MAX);
        let part = &self.buffer[self.given..];
        let part = &part[..part.len().min(out.len()).min(left)];
        out[..part.len()].copy_from_slice(part);
        self.given += part.len();
        self.at += part.len() as u64;
        Ok(part.len())
    }
}

impl Seek for Inflated {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        let to = to.ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        if to < self.at {
            self.running = None;
            self.ended = false;
            self.buffer.clear();
            self.given = 0;
            self.at = 0;
        }
        let ahead = to - self.at;
        std::io::copy(&mut self.take(ahead), &mut std::io::sink())?;
        Ok(self.at)
    }
}
