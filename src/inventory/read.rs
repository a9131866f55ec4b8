//! Reading an inventory back.

use miette::Diagnostic;
use serde::Deserialize;
use serde_json::error::Category;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use thiserror::Error;

use super::{Inventory, VERSION};
use crate::excerpt::{mask, shown_path};

/// The largest file that is read, in bytes: some millions of keys.
const MAX_LEN: u64 = 1 << 31;

/// The longest message of a parser that is shown, in bytes.
const MAX_MESSAGE: usize = 300;

/// Why an inventory cannot be used.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum ReadError {
    /// The system refused.
    #[error("cannot read the inventory {path}: {error}")]
    #[diagnostic(help("name a file that `keysweep sweep --save FILE` wrote"))]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// Not what a sweep writes.
    #[error("the inventory {path} is larger than {} MiB", MAX_LEN >> 20)]
    #[diagnostic(help("sweep with --shard and check the parts together"))]
    TooLarge {
        /// The file.
        path: String,
    },
    /// Cut short, or never JSON.
    #[error("the inventory {path} is not JSON: it breaks off at line {line}, column {column}")]
    #[diagnostic(help("write it anew with `keysweep sweep --save FILE`"))]
    NotJson {
        /// The file.
        path: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// JSON of another sort.
    #[error("{path} is no inventory of keysweep: it has no version such as \"1.0\"")]
    #[diagnostic(help(
        "name a file that `keysweep sweep --save FILE` wrote; its format is docs/inventory.schema.json"
    ))]
    Foreign {
        /// The file.
        path: String,
    },
    /// Another major version.
    #[error("the inventory {path} has format {version}, this keysweep reads {}.x", VERSION.0)]
    #[diagnostic(help("use the keysweep that wrote it, or sweep again with this one"))]
    Version {
        /// The file.
        path: String,
        /// The version in it.
        version: String,
    },
    /// Something in it is not as it should be.
    #[error("the inventory {path} is not as it should be at {place}: {problem}")]
    #[diagnostic(help("its format is docs/inventory.schema.json"))]
    Wrong {
        /// The file.
        path: String,
        /// `apps[3].keys[0].name`.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// The two fields that are looked at before all others.
#[derive(Deserialize)]
struct Head {
    version: Option<String>,
}

/// Reads an inventory from a file.
///
/// # Errors
/// When it cannot be read, or is not what a sweep writes.
pub fn read(path: &Path) -> Result<Inventory, ReadError> {
    let name = shown_path(path);
    // The text is twice what it says: only what cannot be read again, a pipe,
    // is held.
    match File::open(path) {
        Ok(file) if is_readable_twice(&file) => parse(&name, || {
            (&file).rewind()?;
            Ok(BufReader::with_capacity(1 << 16, &file))
        }),
        _ => Inventory::parse(&name, &bytes(path)?),
    }
}

fn is_readable_twice(file: &File) -> bool {
    file.metadata()
        .is_ok_and(|it| it.is_file() && it.len() <= MAX_LEN)
}

/// The bytes of a file that may be an inventory.
///
/// # Errors
/// When it cannot be read, or is too large to be one.
pub fn bytes(path: &Path) -> Result<Vec<u8>, ReadError> {
    let name = shown_path(path);
    let failed = |error| ReadError::Io {
        path: name.clone(),
        error,
    };
    let file = File::open(path).map_err(failed)?;
    let mut text = Vec::new();
    file.take(MAX_LEN + 1)
        .read_to_end(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > MAX_LEN {
        return Err(ReadError::TooLarge { path: name });
    }
    Ok(text)
}

impl Inventory {
    /// Reads an inventory from the bytes of a file; `name` is what messages
    /// call it.
    ///
    /// # Errors
    /// When it is not what a sweep writes.
    pub fn parse(name: &str, text: &[u8]) -> Result<Self, ReadError> {
        parse(name, || Ok(text))
    }
}

/// Reads the text twice: what it is has to be known before what is in it.
fn parse<R: Read>(
    name: &str,
    mut text: impl FnMut() -> io::Result<R>,
) -> Result<Inventory, ReadError> {
    let path = || name.to_owned();
    let io = |error: io::Error| ReadError::Io {
        path: path(),
        error,
    };
    let head = serde_json::from_reader(text().map_err(io)?);
    let head: Head = head.map_err(|error| match error.classify() {
        Category::Data => ReadError::Foreign { path: path() },
        Category::Io => io(error.into()),
        Category::Syntax | Category::Eof => ReadError::NotJson {
            path: path(),
            line: error.line(),
            column: error.column(),
        },
    })?;
    let version = head.version.as_deref().and_then(numbers);
    let Some((major, minor)) = version else {
        return Err(ReadError::Foreign { path: path() });
    };
    if major != VERSION.0 {
        let version = format!("{major}.{minor}");
        return Err(ReadError::Version {
            path: path(),
            version,
        });
    }
    let wrong = |place: String, problem: String| ReadError::Wrong {
        path: path(),
        place: cut(mask(&place)),
        problem: cut(mask(&problem)),
    };
    let mut unknown: Option<String> = None;
    let mut json = serde_json::Deserializer::from_reader(text().map_err(io)?);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let parsed = serde_ignored::deserialize(tracked, |place| {
        unknown.get_or_insert_with(|| indexed(&place.to_string()));
    });
    let inventory: Inventory = parsed
        .map_err(|error: serde_json::Error| wrong(track.path().to_string(), problem(&error)))?;
    match unknown {
        Some(place) if minor <= VERSION.1 => {
            Err(wrong(place, "this version has no such field".to_owned()))
        }
        _ => Ok(inventory),
    }
}

/// `apps.3.keys.0` as `apps[3].keys[0]`.
fn indexed(place: &str) -> String {
    let mut out = String::new();
    for part in place.split('.') {
        if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) {
            out.push_str(&format!("[{part}]"));
        } else {
            let dot = if out.is_empty() { "" } else { "." };
            out.push_str(&format!("{dot}{part}"));
        }
    }
    out
}

/// Major and minor.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The parser's words, without the place that it adds.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_MESSAGE {
        text.truncate(text.floor_char_boundary(MAX_MESSAGE));
        text.push('…');
    }
    text
}
