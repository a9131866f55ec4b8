//! Reads documents as a source finds them, and keeps what they hold.

mod history;
mod novelty;
mod structure;

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::fact::KeyOccurrence;
use crate::gap::{Gap, GapReason, Notice, Unopened};
use crate::outcome::Coverage;
use crate::read::structured::{Structures, Wanted};
use crate::read::text::{Also, DecryptionKey, Reading, Scratch, StoreSighting, TextReader};
use crate::source::{Content, Document, Sink};
use crate::suppress::InlineIgnore;

/// Occurrences that a run keeps; code scanning takes no more results.
pub const MAX_OCCURRENCES: usize = 25_000;

/// Everything that was read.
#[derive(Default)]
pub struct Collection {
    /// The keys, sorted by place.
    pub occurrences: Vec<KeyOccurrence>,
    /// Encrypted secret stores.
    pub stores: Vec<StoreSighting>,
    /// The keys that open such stores.
    pub decryption_keys: Vec<DecryptionKey>,
    /// What documents are, where a reader knows their structure.
    pub structures: Structures,
    /// Inline ignores, and attempts at them.
    pub ignores: Vec<InlineIgnore>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Limits that the user should know of.
    pub notices: Vec<Notice>,
    /// What was read.
    pub coverage: Coverage,
}

/// Collects from several threads.
pub struct Collector<'r> {
    reader: &'r TextReader<'r>,
    files: AtomicU64,
    bytes: AtomicU64,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    collection: Collection,
    dropped: usize,
    unopened: BTreeMap<Unopened, Paths>,
}

/// Paths that are only counted, each of them once: a sparse checkout may leave
/// out a million.
#[derive(Default)]
struct Paths {
    hasher: RandomState,
    hashes: HashSet<u64>,
    /// The first of them in their order.
    example: Option<String>,
}

impl Paths {
    fn add(&mut self, path: String) {
        self.hashes.insert(self.hasher.hash_one(&path));
        if self.example.as_ref().is_none_or(|first| path < *first) {
            self.example = Some(path);
        }
    }
}

impl<'r> Collector<'r> {
    /// For one run of the reader.
    #[must_use]
    pub fn new(reader: &'r TextReader<'r>) -> Self {
        Self {
            reader,
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            kept: Mutex::default(),
        }
    }

    /// How much has been read by now.
    #[must_use]
    pub fn progress(&self) -> Coverage {
        Coverage {
            files: self.files.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            ..Coverage::default()
        }
    }

    /// Everything, in the order of the report.
    #[must_use]
    pub fn finish(self) -> Collection {
        let coverage = self.progress();
        let mut kept = self
            .kept
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.trim();
        let mut all = kept.collection;
        all.coverage = coverage;
        all.stores.sort_by(|a, b| a.location.cmp(&b.location));
        all.decryption_keys
            .sort_by(|a, b| a.location.cmp(&b.location));
        // Several commits may have led to the same version of a file.
        all.ignores.sort_by(|a, b| a.place.cmp(&b.place));
        all.ignores.dedup_by(|a, b| a.place == b.place);
        all.gaps.sort();
        all.gaps.dedup();
        for (what, paths) in kept.unopened {
            let example = paths.example.unwrap_or_default();
            let notice = what.notice(paths.hashes.len(), example);
            all.notices.push(notice);
        }
        if kept.dropped > 0 {
            all.notices.push(Notice::TooManyOccurrences {
                kept: all.occurrences.len(),
                dropped: kept.dropped,
            });
        }
        all
    }

    /// Reads a document with a reader, ours or one that is like it; `wanted` by
    /// others, too.
    fn read(
        &self,
        reader: &TextReader<'_>,
        document: &mut Document,
        wanted: Wanted,
        scratch: &mut Scratch,
    ) -> Result<Reading, Gap> {
        let Document {
            path, len, content, ..
        } = document;
        // What is read at once has no time to change.
        let before = (*len > 64 * 1024).then(|| stamp(content)).flatten();
        let also = Also {
            whole: !wanted.is_none(),
            marks: wanted.by_marks(),
        };
        let read = guard(scratch, |scratch| {
            reader.read(path, *len, also, content, scratch)
        });
        match read {
            Ok(Ok(reading)) => {
                let changed = before.is_some() && stamp(content) != before;
                if reading.bytes != *len || changed {
                    self.note(Gap {
                        subject: path.clone(),
                        reason: GapReason::Changed,
                    });
                }
                Ok(reading)
            }
            Ok(Err(error)) => Err(Gap::io(path.as_str(), &error)),
            Err(reason) => Err(Gap {
                subject: path.clone(),
                reason,
            }),
        }
    }

