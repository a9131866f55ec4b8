//! What makes a document worth a closer look.
//!
//! Every byte of a tree is searched once, with one vectorised searcher, for a
//! few dozen literal fragments in the spellings in which they really occur.
//! Case-insensitive search would cost two to four times as much, and long or
//! frequent fragments (`function`) would drown the searcher in candidates: a
//! fragment begins where the word gets rare. What a fragment alone does not
//! tell is asked of the few bytes around it, at once, before the document
//! counts as hit.

use aho_corasick::packed::{Config, MatchKind, Searcher};
use std::ops::Range;

use crate::key::{SIGNATURE, WRAPPED_MARKS};

/// What a fragment hints at: which finders have to look at its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hint {
    /// The signature of an identifiable key.
    Signature,
    /// That signature under a second layer of base64; characters to the next
    /// group of four.
    Wrapped(usize),
    /// That signature in UTF-16.
    Wide,
    /// The last letters of a value with the legacy shape, or of one under a
    /// second layer of base64.
    Legacy,
    /// `code=`, in a query.
    Query,
    /// `x-functions-key`, or a setting of that name.
    Header,
    /// A member of a secret store or key listing, or a setting of that name.
    Store,
    /// `--key-value`.
    Argument,
    /// An API Management key or its header.
    Apim,
    /// The key of an encrypted store.
    Decryption,
    /// An inline ignore.
    Ignore,
    /// A keyword of a `[[pattern]]` of the policy.
    Pattern,
}

/// Bytes that a check may look at on either side of a fragment.
const REACH: usize = 96;

/// The literal fragments; at most 64, or the searcher falls back to a slower one.
const FRAGMENTS: &[(&[u8], Hint)] = &[
    (SIGNATURE, Hint::Signature),
    (WRAPPED_MARKS[0].0, Hint::Wrapped(WRAPPED_MARKS[0].1)),
    (WRAPPED_MARKS[1].0, Hint::Wrapped(WRAPPED_MARKS[1].1)),
    (WRAPPED_MARKS[2].0, Hint::Wrapped(WRAPPED_MARKS[2].1)),
    (WRAPPED_MARKS[3].0, Hint::Wrapped(WRAPPED_MARKS[3].1)),
    // Little- and big-endian share these seven bytes.
    (b"A\0z\0F\0u", Hint::Wide),
    (b"A==", Hint::Legacy),
    (b"Q==", Hint::Legacy),
    (b"g==", Hint::Legacy),
    (b"w==", Hint::Legacy),
    (b"A%3", Hint::Legacy),
    (b"Q%3", Hint::Legacy),
    (b"g%3", Hint::Legacy),
    (b"w%3", Hint::Legacy),
    (b"A\\u003", Hint::Legacy),
    (b"Q\\u003", Hint::Legacy),
    (b"g\\u003", Hint::Legacy),
    (b"w\\u003", Hint::Legacy),
    (b"PT0", Hint::Legacy),
    (b"?code=", Hint::Query),
    (b"&code=", Hint::Query),
    (b";code=", Hint::Query),
    (b"26code=", Hint::Query),
    (b"3Fcode=", Hint::Query),
    (b"3fcode=", Hint::Query),
    (b"code%3D", Hint::Query),
    (b"code%3d", Hint::Query),
    (b"?Code=", Hint::Query),
    (b"&Code=", Hint::Query),
    (b"ons-key", Hint::Header),
    (b"ons-Key", Hint::Header),
    (b"ONS-KEY", Hint::Header),
    (b"ons_key", Hint::Header),
    (b"ONS_KEY", Hint::Header),
    (b"onsKey", Hint::Header),
    (b"asterKey", Hint::Store),
    (b"aster_key", Hint::Store),
    (b"ASTER_KEY", Hint::Store),
    (b"aster-key", Hint::Store),
    (b"ASTERKEY", Hint::Store),
    (b"_master", Hint::Store),
    (b"ost.master", Hint::Store),
    (b"master\":", Hint::Store),
    (b"master\\\":", Hint::Store),
    (b"onKey", Hint::Store),
    (b"emKey", Hint::Store),
    (b"keys\":", Hint::Store),
    (b"keys\\\":", Hint::Store),
    (b"host--", Hint::Store),
    (b"on--", Hint::Store),
    (b"key-value", Hint::Argument),
    (b"APIM", Hint::Apim),
    (b"on-Key", Hint::Apim),
    (b"on-key", Hint::Apim),
    (b"ON-KEY", Hint::Apim),
    (b"ON_KEY", Hint::Apim),
    (b"WebEncryptionKey", Hint::Decryption),
    (b"MACHINEKEY_D", Hint::Decryption),
    (b"keysweep:", Hint::Ignore),
];

/// A fragment that its surroundings did not refute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Where the fragment begins, in bytes of the searched block.
    pub at: usize,
    /// What it hints at.
    pub hint: Hint,
}

/// The searcher, built once for a run.
pub(crate) struct Triggers {
    searcher: Engine,
    hints: Vec<Hint>,
    longest: usize,
}

enum Engine {
    Packed(Searcher),
    /// With many keywords of the policy's own.
    General(aho_corasick::AhoCorasick),
}

