mod errors;
mod layers;

use super::*;
use crate::gap::GapReason;
use crate::key::{KeyClass, KeyKind, generate};
use crate::location::{FilePlace, ResourcePlace};
use crate::rule::{Help, Scope};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use std::fs;
use tempfile::TempDir;

const TODAY: Date = Date::constant(2026, 6, 15);

fn rules() -> Vec<Metadata> {
    [
        ("KS1003", "FunctionKeyLeaked", Severity::High, true),
        ("KS1010", "KeyWithBrokenChecksum", Severity::Note, false),
        ("KS9003", "RegisterEntryOverdue", Severity::High, true),
    ]
    .map(|(id, name, severity, enabled)| Metadata {
        id: id.into(),
        name: name.into(),
        severity,
        summary: String::new(),
        help: Help {
            why: String::new(),
            fix: String::new(),
            links: Vec::new(),
        },
        cwe: Vec::new(),
        tags: Vec::new(),
        controls: Vec::new(),
        scope: Scope::Place,
        enabled,
    })
    .into()
}

/// Files in a directory of their own; the first is the policy.
fn load_all(files: &[(&str, &str)]) -> (TempDir, Result<Policy, PolicyError>) {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let policy = Policy::load(&directory.path().join(files[0].0), TODAY, &rules());
    (directory, policy)
}

fn load(text: &str) -> Result<Policy, PolicyError> {
    load_all(&[("keysweep.toml", text)]).1
}

fn rendered(error: &PolicyError) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .render_report(&mut text, error)
        .unwrap();
    text
}

/// What stands under the caret.
fn culprit(error: &PolicyError, text: &str) -> String {
    let label = error.labels().unwrap().next().unwrap();
    text[label.offset()..label.offset() + label.len()].to_owned()
}

#[test]
fn nothing_is_the_default() {
    let policy = load("# nothing\n").unwrap();
    assert_eq!(policy.max_age_days().of(KeyClass::Master), 90);
    assert_eq!(policy.overlap_days().of(KeyClass::Host), 14);
    assert_eq!(policy.severity_of(&rules()[0]), Some(Severity::High));
    assert_eq!(policy.severity_of(&rules()[1]), None);
    assert!(policy.facts().is_empty() && policy.excluded("a").is_none());
}

#[test]
fn settings_hold() {
    let policy = load(
        "key-name-pattern = '[a-z]+-[ab]'\n\
         [rules]\nKS1003 = 'critical'\nKS1010 = 'on'\nKS9003 = 'off'\n\
         [max-age]\nmaster = 30\n[overlap]\nhost = 0\n\
         [key-readers]\nmax = 3\nallowed = ['Deploy@Contoso.example']\n",
    )
    .unwrap();
    let severities: Vec<_> = rules()
        .iter()
        .map(|rule| policy.severity_of(rule))
        .collect();
    assert_eq!(
        severities,
        [Some(Severity::Critical), Some(Severity::Note), None]
    );
    assert_eq!(policy.max_age_days().of(KeyClass::Master), 30);
    assert_eq!(policy.max_age_days().of(KeyClass::Function), 90);
    assert_eq!(policy.overlap_days().of(KeyClass::Host), 0);
    let names = policy.key_name_pattern().unwrap();
    assert!(names.is_match("shop-a") && !names.is_match("my shop-a"));
    assert_eq!(policy.key_readers().max, 3);
    assert_eq!(policy.key_readers().allowed, ["deploy@contoso.example"]);
}

