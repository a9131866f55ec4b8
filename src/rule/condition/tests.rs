mod hostile;

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

/// The culprit under the caret, the message, and what to do.
#[test]
fn refuses_what_could_be_silently_false() {
    for (source, culprit, message, help) in [
        // Fields and variables.
        (
            "occurrence.hots == 'x'",
            "hots",
            "unknown field 'hots'",
            "did you mean 'host'?",
        ),
        (
            "has(occurrence.hots)",
            "hots",
            "unknown field 'hots'",
            "did you mean 'host'?",
        ),
        (
            "has( occurrence . hots )",
            "hots",
            "unknown field 'hots'",
            "did you mean 'host'?",
        ),
        (
            "true && occurrence.caller.nam == 'x'",
            "nam",
            "unknown field 'nam'",
            "did you mean 'name'?",
        ),
        (
            "occurence.host == 'x'",
            "occurence",
            "unknown variable 'occurence'",
            "did you mean 'occurrence'?",
        ),
        (
            "['a'].exists(x, occurrence.kimd == 'master' || x == 'a')",
            "kimd",
            "unknown field 'kimd'",
            "did you mean 'kind'?",
        ),
        (
            "['a'].exists(x, y == 'a')",
            "y",
            "unknown variable 'y'",
            "use 'occurrence' or 'x'",
        ),
        (
            "['a'].exists(x, true) && x == 'a'",
            "x",
            "unknown variable 'x'",
            "use 'occurrence'",
        ),
        (
            "shared_key.kind == 'master'",
            "shared_key",
            "unknown variable 'shared_key'",
            "the rule is on 'occurrence'; a condition sees one fact, of that type",
        ),
        (
            "occurrence.path.name == 'x'",
            "name",
            "'occurrence.path' is a string and has no fields",
            "leave it out",
        ),
        (
            ".occurrence.path == 'x'",
            "occurrence",
            "unknown variable '.occurrence'",
            "did you mean 'occurrence'?",
        ),
        // Words of closed sets.
        (
            "occurrence.kind == 'masster'",
            "'masster'",
            "'masster' is no word of KeyKind",
            "did you mean 'master'?",
        ),
        (
            "'masster' != occurrence.kind",
            "'masster'",
            "'masster' is no word of KeyKind",
            "did you mean 'master'?",
        ),
        (
            "occurrence.kind in ['master', 'host']",
            "'host'",
            "'host' is no word of KeyKind",
            "use 'master', 'system', 'function' or 'unknown'",
        ),
        (
            "['a'].all(x, x == 'a' && occurrence.exposure == 'clientt')",
            "'clientt'",
            "'clientt' is no word of Exposure",
            "did you mean 'client'?",
        ),
        (
            "occurrence.kind == occurrence.path",
            "occurrence.kind == occurrence.path",
            "a word is compared with any text",
            "the words of KeyKind are a closed set of their own",
        ),
        (
            "occurrence.kind == occurrence.format",
            "occurrence.kind == occurrence.format",
            "a word of KeyKind is never equal to a word of Format",
            "compare values of one type",
        ),
        (
            "occurrence.kind.startsWith('m')",
            "occurrence.kind",
            "startsWith() takes any text, and this is a word",
            "compare it with == or in; the words are 'master', 'system', 'function' and 'unknown'",
        ),
        // Types.
        (
            "occurrence.path",
            "occurrence.path",
            "the whole condition has to be a bool, and this is a string",
            "compare it with something",
        ),
        (
            "occurrence.path == 3",
            "occurrence.path == 3",
            "a string is never equal to an int",
            "compare values of one type",
        ),
        (
            "3 in ['a']",
            "3",
            "an int is never in a list of which each item is a string",
            "compare values of one type",
        ),
        (
            "occurrence.path > 'a'",
            "occurrence.path",
            "what is compared for order has to be an int, and this is a string",
            "the fields and their types are listed by `keysweep rules facts`",
        ),
        (
            "!occurrence.path",
            "occurrence.path",
            "what '!' negates has to be a bool, and this is a string",
            "compare it with something",
        ),
        (
            "true && (occurrence.path)",
            "occurrence.path",
            "what '&&' joins has to be a bool, and this is a string",
            "compare it with something",
        ),
        (
            "1 + 'a' == 2",
            "'a'",
            "an operand has to be an int, and this is a string",
            "the fields and their types are listed by `keysweep rules facts`",
        ),
        (
            "occurrence.caller == occurrence.caller",
            "occurrence.caller == occurrence.caller",
            "a record cannot be compared as a whole",
            "compare its size, its fields or its items",
        ),
        (
            "occurrence.path in 'abc'",
            "'abc'",
            "what stands after 'in' has to be a list, and this is a string",
            "write x in ['a', 'b']; for a part of a text, text.contains('a')",
        ),
        (
            "occurrence.path in []",
            "[]",
            "the list is empty",
            "nothing is in it: leave it out",
        ),
        (
            "occurrence.path in ['a', 1]",
            "1",
            "this is an int in a list that begins with a string",
            "lists hold constants of one type",
        ),
        (
            "occurrence.path in [occurrence.path]",
            "occurrence.path",
            "lists hold constants only",
            "write 'a == b || …' to compare with fields",
        ),
        (
            "size(occurrence.caller) > 1",
            "occurrence.caller",
            "a record has no size",
            "strings and lists have one",
        ),
        // Absence.
        (
            "occurrence.host.startsWith('a')",
            "occurrence.host",
            "'occurrence.host' may be absent",
            "write 'has(occurrence.host) &&' before it, or compare it with == or !=",
        ),
        (
            "has(occurrence.host) || occurrence.host.size() > 1",
            "occurrence.host",
            "'occurrence.host' may be absent",
            "write 'has(occurrence.host) &&' before it, or compare it with == or !=",
        ),
        (
            "occurrence.host.size() > 1 && has(occurrence.host)",
            "occurrence.host",
            "'occurrence.host' may be absent",
            "write 'has(occurrence.host) &&' before it, or compare it with == or !=",
        ),
        (
            "(has(occurrence.host) && has(occurrence.name) || true) && occurrence.name.size() > 1",
            "occurrence.name",
            "'occurrence.name' may be absent",
            "write 'has(occurrence.name) &&' before it, or compare it with == or !=",
        ),
        (
            "has(occurrence.path)",
            "path",
            "'path' is never absent",
            "leave has() out",
        ),
        (
            "occurrence.path != null",
            "occurrence.path",
            "'occurrence.path' is never null",
            "leave the comparison out",
        ),
        (
            "has(occurrence)",
            "occurrence",
            "has() takes a field",
            "write has(fact.field)",
        ),
        // Functions and macros.
        (
            "occurrence.path.startWith('a')",
            "startWith",
            "unknown function '.startWith'",
            "did you mean 'startsWith'?",
        ),
        (
            "startsWith(occurrence.path, 'a')",
            "startsWith",
            "unknown function 'startsWith'",
            "write it after a dot: text.startsWith(…)",
        ),
        (
            "occurrence.path.has(x)",
            "has",
            "unknown function '.has'",
            "write it with its operand: has(…)",
        ),
        (
            "type(occurrence.path) == 'x'",
            "type",
            "unknown function 'type'",
            "use 'has' or 'size'",
        ),
        (
            "occurrence.path.startsWith('a', 'b')",
            "startsWith",
            "startsWith() is given 2 arguments",
            "it takes one text: text.contains('a')",
        ),
        (
            "['a'].exists(x)",
            "exists",
            "exists() is given 1 arguments",
            "it takes a name for the item and an expression: list.exists(x, x == 'a')",
        ),
        (
            "['a'].exists(x.y, true)",
            "x.y",
            "the item needs a name",
            "write a name for the item: list.exists(x, x == 'a')",
        ),
        (
            "['a'].exists(occurrence, true)",
            "occurrence",
            "the name 'occurrence' is taken",
            "choose another one for the item",
        ),
        (
            "occurrence.path.exists(x, true)",
            "occurrence.path",
            "this is a string, and has no items",
            "only lists have items",
        ),
        (
            "['a'].exists(x, x)",
            "x",
            "what is asked of each item has to be a bool, and this is a string",
            "compare it with something",
        ),
        (
            "['a'].all(x, ['a'].all(y, ['a'].all(z, true)))",
            "all",
            "macros stand more than 2 deep in each other",
            "split the condition into several rules",
        ),
        (
            "['a'][0] == 'a'",
            "['a'][0]",
            "lists have no index",
            "ask for any or all of the items: list.exists(x, x == 'a')",
        ),
        (
            "['a'].contains('a')",
            "['a']",
            "contains() looks into text, not into lists",
            "write 'item in list'",
        ),
        // Regular expressions.
        (
            "occurrence.path.matches('(a')",
            "'(a'",
            "the regular expression does not compile: unclosed group",
            "the syntax is that of https://docs.rs/regex; write it as r'…'",
        ),
        (
            "occurrence.path.matches(occurrence.path)",
            "occurrence.path",
            "the regular expression has to be a constant",
            "write it between quotes: r'…'",
        ),
        (
            "occurrence.path.matches(r'(?:\\w{1000}){1000}')",
            "r'(?:\\w{1000}){1000}'",
            "the regular expression does not compile: it would take too much memory",
            "the syntax is that of https://docs.rs/regex; write it as r'…'",
        ),
        // Syntax.
        (
            "occurrence.path == ",
            "",
            "the condition does not parse",
            "an operand or an operator is missing before it",
        ),
        (
            "occurrence.path == == 'a'",
            "==",
            "the condition does not parse",
            "an operand or an operator is missing before it",
        ),
        (
            "occurrence.path 'a'",
            "'a'",
            "the condition does not parse",
            "an operand or an operator is missing before it",
        ),
        (
            "occurrence.while == 'a' && while == 'b'",
            "while",
            "the condition does not parse",
            "reserved identifier: while",
        ),
    ] {
        let error = check(source, FactType::Occurrence).expect_err(source);
        assert_eq!(&source[error.span.clone()], culprit, "{source}: {error}");
        assert_eq!(error.message, message, "{source}");
        assert_eq!(error.help, help, "{source}");
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
