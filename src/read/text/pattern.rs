//! Constant patterns, compiled when they are first needed: a run that finds
//! nothing compiles none.

use regex_automata::{meta, util::syntax};

/// Declares byte patterns: `patterns! { NAME = r"…"; }`.
macro_rules! patterns {
    ($($name:ident = $pattern:expr;)*) => {
        $(static $name: std::sync::LazyLock<regex::bytes::Regex> = std::sync::LazyLock::new(|| {
            regex::bytes::Regex::new($pattern).expect("a constant pattern, tested")
        });)*
    };
}

/// The same for paths, which are too short for a search of literals to be worth
/// its making: that takes half of the time.
macro_rules! path_patterns {
    ($($name:ident = $pattern:expr;)*) => {
        $(static $name: std::sync::LazyLock<$crate::read::text::pattern::PathPattern> =
            std::sync::LazyLock::new(|| $crate::read::text::pattern::PathPattern::new($pattern));)*
    };
}

pub(crate) use {path_patterns, patterns};

/// A pattern of paths.
pub(super) struct PathPattern(meta::Regex);

impl PathPattern {
    /// From a constant pattern.
    pub(super) fn new(pattern: &str) -> Self {
        let regex = meta::Regex::builder()
            .syntax(syntax::Config::new().utf8(false))
            .configure(meta::Config::new().utf8_empty(false).auto_prefilter(false))
            .build(pattern);
        Self(regex.expect("a constant pattern, tested"))
    }

    /// Whether a path, with `/`, is such a one.
    pub(super) fn is_match(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// Whether one of the words is there: asked before a pattern that has to have
/// one, and takes ten times as long to find out.
pub(super) fn has_any(text: &[u8], words: &[&str]) -> bool {
    let has = |word: &&str| memchr::memmem::find(text, word.as_bytes()).is_some();
    words.iter().any(has)
}
