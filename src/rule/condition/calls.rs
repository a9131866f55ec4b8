//! Functions and macros: the allowed ones, with what they take and give.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};

use super::check::{Checked, Checker};
use super::program::{bad_regex, regex};
use super::{ConditionError, presence};
use crate::fact::FactType;
use crate::rule::schema::Type;
use crate::similar::advice;

/// Macros inside macros: each multiplies the work by the length of a list.
const MAX_NESTING: usize = 2;

const GLOBAL: &[&str] = &["has", "size"];
const MEMBERS: &[&str] = &[
    "all",
    "contains",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "map",
    "matches",
    "size",
    "startsWith",
];

impl Checker<'_> {
    pub(super) fn function(&mut self, node: &IdedExpr, call: &CallExpr) -> Checked {
        let name = call.func_name.as_str();
        match (name, &call.target, call.args.as_slice()) {
            ("has", None, [field]) => self.has(field),
            ("size", None, [of]) => self.size(of),
            ("size", Some(of), []) => self.size(of),
            ("startsWith" | "endsWith" | "contains", Some(text), [part]) => {
                self.receiver(text, name)?;
                self.expect(part, &Type::String, "the text to look for")?;
                Ok(Type::Bool)
            }
            ("matches", Some(text), [pattern]) => {
                self.receiver(text, name)?;
                self.pattern(pattern)?;
                Ok(Type::Bool)
            }
            ("all" | "exists" | "exists_one", Some(list), [item, condition]) => {
                self.each(node, list, item, |checker, _| {
                    checker.expect(condition, &Type::Bool, "what is asked of each item")?;
                    Ok(Type::Bool)
                })
            }
            ("filter", Some(list), [item, condition]) => {
                self.each(node, list, item, |checker, of| {
                    checker.expect(condition, &Type::Bool, "what is asked of each item")?;
                    Ok(Type::List(Box::new(of)))
                })
            }
            ("map", Some(list), [item, value]) => self.each(node, list, item, |checker, _| {
                Ok(Type::List(Box::new(checker.solid(value)?)))
            }),
            _ => Err(self.unknown(node, call)),
        }
    }

    /// `has(a.b)`: its field may be absent, or the question is idle and hides a
    /// mistake.
    fn has(&mut self, field: &IdedExpr) -> Checked {
        let Expr::Select(select) = &field.expr else {
            let help = "write has(fact.field)";
            return Err(self.error(field, "has() takes a field", help));
        };
        if !self.declared(field, select)?.is_optional() {
            let message = format!("'{}' is never absent", select.field);
            return Err(self.name_error(field, message, "leave has() out"));
        }
        Ok(Type::Bool)
    }

    fn size(&mut self, of: &IdedExpr) -> Checked {
        match self.solid(of)? {
            Type::String | Type::List(_) => Ok(Type::Int),
            other => {
                let message = format!("{other} has no size");
                Err(self.error(of, message, "strings and lists have one"))
            }
        }
    }

    /// The text before the dot of a text function.
    fn receiver(&mut self, text: &IdedExpr, function: &str) -> Checked<()> {
        match self.solid(text)? {
            Type::String => Ok(()),
            Type::List(_) if function == "contains" => {
                let help = "write 'item in list'";
                Err(self.error(text, "contains() looks into text, not into lists", help))
            }
            Type::List(_) => {
                let help = format!("ask it of each item: list.exists(x, x.{function}(…))");
                Err(self.error(text, format!("{function}() takes a string"), help))
            }
            Type::Enum(words) => {
                let message = format!("{function}() takes any text, and this is a word");
                let help = format!(
                    "compare it with == or in; the words are {}",
                    crate::similar::all_of(&words.texts())
                );
                Err(self.error(text, message, help))
            }
            other => {
                let message = format!("{function}() takes a string, and this is {other}");
                Err(self.error(text, message, "compare it with == or <"))
            }
        }
    }

    fn pattern(&mut self, pattern: &IdedExpr) -> Checked<()> {
        let Expr::Literal(LiteralValue::String(source)) = &pattern.expr else {
            let message = "the regular expression has to be a constant";
            return Err(self.error(pattern, message, "write it between quotes: r'…'"));
        };
        let compiled = regex(source.inner()).map(drop);
        compiled.map_err(|reason| bad_regex(self.extent(pattern), &reason))
    }

    /// A macro over the items of a list, with a variable for the item.
    fn each(
        &mut self,
        node: &IdedExpr,
        list: &IdedExpr,
        item: &IdedExpr,
        body: impl FnOnce(&mut Self, Type) -> Checked,
    ) -> Checked {
        let of = match self.solid(list)? {
            Type::List(of) => *of,
            other => {
                let message = format!("this is {other}, and has no items");
                return Err(self.error(list, message, "only lists have items"));
            }
        };
        let name = match presence::path(item) {
            Some(name) if !name.contains('.') => name,
            _ => {
                let help = "write a name for the item: list.exists(x, x == 'a')";
                return Err(self.error(item, "the item needs a name", help));
            }
        };
        let taken = self.scope.iter().any(|(known, _)| *known == name)
            || FactType::ALL.iter().any(|fact| fact.name() == name);
        if taken {
            let message = format!("the name '{name}' is taken");
            return Err(self.error(item, message, "choose another one for the item"));
        }
        if self.nesting == MAX_NESTING {
            let message = format!("macros stand more than {MAX_NESTING} deep in each other");
            return Err(self.name_error(node, message, "split the condition into several rules"));
        }
        self.nesting += 1;
        self.scope.push((name, of.clone()));
        let result = body(self, of);
        self.scope.pop();
        self.nesting -= 1;
        result
    }

    /// Why a call is none of the above.
    fn unknown(&self, node: &IdedExpr, call: &CallExpr) -> ConditionError {
        let name = call.func_name.as_str();
        let (known, form) = match call.target {
            Some(_) => (MEMBERS, "."),
            None => (GLOBAL, ""),
        };
        if known.contains(&name) {
            let takes = match name {
                "has" => "one field: has(fact.field)",
                "size" => "one string or list: size(x) or x.size()",
                "contains" | "endsWith" | "startsWith" => "one text: text.contains('a')",
                "matches" => "one regular expression: text.matches(r'…')",
                _ => "a name for the item and an expression: list.exists(x, x == 'a')",
            };
            let message = format!("{name}() is given {} arguments", call.args.len());
            return self.name_error(node, message, format!("it takes {takes}"));
        }
        let help = if MEMBERS.contains(&name) {
            format!("write it after a dot: text.{name}(…)")
        } else if GLOBAL.contains(&name) {
            format!("write it with its operand: {name}(…)")
        } else {
            advice(name, known)
        };
        self.name_error(node, format!("unknown function '{form}{name}'"), help)
    }
}
