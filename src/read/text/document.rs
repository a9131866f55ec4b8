//! From what was seen in a document to facts about it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::TextReader;
use super::class::{Cells, Class};
use super::examine::{Examination, Sighting, Surroundings};
use super::lines::LineCounter;
use super::pattern::patterns;
use super::pieces::Pieces;
use super::place::literal_after;
use super::secrets::Secrets;
use super::value::{Literal, literal};
use crate::collect::MAX_OCCURRENCES;
use crate::excerpt::{redact, redact_path};
use crate::fact::{Checksum, Context, Exposure, Format, KeyOccurrence};
use crate::line_hash::LineHasher;
use crate::location::{FilePlace, Location};
use crate::policy::Pattern;
use crate::secret::Fingerprint;
use crate::suppress::{InlineIgnore, NOT_SHOWN, ignore_at};

/// What was read of one document.
#[derive(Debug, Default)]
pub struct Reading {
    /// Bytes read.
    pub bytes: u64,
    /// The keys in it.
    pub occurrences: Vec<KeyOccurrence>,
    /// The encrypted secret store that it is, if it is one.
    pub store: Option<StoreSighting>,
    /// The decryption keys of encrypted stores in it.
    pub decryption_keys: Vec<DecryptionKey>,
    /// The inline ignores in it, and attempts at them.
    pub ignores: Vec<InlineIgnore>,
    /// Keys past the limit, only counted.
    pub dropped: usize,
}

/// A secret store with encrypted values.
#[derive(Clone, Debug)]
pub struct StoreSighting {
    /// The first encrypted value.
    pub location: Location,
    /// How many there are.
    pub keys: u64,
    /// The hashes of the decryption keys that the store names, in base64.
    pub key_hashes: Vec<String>,
}

/// A literal that opens an encrypted store.
#[derive(Clone, Debug)]
pub struct DecryptionKey {
    /// Where.
    pub location: Location,
    /// The setting: `AzureWebEncryptionKey` or `MACHINEKEY_DecryptionKey`.
    pub setting: String,
    /// Its hash, as a store names it: base64 of SHA-256 of the text.
    pub hash: String,
}

impl Reading {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.occurrences.is_empty()
            && self.store.is_none()
            && self.decryption_keys.is_empty()
            && self.ignores.is_empty()
    }

    /// Of a document that holds nothing.
    pub(super) fn of(bytes: u64) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }
}

/// Collects the facts of a document, passage by passage.
pub(super) struct Builder<'r> {
    reader: &'r TextReader<'r>,
    path: String,
    reading: Reading,
    /// The values that somebody chose: no shape gives them away where they
    /// stand again.
    chosen: Pieces,
    /// Whether the decryption keys that the current text names are noted.
    named: bool,
    /// The cells of the current text, should it be a notebook.
    cells: OnceCell<Cells>,
    /// How far the current text has been passed.
    cursor: usize,
    counter: LineCounter,
    /// What was passed before it.
    before: LineCounter,
}

impl<'r> Builder<'r> {
    pub(super) fn new(reader: &'r TextReader<'r>, path: &str, bytes: u64) -> Self {
        Self {
            reader,
            path: path.to_owned(),
            reading: Reading::of(bytes),
            chosen: Pieces::default(),
            named: false,
            cells: OnceCell::new(),
            cursor: 0,
            counter: LineCounter::default(),
            before: LineCounter::default(),
        }
    }

    /// The bytes that were read, when that is known at the end only.
    pub(super) fn bytes(&mut self, bytes: u64) {
        self.reading.bytes = bytes;
    }

    /// Starts over at the beginning of a text.
    pub(super) fn begin(&mut self, before: &LineCounter) {
        self.cursor = 0;
        self.named = false;
        self.cells = OnceCell::new();
        self.counter = before.clone();
        self.before = before.clone();
    }

