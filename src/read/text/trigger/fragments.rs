//! The fragments that are searched for, and what has to stand around each.

use super::Hint;
use crate::key::{SIGNATURE, WRAPPED_MARKS};

/// Bytes that a check may look at before a fragment.
pub(super) const REACH: usize = 96;

/// What has to stand before a fragment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Before {
    /// The rest of the word, in capitals or not.
    Word(&'static str),
    /// `x-functio`, in any of its spellings.
    Header,
    /// The beginning of `code`, and what parts the parameters of a query.
    Query,
    /// As many letters of base64 as the value has that it ends.
    Value(usize),
}

use Before::{Header, Query, Value, Word};

/// Letters before the last one of a value of the legacy shape.
pub(super) const LEGACY: usize = 53;

/// Letters before the last ones of such a value under a second layer of base64.
const WRAPPED: usize = 72;

/// Letters that may touch a value: those of an escape that colours a terminal.
const TOUCHING: usize = 8;

/// A literal, what stands before it, and what it hints at then.
pub(super) type Fragment = (&'static [u8], Before, Hint);

/// The literal fragments, with what stands before them and what they hint at
/// then; at most 64, or the searcher falls back to a slower one.
///
/// The searcher compares four bytes, in groups of fragments, before it looks at
/// more. So none is shorter (three bytes would take three times as long), they
/// are as few as can be, and what counts is how rare the first four are: `ions`
/// is in every text, `ns-k` is not. Names of headers and of query parameters
/// have no case, and all of it occurs; only the spellings here do so often
/// enough to be looked for.
pub(super) const FRAGMENTS: &[Fragment] = &[
    (SIGNATURE, Word(""), Hint::Signature),
    (
        WRAPPED_MARKS[0].0,
        Word(""),
        Hint::Wrapped(WRAPPED_MARKS[0].1),
    ),
    (
        WRAPPED_MARKS[1].0,
        Word(""),
        Hint::Wrapped(WRAPPED_MARKS[1].1),
    ),
    // Two of them have this beginning.
    (
        WRAPPED_MARKS[2].0.split_at(4).0,
        Word(""),
        Hint::Wrapped(WRAPPED_MARKS[2].1),
    ),
    // Little- and big-endian share these seven bytes.
    (b"A\0z\0F\0u", Word(""), Hint::Wide),
    (b"%3D%3", Value(LEGACY + 1), Hint::Legacy),
    (b"%3d%3", Value(LEGACY + 1), Hint::Legacy),
    (b"003d\\u003", Value(LEGACY + 1), Hint::Legacy),
    (b"003D\\u003", Value(LEGACY + 1), Hint::Legacy),
    (b"PT0=", Value(WRAPPED), Hint::Legacy),
    // With the end of a line behind it, as `echo` writes it, or Windows.
    (b"PT0K", Value(WRAPPED), Hint::Legacy),
    (b"PT0N", Value(WRAPPED), Hint::Legacy),
    (b"ode=", Query, Hint::Query),
    (b"ODE=", Query, Hint::Query),
    (b"ode%", Query, Hint::Query),
    (b"ODE%", Query, Hint::Query),
    // Not `ode&`: with it `ode,` and the like would pass.
    (b"de&#", Query, Hint::Query),
    (b"de\\u0", Query, Hint::Query),
    (b"ns-k", Header, Hint::Header),
    (b"ns-K", Header, Hint::Header),
    (b"NS-K", Header, Hint::Header),
    (b"NS-k", Header, Hint::Header),
    (b"ns_k", Header, Hint::Header),
    (b"NS_K", Header, Hint::Header),
    (b"nsKey", Header, Hint::Header),
    (b"erKey", Word("mast"), Hint::Store),
    (b"erkey", Word("mast"), Hint::Store),
    (b"ERKEY", Word("mast"), Hint::Store),
    (b"er_key", Word("mast"), Hint::Store),
    (b"ER_KEY", Word("mast"), Hint::Store),
    (b"er-key", Word("mast"), Hint::Store),
    (b"er-Key", Word("mast"), Hint::Store),
    (b"_master", Word(""), Hint::Store),
    (b"t.master", Word("hos"), Hint::Store),
    (b"aster\":", Word("m"), Hint::Store),
    (b"aster\\\":", Word("m"), Hint::Store),
    (b"onKey", Word("functi"), Hint::Store),
    (b"s/keys\"", Word("function"), Hint::Store),
    (b"emKey", Word("syst"), Hint::Store),
    (b"eys\":", Word("k"), Hint::Store),
    (b"eys\\\":", Word("k"), Hint::Store),
    (b"on--", Word("functi"), Hint::Store),
    (b"y-value", Word("ke"), Hint::Argument),
    (b"APIM", Word(""), Hint::Apim),
    (b"n-Key", Word("subscriptio"), Hint::Apim),
    (b"n-key", Word("subscriptio"), Hint::Apim),
    (b"N-KEY", Word("subscriptio"), Hint::Apim),
    (b"N_KEY", Word("subscriptio"), Hint::Apim),
    (b"bEncryptionKey", Word("we"), Hint::Decryption),
    (b"EKEY_D", Word("machin"), Hint::Decryption),
    (b"sweep:", Word("key"), Hint::Ignore),
];

/// What a byte is to a value.
#[derive(Clone, Copy)]
enum Run {
    No,
    Letter,
    Escape,
}

/// Every digest of a lock file is asked for: a table answers fastest.
const RUN: [Run; 256] = {
    let mut runs = [Run::No; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        if b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+') {
            runs[byte] = Run::Letter;
        } else if matches!(b, b'%' | b'\\') {
            runs[byte] = Run::Escape;
        }
        byte += 1;
    }
    runs
};

