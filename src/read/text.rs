//! Keys in any text, with what their place says of them.
//!
//! A document is searched in blocks for a few dozen literal fragments
//! (`trigger`); only where one hits is it looked at closely (`examine`).
//! Documents of up to [`WHOLE`] bytes are then held as a whole, longer ones in
//! overlapping parts (`long`), so that neither the length of a file nor that of
//! a line costs memory.

mod argument;
mod class;
mod document;
mod encoding;
mod examine;
mod fragment;
mod label;
mod lines;
mod links;
mod long;
mod passage;
mod pattern;
mod pieces;
mod place;
mod positions;
mod resource;
mod role;
mod secrets;
mod shapes;
mod sift;
mod spans;
mod store;
mod trigger;
mod url;
mod value;
mod wide;

pub(crate) use class::is_test;
pub use document::{DecryptionKey, Reading, StoreSighting};
pub use encoding::decode;
pub use long::{ReadAt, Text};
pub(crate) use pattern::patterns;
pub use sift::{Made, Sifted};
#[cfg(feature = "live")]
pub(crate) use {links::Links, url::is_functions_host, value::literal};

use std::cell::OnceCell;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use super::mark::Marks;
use crate::policy::Policy;
use crate::project::{Callers, Files};
use crate::secret::Fingerprinter;
use class::{Class, classify};
use document::Builder;
use encoding::Encoding;
use examine::{Surroundings, examine};
use lines::LineCounter;
use trigger::{Hint, Triggers};

/// Bytes of a document that are searched at a time.
const BLOCK: usize = 64 * 1024;

/// Bytes of the longest document that is held as a whole.
pub const WHOLE: u64 = 8 * 1024 * 1024;

/// Bytes that the closer look takes at a time.
const STRETCH: usize = 64 * 1024;

/// Bytes on either side of them that it sees, too.
const WINDOW: usize = 16 * 1024;

/// Everything that reading a text needs, made once for a run.
pub struct TextReader<'p> {
    triggers: Arc<Triggers>,
    fingerprinter: Arc<Fingerprinter>,
    policy: &'p Policy,
    callers: Callers<'p>,
}

/// Buffers of one thread, used for document after document.
#[derive(Default)]
pub struct Scratch {
    block: Vec<u8>,
    document: Vec<u8>,
    held: Held,
    marks: Option<Marks>,
}

/// What somebody else wants of a document that is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Also {
    /// All of it, where it has a moderate length.
    pub whole: bool,
    /// Which marks of code it has.
    pub marks: bool,
}

/// A document that is in memory.
#[derive(Clone, Copy)]
pub struct Whole<'s> {
    /// All of it.
    pub bytes: &'s [u8],
    /// Its marks of code, if they were asked for, and found on the way.
    pub marks: Option<Marks>,
}

/// Where the last document is, if all of it is in memory.
#[derive(Clone, Copy, Default)]
enum Held {
    #[default]
    Nowhere,
    /// In so much of the block.
    Block(usize),
    /// In so much of the document.
    Document(usize),
}

impl Scratch {
    /// The document that was read last, if it is at hand as a whole.
    #[must_use]
    pub fn whole(&self) -> Option<Whole<'_>> {
        let marks = self.marks;
        self.bytes().map(|bytes| Whole { bytes, marks })
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self.held {
            Held::Nowhere => None,
            Held::Block(len) => Some(&self.block[..len]),
            Held::Document(len) => Some(&self.document[..len]),
        }
    }

    /// Reads a document of moderate length as a whole.
    fn hold(&mut self, content: &mut impl Read, len: u64) -> std::io::Result<()> {
        self.held = Held::Nowhere;
        // One more shows whether there is more than was said; that it changed is
        // noticed elsewhere.
        let mut needed = len.min(WHOLE) as usize + 1;
        let mut filled = 0;
        loop {
            if self.document.len() < needed {
                self.document.resize(needed, 0);
            }
            let read = fill(content, &mut self.document[filled..needed], u64::MAX)?;
            filled += read;
            if filled < needed || needed > WHOLE as usize {
                break;
            }
            needed = (needed * 2).min(WHOLE as usize + 1);
        }
        self.held = Held::Document(filled);
        Ok(())
    }
}

impl<'p> TextReader<'p> {
    /// A reader that attributes what it finds to the callers and environments
    /// of the policy; `roots` are those of the scan, as they begin the paths of
    /// reports, and `files` what stands beside the documents.
    #[must_use]
    pub fn new(
        policy: &'p Policy,
        roots: Vec<String>,
        files: Box<dyn Files>,
        fingerprinter: Fingerprinter,
    ) -> Self {
        let keywords: Vec<String> = policy
            .patterns()
            .iter()
            .flat_map(|pattern| pattern.keywords.iter().cloned())
            .collect();
        Self {
            triggers: Arc::new(Triggers::new(&keywords)),
            fingerprinter: Arc::new(fingerprinter),
            policy,
            callers: Callers::new(roots, policy, files),
        }
    }

    /// The same reader for documents with other files beside them.
    #[must_use]
    pub fn beside(&self, files: Box<dyn Files>) -> Self {
        Self {
            triggers: Arc::clone(&self.triggers),
            fingerprinter: Arc::clone(&self.fingerprinter),
            policy: self.policy,
            callers: self.callers.beside(files),
        }
    }

