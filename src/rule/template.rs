//! The message of a rule: text with fields of the fact in it.
//!
//! - `{occurrence.kind}` is a field that is always there;
//! - `{occurrence.host|an unknown host}` says what to write for a field that
//!   may be absent, or a list that may be empty, when it is;
//! - `{occurrence.host?, sent to '{}',}` writes its text around the value `{}`,
//!   and nothing when there is none;
//! - `{occurrence.host?for '{}'|for no host that the text names}` says both.
//!
//! A list is written as `'a', 'b' and 'c'`, quotes included.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::ops::Range;
use std::sync::Arc;

use super::condition::ConditionError;
use super::schema::{Record, Type};
use crate::excerpt::is_deceptive;
use crate::fact::FactType;
use crate::similar::{advice, all_of};

/// Items of a list that a message names.
const MAX_ITEMS: usize = 6;

/// Characters of one value that a message shows.
const MAX_VALUE: usize = 200;

/// What the variable of a message about several facts is called.
const MANY: &str = "group";

/// Several facts that are one finding, as a message about them sees them.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Many {
    /// How many.
    pub(crate) count: u64,
    /// What they belong to: `'orders' (subscription 'live')`.
    pub(crate) subject: String,
    /// They, by name.
    pub(crate) members: Vec<String>,
}

/// A message, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Placeholder),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Placeholder {
    /// The fields from the fact down, the fact's own name left out.
    path: Vec<String>,
    /// Where they are written, the fact's name first.
    spans: Vec<Range<usize>>,
    root: String,
    present: Option<String>,
    absent: Option<String>,
}

impl Template {
    /// # Errors
    /// When a brace is not closed, or does not hold a path.
    pub(crate) fn parse(source: &str) -> Result<Self, ConditionError> {
        let mut parts = Vec::new();
        let mut done = 0;
        while let Some(found) = source[done..].find(['{', '}']) {
            let open = done + found;
            if source.as_bytes()[open] == b'}' {
                let help = "write {fact.field} for a field; a message holds no other braces";
                return Err(error(
                    open..open + 1,
                    "a brace is closed that was not opened",
                    help,
                ));
            }
            if open > done {
                parts.push(Part::Text(source[done..open].to_owned()));
            }
            let close = closing(source, open)
                .ok_or_else(|| error(open..open + 1, "a brace is not closed", "close it"))?;
            parts.push(Part::Field(placeholder(source, open + 1..close)?));
            done = close + 1;
        }
        if done < source.len() {
            parts.push(Part::Text(source[done..].to_owned()));
        }
        Ok(Self { parts })
    }

    /// Holds every field against the schema of the fact.
    ///
    /// # Errors
    /// When there is no such field, when it cannot be written, or when it may
    /// be absent and the message does not say what to write then.
    pub(crate) fn check(&self, fact: FactType) -> Result<(), ConditionError> {
        self.check_fields(fact.name(), "fact", &Record::of(fact))
    }

    /// The same for a message about several facts that are one finding.
    ///
    /// # Errors
    /// As for [`Template::check`].
    pub(crate) fn check_many(&self) -> Result<(), ConditionError> {
        let record = Record::of_schema(&schemars::schema_for!(Many));
        self.check_fields(MANY, "group", &record)
    }

    fn check_fields(
        &self,
        name: &str,
        what: &str,
        record: &Arc<Record>,
    ) -> Result<(), ConditionError> {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(_) => Ok(()),
            Part::Field(placeholder) => placeholder.check(name, what, record),
        })
    }

    /// The message about a fact, given as what it serialises to.
    pub(crate) fn render(&self, fact: &Value) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field(placeholder) => placeholder.render(fact, &mut out),
            }
        }
        out
    }
}

