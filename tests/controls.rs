//! The controls that rules name are those that the catalogue gives a reason
//! for, and the page says the same.

use keysweep::control::{Catalogue, document};
use keysweep::rule::{Control, RuleSet};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_mapping_has_a_reason_and_every_reason_a_mapping() {
    let catalogue = Catalogue::builtin();
    let by_rule = catalogue.by_rule();
    let without: BTreeSet<&str> = catalogue
        .none
        .iter()
        .flat_map(|none| none.rules.iter().map(String::as_str))
        .collect();
    let mut wrong = Vec::new();
    let rules = RuleSet::builtin();
    for rule in rules.iter() {
        let rule = rule.metadata();
        let named: BTreeSet<&Control> = rule.controls.iter().collect();
        let reasoned: BTreeSet<&Control> = by_rule
            .get(rule.id.as_str())
            .into_iter()
            .flatten()
            .collect();
        for control in named.difference(&reasoned) {
            let (framework, id) = (&control.framework, &control.id);
            wrong.push(format!("{}: no reason for {framework} {id}", rule.id));
        }
        for control in reasoned.difference(&named) {
            let (framework, id) = (&control.framework, &control.id);
            wrong.push(format!("{}: does not name {framework} {id}", rule.id));
        }
        if named.is_empty() && !without.contains(rule.id.as_str()) {
            wrong.push(format!(
                "{}: neither a control nor a reason for none",
                rule.id
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "src/control/catalogue.toml and rules/ differ:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_page_is_up_to_date() {
    let page = document(&RuleSet::builtin());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/controls.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "stale: UPDATE=1 cargo test --test controls"
    );
}
