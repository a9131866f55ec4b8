//! Documents that are read once more, by those who know their structure.

use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Collector;
use crate::fact::{Format, KeyOccurrence};
use crate::gap::{Gap, GapReason};
use crate::read::structured::{Parts, Source, Version, Versions, Wanted};
use crate::read::text::{Reading, Scratch, WHOLE, Whole, decode};
use crate::source::{Change, Document, Present};

impl Collector<'_> {
    /// Keeps the structure of a document whose text has just been read; whether
    /// somebody wants it.
    pub(super) fn structure(
        &self,
        document: &mut Document,
        wanted: Wanted,
        reading: &Reading,
        scratch: &Scratch,
    ) -> bool {
        if wanted.is_none() {
            return false;
        }
        let guessable = guessable(&reading.occurrences);
        if let Some(version) = self.version(document, wanted, scratch.whole(), guessable) {
            self.lock().collection.structures.absorb(version.parts);
        }
        true
    }

    /// The same of one that has changed, as it is and as it was.
    pub(super) fn structure_of(
        &self,
        change: &Change,
        document: &mut Document,
        reading: &Reading,
        scratch: &Scratch,
    ) -> bool {
        let (path, now) = match change.versions.present() {
            Ok(Present::Itself) => {
                let wanted = Wanted::in_change(&document.path);
                let guessable = guessable(&reading.occurrences);
                let now = self.version(document, wanted, scratch.whole(), guessable);
                (document.path.clone(), now)
            }
            Ok(Present::Other(mut today)) => {
                let wanted = Wanted::in_change(&today.path);
                let now = self.version(&mut today, wanted, None, Vec::new());
                (today.path, now)
            }
            Ok(Present::Gone) => (document.path.clone(), None),
            Err(gap) => {
                self.note(gap);
                return false;
            }
        };
        let wanted = Wanted::in_change(&path);
        if wanted.is_none() {
            return false;
        }
        let mut before = Vec::new();
        for version in change.versions.before() {
            match version {
                Ok(mut version) => {
                    // Under its name of today: that it was renamed is no news.
                    version.path.clone_from(&path);
                    before.extend(self.version(&mut version, wanted, None, Vec::new()));
                }
                Err(gap) => self.note(gap),
            }
        }
        let versions = Versions { now, before };
        self.lock().collection.structures.change(path, versions);
        true
    }

    /// A document as those who want it read it; none where nobody does. It is
    /// at hand already where it was short.
    fn version(
        &self,
        document: &mut Document,
        wanted: Wanted,
        at_hand: Option<Whole<'_>>,
        guessable: Vec<u64>,
    ) -> Option<Version> {
        if wanted.is_none() {
            return None;
        }
        let path = document.path.clone();
        let mut again = Vec::new();
        let (bytes, marks) = match at_hand {
            Some(whole) => (whole.bytes, whole.marks),
            None if document.len > WHOLE => {
                return Some(Version {
                    source: None,
                    parts: Parts::too_long(&path),
                });
            }
            None => {
                if let Err(error) = read_again(document, &mut again) {
                    self.note(Gap::io(path, &error));
                    return None;
                }
                (&again[..], None)
            }
        };
        // What is no text has been searched as bytes, and has no structure. Text
        // is tested before it is copied, where it is ASCII as it lies there: as
        // it does where marks were found on the way.
        let (wanted, text) = if marks.is_none() && memchr::memchr(0, bytes).is_some() {
            let text = decode(bytes)?;
            (wanted.of_content(text.as_bytes(), None), text)
        } else {
            let wanted = wanted.of_content(bytes, marks);
            let text = (!wanted.is_none()).then(|| decode(bytes));
            (wanted, text.flatten()?)
        };
        if wanted.is_none() {
            return None;
        }
        let source = Arc::new(Source::new(path, text, guessable));
        match catch_unwind(AssertUnwindSafe(|| Parts::read(&source, wanted))) {
            Ok(parts) => Some(Version {
                source: Some(source),
                parts,
            }),
            Err(_) => {
                self.note(Gap {
                    subject: source.path.clone(),
                    reason: GapReason::Internal,
                });
                None
            }
        }
    }
}

/// Reads a document from its start.
fn read_again(document: &mut Document, into: &mut Vec<u8>) -> std::io::Result<()> {
    document.content.seek(SeekFrom::Start(0))?;
    (&mut document.content).take(WHOLE).read_to_end(into)?;
    Ok(())
}

/// The lines with a value that could be guessed from a hash of its line.
fn guessable(occurrences: &[KeyOccurrence]) -> Vec<u64> {
    let chosen = occurrences
        .iter()
        .filter(|occurrence| occurrence.format == Format::Chosen);
    chosen
        .filter_map(|occurrence| Some(occurrence.location.file()?.start.line))
        .collect()
}
