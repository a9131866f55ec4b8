//! What a template makes several of: loops, `count`, `copy`.

use std::ops::Range;
use std::rc::Rc;

use super::listing::Key;
use super::program::{At, Program};
use super::unit::Each;
use crate::syntax::expression::{Expr, ExprKind};

/// What the number of a copy of ARM is called.
pub(super) const COPY_INDEX: &str = "copyIndex";

/// Repetitions that are told apart.
const LIMIT: usize = 100;

/// How far items are followed through names.
const DEPTH: usize = 12;

impl Program {
    /// Who receives a key, where the resource is `each` of several or a part of
    /// something that is: their names, as far as the template tells them.
    pub(super) fn receivers<'p>(
        &'p self,
        at: &At<'p>,
        each: Option<&'p Each>,
        (receiver, value): (&str, &'p Expr),
        key: &Key,
    ) -> Vec<String> {
        let mut names = vec![receiver.to_owned()];
        // A key whose name is computed may be another one each time.
        if key.name.is_none() {
            return names;
        }
        if let Some(each) = each {
            if self.depends(at, value, each, key) {
                return names;
            }
            names = self.repeated(names, at, each);
        }
        let mut inner = &at.instance;
        while let Some((outer, number)) = &inner.parent {
            let module = &self.units[outer.unit].modules[*number];
            let there = At {
                instance: Rc::clone(outer),
                source: &module.source,
                items: None,
            };
            if let Some(each) = &module.each {
                let mut inputs = module.inputs.children().into_iter();
                if inputs.any(|input| self.depends(&there, input, each, key)) {
                    return names;
                }
                names = self.repeated(names, &there, each);
            }
            inner = outer;
        }
        names
    }

    /// Whether the key of a value may be another one for each.
    fn depends<'p>(&'p self, at: &At<'p>, value: &'p Expr, each: &Each, key: &Key) -> bool {
        let parts = match &value.kind {
            ExprKind::Template(parts) => parts.iter().collect(),
            _ => vec![value],
        };
        let has_key = |part: &&'p Expr| self.keys(at, part).contains(key);
        each.names.iter().any(|name| says(&key.app, name))
            || parts
                .into_iter()
                .filter(|part| mentions(part, &each.names))
                .any(|part| has_key(&part))
    }

    /// The names of those that are made for each, if it is known of what.
    fn repeated<'p>(&'p self, names: Vec<String>, at: &At<'p>, each: &'p Each) -> Vec<String> {
        let Some(items) = self.items(at, &each.items, DEPTH) else {
            return names;
        };
        let of_each = |name: &String| -> Vec<String> {
            let with = |item: &String| {
                let known = each.names.iter();
                known.fold(name.clone(), |text, name| filled(&text, name, item))
            };
            items.iter().map(with).collect()
        };
        names.iter().flat_map(of_each).take(LIMIT).collect()
    }

    /// What the items of a list or an object are called, if all are known.
    fn items<'p>(&'p self, at: &At<'p>, of: &'p Expr, depth: usize) -> Option<Vec<String>> {
        let depth = depth.checked_sub(1)?;
        match &of.kind {
            ExprKind::Number(count) => {
                let count = usize::try_from(*count).ok()?.min(LIMIT);
                Some((0..count).map(|n| n.to_string()).collect())
            }
            ExprKind::Array(items) => {
                let texts = items.iter().map(|item| self.render(at, item));
                let texts = texts.zip(items).enumerate();
                Some(
                    texts
                        .map(|(n, (text, item))| match &item.kind {
                            ExprKind::Object(_) => n.to_string(),
                            _ => text,
                        })
                        .collect(),
                )
            }
            ExprKind::Object(entries) => entries.iter().map(|entry| entry.name.clone()).collect(),
            ExprKind::Call(call) => match call.function.to_ascii_lowercase().as_str() {
                "toset" | "tolist" | "tomap" | "length" | "items" => {
                    self.items(at, call.arguments.first()?, depth)
                }
                "range" => self.items(at, call.arguments.get(1)?, depth),
                "createarray" => {
                    let texts = call.arguments.iter().map(|item| self.render(at, item));
                    Some(texts.collect())
                }
                _ => {
                    let (there, of) = self.followed(at, of)?;
                    self.items(&there, of, depth)
                }
            },
            ExprKind::Name(_) | ExprKind::Member(..) => {
                let (there, of) = self.followed(at, of)?;
                self.items(&there, of, depth)
            }
            _ => None,
        }
    }
}

/// Whether an expression speaks of an item, by one of its names.
fn mentions(expr: &Expr, names: &[String]) -> bool {
    let is = |word: &str| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    match &expr.kind {
        ExprKind::Name(name) => is(name),
        ExprKind::Call(call) if is(&call.function) => true,
        _ => expr
            .children()
            .into_iter()
            .any(|part| mentions(part, names)),
    }
}

/// Whether a text that was rendered has an item in it: `app-{site}`.
fn says(text: &str, name: &str) -> bool {
    place(text, name).is_some()
}

/// The text with an item in place of its name.
fn filled(text: &str, name: &str, item: &str) -> String {
    match place(text, name) {
        Some(place) => [&text[..place.start], item, &text[place.end..]].concat(),
        None => text.to_owned(),
    }
}

/// Where a rendered text has an item: `{site}`, `{site.name}`, `{names[n]}`.
fn place(text: &str, name: &str) -> Option<Range<usize>> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| from + at) {
        let end = open + text[open..].find('}')? + 1;
        let mut words = text[open..end].split(|c: char| !c.is_alphanumeric() && c != '_');
        if words.any(|word| word == name) {
            return Some(open..end);
        }
        from = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{filled, says};

    #[test]
    fn items_are_filled_in_where_they_are_named() {
        for (text, name, expected) in [
            ("app-{site}", "site", "app-x"),
            ("{env}-{site.name}/y", "site", "{env}-x/y"),
            ("{names[n]}", "n", "x"),
            ("{sites}-site", "site", "{sites}-site"),
            ("{site", "site", "{site"),
        ] {
            assert_eq!(filled(text, name, "x"), expected);
            assert_eq!(says(text, name), expected != text, "{text}");
        }
    }
}
