mod hostile;
mod refused;

use super::*;
use crate::fact::{Fact, FactType, RegisterEntry};
use crate::location::{Location, ResourcePlace};

fn entry() -> RegisterEntry {
    RegisterEntry {
        name: "billing".into(),
        app: Some("func-orders".into()),
        function: None,
        key: None,
        kind: "host".into(),
        days_since_rotation: Some(120),
        max_age_days: 90,
        ended: false,
        missing: vec!["owner".into(), "test".into()],
        path: "keysweep.toml".into(),
        location: Location::Resource(ResourcePlace {
            id: "x".into(),
            property: None,
        }),
    }
}

fn evaluate(source: &str, fact: &Fact) -> Result<bool, String> {
    let condition = Condition::compile(source).unwrap();
    Scope::new([&condition]).judge(fact, [&condition]).remove(0)
}

/// The condition is let through, and holds or not of the register entry.
#[test]
fn evaluates_what_it_lets_through() {
    let fact = Fact::from(entry());
    for (source, holds) in [
        ("true", true),
        ("register_entry.name == 'billing'", true),
        ("register_entry.name != \"billing\" // a note", false),
        ("register_entry.name in ['billing', 'other']", true),
        ("!(register_entry.name in ['other'])", true),
        ("'owner' in register_entry.missing", true),
        ("register_entry.function == 'x'", false),
        ("register_entry.function != 'x'", true),
        ("register_entry.function in ['x']", false),
        ("register_entry.function == null", true),
        ("register_entry.function == register_entry.key", true),
        ("has(register_entry.function)", false),
        ("has(register_entry.app)", true),
        ("!has(register_entry.function)", true),
        (
            "has(register_entry.app) && register_entry.app.startsWith('func-')",
            true,
        ),
        (
            "!has(register_entry.app) || register_entry.app.endsWith('orders')",
            true,
        ),
        (
            "register_entry.app != null && size(register_entry.app) == 11",
            true,
        ),
        (
            "register_entry.app == null || register_entry.app.size() == 3",
            false,
        ),
        (
            "register_entry.app == 'func-orders' && register_entry.app.contains('-')",
            true,
        ),
        (
            "register_entry.app in ['func-orders'] && register_entry.app.contains('x')",
            false,
        ),
        (
            "!(register_entry.app == null || register_entry.key == null) \
             && register_entry.app.contains('-') && register_entry.key.contains('-')",
            false,
        ),
        (
            "has(register_entry.days_since_rotation) \
             && register_entry.days_since_rotation >= register_entry.max_age_days + 2 * 14",
            true,
        ),
        ("register_entry.max_age_days - 100 < -9", true),
        ("register_entry.max_age_days in [30, 90]", true),
        ("register_entry.missing.exists(m, m == 'owner')", true),
        (
            "register_entry.missing.exists_one(m, m.startsWith('o'))",
            true,
        ),
        (
            "register_entry.missing.all(m, m.matches(r'^[a-z]+$'))",
            true,
        ),
        (
            "register_entry.missing.filter(m, m.matches('^t')).size() == 1",
            true,
        ),
        ("size(register_entry.missing.map(m, m.size())) == 2", true),
        (
            "['own', 'te'].all(p, register_entry.missing.exists(m, m.startsWith(p)))",
            true,
        ),
        (
            "['own', 'x'].all(p, register_entry.missing.exists(m, m.startsWith(p)))",
            false,
        ),
        (
            "register_entry.name.matches('^bill') || register_entry.name.matches('x$')",
            true,
        ),
        (
            "register_entry.ended == false && register_entry.missing.size() > 0",
            true,
        ),
        ("[1, -2].exists(n, n < 0)", true),
        (
            "register_entry.missing.exists(string, string == 'owner')",
            true,
        ),
    ] {
        check(source, FactType::RegisterEntry).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(evaluate(source, &fact), Ok(holds), "{source}");
    }
}

#[test]
fn an_error_of_the_evaluation_is_not_false() {
    let fact = Fact::from(entry());
    let overflow = "register_entry.max_age_days * 9223372036854775807 > 0";
    check(overflow, FactType::RegisterEntry).unwrap();
    assert!(evaluate(overflow, &fact).unwrap_err().contains("verflow"));
    // Not checked, as a condition of a rule that is built in: still no false.
    assert!(evaluate("register_entry.nmae == 'x'", &fact).is_err());
    assert!(evaluate("register_entry.name", &fact).is_err());
}

#[test]
fn unsigned_counts_are_ints() {
    let value = cel::Value::UInt(u64::MAX);
    assert_eq!(super::program::ints(value), cel::Value::Int(i64::MAX));
    check("shared_key.occurrences - 1 > 2 * 2", FactType::SharedKey).unwrap();
}
