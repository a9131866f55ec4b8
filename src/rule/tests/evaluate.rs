use super::super::RuleSet;
use super::*;
use crate::finding::{Finding, Severity};
use crate::gap::GapReason;
use crate::rule::Scope;

fn evaluate(facts: Vec<Fact>) -> Vec<Finding> {
    let (findings, gaps) = RuleSet::builtin().evaluate(&facts);
    assert_eq!(gaps, []);
    findings
}

fn ids(facts: Vec<Fact>) -> Vec<String> {
    evaluate(facts)
        .into_iter()
        .map(|f| f.rule.to_string())
        .collect()
}

/// RULES.md: which of KS1001 to KS1010.
#[test]
fn one_rule_speaks_of_an_occurrence() {
    use Exposure::{Client, Document, Log, Pipeline, Source, Store, Template};
    use KeyKind::{Function, Master, System, Unknown};
    for (kind, format, exposure, rule) in [
        (Master, Format::Identifiable, Source, "KS1001"),
        (Master, Format::Chosen, Client, "KS1001"),
        (Master, Format::Legacy, Log, "KS1001"),
        (System, Format::Identifiable, Template, "KS1002"),
        (System, Format::Chosen, Store, "KS1002"),
        (System, Format::Identifiable, Client, "KS1006"),
        (System, Format::Identifiable, Log, "KS1007"),
        (Function, Format::Identifiable, Pipeline, "KS1003"),
        (Function, Format::Legacy, Document, "KS1003"),
        (Function, Format::Identifiable, Client, "KS1006"),
        (Function, Format::Chosen, Log, "KS1007"),
        (Unknown, Format::Legacy, Source, "KS1004"),
        (Unknown, Format::Legacy, Client, "KS1006"),
        (Unknown, Format::Legacy, Log, "KS1007"),
        (Unknown, Format::Chosen, Source, "KS1005"),
        (Unknown, Format::Chosen, Client, "KS1006"),
        (Unknown, Format::Chosen, Log, "KS1007"),
    ] {
        let mut fact = occurrence("a.py", 1);
        (fact.kind, fact.format, fact.exposure) = (kind, format, exposure);
        let what = format!("{kind:?} {format:?} {exposure:?}");
        assert_eq!(ids(vec![fact.clone().into()]), [rule], "{what}");
        fact.service = Service::ApiManagement;
        assert_eq!(ids(vec![fact.into()]), ["KS1009"], "{what}");
    }
}

#[test]
fn a_broken_checksum_is_one_rule_and_off() {
    let mut fact = occurrence("a.py", 1);
    fact.checksum = Checksum::Broken;
    for kind in [KeyKind::Unknown, KeyKind::Master, KeyKind::Function] {
        for exposure in [Exposure::Source, Exposure::Client, Exposure::Log] {
            (fact.kind, fact.exposure) = (kind, exposure);
            assert_eq!(ids(vec![fact.clone().into()]), [""; 0]);
            let on = RuleSet::builtin().with_severities(|rule| Some(rule.severity));
            let (findings, _) = on.evaluate(&[fact.clone().into()]);
            let fired: Vec<_> = findings.iter().map(|f| f.rule.as_str()).collect();
            assert_eq!(fired, ["KS1010"]);
        }
    }
}

#[test]
fn sharing_needs_two() {
    assert_eq!(ids(vec![shared(&["a"], &["prod"]).into()]), [""; 0]);
    assert_eq!(ids(vec![shared(&["a", "b"], &[]).into()]), ["KS1101"]);
    assert_eq!(ids(vec![shared(&[], &["prod", "test"]).into()]), ["KS1102"]);
    let both = shared(&["a", "b"], &["prod", "test"]);
    let findings = evaluate(vec![both.into()]);
    assert_eq!(findings.len(), 2);
    assert_eq!(findings[0].related.len(), 1);
    assert!(
        findings[0]
            .message
            .starts_with("One key stands in the files of 'a' and 'b', at 3 places.")
    );
}

