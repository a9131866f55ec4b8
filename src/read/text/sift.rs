//! Whether a text holds anything, before its path is known.
//!
//! A blob of a history can have any number of paths. What its path has a say
//! in (whether words without quotes are values, say) is tried both ways, so
//! that what is passed over here is nothing under any path.

use std::cell::OnceCell;
use std::io::{Read, Result};
use std::ops::Range;

use super::encoding::Encoding;
use super::examine::{Surroundings, examine};
use super::{BLOCK, Scratch, TextReader, WHOLE, WINDOW, fill, stretches};
use crate::policy::Pattern;

/// What a text could hold under some path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sifted {
    /// Not even a word that belongs to a key: no piece of it can hold one,
    /// either.
    Plain,
    /// No key.
    Nothing,
    /// A key, perhaps.
    Something,
}

impl TextReader<'_> {
    /// Whether a document that is in memory could hold a key. Where it is made
    /// of pieces of a plain one, `parts` says what of it is not; an empty part
    /// is where two pieces meet.
    #[must_use]
    pub fn sift(&self, raw: &[u8], parts: Option<&[Range<usize>]>) -> Sifted {
        let plain = match parts {
            Some(parts) => {
                let mut windows = windows(parts, self.triggers.overlap(), raw.len());
                !has_mark(raw) && windows.all(|window| self.is_plain(&raw[window]))
            }
            None => !has_mark(raw) && self.is_plain(raw),
        };
        match plain {
            true => Sifted::Plain,
            false if self.could_hold(raw) => Sifted::Something,
            false => Sifted::Nothing,
        }
    }

    /// Whether the bytes are text as they are, without a fragment.
    fn is_plain(&self, raw: &[u8]) -> bool {
        memchr::memchr(0, raw).is_none() && !self.triggers.hit(raw)
    }

    fn could_hold(&self, raw: &[u8]) -> bool {
        let Some(encoding) = Encoding::detect(raw) else {
            return false;
        };
        if !encoding.hides(raw) && !self.triggers.hit(raw) {
            return false;
        }
        // The closer look at so much is for when its path is known.
        if raw.len() as u64 > WHOLE {
            return true;
        }
        let text = encoding.decode(raw);
        if encoding.hides(raw) && !self.triggers.hit(&text) {
            return false;
        }
        let binary = encoding == Encoding::Binary;
        self.has_sightings(&text, binary, true) || self.has_sightings(&text, binary, false)
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
            let filled = carried + fill(content, &mut scratch.block[carried..])?;
            let block = &scratch.block[..filled];
            encoding = encoding.or_else(|| Encoding::detect(block));
            if encoding.is_some_and(|it: Encoding| it.hides(block) || self.triggers.hit(block)) {
                return Ok(true);
            }
            if filled < BLOCK {
                return Ok(false);
            }
            scratch.block.copy_within(filled - overlap..filled, 0);
            carried = overlap;
        }
    }

    fn has_sightings(&self, text: &[u8], binary: bool, lenient: bool) -> bool {
        let around = Surroundings {
            document: text,
            evidence: OnceCell::new(),
            state_file: lenient,
            bare_literals: lenient,
            binary,
            among_secrets: lenient,
        };
        let patterns: Vec<&Pattern> = self.policy.patterns().iter().collect();
        stretches(0..text.len()).any(|core| {
            let window = core.start.saturating_sub(WINDOW)..text.len().min(core.end + WINDOW);
            let hits = self.triggers.hits(&text[window.clone()]);
            let inside = |at: usize| core.contains(&(window.start + at));
            hits.iter().any(|hit| inside(hit.at))
                && !examine(&text[window.clone()], &hits, &around, &patterns)
                    .sightings
                    .is_empty()
        })
    }
}

/// Whether a byte order mark of UTF-16 begins it.
fn has_mark(raw: &[u8]) -> bool {
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
            let prints = Fingerprinter::for_this_run().unwrap();
            let files: Vec<(String, Vec<u8>)> = Vec::new();
            let reader = TextReader::new(&policy, vec![], Box::new(files), prints);
            let sift = |text: &str, parts: &[Range<usize>]| reader.sift(text.as_bytes(), Some(parts));

            let cut = cut.min(key.len() - 1);
            let (before, after) = (format!("{place}\n{}", &key[..cut]), &key[cut..]);
            let whole = format!("{before}{after}\n{}", "x".repeat(tail));
            let alone = reader.sift(whole.as_bytes(), None);
            prop_assert_eq!(alone, Sifted::Something);
            // A seam in the middle; the second half new; the first half new.
            let at = before.len();
            for part in [at..at, at..at + after.len(), 0..at] {
                prop_assert_eq!(sift(&whole, &[part]), Sifted::Something);
            }
        }
    }
}
