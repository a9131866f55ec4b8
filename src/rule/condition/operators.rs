//! Comparisons: what may be held against what.

use cel::common::ast::{Expr, IdedExpr, LiteralValue};

use super::check::{Checked, Checker};
use crate::rule::schema::{Enum, Type};
use crate::similar::advice;

impl Checker<'_> {
    /// `==` and `!=`: two values of one type, a word of a closed set, or null
    /// and what may be absent.
    pub(super) fn equality(
        &mut self,
        node: &IdedExpr,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Checked {
        let (left_type, right_type) = (self.infer(left)?, self.infer(right)?);
        match (&left_type, &right_type) {
            (Type::Null, Type::Null) => Err(self.error(
                node,
                "null is compared with null",
                "compare a field that may be absent with it",
            )),
            (Type::Null, other) => self.against_null(right, other),
            (other, Type::Null) => self.against_null(left, other),
            _ => self.same(
                node,
                (left, left_type.present()),
                (right, right_type.present()),
            ),
        }?;
        Ok(Type::Bool)
    }

    /// `in`: a value of the list's type, or a word of a closed set.
    pub(super) fn membership(&mut self, left: &IdedExpr, right: &IdedExpr) -> Checked {
        let item = self.infer(left)?;
        let list = self.solid(right)?;
        let Type::List(of) = &list else {
            let help = "write x in ['a', 'b']; for a part of a text, text.contains('a')";
            let message = format!("what stands after 'in' has to be a list, and this is {list}");
            return Err(self.error(right, message, help));
        };
        let elements: &[IdedExpr] = match &right.expr {
            Expr::List(list) => &list.elements,
            _ => &[],
        };
        match (item.present(), &**of) {
            (Type::Enum(words), Type::String) if !elements.is_empty() => {
                for element in elements {
                    self.word(element, words)?;
                }
            }
            (Type::String, Type::Enum(words)) if text_of(left).is_some() => {
                self.word(left, words)?;
            }
            (item, of) if item == of && is_scalar(item) => {}
            (item, of) => {
                let message = format!("{item} is never in a list of which each item is {of}");
                return Err(self.error(left, message, "compare values of one type"));
            }
        }
        Ok(Type::Bool)
    }

    /// An operand of `<` and its kin.
    pub(super) fn ordered(&mut self, node: &IdedExpr) -> Checked<()> {
        self.expect(node, &Type::Int, "what is compared for order")
    }

    fn against_null(&self, node: &IdedExpr, ty: &Type) -> Checked<()> {
        if ty.is_optional() {
            return Ok(());
        }
        let text = &self.source[self.extent(node)];
        let message = format!("'{text}' is never null");
        Err(self.error(node, message, "leave the comparison out"))
    }

    fn same(
        &self,
        node: &IdedExpr,
        (left, left_type): (&IdedExpr, &Type),
        (right, right_type): (&IdedExpr, &Type),
    ) -> Checked<()> {
        match (left_type, right_type) {
            (Type::Enum(words), Type::String) if text_of(right).is_some() => {
                self.word(right, words)
            }
            (Type::String, Type::Enum(words)) if text_of(left).is_some() => self.word(left, words),
            (Type::Enum(words), Type::String) | (Type::String, Type::Enum(words)) => {
                let help = format!("the words of {} are a closed set of their own", words.name);
                Err(self.error(node, "a word is compared with any text", help))
            }
            (left, right) if left != right => {
                let message = format!("{left} is never equal to {right}");
                Err(self.error(node, message, "compare values of one type"))
            }
            (ty, _) if !is_scalar(ty) => Err(self.error(
                node,
                format!("{ty} cannot be compared as a whole"),
                "compare its size, its fields or its items",
            )),
            _ => Ok(()),
        }
    }

    /// A constant that has to be a word of a closed set.
    fn word(&self, node: &IdedExpr, words: &Enum) -> Checked<()> {
        let Some(text) = text_of(node) else {
            let message = format!("a word of {} is compared with something else", words.name);
            let help = format!("the words are {}", crate::similar::all_of(&words.texts()));
            return Err(self.error(node, message, help));
        };
        if words.has(text) {
            return Ok(());
        }
        let message = format!("'{text}' is no word of {}", words.name);
        Err(self.error(node, message, advice(text, &words.texts())))
    }
}

fn is_scalar(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::Int | Type::String | Type::Enum(_))
}

fn text_of(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}
