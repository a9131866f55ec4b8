//! Words without which there is nothing to read in code: trees are full of it.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::super::literals::Literals;

/// The ends of words, which are rarer than their beginnings, with what stands
/// before them. One of these words is reason enough.
const ALONE: &[(&str, &str)] = &[
    ("H", "ttpTrigger"),
    ("Authorizat", "ionLevel"),
    ("azur", "e.functions"),
    ("@azur", "e/functions"),
    ("", "?code="),
    ("", "&code="),
];

/// With one of these a parameter of the name `code` may be a key.
const ABOUT_KEYS: &[(&str, &str)] = &[
    ("azu", "rewebsites."),
    ("-functio", "ns-key"),
    ("unct", "ionKey"),
    ("unctio", "nsKey"),
    ("unct", "ion_key"),
    ("unctio", "n-key"),
    ("unctio", "n.key"),
    ("UNCT", "ION_KEY"),
    ("UNCTIO", "NS_KEY"),
    ("u", "nc_key"),
    ("u", "ncKey"),
    ("U", "NC_KEY"),
    ("", "ostKey"),
    ("", "ost_key"),
    ("", "OST_KEY"),
];

/// Spellings of that name.
const CODE: &[&str] = &["code\"", "code'", "code:", "code=", "code ="];

/// Whether a document is worth reading as code.
pub(super) fn is_marked(text: &[u8]) -> bool {
    let mut about_keys = false;
    let found = MARKS.search(text, |start, number| {
        let before = match ALONE.get(number) {
            Some((before, _)) => before,
            None => ABOUT_KEYS[number - ALONE.len()].0,
        };
        let whole = text[..start].ends_with(before.as_bytes());
        about_keys |= whole;
        match whole && number < ALONE.len() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    let has = |word: &&str| memchr::memmem::find(text, word.as_bytes()).is_some();
    found.is_break() || about_keys && CODE.iter().any(has)
}

static MARKS: LazyLock<Literals> = LazyLock::new(|| {
    let words = ALONE.iter().chain(ABOUT_KEYS);
    let ends: Vec<&[u8]> = words.map(|(_, end)| end.as_bytes()).collect();
    Literals::new(&ends)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_over_code_about_something_else() {
        assert!(!is_marked(
            b"app.get('/', (req, res) => res.json({ code: 1 }))"
        ));
        assert!(!is_marked(b"const functionKey = process.env.KEY;"));
        for text in [
            "import { app } from '@azure/functions'",
            "fetch(`${base}?code=${key}`)",
            "axios.get(url, { params: { code: functionKey } })",
            "b.Query = $\"code={o.FunctionKey}\";",
            "$q = @{ code = $functionKey }",
        ] {
            assert!(is_marked(text.as_bytes()), "{text}");
        }
    }
}
