//! What makes a document worth a closer look.
//!
//! Every byte of a tree is searched, with one vectorised searcher, for a few
//! dozen literal fragments in the spellings in which they really occur, and once
//! more for the `==` that legacy keys end with. Case-insensitive search would
//! cost two to four times as much, and long or frequent fragments (`function`)
//! would drown the searcher in candidates: a fragment begins where the word gets
//! rare. What a fragment alone does not tell is asked of the few bytes around
//! it, at once, before the document counts as hit.

mod code;
mod fragments;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use memchr::memmem::Finder;

use super::super::literals::Literals;
use super::encoding::Encoding;
use fragments::{Before, FRAGMENTS, LEGACY, REACH, begin};

/// Bytes of a fragment that are searched for in what is no text. Of few
/// fragments that is enough to be rare, and each byte more takes time.
const BEGIN: usize = 2;

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

impl Hint {
    /// Whether it matters where only keys that identify themselves count.
    fn counts_in_binary(self) -> bool {
        matches!(
            self,
            Self::Signature | Self::Wrapped(_) | Self::Wide | Self::Ignore
        )
    }
}

/// A fragment that its surroundings did not refute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Where the fragment, or the word that it ends, begins: in bytes of the
    /// searched block.
    pub at: usize,
    /// What it hints at.
    pub hint: Hint,
}

/// The searchers, built once for a run.
pub(crate) struct Triggers {
    fragments: Literals,
    /// How those begin that count in what is no text, each beginning once, with
    /// the numbers of those that have it.
    in_binary: (Literals, Vec<Vec<usize>>),
    /// The end of a value of the legacy shape, but for its last letter.
    padding: Finder<'static>,
    /// The policy's own keywords, where it has any: a pass of their own, since
    /// one that overlaps a fragment would hide it.
    keywords: Option<Literals>,
    longest: usize,
}

impl Triggers {
    /// For the built-in fragments and the policy's keywords.
    pub(crate) fn new(keywords: &[String]) -> Self {
        let fragments: Vec<&[u8]> = FRAGMENTS.iter().map(|(literal, ..)| *literal).collect();
        let keywords: Vec<&[u8]> = keywords.iter().map(String::as_bytes).collect();
        let all = fragments.iter().chain(&keywords);
        let counts_in_binary = |number: &usize| FRAGMENTS[*number].2.counts_in_binary();
        let mut in_binary: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for number in (0..FRAGMENTS.len()).filter(counts_in_binary) {
            let begin = &fragments[number][..BEGIN];
            in_binary.entry(begin).or_default().push(number);
        }
        let few: Vec<&[u8]> = in_binary.keys().copied().collect();
        Self {
            longest: all.map(|literal| literal.len()).max().unwrap_or(0),
            fragments: Literals::new(&fragments),
            in_binary: (Literals::new(&few), in_binary.into_values().collect()),
            padding: Finder::new(b"=="),
            keywords: (!keywords.is_empty()).then(|| Literals::new(&keywords)),
        }
    }

    /// Bytes of the end of a block that have to be seen again with the next
    /// one: a fragment and the bytes that its check looks at.
    pub(crate) fn overlap(&self) -> usize {
        self.longest + REACH
    }

