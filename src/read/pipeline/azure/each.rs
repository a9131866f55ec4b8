//! `${{ each item in parameters.list }}`: what is written once and made for
//! every item of a list.

use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::super::super::structured::Source;
use super::super::github::Map;
use super::super::text::{Text, inside};
use super::{Context, Runner};
use crate::syntax::yaml;

/// Items that are told apart.
const LIMIT: usize = 50;

/// The items of a list: their fields by name; those that have none by no name.
pub(super) type Items = Vec<Map>;

static EACH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^each\s+(?P<item>[A-Za-z_]\w*)\s+in\s+parameters\.(?P<list>[A-Za-z_]\w*)$")
        .expect("a constant pattern, tested")
});

static PARAMETER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^parameters\.(?P<name>[A-Za-z_]\w*)$").expect("a constant pattern, tested")
});

impl Runner<'_> {
    /// What an item of a loop is, each time; once, where that is not known, and
    /// where it is a condition.
    pub(super) fn turns(&self, expression: &str, context: &Context) -> Vec<Map> {
        let known = EACH.captures(inside(expression)).and_then(|found| {
            let items = context.lists.get(&found["list"])?;
            Some((found["item"].to_owned(), items))
        });
        let Some((item, items)) = known else {
            return vec![context.items.clone()];
        };
        let turn = |fields: &Map| {
            let mut all = context.items.clone();
            for (field, value) in fields {
                let name = match field.as_str() {
                    "" => item.clone(),
                    field => format!("{item}.{field}"),
                };
                all.insert(name, value.clone());
            }
            all
        };
        items.iter().take(LIMIT).map(turn).collect()
    }

    /// A parameter that is a list, or is given one.
    pub(super) fn list(
        &mut self,
        value: yaml::Value<'_>,
        source: &Arc<Source>,
        context: &Context,
    ) -> Option<Items> {
        if let Some(text) = Text::of(value, source) {
            let given = PARAMETER.captures(inside(text.value))?;
            return context.lists.get(&given["name"]).cloned();
        }
        let mut items = Items::new();
        for item in value.items().take(LIMIT) {
            let mut fields = Map::new();
            if item.text().is_some() {
                fields.insert(String::new(), self.value(item, source, context));
            }
            for (name, field) in item.entries() {
                if let Some(name) = name.text() {
                    fields.insert(name.to_owned(), self.value(field, source, context));
                }
            }
            items.push(fields);
        }
        (!items.is_empty()).then_some(items)
    }
}
