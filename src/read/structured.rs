//! Documents that are read as what they are, beside being read as text.
//!
//! Every document is searched for keys as text ([`super::text`]). Some are then
//! read once more, as a whole, by whoever knows their structure. What a reader
//! keeps of a document is a part; the parts of a run are a [`Structure`], and
//! only that makes facts, after the last document: a pipeline calls scripts, a
//! template has modules.
//!
//! # Adding a reader
//!
//! A reader is a module beside this one, `read/<family>.rs`, with
//!
//! - `wants(path) -> Option<Test>`: whether it wants a document, by its name.
//!   It is asked for every document of every tree, so it looks at the ending
//!   first; a [`Test`] of the bytes then rejects, at the price of a search, what
//!   only shares the name. Where nothing is wanted, nothing is read again.
//! - `read(&Arc<Source>) -> Result<Option<Part>, SyntaxError>`: the document as
//!   the reader keeps it, behind an [`Arc`]. It runs on several threads, and a
//!   panic in it costs the document. Parsers are wrapped in [`crate::syntax`].
//! - a type with `absorb(Part)` and `facts(&self, &Around) -> Found`. It is a
//!   field of [`Structure`], and `Part` one of [`Parts`].
//!
//! A fact's place is [`Source::place`] of a span of its text. Documents that
//! another one names (a module, a script) are looked up with [`Around::source`]:
//! among those of the run, else beside them, so that a commit that changes one
//! file is judged with the others as they are.
//!
//! In a run over a change, facts are made twice: of what the documents are, and
//! of what they were. One that was there before is not reported; it is the same
//! by [`Record::identity`](crate::fact::Record::identity) and by all that rules
//! see of it, which has no lines. Pipelines that call a changed document are
//! read with it ([`pipeline::callers`]), and so are the templates around changed
//! code ([`template::around`]).

mod versions;

pub use versions::{Structures, Version, Versions};

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::mark::Marks;
use super::text::WHOLE;
use super::{code, pipeline, template};
use crate::excerpt::redact_path;
use crate::fact::Fact;
use crate::fix::{Edit, Fix};
use crate::gap::{Gap, Notice};
use crate::line_hash::LineHashes;
use crate::location::{FilePlace, Location, Position, utf16_len};
use crate::policy::Policy;
use crate::project::Files;
use crate::syntax::SyntaxError;

/// Whether the bytes of a document are worth reading.
pub type Test = fn(&[u8]) -> bool;

/// Which readers want a document.
#[derive(Clone, Copy, Default)]
pub struct Wanted {
    code: Option<Test>,
    /// Whether marks tell whether it is code.
    marks: bool,
    pipeline: Option<Test>,
    template: Option<Test>,
    /// Whether pipelines may call it: what it was before matters to them.
    called: bool,
}

impl Wanted {
    /// By the name of a document that has changed.
    #[must_use]
    pub fn in_change(path: &str) -> Self {
        Self {
            called: pipeline::is_script(path),
            ..Self::by_name(path)
        }
    }

    /// By the name of a document.
    #[must_use]
    pub fn by_name(path: &str) -> Self {
        Self {
            code: code::wants(path),
            marks: code::has_marks(path),
            pipeline: pipeline::wants(path),
            template: template::wants(path),
            called: false,
        }
    }

    /// Only as a pipeline or as a template.
    #[must_use]
    pub(crate) fn as_partner(path: &str) -> Self {
        Self {
            code: None,
            ..Self::by_name(path)
        }
    }

    /// Whether it matters which marks of code it has.
    #[must_use]
    pub fn by_marks(&self) -> bool {
        self.marks
    }

    /// Whether no reader does.
    #[must_use]
    pub fn is_none(&self) -> bool {
        let none = self.code.is_none() && self.pipeline.is_none() && self.template.is_none();
        none && !self.called
    }

