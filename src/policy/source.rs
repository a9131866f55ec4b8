//! A policy file as it may be shown: masked, and with its places.

use miette::NamedSource;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::excerpt::{mask, redact_path};
use crate::glob::{absolute, slashed};
use crate::location::FilePlace;

/// The masked text of a policy file. The real text lives only while it is
/// parsed.
#[derive(Clone)]
pub(super) struct Source {
    name: String,
    text: Arc<str>,
}

impl Source {
    /// The name is as [`shown`] gives it.
    pub(super) fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: mask(text).into(),
        }
    }

    /// The path as reports show it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn place(&self, span: Range<usize>) -> FilePlace {
        FilePlace::in_text(&self.name, self.text.as_bytes(), span)
    }

    pub(super) fn named(&self) -> NamedSource<Arc<str>> {
        NamedSource::new(&self.name, Arc::clone(&self.text)).with_language("TOML")
    }
}

/// The path as reports show it: from the working directory, with `/`, masked.
pub(super) fn shown(path: &Path) -> String {
    redact_path(&slashed(&from_here(path)))
}

fn from_here(path: &Path) -> PathBuf {
    let path = absolute(path);
    let here = absolute(Path::new("."));
    let common = here
        .components()
        .zip(path.components())
        .take_while(|(a, b)| a == b)
        .count();
    // Only the root in common: a way through it would say nothing.
    if common <= 1 {
        return path;
    }
    let mut relative: PathBuf = here.components().skip(common).map(|_| "..").collect();
    relative.extend(path.components().skip(common));
    relative
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_the_working_directory() {
        assert_eq!(shown(Path::new("./a/../keysweep.toml")), "keysweep.toml");
        assert_eq!(shown(Path::new("../keysweep.toml")), "../keysweep.toml");
        let here = std::env::current_dir().unwrap();
        assert_eq!(shown(&here.join("sub/keysweep.toml")), "sub/keysweep.toml");
    }

    #[test]
    fn places_count_as_editors_do() {
        let source = Source::new("keysweep.toml", "a = 1\nb = '😀é' # x\n");
        let at = "a = 1\nb = '😀é' # x".len();
        let place = source.place(at - 1..at);
        assert_eq!((place.start.line, place.start.column), (2, 13));
        assert_eq!((place.end.line, place.end.column), (2, 14));
        assert_eq!(place.offset, (at - 1) as u64);
    }
}
