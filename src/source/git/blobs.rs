//! Many blobs from one git.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::stream::stop;
use super::{BlobStream, Directory, Oid};
use crate::gap::GapReason;
use crate::read::text::WHOLE;
use crate::source::Content;

/// Questions that wait for an answer: git looks up the next blobs while one is
/// read, and so few that neither side ever waits for the other to read.
const AHEAD: usize = 16;

/// A blob, open.
pub(crate) struct Blob {
    pub(crate) len: u64,
    pub(crate) content: Content,
}

/// Opens blobs, by way of `git cat-file --batch`.
pub(crate) struct Blobs {
    directory: Directory,
    batch: Option<Batch>,
}

impl Blobs {
    /// Of the repository that `directory` is in; git starts when it is asked.
    pub(crate) fn new(directory: &Directory) -> Self {
        Self {
            directory: directory.clone(),
            batch: None,
        }
    }

    /// Gives each of the blobs, in their order.
    pub(crate) fn each<T>(
        &mut self,
        wanted: impl Iterator<Item = (Oid, T)>,
        mut give: impl FnMut(T, Result<Blob, GapReason>),
    ) {
        let mut wanted = wanted.fuse();
        let mut waiting: VecDeque<(Oid, T)> = VecDeque::new();
        loop {
            while waiting.len() < AHEAD
                && let Some((oid, item)) = wanted.next()
            {
                self.ask(&oid);
                waiting.push_back((oid, item));
            }
            let Some((oid, item)) = waiting.pop_front() else {
                return;
            };
            let blob = self.take(&oid);
            if self.batch.is_none() {
                for (oid, _) in &waiting {
                    self.ask(oid);
                }
            }
            give(item, blob);
        }
    }

    /// One blob.
    pub(crate) fn get(&mut self, oid: &Oid) -> Result<Blob, GapReason> {
        self.ask(oid);
        self.take(oid)
    }

    /// Asks for a blob. A failure shows in the answer.
    fn ask(&mut self, oid: &Oid) {
        if self.batch.is_none() {
            self.batch = Batch::start(&self.directory).ok();
        }
        if let Some(batch) = &mut self.batch {
            let _ = writeln!(batch.questions, "{}", oid.as_str());
        }
    }

    /// The answer to the oldest question, which was for `oid`. Without a batch
    /// afterwards, later questions have been forgotten.
    fn take(&mut self, oid: &Oid) -> Result<Blob, GapReason> {
        let Some(batch) = &mut self.batch else {
            return Err(unreadable("git could not be run"));
        };
        match batch.answer() {
            Ok(Answer::Held(bytes)) => Ok(Blob {
                len: bytes.len() as u64,
                content: Content::Bytes(Cursor::new(bytes)),
            }),
            Ok(Answer::Large(len)) => {
                // Its content is on the way, and is not wanted in one piece.
                self.batch = None;
                Ok(Blob {
                    len,
                    content: Content::Blob(BlobStream::new(&self.directory, oid, len)),
                })
            }
            Ok(Answer::Missing) => Err(GapReason::NotFetched),
            Err(_) => {
                self.batch = None;
                Err(unreadable("git cannot read the object; run `git fsck`"))
            }
        }
    }
}

fn unreadable(why: &str) -> GapReason {
    GapReason::Unreadable(why.to_owned())
}

/// A running git.
struct Batch {
    git: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

enum Answer {
    Held(Vec<u8>),
    Large(u64),
    Missing,
}

impl Batch {
    fn start(directory: &Directory) -> std::io::Result<Self> {
        let mut child = directory
            .git()
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            stop(child);
            return Err(std::io::ErrorKind::BrokenPipe.into());
        };
        Ok(Self {
            git: child,
            questions,
            answers: BufReader::with_capacity(64 * 1024, answers),
        })
    }

    /// `<oid> blob <size>`, the content, a line break; or `<oid> missing`.
    fn answer(&mut self) -> std::io::Result<Answer> {
        let malformed = || std::io::Error::from(std::io::ErrorKind::InvalidData);
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let mut words = header.split_ascii_whitespace().skip(1);
        let len: u64 = match (words.next(), words.next()) {
            (Some("missing"), None) => return Ok(Answer::Missing),
            (Some("blob"), Some(len)) => len.parse().map_err(|_| malformed())?,
            _ => return Err(malformed()),
        };
        if len > WHOLE {
            return Ok(Answer::Large(len));
        }
        let mut bytes = vec![0; usize::try_from(len).map_err(|_| malformed())?];
        self.answers.read_exact(&mut bytes)?;
        self.answers.read_exact(&mut [0])?;
        Ok(Answer::Held(bytes))
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let _ = self.git.kill();
        let _ = self.git.wait();
    }
}
