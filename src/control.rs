//! Compliance frameworks: what their controls say, and why a rule is evidence.
//!
//! A rule names its controls by framework and id. What they say is here, in our
//! words, as data: `catalogue.toml`. `docs/controls.md` is written from it, for
//! the auditor who asks why.

mod document;

pub use document::document;

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::rule::Control;

/// All that is known of controls.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The controls that built-in rules are evidence for, by framework.
    #[serde(rename = "control")]
    pub controls: Vec<Entry>,
    /// Controls that come near, and do not ask for what a rule looks at.
    pub considered: Vec<Considered>,
    /// Rules that are evidence for none.
    pub none: Vec<Evidence>,
}

/// A control.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// `NIST SP 800-53 Rev. 5`.
    pub framework: String,
    /// `IA-5(7)`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// What it asks for, in our words.
    pub says: String,
    /// Which rules are evidence for it.
    pub evidence: Vec<Evidence>,
}

/// Rules, and what holds of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Their ids.
    pub rules: Vec<String>,
    /// Why they are evidence, or why not.
    pub why: String,
}

/// A control that no rule is evidence for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Considered {
    /// The framework.
    pub framework: String,
    /// The control.
    pub id: String,
    /// Why not.
    pub why: String,
}

impl Catalogue {
    /// The catalogue that is built in.
    ///
    /// # Panics
    /// Never: the tests read it.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| {
            let text = include_str!("control/catalogue.toml");
            toml::from_str(text).expect("the tests read it")
        })
    }

    /// What is known of a control; nothing of those that only an organisation's
    /// own rules name.
    #[must_use]
    pub fn get(&self, control: &Control) -> Option<&Entry> {
        let mut all = self.controls.iter();
        all.find(|entry| entry.framework == control.framework && entry.id == control.id)
    }

    /// The controls that each rule is evidence for, in the catalogue's order.
    #[must_use]
    pub fn by_rule(&self) -> BTreeMap<&str, Vec<Control>> {
        let mut rules: BTreeMap<&str, Vec<Control>> = BTreeMap::new();
        for entry in &self.controls {
            for rule in entry.evidence.iter().flat_map(|evidence| &evidence.rules) {
                rules.entry(rule).or_default().push(Control {
                    framework: entry.framework.clone(),
                    id: entry.id.clone(),
                });
            }
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn says_each_thing_once() {
        let catalogue = Catalogue::builtin();
        let mut controls = BTreeSet::new();
        for entry in &catalogue.controls {
            assert!(
                controls.insert((&entry.framework, &entry.id)),
                "{}",
                entry.id
            );
            assert!(entry.says.ends_with('.'), "{}", entry.id);
            let mut rules = BTreeSet::new();
            for evidence in &entry.evidence {
                assert!(evidence.why.ends_with('.'), "{}", entry.id);
                for rule in &evidence.rules {
                    // NIST's IA-5 asks for several things, each of some rules.
                    assert!(rules.insert(rule), "{rule} twice for {}", entry.id);
                }
            }
        }
        for considered in &catalogue.considered {
            let key = (&considered.framework, &considered.id);
            assert!(!controls.contains(&key), "{} is both", considered.id);
        }
        let mapped = catalogue.by_rule();
        for rule in catalogue.none.iter().flat_map(|none| &none.rules) {
            assert!(!mapped.contains_key(rule.as_str()), "{rule} is both");
        }
    }

    #[test]
    fn the_texts_of_a_control_are_found() {
        let control = Control {
            framework: "NIST SP 800-53 Rev. 5".to_owned(),
            id: "IA-5(7)".to_owned(),
        };
        let entry = Catalogue::builtin().get(&control).unwrap();
        assert!(entry.title.starts_with("No embedded"));
        let own = Control {
            framework: "Contoso".to_owned(),
            id: "1".to_owned(),
        };
        assert!(Catalogue::builtin().get(&own).is_none());
    }
}
