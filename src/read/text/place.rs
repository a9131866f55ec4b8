//! What the place of a key says of it, where the key's format gave it away.

use std::ops::Range;

use super::examine::Surroundings;
use super::label::{Value, label_before, parent_name, sibling_name, value_after};
use super::passage::Passage;
use super::positions;
use super::role::{Named, Position, named};
use super::value::{is_reference, looks_random};
use crate::fact::Context;
use crate::key::{KeyKind, is_legacy};

/// What the place of a value of a known format says, where it says anything of
/// Azure Functions.
pub(crate) fn place_of(
    passage: &Passage<'_>,
    span: &Range<usize>,
    around: &Surroundings<'_>,
) -> Option<Position> {
    let text = passage.text;
    if let Some(url) = passage.links.with_code(span) {
        return Some(url.position());
    }
    if positions::filled_in(text, span) {
        return Some(Position::functions(KeyKind::Unknown, Context::Url));
    }
    let Some(label) = label_before(text, span.start) else {
        let position = Position::functions(KeyKind::Unknown, Context::Setting);
        return positions::line_says_key(text, span).then_some(position);
    };
    let name = &text[label.clone()];
    let mut by_name = named(name);
    let mut shown = label.clone();
    // `GET https://… code=…`: the last word of what stands there.
    let word = name.rsplit(|b| *b == b' ').next().unwrap_or(name);
    let sibling = sibling_name(text, span);
    let is_code = |name: &[u8]| name.eq_ignore_ascii_case(b"code");
    let code = is_code(word) || sibling.clone().is_some_and(|name| is_code(&text[name]));
    if matches!(by_name, Some(Named::Generic) | None) {
        let parent = parent_name(text, span.start);
        // `name: 'function-key', properties: { value: '…' }`.
        let outer = parent
            .clone()
            .filter(|name| text[name.clone()] == *b"properties");
        let outer = outer.and_then(|name| sibling_name(text, &name));
        let better = [sibling, parent, outer]
            .into_iter()
            .flatten()
            .find_map(|label| match named(&text[label.clone()]) {
                None | Some(Named::Generic) => None,
                Some(named) => Some((named, label)),
            });
        if let Some((named, label)) = better {
            by_name = Some(named);
            shown = label;
        } else if let Some(parent) = parent_name(text, span.start) {
            // `"AzureFunctions": {"Key": "…"}`: the names of a path, together.
            let path = [&text[parent], name].join(&b'_');
            by_name = named(&path)
                .filter(|named| *named == Named::Key)
                .or(by_name);
        }
    }
    let functions =
        |kind, context| Some(Position::functions(kind, context).named(&text[shown.clone()]));
    let evidence = || around.has_evidence();
    let unnamed = matches!(by_name, Some(Named::Generic) | None);
    if unnamed && around.state_file && positions::state_attribute(text, span, name) {
        return functions(positions::state_kind(name), Context::Store);
    }
    // `--from-literal=host.function.default=…`: what a cluster keeps keys in.
    let stored = || {
        around.state_file
            || text[..label.start].ends_with(b"from-literal=")
            || text[shown.clone()].starts_with(b"host.function")
    };
    match by_name {
        Some(Named::Header) => {
            let mut position = functions(KeyKind::Unknown, Context::Header)?;
            positions::send_to(&mut position, passage.links.nearest(span.start));
            Some(position)
        }
        Some(Named::Master) if evidence() => functions(KeyKind::Master, Context::Setting),
        Some(Named::System) if evidence() => functions(KeyKind::System, Context::Setting),
        Some(Named::Function) if stored() => functions(KeyKind::Function, Context::Store),
        Some(Named::Function | Named::Key) => functions(KeyKind::Unknown, Context::Setting),
        Some(Named::Host) if evidence() => functions(KeyKind::Unknown, Context::Setting),
        _ if positions::line_says_key(text, span) => functions(KeyKind::Unknown, Context::Setting),
        Some(Named::Generic) | None if code && evidence() => {
            functions(KeyKind::Unknown, Context::Url)
        }
        Some(Named::Generic) | None if positions::used_as_key(passage, &label) => {
            functions(KeyKind::Unknown, Context::Setting)
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
