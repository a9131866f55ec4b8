//! The closer look: every key in a passage of text, with what its place says.
//!
//! Values that a format gives away (signature, legacy shape) are found first
//! and asked for their place; places where only a key can stand are found next
//! and asked for their value. The two are then one list.

use std::cell::OnceCell;
use std::ops::Range;
use zeroize::Zeroizing;

use super::argument::arguments;
use super::label::label_before;
use super::passage::Passage;
use super::place::place_of;
use super::positions;
use super::role::{Position, has_functions_evidence};
use super::spans::Spans;
use super::store::{self, Entry, Protection};
use super::trigger::{Hint, Hit};
use super::url::Url;
use super::value::{Literal, literal, repeats};
use super::{resource, shapes, wide};
use crate::fact::{Checksum, Context, Format, Service};
use crate::key::{KeyKind, is_legacy_wrapped, unescape};
use crate::policy::Pattern;
use crate::secret::Secret;

/// A key at a place of a text.
pub(crate) struct Sighting {
    /// Where its value stands, in its spelling.
    pub span: Range<usize>,
    /// Its canonical text.
    pub secret: Secret,
    /// The format of its value.
    pub format: Format,
    /// What its checksum says.
    pub checksum: Checksum,
    /// What it opens, by checksum and place.
    pub kind: KeyKind,
    /// What its place says.
    pub position: Position,
    /// The policy's pattern that found it.
    pub pattern: Option<String>,
}

/// What a passage holds.
#[derive(Default)]
pub(crate) struct Examination {
    /// The keys, in order, without overlaps.
    pub sightings: Vec<Sighting>,
    /// Encrypted values of a secret store.
    pub encrypted: Vec<Range<usize>>,
    /// Whether there is a place where a key could stand.
    pub has_places: bool,
}

/// The document around a passage, as far as the closer look needs it.
pub(crate) struct Surroundings<'t> {
    /// The document, or as much of it as is in memory.
    pub document: &'t [u8],
    /// Whether it is about Azure Functions, once somebody has asked.
    pub evidence: OnceCell<bool>,
    /// Whether it is a state file of Terraform.
    pub state_file: bool,
    /// Whether values without quotes are literals: settings, YAML, scripts.
    pub bare_literals: bool,
    /// Whether it is binary: only identifiable keys count.
    pub binary: bool,
    /// Whether it lies in a folder of secrets.
    pub among_secrets: bool,
}

impl Surroundings<'_> {
    /// Whether the document is about Azure Functions at all.
    pub(crate) fn has_evidence(&self) -> bool {
        *self
            .evidence
            .get_or_init(|| has_functions_evidence(self.document))
    }
}

/// Finds every key in the passage that the hits point into.
pub(crate) fn examine(
    text: &[u8],
    hits: &[Hit],
    around: &Surroundings<'_>,
    patterns: &[&Pattern],
) -> Examination {
    let has = |wanted: fn(&Hint) -> bool| hits.iter().any(|hit| wanted(&hit.hint));
    let passage = &Passage::of(text);
    let mut found = Findings::default();
    found.take_shapes(shapes::identifiable(text, hits));
    found.take_shapes(wide::identifiable(text, hits));
    if !around.binary {
        if has(|hint| *hint == Hint::Apim) {
            found.take_apim(passage, around);
        }
        found.take_positions(passage, hits, around);
        if has(|hint| *hint == Hint::Legacy) {
            found.take_legacy(passage, around);
        }
    }
    if has(|hint| *hint == Hint::Pattern) {
        found.take_patterns(text, patterns);
    }
    found.finish(passage, around)
}

#[derive(Default)]
struct Findings {
    sightings: Vec<Sighting>,
    encrypted: Vec<Range<usize>>,
    positions: Vec<(Range<usize>, Position)>,
    /// The places of the sightings.
    seen: Spans,
    /// The places of the positions.
    placed: Spans,
}

impl Findings {
    fn take_shapes(&mut self, shapes: Vec<crate::key::Identified>) {
        for shape in shapes {
            if self.overlaps(&shape.span) {
                continue;
            }
            self.see(Sighting {
                span: shape.span,
                secret: shape.secret,
                format: Format::Identifiable,
                checksum: if shape.kind.is_some() {
                    Checksum::Valid
                } else {
                    Checksum::Broken
                },
                kind: shape.kind.unwrap_or(KeyKind::Unknown),
                position: Position::functions(KeyKind::Unknown, Context::Bare),
                pattern: None,
            });
        }
    }

