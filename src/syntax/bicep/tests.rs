use super::super::expression::ExprKind;
use super::*;

fn value(text: &str) -> Expr {
    let document = format!("var v = {text}\n");
    let bicep = parse(&document);
    assert_eq!(bicep.errors, [], "{text}");
    match bicep.statements.into_iter().next().unwrap().kind {
        StatementKind::Var { value } => value,
        other => panic!("{other:?}"),
    }
}

/// An expression as what it is made of.
fn shown(expr: &Expr) -> String {
    let all = |parts: &[Expr]| parts.iter().map(shown).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        ExprKind::Text(text) => format!("'{text}'"),
        ExprKind::Template(parts) => format!("t({})", all(parts)),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Number(value) => value.to_string(),
        ExprKind::Null => "null".into(),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Member(of, name) => format!("{}.{name}", shown(of)),
        ExprKind::Index(of, index) => format!("{}[{}]", shown(of), shown(index)),
        ExprKind::Call(call) => {
            let target = call.target.as_ref().map(|target| shown(target) + ".");
            format!(
                "{}{}({})",
                target.unwrap_or_default(),
                call.function,
                all(&call.arguments)
            )
        }
        ExprKind::Object(properties) => {
            let each = properties.iter().map(|property| {
                format!(
                    "{}: {}",
                    property.name.as_deref().unwrap_or("?"),
                    shown(&property.value)
                )
            });
            format!("{{{}}}", each.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Array(items) => format!("[{}]", all(items)),
        ExprKind::Loop(parts) => format!(
            "for {} in {}: {}",
            parts.item,
            shown(&parts.items),
            shown(&parts.body)
        ),
        ExprKind::Choice(parts) => format!("one({})", all(parts)),
        ExprKind::Opaque(parts) => format!("of({})", all(parts)),
    }
}

#[test]
fn reads_expressions() {
    for (text, expected) in [
        ("'a\\'${b.c}d${e}'", "t('a'', b.c, 'd', e)"),
        ("'''it's\n${raw}'''", "'it's\n${raw}'"),
        ("$'''it's ${b}'''", "t('it's ', b)"),
        (
            "listKeys('${app.id}/host/default', app.apiVersion).functionKeys.default",
            "listKeys(t(app.id, '/host/default'), app.apiVersion).functionKeys.default",
        ),
        (
            "host.listKeys().functionKeys['default']",
            "host.listKeys().functionKeys['default']",
        ),
        ("az.listKeys(x)!.?a", "listKeys(x).a"),
        ("parent::child.id", "parent.child.id"),
        ("a ? b : c ?? d", "one(b, one(c, d))"),
        ("a\n  ? b\n  : c", "one(b, c)"),
        ("!empty(a) && b == 'x'", "of(of(empty(a)), b, 'x')"),
        ("[\n  1\n  'b', c\n  ...d\n]", "[1, 'b', c, d]"),
        (
            "{ a: 1, 'b-c': 2\n d: { e: f }\n ...g }",
            "{a: 1, b-c: 2, d: {e: f}, ?: g}",
        ),
        ("[for (x, i) in xs: { n: x }]", "for x in xs: {n: x}"),
        ("[for x in xs: if (x.on) { n: x }]", "for x in xs: {n: x}"),
        ("map(xs, x => x.k)", "map(xs, for x in null: x.k)"),
        (
            "reduce(xs, {}, (a, b) => union(a, b))",
            "reduce(xs, {}, for a in null: union(a, b))",
        ),
        ("(a)", "a"),
        ("-1", "of(1)"),
        ("xs[^1]", "xs[1]"),
    ] {
        assert_eq!(shown(&value(text)), expected, "{text}");
    }
}

#[test]
fn reads_statements_and_passes_over_the_others() {
    let text = "targetScope = 'resourceGroup'
import { a } from 'b.bicep'
@description('''
The app
''')
@secure()
param key string
param level 'a' | 'b' = 'a' // why
param options {
  a: string
  b: int?
} = { a: 'x', b: 1 }
type t = {
  a: string
}
type u =
  | 'a'
  | 'b'
type w = resourceInput<
  'Microsoft.Web/sites@2023-01-01'
>
func f(x string) string =>
  '${x}!'
#disable-next-line outputs-should-not-contain-secrets
output o string = key
@secure()
output p object = { k: key }
resource site 'Microsoft.Web/sites@2023-01-01' existing = if (on) {
  name: 'a'
  resource host 'host' existing = {
    name: 'default'
  }
}
module m './m.bicep' = [for x in xs: {
  name: 'm'
  params: { key: key }
}]
";
    let bicep = parse(text);
    assert_eq!(bicep.errors, []);
    let names: Vec<&str> = bicep.statements.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(
        names,
        ["key", "level", "options", "f", "o", "p", "site", "m"]
    );
    assert_eq!(bicep.statements[0].decorators, ["description", "secure"]);
    assert_eq!(bicep.statements[5].decorators, ["secure"]);
    assert!(text[bicep.statements[5].span.clone()].starts_with("output p"));
    let StatementKind::Function { params, body } = &bicep.statements[3].kind else {
        panic!("no function")
    };
    assert_eq!(params, &["x"]);
    assert!(matches!(body.kind, ExprKind::Template(_)));
    let StatementKind::Resource {
        of_type,
        existing,
        nested,
        ..
    } = &bicep.statements[6].kind
    else {
        panic!("no resource")
    };
    assert_eq!(
        (of_type.as_str(), *existing, nested.len()),
        ("Microsoft.Web/sites", true, 1)
    );
    assert!(
        matches!(&nested[0].kind, StatementKind::Resource { of_type, .. } if of_type == "host")
    );
}

#[test]
fn goes_on_after_what_it_does_not_know() {
    let text = "param a string\nresource x = ]\n  b\nwhat is this\noutput o string = a\n";
    let bicep = parse(text);
    let names: Vec<&str> = bicep.statements.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["a", "o"]);
    assert_eq!(bicep.errors.len(), 1);
    assert_eq!(bicep.errors[0].at, text.find("= ]").unwrap());
}

