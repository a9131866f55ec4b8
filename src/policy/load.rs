//! Finding and reading policy files, and those that they extend.

use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Policy;
use super::error::{PolicyError, Problem};
use super::raw::{RawPolicy, Spot};
use super::resolve::{Layer, Resolver};
use super::source::{Source, shown};
use crate::glob::{Base, absolute};
use crate::rule::Metadata;

/// A policy larger than this is something else.
const MAX_SIZE: u64 = 1 << 20;

/// A policy, its organisation's, and what that one builds on.
const MAX_FILES: usize = 5;

/// Upward to the root of the repository or of the file system.
pub(super) fn find(root: &Path) -> Option<PathBuf> {
    let root = absolute(root);
    for directory in root.ancestors() {
        let candidate = directory.join(Policy::FILE_NAME);
        // Whatever it is: what cannot be read as a policy must not count as none.
        if candidate.symlink_metadata().is_ok() {
            return Some(candidate);
        }
        if directory.join(".git").exists() {
            return None;
        }
    }
    None
}

/// How a policy file is read: `None` when there is none.
pub(super) type ReadFile<'f> = &'f dyn Fn(&Path) -> std::io::Result<Option<Vec<u8>>>;

pub(super) fn load<'r>(
    path: &Path,
    today: Date,
    rules: impl IntoIterator<Item = &'r Metadata>,
    elsewhere: Option<ReadFile<'_>>,
) -> Result<Policy, PolicyError> {
    let mut digest = Sha256::new();
    let layers = layers(path, elsewhere, &mut digest)?;
    let mut resolver = Resolver::new(Base::of(path), today, rules);
    for layer in layers.iter().rev() {
        resolver.add(layer)?;
    }
    let mut policy = resolver.finish();
    policy.path = Some(shown(path));
    policy.digest = Some(hex(&digest.finalize()));
    Ok(policy)
}

pub(super) fn from_text<'r>(
    name: &str,
    text: &str,
    today: Date,
    rules: impl IntoIterator<Item = &'r Metadata>,
) -> Result<Policy, PolicyError> {
    let layer = parse(name, text, false)?;
    if layer.raw.extends.is_some() {
        return Err(extends(&layer, "a text alone extends nothing".to_owned()));
    }
    let mut resolver = Resolver::new(Base::of(Path::new(name)), today, rules);
    resolver.add(&layer)?;
    let mut policy = resolver.finish();
    policy.path = Some(name.to_owned());
    policy.digest = Some(hex(&Sha256::digest(text)));
    Ok(policy)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The file, then the one that it extends, and so on; `digest` gets their texts.
fn layers(
    path: &Path,
    elsewhere: Option<ReadFile<'_>>,
    digest: &mut Sha256,
) -> Result<Vec<Layer>, PolicyError> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut read_files: Vec<PathBuf> = Vec::new();
    let mut next = path.to_owned();
    loop {
        let text = elsewhere.map_or_else(|| read(&next), |files| read_with(&next, files));
        let text = match (text, layers.last()) {
            (Ok(text), _) => text,
            (Err(error), None) => return Err(PolicyError::whole(error)),
            (Err(error), Some(layer)) => return Err(extends(layer, error.to_string())),
        };
        let real = next.canonicalize().unwrap_or_else(|_| absolute(&next));
        if let Some(layer) = layers.last() {
            if read_files.contains(&real) {
                return Err(extends(layer, "it leads back to itself".to_owned()));
            }
            if layers.len() == MAX_FILES {
                let why = format!("more than {MAX_FILES} files build on each other");
                return Err(extends(layer, why));
            }
        }
        read_files.push(real);
        digest.update(&text);
        let layer = parse(&shown(&next), &text, !layers.is_empty())?;
        let onward = layer.raw.extends.clone();
        layers.push(layer);
        match (onward, layers.last()) {
            (Some(onward), Some(layer)) => next = target(layer, &next, &onward)?,
            _ => return Ok(layers),
        }
    }
}

fn parse(name: &str, text: &str, inherited: bool) -> Result<Layer, PolicyError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::new(name, text);
    let parsed = toml::Deserializer::parse(text)
        .map_err(|error| PolicyError::toml(&source, &error, false))?;
    let raw =
        RawPolicy::deserialize(parsed).map_err(|error| PolicyError::toml(&source, &error, true))?;
    Ok(Layer {
        source,
        raw,
        inherited,
    })
}

/// The file that `extends` names.
fn target(layer: &Layer, of: &Path, written: &Spot<String>) -> Result<PathBuf, PolicyError> {
    let path = Path::new(written.as_str());
    if path.is_absolute() || path.has_root() || written.contains("://") {
        let why = "it is no path from this file to another".to_owned();
        return Err(extends(layer, why));
    }
    // An error shows the line that it is about: only policies may be read so.
    if path.extension().is_none_or(|ending| ending != "toml") {
        return Err(extends(layer, "it is no TOML file".to_owned()));
    }
    Ok(of.parent().unwrap_or(Path::new("")).join(path))
}

fn extends(layer: &Layer, why: String) -> PolicyError {
    let span = layer.raw.extends.as_ref().map_or(0..0, Spot::span);
    PolicyError::at(&layer.source, span, Problem::Extends(why))
}

fn read(path: &Path) -> Result<String, Problem> {
    let failed = |error| failed(path, error);
    // Asked first: to open a FIFO would be to wait for a writer.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(no_policy(path, "it is not a regular file"));
    }
    let file = fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_SIZE + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    text(path, bytes)
}

fn read_with(path: &Path, files: ReadFile<'_>) -> Result<String, Problem> {
    let absent = || failed(path, std::io::ErrorKind::NotFound.into());
    let bytes = files(path).map_err(|error| failed(path, error))?;
    text(path, bytes.ok_or_else(absent)?)
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Problem> {
    if bytes.len() as u64 > MAX_SIZE {
        return Err(no_policy(path, "it has more than 1 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| no_policy(path, "it is not UTF-8 text"))
}

fn failed(path: &Path, error: std::io::Error) -> Problem {
    Problem::Read {
        path: shown(path),
        error,
    }
}

fn no_policy(path: &Path, why: &'static str) -> Problem {
    Problem::NotAPolicy {
        path: shown(path),
        why,
    }
}