    fn take_apim(&mut self, passage: &Passage<'_>, around: &Surroundings<'_>) {
        let text = passage.text;
        for (span, secret) in crate::key::find_subscription_keys(text) {
            self.see(Sighting {
                span,
                secret,
                format: Format::Identifiable,
                checksum: Checksum::Valid,
                kind: KeyKind::Unknown,
                position: positions::apim(Context::Bare),
                pattern: None,
            });
        }
        for (value, position) in positions::apim_literals(passage, around) {
            self.take_value(text, value, position, None, around);
        }
    }

    /// What the policy's own patterns match.
    fn take_patterns(&mut self, text: &[u8], patterns: &[&Pattern]) {
        for pattern in patterns {
            for found in pattern.regex.captures_iter(text) {
                let Some(value) = found.name(Pattern::GROUP).filter(|value| !value.is_empty())
                else {
                    continue;
                };
                if self.overlaps(&value.range()) {
                    continue;
                }
                let position = Position::functions(KeyKind::Unknown, Context::Bare).certain();
                self.see(Sighting {
                    span: value.range(),
                    secret: Secret::from(value.as_bytes()),
                    format: Format::Chosen,
                    checksum: Checksum::None,
                    kind: KeyKind::Unknown,
                    position,
                    pattern: Some(pattern.id.clone()),
                });
            }
        }
    }

    /// Places where a key stands, whatever its value looks like.
    fn take_positions(&mut self, passage: &Passage<'_>, hits: &[Hit], around: &Surroundings<'_>) {
        let text = passage.text;
        let has = |wanted: Hint| hits.iter().any(|hit| hit.hint == wanted);
        // A file of its own in a folder of secrets says nothing but the key.
        if has(Hint::Store) || around.among_secrets && has(Hint::Legacy) {
            for entry in store::entries(text, around.among_secrets) {
                let Entry {
                    span,
                    position,
                    protection,
                    decoded,
                } = entry;
                match protection {
                    Protection::None => self.take_value(text, span, position, decoded, around),
                    Protection::Runtime => {
                        self.judge(span.clone(), position);
                        self.encrypted.push(span);
                    }
                    Protection::Other => self.judge(span, position),
                }
            }
            for (span, position) in resource::keys(text) {
                self.take_value(text, span, position, None, around);
            }
            for (span, position) in positions::master_names(text, around) {
                self.take_value(text, span, position, None, around);
            }
        }
        if has(Hint::Header) {
            for (span, position) in positions::headers(passage, around) {
                self.take_value(text, span, position, None, around);
            }
        }
        if has(Hint::Query) {
            for (span, url) in passage.links.codes() {
                let mut position = url.position();
                if url.login || url.local {
                    // A code of another kind; an identifiable key is one all
                    // the same.
                    self.judge(span.clone(), position);
                    continue;
                }
                let long_enough = unescape(&text[span.clone()]).len() >= 12;
                let known = position.kind != KeyKind::Unknown;
                position.unmistakable = url.functions_host && long_enough;
                if known && !url.functions_host {
                    // The runtime's own paths, at a domain of the owner's: a
                    // chosen value still has to be as long as one at its host.
                    position.unmistakable = long_enough;
                }
                self.take_value(text, span.clone(), position, None, around);
            }
        }
        if has(Hint::Argument) {
            for (span, position) in arguments(text) {
                self.take_value(text, span, position, None, around);
            }
        }
    }

    /// A value at a place: kept as a key where both allow it, and as the place
    /// of a key that its shape gave away already.
    fn take_value(
        &mut self,
        text: &[u8],
        span: Range<usize>,
        position: Position,
        decoded: Option<Zeroizing<Vec<u8>>>,
        around: &Surroundings<'_>,
    ) {
        // The first place that knows a value judges it: the surest come first.
        let judged = self.placed.meet(&span);
        if span.is_empty() {
            return;
        }
        self.judge(span.clone(), position.clone());
        if judged || self.overlaps(&span) || text.get(span.end) == Some(&b'(') {
            return;
        }
        let decoded = decoded.or_else(|| is_legacy_wrapped(&text[span.clone()]));
        let inner = decoded.as_deref().map(|inner| inner.trim_ascii());
        let raw = inner.unwrap_or(&text[span.clone()]);
        let Some(literal) = literal(raw) else { return };
        let (format, counts) = match literal {
            Literal::Legacy => (Format::Legacy, true),
            Literal::Maimed => return,
            Literal::Guid => (
                Format::Chosen,
                position.unmistakable && position.context == Context::Header,
            ),
            Literal::Chosen => (Format::Chosen, position.unmistakable),
        };
        // Keyboards have function keys and system keys, too.
        let chosen = format == Format::Chosen;
        if chosen && label_before(text, span.start).is_some_and(|name| repeats(&text[name], raw)) {
            return;
        }
        let listed = position.context == Context::Store && chosen;
        let spaced = listed && raw.contains(&b' ');
        if !counts || spaced || (listed && !around.has_evidence()) {
            return;
        }
        self.see(Sighting {
            span,
            secret: Secret::new(unescape(raw).trim_ascii().to_vec()),
            format,
            checksum: Checksum::None,
            kind: position.kind,
            position,
            pattern: None,
        });
    }