#[test]
fn hostile_text_takes_linear_time() {
    for piece in [
        "'${",
        "'''",
        "$'''${",
        "[",
        "{",
        "(",
        "a[",
        "!",
        "a.",
        "@",
        "param ",
        "a ?",
        "x =>",
        "'a'\n",
        "resource x 'y' = {\n",
        "}",
    ] {
        for lead in ["", "var x = "] {
            let _ = parse(&format!("{lead}{}", piece.repeat(10_000)));
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_fail(text in "(?s)(var x = |output o string = |resource r 't' = |'|\\$\\{|[a\\[\\]{}()=:,.?!\n ']|for|in|'''){0,40}") {
        let bicep = parse(&text);
        for statement in bicep.statements {
            let _ = &text[statement.span];
            let _ = &text[statement.name_span];
        }
        for error in bicep.errors {
            assert!(error.at <= text.len());
        }
    }
}

#[test]
fn reads_functions_and_what_parameters_are_for() {
    for (text, expected) in [
        ("using 'main.bicep'\nparam a = 1\n", vec!["", "a"]),
        ("using 'a' with {\n  b: 1\n}\nparam a = 1\n", vec!["", "a"]),
        ("using none\nparam a = 1\n", vec!["a"]),
        (
            "func f(a { b: string, c: [int] }, d resourceInput<'x', 'y'>) string => a.b\nvar v = 1\n",
            vec!["f", "v"],
        ),
        ("func f(a string) string\nvar v = 1\n", vec!["v"]),
    ] {
        let bicep = parse(text);
        let names: Vec<&str> = bicep.statements.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, expected, "{text}");
        assert_eq!(bicep.errors, [], "{text}");
    }
}
