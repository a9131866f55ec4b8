//! GitHub code scanning's hash of a line: `primaryLocationLineHash`.
//!
//! Code scanning recognises an alert by this hash when its line moves. The
//! upload action computes it from the checkout; we write the same, so that an
//! upload by any other way gives the same alert. What is hashed: from the start
//! of the line on, across line ends, 100 UTF-16 units without spaces and tabs,
//! every line end as LF, then one unit 65535 for the end of the file and zeros;
//! a polynomial to base 37 modulo 2^64. The hash is followed by how often the
//! file has had the same one, this line included.
//!
//! The file is read as GitHub reads it: feed the bytes as they lie on disk
//! (byte-order mark included), they are decoded here as lossy UTF-8.
//!
//! **Lines.** GitHub ends a line at LF, CR and CRLF, keysweep at LF only. After
//! a CR that stands alone the numbers differ, so later lines get no hash: theirs
//! would be that of another place.
//!
//! **Memory.** The count needs the hash of every line up to the last wanted one.
//! They are kept as a plain list, 8 bytes a line and no table, for the first
//! [`MAX_LINES`] lines: at most 16 MiB. Lines after that get no hash; the upload
//! action computes it where the file is small enough to be in a checkout at all.

use memchr::memchr2;
use std::collections::VecDeque;

/// Lines past this one get no hash.
pub const MAX_LINES: u64 = 1 << 21;

/// Units that a hash covers.
const WINDOW: u64 = 100;

/// Base of the polynomial.
const BASE: u64 = 37;

/// `BASE` to the power of `WINDOW`.
const BASE_TO_WINDOW: u64 = BASE.wrapping_pow(WINDOW as u32);

/// The unit that ends a file.
const END: u16 = 65535;

/// Computes the hashes of some lines of a file that is fed in pieces.
///
/// ```
/// use keysweep::line_hash::LineHasher;
/// let mut hasher = LineHasher::new([2]);
/// hasher.feed(b" a\nb\n  \t\t");
/// hasher.feed(b"c\n d");
/// assert_eq!(hasher.finish(), [(2, "54703d4cd895b18:1".to_owned())]);
/// ```
#[derive(Debug)]
pub struct LineHasher {
    /// Sorted. Empty where all are wanted.
    wanted: Vec<u64>,
    /// The last line whose hash is needed.
    last: u64,
    /// The hashes of the lines from the first on.
    hashes: Vec<u64>,
    /// Lines begun whose window is not full: where they began, and the prefix
    /// hash there.
    open: VecDeque<(u64, u64)>,
    /// The unit at which the oldest open line is full.
    due: u64,
    /// Units hashed.
    units: u64,
    /// The polynomial over all of them; a line's hash is a difference of two.
    prefix: u64,
    /// The next unit begins a line.
    at_start: bool,
    /// The previous byte was a CR.
    after_cr: bool,
    /// The beginning of a character that the last piece cut.
    cut: Vec<u8>,
}

impl LineHasher {
    /// For these lines, counted from 1.
    #[must_use]
    pub fn new(wanted: impl IntoIterator<Item = u64>) -> Self {
        let mut wanted: Vec<u64> = wanted
            .into_iter()
            .filter(|line| (1..=MAX_LINES).contains(line))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        Self {
            last: wanted.last().copied().unwrap_or(0),
            wanted,
            hashes: Vec::new(),
            open: VecDeque::new(),
            due: u64::MAX,
            units: 0,
            prefix: 0,
            at_start: true,
            after_cr: false,
            cut: Vec::new(),
        }
    }