impl Triggers {
    /// For the built-in fragments and the policy's keywords.
    pub(crate) fn new(keywords: &[String]) -> Self {
        let mut literals: Vec<&[u8]> = FRAGMENTS.iter().map(|(literal, _)| *literal).collect();
        literals.extend(keywords.iter().map(String::as_bytes));
        let mut hints: Vec<Hint> = FRAGMENTS.iter().map(|(_, hint)| *hint).collect();
        hints.resize(literals.len(), Hint::Pattern);
        let packed = Config::new()
            .match_kind(MatchKind::LeftmostFirst)
            .builder()
            .extend(&literals)
            .build();
        let searcher = match packed {
            Some(searcher) => Engine::Packed(searcher),
            None => Engine::General(
                aho_corasick::AhoCorasick::new(&literals)
                    .expect("a few dozen short literals fit any automaton"),
            ),
        };
        Self {
            searcher,
            hints,
            longest: literals.iter().map(|l| l.len()).max().unwrap_or(0),
        }
    }

    /// Bytes of the end of a block that have to be seen again with the next
    /// one: a fragment and the bytes that its check looks at.
    pub(crate) fn overlap(&self) -> usize {
        self.longest + REACH
    }

    /// Whether there is a fragment in `block` that its surroundings do not
    /// refute.
    pub(crate) fn hit(&self, block: &[u8]) -> bool {
        let mut any = false;
        self.search(block, |_| any = true);
        any
    }

    /// Calls `hit` for every fragment in `block` that its surroundings do not
    /// refute, in order.
    pub(crate) fn search(&self, block: &[u8], mut hit: impl FnMut(Hit)) {
        let mut report = |span: Range<usize>, pattern: usize| {
            let found = Hit {
                at: span.start,
                hint: self.hints[pattern],
            };
            if plausible(block, &span, found.hint) {
                hit(found);
            }
        };
        match &self.searcher {
            Engine::Packed(searcher) => {
                for found in searcher.find_iter(block) {
                    report(found.start()..found.end(), found.pattern().as_usize());
                }
            }
            Engine::General(searcher) => {
                for found in searcher.find_iter(block) {
                    report(found.start()..found.end(), found.pattern().as_usize());
                }
            }
        }
    }
}

/// Whether the bytes around a fragment allow for what it hints at. Where the
/// block ends too early to tell, they do.
fn plausible(block: &[u8], span: &Range<usize>, hint: Hint) -> bool {
    let before = &block[span.start.saturating_sub(REACH)..span.start];
    let cut = span.start < REACH;
    match hint {
        Hint::Signature | Hint::Wrapped(_) | Hint::Wide => true,
        Hint::Legacy => {
            // 53 letters before the last one; escapes of `/` only make it longer.
            // `PT0` closes a layer of base64 and may have any letter of it before.
            let run = before
                .iter()
                .rev()
                .take_while(|b| {
                    b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+' | b'%' | b'\\')
                })
                .count();
            run >= 53 || (cut && run == before.len())
        }
        Hint::Header => ends_with_fold(before, b"functi", cut) || ends_with_fold(before, b"x", cut),
        Hint::Apim => {
            block[span.clone()] == *b"APIM"
                || ends_with_fold(before, b"subscripti", cut)
                || ends_with_fold(before, b"functi", cut)
        }
        Hint::Store => match &block[span.clone()] {
            b"onKey" => ends_with_fold(before, b"functi", cut),
            b"emKey" => ends_with_fold(before, b"syst", cut),
            b"on--" => ends_with_fold(before, b"functi", cut),
            b"_master" => block
                .get(span.end)
                .is_none_or(|b| !(b.is_ascii_alphanumeric() || *b == b'/')),
            _ => true,
        },
        Hint::Query | Hint::Argument | Hint::Decryption | Hint::Ignore | Hint::Pattern => true,
    }
}

/// Whether the text ends with the word, whatever its case; a text that was cut
/// too short to tell might.
fn ends_with_fold(text: &[u8], word: &[u8], cut: bool) -> bool {
    match text.len().checked_sub(word.len()) {
        Some(from) => text[from..].eq_ignore_ascii_case(word),
        None => cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(text: &str) -> Vec<Hint> {
        let mut found = Vec::new();
        Triggers::new(&[]).search(text.as_bytes(), |hit| found.push(hit.hint));
        found
    }

    #[test]
    fn the_fast_searcher_takes_all_fragments() {
        assert!(FRAGMENTS.len() <= 64);
        assert!(matches!(Triggers::new(&[]).searcher, Engine::Packed(_)));
    }

    #[test]
    fn surroundings_refute_common_words() {
        assert_eq!(
            hits(&format!("{} if (a.g==null) x", "lorem ipsum ".repeat(12))),
            []
        );
        assert_eq!(
            hits(&format!("{} partitionKey", "lorem ipsum ".repeat(12))),
            []
        );
        assert_eq!(hits("the functionKey of"), [Hint::Store]);
        assert_eq!(hits("X-FUNCTIONS-KEY: abc"), [Hint::Header]);
        assert_eq!(hits("https://a/b?code=abc"), [Hint::Query]);
    }
}
