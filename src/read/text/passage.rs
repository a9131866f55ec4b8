//! A passage of text, and what is found in it once and asked for often.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ops::Range;

use super::links::Links;

/// The shortest name that tells anything.
const SHORTEST: usize = 3;

/// A part of a document that the closer look sees at a time.
pub(crate) struct Passage<'t> {
    /// Its text.
    pub text: &'t [u8],
    /// Its URLs.
    pub links: Links<'t>,
    /// Its names.
    pub names: Names<'t>,
}

impl<'t> Passage<'t> {
    /// A passage. Nothing is read before it is asked for.
    pub(crate) fn of(text: &'t [u8]) -> Self {
        Self {
            text,
            links: Links::of(text),
            names: Names {
                text,
                places: OnceCell::new(),
                assigned: RefCell::default(),
                used: RefCell::default(),
            },
        }
    }
}

/// The names of a passage: a header may be given a variable's value on each of
/// ten thousand lines, and each asks where else the variable stands.
pub(crate) struct Names<'t> {
    text: &'t [u8],
    places: OnceCell<HashMap<&'t [u8], Vec<usize>>>,
    assigned: RefCell<HashMap<&'t [u8], Assigned>>,
    used: RefCell<HashMap<&'t [u8], bool>>,
}

/// Where a name is given a literal: the name's place and the literal's, of the
/// first two, since the one who asks may be one of them.
type Assigned = [Option<(usize, Range<usize>)>; 2];

impl<'t> Names<'t> {
    /// The first literal that a name is given in another place than `here`;
    /// `literal` reads the one behind a name that ends where it is told.
    pub(crate) fn assigned(
        &self,
        name: &Range<usize>,
        literal: impl FnMut(usize) -> Option<Range<usize>>,
    ) -> Option<Range<usize>> {
        let word = self.word(name)?;
        let mut known = self.assigned.borrow_mut();
        let assigned = known.entry(word).or_insert_with(|| {
            let mut literal = literal;
            let mut found = self.places(word).iter().filter_map(|at| {
                let span = literal(at + word.len())?;
                Some((*at, span))
            });
            [found.next(), found.next()]
        });
        let other = assigned.iter().flatten().find(|(at, _)| *at != name.start);
        other.map(|(_, span)| span.clone())
    }

    /// Whether a name stands where `use_of` says that it is used.
    pub(crate) fn used(&self, name: &Range<usize>, use_of: impl FnMut(usize) -> bool) -> bool {
        let Some(word) = self.word(name) else {
            return false;
        };
        let mut known = self.used.borrow_mut();
        *known
            .entry(word)
            .or_insert_with(|| self.places(word).iter().copied().any(use_of))
    }

    /// The text of a name, if it is one word.
    fn word(&self, name: &Range<usize>) -> Option<&'t [u8]> {
        let word = self.text.get(name.clone())?;
        (word.len() >= SHORTEST && word.iter().all(is_word)).then_some(word)
    }

    /// Where a word stands by itself.
    fn places(&self, word: &[u8]) -> &[usize] {
        let places = self.places.get_or_init(|| {
            let mut places: HashMap<&[u8], Vec<usize>> = HashMap::new();
            let mut at = 0;
            for word in self.text.split(|byte| !is_word(byte)) {
                if word.len() >= SHORTEST {
                    places.entry(word).or_default().push(at);
                }
                at += word.len() + 1;
            }
            places
        });
        places.get(word).map_or(&[], Vec::as_slice)
    }
}

fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_up_once() {
        let text = b"key = 1; my_key = 2; use(key); use(key)";
        let passage = Passage::of(text);
        let mut asked = Vec::new();
        for name in [25..28, 35..38] {
            let span = passage.names.assigned(&name, |end| {
                asked.push(end);
                (end < 10).then_some(end + 3..end + 4)
            });
            assert_eq!(span, Some(6..7));
        }
        // Its three places, and not the longer name's; once.
        assert_eq!(asked, [3, 28, 38]);
    }

    #[test]
    fn a_name_is_not_given_its_own_value() {
        let passage = Passage::of(b"key = 1");
        assert_eq!(
            passage.names.assigned(&(0..3), |end| Some(end..end + 1)),
            None
        );
        assert_eq!(
            passage.names.assigned(&(0..2), |end| Some(end..end + 1)),
            None
        );
    }
}
