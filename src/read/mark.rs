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
    /// Whether the word is reason enough. With one of the others a parameter of
    /// the name `code` may be a key.
    alone: bool,
}

const fn alone(
    before: &'static [&'static str],
    literal: &'static str,
    after: &'static str,
) -> Mark {
    let alone = true;
    Mark {
        literal,
        before,
        after,
        alone,
    }
}

const fn about_keys(
    before: &'static [&'static str],
    literal: &'static str,
    after: &'static str,
) -> Mark {
    let alone = false;
    Mark {
        literal,
        before,
        after,
        alone,
    }
}

/// All of them; none has the literal of another.
pub(super) const MARKS: &[Mark] = &[
    alone(&["H"], "ttpT", "rigger"),
    alone(&["Authorizati"], "onLe", "vel"),
    alone(&["azu"], "re.f", "unctions"),
    alone(&["@azu"], "re/f", "unctions"),
    alone(&["?c", "&c"], "ode=", ""),
    about_keys(&["azu"], "rewe", "bsites."),
    about_keys(&["-functio"], "ns-k", "ey"),
    about_keys(&["uncti"], "onKey", ""),
    about_keys(&["unctio"], "nsKey", ""),
    about_keys(&["uncti"], "on_k", "ey"),
    about_keys(&["unctio"], "n-key", ""),
    about_keys(&["uncti"], "on.k", "ey"),
    about_keys(&["UNCTIO"], "N_KEY", ""),
    about_keys(&["UNCTIO"], "NS_K", "EY"),
    about_keys(&["u"], "nc_k", "ey"),
    about_keys(&[""], "uncK", "ey"),
    about_keys(&["U"], "NC_K", "EY"),
    about_keys(&[""], "ostK", "ey"),
    about_keys(&[""], "ost_k", "ey"),
    about_keys(&[""], "OST_K", "EY"),
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
        self.alone |= whole && mark.alone;
        self.about_keys |= whole && !mark.alone;
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
