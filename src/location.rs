//! Where something is: a place in a file, or a resource of the tenant.

use serde::Serialize;
use std::ops::Range;

/// The place of a fact. There is no finding without one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "in")]
pub enum Location {
    /// A span of characters of a file.
    File(Box<FilePlace>),
    /// A resource, and the property of it that is meant.
    Resource(ResourcePlace),
}

/// A span in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FilePlace {
    /// Relative to the working directory, with `/`; keys in it are masked.
    pub path: String,
    /// The first character.
    pub start: Position,
    /// Just past the last character.
    pub end: Position,
    /// Bytes of the decoded document before the first character.
    #[serde(skip)]
    pub offset: u64,
    /// GitHub's `primaryLocationLineHash` of the first line; none where the
    /// line holds a value that could be guessed from it.
    #[serde(skip)]
    pub line_hash: Option<String>,
    /// The commit in which the file has this, abbreviated, where the file of
    /// today has it no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}

impl FilePlace {
    /// The last line with a character of it; the end is just past the last one.
    #[must_use]
    pub fn last_line(&self) -> u64 {
        let line_before = self.end.column <= 1 && self.end.line > self.start.line;
        (self.end.line - u64::from(line_before)).max(self.start.line)
    }
}

/// Line and column, as editors and code scanning count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// From 1.
    pub line: u64,
    /// From 1, in UTF-16 code units.
    pub column: u64,
}

/// A resource of the tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourcePlace {
    /// The ARM id.
    pub id: String,
    /// The property inside it, if one is meant.
    pub property: Option<String>,
}

impl FilePlace {
    /// The place of a span of a document at hand.
    ///
    /// It reads the text from its start: a reader with many places in one
    /// document counts its lines once, and not with this.
    #[must_use]
    pub fn in_text(path: &str, text: &[u8], span: Range<usize>) -> Self {
        Self {
            path: path.to_owned(),
            start: Position::at(text, span.start),
            end: Position::at(text, span.end),
            offset: span.start as u64,
            line_hash: None,
            revision: None,
        }
    }
}

impl Position {
    fn at(text: &[u8], offset: usize) -> Self {
        let before = &text[..offset.min(text.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        Self {
            line: 1 + memchr::memchr_iter(b'\n', before).count() as u64,
            column: 1 + utf16_len(&before[line_start..]),
        }
    }
}

/// How many UTF-16 code units the text has.
#[must_use]
pub fn utf16_len(text: &[u8]) -> u64 {
    if text.is_ascii() {
        return text.len() as u64;
    }
    String::from_utf8_lossy(text).encode_utf16().count() as u64
}

impl Location {
    /// The path of a file, the id of a resource.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::File(place) => &place.path,
            Self::Resource(place) => &place.id,
        }
    }

    /// The place in a file, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&FilePlace> {
        match self {
            Self::File(place) => Some(place),
            Self::Resource(_) => None,
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(place) => {
                if let Some(revision) = &place.revision {
                    write!(f, "{revision}:")?;
                }
                let Position { line, column } = place.start;
                write!(f, "{}:{line}:{column}", place.path)
            }
            Self::Resource(place) => match &place.property {
                Some(property) => write!(f, "{} ({property})", place.id),
                None => f.write_str(&place.id),
            },
        }
    }
}
