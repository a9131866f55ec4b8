//! Whether a text holds anything, before its path is known.
//!
//! A blob of a history can have any number of paths. What its path has a say
//! in (whether words without quotes are values, say) is tried both ways, so
//! that what is passed over here is nothing under any path.

use std::cell::OnceCell;
use std::io::{Read, Result};
use std::ops::Range;

use super::super::mark::Marks;
use super::encoding::Encoding;
use super::examine::{Surroundings, examine};
use super::{BLOCK, STRETCH, Scratch, TextReader, WHOLE, WINDOW, fill, stretches};
use crate::policy::Pattern;

/// What a text could hold under some path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sifted {
    /// Not even a word that belongs to a key: no piece of it can hold one,
    /// either.
    Plain,
    /// No key, whatever else is changed elsewhere: what it shares with another
    /// text, and is not near a change, holds none there either.
    Empty,
    /// No key.
    Nothing,
    /// A key, perhaps.
    Something,
}

/// What a document is made of, as far as that is known. Parts are what is not
/// of another one; an empty part is where two pieces of it meet.
#[derive(Clone, Copy, Debug)]
pub enum Made<'m> {
    /// All of it may be new.
    Anew,
    /// Of pieces of one that is [`Sifted::Plain`].
    OfPlain(&'m [Range<usize>]),
    /// Of pieces of one that is [`Sifted::Empty`].
    OfEmpty(&'m [Range<usize>]),
}

impl TextReader<'_> {
    /// Whether a document that is in memory could hold a key.
    #[must_use]
    pub fn sift(&self, raw: &[u8], made: Made<'_>) -> Sifted {
        let plain = match made {
            Made::OfPlain(parts) => {
                let mut windows = windows(parts, self.triggers.overlap(), raw.len());
                !has_byte_order_mark(raw) && windows.all(|window| self.is_bare(&raw[window]))
            }
            _ => self.is_plain(raw),
        };
        match plain {
            true => Sifted::Plain,
            false => self.closer(raw, made),
        }
    }

    /// Whether a document is text as it is, without a fragment.
    pub(super) fn is_plain(&self, raw: &[u8]) -> bool {
        !has_byte_order_mark(raw) && self.is_bare(raw)
    }

    /// If it is, which marks of code it has.
    pub(super) fn plain_with(&self, raw: &[u8]) -> Option<Marks> {
        match has_byte_order_mark(raw) || memchr::memchr(0, raw).is_some() {
            true => None,
            false => self.triggers.without_hit(raw),
        }
    }

    /// The same of a part of one.
    fn is_bare(&self, raw: &[u8]) -> bool {
        memchr::memchr(0, raw).is_none() && !self.triggers.hit(raw, Encoding::Utf8)
    }

    fn closer(&self, raw: &[u8], made: Made<'_>) -> Sifted {
        let Some(encoding) = Encoding::detect(raw) else {
            return Sifted::Nothing;
        };
        let hides = encoding.hides(raw);
        if !hides && !self.triggers.hit(raw, encoding) {
            return Sifted::Nothing;
        }
        // The closer look at so much is for when its path is known.
        if raw.len() as u64 > WHOLE {
            return Sifted::Something;
        }
        let text = encoding.decode(raw);
        if hides && !self.triggers.hit(&text, encoding) {
            return Sifted::Nothing;
        }
        let binary = encoding == Encoding::Binary;
        // What stands far from a change is what it was, as long as all of it is
        // plain text, and long enough for anything to be far.
        let in_pieces = !hides && !binary && text.len() > 2 * STRETCH;
        let parts: Vec<Range<usize>> = match made {
            Made::OfEmpty(parts) if in_pieces => windows(parts, WINDOW, text.len()).collect(),
            _ => std::iter::once(0..text.len()).collect(),
        };
        let lenient = self.look_into(&text, &parts, encoding, true);
        // Where not even then a key could stand, none can otherwise.
        let strict = match lenient.places && !lenient.keys {
            true => self.look_into(&text, &parts, encoding, false),
            false => Look::default(),
        };
        match (lenient.keys || strict.keys, lenient.open || strict.open) {
            (true, _) => Sifted::Something,
            (false, false) if in_pieces => Sifted::Empty,
            (false, _) => Sifted::Nothing,
        }
    }

    /// The same of one that is too large for that, by its fragments alone.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn sift_stream(&self, content: &mut impl Read, scratch: &mut Scratch) -> Result<bool> {
        let overlap = self.triggers.overlap();
        scratch.block.resize(BLOCK, 0);
        let mut carried = 0;
        let mut encoding = None;
        loop {
            let filled = carried + fill(content, &mut scratch.block[carried..], u64::MAX)?;
            let block = &scratch.block[..filled];
            encoding = encoding.or_else(|| Encoding::detect(block));
            if encoding.is_some_and(|it: Encoding| it.hides(block) || self.triggers.hit(block, it))
            {
                return Ok(true);
            }
            if filled < BLOCK {
                return Ok(false);
            }
            scratch.block.copy_within(filled - overlap..filled, 0);
            carried = overlap;
        }
    }

    fn look_into(
        &self,
        text: &[u8],
        parts: &[Range<usize>],
        encoding: Encoding,
        lenient: bool,
    ) -> Look {
        let around = Surroundings {
            document: text,
            evidence: OnceCell::new(),
            state_file: lenient,
            bare_literals: lenient,
            binary: encoding == Encoding::Binary,
            among_secrets: lenient,
        };
        let patterns: Vec<&Pattern> = self.policy.patterns().iter().collect();
        let mut look = Look::default();
        for core in parts.iter().cloned().flat_map(stretches) {
            let window = core.start.saturating_sub(WINDOW)..text.len().min(core.end + WINDOW);
            let hits = self.triggers.hits(&text[window.clone()], encoding);
            if hits.is_empty() {
                continue;
            }
            let examined = examine(&text[window], &hits, &around, &patterns);
            look.places |= examined.has_places;
            look.keys |= !examined.sightings.is_empty();
            if look.keys {
                break;
            }
        }
        look.open = around.evidence.get() == Some(&false);
        look
    }
}

