//! Constant patterns, compiled when they are first needed: a run that finds
//! nothing compiles none.

/// Declares byte patterns: `patterns! { NAME = r"…"; }`.
macro_rules! patterns {
    ($($name:ident = $pattern:expr;)*) => {
        $(static $name: std::sync::LazyLock<regex::bytes::Regex> = std::sync::LazyLock::new(|| {
            regex::bytes::Regex::new($pattern).expect("a constant pattern, tested")
        });)*
    };
}

pub(crate) use patterns;

/// Whether one of the words is there: asked before a pattern that has to have
/// one, and takes ten times as long to find out.
pub(super) fn has_any(text: &[u8], words: &[&str]) -> bool {
    let has = |word: &&str| memchr::memmem::find(text, word.as_bytes()).is_some();
    words.iter().any(has)
}
