//! Documents that are longer than what is held.
//!
//! Where any part of the content can be read at any time, several threads search
//! its pieces, and a closer look is taken, in order, only where something hit.
//! All other content is looked at from its first hit to its end.

use std::io::{Read, Result, Seek, SeekFrom};
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::class::{Class, HEAD, classify};
use super::document::{Builder, Reading};
use super::encoding::Encoding;
use super::lines::LineCounter;
use super::{BLOCK, TextReader, fill};

/// Bytes that are looked at closely at a time.
const SEGMENT: usize = 1024 * 1024;

/// Bytes on either side of what is looked at that belong to its neighbours: what
/// a key and everything that tells of it fit into.
const MARGIN: usize = 32 * 1024;

/// Bytes of a piece: what stays in the cache of a processor.
const PIECE: u64 = 128 * 1024;

/// Pieces of a document; one of more than 8 GiB has larger ones.
const MAX_PIECES: u64 = 64 * 1024;

/// Threads that search one document; more would wait for its bytes.
const MAX_THREADS: usize = 8;

/// The content of a document.
pub trait Text: Read + Seek {
    /// The same, if its parts can be read in any order, and by several threads.
    fn parts(&self) -> Option<&dyn ReadAt>;
}

/// Content of which any part can be read at any time.
pub trait ReadAt: Sync {
    /// Reads what is at a place, as [`Read::read`] does.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> Result<usize>;
}

/// What the search of a piece came to.
#[derive(Clone, Default)]
struct Piece {
    /// Bytes that were there.
    bytes: usize,
    hit: bool,
    /// Its lines.
    lines: LineCounter,
}

/// Where the pieces of a document are.
#[derive(Clone, Copy)]
struct Pieces {
    len: u64,
    each: u64,
}

impl Pieces {
    fn of(len: u64) -> Self {
        let each = PIECE.max(len.div_ceil(MAX_PIECES));
        Self { len, each }
    }

    fn count(self) -> usize {
        usize::try_from(self.len.div_ceil(self.each)).unwrap_or(usize::MAX)
    }

    /// How many are looked at closely at a time.
    fn together(self) -> usize {
        (SEGMENT / self.each as usize).max(1)
    }

    /// Where pieces begin with so much of their neighbours, how long that is,
    /// and where in that they are.
    fn around(self, pieces: Range<usize>, margin: u64) -> (u64, usize, Range<usize>) {
        let start = pieces.start as u64 * self.each;
        let end = self.len.min(pieces.end as u64 * self.each);
        let from = start.saturating_sub(margin);
        let to = self.len.min(end + margin);
        let within = |at: u64| (at - from) as usize;
        (from, within(to), within(start)..within(end))
    }
}