impl Placeholder {
    fn check(&self, name: &str, what: &str, record: &Arc<Record>) -> Result<(), ConditionError> {
        if self.root != name {
            let message = format!("unknown variable '{}'", self.root);
            let help = match what {
                "fact" => format!("the rule is on '{name}'"),
                _ => format!("a message about many is about '{name}'"),
            };
            return Err(error(self.spans[0].clone(), message, help));
        }
        let mut owner = Type::Record(Arc::clone(record));
        for (name, span) in self.path.iter().zip(&self.spans[1..]) {
            let Type::Record(record) = owner.present() else {
                let message = format!("{owner} has no fields");
                return Err(error(span.clone(), message, "leave it out"));
            };
            let Some(field) = record.field(name) else {
                let message = format!("unknown field '{name}'");
                let help = advice(name, &record.names());
                return Err(error(span.clone(), message, help));
            };
            let ty = field.ty.clone();
            owner = if owner.is_optional() && !ty.is_optional() {
                Type::Optional(Box::new(ty))
            } else {
                ty
            };
        }
        self.check_value(&owner)
    }

    fn check_value(&self, ty: &Type) -> Result<(), ConditionError> {
        let whole = self.spans[0].start..self.spans[self.spans.len() - 1].end;
        let path = format!("{}.{}", self.root, self.path.join("."));
        let told = self.present.is_some() || self.absent.is_some();
        match ty.present() {
            Type::Record(record) => {
                let help = format!("write one of its fields: {}", all_of(&record.names()));
                Err(error(whole, format!("'{path}' is a record"), help))
            }
            Type::List(_) => Ok(()),
            _ if ty.is_optional() && !told => {
                let help =
                    format!("write {{{path}|text without it}} or {{{path}?text with '{{}}'}}");
                Err(error(whole, format!("'{path}' may be absent"), help))
            }
            _ if !ty.is_optional() && told => {
                let help = format!("write {{{path}}}");
                Err(error(whole, format!("'{path}' is never absent"), help))
            }
            _ => Ok(()),
        }
    }

    fn render(&self, fact: &Value, out: &mut String) {
        let mut value = fact;
        for name in &self.path {
            value = value.get(name).unwrap_or(&Value::Null);
        }
        match text(value) {
            Some(text) => match &self.present {
                Some(around) => out.push_str(&around.replace("{}", &text)),
                None => out.push_str(&text),
            },
            None => out.push_str(self.absent.as_deref().unwrap_or_default()),
        }
    }
}

/// A value as a message writes it, if it is there.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => {
            let mut shown: Vec<String> = items.iter().take(MAX_ITEMS).filter_map(text).collect();
            let rest = items.len() - shown.len();
            if rest == 0 {
                let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
                return Some(all_of(&shown));
            }
            for item in &mut shown {
                *item = format!("'{item}'");
            }
            Some(format!("{} and {rest} more", shown.join(", ")))
        }
        Value::String(text) => Some(printable(text)),
        other => Some(other.to_string()),
    }
}