    /// Values of the legacy shape whose place or name says that they are keys.
    fn take_legacy(&mut self, passage: &Passage<'_>, around: &Surroundings<'_>) {
        for shape in shapes::legacy(passage.text) {
            if self.overlaps(&shape.span) {
                continue;
            }
            // The code of a login is of the same length by chance.
            let url = passage.links.with_code(&shape.span);
            if url.is_some_and(Url::leads_elsewhere) {
                continue;
            }
            let Some(position) = place_of(passage, &shape.span, around) else {
                continue;
            };
            self.see(Sighting {
                span: shape.span,
                secret: shape.secret,
                format: Format::Legacy,
                checksum: Checksum::None,
                kind: position.kind,
                position,
                pattern: None,
            });
        }
    }

    fn overlaps(&self, span: &Range<usize>) -> bool {
        self.seen.meet(span)
    }

    fn see(&mut self, sighting: Sighting) {
        self.seen.add(&sighting.span);
        self.sightings.push(sighting);
    }

    fn judge(&mut self, span: Range<usize>, position: Position) {
        self.placed.add(&span);
        self.positions.push((span, position));
    }

    /// Gives the keys that their shape gave away the places that they stand at.
    fn finish(mut self, passage: &Passage<'_>, around: &Surroundings<'_>) -> Examination {
        let places = Places::of(&self.positions);
        for sighting in &mut self.sightings {
            if sighting.format != Format::Identifiable
                || sighting.position.service != Service::Functions
            {
                continue;
            }
            let url = || passage.links.with_code(&sighting.span).map(Url::position);
            let place = match places.at(&sighting.span) {
                _ if around.binary => url(),
                Some(place) if place.service == Service::Functions => Some(place.clone()),
                _ => place_of(passage, &sighting.span, around),
            };
            if let Some(place) = place {
                // A renewed system key carries the seed of a function key.
                if sighting.kind == KeyKind::Function && place.kind == KeyKind::System {
                    sighting.kind = KeyKind::System;
                }
                sighting.position = place;
            }
        }
        self.sightings.sort_by_key(|sighting| sighting.span.start);
        Examination {
            has_places: !self.positions.is_empty(),
            sightings: self.sightings,
            encrypted: self.encrypted,
        }
    }
}

/// Positions by their places.
struct Places<'p> {
    /// In the order of their beginnings, with their numbers.
    by_start: Vec<(usize, &'p (Range<usize>, Position))>,
    /// Where the longest of those before each, and of itself, ends.
    ends: Vec<usize>,
}

impl<'p> Places<'p> {
    fn of(positions: &'p [(Range<usize>, Position)]) -> Self {
        let mut by_start: Vec<_> = positions.iter().enumerate().collect();
        by_start.sort_by_key(|(_, (span, _))| span.start);
        let mut last = 0;
        let ends = by_start.iter().map(|(_, (span, _))| {
            last = span.end.max(last);
            last
        });
        Self {
            ends: ends.collect(),
            by_start,
        }
    }

    /// The one that meets a key's place and says most.
    fn at(&self, key: &Range<usize>) -> Option<&'p Position> {
        let before = self
            .by_start
            .partition_point(|(_, (span, _))| span.start < key.end);
        let near = (0..before)
            .rev()
            .take_while(|at| self.ends[*at] > key.start);
        near.map(|at| self.by_start[at])
            .filter(|(_, (span, _))| span.end > key.start)
            .max_by_key(|(number, (_, position))| {
                let known = position.kind != KeyKind::Unknown;
                (known, position.host.is_some(), *number)
            })
            .map(|(_, (_, position))| position)
    }
}
