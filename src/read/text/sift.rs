//! Whether a text holds anything, before its path is known.
//!
//! A blob of a history can have any number of paths. What its path has a say
//! in (whether words without quotes are values, say) is tried both ways, so
//! that what is passed over here is nothing under any path.

use std::cell::OnceCell;
use std::io::{Read, Result};

use super::encoding::Encoding;
use super::examine::{Surroundings, examine};
use super::{BLOCK, Scratch, TextReader, WHOLE, WINDOW, fill, stretches};
use crate::policy::Pattern;

impl TextReader<'_> {
    /// Whether a document that is in memory could hold a key under some path.
    #[must_use]
    pub fn sift(&self, raw: &[u8]) -> bool {
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