/// What a look into a text came to.
#[derive(Default)]
struct Look {
    keys: bool,
    /// Whether there are places where a key could stand.
    places: bool,
    /// Whether there might be keys if something else in the text were about
    /// Azure Functions.
    open: bool,
}

/// Whether a byte order mark of UTF-16 begins it.
fn has_byte_order_mark(raw: &[u8]) -> bool {
    matches!(raw, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}

/// The parts with `margin` bytes around them, as far as there are any; those
/// that touch then are one.
fn windows(
    parts: &[Range<usize>],
    margin: usize,
    len: usize,
) -> impl Iterator<Item = Range<usize>> {
    let mut parts = parts.iter().peekable();
    std::iter::from_fn(move || {
        let first = parts.next()?;
        let mut end = first.end;
        while let Some(next) = parts.next_if(|next| next.start <= end + 2 * margin) {
            end = next.end;
        }
        Some(first.start.saturating_sub(margin)..len.min(end + margin))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placeholder::expand;
    use crate::policy::Policy;
    use crate::secret::Fingerprinter;
    use proptest::prelude::*;

    #[test]
    fn windows_grow_together() {
        let all = |parts: &[Range<usize>]| windows(parts, 10, 100).collect::<Vec<_>>();
        assert!(all(&[]).is_empty());
        assert_eq!(all(&[5..5, 95..100]), [0..15, 85..100]);
        assert_eq!(all(&[30..40, 60..60, 81..90]), [20..70, 71..100]);
    }

    fn reader(policy: &Policy) -> TextReader<'_> {
        let prints = Fingerprinter::for_this_run().unwrap();
        let files: Vec<(String, Vec<u8>)> = Vec::new();
        TextReader::new(policy, vec![], Box::new(files), prints)
    }

    #[test]
    fn a_change_of_an_empty_text_is_looked_at_where_it_is() {
        let policy = Policy::default();
        let reader = reader(&policy);
        // Full of words that belong to keys, and about Azure Functions.
        let line = "  \"masterKey\": \"<master-key>\", // Microsoft.Web/sites/host\n";
        let empty = line.repeat(6_000);
        assert_eq!(reader.sift(empty.as_bytes(), Made::Anew), Sifted::Empty);
        let key = expand("x-functions-key: {{custom-key}}\n").unwrap();
        let half = empty.len() / 2 / line.len() * line.len();
        let with = format!("{}{key}{}", &empty[..half], &empty[half..]);
        let sift = |part| reader.sift(with.as_bytes(), Made::OfEmpty(&[part]));
        assert_eq!(sift(half..half + key.len()), Sifted::Something);
        // It believes what it is told of the rest.
        assert_eq!(sift(0..line.len()), Sifted::Empty);
        // Nothing in it says that it is about Azure Functions: a change
        // anywhere could.
        let other = expand("  \"masterKey\": \"{{custom-key}}\",\n").unwrap();
        let other = other.repeat(6_000);
        assert_eq!(reader.sift(other.as_bytes(), Made::Anew), Sifted::Nothing);
    }

    proptest! {
        /// Of two plain texts a third one, cut and pasted: what is looked at is
        /// enough, wherever the pieces of a key come from.
        #[test]
        fn pieces_of_plain_texts_are_looked_at_where_they_meet(
            place in ".{0,300}",
            cut in 1_usize..70,
            tail in 0_usize..200,
        ) {
            let key = expand("x-functions-key: {{function-key}}").unwrap();
            let policy = Policy::default();
            let reader = reader(&policy);
            let sift = |text: &str, parts: &[Range<usize>]| {
                reader.sift(text.as_bytes(), Made::OfPlain(parts))
            };

            let cut = cut.min(key.len() - 1);
            let (before, after) = (format!("{place}\n{}", &key[..cut]), &key[cut..]);
            let whole = format!("{before}{after}\n{}", "x".repeat(tail));
            let alone = reader.sift(whole.as_bytes(), Made::Anew);
            prop_assert_eq!(alone, Sifted::Something);
            // A seam in the middle; the second half new; the first half new.
            let at = before.len();
            for part in [at..at, at..at + after.len(), 0..at] {
                prop_assert_eq!(sift(&whole, &[part]), Sifted::Something);
            }
        }
    }
}