    /// Reads a document of `len` bytes to its end; `path` is its name in
    /// reports, with `/`. What somebody else wants of it [`Scratch::whole`] has
    /// then.
    ///
    /// # Errors
    /// When the content cannot be read.
    pub fn read(
        &self,
        path: &str,
        len: u64,
        also: Also,
        content: &mut impl Text,
        scratch: &mut Scratch,
    ) -> std::io::Result<Reading> {
        scratch.held = Held::Nowhere;
        scratch.marks = None;
        if also.whole && (BLOCK as u64..=WHOLE).contains(&len) {
            scratch.hold(content, len)?;
            return Ok(self.at_hand(path, also, scratch));
        }
        if len > WHOLE
            && let Some(parts) = content.parts()
            && let Some(reading) = self.parts(path, len, parts)?
        {
            return Ok(reading);
        }
        let overlap = self.triggers.overlap();
        scratch.block.resize(BLOCK, 0);
        let mut lines = LineCounter::default();
        let mut encoding = None;
        let mut base = 0_u64;
        let mut carried = 0;
        loop {
            // A short file ends where it is said to: not asking whether it does
            // spares a call for each of a hundred thousand.
            let all = if base == 0 { len } else { u64::MAX };
            let read = fill(content, &mut scratch.block[carried..], all)?;
            let filled = carried + read;
            let block = &scratch.block[..filled];
            let last = filled < BLOCK;
            if last && base == 0 {
                scratch.held = Held::Block(filled);
                return Ok(self.at_hand(path, also, scratch));
            }
            encoding = encoding.or_else(|| Encoding::detect(block));
            if let Some(encoding) = encoding
                && (encoding.hides(block) || self.triggers.hit(block, encoding))
            {
                if len <= WHOLE {
                    content.rewind()?;
                    scratch.hold(content, len)?;
                    return Ok(self.at_hand(path, also, scratch));
                }
                return self.segments(path, base, content, encoding, lines);
            }
            if last {
                return Ok(Reading::of(base + filled as u64));
            }
            let keep = filled - overlap;
            if len > WHOLE {
                lines.pass(&block[..keep]);
            }
            scratch.block.copy_within(keep..filled, 0);
            base += keep as u64;
            carried = overlap;
        }
    }

    /// A document that is in memory, if there is anything to look for in it.
    fn at_hand(&self, path: &str, also: Also, scratch: &mut Scratch) -> Reading {
        let raw = scratch.bytes().unwrap_or_default();
        // What nearly every document is, before anything else is asked of it.
        let (plain, marks) = match also.marks {
            true => {
                let marks = self.plain_with(raw);
                (marks.is_some(), marks)
            }
            false => (self.is_plain(raw), None),
        };
        let reading = match plain {
            true => Reading::of(raw.len() as u64),
            false => self.held(path, raw),
        };
        scratch.marks = marks;
        reading
    }

    fn held(&self, path: &str, raw: &[u8]) -> Reading {
        match Encoding::detect(raw) {
            Some(encoding) if encoding.hides(raw) || self.triggers.hit(raw, encoding) => {
                self.whole(path, raw, encoding)
            }
            _ => Reading::of(raw.len() as u64),
        }
    }

    fn whole(&self, path: &str, raw: &[u8], encoding: Encoding) -> Reading {
        let text = encoding.decode(raw);
        if encoding.hides(raw) && !self.triggers.hit(&text, encoding) {
            return Reading::of(raw.len() as u64);
        }
        let class = classify(path, &text, || self.is_front_end(path));
        let mut builder = Builder::new(self, path, raw.len() as u64);
        let before = LineCounter::default();
        self.look(
            &text,
            0..text.len(),
            &class,
            encoding,
            &before,
            &mut builder,
        );
        builder.finish(Some(&text))
    }

    fn is_front_end(&self, path: &str) -> bool {
        self.callers
            .project(path)
            .is_some_and(|project| project.front_end)
    }

    /// The closer look at a part of a text, stretch by stretch: what it costs
    /// must not grow faster than the text, whatever somebody wrote there.
    fn look(
        &self,
        text: &[u8],
        part: Range<usize>,
        class: &Class,
        encoding: Encoding,
        before: &LineCounter,
        builder: &mut Builder<'_>,
    ) {
        let around = Surroundings {
            document: text,
            evidence: OnceCell::new(),
            state_file: class.state_file,
            bare_literals: class.bare_literals,
            binary: encoding == Encoding::Binary,
            among_secrets: class.among_secrets,
        };
        let patterns = builder.patterns();
        let mut ignores = Vec::new();
        let mut decryption = false;
        builder.begin(before);
        for core in stretches(part) {
            let window = core.start.saturating_sub(WINDOW)..text.len().min(core.end + WINDOW);
            let inside = |at: usize| core.contains(&(window.start + at));
            // What tells of a key may stand in the stretch before it, or behind.
            let hits = self.triggers.hits(&text[window.clone()], encoding);
            if hits.is_empty() {
                continue;
            }
            let mut examined = examine(&text[window.clone()], &hits, &around, &patterns);
            // What begins in a neighbour is the neighbour's.
            examined
                .sightings
                .retain(|sighting| inside(sighting.span.start));
            examined.encrypted.retain(|span| inside(span.start));
            builder.take(text, window.start, examined, class);
            for hit in hits.iter().filter(|hit| inside(hit.at)) {
                decryption |= hit.hint == Hint::Decryption;
                if hit.hint == Hint::Ignore {
                    ignores.push(window.start + hit.at);
                }
            }
        }
        if decryption {
            builder.begin(before);
            builder.take_decryption_keys(text, &around);
        }
        if !ignores.is_empty() {
            builder.begin(before);
            builder.take_ignores(text, &ignores);
        }
    }
}

/// The stretches that a part of a text is looked at in: a short one in one.
fn stretches(part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = part.end;
    part.step_by(STRETCH)
        .map(move |start| start..end.min(start + STRETCH))
}

/// Reads until the buffer is full, the content ends, or `all` of it is read.
fn fill(content: &mut impl Read, buffer: &mut [u8], all: u64) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() && (filled == 0 || filled as u64 != all) {
        match content.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
