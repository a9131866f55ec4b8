//! Where something is: a place in a file, or a resource of the tenant.

use serde::Serialize;

/// The place of a fact. There is no finding without one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "in")]
pub enum Location {
    /// A span of characters of a file.
    File(FilePlace),
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
            Self::File(place) => write!(
                f,
                "{}:{}:{}",
                place.path, place.start.line, place.start.column
            ),
            Self::Resource(place) => match &place.property {
                Some(property) => write!(f, "{} ({property})", place.id),
                None => f.write_str(&place.id),
            },
        }
    }
}