#[test]
fn the_policy_is_judged() {
    let entry = RegisterEntry {
        name: "shop".into(),
        app: Some("func-orders".into()),
        function: None,
        key: Some("shop-2".into()),
        kind: "host".into(),
        days_since_rotation: Some(91),
        max_age_days: 90,
        ended: false,
        missing: vec!["owner".into(), "test".into()],
        path: "keysweep.toml".into(),
        location: at("keysweep.toml", 3),
    };
    let findings = evaluate(vec![entry.clone().into()]);
    let messages: Vec<_> = findings
        .iter()
        .map(|f| (f.rule.as_str(), f.message.as_str()))
        .collect();
    assert_eq!(messages.len(), 2);
    assert!(messages[0].1.contains(
        "The key 'shop-2' of 'func-orders' that 'shop' holds was last rotated 91 days ago"
    ));
    assert!(
        messages[1]
            .1
            .contains("entry of 'shop' for 'func-orders' lacks 'owner' and 'test'.")
    );
    for change in [
        |entry: &mut RegisterEntry| entry.days_since_rotation = Some(90),
        |entry: &mut RegisterEntry| entry.days_since_rotation = None,
        |entry: &mut RegisterEntry| entry.ended = true,
    ] {
        let mut entry = entry.clone();
        entry.missing.clear();
        change(&mut entry);
        assert_eq!(ids(vec![entry.into()]), [""; 0]);
    }
    let exemption = |days_past| Exemption {
        rule: "KS1003".into(),
        subject: "samples/**".into(),
        reason: "r".into(),
        owner: "o".into(),
        until: "2025-01-31".into(),
        days_past,
        path: "keysweep.toml".into(),
        location: at("keysweep.toml", 3),
    };
    assert_eq!(ids(vec![exemption(1).into()]), ["KS9002"]);
    assert_eq!(
        ids(vec![exemption(0).into(), exemption(-9).into()]),
        [""; 0]
    );
    let unused = |matched| Suppression {
        source: SuppressionSource::Baseline,
        rules: Vec::new(),
        reason: String::new(),
        matched,
        path: "baseline.json".into(),
        location: at("baseline.json", 1),
    };
    assert_eq!(ids(vec![unused(2).into()]), [""; 0]);
    let findings = evaluate(vec![unused(0).into()]);
    assert!(
        findings[0]
            .message
            .starts_with("This suppression (baseline) of every rule hides")
    );
}

#[test]
fn a_finding_carries_what_reports_need() {
    let mut fact = occurrence("src/a.py", 7);
    fact.host = Some("func.azurewebsites.net".into());
    let finding = evaluate(vec![fact.clone().into()]).remove(0);
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(finding.location, fact.location);
    assert_eq!(finding.excerpt.as_deref(), fact.excerpt.as_ref());
    assert!(
        finding
            .message
            .contains("beside the host 'func.azurewebsites.net'.")
    );
    let property = |name| finding.properties.get(name).and_then(|v| v.as_str());
    assert_eq!(property("keyKind"), Some("function"));
    assert_eq!(property("keyFormat"), Some("identifiable"));
    assert_eq!(property("exposure"), Some("source"));
    assert_eq!(property("context"), Some("header"));
    assert_eq!(property("fingerprint"), Some(fact.fingerprint.as_str()));
    assert_eq!(property("environment"), None);
    assert_eq!(finding.stable_id.len(), 16);
    assert!(finding.stable_id.bytes().all(|b| b.is_ascii_hexdigit()));
}