    fn note(&self, mut gap: Gap) {
        gap.subject = crate::excerpt::redact_path(&gap.subject);
        self.lock().collection.gaps.push(gap);
    }

    fn count(&self, bytes: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn keep(&self, reading: Reading) {
        if reading.is_empty() {
            return;
        }
        let mut kept = self.lock();
        kept.dropped += reading.dropped;
        kept.collection.occurrences.extend(reading.occurrences);
        kept.collection.stores.extend(reading.store);
        kept.collection
            .decryption_keys
            .extend(reading.decryption_keys);
        kept.collection.ignores.extend(reading.ignores);
        if kept.collection.occurrences.len() > MAX_OCCURRENCES * 5 / 4 {
            kept.trim();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Kept {
    /// Keeps the first occurrences by place: the same ones in every run.
    fn trim(&mut self) {
        let all = &mut self.collection.occurrences;
        all.sort_by(|a, b| a.location.cmp(&b.location));
        // Of several commits that add a key where it is today, the latest has
        // come first.
        all.dedup_by(|a, b| a.location == b.location && a.fingerprint == b.fingerprint);
        if all.len() > MAX_OCCURRENCES {
            self.dropped += all.len() - MAX_OCCURRENCES;
            all.truncate(MAX_OCCURRENCES);
        }
    }
}

impl Sink for Collector<'_> {
    type Scratch = Scratch;

    fn document(&self, mut document: Document, scratch: &mut Scratch) {
        let change = document.change.take();
        let wanted = Wanted::by_name(&document.path);
        let mut reading = match self.read(self.reader, &mut document, wanted, scratch) {
            Ok(reading) => reading,
            Err(gap) => return self.note(gap),
        };
        let structured = match &change {
            None => self.structure(&mut document, wanted, &reading, scratch),
            Some(change) => self.structure_of(change, &mut document, &reading, scratch),
        };
        if let Some(change) = change {
            let read = |mut version: Document| {
                self.read(self.reader, &mut version, Wanted::default(), scratch)
            };
            for gap in novelty::keep_new(&mut reading, &change, structured, read) {
                self.note(gap);
            }
        }
        if is_archive(&document.path) {
            self.unopened(Unopened::Archive, &document.path);
        } else if is_lfs_pointer(&mut document) {
            self.unopened(Unopened::Lfs, &document.path);
        }
        self.count(reading.bytes);
        self.keep(reading);
    }

    fn gap(&self, gap: Gap) {
        self.note(gap);
    }

    fn unopened(&self, what: Unopened, path: &str) {
        let path = crate::excerpt::redact_path(path);
        self.lock().unopened.entry(what).or_default().add(path);
    }
}

/// Runs a reader. A bug in it must cost one document, not the run; and what it
/// panics with must not be shown, since it may hold what was read.
fn guard<T>(scratch: &mut Scratch, read: impl FnOnce(&mut Scratch) -> T) -> Result<T, GapReason> {
    catch_unwind(AssertUnwindSafe(|| read(scratch))).map_err(|_| {
        *scratch = Scratch::default();
        GapReason::Internal
    })
}

/// When the file was last written, and its length then.
fn stamp(content: &Content) -> Option<(u64, SystemTime)> {
    match content {
        Content::File(file) => {
            let metadata = file.metadata().ok()?;
            Some((metadata.len(), metadata.modified().ok()?))
        }
        _ => None,
    }
}

/// Whether the document stands for content that git LFS keeps.
fn is_lfs_pointer(document: &mut Document) -> bool {
    const BEGIN: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid ";
    // A version, a digest and a size. What is longer is not looked at, so that
    // few files are read twice.
    if !(100..=256).contains(&document.len) {
        return false;
    }
    let mut head = [0; BEGIN.len()];
    let content = &mut document.content;
    content.rewind().is_ok() && content.read_exact(&mut head).is_ok() && head == BEGIN
}

/// Whether the name is that of an archive: its content is searched as bytes,
/// which shows nothing of what is compressed.
fn is_archive(path: &str) -> bool {
    const EXTENSIONS: &[&str] = &[
        "zip", "jar", "war", "ear", "aar", "nupkg", "snupkg", "whl", "egg", "tar", "tgz", "gz",
        "bz2", "xz", "zst", "7z", "rar", "cab", "iso", "apk", "aab", "ipa", "vsix", "deb", "rpm",
        "docx", "xlsx", "pptx", "bacpac", "dacpac",
    ];
    path.rsplit_once('.').is_some_and(|(_, extension)| {
        EXTENSIONS
            .iter()
            .any(|archive| extension.eq_ignore_ascii_case(archive))
    })
}

#[cfg(test)]
mod tests;
