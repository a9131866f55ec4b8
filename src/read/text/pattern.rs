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

pub(super) use patterns;
