//! What a sweep has been answered so far, in a file: a sweep that was killed
//! goes on from there, and asks for nothing twice.
//!
//! One line for each answer, as facts: no key is in it, and no text of the
//! service that has not been masked. A line is written when its answer has been
//! read; what the process was doing when it was killed is the last line, cut,
//! and is asked for again.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

use super::SweepError;
use super::failure::Failure;
use super::throttle::{Class, Meter};
use crate::inventory::Moment;

const FORMAT: &str = "keysweep sweep state 1";

/// Older answers say nothing of tonight: then a sweep begins anew.
const MOST_HOURS: i64 = 24;

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    /// Of everything that decides what is asked for.
    sweep: String,
    started: Moment,
    /// The key of the fingerprints of chosen values, where none is configured:
    /// they have to come out the same. It dies with the file.
    salt: String,
}

/// One answer.
#[derive(Serialize, Deserialize)]
pub(super) enum Entry<T> {
    /// What was read of it, and where it goes on.
    #[serde(rename = "v")]
    Read(T, Option<String>),
    /// It will not be another one.
    #[serde(rename = "e")]
    Failed(Failure),
}

/// Requests by a digest: they are long, and name resources.
#[derive(Serialize)]
struct Line<'e, T> {
    k: String,
    e: &'e Entry<T>,
}

#[derive(Deserialize)]
struct LineEntry<T> {
    k: String,
    e: Entry<T>,
}

#[derive(Deserialize)]
struct LineKey {
    k: Option<String>,
    shut: Option<(String, Class, Moment)>,
}

/// The file, open and ours alone.
pub(super) struct Journal {
    path: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    file: File,
    end: u64,
    /// Where the line of each request begins, by half of its digest: the line
    /// has all of it. A hash table of a quarter of a million would be twice as
    /// large, and thrice while it grows.
    lines: BTreeMap<u64, u64>,
    broken: bool,
}

/// What an open journal says of the sweep.
pub(super) struct Begun {
    pub journal: Journal,
    /// When the sweep began: now, or when the one that is resumed did.
    pub started: Moment,
    pub salt: Zeroizing<Vec<u8>>,
    /// Answers that need not be asked for.
    pub answers: usize,
    /// Buckets that the service shut, and until when.
    pub shut: Vec<(Meter, Moment)>,
    /// Whether an older state was thrown away.
    pub too_old: bool,
}