/// No control character of a document reaches a terminal through a message, and
/// none that makes a line read otherwise than it is.
fn printable(text: &str) -> String {
    let shown = text.chars().take(MAX_VALUE);
    let mut out: String = shown
        .map(|c| if is_deceptive(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(MAX_VALUE).is_some() {
        out.push('…');
    }
    out
}

/// What stands between the braces `inner`.
fn placeholder(source: &str, inner: Range<usize>) -> Result<Placeholder, ConditionError> {
    let body = &source[inner.clone()];
    let len = body.find(['?', '|']).unwrap_or(body.len());
    let (path, rest) = body.split_at(len);
    let mut spans = Vec::new();
    let mut at = inner.start;
    for name in path.split('.') {
        let valid =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !valid {
            let help = "write {fact.field}, {fact.field|absent} or {fact.field?with '{}'|absent}";
            return Err(error(inner, "braces hold the path of a field", help));
        }
        spans.push(at..at + name.len());
        at += name.len() + 1;
    }
    let mut names = path.split('.').map(str::to_owned);
    let root = names.next().unwrap_or_default();
    let path: Vec<String> = names.collect();
    if path.is_empty() {
        let help = format!("write one of its fields: {{{root}.…}}");
        return Err(error(inner, "a fact cannot be written as a whole", help));
    }
    let (present, absent) = match rest.strip_prefix('?') {
        Some(told) => match told.split_once('|') {
            Some((present, absent)) => (Some(present), Some(absent)),
            None => (Some(told), None),
        },
        None => (None, rest.strip_prefix('|')),
    };
    if present.is_some_and(|text| text.replace("{}", "").contains(['{', '}'])) {
        let help = "write {} for the value; there is nothing else to nest";
        return Err(error(inner, "braces stand inside braces", help));
    }
    if absent.is_some_and(|text| text.contains(['{', '}'])) {
        let help = "without a value there is none to write";
        return Err(error(inner, "braces stand inside braces", help));
    }
    Ok(Placeholder {
        path,
        spans,
        root,
        present: present.map(str::to_owned),
        absent: absent.map(str::to_owned),
    })
}

/// The brace that closes the one at `open`.
fn closing(source: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in source.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn error(
    span: Range<usize>,
    message: impl Into<String>,
    help: impl Into<String>,
) -> ConditionError {
    ConditionError::new(span, message, "here", help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn render(source: &str, fact: &Value) -> String {
        let template = Template::parse(source).unwrap();
        template.check(FactType::Occurrence).unwrap();
        template.render(fact)
    }

    #[test]
    fn writes_what_is_there() {
        let with =
            json!({"kind": "master", "host": "a.b", "caller": {"name": "web", "supporting": true}});
        let without = json!({"kind": "master", "host": null});
        let source = "A {occurrence.kind} key{occurrence.host?, sent to '{}',|, sent nowhere,} \
                      of {occurrence.host|no host}{occurrence.environment? in {}}.";
        assert_eq!(
            render(source, &with),
            "A master key, sent to 'a.b', of a.b."
        );
        assert_eq!(
            render(source, &without),
            "A master key, sent nowhere, of no host."
        );
        assert_eq!(
            render(
                "{occurrence.caller.name}: {occurrence.caller.supporting}",
                &with
            ),
            "web: true"
        );
    }

    #[test]
    fn writes_lists_and_hides_control_characters() {
        let template = Template::parse("{shared_key.callers} {shared_key.occurrences}").unwrap();
        template.check(FactType::SharedKey).unwrap();
        let fact = |items: &[&str]| json!({"callers": items, "occurrences": 3});
        assert_eq!(
            template.render(&fact(&["a", "b", "c"])),
            "'a', 'b' and 'c' 3"
        );
        assert_eq!(
            template.render(&fact(&["a\u{1b}[31m"])),
            "'a\u{fffd}[31m' 3"
        );
        assert_eq!(
            template.render(&fact(&["a"; 9])),
            "'a', 'a', 'a', 'a', 'a', 'a' and 3 more 3"
        );
        let empty = Template::parse("{shared_key.callers|nobody}").unwrap();
        assert_eq!(empty.render(&fact(&[])), "nobody");
        let long = "x".repeat(500);
        assert_eq!(empty.render(&fact(&[&long])).chars().count(), MAX_VALUE + 3);
    }

    #[test]
    fn points_at_what_is_wrong() {
        for (source, culprit, message) in [
            ("{occurrence.hots|x}", "hots", "unknown field 'hots'"),
            (
                "a {occurence.host|x}",
                "occurence",
                "unknown variable 'occurence'",
            ),
            (
                "{occurrence.host}",
                "occurrence.host",
                "'occurrence.host' may be absent",
            ),
            (
                "{occurrence.path|x}",
                "occurrence.path",
                "'occurrence.path' is never absent",
            ),
            (
                "{occurrence.caller}",
                "occurrence.caller",
                "'occurrence.caller' is a record",
            ),
            ("{occurrence.path.x}", "x", "a string has no fields"),
            (
                "{occurrence}",
                "occurrence",
                "a fact cannot be written as a whole",
            ),
            ("{occurrence.host", "{", "a brace is not closed"),
            ("a }", "}", "a brace is closed that was not opened"),
            ("{a b}", "a b", "braces hold the path of a field"),
            ("{}", "", "braces hold the path of a field"),
            (
                "{occurrence.host?{x}}",
                "occurrence.host?{x}",
                "braces stand inside braces",
            ),
            (
                "{occurrence.host|{}}",
                "occurrence.host|{}",
                "braces stand inside braces",
            ),
        ] {
            let checked =
                Template::parse(source).and_then(|template| template.check(FactType::Occurrence));
            let error = checked.expect_err(source);
            assert_eq!(&source[error.span], culprit, "{source}");
            assert_eq!(error.message, message, "{source}");
        }
    }
}