    /// Takes what was seen in the window of `text` that begins at `window`.
    /// Windows come in order.
    pub(super) fn take(
        &mut self,
        text: &[u8],
        window: usize,
        examined: Examination,
        class: &Class,
    ) {
        if self.reading.occurrences.len() >= MAX_OCCURRENCES {
            self.reading.dropped += examined.sightings.len();
            self.take_store(text, window, &examined.encrypted);
            return;
        }
        let shift = |span: &Range<usize>| span.start + window..span.end + window;
        let keys: Vec<_> = examined
            .sightings
            .iter()
            .map(|key| shift(&key.span))
            .collect();
        let values = examined.sightings.iter().map(|key| key.secret.expose());
        let secrets = Secrets::new(text, &keys, examined.encrypted.iter().map(shift), values);
        for sighting in &examined.sightings {
            if self.reading.occurrences.len() >= MAX_OCCURRENCES {
                self.reading.dropped += 1;
                continue;
            }
            if sighting.format == Format::Chosen {
                self.chosen.add(sighting.secret.expose());
            }
            let span = shift(&sighting.span);
            let occurrence = self.occurrence(text, &span, sighting, class, &secrets);
            self.reading.occurrences.push(occurrence);
        }
        self.take_store(text, window, &examined.encrypted);
    }

    /// Takes the encrypted values of a secret store, after the keys: what
    /// stands before them is counted once more, and that once for a store.
    fn take_store(&mut self, text: &[u8], window: usize, encrypted: &[Range<usize>]) {
        let Some(first) = encrypted.iter().min_by_key(|span| span.start) else {
            return;
        };
        if self.reading.store.is_none() {
            let location = self.place(text, &(first.start + window..first.end + window));
            self.reading.store = Some(StoreSighting {
                location,
                keys: 0,
                key_hashes: Vec::new(),
            });
        }
        let Some(store) = &mut self.reading.store else {
            return;
        };
        store.keys += encrypted.len() as u64;
        let ids = (!self.named).then(|| KEY_ID.captures_iter(text));
        self.named = true;
        for id in ids.into_iter().flatten() {
            if let Some(hash) = id.name("hash") {
                let hash = String::from_utf8_lossy(hash.as_bytes()).into_owned();
                store.key_hashes.push(hash);
            }
        }
    }

    fn occurrence(
        &mut self,
        text: &[u8],
        span: &Range<usize>,
        sighting: &Sighting,
        class: &Class,
        secrets: &Secrets,
    ) -> KeyOccurrence {
        let fingerprint = self.fingerprint(sighting);
        let exposure = match class.exposure_at(text, span, &self.cells) {
            Exposure::Source if sighting.position.context == Context::Store => Exposure::Store,
            other => other,
        };
        let told =
            |text: &Option<String>| text.clone().filter(|text| !secrets.are_in(text.as_bytes()));
        let host = told(&sighting.position.host);
        let environments = self.reader.policy.environments();
        let environment = host
            .as_deref()
            .and_then(|host| environments.of_host(host))
            .or_else(|| environments.of_path(&self.path));
        let location = self.place(text, span);
        KeyOccurrence {
            service: sighting.position.service,
            kind: sighting.kind,
            format: sighting.format,
            checksum: sighting.checksum,
            exposure,
            context: sighting.position.context,
            host,
            environment,
            name: told(&sighting.position.name),
            pattern: sighting.pattern.clone(),
            caller: self.reader.callers.of(&self.path, exposure),
            fingerprint,
            path: redact_path(&self.path),
            location,
            excerpt: Some(secrets.excerpt(text, span)),
            commit: None,
            lifetime: None,
        }
    }

    fn fingerprint(&self, sighting: &Sighting) -> Fingerprint {
        let prints = &self.reader.fingerprinter;
        match sighting.format {
            Format::Chosen => prints.chosen(&sighting.secret),
            _ if sighting.checksum == Checksum::Broken => prints.chosen(&sighting.secret),
            Format::Identifiable | Format::Legacy => prints.random(&sighting.secret),
        }
    }

    /// The place of a span. Spans come in order; one that does not is counted
    /// from where the counter stands.
    fn place(&mut self, text: &[u8], span: &Range<usize>) -> Location {
        let start = self.locate(text, span.start);
        let end = self.locate(text, span.end);
        Location::File(Box::new(FilePlace {
            path: redact_path(&self.path),
            start: start.0,
            end: end.0,
            offset: start.1,
            line_hash: None,
            revision: None,
        }))
    }

