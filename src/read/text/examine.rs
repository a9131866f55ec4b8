//! The closer look: every key in a passage of text, with what its place says.
//!
//! Values that a format gives away (signature, legacy shape) are found first
//! and asked for their place; places where only a key can stand are found next
//! and asked for their value. The two are then one list.

use std::cell::OnceCell;
use std::ops::Range;
use zeroize::Zeroizing;

use super::label::{Value, label_before, parent_name, sibling_name, value_after};
use super::positions;
use super::role::{Named, Position, has_functions_evidence, named};
use super::spans::Spans;
use super::store::{self, Entry, Protection};
use super::trigger::{Hint, Hit};
use super::url::{codes, nearest};
use super::value::{Literal, is_reference, literal, looks_random};
use super::{shapes, wide};
use crate::fact::{Checksum, Context, Format, Service};
use crate::key::{KeyKind, is_legacy, unescape};
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
    let mut found = Findings::default();
    found.take_shapes(shapes::identifiable(text, hits, around.binary));
    found.take_shapes(wide::identifiable(text, hits));
    if !around.binary {
        if has(|hint| *hint == Hint::Apim) {
            found.take_apim(text, around);
        }
        found.take_positions(text, hits, around);
        if has(|hint| *hint == Hint::Legacy) {
            found.take_legacy(text, around);
        }
    }
    if has(|hint| *hint == Hint::Pattern) {
        found.take_patterns(text, patterns);
    }
    found.finish(text, around)
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

    fn take_apim(&mut self, text: &[u8], around: &Surroundings<'_>) {
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
        for (value, position) in positions::apim_literals(text, around) {
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
    fn take_positions(&mut self, text: &[u8], hits: &[Hit], around: &Surroundings<'_>) {
        let has = |wanted: Hint| hits.iter().any(|hit| hit.hint == wanted);
        if has(Hint::Store) {
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
            for (span, position) in positions::master_names(text, around) {
                self.take_value(text, span, position, None, around);
            }
        }
        if has(Hint::Header) {
            for (span, position) in positions::headers(text, around) {
                self.take_value(text, span, position, None, around);
            }
        }
        if has(Hint::Query) {
            for (span, url) in codes(text) {
                let mut position = url.position();
                if url.login {
                    // A code of another kind; a key that its shape gave away
                    // is one all the same.
                    self.judge(span, position);
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
                self.take_value(text, span, position, None, around);
            }
        }
        if has(Hint::Argument) {
            for (span, position) in positions::arguments(text) {
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
        let listed = position.context == Context::Store && format == Format::Chosen;
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
    fn take_legacy(&mut self, text: &[u8], around: &Surroundings<'_>) {
        for shape in shapes::legacy(text) {
            if self.overlaps(&shape.span) {
                continue;
            }
            if is_login_code(text, &shape.span) {
                continue;
            }
            let Some(position) = place_of(text, &shape.span, around) else {
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
    fn finish(mut self, text: &[u8], around: &Surroundings<'_>) -> Examination {
        let positions = &self.positions;
        let mut by_start: Vec<usize> = (0..positions.len()).collect();
        by_start.sort_by_key(|at| positions[*at].0.start);
        let lengths = positions.iter().map(|(span, _)| span.len());
        let longest = lengths.max().unwrap_or(0);
        for sighting in &mut self.sightings {
            if sighting.format != Format::Identifiable
                || sighting.position.service != Service::Functions
            {
                continue;
            }
            let reach = sighting.span.start.saturating_sub(longest);
            let from = by_start.partition_point(|at| positions[*at].0.start < reach);
            let place = by_start[from..]
                .iter()
                .map(|at| (*at, &positions[*at]))
                .take_while(|(_, (span, _))| span.start < sighting.span.end)
                .filter(|(_, (span, _))| meet(span, &sighting.span))
                // The place that says most.
                .max_by_key(|(at, (_, position))| {
                    (
                        position.kind != KeyKind::Unknown,
                        position.host.is_some(),
                        *at,
                    )
                })
                .map(|(_, (_, position))| position.clone());
            let place = match place {
                _ if around.binary => url_place(text, &sighting.span),
                Some(place) if place.service == Service::Functions => Some(place),
                _ => place_of(text, &sighting.span, around),
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
            sightings: self.sightings,
            encrypted: self.encrypted,
        }
    }
}

fn meet(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Whether the value is the code of a login: of the same length by chance.
fn is_login_code(text: &[u8], span: &Range<usize>) -> bool {
    let from = span.start.saturating_sub(2048);
    let to = text.len().min(span.end + 256);
    codes(&text[from..to])
        .find(|(value, _)| from + value.start <= span.start && span.start < from + value.end)
        .is_some_and(|(_, url)| url.login)
}

/// The position of a key in the query of a URL, if it is in one.
fn url_place(text: &[u8], span: &Range<usize>) -> Option<Position> {
    let from = span.start.saturating_sub(2048);
    let to = text.len().min(span.end + 8);
    codes(&text[from..to])
        .find(|(value, _)| from + value.start <= span.start && span.start < from + value.end)
        .map(|(_, url)| url.position())
}

/// What the place of a value of a known format says, where it says anything of
/// Azure Functions.
fn place_of(text: &[u8], span: &Range<usize>, around: &Surroundings<'_>) -> Option<Position> {
    if let Some(place) = url_place(text, span) {
        return Some(place);
    }
    let Some(label) = label_before(text, span.start) else {
        let position = Position::functions(KeyKind::Unknown, Context::Setting);
        return positions::line_says_key(text, span).then_some(position);
    };
    let name = &text[label.clone()];
    let mut by_name = named(name);
    let mut shown = label.clone();
    if matches!(by_name, Some(Named::Generic) | None) {
        let better = [sibling_name(text, span), parent_name(text, span.start)]
            .into_iter()
            .flatten()
            .find_map(|label| match named(&text[label.clone()]) {
                None | Some(Named::Generic) => None,
                Some(named) => Some((named, label)),
            });
        if let Some((named, label)) = better {
            by_name = Some(named);
            shown = label;
        }
    }
    let functions =
        |kind, context| Some(Position::functions(kind, context).named(&text[shown.clone()]));
    let evidence = || around.has_evidence();
    match by_name {
        Some(Named::Header) => {
            let mut position = functions(KeyKind::Unknown, Context::Header)?;
            positions::send_to(&mut position, nearest(text, span.start));
            Some(position)
        }
        Some(Named::Master) if evidence() => functions(KeyKind::Master, Context::Setting),
        Some(Named::System) if evidence() => functions(KeyKind::System, Context::Setting),
        Some(Named::Function) if around.state_file => functions(KeyKind::Function, Context::Store),
        Some(Named::Function | Named::Key) => functions(KeyKind::Unknown, Context::Setting),
        Some(Named::Host) if evidence() => functions(KeyKind::Unknown, Context::Setting),
        _ if positions::line_says_key(text, span) => functions(KeyKind::Unknown, Context::Setting),
        Some(Named::Generic) if name.eq_ignore_ascii_case(b"code") && evidence() => {
            functions(KeyKind::Unknown, Context::Url)
        }
        Some(Named::Generic) | None => {
            let used = positions::used_as_key(text, name);
            let tfstate = around.state_file && positions::state_attribute(text, span, name);
            match (used, tfstate) {
                (_, true) => functions(positions::state_kind(name), Context::Store),
                (true, _) => functions(KeyKind::Unknown, Context::Setting),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a value can be a literal at all, by the quotes around it and its
/// name: in program text a word without quotes is a variable.
pub(crate) fn may_be_literal(text: &[u8], value: &Value, around: &Surroundings<'_>) -> bool {
    let raw = &text[value.span.clone()];
    if is_reference(raw) {
        return false;
    }
    if value.quoted || value.element {
        return true;
    }
    // `secretKeyRef:` is the next name.
    if raw.ends_with(b":") {
        return false;
    }
    if value.listed {
        return false;
    }
    !value.quoted_name || (around.bare_literals && looks_random(raw)) || is_legacy(raw)
}

/// The value of a name that ends at `end`, if it is a literal.
pub(crate) fn literal_after(text: &[u8], end: usize, around: &Surroundings<'_>) -> Option<Value> {
    value_after(text, end).filter(|value| may_be_literal(text, value, around))
}