impl Journal {
    /// Opens the state of `sweep`, a digest of what it asks for, or begins one.
    ///
    /// # Errors
    /// When the file cannot be used, is that of another sweep, or is in use.
    pub(super) fn open(path: &Path, sweep: &str, now: Moment) -> Result<Begun, SweepError> {
        let refuse = |problem: String| SweepError::BadState {
            file: crate::excerpt::shown_path(path),
            problem,
        };
        let io_problem = |error: io::Error| refuse(error.to_string());
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(io_problem)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => refuse("another sweep is using it".to_owned()),
            TryLockError::Error(error) => refuse(error.to_string()),
        })?;
        let loaded = load(&mut file).map_err(io_problem)?;
        let mut too_old = false;
        if let Some(Loaded { header, .. }) = &loaded {
            if header.format != FORMAT {
                return Err(refuse("it is not the state of a sweep".to_owned()));
            }
            let age = now.timestamp() - header.started.timestamp();
            too_old = age.as_secs() > MOST_HOURS * 3_600;
            if !too_old && header.sweep != sweep {
                return Err(refuse(
                    "it is the state of a sweep with other settings; use another file".to_owned(),
                ));
            }
        } else if file.metadata().map_err(io_problem)?.len() > 0 {
            return Err(refuse("it is not the state of a sweep".to_owned()));
        }
        let loaded = match loaded.filter(|_| !too_old) {
            Some(loaded) => loaded,
            None => begin(&mut file, sweep, now).map_err(io_problem)?,
        };
        file.set_len(loaded.end).map_err(io_problem)?;
        let salt = BASE64_STANDARD.decode(&loaded.header.salt);
        Ok(Begun {
            started: loaded.header.started,
            salt: Zeroizing::new(salt.map_err(|_| refuse("it is damaged".to_owned()))?),
            answers: loaded.lines.len(),
            shut: loaded.shut,
            too_old,
            journal: Self {
                path: path.to_owned(),
                inner: Mutex::new(Inner {
                    file,
                    end: loaded.end,
                    lines: loaded.lines,
                    broken: false,
                }),
            },
        })
    }

    /// What was answered to a request, if it was.
    pub(super) fn find<T: DeserializeOwned>(&self, request: &str) -> Option<Entry<T>> {
        let mut inner = self.lock();
        let digest = digest(request);
        let start = *inner.lines.get(&half(digest))?;
        let mut line = Vec::new();
        inner.file.seek(SeekFrom::Start(start)).ok()?;
        let mut rest = BufReader::new(&inner.file);
        rest.read_until(b'\n', &mut line).ok()?;
        let line: LineEntry<T> = serde_json::from_slice(&line).ok()?;
        (line.k == name(digest)).then_some(line.e)
    }

    /// Keeps an answer.
    pub(super) fn keep<T: Serialize>(&self, request: &str, entry: &Entry<T>) {
        let digest = digest(request);
        let line = Line {
            k: name(digest),
            e: entry,
        };
        let mut inner = self.lock();
        if let Ok(line) = serde_json::to_vec(&line)
            && let Some(start) = inner.append(line)
        {
            inner.lines.insert(half(digest), start);
        }
    }

    /// Keeps that a bucket is shut: a sweep that goes on must not ask early.
    pub(super) fn keep_shut(&self, meter: &Meter, until: Moment) {
        let line = serde_json::json!({"shut": (&*meter.scope, meter.class, until)});
        self.lock().append(line.to_string().into_bytes());
    }

    /// Whether something could not be kept.
    pub(super) fn is_broken(&self) -> bool {
        self.lock().broken
    }

    /// The sweep is over: there is nothing to go on with.
    pub(super) fn remove(self) -> io::Result<()> {
        std::fs::remove_file(self.path)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Where the line went; none when the disk did not take it.
    fn append(&mut self, mut line: Vec<u8>) -> Option<u64> {
        line.push(b'\n');
        let start = self.end;
        let written = self
            .file
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.file.write_all(&line));
        if written.is_err() {
            self.broken = true;
            let _ = self.file.set_len(start);
            return None;
        }
        self.end += line.len() as u64;
        Some(start)
    }
}

struct Loaded {
    header: Header,
    lines: BTreeMap<u64, u64>,
    shut: Vec<(Meter, Moment)>,
    end: u64,
}

/// Reads all whole lines; none when there is no header.
fn load(file: &mut File) -> io::Result<Option<Loaded>> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut loaded: Option<Loaded> = None;
    let mut start = 0_u64;
    loop {
        line.clear();
        let len = reader.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Ok(loaded);
        }
        match &mut loaded {
            None => match serde_json::from_slice(&line) {
                Ok(header) => {
                    loaded = Some(Loaded {
                        header,
                        lines: BTreeMap::new(),
                        shut: Vec::new(),
                        end: 0,
                    });
                }
                Err(_) => return Ok(None),
            },
            Some(loaded) => {
                // Damaged in the middle: what follows is asked for again.
                let Ok(key) = serde_json::from_slice::<LineKey>(&line) else {
                    break;
                };
                if let Some(key) = key.k.and_then(|key| u128::from_str_radix(&key, 16).ok()) {
                    loaded.lines.insert(half(key), start);
                }
                if let Some((scope, class, until)) = key.shut {
                    let scope = scope.into();
                    loaded.shut.push((Meter { scope, class }, until));
                }
            }
        }
        start += len as u64;
        if let Some(loaded) = &mut loaded {
            loaded.end = start;
        }
    }
    Ok(loaded)
}