    fn locate(&mut self, text: &[u8], at: usize) -> (crate::location::Position, u64) {
        if at > self.cursor {
            self.counter.pass(&text[self.cursor..at]);
            self.cursor = at;
        }
        let mut counter = self.counter.clone();
        if at < self.cursor {
            let back = &text[at..self.cursor];
            if memchr::memchr(b'\n', back).is_none() {
                counter = counter.rewound(back);
            } else {
                counter = self.before.clone();
                counter.pass(&text[..at]);
            }
        }
        (counter.position(), counter.bytes())
    }

    /// The policy's patterns for this document.
    pub(super) fn patterns(&self) -> Vec<&'r Pattern> {
        let policy = self.reader.policy;
        policy
            .patterns()
            .iter()
            .filter(|pattern| policy.pattern_applies(pattern, &self.path))
            .collect()
    }

    /// The inline ignores at the markers.
    pub(super) fn take_ignores(&mut self, text: &[u8], markers: &[usize]) {
        for at in markers {
            let Some((span, mut says)) = ignore_at(text, *at) else {
                continue;
            };
            if let Ok(directive) = &mut says
                && self.chosen.are_in(directive.reason.as_bytes())
            {
                NOT_SHOWN.clone_into(&mut directive.reason);
            }
            if let Location::File(place) = self.place(text, &span) {
                self.reading.ignores.push(InlineIgnore {
                    place: *place,
                    says,
                });
            }
        }
    }

    /// The literals of decryption settings.
    pub(super) fn take_decryption_keys(&mut self, text: &[u8], around: &Surroundings<'_>) {
        for setting in SETTING.find_iter(text) {
            let Some(value) = literal_after(text, setting.end(), around) else {
                continue;
            };
            let raw = crate::key::unescape(&text[value.span.clone()]);
            let strong = raw.len() >= 24 && literal(&raw) == Some(Literal::Chosen);
            if !strong || value.listed && !value.quoted {
                continue;
            }
            let location = self.place(text, &setting.range());
            self.reading.decryption_keys.push(DecryptionKey {
                location,
                setting: redact(&String::from_utf8_lossy(setting.as_bytes())),
                hash: BASE64_STANDARD.encode(Sha256::digest(raw.trim_ascii())),
            });
        }
    }

    /// The document's facts; `text` is the document, where it was held whole.
    pub(super) fn finish(mut self, text: Option<&[u8]>) -> Reading {
        if let Some(text) = text {
            hash_lines(text, &mut self.reading);
        }
        self.reading
    }
}

patterns! {
    SETTING = r"(?-u)\b(?:AzureWebEncryptionKey|MACHINEKEY_DecryptionKey)\b";
    KEY_ID = r"(?-u)(?:AzureWebEncryptionKey|MACHINEKEY_DecryptionKey)=(?P<hash>[A-Za-z0-9+/]{43}=)";
}

/// Gives every occurrence the hash of its line, but for lines with a value
/// that could be guessed from it.
fn hash_lines(text: &[u8], reading: &mut Reading) {
    let line =
        |occurrence: &KeyOccurrence| occurrence.location.file().map(|place| place.start.line);
    let guessable: HashSet<u64> = reading
        .occurrences
        .iter()
        .filter(|occurrence| occurrence.format == Format::Chosen)
        .filter_map(line)
        .collect();
    let wanted: Vec<u64> = reading
        .occurrences
        .iter()
        .filter_map(line)
        .filter(|line| !guessable.contains(line))
        .collect();
    if wanted.is_empty() {
        return;
    }
    let mut hasher = LineHasher::new(wanted);
    hasher.feed(text);
    let hashes: HashMap<u64, String> = hasher.finish().into_iter().collect();
    for occurrence in &mut reading.occurrences {
        if let Location::File(place) = &mut occurrence.location {
            place.line_hash = hashes.get(&place.start.line).cloned();
        }
    }
}