    /// Those whose test the document passes; its marks may be known already.
    #[must_use]
    pub fn of_content(self, content: &[u8], marks: Option<Marks>) -> Self {
        let is_code = |test: &Test| match marks {
            Some(marks) if self.marks => marks.are_of_code(content),
            _ => test(content),
        };
        Self {
            code: self.code.filter(is_code),
            marks: self.marks,
            pipeline: self.pipeline.filter(|test| test(content)),
            template: self.template.filter(|test| test(content)),
            called: self.called,
        }
    }
}

/// A document that was read as a whole.
pub struct Source {
    /// Its path, as the source of documents has it.
    pub path: String,
    /// All of it, decoded, without a byte order mark.
    pub text: String,
    /// Lines with a value that could be guessed from their hash.
    guessable: Vec<u64>,
    /// Where its lines begin; few documents have a fact that asks.
    lines: OnceLock<Vec<usize>>,
    hashes: OnceLock<LineHashes>,
}

impl Source {
    /// A document with nothing to hide in its lines' hashes but in those that
    /// are `guessable`.
    #[must_use]
    pub fn new(path: String, text: String, guessable: Vec<u64>) -> Self {
        Self {
            path,
            text,
            guessable,
            lines: OnceLock::new(),
            hashes: OnceLock::new(),
        }
    }

    /// The place of a span of the text.
    #[must_use]
    pub fn place(&self, span: Range<usize>) -> Location {
        let start = self.position(span.start);
        Location::File(Box::new(FilePlace {
            path: redact_path(&self.path),
            start,
            end: self.position(span.end),
            offset: span.start as u64,
            line_hash: self.line_hash(start.line),
            revision: None,
        }))
    }

    /// A change of the text that mends a finding.
    #[must_use]
    pub fn fix(&self, description: &str, edits: &[(Range<usize>, String)]) -> Fix {
        let edit = |(span, text): &(Range<usize>, String)| Edit {
            span: span.clone(),
            start: self.position(span.start),
            end: self.position(span.end),
            text: text.clone(),
        };
        Fix {
            description: description.to_owned(),
            length: self.text.len(),
            edits: edits.iter().map(edit).collect(),
        }
    }

    /// Line and column of a byte of the text.
    #[must_use]
    pub fn position(&self, at: usize) -> Position {
        let text = self.text.as_bytes();
        let at = at.min(text.len());
        let lines = self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', text);
            std::iter::once(0).chain(ends.map(|end| end + 1)).collect()
        });
        let line = lines.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).map_or(0, |before| lines[before]);
        Position {
            line: line as u64,
            column: 1 + utf16_len(&text[start..at]),
        }
    }

    fn line_hash(&self, line: u64) -> Option<String> {
        if self.guessable.contains(&line) {
            return None;
        }
        let hashes = self
            .hashes
            .get_or_init(|| LineHashes::of(self.text.as_bytes()));
        hashes.get(line)
    }
}

/// What the readers keep of one document; a copy costs nothing.
#[derive(Clone, Default)]
pub struct Parts {
    code: Option<code::Part>,
    template: Option<template::Part>,
    pipeline: Option<pipeline::Part>,
    /// Where a reader could not go on.
    notices: Vec<Notice>,
}

impl Parts {
    /// Reads a document for those who want it.
    #[must_use]
    pub fn read(source: &Arc<Source>, wanted: Wanted) -> Self {
        let mut parts = Self::default();
        if wanted.code.is_some() {
            parts.code = parts.keep(source, code::read(source));
        }
        if wanted.template.is_some() {
            parts.template = template::read(source);
        }
        if wanted.pipeline.is_some() {
            parts.pipeline = parts.keep(source, pipeline::read(source));
        }
        parts
    }

    /// Whether it is code with triggers of HTTP.
    fn has_triggers(&self) -> bool {
        self.code.as_ref().is_some_and(code::Part::has_triggers)
    }

    /// Of a document that is too long to be read as a whole.
    #[must_use]
    pub fn too_long(path: &str) -> Self {
        let notice = Notice::TooLongToParse {
            path: redact_path(path),
            limit: WHOLE,
        };
        Self {
            notices: vec![notice],
            ..Self::default()
        }
    }

