//! One search for the fragments of keys and for the marks of code: what is read
//! for both need not be searched twice.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::super::super::literals::Literals;
use super::super::super::mark::{MARKS, Mark, Marks};
use super::Triggers;
use super::fragments::{FRAGMENTS, Fragment, begin};

impl Triggers {
    /// If there is none in a text, which marks of code it has.
    pub(crate) fn without_hit(&self, text: &[u8]) -> Option<Marks> {
        let mut marks = Marks::default();
        let found = FOR_CODE.literals.search(text, |start, number| {
            let (fragment, mark) = FOR_CODE.meaning[number];
            if let Some(mark) = mark {
                marks.see(text, start, mark);
            }
            let hit =
                fragment.and_then(|(literal, before, _)| begin(text, start, literal, *before));
            match hit {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        });
        let any = |_| ControlFlow::Break(());
        let found = match found {
            ControlFlow::Continue(()) => self.others(text, any),
            found => found,
        };
        found.is_continue().then_some(marks)
    }
}

/// The fragments, and the marks of code.
struct ForCode {
    literals: Literals,
    /// What each of the literals is a part of.
    meaning: Vec<(Option<&'static Fragment>, Option<&'static Mark>)>,
}

static FOR_CODE: LazyLock<ForCode> = LazyLock::new(|| {
    let mut all: Vec<&[u8]> = FRAGMENTS.iter().map(|(literal, ..)| *literal).collect();
    let marks = MARKS.iter().map(|mark| mark.literal.as_bytes());
    let of_marks: Vec<&[u8]> = marks.filter(|literal| !all.contains(literal)).collect();
    all.extend(of_marks);
    let meaning = all.iter().map(|literal| {
        let fragment = FRAGMENTS.iter().find(|fragment| fragment.0 == *literal);
        let mark = MARKS
            .iter()
            .find(|mark| mark.literal.as_bytes() == *literal);
        (fragment, mark)
    });
    ForCode {
        meaning: meaning.collect(),
        literals: Literals::new(&all),
    }
});

#[cfg(test)]
mod tests {
    use super::super::fragments::Before;
    use super::*;

    /// The search passes over what begins inside of what it has found.
    #[test]
    fn no_mark_hides_a_fragment_and_no_fragment_a_mark() {
        let ForCode { literals, meaning } = &*FOR_CODE;
        assert!(literals.is_packed() && meaning.len() <= 64);
        let words: Vec<(String, &[u8])> = meaning.iter().map(word).collect();
        for (one, other) in pairs(meaning.len()) {
            let fragments = [one, other].map(|n| meaning[n].0);
            let hits =
                fragments[0].is_some_and(|(_, before, _)| matches!(before, Before::Word("")));
            if one == other || hits || fragments.iter().all(Option::is_some) {
                continue;
            }
            let (one, (before, other)) = (words[one].1, &words[other]);
            let hides = (1..one.len()).any(|at| {
                let (head, end) = one.split_at(at);
                let touch = end.starts_with(other) || other.starts_with(end);
                let mut letters = head.iter().rev().zip(before.bytes().rev());
                touch && letters.all(|(a, b)| a.eq_ignore_ascii_case(&b))
            });
            assert!(
                !hides,
                "{} {before}{}",
                one.escape_ascii(),
                other.escape_ascii()
            );
        }
    }

    fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..count).flat_map(move |a| (0..count).map(move |b| (a, b)))
    }

    /// What stands before a literal, and the literal.
    fn word(
        meaning: &(Option<&'static Fragment>, Option<&'static Mark>),
    ) -> (String, &'static [u8]) {
        match meaning {
            (Some((literal, Before::Word(word), _)), _) => (word.to_string(), literal),
            (Some((literal, Before::Header, _)), _) => ("functio".to_owned(), literal),
            (Some((literal, Before::Query, _)), _) => match literal.starts_with(b"d") {
                true => ("co".to_owned(), literal),
                false => ("c".to_owned(), literal),
            },
            (Some((literal, Before::Value(_), _)), _) => (String::new(), literal),
            (None, Some(mark)) => (mark.before[0].to_owned(), mark.literal.as_bytes()),
            (None, None) => unreachable!(),
        }
    }

    #[test]
    fn marks_are_seen_where_nothing_hits() {
        let marks = |text: &str| {
            let marks = Triggers::new(&[]).without_hit(text.as_bytes());
            marks.map(|marks| marks.are_of_code(text.as_bytes()))
        };
        assert_eq!(marks("x.onKeyDown = 1"), Some(false));
        assert_eq!(marks("[HttpTrigger(...)]"), Some(true));
        assert_eq!(marks("{ code: unctionKey }"), Some(true));
        assert_eq!(marks("[HttpTrigger(...)] // x-functions-key"), None);
        let padded = format!(
            "[HttpTrigger(...)] // {}A==",
            "aB3/".repeat(14).split_at(53).0
        );
        assert_eq!(marks(&padded), None);
    }
}
