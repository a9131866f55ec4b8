//! A condition that can be evaluated.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::objects::Key;
use cel::parser::{ParseErrors, Parser};
use cel::{Context, Env, Value};
use regex::{Regex, RegexBuilder};
use std::sync::{Arc, LazyLock};

use super::ConditionError;
use super::token::{MAX_HEIGHT, scan};
use crate::fact::Fact;

/// Memory that one regular expression may take, compiled.
const MAX_REGEX: usize = 1 << 20;

/// The parser needs up to 130 KiB of stack for one level of nesting, measured
/// without optimisation; this is several times what [`MAX_HEIGHT`] levels take.
const STACK: usize = 16 << 20;

/// The standard functions, without maps of optional values.
static ENV: LazyLock<Arc<Env>> =
    LazyLock::new(|| Arc::new(Env::default().with_optional_support(false).with_stdlib()));

/// A condition that can be evaluated. It need not have been checked: what is
/// wrong with it then shows as an error of the evaluation.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    expression: IdedExpr,
    patterns: Vec<(String, Regex)>,
}

/// Facts, one after the other, before conditions.
pub(crate) struct Scope {
    root: Context<'static, 'static>,
}

impl Condition {
    /// # Errors
    /// When the condition breaks the limits, does not parse, or has a regular
    /// expression that does not compile.
    pub(crate) fn compile(source: &str) -> Result<Self, ConditionError> {
        Self::compile_all(&[source]).remove(0)
    }

    /// Compiles conditions on one stack: a stack is dear, a condition is not.
    pub(crate) fn compile_all(sources: &[&str]) -> Vec<Result<Self, ConditionError>> {
        if sources.is_empty() {
            return Vec::new();
        }
        let compile = || sources.iter().map(|source| Self::build(source)).collect();
        with_stack(compile).unwrap_or_else(|error| vec![Err(error); sources.len()])
    }

    fn build(source: &str) -> Result<Self, ConditionError> {
        scan(source)?;
        let (mut expression, positions) = parse_with(Parser::new(), source)?;
        let mut rewriter = Rewriter {
            positions,
            patterns: Vec::new(),
        };
        rewriter.rewrite(&mut expression)?;
        Ok(Self {
            expression,
            patterns: rewriter.patterns,
        })
    }
}

impl Scope {
    /// A scope in which these conditions can be evaluated.
    pub(crate) fn new<'a>(conditions: impl IntoIterator<Item = &'a Condition>) -> Self {
        let mut root = Context::with_env(Arc::clone(&ENV));
        for (name, pattern) in conditions.into_iter().flat_map(|c| &c.patterns) {
            let pattern = pattern.clone();
            let matches = move |text: Arc<String>| pattern.is_match(&text);
            // It fails for the name of a standard function only.
            let _ = root.add_function(name, matches);
        }
        Self { root }
    }

    /// Whether each of the conditions holds of the fact; an error says why that
    /// cannot be known.
    pub(crate) fn judge<'a>(
        &self,
        fact: &Fact,
        conditions: impl IntoIterator<Item = &'a Condition>,
    ) -> Vec<Result<bool, String>> {
        let mut scope = self.root.new_inner_scope();
        let value = cel::to_value(fact).map(ints);
        if let Ok(value) = &value {
            scope.add_variable_from_value(fact.fact_type().name(), value.clone());
        }
        let judge = |condition: &Condition| {
            if let Err(error) = &value {
                return Err(error.to_string());
            }
            match Value::resolve(&condition.expression, &scope) {
                Ok(Value::Bool(holds)) => Ok(holds),
                Ok(other) => Err(format!("the result is {}, not a bool", other.type_of())),
                Err(error) => Err(error.to_string()),
            }
        };
        conditions.into_iter().map(judge).collect()
    }
}

/// Counts are unsigned in facts; conditions know one sort of number.
pub(super) fn ints(value: Value) -> Value {
    match value {
        Value::UInt(number) => Value::Int(i64::try_from(number).unwrap_or(i64::MAX)),
        Value::List(items) => {
            let items: Vec<_> = items.iter().cloned().map(ints).collect();
            Value::List(Arc::new(items))
        }
        Value::Map(map) => {
            let entries = map.map.iter();
            let entries = entries.map(|(key, value)| (key.clone(), ints(value.clone())));
            Value::Map(
                entries
                    .collect::<std::collections::HashMap<Key, _>>()
                    .into(),
            )
        }
        other => other,
    }
}

/// Parses without expanding macros: what is written is what is checked.
pub(super) fn parse(source: &str) -> Result<(IdedExpr, SourceInfo), ConditionError> {
    let env = Env::default().with_optional_support(false);
    with_stack(|| parse_with(env.parser(), source))?
}

fn parse_with(parser: Parser, source: &str) -> Result<(IdedExpr, SourceInfo), ConditionError> {
    parser
        .max_recursion_depth(u16::try_from(MAX_HEIGHT).unwrap_or(u16::MAX) + 1)
        .parse_with_source_info(source)
        .map_err(|errors| syntax_error(source, &errors))
}

