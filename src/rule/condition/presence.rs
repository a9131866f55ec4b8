//! Which fields are known to be present, once a condition is decided.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};
use std::collections::BTreeSet;

/// Fields, as they are written: `occurrence.host`.
pub(super) type Paths = BTreeSet<String>;

/// The path that an expression spells, if it is a variable or a field.
pub(super) fn path(node: &IdedExpr) -> Option<String> {
    match &node.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => {
            let mut text = path(&select.operand)?;
            text.push('.');
            text.push_str(&select.field);
            Some(text)
        }
        _ => None,
    }
}

/// The fields that are present whenever `node` is `outcome`.
pub(super) fn proven(node: &IdedExpr, outcome: bool) -> Paths {
    let Expr::Call(call) = &node.expr else {
        return Paths::new();
    };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::LOGICAL_NOT, [inner]) => proven(inner, !outcome),
        (operators::LOGICAL_AND, [left, right]) => combine(left, right, outcome, outcome),
        (operators::LOGICAL_OR, [left, right]) => combine(left, right, outcome, !outcome),
        (operators::HAS, [field]) if outcome && call.target.is_none() => {
            path(field).into_iter().collect()
        }
        (operators::EQUALS, [left, right]) => compared(left, right, outcome),
        (operators::NOT_EQUALS, [left, right]) => compared(left, right, !outcome),
        (operators::IN, [left, _]) if outcome && !is_null(left) => path(left).into_iter().collect(),
        _ => Paths::new(),
    }
}

/// What two operands prove: both hold, or only what either would prove.
fn combine(left: &IdedExpr, right: &IdedExpr, outcome: bool, both: bool) -> Paths {
    let (left, right) = (proven(left, outcome), proven(right, outcome));
    if both {
        left.union(&right).cloned().collect()
    } else {
        left.intersection(&right).cloned().collect()
    }
}

/// What is equal to a constant, or unequal to null, is there.
fn compared(left: &IdedExpr, right: &IdedExpr, equal: bool) -> Paths {
    let one_way = |field: &IdedExpr, other: &IdedExpr| {
        let other_is_there = matches!(
            &other.expr,
            Expr::Literal(literal) if !matches!(literal, LiteralValue::Null)
        );
        let present = if equal {
            other_is_there
        } else {
            is_null(other)
        };
        present.then(|| path(field)).flatten()
    };
    let found = one_way(left, right).or_else(|| one_way(right, left));
    found.into_iter().collect()
}

fn is_null(node: &IdedExpr) -> bool {
    matches!(&node.expr, Expr::Literal(LiteralValue::Null))
}
