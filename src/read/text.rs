//! Keys in any text, with what their place says of them.
//!
//! A document is searched in blocks for a few dozen literal fragments
//! (`trigger`); only where one hits is it looked at closely (`examine`).
//! Documents of up to [`WHOLE`] bytes are then held as a whole, longer ones in
//! overlapping segments, so that neither the length of a file nor that of a
//! line costs memory.

mod argument;
mod class;
mod document;
mod encoding;
mod examine;
mod fragment;
mod label;
mod lines;
mod links;
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
pub use sift::{Made, Sifted};
#[cfg(feature = "live")]
pub(crate) use {links::Links, url::is_functions_host, value::literal};

use std::cell::OnceCell;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use crate::policy::Policy;
use crate::project::{Callers, Files};
use crate::secret::Fingerprinter;
use class::{Class, HEAD, classify};
use document::Builder;
use encoding::Encoding;
use examine::{Surroundings, examine};
use lines::LineCounter;
use trigger::{Hint, Triggers};

/// Bytes of a document that are searched at a time.
const BLOCK: usize = 64 * 1024;

/// Bytes of the longest document that is held as a whole.
pub const WHOLE: u64 = 8 * 1024 * 1024;

/// Bytes of a longer document that are looked at closely at a time.
const SEGMENT: usize = 1024 * 1024;

/// Bytes on either side of a segment that belong to its neighbours: what a key
/// and everything that tells of it fit into.
const MARGIN: usize = 32 * 1024;

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
    /// How much of the block is the last document, if it is all of it.
    whole: Option<usize>,
}

impl Scratch {
    /// The document that was read last, if it fits into a block.
    #[must_use]
    pub fn whole(&self) -> Option<&[u8]> {
        self.whole.map(|len| &self.block[..len])
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
    /// reports, with `/`.
    ///
    /// # Errors
    /// When the content cannot be read.
    pub fn read(
        &self,
        path: &str,
        len: u64,
        content: &mut (impl Read + Seek),
        scratch: &mut Scratch,
    ) -> std::io::Result<Reading> {
        let overlap = self.triggers.overlap();
        scratch.block.resize(BLOCK, 0);
        scratch.whole = None;
        let mut lines = LineCounter::default();
        let mut encoding = None;
        let mut base = 0_u64;
        let mut carried = 0;
        loop {
            let read = fill(content, &mut scratch.block[carried..])?;
            let filled = carried + read;
            let block = &scratch.block[..filled];
            let last = filled < BLOCK;
            if last && base == 0 {
                scratch.whole = Some(filled);
            }
            encoding = encoding.or_else(|| Encoding::detect(block));
            if let Some(encoding) = encoding
                && (encoding.hides(block) || self.triggers.hit(block))
            {
                if base == 0 && last {
                    return Ok(self.whole(path, block, encoding));
                }
                if len <= WHOLE {
                    return self.reread(path, content, encoding, scratch);
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

    /// A document of moderate length in which something hit: again, as a whole.
    fn reread(
        &self,
        path: &str,
        content: &mut (impl Read + Seek),
        encoding: Encoding,
        scratch: &mut Scratch,
    ) -> std::io::Result<Reading> {
        content.seek(SeekFrom::Start(0))?;
        scratch.document.clear();
        // A file that grows meanwhile is cut; its change is noticed elsewhere.
        content.take(WHOLE * 2).read_to_end(&mut scratch.document)?;
        let reading = self.whole(path, &scratch.document, encoding);
        scratch.document.clear();
        scratch.document.shrink_to(BLOCK);
        Ok(reading)
    }

    /// A document that is in memory.
    fn whole(&self, path: &str, raw: &[u8], encoding: Encoding) -> Reading {
        let text = encoding.decode(raw);
        if encoding.hides(raw) && !self.triggers.hit(&text) {
            return Reading::of(raw.len() as u64);
        }
        let class = classify(path, &text, || self.is_front_end(path));
        let binary = encoding == Encoding::Binary;
        let mut builder = Builder::new(self, path, raw.len() as u64);
        let before = LineCounter::default();
        self.look(&text, 0..text.len(), &class, binary, &before, &mut builder);
        builder.finish(Some(&text))
    }

    /// A long document, from the first block that something hit in.
    fn segments(
        &self,
        path: &str,
        from: u64,
        content: &mut (impl Read + Seek),
        encoding: Encoding,
        mut lines: LineCounter,
    ) -> std::io::Result<Reading> {
        let mut head = vec![0; HEAD];
        content.seek(SeekFrom::Start(0))?;
        let got = fill(content, &mut head)?;
        let class = classify(path, &encoding.decode(&head[..got]), || {
            self.is_front_end(path)
        });
        drop(head);

        // `core` begins where the search had come to; before it is context.
        let start = from.saturating_sub(MARGIN as u64) / 2 * 2;
        content.seek(SeekFrom::Start(start))?;
        let mut buffer = vec![0; SEGMENT + 2 * MARGIN];
        let mut core = usize::try_from(from - start).unwrap_or(MARGIN);
        let mut filled = fill(content, &mut buffer)?;
        let mut end = start + filled as u64;
        let mut builder = Builder::new(self, path, 0);
        loop {
            let last = filled < buffer.len();
            let stop = if last { filled } else { filled - MARGIN };
            let parts = [&buffer[..core], &buffer[core..stop], &buffer[stop..filled]]
                .map(|part| encoding.decode(part));
            let text = parts.concat();
            let inner = parts[0].len()..parts[0].len() + parts[1].len();
            let before = lines.rewound(&text[..inner.start]);
            let binary = encoding == Encoding::Binary;
            self.look(&text, inner.clone(), &class, binary, &before, &mut builder);
            lines.pass(&text[inner]);
            if last {
                break;
            }
            buffer.copy_within(stop - MARGIN..filled, 0);
            let kept = filled - (stop - MARGIN);
            core = MARGIN;
            let more = fill(content, &mut buffer[kept..])?;
            filled = kept + more;
            end += more as u64;
        }
        builder.bytes(end);
        Ok(builder.finish(None))
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
        binary: bool,
        before: &LineCounter,
        builder: &mut Builder<'_>,
    ) {
        let around = Surroundings {
            document: text,
            evidence: OnceCell::new(),
            state_file: class.state_file,
            bare_literals: class.bare_literals,
            binary,
            among_secrets: class.among_secrets,
        };
        let patterns = builder.patterns();
        let mut ignores = Vec::new();
        let mut decryption = false;
        builder.begin(before);
        for core in stretches(part) {
            let window = core.start.saturating_sub(WINDOW)..text.len().min(core.end + WINDOW);
            let inside = |at: usize| core.contains(&(window.start + at));
            let hits = self.triggers.hits(&text[window.clone()]);
            if !hits.iter().any(|hit| inside(hit.at)) {
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
        if decryption && !binary {
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

/// Reads until the buffer is full or the content ends.
fn fill(content: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
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
