//! What a policy says of keys that are in use: temporary ones, chosen ones, and
//! those of API Management.

use std::ops::Range;

use super::error::PolicyError;
use super::raw::{RawPolicy, Spot};
use super::resolve::Resolver;
use super::source::Source;
use crate::glob::Glob;
use crate::inventory::Strength;

/// A word of a name, without the numbers that follow it, that says that the key
/// is not here to stay.
const WORDS: &[&str] = &["validation", "test", "debug", "temp", "tmp", "temporary"];

/// Keys that are made for a while.
#[derive(Clone)]
pub struct TemporaryKeys {
    names: Vec<Glob>,
    /// The greatest age of such a key, in days.
    pub max_age_days: u32,
}

impl Default for TemporaryKeys {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            max_age_days: 7,
        }
    }
}

impl TemporaryKeys {
    /// Whether a key of this name is one.
    #[must_use]
    pub fn include(&self, name: &str) -> bool {
        if !self.names.is_empty() {
            return self.names.iter().any(|glob| glob.matches(name));
        }
        name.split(|c: char| !c.is_alphanumeric()).any(|word| {
            let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
            WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
        })
    }
}

/// What a value that somebody chose must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChosenValues {
    /// Characters.
    pub min_length: u32,
    /// Different characters.
    pub min_distinct: u32,
    /// Sorts of characters: small letters, capitals, digits, others.
    pub min_classes: u32,
}

impl Default for ChosenValues {
    fn default() -> Self {
        Self {
            min_length: 32,
            min_distinct: 12,
            min_classes: 2,
        }
    }
}

impl ChosenValues {
    /// What a value lacks, in words; nothing where it has all.
    #[must_use]
    pub fn missing(&self, value: Strength) -> Option<String> {
        let short = [
            (value.length, self.min_length, "characters"),
            (value.distinct, self.min_distinct, "different characters"),
            (value.classes, self.min_classes, "sorts of characters"),
        ];
        let lacks: Vec<String> = short
            .into_iter()
            .filter(|(has, needs, _)| has < needs)
            .map(|(has, needs, what)| format!("{has} {what} where the policy asks for {needs}"))
            .collect();
        (!lacks.is_empty()).then(|| lacks.join(", "))
    }
}

/// A number of the policy that one which extends it may only tighten.
struct Bound<'p> {
    written: &'p Option<Spot<i64>>,
    table: &'static str,
    setting: &'static str,
    range: (i64, i64),
    /// Whether more is stricter.
    least: bool,
}

impl Resolver<'_> {
    pub(super) fn live(&mut self, source: &Source, raw: &RawPolicy) -> Result<(), PolicyError> {
        let age = |written, table, setting| Bound {
            written,
            table,
            setting,
            range: (1, 3650),
            least: false,
        };
        let apim = age(&raw.apim.max_age, "[apim]", "apim");
        self.policy.apim_max_age = self.bound(source, &apim, self.policy.apim_max_age)?;
        let temporary = &raw.temporary_keys;
        let days = age(&temporary.max_age, "[temporary-keys]", "temporary-keys");
        self.policy.temporary_keys.max_age_days =
            self.bound(source, &days, self.policy.temporary_keys.max_age_days)?;
        self.temporary_names(source, &temporary.names)?;
        let chosen = &raw.chosen_values;
        let least = |written, most| Bound {
            written,
            table: "[chosen-values]",
            setting: "chosen-values",
            range: (0, most),
            least: true,
        };
        let before = self.policy.chosen_values;
        self.policy.chosen_values = ChosenValues {
            min_length: self.bound(source, &least(&chosen.min_length, 64), before.min_length)?,
            min_distinct: self.bound(
                source,
                &least(&chosen.min_distinct, 64),
                before.min_distinct,
            )?,
            min_classes: self.bound(source, &least(&chosen.min_classes, 4), before.min_classes)?,
        };
        Ok(())
    }

    fn bound(&self, source: &Source, bound: &Bound<'_>, before: u32) -> Result<u32, PolicyError> {
        let Some(written) = bound.written else {
            return Ok(before);
        };
        let (least, most) = bound.range;
        let number = self
            .table(source, bound.table)
            .number(written, least, most)?;
        let looser = if bound.least {
            number < before
        } else {
            number > before
        };
        if looser {
            self.loosened(source, written.span(), bound.setting, || {
                let side = if bound.least { "least" } else { "most" };
                format!("write at {side} {before}")
            })?;
        }
        Ok(number)
    }

    /// Names replace those before them; a lock lets them only become more.
    fn temporary_names(
        &mut self,
        source: &Source,
        written: &[Spot<String>],
    ) -> Result<(), PolicyError> {
        let Some(first) = written.first() else {
            return Ok(());
        };
        let table = self.table(source, "[temporary-keys]");
        let compile =
            |glob: &Spot<String>| Glob::name(glob).or_else(|error| table.bad_glob(glob, error));
        let names = written.iter().map(compile).collect::<Result<Vec<_>, _>>()?;
        let before = &self.policy.temporary_keys.names;
        let kept = |old: &Glob| names.iter().any(|new| new.written() == old.written());
        if before.is_empty() || !before.iter().all(kept) {
            let span: Range<usize> = first.span();
            self.loosened(source, span, "temporary-keys", || {
                "leave `names` out".to_owned()
            })?;
        }
        self.policy.temporary_keys.names = names;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_say_that_a_key_is_temporary() {
        let keys = TemporaryKeys::default();
        for name in ["test", "web-TEST2", "debug_ada", "tmp.1"] {
            assert!(keys.include(name), "{name}");
        }
        for name in ["default", "contest", "attest-web", "latest", "_master"] {
            assert!(!keys.include(name), "{name}");
        }
    }

    #[test]
    fn says_what_a_value_lacks() {
        let of = |length, distinct, classes| {
            ChosenValues::default().missing(Strength {
                length,
                distinct,
                classes,
            })
        };
        assert_eq!(of(32, 12, 2), None);
        assert_eq!(
            of(8, 12, 1).unwrap(),
            "8 characters where the policy asks for 32, 1 sorts of characters where the policy asks for 2"
        );
    }
}
