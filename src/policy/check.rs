//! One value at a time: what a field has to be.

use jiff::civil::Date;
use regex::{Regex, RegexBuilder, bytes};
use std::collections::BTreeMap;
use std::ops::Range;

use super::entries::{About, Pattern, Subject};
use super::error::{PolicyError, Problem};
use super::raw::{Day, Spot};
use super::source::Source;
use super::suggest::closest;
use crate::excerpt::mask;
use crate::glob::{Glob, GlobError};
use crate::key::{find_identifiable, is_legacy};
use crate::rule::Metadata;

/// Compiled expressions of a policy may take this much memory each.
const REGEX_SIZE: usize = 1 << 20;

type Checked<T> = Result<T, PolicyError>;
type Written = Option<Spot<String>>;

/// A table of the file: what its fields are checked against.
#[derive(Clone, Copy)]
pub(super) struct Table<'c> {
    pub(super) source: &'c Source,
    pub(super) rules: &'c BTreeMap<&'c str, &'c Metadata>,
    /// As the policy writes it: `[[caller]]`.
    pub(super) name: &'static str,
}

impl Table<'_> {
    pub(super) fn wrong<T>(&self, span: Range<usize>, problem: Problem) -> Checked<T> {
        Err(PolicyError::at(self.source, span, problem))
    }

    /// A text that may be left out; one of blanks counts as left out.
    pub(super) fn text(&self, value: &Written) -> Option<String> {
        let text = value.as_deref()?.trim();
        (!text.is_empty()).then(|| mask(text))
    }

    /// A text that has to be there.
    pub(super) fn needed<'v>(
        &self,
        header: Range<usize>,
        field: &'static str,
        value: &'v Written,
    ) -> Checked<&'v Spot<String>> {
        let table = self.name;
        match value {
            None => self.wrong(header, Problem::Missing { table, field }),
            Some(text) if text.trim().is_empty() => {
                self.wrong(text.span(), Problem::Missing { table, field })
            }
            Some(text) => Ok(text),
        }
    }

    pub(super) fn needed_text(
        &self,
        header: Range<usize>,
        field: &'static str,
        value: &Written,
    ) -> Checked<String> {
        Ok(mask(self.needed(header, field, value)?.trim()))
    }

    pub(super) fn needed_day(
        &self,
        header: Range<usize>,
        field: &'static str,
        value: &Option<Spot<Day>>,
    ) -> Checked<(Date, Range<usize>)> {
        let table = self.name;
        match value {
            None => self.wrong(header, Problem::Missing { table, field }),
            Some(day) => Ok((self.day(day)?, day.span())),
        }
    }

    pub(super) fn day(&self, day: &Spot<Day>) -> Checked<Date> {
        let text = day.0.as_str();
        let digits = |range: Range<usize>| text.as_bytes()[range].iter().all(u8::is_ascii_digit);
        let shaped = text.len() == 10
            && (text.as_bytes()[4], text.as_bytes()[7]) == (b'-', b'-')
            && digits(0..4)
            && digits(5..7)
            && digits(8..10);
        match text.parse() {
            Ok(date) if shaped => Ok(date),
            _ => self.wrong(day.span(), Problem::BadDate),
        }
    }

    pub(super) fn number(&self, value: &Spot<i64>, least: i64, most: i64) -> Checked<u32> {
        match u32::try_from(**value) {
            Ok(number) if (least..=most).contains(value) => Ok(number),
            _ => self.wrong(value.span(), Problem::OutOfRange { least, most }),
        }
    }

    pub(super) fn rule_id(&self, id: &Spot<String>) -> Checked<()> {
        self.rule_name(id, id.span())
    }

    pub(super) fn rule_name(&self, id: &str, span: Range<usize>) -> Checked<()> {
        if self.rules.contains_key(id) {
            return Ok(());
        }
        let by_name = self.rules.values().find(|rule| rule.name == id);
        let meant = by_name
            .map(|rule| rule.id.as_str())
            .or_else(|| closest(id, self.rules.keys().copied()))
            .map(ToOwned::to_owned);
        self.wrong(span, Problem::UnknownRule { meant })
    }

    pub(super) fn path_glob(&self, glob: &Spot<String>) -> Checked<Glob> {
        Glob::path(glob).or_else(|error| self.bad_glob(glob, error))
    }

    pub(super) fn bad_glob<T>(&self, glob: &Spot<String>, error: GlobError) -> Checked<T> {
        self.wrong(glob.span(), Problem::BadGlob(error.0))
    }

    pub(super) fn path_globs(&self, globs: &[Spot<String>]) -> Checked<Vec<Glob>> {
        globs.iter().map(|glob| self.path_glob(glob)).collect()
    }

    pub(super) fn subject(
        &self,
        header: Range<usize>,
        path: &Written,
        resource: &Written,
    ) -> Checked<Subject> {
        let table = self.name;
        match (path, resource) {
            (Some(path), None) => Ok(Subject(About::Path(self.path_glob(path)?))),
            (None, Some(id)) => {
                let glob = Glob::resource(id).or_else(|error| self.bad_glob(id, error))?;
                Ok(Subject(About::Resource(glob)))
            }
            (Some(_), Some(resource)) => self.wrong(resource.span(), Problem::OneSubject { table }),
            (None, None) => self.wrong(header, Problem::OneSubject { table }),
        }
    }

    /// The name of a resource, which has neither dots nor slashes.
    pub(super) fn resource_name(
        &self,
        what: &'static str,
        value: &Written,
    ) -> Checked<Option<String>> {
        let Some((name, text)) = value.as_ref().zip(self.text(value)) else {
            return Ok(None);
        };
        let bad = |why| self.wrong(name.span(), Problem::BadName { what, why });
        if text.contains(['.', '/']) {
            return bad("it has a dot or a slash: write the name alone, not a host name or an id");
        }
        if text.contains(char::is_whitespace) {
            return bad("it has a space");
        }
        Ok(Some(text))
    }

    /// The name of a key, and not the key itself.
    pub(super) fn key_name(&self, value: &Written) -> Checked<Option<String>> {
        let Some(name) = value else { return Ok(None) };
        let bytes = name.trim().as_bytes();
        if is_legacy(bytes) || find_identifiable(bytes).next().is_some() {
            return self.wrong(name.span(), Problem::KeyForName);
        }
        Ok(self.text(value))
    }

    /// The name of a pattern, or of an environment.
    pub(super) fn word(&self, what: &'static str, name: &Spot<String>) -> Checked<String> {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let why = match name.chars().count() {
            0 => "it is empty",
            65.. => "it has more than 64 characters",
            _ if !name.chars().all(fits) => "it has more than letters, digits, `-`, `_` and `.`",
            _ => return Ok(mask(name)),
        };
        self.wrong(name.span(), Problem::BadName { what, why })
    }

    /// An expression over a whole name.
    pub(super) fn whole(&self, expression: &Spot<String>) -> Checked<Regex> {
        RegexBuilder::new(&format!("^(?:{})$", **expression))
            .size_limit(REGEX_SIZE)
            .build()
            .or_else(|error| self.bad_regex(expression, &error))
    }

    /// An expression with a group `secret`, over the bytes of documents.
    pub(super) fn finder(&self, expression: &Spot<String>) -> Checked<bytes::Regex> {
        let regex = bytes::RegexBuilder::new(expression)
            .size_limit(REGEX_SIZE)
            .build()
            .or_else(|error| self.bad_regex(expression, &error))?;
        let why = if !regex.capture_names().flatten().any(|n| n == Pattern::GROUP) {
            "it has no group `(?<secret>…)` around the value"
        } else if regex.is_match(b"") {
            "it matches the empty text"
        } else {
            return Ok(regex);
        };
        self.wrong(expression.span(), Problem::BadRegex(why.to_owned()))
    }

    /// The parser's last line: those before it repeat the expression.
    fn bad_regex<T>(&self, expression: &Spot<String>, error: &regex::Error) -> Checked<T> {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        let why = last.strip_prefix("error: ").unwrap_or("it is too large");
        self.wrong(expression.span(), Problem::BadRegex(why.to_owned()))
    }

    pub(super) fn keyword(&self, keyword: &Spot<String>) -> Checked<String> {
        let why = match keyword.chars().count() {
            ..3 => "it has fewer than 3 characters: it would stand in every file",
            65.. => "it has more than 64 characters",
            _ if keyword.contains(['\n', '\r']) => "it has more than one line",
            _ => return Ok((**keyword).clone()),
        };
        self.wrong(keyword.span(), Problem::BadKeyword(why.to_owned()))
    }
}