#[test]
fn stable_ids_survive_moves_and_tell_equals_apart() {
    let ids = |facts: &[KeyOccurrence]| -> Vec<String> {
        let facts = facts.iter().cloned().map(Fact::from).collect();
        evaluate(facts)
            .into_iter()
            .map(|f| f.stable_id.to_string())
            .collect()
    };
    let alone = |fact: &KeyOccurrence| ids(std::slice::from_ref(fact));
    let one = occurrence("a.py", 1);
    let moved = occurrence("a.py", 400);
    assert_eq!(alone(&one), alone(&moved));
    let both = ids(&[one.clone(), moved.clone()]);
    assert_eq!(both.len(), 2);
    assert_ne!(both[0], both[1]);
    assert_eq!(
        both,
        ids(&[moved, one.clone()]),
        "the order of facts is no matter"
    );
    let mut other = one.clone();
    other.fingerprint = fingerprint("b");
    assert_ne!(alone(&one), alone(&other));
    let mut elsewhere = one.clone();
    elsewhere.path = "b.py".into();
    assert_ne!(alone(&one), alone(&elsewhere));
    // A chosen value's name is the run's own: the place identifies it.
    let chosen = |n, name: &str| {
        let mut chosen = one.clone();
        (chosen.kind, chosen.format) = (KeyKind::Unknown, Format::Chosen);
        chosen.fingerprint = Fingerprint::numbered(n);
        chosen.name = Some(name.to_owned());
        chosen
    };
    assert_eq!(alone(&chosen(1, "K")), alone(&chosen(2, "K")));
    assert_ne!(alone(&chosen(1, "K")), alone(&chosen(1, "L")));
    // A shared key keeps its id when its first place moves to another file.
    let first = |path: &str| {
        let mut shared = shared(&["a", "b"], &[]);
        shared.path = path.to_owned();
        evaluate(vec![shared.into()]).remove(0).stable_id
    };
    assert_eq!(first("a/x.py"), first("a/w.py"));
}

#[test]
fn severities_and_scopes_are_the_policys_and_the_runs() {
    let rules = RuleSet::builtin().with_severities(|rule| match rule.id.as_str() {
        "KS1003" => Some(Severity::Low),
        "KS1001" => None,
        _ => rule.enabled.then_some(rule.severity),
    });
    let mut master = occurrence("b.py", 1);
    master.kind = KeyKind::Master;
    let (findings, _) = rules.evaluate(&[occurrence("a.py", 1).into(), master.into()]);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].severity, Severity::Low);
    assert!(rules.enabled().iter().all(|rule| rule.id != "KS1001"));
    let (partial, dropped) = rules.only(|rule| rule.metadata.scope != Scope::Tree);
    assert!(dropped.iter().any(|rule| rule.id == "KS1101"));
    assert!(dropped.iter().all(|rule| rule.scope == Scope::Tree));
    assert!(partial.get("KS1101").is_err());
    assert!(partial.get("ks1003").is_ok());
}

#[test]
fn unknown_rules_are_answered() {
    let rules = RuleSet::builtin();
    let help = |id| rules.get(id).unwrap_err().help;
    assert_eq!(help("KS1013"), "did you mean KS1003?");
    assert_eq!(
        help("MasterKeyLeaked"),
        "rules go by their ids here: KS1001"
    );
    assert_eq!(help("zzz"), "`keysweep rules list` lists them");
}

#[test]
fn what_cannot_be_judged_is_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let rule = super::load::RULE
        .replace(
            "occurrence.kind == 'master'",
            "register_entry.max_age_days * 9223372036854775807 > 0",
        )
        .replace("on = \"occurrence\"", "on = \"register_entry\"")
        .replace("{occurrence.path}", "{register_entry.path}");
    std::fs::write(dir.path().join("a.toml"), rule).unwrap();
    let rules = RuleSet::load_dir(dir.path()).unwrap();
    let entry = RegisterEntry {
        name: "shop".into(),
        app: None,
        function: None,
        key: None,
        kind: "host".into(),
        days_since_rotation: None,
        max_age_days: 90,
        ended: false,
        missing: Vec::new(),
        path: "keysweep.toml".into(),
        location: at("keysweep.toml", 3),
    };
    let (findings, gaps) = rules.evaluate(&[entry.clone().into(), entry.into()]);
    assert!(findings.is_empty());
    assert_eq!(gaps.len(), 1, "one for the rule and the file");
    assert_eq!(gaps[0].subject, "keysweep.toml");
    assert!(matches!(&gaps[0].reason, GapReason::Condition { rule, .. } if rule == "ACME001"));
}
