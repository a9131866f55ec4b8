//! Words without which there is nothing to read in code: trees are full of it.
//!
//! They are searched for together with the fragments of keys, in one pass, where
//! a document is read for both.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::literals::Literals;

/// A word, by a part of it that is rarer than its beginning.
pub(super) struct Mark {
    /// That part. None ends as another, or a fragment of a key, begins: the
    /// search would pass over that.
    pub(super) literal: &'static str,
    /// What stands before it, one of these.
    pub(super) before: &'static [&'static str],
    /// What stands behind it.
    after: &'static str,
    weight: Weight,
}

/// What a word is reason for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// For reading the document.
    Alone,
    /// For reading it where a parameter has the name `code`, which may be a key
    /// then.
    AboutKeys,
}

use Weight::{AboutKeys, Alone};

const fn mark(
    weight: Weight,
    before: &'static [&'static str],
    literal: &'static str,
    after: &'static str,
) -> Mark {
    Mark {
        literal,
        before,
        after,
        weight,
    }
}

/// All of them; none has the literal of another.
pub(super) const MARKS: &[Mark] = &[
    mark(Alone, &["H"], "ttpT", "rigger"),
    mark(Alone, &["Authorizati"], "onLe", "vel"),
    mark(Alone, &["azu"], "re.f", "unctions"),
    mark(Alone, &["@azu"], "re/f", "unctions"),
    mark(Alone, &["?c", "&c"], "ode=", ""),
    mark(AboutKeys, &["azu"], "rewe", "bsites."),
    mark(AboutKeys, &["-functio"], "ns-k", "ey"),
    mark(AboutKeys, &["uncti"], "onKey", ""),
    mark(AboutKeys, &["unctio"], "nsKey", ""),
    mark(AboutKeys, &["uncti"], "on_k", "ey"),
    mark(AboutKeys, &["unctio"], "n-key", ""),
    mark(AboutKeys, &["uncti"], "on.k", "ey"),
    mark(AboutKeys, &["UNCTIO"], "N_KEY", ""),
    mark(AboutKeys, &["UNCTIO"], "NS_K", "EY"),
    mark(AboutKeys, &["u"], "nc_k", "ey"),
    mark(AboutKeys, &[""], "uncK", "ey"),
    mark(AboutKeys, &["U"], "NC_K", "EY"),
    mark(AboutKeys, &[""], "ostK", "ey"),
    mark(AboutKeys, &[""], "ost_k", "ey"),
    mark(AboutKeys, &[""], "OST_K", "EY"),
];

/// Spellings of that name.
const CODE: &[&str] = &["code\"", "code'", "code:", "code=", "code ="];

/// Which sorts of marks a document has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    alone: bool,
    about_keys: bool,
}

impl Marks {
    /// Those of a text: no more are looked for than is enough.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut marks = Self::default();
        let _ = LITERALS.search(text, |start, number| {
            marks.see(text, start, &MARKS[number]);
            match marks.alone {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        marks
    }

    /// Takes a literal where it stands.
    pub(super) fn see(&mut self, text: &[u8], start: usize, mark: &Mark) {
        let (before, rest) = text.split_at(start);
        let whole = rest[mark.literal.len()..].starts_with(mark.after.as_bytes())
            && mark
                .before
                .iter()
                .any(|word| before.ends_with(word.as_bytes()));
        self.alone |= whole && mark.weight == Alone;
        self.about_keys |= whole && mark.weight == AboutKeys;
    }

    /// Whether the document that has them is worth reading as code.
    pub(super) fn are_of_code(self, text: &[u8]) -> bool {
        let has = |word: &&str| memchr::memmem::find(text, word.as_bytes()).is_some();
        self.alone || self.about_keys && CODE.iter().any(has)
    }
}

static LITERALS: LazyLock<Literals> = LazyLock::new(|| {
    let literals: Vec<&[u8]> = MARKS.iter().map(|mark| mark.literal.as_bytes()).collect();
    Literals::new(&literals)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_over_code_about_something_else() {
        let is_marked = |text: &str| Marks::of(text.as_bytes()).are_of_code(text.as_bytes());
        for text in [
            "app.get('/', (req, res) => res.json({ code: 1 }))",
            "const functionKey = process.env.KEY;",
        ] {
            assert!(!is_marked(text), "{text}");
        }
        for text in [
            "[HttpTrigger]",
            "AuthorizationLevel.Function",
            "import azure.functions as func",
            "import { app } from '@azure/functions'",
            "fetch(`${base}?code=${key}`)",
            "axios.get(url, { params: { code: functionKey } })",
            "b.Query = $\"code={o.FunctionKey}\";",
            "$q = @{ code = $functionKey }",
            "q = {'code': os.environ['HOST_KEY']}",
        ] {
            assert!(is_marked(text), "{text}");
        }
    }
}