    /// Whether the rest of the file makes no difference.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.hashes.len() as u64 >= self.last
    }

    /// The next bytes of the file; they may end anywhere.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while !self.cut.is_empty() && !bytes.is_empty() && !self.is_done() {
            self.cut.push(bytes[0]);
            bytes = &bytes[1..];
            let cut = std::mem::take(&mut self.cut);
            let rest = self.characters(&cut);
            self.cut = rest.to_vec();
        }
        if !bytes.is_empty() && !self.is_done() {
            self.cut = self.characters(bytes).to_vec();
        }
    }

    /// The wanted lines that the file has, each with its hash and count, in
    /// order.
    #[must_use]
    pub fn finish(mut self) -> Vec<(u64, String)> {
        self.end();
        self.count()
    }

    fn end(&mut self) {
        if !self.is_done() {
            if !self.cut.is_empty() {
                self.unit(char::REPLACEMENT_CHARACTER as u16);
            }
            self.end_cr(false);
            self.unit(END);
            while !self.open.is_empty() {
                self.push(0);
            }
        }
    }

    /// Hashes all characters but one that the end cuts; gives that back.
    fn characters<'a>(&mut self, mut bytes: &'a [u8]) -> &'a [u8] {
        while let Some(&byte) = bytes.first()
            && !self.is_done()
        {
            if self.open.is_empty() && !self.at_start {
                // The rest of this line is in no window.
                let Some(end) = memchr2(b'\n', b'\r', bytes) else {
                    return &[];
                };
                bytes = &bytes[end..];
                self.ascii(bytes[0]);
                bytes = &bytes[1..];
            } else if byte.is_ascii() {
                self.ascii(byte);
                bytes = &bytes[1..];
            } else {
                match decode(bytes) {
                    Some((character, len)) => {
                        self.end_cr(false);
                        for unit in character.encode_utf16(&mut [0; 2]) {
                            self.unit(*unit);
                        }
                        bytes = &bytes[len..];
                    }
                    None => return bytes,
                }
            }
        }
        &[]
    }

    fn ascii(&mut self, byte: u8) {
        if self.after_cr {
            self.end_cr(byte == b'\n');
            if byte == b'\n' {
                return;
            }
        }
        match byte {
            b' ' | b'\t' => {}
            b'\r' => {
                self.unit(u16::from(b'\n'));
                self.after_cr = true;
            }
            _ => self.unit(u16::from(byte)),
        }
    }

    /// What follows a CR is known now.
    fn end_cr(&mut self, followed_by_lf: bool) {
        let begun = (self.hashes.len() + self.open.len()) as u64;
        if std::mem::take(&mut self.after_cr) && !followed_by_lf && self.last > begun {
            self.wanted.retain(|line| *line <= begun);
            self.last = self.wanted.last().copied().unwrap_or(begun);
        }
    }

    fn unit(&mut self, unit: u16) {
        if self.at_start {
            self.at_start = false;
            if self.open.is_empty() {
                self.due = self.units + WINDOW;
            }
            self.open.push_back((self.units, self.prefix));
        }
        self.at_start = unit == u16::from(b'\n');
        self.push(unit);
    }

    fn push(&mut self, unit: u16) {
        self.prefix = self.prefix.wrapping_mul(BASE).wrapping_add(u64::from(unit));
        self.units += 1;
        if self.units == self.due {
            self.close();
        }
    }

    /// The oldest open line is full.
    #[cold]
    fn close(&mut self) {
        if let Some((_, before)) = self.open.pop_front()
            && !self.is_done()
        {
            let hash = self
                .prefix
                .wrapping_sub(before.wrapping_mul(BASE_TO_WINDOW));
            self.hashes.push(hash);
        }
        self.due = self.open.front().map_or(u64::MAX, |(at, _)| at + WINDOW);
    }

    /// Counts equal hashes: one pass, whatever the number of wanted lines.
    fn count(self) -> Vec<(u64, String)> {
        let hash_of = |line: &u64| self.hashes.get(usize::try_from(line - 1).ok()?).copied();
        let mut counts: Vec<(u64, u64)> = self
            .wanted
            .iter()
            .filter_map(hash_of)
            .map(|hash| (hash, 0))
            .collect();
        counts.sort_unstable();
        counts.dedup();
        let mut filter = [0_u64; 64];
        for (hash, _) in &counts {
            filter[(hash % 64) as usize] |= 1 << (hash >> 58);
        }
        let mut found = Vec::with_capacity(self.wanted.len());
        let mut wanted = self.wanted.iter().copied().peekable();
        for (line, hash) in (1..).zip(&self.hashes) {
            if filter[(hash % 64) as usize] & (1 << (hash >> 58)) == 0 {
                continue;
            }
            let Ok(at) = counts.binary_search_by_key(hash, |(hash, _)| *hash) else {
                continue;
            };
            counts[at].1 += 1;
            if wanted.next_if_eq(&line).is_some() {
                found.push((line, format!("{hash:x}:{}", counts[at].1)));
            }
        }
        found
    }
}

/// The hashes of all lines of a text: for one that is asked for many of them.
#[derive(Debug)]
pub struct LineHashes {
    /// Each with how often the text has had the same one, itself included.
    lines: Vec<(u64, u32)>,
}

impl LineHashes {
    /// Those of a text.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let mut hasher = LineHasher::new([]);
        hasher.last = MAX_LINES.min(memchr::memchr_iter(b'\n', text).count() as u64 + 1);
        hasher.feed(text);
        hasher.end();
        hasher.hashes.truncate(hasher.last as usize);
        let mut lines: Vec<(u64, u32)> = hasher.hashes.iter().map(|hash| (*hash, 1)).collect();
        let mut order: Vec<u32> = (0..).take(lines.len()).collect();
        order.sort_by_key(|line| lines[*line as usize].0);
        for pair in order.windows(2) {
            let (before, line) = (lines[pair[0] as usize], pair[1] as usize);
            if before.0 == lines[line].0 {
                lines[line].1 = before.1 + 1;
            }
        }
        Self { lines }
    }

    /// That of a line, counted from 1, if it has one.
    #[must_use]
    pub fn get(&self, line: u64) -> Option<String> {
        let at = usize::try_from(line.checked_sub(1)?).ok()?;
        let (hash, count) = self.lines.get(at)?;
        Some(format!("{hash:x}:{count}"))
    }
}

/// The first character and its length, U+FFFD for a broken one; none if more
/// bytes are needed to tell.
fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let head = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => {
            let (valid, broken) = head.split_at(error.valid_up_to());
            if valid.is_empty() {
                return error
                    .error_len()
                    .or((broken.len() == 4).then_some(1))
                    .map(|len| (char::REPLACEMENT_CHARACTER, len));
            }
            std::str::from_utf8(valid).unwrap_or_default()
        }
    };
    valid.chars().next().map(|first| (first, first.len_utf8()))
}

#[cfg(test)]
mod tests;