    /// Every fragment in `block`, of a document in this encoding, that its
    /// surroundings do not refute, in order.
    pub(crate) fn hits(&self, block: &[u8], encoding: Encoding) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.search(block, encoding, |hit| {
            hits.push(hit);
            ControlFlow::Continue(())
        });
        hits.sort_by_key(|hit| hit.at);
        hits
    }

    /// Whether there is one.
    pub(crate) fn hit(&self, block: &[u8], encoding: Encoding) -> bool {
        let mut any = false;
        self.search(block, encoding, |_| {
            any = true;
            ControlFlow::Break(())
        });
        any
    }

    fn search(
        &self,
        block: &[u8],
        encoding: Encoding,
        mut report: impl FnMut(Hit) -> ControlFlow<()>,
    ) {
        let mut fragment = |start: usize, number: usize| {
            let (literal, before, hint) = FRAGMENTS[number];
            match begin(block, start, literal, before) {
                Some(at) => report(Hit { at, hint }),
                None => ControlFlow::Continue(()),
            }
        };
        let found = if encoding == Encoding::Binary {
            let (few, numbers) = &self.in_binary;
            few.search(block, |start, few| {
                let whole = |number: &&usize| block[start..].starts_with(FRAGMENTS[**number].0);
                match numbers[few].iter().find(whole) {
                    Some(number) => fragment(start, *number),
                    None => ControlFlow::Continue(()),
                }
            })
        } else {
            self.fragments.search(block, fragment)
        };
        if found.is_break() {
            return;
        }
        let _ = match encoding {
            Encoding::Binary => self.keywords(block, &mut report),
            _ => self.others(block, &mut report),
        };
    }

    /// What passes of their own look for in a text.
    fn others(
        &self,
        text: &[u8],
        mut report: impl FnMut(Hit) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.padded(text, &mut report)?;
        self.keywords(text, report)
    }

    fn keywords(
        &self,
        block: &[u8],
        mut report: impl FnMut(Hit) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(keywords) = &self.keywords else {
            return ControlFlow::Continue(());
        };
        keywords.search(block, |at, _| {
            let hint = Hint::Pattern;
            report(Hit { at, hint })
        })
    }

    /// The same for values of the legacy shape, as they are.
    fn padded(
        &self,
        block: &[u8],
        mut report: impl FnMut(Hit) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for end in self.padding.find_iter(block) {
            // Two bits of the last letter are left over, and zero.
            if let Some(last) = end.checked_sub(1)
                && matches!(block[last], b'A' | b'Q' | b'g' | b'w')
                && let Some(at) = begin(block, last, b"==", Before::Value(LEGACY))
            {
                let hint = Hint::Legacy;
                report(Hit { at, hint })?;
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(text: &str) -> Vec<Hint> {
        let hits = Triggers::new(&[]).hits(text.as_bytes(), Encoding::Utf8);
        hits.into_iter().map(|hit| hit.hint).collect()
    }

    #[test]
    fn the_fast_searcher_takes_all_fragments() {
        assert!(FRAGMENTS.len() <= 64);
        assert!(FRAGMENTS.iter().all(|(literal, ..)| literal.len() >= 4));
        assert!(Triggers::new(&[]).fragments.is_packed());
    }

    #[test]
    fn surroundings_refute_common_words() {
        for text in [
            format!("{} if (a.g==null) x", "lorem ipsum ".repeat(12)),
            "partitionKey".to_owned(),
            "const onKeyDown = options-key".to_owned(),
            "azure-functions-keyvault".to_owned(),
            "refs/remotes/_master/x".to_owned(),
            "\"users\": 1, \"days\": 2".to_owned(),
        ] {
            assert_eq!(hits(&text), [], "{text}");
        }
        assert_eq!(hits("the functionKey of"), [Hint::Store]);
        let answer = r#"{"type": "Microsoft.Web/sites/functions/keys", "value": "x"}"#;
        assert_eq!(hits(answer), [Hint::Store]);
    }

    #[test]
    fn a_longer_value_is_another_one() {
        let value = |letters: usize| "aB3/".repeat(30)[..letters].to_owned();
        for hit in [
            format!("\"{}A==\"", value(53)),
            format!("\\n{}A==", value(53)),
            format!("\x1b[32m{}A==", value(53)),
            format!("={}A%3D%3D", value(53)),
            format!(":{}A\\u003d\\u003d", value(53)),
            format!("{}A==", value(52) + "\\/"),
            format!(": {}PT0=", value(72)),
        ] {
            assert_eq!(hits(&hit), [Hint::Legacy], "{hit}");
        }
        for none in [
            format!("sha512-{}A==", value(85)),
            format!("AccountKey={}g==", value(85)),
            format!("\"{}A==\"", value(41)),
            format!("{}PT0=", value(96)),
        ] {
            assert_eq!(hits(&none), [], "{none}");
        }
    }

    #[test]
    fn names_of_headers_and_parameters_have_no_case() {
        for name in [
            "x-functions-key",
            "X-Functions-Key",
            "X-FUNCTIONS-KEY",
            "X-Functions-KEY",
            "X-FUNCTIONS-Key",
            "X-FUNCTIONS-key",
            "x_functions_key",
            "X_FUNCTIONS_KEY",
            "xFunctionsKey",
        ] {
            assert_eq!(hits(&format!(" {name}: abc")), [Hint::Header], "{name}");
        }
        for query in [
            "?code=",
            "&Code=",
            "?CODE=",
            "&CODE=",
            "&amp;CODE=",
            "&amp;Code=",
            "\\u0026CODE=",
            "%3Fcode%3D",
            "%26CODE%3d",
            "%3FCODE%3D",
            "%253Fcode%253D",
            "%3fcode=",
        ] {
            assert_eq!(
                hits(&format!("https://a/b{query}abc")),
                [Hint::Query],
                "{query}"
            );
        }
        for name in [
            "masterKey",
            "masterkey",
            "MASTER_KEY",
            "Master-Key",
            "master-key",
        ] {
            assert_eq!(hits(name), [Hint::Store], "{name}");
        }
    }

    #[test]
    fn all_that_counts_in_a_binary_is_found_in_one() {
        let triggers = Triggers::new(&[]);
        for (literal, _, hint) in FRAGMENTS.iter().filter(|it| it.2.counts_in_binary()) {
            let word: &[u8] = if *hint == Hint::Ignore { b"key" } else { b"" };
            let bytes = [b"\x01\x02", word, literal, b"\x03"].concat();
            let hits = triggers.hits(&bytes, Encoding::Binary);
            let hints: Vec<_> = hits.iter().map(|hit| hit.hint).collect();
            assert_eq!(hints, [*hint], "{}", literal.escape_ascii());
        }
    }

    #[test]
    fn a_word_begins_where_it_begins() {
        let hits =
            Triggers::new(&[]).hits(concat!("# keysweep", ": ignore").as_bytes(), Encoding::Utf8);
        assert_eq!(
            hits,
            [Hit {
                at: 2,
                hint: Hint::Ignore
            }]
        );
    }

    #[test]
    fn a_keyword_hides_no_fragment() {
        let triggers = Triggers::new(&["acme?co".to_owned()]);
        let hits: Vec<_> = triggers
            .hits(b"acme?code=1", Encoding::Utf8)
            .iter()
            .map(|hit| hit.hint)
            .collect();
        assert_eq!(hits, [Hint::Pattern, Hint::Query]);
    }
}