/// Where the word begins that a fragment ends, if it is that word. A fragment
/// at the beginning of a block was seen with what stands before it at the end
/// of the block before.
pub(super) fn begin(block: &[u8], start: usize, literal: &[u8], before: Before) -> Option<usize> {
    let before_it = &block[start.saturating_sub(REACH)..start];
    match before {
        // The name of a key, not a part of a longer one, nor a folder.
        Word("") if literal == b"_master" => {
            let next = block.get(start + literal.len());
            let goes_on = next.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'/');
            (!goes_on).then_some(start)
        }
        Word(word) => without_end(before_it, word).map(|rest| start - before_it.len() + rest.len()),
        Query => {
            let begins = if literal.starts_with(b"d") { "co" } else { "c" };
            let rest = without_end(before_it, begins)?;
            let at = start - before_it.len() + rest.len();
            let goes_on: &[&str] = match literal {
                [.., b'%'] => &["3", "25"],
                [.., b'#'] => &["x3", "X3", "61"],
                [.., b'0'] => &["03"],
                _ => &[""],
            };
            let next = &block[start + literal.len()..];
            if !goes_on.iter().any(|end| next.starts_with(end.as_bytes())) {
                return None;
            }
            if literal.ends_with(b"%") {
                return Some(at);
            }
            let parts = match rest {
                [.., b'?' | b'&' | b';'] => 1,
                [.., b'2', b'6'] | [.., b'3', b'F' | b'f'] => 2,
                _ => return None,
            };
            Some(at - parts)
        }
        Header => {
            let rest = without_end(before_it, "functio")?;
            let rest = match rest {
                [rest @ .., b'-' | b'_'] => rest,
                rest => rest,
            };
            matches!(rest, [.., b'x' | b'X']).then_some(start)
        }
        Value(letters) => {
            let (mut run, mut escaped) = (0, false);
            for class in before_it.iter().rev().map(|b| RUN[usize::from(*b)]) {
                match class {
                    Run::No => break,
                    Run::Letter => {}
                    Run::Escape => escaped = true,
                }
                run += 1;
            }
            // What is longer is another value, a digest's or an account's, if
            // no escape makes it so.
            let fits = run >= letters && (run <= letters + TOUCHING || escaped);
            fits.then_some(start)
        }
    }
}

/// The text before the word that it ends with, whatever its case.
fn without_end<'t>(text: &'t [u8], word: &str) -> Option<&'t [u8]> {
    let (rest, end) = text.split_at(text.len().checked_sub(word.len())?);
    end.eq_ignore_ascii_case(word.as_bytes()).then_some(rest)
}