#[test]
fn the_register_becomes_facts() {
    let text = "[[caller]]\nname = 'größe'\napp = 'orders'\nkey = '_master'\nrotated = 2026-03-01\n\
        owner = 'o'\ncontact = 'c'\nstored-in = ' '\nended = 2026-06-15\n\n\
        [[caller]]\nname = 'b'\napp = 'orders'\nfunction = 'f'\nkey = 'k'\nended = '2026-06-16'\n\
        [[caller]]\nname = 'c'\napp = 'orders'\nkey = 'eventgrid_extension'\n\
        [max-age]\nmaster = 30\n";
    let facts = load(text).unwrap().facts();
    let entries: Vec<_> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::RegisterEntry(entry) => Some(entry),
            _ => None,
        })
        .collect();
    let [first, second, third] = entries.as_slice() else {
        panic!()
    };
    assert_eq!((first.kind.as_str(), first.max_age_days), ("master", 30));
    assert_eq!(first.days_since_rotation, Some(106));
    assert_eq!(first.missing, ["stored-in", "test"]);
    assert!(first.ended && !second.ended);
    let place = first.location.file().unwrap();
    assert_eq!((place.start.line, place.start.column), (2, 8));
    assert_eq!((place.end.line, place.end.column), (2, 15));
    assert_eq!(
        (second.kind.as_str(), second.days_since_rotation),
        ("function", None)
    );
    assert_eq!(third.kind, "system");
}

#[test]
fn exemptions_become_facts() {
    let text = "[[exempt]]\nrule = 'KS1003'\npath = 'a/**'\nreason = 'r'\nowner = 'o'\nuntil = 2026-06-15\n\
        [[exempt]]\nrule = 'KS1003'\nresource = '**/sites/a'\nreason = 'r'\nowner = 'o'\nuntil = 2026-06-14\n";
    let policy = load(text).unwrap();
    let facts = policy.facts();
    let [Fact::Exemption(holds), Fact::Exemption(past)] = facts.as_slice() else {
        panic!()
    };
    assert_eq!((holds.days_past, holds.subject.as_str()), (0, "a/**"));
    assert_eq!((past.days_past, past.until.as_str()), (1, "2026-06-14"));
    assert_eq!(past.location.file().unwrap().start.line, 12);
    assert!(!policy.expired(&policy.exemptions()[0]));
    assert!(policy.expired(&policy.exemptions()[1]));
}

#[test]
fn gaps_can_be_accepted_for_a_while() {
    let policy = load(
        "[[accept-gap]]\npath = 'locked'\nreason = 'r'\nuntil = 2026-06-15\n\
         [[accept-gap]]\nresource = '/subscriptions/1'\nreason = 's'\nuntil = 2026-06-15\n\
         [[accept-gap]]\npath = 'old'\nreason = 't'\nuntil = 2026-06-14\n",
    )
    .unwrap();
    let accepted = |subject: &str| {
        let gap = Gap {
            subject: subject.into(),
            reason: GapReason::PermissionDenied,
        };
        policy
            .accepted(&gap)
            .map(|accepted| accepted.reason.clone())
    };
    // Outside of the policy's directory, paths are what reports show.
    assert_eq!(accepted("locked/a.txt").as_deref(), Some("r"));
    assert_eq!(accepted("src/locked/a.txt"), None);
    assert_eq!(
        accepted("/Subscriptions/1/resourceGroups/a").as_deref(),
        Some("s")
    );
    assert_eq!(accepted("old"), None);
}

#[test]
fn globs_are_relative_to_the_policy() {
    let (directory, policy) = load_all(&[(
        "keysweep.toml",
        "[[exclude]]\npath = 'vendor'\nreason = 'r'\n[[caller]]\nname = 'shop'\npaths = ['web/**']\n\
         environment = 'production'\n[[accept-gap]]\npath = 'locked'\nreason = 'r'\nuntil = 2026-06-15\n",
    )]);
    let policy = policy.unwrap();
    let at = |path: &str| directory.path().join(path).to_string_lossy().into_owned();
    assert_eq!(
        policy.excluded(&at("vendor/a.js")).unwrap().written(),
        "vendor"
    );
    assert!(policy.excluded(&at("src/vendor/a.js")).is_none());
    assert_eq!(policy.caller_of(&at("web/a.js")).unwrap().name, "shop");
    assert_eq!(
        policy.environments().of_path(&at("web/a.js")).as_deref(),
        Some("prod")
    );
    let gap = Gap {
        subject: at("locked/a"),
        reason: GapReason::Vanished,
    };
    assert!(policy.accepted(&gap).is_some());
}