/// The first error of the parser, at the word that it stumbled over.
fn syntax_error(source: &str, errors: &ParseErrors) -> ConditionError {
    let first = errors.errors.first();
    let (line, column) = first.map_or((1, 1), |error| error.pos);
    let message = first.map_or("", |error| error.msg.as_str());
    let message = message.trim_start_matches("Syntax error: ");
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let lines = source.split_inclusive('\n');
    let start: usize = lines.clone().take(line - 1).map(str::len).sum();
    let text = lines.clone().nth(line - 1).unwrap_or_default();
    let offset = text.char_indices().nth(column - 1);
    let at = start + offset.map_or(text.len(), |(at, _)| at);
    let tokens = scan(source).unwrap_or_default();
    let word = tokens.iter().find(|token| token.span.end > at);
    ConditionError::new(
        word.map_or(source.len()..source.len(), |token| token.span.clone()),
        "the condition does not parse",
        match message.split_once(" expecting ") {
            Some((_, _)) if word.is_none() => "something is missing here",
            Some(_) => "not expected here",
            None => "here",
        },
        match message.contains("expecting") || message.is_empty() {
            true => "an operand or an operator is missing before it".to_owned(),
            false => message.to_owned(),
        },
    )
}

/// Runs a recursive parser where the caller's stack does not matter.
fn with_stack<T: Send>(parse: impl FnOnce() -> T + Send) -> Result<T, ConditionError> {
    let failed = |why: &str| {
        let help = "run keysweep with more memory, or report this";
        ConditionError::new(0..0, why, "not compiled", help)
    };
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        let thread = builder
            .spawn_scoped(scope, parse)
            .map_err(|_| failed("there is no memory to parse the condition"))?;
        thread
            .join()
            .map_err(|_| failed("the parser failed on the condition"))
    })
}

/// Makes `has()` mean "is not null", which is how facts say that a field is
/// absent, and gives each regular expression a function of its own, compiled
/// once.
struct Rewriter {
    positions: SourceInfo,
    patterns: Vec<(String, Regex)>,
}

impl Rewriter {
    fn rewrite(&mut self, node: &mut IdedExpr) -> Result<(), ConditionError> {
        let id = node.id;
        match &mut node.expr {
            Expr::Select(select) => {
                self.rewrite(&mut select.operand)?;
                if select.test {
                    select.test = false;
                    let tested = std::mem::take(node);
                    let null = Expr::Literal(LiteralValue::Null);
                    *node = call(id, operators::NOT_EQUALS, vec![tested, ided(id, null)]);
                }
            }
            Expr::Call(call) => {
                for part in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
                    self.rewrite(part)?;
                }
                if call.func_name == "matches" {
                    self.compile_pattern(call)?;
                }
            }
            Expr::Comprehension(parts) => {
                for part in [
                    &mut parts.iter_range,
                    &mut parts.accu_init,
                    &mut parts.loop_cond,
                    &mut parts.loop_step,
                    &mut parts.result,
                ] {
                    self.rewrite(part)?;
                }
            }
            Expr::List(list) => {
                for element in &mut list.elements {
                    self.rewrite(element)?;
                }
            }
            Expr::Map(map) => {
                for entry in &mut map.entries {
                    if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                        self.rewrite(&mut entry.key)?;
                        self.rewrite(&mut entry.value)?;
                    }
                }
            }
            Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) => {}
        }
        Ok(())
    }

    /// `text.matches('…')` becomes a call of a function named after the text of
    /// the expression: the crate would compile it anew for every fact.
    fn compile_pattern(&mut self, call: &mut CallExpr) -> Result<(), ConditionError> {
        let Some(text) = call.target.take() else {
            return Ok(());
        };
        let [
            IdedExpr {
                id,
                expr: Expr::Literal(LiteralValue::String(source)),
            },
        ] = &*call.args
        else {
            call.target = Some(text);
            return Ok(());
        };
        let span = self.positions.offset_for(*id);
        let span = span.map_or(0..0, |(start, end)| start as usize..end as usize + 1);
        let pattern = regex(source.inner()).map_err(|reason| bad_regex(span, &reason))?;
        let name = format!("@matches {}", source.inner());
        if self.patterns.iter().all(|(known, _)| *known != name) {
            self.patterns.push((name.clone(), pattern));
        }
        call.func_name = name;
        call.args = vec![*text];
        Ok(())
    }
}

/// Compiles a regular expression of a condition.
pub(super) fn regex(source: &str) -> Result<Regex, String> {
    RegexBuilder::new(source)
        .size_limit(MAX_REGEX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it would take too much memory".to_owned(),
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                last.trim_start_matches("error: ").to_owned()
            }
        })
}

pub(super) fn bad_regex(span: std::ops::Range<usize>, reason: &str) -> ConditionError {
    ConditionError::new(
        span,
        format!("the regular expression does not compile: {reason}"),
        "in this expression",
        "the syntax is that of https://docs.rs/regex; write it as r'…'",
    )
}

fn ided(id: u64, expr: Expr) -> IdedExpr {
    IdedExpr { id, expr }
}

fn call(id: u64, function: &str, args: Vec<IdedExpr>) -> IdedExpr {
    let func_name = function.to_owned();
    ided(
        id,
        Expr::Call(CallExpr {
            func_name,
            target: None,
            args,
        }),
    )
}
