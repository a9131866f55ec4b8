//! Conditions that could be silently false, and what is said of each: the culprit
//! under the caret, the message, and what to do.

use super::*;

#[track_caller]
fn refuses(cases: &[(&str, &str, &str, &str)]) {
    for (source, culprit, message, help) in cases {
        let error = check(source, FactType::Occurrence).expect_err(source);
        assert_eq!(&source[error.span.clone()], *culprit, "{source}: {error}");
        assert_eq!(error.message, *message, "{source}");
        assert_eq!(error.help, *help, "{source}");
    }
}

#[test]
fn fields_and_variables_that_do_not_exist() {
    refuses(&[
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
    ]);
}

#[test]
fn words_that_a_closed_set_has_not() {
    refuses(&[
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
    ]);
}

#[test]
fn types_that_do_not_fit() {
    refuses(&[
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
    ]);
}

#[test]
fn fields_that_may_be_absent() {
    refuses(&[
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
    ]);
}

#[test]
fn functions_and_macros_that_are_not_offered() {
    refuses(&[
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
    ]);
}

#[test]
fn regular_expressions_that_do_not_compile() {
    refuses(&[
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
    ]);
}

#[test]
fn what_does_not_parse() {
    refuses(&[
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
    ]);
}