impl TextReader<'_> {
    /// A document of which any part can be read; none if its bytes are not its
    /// text.
    pub(super) fn parts(
        &self,
        path: &str,
        len: u64,
        content: &dyn ReadAt,
    ) -> Result<Option<Reading>> {
        let mut head = vec![0; BLOCK];
        let got = fill_at(content, &mut head, 0)?;
        head.truncate(got);
        let encoding = match Encoding::detect(&head) {
            Some(encoding @ (Encoding::Utf8 | Encoding::Binary)) => encoding,
            _ => return Ok(None),
        };
        let layout = Pieces::of(len);
        let Some(pieces) = self.search(content, layout, encoding)? else {
            return Ok(None);
        };
        head.truncate(HEAD);
        let class = classify(path, &head, || self.is_front_end(path));
        let mut builder = Builder::new(self, path, 0);
        let mut buffer = Vec::new();
        let mut lines = LineCounter::default();
        let mut bytes = 0;
        for start in (0..pieces.len()).step_by(layout.together()) {
            let end = pieces.len().min(start + layout.together());
            // What tells of a key may stand in the piece before it, or behind.
            let near = &pieces[start.saturating_sub(1)..pieces.len().min(end + 1)];
            if near.iter().any(|piece| piece.hit) {
                let (from, len, core) = layout.around(start..end, MARGIN as u64);
                buffer.resize(len, 0);
                let filled = fill_at(content, &mut buffer, from)?;
                let text = &buffer[..filled];
                let core = core.start.min(filled)..core.end.min(filled);
                let before = lines.rewound(&text[..core.start]);
                self.look(text, core, &class, encoding, &before, &mut builder);
            }
            for piece in &pieces[start..end] {
                lines = lines.then(&piece.lines);
                bytes += piece.bytes as u64;
            }
        }
        builder.bytes(bytes);
        Ok(Some(builder.finish(None)))
    }

    /// Searches every piece; none if one of them hides what is in it.
    fn search(
        &self,
        content: &dyn ReadAt,
        layout: Pieces,
        encoding: Encoding,
    ) -> Result<Option<Vec<Piece>>> {
        let count = layout.count();
        let next = AtomicUsize::new(0);
        // Nobody goes on when one cannot.
        let over = AtomicBool::new(false);
        let work = || -> Result<Option<Vec<(usize, Piece)>>> {
            let mut done = Vec::new();
            let mut buffer = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count || over.load(Ordering::Relaxed) {
                    return Ok(Some(done));
                }
                let (from, len, core) =
                    layout.around(number..number + 1, self.triggers.overlap() as u64);
                buffer.resize(len, 0);
                let filled = match fill_at(content, &mut buffer, from) {
                    Ok(filled) => filled,
                    Err(error) => {
                        over.store(true, Ordering::Relaxed);
                        return Err(error);
                    }
                };
                let text = &buffer[..filled];
                if encoding.hides(text) {
                    over.store(true, Ordering::Relaxed);
                    return Ok(None);
                }
                let own = &text[core.start.min(filled)..core.end.min(filled)];
                let mut lines = LineCounter::behind(from + core.start as u64);
                lines.pass(own);
                let piece = Piece {
                    bytes: own.len(),
                    hit: self.triggers.hit(text, encoding),
                    lines,
                };
                done.push((number, piece));
            }
        };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let parts = thread::scope(|scope| {
            let others = 1..threads.min(MAX_THREADS).min(count);
            let others: Vec<_> = others.map(|_| scope.spawn(work)).collect();
            let mut parts = vec![work()];
            for other in others {
                parts.push(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            parts
        });
        let mut pieces = vec![Piece::default(); count];
        for part in parts {
            let Some(part) = part? else { return Ok(None) };
            for (number, piece) in part {
                pieces[number] = piece;
            }
        }
        Ok(Some(pieces))
    }

    /// A document from the first block that something hit in.
    pub(super) fn segments(
        &self,
        path: &str,
        from: u64,
        content: &mut (impl Read + Seek),
        encoding: Encoding,
        mut lines: LineCounter,
    ) -> Result<Reading> {
        let class = self.class_of(path, content, encoding)?;
        // `core` begins where the search had come to; before it is context.
        let start = from.saturating_sub(MARGIN as u64) / 2 * 2;
        content.seek(SeekFrom::Start(start))?;
        let mut buffer = vec![0; SEGMENT + 2 * MARGIN];
        let mut core = usize::try_from(from - start).unwrap_or(MARGIN);
        let mut filled = fill(content, &mut buffer, u64::MAX)?;
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
            self.look(
                &text,
                inner.clone(),
                &class,
                encoding,
                &before,
                &mut builder,
            );
            lines.pass(&text[inner]);
            if last {
                break;
            }
            buffer.copy_within(stop - MARGIN..filled, 0);
            let kept = filled - (stop - MARGIN);
            core = MARGIN;
            let more = fill(content, &mut buffer[kept..], u64::MAX)?;
            filled = kept + more;
            end += more as u64;
        }
        builder.bytes(end);
        Ok(builder.finish(None))
    }

    fn class_of(
        &self,
        path: &str,
        content: &mut (impl Read + Seek),
        encoding: Encoding,
    ) -> Result<Class> {
        let mut head = vec![0; HEAD];
        content.seek(SeekFrom::Start(0))?;
        let got = fill(content, &mut head, u64::MAX)?;
        let head = encoding.decode(&head[..got]);
        Ok(classify(path, &head, || self.is_front_end(path)))
    }
}