/// Writes the header of a new one.
fn begin(file: &mut File, sweep: &str, now: Moment) -> io::Result<Loaded> {
    let mut salt = Zeroizing::new(vec![0_u8; 32]);
    getrandom::fill(&mut salt).map_err(io::Error::other)?;
    let header = Header {
        format: FORMAT.to_owned(),
        sweep: sweep.to_owned(),
        started: now,
        salt: BASE64_STANDARD.encode(&salt),
    };
    let mut line = serde_json::to_vec(&header)?;
    line.push(b'\n');
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&line)?;
    Ok(Loaded {
        header,
        lines: BTreeMap::new(),
        shut: Vec::new(),
        end: line.len() as u64,
    })
}

fn digest(request: &str) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(request)[..16]);
    u128::from_be_bytes(bytes)
}

fn name(digest: u128) -> String {
    format!("{digest:032x}")
}

fn half(digest: u128) -> u64 {
    (digest >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Reason;

    fn at(hour: u32) -> Moment {
        format!("2026-03-0{}T{:02}:00:00Z", 1 + hour / 24, hour % 24)
            .parse()
            .unwrap()
    }

    fn file(directory: &tempfile::TempDir) -> PathBuf {
        directory.path().join("state")
    }

    #[test]
    fn goes_on_where_it_was_killed() {
        let directory = tempfile::tempdir().unwrap();
        let begun = Journal::open(&file(&directory), "s", at(1)).unwrap();
        assert_eq!(begun.answers, 0);
        let salt = begun.salt.clone();
        let failure = Failure::new(Reason::Locked, "locked");
        begun
            .journal
            .keep("one", &Entry::Read(vec![1, 2], Some("next".to_owned())));
        begun
            .journal
            .keep("two", &Entry::<Vec<u32>>::Failed(failure.clone()));
        begun.journal.keep("three", &Entry::Read(vec![3], None));
        drop(begun);
        // Killed while it wrote the third.
        let text = std::fs::read(file(&directory)).unwrap();
        std::fs::write(file(&directory), &text[..text.len() - 5]).unwrap();

        let begun = Journal::open(&file(&directory), "s", at(2)).unwrap();
        assert_eq!((begun.started, begun.answers), (at(1), 2));
        assert_eq!(begun.salt, salt);
        let journal = begun.journal;
        let Some(Entry::Read(numbers, next)) = journal.find::<Vec<u32>>("one") else {
            panic!("it was kept")
        };
        assert_eq!((numbers, next.as_deref()), (vec![1, 2], Some("next")));
        let Some(Entry::Failed(kept)) = journal.find::<Vec<u32>>("two") else {
            panic!("it was kept")
        };
        assert_eq!(kept.reason, failure.reason);
        assert!(journal.find::<Vec<u32>>("three").is_none());
        journal.keep("three", &Entry::Read(vec![3], None));
        drop(journal);
        let begun = Journal::open(&file(&directory), "s", at(2)).unwrap();
        assert_eq!(begun.answers, 3);
        begun.journal.remove().unwrap();
        assert!(!file(&directory).exists());
    }

    #[test]
    fn takes_no_state_but_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(&directory);
        let begun = Journal::open(&path, "s", at(1)).unwrap();
        let problem = |sweep, hour| match Journal::open(&path, sweep, at(hour)) {
            Err(error) => error.to_string(),
            Ok(_) => String::new(),
        };
        assert!(problem("s", 1).contains("another sweep is using it"));
        drop(begun);
        assert!(problem("other", 2).contains("other settings"));
        let begun = Journal::open(&path, "other", at(30)).unwrap();
        assert!(begun.too_old && begun.started == at(30));
        drop(begun);
        std::fs::write(&path, "a file of mine").unwrap();
        assert!(problem("s", 1).contains("not the state of a sweep"));
    }
}
