use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::super::builtin::BUILTIN;
use super::super::problem::Origin;
use super::super::{RuleSet, Scope, file};
use crate::fact::FactType;
use crate::key::find_identifiable;

fn origin((name, text): &(&str, &str)) -> Origin {
    Origin {
        name: Arc::from(*name),
        text: Arc::from(*text),
    }
}

#[test]
fn the_list_is_the_directory() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let files: Vec<String> = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.file_name().to_str().unwrap().to_owned())
        .collect();
    let listed: Vec<&str> = BUILTIN.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        files, listed,
        "every rule stands once in src/rule/builtin.rs"
    );
}

#[test]
fn each_is_as_an_organisations_own_would_have_to_be() {
    let mut names = BTreeSet::new();
    for entry in BUILTIN {
        let rule = file::read_checked(origin(entry)).unwrap_or_else(|problems| {
            panic!(
                "{}: {:?}",
                entry.0,
                miette::Report::new(super::super::LoadError { problems })
            )
        });
        let metadata = rule.metadata();
        assert_eq!(format!("{}.toml", metadata.id), entry.0);
        assert!(metadata.id.starts_with("KS"));
        assert!(names.insert(metadata.name.clone()), "{}", metadata.name);
        assert!(metadata.help.why.len() > 200, "{}: why", metadata.id);
        assert!(
            metadata
                .help
                .links
                .iter()
                .all(|link| link.starts_with("https://"))
        );
        let examples = rule.examples().unwrap();
        let bad = examples.iter().filter(|e| e.expected.is_some()).count();
        assert!(
            bad >= 3 && examples.len() - bad >= 3,
            "{}: examples",
            entry.0
        );
        assert!(examples.iter().all(|e| e.title.is_some()), "{}", entry.0);
        let scope = match rule.on() {
            FactType::Occurrence
            | FactType::PipelineKeyUse
            | FactType::PipelineRotation
            | FactType::TemplateKeyRef
            | FactType::TemplateKeyFlow
            | FactType::Setting
            | FactType::HttpTrigger
            | FactType::UrlKey => Scope::Place,
            FactType::Exemption | FactType::RegisterEntry => Scope::Policy,
            _ => Scope::Tree,
        };
        assert_eq!(metadata.scope, scope, "{}", metadata.id);
    }
}

/// A run reads the head of each file only; it has to be all but the examples.
#[test]
fn the_head_has_all_but_the_examples() {
    for (rule, entry) in RuleSet::builtin().iter().zip(BUILTIN) {
        let whole = file::read_checked(origin(entry)).unwrap();
        let json = |metadata| serde_json::to_value(metadata).unwrap();
        assert_eq!(json(rule.metadata()), json(whole.metadata()));
        assert_eq!(rule.when(), whole.when());
        assert!(rule.condition().is_ok());
    }
}

#[test]
fn no_file_holds_a_key() {
    for (name, text) in BUILTIN {
        assert_eq!(find_identifiable(text.as_bytes()).count(), 0, "{name}");
        let run = text
            .split(|c: char| !c.is_ascii_alphanumeric() && !"+/_=".contains(c))
            .find(|run| {
                run.len() >= 40 && run.bytes().any(|b| b.is_ascii_digit()) && !run.contains('/')
            });
        assert_eq!(run, None, "{name}");
    }
}

#[test]
fn the_remedy_of_a_leak_has_its_commands() {
    for rule in RuleSet::builtin().iter() {
        let metadata = rule.metadata();
        if matches!(rule.on(), FactType::Occurrence | FactType::SharedKey) {
            assert!(metadata.help.fix.contains("az "), "{}", metadata.id);
        }
        assert!(
            !metadata.help.fix.contains("--key-value "),
            "{}",
            metadata.id
        );
    }
}