    fn keep<T>(&mut self, source: &Source, part: Result<Option<T>, SyntaxError>) -> Option<T> {
        match part {
            Ok(part) => part,
            Err(SyntaxError { at, problem }) => {
                self.notices.push(Notice::NotParsed {
                    place: source.place(at..at).to_string(),
                    problem,
                });
                None
            }
        }
    }
}

/// What the readers keep of all documents of a run.
#[derive(Default)]
pub struct Structure {
    codes: code::Codes,
    templates: template::Templates,
    pipelines: pipeline::Pipelines,
    notices: Vec<Notice>,
}

impl Structure {
    /// Adds a document.
    pub fn absorb(&mut self, parts: Parts) {
        self.codes.absorb(parts.code);
        self.templates.absorb(parts.template);
        self.pipelines.absorb(parts.pipeline);
        self.notices.extend(parts.notices);
    }

    /// Everything that the documents say together.
    #[must_use]
    pub fn facts(&self, around: &Around<'_>) -> Found {
        let mut found = self.pipelines.facts(around);
        let templates = self.templates.facts(around);
        found.add(self.codes.facts(&|path| templates.sign_in.covers(path)));
        found.add(templates.found);
        found.notices.extend(self.notices.iter().cloned());
        found
    }
}

/// What readers have to say in the end.
#[derive(Default)]
pub struct Found {
    /// The facts, in no order.
    pub facts: Vec<Fact>,
    /// What a reader failed on.
    pub gaps: Vec<Gap>,
    /// What was not read, or not to its end.
    pub notices: Vec<Notice>,
    /// Parts of documents that belong to an environment.
    pub regions: Vec<Region>,
}

/// A part of a document that belongs to an environment: a job of a pipeline.
#[derive(Clone, Debug)]
pub struct Region {
    /// The environment.
    pub environment: String,
    /// From its first line to its last.
    pub place: Location,
}

impl Found {
    /// Adds what another reader has to say.
    pub fn add(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.gaps.extend(other.gaps);
        self.notices.extend(other.notices);
        self.regions.extend(other.regions);
    }
}

/// What facts are made with, beside the documents.
pub struct Around<'a> {
    /// Environments, callers, and which files are none of a scan's business.
    pub policy: &'a Policy,
    /// What stands beside the documents of the run.
    pub files: &'a dyn Files,
    /// Documents that are not as `files` has them: other text, or none.
    pub instead: HashMap<String, Option<Arc<Source>>>,
}

impl Around<'_> {
    /// A document beside those of the run, if there is one that is text and not
    /// too long, and the policy does not exclude it.
    #[must_use]
    pub fn source(&self, path: &str) -> Option<Arc<Source>> {
        if let Some(known) = self.instead.get(path) {
            return known.clone();
        }
        if self.policy.excluded(path).is_some() {
            return None;
        }
        let bytes = self.files.whole(path, WHOLE)?;
        let text = super::text::decode(&bytes)?;
        Some(Arc::new(Source::new(path.to_owned(), text, Vec::new())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_as_editors_count() {
        let source = Source::new("a.yml".into(), "a: 𝄞x\nü: y\n".into(), Vec::new());
        let position = |line, column| Position { line, column };
        assert_eq!(source.position(0), position(1, 1));
        assert_eq!(
            source.position(source.text.find('x').unwrap()),
            position(1, 6)
        );
        assert_eq!(
            source.position(source.text.find('y').unwrap()),
            position(2, 4)
        );
        assert_eq!(source.position(usize::MAX), position(3, 1));
    }

    #[test]
    fn a_line_that_could_be_guessed_has_no_hash() {
        let source = Source::new("a.yml".into(), "a: 1\nb: 2\n".into(), vec![2]);
        let hash = |at| source.place(at..at + 1).file().unwrap().line_hash.clone();
        assert!(hash(0).is_some());
        assert_eq!(hash(5), None);
    }
}