#[test]
fn patterns_are_compiled() {
    let policy = load(
        "[[pattern]]\nid = 'token'\ndescription = 'd'\npattern = 'gwt_(?<secret>\\w{4})'\n\
         keywords = ['gwt_']\nfiles = ['**/*.json']\n",
    )
    .unwrap();
    let pattern = &policy.patterns()[0];
    let found = pattern.regex.captures(b"x gwt_abcd").unwrap();
    assert_eq!(&found[Pattern::GROUP], b"abcd");
    assert!(!policy.pattern_applies(pattern, "a.txt"));
}

/// The template parses as it is, and with every option set.
#[test]
fn the_template_is_right() {
    let policy = load(TEMPLATE).unwrap();
    assert!(policy.facts().is_empty());
    let options: String = TEMPLATE
        .lines()
        .filter_map(|line| {
            line.strip_prefix('#')
                .filter(|rest| !rest.is_empty() && !rest.starts_with(' '))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let (_directory, policy) = load_all(&[
        ("keysweep.toml", &options),
        ("organisation/keysweep.toml", ""),
    ]);
    let policy = policy.unwrap_or_else(|error| panic!("{}", rendered(&error)));
    let default = Policy::default();
    assert_eq!(policy.max_age_days(), default.max_age_days());
    assert_eq!(policy.overlap_days(), default.overlap_days());
    assert_eq!(policy.key_readers().max, default.key_readers().max);
    assert_eq!(policy.facts().len(), 2);
    assert!(policy.callers()[0].missing().is_empty());
}

/// Every field that the parser knows stands in the template.
#[test]
fn the_template_is_complete() {
    let schema = serde_json::to_value(schema()).unwrap();
    let tables = schema["definitions"].as_object().unwrap().values();
    for table in tables.chain([&schema]) {
        let fields = table["properties"].as_object().into_iter().flatten();
        for (field, _) in fields {
            let written = |prefix: &str| TEMPLATE.contains(&format!("\n#{prefix}{field}"));
            assert!(written("") || written("[") || written("[["), "{field}");
        }
    }
}

#[test]
fn an_exemption_is_about_rule_and_primary_place() {
    let (directory, policy) = load_all(&[(
        "keysweep.toml",
        "[[exempt]]\nrule = 'KS1003'\npath = 'a'\nreason = 'r'\nowner = 'o'\nuntil = 2026-12-31\n\
         [[exempt]]\nrule = 'KS1003'\nresource = '**/sites/b'\nreason = 'r'\nowner = 'o'\nuntil = 2026-12-31\n",
    )]);
    let policy = policy.unwrap();
    let finding = |rule: &str, location: Location| Finding::new(rule, Severity::High, location);
    let file = |path: &str| {
        let path = directory.path().join(path);
        Location::File(Box::new(FilePlace::in_text(
            &path.to_string_lossy(),
            b"",
            0..0,
        )))
    };
    let resource = |id: &str| {
        Location::Resource(ResourcePlace {
            id: id.into(),
            property: None,
        })
    };
    let exempt = |location: Location, rule: &str| {
        let finding = finding(rule, location);
        policy
            .exemptions()
            .iter()
            .any(|exempt| policy.exempts(exempt, &finding))
    };
    assert!(exempt(file("a/x.js"), "KS1003"));
    assert!(!exempt(file("a/x.js"), "KS1001"));
    assert!(!exempt(file("b/x.js"), "KS1003"));
    assert!(exempt(
        resource("/subscriptions/1/x/sites/B/functions/f/keys/k"),
        "KS1003"
    ));
    assert!(!exempt(resource("/subscriptions/1/x/sites/c"), "KS1003"));
}