/// Reads until the buffer is full or the content ends.
fn fill_at(content: &dyn ReadAt, buffer: &mut [u8], at: u64) -> Result<usize> {
    let mut rest = At { content, at };
    fill(&mut rest, buffer, u64::MAX)
}

/// Content from a place on.
struct At<'c> {
    content: &'c dyn ReadAt,
    at: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.content.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placeholder::expand;
    use crate::policy::Policy;
    use crate::read::text::{Also, STRETCH, Scratch, WHOLE};
    use crate::secret::Fingerprinter;
    use std::io::Cursor;

    /// Content that is read from its beginning to its end.
    struct Stream(Cursor<Vec<u8>>);

    impl Read for Stream {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Seek for Stream {
        fn seek(&mut self, to: SeekFrom) -> Result<u64> {
            self.0.seek(to)
        }
    }

    impl Text for Stream {
        fn parts(&self) -> Option<&dyn ReadAt> {
            None
        }
    }

    impl Text for Cursor<Vec<u8>> {
        fn parts(&self) -> Option<&dyn ReadAt> {
            Some(self)
        }
    }

    /// Line, column and offset of each key.
    fn found(content: &mut impl Text, len: usize) -> Vec<(u64, u64, u64)> {
        let policy = Policy::default();
        let prints = Fingerprinter::for_this_run().unwrap();
        let files: Vec<(String, Vec<u8>)> = Vec::new();
        let reader = TextReader::new(&policy, vec![], Box::new(files), prints);
        let scratch = &mut Scratch::default();
        let reading = reader.read("a.log", len as u64, Also::default(), content, scratch);
        let reading = reading.unwrap();
        assert_eq!(reading.bytes, len as u64);
        let places = reading.occurrences.iter().map(|key| {
            let place = key.location.file().unwrap();
            (place.start.line, place.start.column, place.offset)
        });
        places.collect()
    }

    /// Text with a key that nothing but its header gives away, so that its value
    /// begins at each of the places.
    fn text(len: usize, places: &[usize]) -> Vec<u8> {
        let header = "x-functions-key: ";
        let key = expand("{{custom-key}}\n").unwrap();
        let line = "a line of a log with nothing in it: \u{fc}\n"
            .bytes()
            .cycle();
        let mut text: Vec<u8> = "\u{feff}".bytes().chain(line).take(len).collect();
        for at in places {
            text[at - header.len()..*at].copy_from_slice(header.as_bytes());
            text[*at..at + key.len()].copy_from_slice(key.as_bytes());
        }
        text
    }

    #[test]
    fn a_key_may_stand_anywhere() {
        let (piece, whole) = (PIECE as usize, WHOLE as usize);
        let last = whole + 3 * piece;
        for shift in [-60, -40, -9, -1, 0, 1, 17, 18] {
            let borders = [
                STRETCH,
                7 * piece,
                7 * piece + 3 * STRETCH,
                SEGMENT * 5,
                last,
            ];
            let places = borders.map(|border| border.strict_add_signed(shift));
            let text = text(last + 200, &places);
            let len = text.len();
            let in_parts = found(&mut Cursor::new(text.clone()), len);
            let offsets: Vec<_> = in_parts.iter().map(|(.., at)| *at as usize).collect();
            assert_eq!(offsets, places, "{shift}");
            assert_eq!(in_parts, found(&mut Stream(Cursor::new(text)), len));
        }
    }

    #[test]
    fn what_hides_behind_zero_bytes_is_read_from_its_beginning() {
        let mut text = text(WHOLE as usize + 1_000, &[WHOLE as usize]);
        text[5_000_000] = 0;
        let len = text.len();
        assert_eq!(found(&mut Cursor::new(text), len).len(), 1);
    }

    #[test]
    fn pieces_are_the_document() {
        for len in [1, PIECE, PIECE + 1, 3 * PIECE - 1, 9 << 30] {
            let pieces = Pieces::of(len);
            let count = pieces.count();
            assert!(count as u64 <= MAX_PIECES);
            let (from, size, core) = pieces.around(count - 1..count, 10);
            assert_eq!(from + core.end as u64, len);
            assert_eq!(core.end, size);
            assert_eq!(pieces.around(0..1, 10).2.start, 0);
        }
    }
}
