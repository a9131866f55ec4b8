//! Nothing that keysweep writes contains a key. This is the test of that.
//!
//! Keys that are nowhere else are planted in every example of every rule, and
//! in places that are hostile to whoever masks: names of files, broken
//! policies, arguments, long lines, other alphabets. Whatever comes out, as a
//! report, on standard error, as `Debug` or as the words of a panic, is then
//! searched for pieces of them in every form.
//!
//! Two sorts of values are no key by themselves: one that somebody chose, and
//! 32 hexadecimal digits. They are planted where their place says what they
//! are; nobody can tell them from a word or a digest anywhere else.

mod harness;
#[path = "leak/tenant.rs"]
mod tenant;

use clap::ValueEnum;
use harness::Tree;
use harness::detector::Detector;
use keysweep::origin::Origin;
use keysweep::outcome::{Outcome, Terms};
use keysweep::placeholder::expand_from;
use keysweep::policy::Policy;
use keysweep::report::{self, Format, Group, Style};
use keysweep::rule::{Example, Metadata, POLICY_PATH, RuleSet};
use keysweep::{run, suppress};

/// What a seeded key is made of here.
const SEED: &str = "planted by the leak test";

/// The names of placeholders whose values are secrets.
const SECRETS: [&str; 9] = [
    "function-key",
    "master-key",
    "system-key",
    "legacy-key",
    "custom-key",
    "apim-key",
    "apim-identifiable-key",
    "decryption-key",
    "storage-key",
];

/// Values of the formats that say by themselves that they are keys.
const SURE: [&str; 5] = [
    "function-key",
    "master-key",
    "system-key",
    "legacy-key",
    "apim-identifiable-key",
];

/// Every key of the seed that a template could name, and broken ones too.
fn detector() -> Detector {
    let mut keys = Vec::new();
    for name in SECRETS {
        for number in 1..=9 {
            let name = format!("{name}:{number}");
            keys.push((name.clone(), plant(&format!("{{{{{name}}}}}"))));
        }
    }
    Detector::new(keys.iter().map(|(name, key)| (&**name, key.as_bytes())))
}

fn plant(template: &str) -> String {
    expand_from(SEED, template).expect("known placeholders")
}

/// The names of the formats: one that is added is searched from then on.
fn format_names() -> Vec<String> {
    let formats = Format::value_variants().iter();
    let names = formats.filter_map(ValueEnum::to_possible_value);
    names.map(|value| value.get_name().to_owned()).collect()
}

#[test]
fn the_detector_sees_every_form() {
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    let detector = detector();
    let each = |text: &str, form: &dyn Fn(u8) -> String| -> Vec<u8> {
        text.bytes().map(form).collect::<String>().into_bytes()
    };
    for name in SECRETS {
        let key = plant(&format!("{{{{{name}}}}}"));
        // A piece from the middle, not the whole.
        let piece = &key[7..20];
        let mut forms: Vec<(&str, Vec<u8>)> = vec![
            ("raw", piece.into()),
            ("small", piece.to_ascii_lowercase().into()),
            ("percent", each(piece, &|byte| format!("%{byte:02x}"))),
            ("twice", each(piece, &|byte| format!("%25{byte:02X}"))),
            ("JSON", each(piece, &|byte| format!("\\u{byte:04x}"))),
            ("HTML", each(piece, &|byte| format!("&#{byte};"))),
            ("HTML hex", each(piece, &|byte| format!("&#x{byte:X};"))),
            ("hex", each(piece, &|byte| format!("{byte:02x}"))),
            ("HEX", each(piece, &|byte| format!("{byte:02X}"))),
            (
                "UTF-16 LE",
                piece.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
            (
                "UTF-16 BE",
                piece.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            ),
            (
                "shown",
                each(piece, &|byte| format!("{}\u{fffd}", byte as char)),
            ),
        ];
        for lead in ["", "a", "ab"] {
            let text = format!("{lead}{piece}");
            forms.push(("base64", BASE64_STANDARD.encode(&text).into()));
            forms.push(("base64url", BASE64_URL_SAFE_NO_PAD.encode(&text).into()));
        }
        for (form, text) in forms {
            let shown = [b"before ", &text[..], b" after"].concat();
            assert_eq!(detector.leaks(&shown).len(), 1, "{name} as {form}");
        }
        // Seven characters are allowed, and another key is another key.
        assert_eq!(detector.leaks(&key.as_bytes()[..7]), []);
        let other = keysweep::placeholder::expand(&format!("{{{{{name}}}}}")).unwrap();
        if name != "custom-key" {
            // Those are made of the same words.
            assert_eq!(detector.leaks(other.as_bytes()), [], "{name}");
        }
    }
}

/// Everything that the library makes of the examples, with other keys in them:
/// facts, findings, gaps, reports, and the `Debug` of each.
#[test]
fn examples_of_every_rule() {
    let detector = detector();
    let rules = RuleSet::builtin();
    let mut planted = 0;
    for rule in rules.iter() {
        for (at, example) in rule.examples().unwrap().iter().enumerate() {
            let what = format!("example {at} of {}", rule.metadata().id);
            let (texts, found) = everything_about(example, &rules);
            planted += found;
            for text in texts {
                detector.assert_none(&what, text);
            }
        }
    }
    assert!(planted > 50, "only {planted} keys were found");
}

fn everything_about(example: &Example, rules: &RuleSet) -> (Vec<String>, usize) {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut policy_text = None;
    for file in &example.templates {
        let (path, text) = (plant(&file.path), plant(&file.text));
        if example.policy.is_some() && path == POLICY_PATH {
            policy_text = Some(text);
        } else {
            files.push((path, text.into_bytes()));
        }
    }
    let today = example.today.unwrap_or_default();
    let metadata: Vec<&Metadata> = rules.iter().map(|rule| rule.metadata()).collect();
    let mut texts = Vec::new();
    let policy =
        match policy_text.map(|text| Policy::from_text(POLICY_PATH, &text, today, metadata)) {
            None => Policy::default(),
            Some(Ok(policy)) => policy,
            Some(Err(error)) => panic!("{error:?}"),
        };
    texts.push(format!("{policy:?}"));
    let (facts, rest) = run::facts_of(&files, &policy).expect("random numbers");
    let (mut findings, gaps) = rules.evaluate(&facts);
    texts.push(format!("{facts:#?} {:?} {:?}", rest.gaps, rest.notices));
    // Before anything is suppressed, reasons are as the reader gave them.
    texts.push(format!("{:#?}", rest.ignores));
    let applied = suppress::apply(&policy, &rest.ignores, &mut findings);
    texts.push(format!("{applied:#?}"));
    let outcome = Outcome {
        findings,
        gaps: [gaps, rest.gaps].concat(),
        notices: [applied.notices, rest.notices].concat(),
        rules: rules.enabled(),
        not_evaluated: Vec::new(),
        evidence: None,
        coverage: rest.coverage,
        terms: Terms::default(),
        origin: Origin::default(),
    };
    texts.push(format!("{outcome:#?}"));
    for format in Format::value_variants() {
        for group in [Group::Rule, Group::Control] {
            let mut out = Vec::new();
            let style = Style {
                colour: *format == Format::Human,
                width: 90,
                group,
            };
            report::write(*format, &outcome, style, &mut out).expect("a vector takes it");
            texts.push(String::from_utf8(out).expect("a text"));
        }
    }
    let collection = run::collect_in_memory(&files, &policy).expect("random numbers");
    texts.push(format!("{:?}", collection.stores));
    texts.push(format!("{:?}", collection.decryption_keys));
    (texts, collection.occurrences.len())
}

/// Everything that the program writes about a tree: every format, into files
/// and on standard output, both streams, with and without suppression and
/// colour.
fn assert_silent(tree: &Tree, arguments: &[&str]) -> usize {
    let detector = detector();
    let formats = format_names();
    let out = tempfile::tempdir().expect("a temporary directory");
    let file = |format: &str| out.path().join(format);
    let mut first: Vec<String> = ["scan", "-vv", "--color", "always"].map(Into::into).into();
    for format in &formats {
        first.push(format!("--output={format}={}", file(format).display()));
    }
    first.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let second = [&["scan", "--format", "json"][..], arguments].concat();
    let third = [&second[..], &["-vv", "--no-suppress", "--strict"]].concat();
    let mut findings = 0;
    for arguments in [first, second, third] {
        let run = tree.run(&arguments);
        detector.assert_none("standard output", &run.stdout);
        detector.assert_none("standard error", &run.stderr);
        findings = findings.max(run.findings.len());
    }
    for format in formats {
        let text = std::fs::read(file(&format)).unwrap_or_default();
        detector.assert_none(&format, text);
    }
    findings
}

#[test]
fn a_tree_of_all_examples() {
    let mut tree = Tree::seeded(SEED);
    for rule in RuleSet::builtin().iter() {
        for (at, example) in rule.examples().unwrap().iter().enumerate() {
            for file in &example.templates {
                if file.path != POLICY_PATH {
                    let path = format!("{}-{at}/{}", rule.metadata().id, file.path);
                    tree = tree.file(&path, &file.text);
                }
            }
        }
    }
    assert!(assert_silent(&tree, &["."]) > 50);
}

#[test]
fn several_keys_on_one_line() {
    let tree = Tree::seeded(SEED)
        .file("a.txt", "a={{function-key}} b={{master-key}};{{system-key}},{{legacy-key}}|{{apim-identifiable-key}}\n")
        .file("b.sh", "curl -H 'x-functions-key: {{custom-key}}' -H 'Ocp-Apim-Subscription-Key: {{apim-key}}' 'https://a.azurewebsites.net/api/f?code={{custom-key:2}}' # {{custom-key}} {{legacy-key}} {{storage-key}}\n")
        .file("c.js", "const functionKey = '{{legacy-key:2}}'; const other = '{{legacy-key:3}}', third = \"{{storage-key}}\"; // {{function-key}}\n")
        .file("d.json", r#"{"functionKeys":{"{{function-key:2}}":"{{legacy-key:4}}"},"masterKey":{"name":"{{legacy-key:5}}","value":"{{custom-key:3}}"}}"#)
        .file("e.txt", "{{function-key}}{{function-key:2}} {{function-key|percent}}{{function-key|unpadded}} {{master-key|base64}}{{master-key|base64}} {{legacy-key|percent}}{{legacy-key}}\n")
        .file("f.txt", "{{function-key|broken}} {{function-key:2}} {{master-key|broken|base64}} {{legacy-key:6|broken}}\n");
    assert!(assert_silent(&tree, &["."]) >= 8);
}

#[test]
fn keys_in_names() {
    let text = "curl -H 'x-functions-key: {{function-key}}'\n";
    let mut tree = Tree::seeded(SEED);
    for (at, name) in SURE.iter().enumerate() {
        for number in 1..=3 {
            let key = format!("{{{{{name}:{number}}}}}");
            tree = tree
                .file(&format!("{at}{number}/{key}.sh"), text)
                .file(&format!("{at}{number}/dir{key}/package.json"), "{}")
                .file(&format!("{at}{number}/dir{key}/a.sh"), text)
                .file(&format!(".github/workflows/{key}.yml"), text)
                .file(&format!("zip/{key}.zip"), "PK");
        }
    }
    let findings = assert_silent(&tree, &["."]);
    assert!(findings > 40, "{findings}");
}

#[test]
fn a_key_in_the_host_and_beside_it() {
    let legacy = |number: u8| plant(&format!("{{{{legacy-key:{number}|unpadded}}}}"));
    let whole = (1..99).map(legacy).find(|key| !key.contains('/')).unwrap();
    let tree = Tree::seeded(SEED)
        .file("a.txt", "https://{{custom-key}}.azurewebsites.net/api/f?code={{custom-key}}\n")
        .file("b.txt", "https://{{function-key|unpadded}}.azurewebsites.net/api/{{function-key}}?code={{function-key}}\n")
        .file("c.txt", "https://x{{apim-key}}.azure-api.net/a?subscription-key={{apim-key}}\n")
        .file("d.http", "GET https://a.azurewebsites.net/api/{{custom-key:2}}\nx-functions-key: {{custom-key:2}}\n")
        .file("e.txt", &format!("https://{whole}.azurewebsites.net/api/f?code={{{{function-key:3}}}}\n"));
    assert!(assert_silent(&tree, &["."]) >= 4);
}

#[test]
fn broken_truncated_and_long() {
    let key = plant("{{function-key:5}}");
    let filler = "lorem ipsum, ".repeat(40_000);
    let tree = Tree::seeded(SEED)
        .file("a.txt", "code={{function-key|broken}}\nk = '{{master-key|broken}}'\n")
        .file("b.txt", &format!("k='{}' j='{}' l='{}'\n", &key[..40], &key[..50], &key[3..]))
        .file("c.js", &format!("f('{}'); g('{{{{function-key:6}}}}')\n", &key[..48]))
        .file("long.js", &format!("{{{{function-key}}}} {filler}'{{{{master-key}}}}'{filler}, x-functions-key: '{{{{custom-key}}}}' {filler}{{{{legacy-key}}}}"))
        .file("multi.md", "Schlüssel „{{function-key}}“ 😀{{master-key}}😀 ключ:{{system-key}}页 x-functions-key: \"{{legacy-key}}\"é\n")
        .bytes("latin.txt", &[b"\xfcber ", plant("{{function-key}}").as_bytes(), b" \xff\xfe"].concat());
    let on = tree.file("keysweep.toml", "[rules]\nKS1010 = 'on'\n");
    assert!(assert_silent(&on, &["."]) >= 6);
    let off = on.file("keysweep.toml", "[rules]\nKS1010 = 'off'\n");
    assert!(assert_silent(&off, &["."]) >= 4);
}

#[test]
fn wide_and_binary() {
    let text = plant(
        "Grüße\r\n$key = '{{function-key}}'; 'x-functions-key' = '{{custom-key}}'\r\nlegacy {{legacy-key}}\r\n",
    );
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let near = plant("{{function-key:2}} {{function-key:3|broken}} {{master-key}}");
    let near: Vec<u8> = near.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let zeros = [0, 1, 2, 0, 0, 0, 0, 9];
    let narrow = plant("{{function-key:4}}\0{{legacy-key:2}} {{master-key:2|broken}}");
    let binary = [&zeros[..], &near, &zeros, narrow.as_bytes(), &zeros].concat();
    let tree = Tree::seeded(SEED)
        .bytes("le.ps1", &[b"\xff\xfe", &le[..]].concat())
        .bytes("be.ps1", &[b"\xfe\xff", &be[..]].concat())
        .bytes("plain.ps1", &le)
        .bytes("a.dll", &binary);
    assert!(assert_silent(&tree, &["."]) >= 5);
}

#[test]
fn what_people_write_for_keysweep() {
    let tree = Tree::seeded(SEED)
        .file("a.sh", "curl -H 'x-functions-key: {{function-key}}' # {{keysweep}}: ignore[KS1003] {{function-key}} and {{legacy-key}} are old\n")
        .file("b.sh", "curl -H 'x-functions-key: {{custom-key}}' # {{keysweep}}: ignore[KS1005] {{custom-key}} is for tests\n")
        .file("c.sh", "# {{keysweep}}: ignore[{{function-key:2}}] a reason\n# {{keysweep}}: ignore {{function-key:2}}\n# {{keysweep}}: ignore[KS1003 {{master-key:2}}\n")
        .file("d.sh", "# {{keysweep}}: ignore[KS1003] code={{custom-key:2}} --key-value {{custom-key:3}}\necho\n")
        .file("e.txt", "acme_{{custom-key:4}} {{custom-key:4}} acme_{{apim-key:2}}\n")
        .file("pw/{{function-key:5}}/x.sh", "curl -H 'x-functions-key: {{function-key}}'\n")
        .file(".gitignore", "{{function-key:3}}\n[{{function-key:4}}\n{a{{master-key:4}}\n")
        .file("keysweep.toml", r#"
key-name-pattern = "{{function-key:6}}.*"
[environments]
production = ["{{function-key:7}}/**", "prod-{{legacy-key}}*"]
"{{function-key:8|unpadded}}" = ["**/e.txt"]
[key-readers]
allowed = ["{{function-key:6}}"]
[[pattern]]
id = "acme-{{system-key|unpadded}}"
description = "A key like {{function-key:5}} of Acme."
pattern = "acme_(?<secret>[A-Za-z0-9-]+)|{{master-key:6}}"
keywords = ["acme_", "{{master-key:6}}"]
[[exclude]]
path = "pw/{{function-key:5}}/**"
reason = "Has {{legacy-key:2}} in it."
[[exempt]]
rule = "KS1003"
path = "none/{{function-key:5}}/**"
reason = "Has {{legacy-key:2}} in it, and {{system-key:2}}."
owner = "{{system-key:3}}"
until = 2020-01-01
[[exempt]]
rule = "KS1003"
resource = "/subscriptions/{{function-key:5}}/**"
reason = "code={{custom-key:5}} is in it."
owner = "{{legacy-key:4}}"
until = 2999-01-01
[[accept-gap]]
path = "none/{{function-key:5}}"
reason = "Has {{legacy-key:2}} in it, and {{system-key:2}}."
until = 2999-01-01
[[app]]
name = "app-{{function-key:5|unpadded}}"
environment = "{{system-key:4|unpadded}}"
[[caller]]
name = "web {{function-key:5}}"
owner = "{{legacy-key:5}}"
contact = "{{master-key:5}}"
emergency = "x-functions-key: {{custom-key:5}}"
app = "orders-{{system-key:5|unpadded}}"
slot = "{{system-key:6|unpadded}}"
function = "{{system-key:7|unpadded}}"
key = "default"
stored-in = "https://kv.vault.azure.net/?code={{custom-key:6}}"
test = "curl -H 'x-functions-key: {{custom-key:7}}' https://a"
replaces = "old"
environment = "{{system-key:8|unpadded}}"
paths = ["{{function-key:5}}/**"]
"#);
    let findings = assert_silent(&tree, &["."]);
    assert!(findings >= 3, "{:#?}", tree.scan());
}

/// A policy that cannot be used, the culprit right beside a key, or a key
/// itself.
#[test]
fn broken_policies() {
    let detector = detector();
    let rules = RuleSet::builtin();
    for broken in [
        "{{function-key}}",
        "a = {{function-key}}",
        "\"{{legacy-key}}\" = 1\n\"{{legacy-key}}\" = 2",
        "extends = \"{{function-key}}.toml\"",
        "extends = \"{{legacy-key}}\"",
        "locked = [\"{{master-key}}\"]",
        "[{{function-key}}]\nx = 1",
        "[rules]\n{{function-key|unpadded}} = 'on'",
        "[rules]\nKS1003 = '{{legacy-key}}'",
        "[max-age]\nmaster = '{{master-key}}'",
        "[max-age]\n{{system-key|unpadded}} = 3",
        "key-name-pattern = '({{function-key}}'",
        "key-name-pattern = '{{legacy-key}}(?<a'",
        "[environments]\n\"{{legacy-key}}\" = 3",
        "[environments]\n\"{{legacy-key}}\" = ['a']",
        "[environments]\nprod = ['{a,{{function-key}}']",
        "[[exempt]]\nrule = '{{function-key}}'",
        "[[exempt]]\nrule = 'KS1003'\npath = '[{{legacy-key}}'\nreason = 'r'\nowner = 'o'\nuntil = 2030-01-01",
        "[[exempt]]\nrule = 'KS1003'\npath = 'a'\nreason = '{{legacy-key}}'\nowner = '{{function-key}}'\nuntil = '{{master-key}}'",
        "[[exempt]]\nrule = 'KS1003'\npath = 'a'\nresource = '{{legacy-key}}'",
        "[[caller]]\nname = 'a'\nkey = '{{legacy-key}}'",
        "[[caller]]\nname = 'a'\nkey = '{{function-key}}'",
        "[[caller]]\nname = 'a'\napp = 'a.{{function-key}}'",
        "[[caller]]\nname = 'a'\nfunction = '{{legacy-key}}'",
        "[[caller]]\nname = 'a'\nkind = '{{legacy-key}}'",
        "[[caller]]\nname = 'a'\nrotated = '{{legacy-key}}'",
        "[[caller]]\nname = 'a' # x-functions-key: {{custom-key}}\nno-field = '?code={{custom-key:2}}'",
        "[[caller]]\nname = 'a'\n{{legacy-key}} = 1",
        "[[caller]]\nname = 'a'\n'{{legacy-key}}' = 1",
        "[[pattern]]\nid = 'a b {{legacy-key}}'",
        "[[pattern]]\nid = 'a'\ndescription = 'd'\nkeywords = ['{{legacy-key}}\\n']\npattern = '(?<secret>{{legacy-key}}'",
        "[[pattern]]\nid = 'a'\ndescription = 'd'\nkeywords = ['abc']\npattern = '{{function-key}}(?P<{{master-key}}>a)'",
        "[[accept-gap]]\npath = '{{function-key}}'\nreason = '{{master-key}}'",
        "name = 'unclosed {{function-key}}",
        "name = \"{{function-key}}\\q\"",
        "name = \"\"\"{{function-key}}\n{{legacy-key}}\n{{master-key}}",
        "key-readers = { max = {{legacy-key}} }",
    ] {
        let text = plant(broken);
        let metadata: Vec<&Metadata> = rules.iter().map(|rule| rule.metadata()).collect();
        let today = jiff::civil::date(2025, 3, 4);
        let error = Policy::from_text("keysweep.toml", &text, today, metadata)
            .err()
            .unwrap_or_else(|| panic!("this policy holds: {broken}"));
        let said = format!("{error} {error:?} {error:#?} {:?}", error.problem());
        detector.assert_none(broken, said);
        let tree = Tree::seeded(SEED)
            .file("keysweep.toml", broken)
            .file("a", "a");
        for colour in ["always", "never"] {
            let run = tree.run(&["scan", "-vv", "--color", colour]).ends(2);
            detector.assert_none(broken, run.stdout);
            detector.assert_none(broken, run.stderr);
        }
    }
}

/// The same for rules.
#[test]
fn broken_rules() {
    let detector = detector();
    let good = r#"
id = "ACME001"
name = "AcmeKey"
severity = "high"
on = "occurrence"
when = "occurrence.kind == 'master'"
summary = "A key."
message = "A key."
[help]
why = "It matters."
fix = "Rotate it."
links = []
[[bad]]
path = "a.env"
text = "KEY={{master-key}}"
at = "a.env:1"
[[good]]
path = "a.env"
text = "KEY="
"#;
    for (from, to) in [
        ("\"ACME001\"", "\"{{function-key:2}}\""),
        ("\"ACME001\"", "{{function-key:2}}"),
        ("\"ACME001\"", "\"{{legacy-key}}\""),
        ("\"AcmeKey\"", "\"{{legacy-key}}\""),
        ("\"high\"", "\"{{legacy-key}}\""),
        ("\"occurrence\"", "\"{{legacy-key}}\""),
        ("'master'", "'{{legacy-key}}'"),
        ("'master'", "'{{function-key}}"),
        (
            "'master'",
            "'master' && occurrence.{{function-key|unpadded}}",
        ),
        (
            "'master'",
            "'master' && '{{function-key}}'.matches('({{legacy-key}}')",
        ),
        ("occurrence.kind", "{{master-key}}"),
        ("\"A key.\"", "\"{{legacy-key}}\""),
        ("message = \"A key.\"", "message = \"{x{{legacy-key}}}.\""),
        (
            "message = \"A key.\"",
            "message = \"{occurrence.{{legacy-key}}}.\"",
        ),
        ("\"It matters.\"", "\"{{function-key}} \\q\""),
        ("why =", "\"{{legacy-key}}\" ="),
        ("[help]", "[{{legacy-key}}]"),
        ("[help]", "\"{{legacy-key}}\" = '{{function-key}}'\n[help]"),
        ("a.env:1", "{{function-key}}:1"),
        ("a.env:1", "a.env:{{legacy-key}}"),
        (
            "path = \"a.env\"\ntext = \"KEY={",
            "path = \"../{{function-key}}\"\ntext = \"KEY={",
        ),
        (
            "path = \"a.env\"\ntext = \"KEY={",
            "path = \"{{legacy-key}}\"\ntext = \"KEY={",
        ),
        (
            "\"KEY={{master-key}}\"",
            "\"x-functions-key: {{custom-key}} {{master-kye}}\"",
        ),
        (
            "\"KEY={{master-key}}\"",
            "\"{{legacy-key}} {{master-key|nothing}}\"",
        ),
        ("\"KEY=\"", "\"{{master-key:2}}\""),
        ("\"KEY=\"", "\"KEY=\"\nothers = [\"{{legacy-key}}\"]"),
        ("\"KEY=\"", "\"KEY=\"\ntoday = \"{{legacy-key}}\""),
        ("\"KEY=\"", "\"KEY=\"\npolicy = \"{{legacy-key}} = 1\""),
        ("[[good]]", "[[good]]\n{{function-key}}"),
        ("[[good]]", "{{legacy-key}}[[good]]"),
    ] {
        let broken = good.replacen(from, to, 1);
        assert_ne!(broken, good);
        // Here a placeholder has to become a key in the rule itself, save
        // where a slip of one is the error.
        let text = broken
            .replace("{{master-kye}}", "\0kye")
            .replace("{{master-key|nothing}}", "\0not");
        let text = plant(&text)
            .replace("\0kye", "{{master-kye}}")
            .replace("\0not", "{{master-key|nothing}}");
        let directory = "rules/{{function-key:3}}";
        let tree = Tree::seeded(SEED)
            .bytes(
                &format!("{directory}/{{{{legacy-key:3}}}}.toml"),
                text.as_bytes(),
            )
            .bytes(&format!("{directory}/a.toml"), text.as_bytes());
        if let Err(error) = RuleSet::load_dir(&tree.at(directory)) {
            detector.assert_none(to, format!("{error} {error:?} {error:#?}"));
            for problem in &error.problems {
                detector.assert_none(to, problem.advice().unwrap_or_default());
                detector.assert_none(to, problem.culprit().unwrap_or_default());
            }
        }
        let run = tree.run(&["rules", "check", directory, "-vv"]).ends(2);
        detector.assert_none(to, run.stdout);
        detector.assert_none(to, run.stderr);
    }
}

/// Keys where an argument belongs.
#[test]
fn arguments() {
    let detector = detector();
    let tree = Tree::seeded(SEED).file("a.txt", "a").file("a.toml", "");
    for name in [
        "function-key",
        "master-key",
        "legacy-key",
        "legacy-key:2",
        "apim-identifiable-key",
    ] {
        let key = &*format!("{{{{{name}}}}}");
        let output = &*format!("json=none/{key}/x.json");
        let format = &*format!("{key}=x.json");
        let flag = &*format!("--{key}");
        let value = &*format!("--color={key}");
        let long = &*"a/".repeat(30);
        let deep = &*format!("{long}{key}/{long}");
        for arguments in [
            &[key][..],
            &["scan", key],
            &["scan", "-vv", deep],
            &["scan", flag],
            &["scan", "--key-value", key],
            &["scan", "--format", key],
            &["scan", "--fail-on", key],
            &["scan", "--config", key],
            &["scan", "--config", deep],
            &["scan", "--rules", key],
            &["scan", "--baseline", key],
            &["scan", "--output", key],
            &["scan", "--output", output],
            &["scan", "--output", format],
            &["scan", "--stdin-name", key, "-"],
            &["scan", value],
            &["-q", "-v", key],
            &["rules", key],
            &["rules", "explain", key],
            &["rules", "check", key],
            &["rules", "list", "--rules", key],
            &["init", key],
            &["init", deep],
            &["completions", key],
            &["demo", "a.txt", key],
        ] {
            let run = tree.run(arguments);
            let what = format!("{arguments:?}");
            // As if a wall of a box were not there: what is broken into lines
            // is still read.
            let joined: String = run
                .stderr
                .chars()
                .filter(|c| !c.is_whitespace() && *c != '│')
                .collect();
            detector.assert_none(&what, run.stdout);
            detector.assert_none(&what, run.stderr);
            detector.assert_none(&what, joined);
        }
    }
    // An environment with a key in it, and a working directory named so.
    let tree = Tree::seeded(SEED)
        .file("{{function-key}}/a.txt", "{{function-key}}")
        .file("{{function-key}}/keysweep.toml", "a = 1")
        .env("KEYSWEEP_FINGERPRINT_KEY", &plant("{{custom-key}}"));
    for arguments in [
        &["scan", "-vv"][..],
        &["scan", "-vv", "--config", "../none.toml"],
    ] {
        let mut command = tree.command(arguments);
        let output = command
            .current_dir(tree.at("{{function-key}}"))
            .output()
            .unwrap();
        detector.assert_none("a directory", output.stdout);
        detector.assert_none("a directory", output.stderr);
    }
}

/// A report of an earlier run is a file like any other.
#[test]
fn baselines() {
    let detector = detector();
    for broken in [
        "{{legacy-key}}",
        "{\"{{legacy-key}}\": {{function-key}}",
        "{\"version\": \"{{legacy-key}}\"}",
        "{\"version\": 1, \"findings\": [{\"ruleId\": \"{{legacy-key}}\", \"stableId\": {{legacy-key:2}}",
        "{\"version\": 1, \"findings\": [{\"ruleId\": {\"{{legacy-key}}\": 1}}]}",
        "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"{{legacy-key}}\"}}}]}",
    ] {
        let name = "{{master-key}}.json";
        let tree = Tree::seeded(SEED)
            .file(name, broken)
            .file("a.sh", "code={{function-key}}\n");
        let run = tree.run(&["scan", "-vv", "--baseline", name]).ends(2);
        detector.assert_none(broken, run.stdout);
        detector.assert_none(broken, run.stderr);
    }
    let tree = Tree::seeded(SEED)
        .file("a.sh", "x-functions-key: {{function-key}}\n")
        .file("{{master-key}}.json", r#"{"version": 1, "tool": {"name": "keysweep", "version": "0.1.0"}, "findings": [
            {"ruleId": "KS1003", "stableId": "{{legacy-key}}", "location": {"in": "file", "path": "a/{{legacy-key}}.sh", "start": {"line": 1, "column": 1}}, "message": "{{legacy-key}}", "suppressed": null}]}"#);
    assert_silent(&tree, &[".", "--baseline", "{{master-key}}.json"]);
}

/// What a CI system says of a run is somebody's text too.
#[test]
fn what_the_environment_says() {
    let tree = Tree::seeded(SEED)
        .file(
            "{{function-key}}/a.sh",
            "x-functions-key: {{function-key}}\n",
        )
        .env("TF_BUILD", "True")
        .env(
            "SYSTEM_COLLECTIONURI",
            &plant("https://dev.azure.com/{{function-key:2|unpadded}}/"),
        )
        .env(
            "SYSTEM_TEAMPROJECTID",
            "11111111-2222-4333-8444-555555555555",
        )
        .env("SYSTEM_PHASEID", "11111111-2222-4333-8444-555555555555")
        .env("SYSTEM_PHASENAME", &plant("{{function-key:3}}"))
        .env("BUILD_DEFINITIONID", "3")
        .env("BUILD_BUILDID", "4")
        .env("BUILD_DEFINITIONNAME", &plant("{{function-key:4}}"))
        .env("BUILD_SOURCEBRANCH", &plant("refs/heads/{{legacy-key}}"));
    let detector = detector();
    for format in format_names() {
        let mut command = tree.command(&["scan", "--format", &format]);
        let output = command
            .current_dir(tree.at("{{function-key}}"))
            .output()
            .unwrap();
        detector.assert_none(&format, output.stdout);
        detector.assert_none(&format, output.stderr);
    }
}

/// What git knows: names of branches, of files in the index and in commits.
#[test]
fn changes() {
    let tree = Tree::seeded(SEED)
        .file("{{master-key}}/keysweep.toml", "[rules]\n")
        .file("a.txt", "a\n")
        .repository(&["."]);
    tree.git(".", &["commit", "-q", "-m", "one"]);
    let branch = &*tree.expand("{{function-key:2|unpadded}}");
    tree.git(".", &["branch", branch]);
    let tree = tree
        .file("{{function-key}}/a.sh", "x-functions-key: {{function-key}}\n")
        .file("b.sh", "x-functions-key: {{legacy-key}} # {{keysweep}}: ignore[KS1003] {{legacy-key}} {{function-key}}\n")
        .file("{{legacy-key:2}}.sh", "x-functions-key: {{custom-key}}\n");
    tree.git(".", &["add", "."]);
    assert!(assert_silent(&tree, &["--staged"]) >= 1);
    assert!(assert_silent(&tree, &["--staged", "--policy-from", branch]) >= 1);
    tree.git(".", &["commit", "-q", "-m", "two"]);
    assert!(assert_silent(&tree, &["--since", branch]) >= 1);
    // What only the history has: a message, a tag, a note, a file that is gone.
    tree.git(
        ".",
        &[
            "tag",
            "-a",
            "-m",
            &plant("{{function-key:6}}"),
            &plant("{{function-key:7|unpadded}}"),
        ],
    );
    tree.git(".", &["notes", "add", "-m", &plant("{{system-key}}")]);
    tree.git(".", &["rm", "-q", "-r", "--cached", "."]);
    tree.git(
        ".",
        &[
            "commit",
            "-q",
            "-m",
            &plant("{{function-key:8}} {{legacy-key}}"),
        ],
    );
    assert!(assert_silent(&tree, &["--history"]) >= 4);
    assert!(assert_silent(&tree, &["--history", "--unreachable", "{{function-key}}"]) >= 1);
    let detector = detector();
    for arguments in [
        &["--since", "{{function-key:3}}"][..],
        &["--since", "{{legacy-key:3}}"],
        &["--policy-from", "{{legacy-key:3}}"],
        &[
            "--policy-from",
            branch,
            "--config",
            "{{function-key:4}}.toml",
        ],
        &[
            "--policy-from",
            branch,
            "--config",
            "../{{legacy-key:3}}.toml",
        ],
        &["--policy-from", branch, "--config", "{{master-key}}"],
        &["--policy-from", branch, "--rules", "{{legacy-key:3}}"],
        &["--staged", "{{function-key:5}}"],
        &["--staged", "../{{function-key:5}}"],
        &["--staged", "--since", "{{function-key:3}}"],
        &["--history", "{{function-key:3}}"],
        &["--history", "--since", "{{function-key:3}}"],
    ] {
        let run = tree.run(&[&["scan", "-vv"], arguments].concat());
        detector.assert_none(&format!("{arguments:?}"), run.stdout);
        detector.assert_none(&format!("{arguments:?}"), run.stderr);
    }
}

#[test]
fn a_demo_in_a_directory_named_so() {
    let tree = Tree::seeded(SEED).file("{{function-key}}/full.txt", "{{master-key}}");
    let detector = detector();
    for directory in ["{{function-key}}", "{{function-key:2}}", "{{legacy-key}}"] {
        let run = tree.run(&["demo", directory, "-vv"]);
        detector.assert_none(directory, run.stdout);
        detector.assert_none(directory, run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn what_could_not_be_read() {
    use std::os::unix::fs::symlink;
    let tree = Tree::seeded(SEED).file("a.sh", "x-functions-key: {{function-key}}\n");
    for name in SURE {
        for (number, suffix) in [(1, ".sock"), (2, ".fifo"), (3, ".link")] {
            let path = tree.at(&format!("{{{{{name}:{number}}}}}{suffix}"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match suffix {
                ".sock" => drop(std::os::unix::net::UnixListener::bind(&path)),
                ".fifo" => {
                    let made = std::process::Command::new("mkfifo").arg(&path).status();
                    assert!(made.unwrap().success());
                }
                _ => symlink(tree.path(), &path).unwrap(),
            }
        }
    }
    let gap = tree.scan().ends(2);
    assert!(gap.gaps().len() >= 3, "{:?}", gap.gaps());
    assert!(assert_silent(&tree, &["."]) >= 1);
    // git, asked about a repository that it will not read.
    let tree = Tree::seeded(SEED)
        .file("{{function-key}}/a.txt", "a")
        .file("{{function-key}}/.git/config", "{{master-key}}");
    assert_silent(&tree, &["{{function-key}}"]);
}

/// What a panic carries may be what was read.
#[test]
fn panics() {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "panics_with_a_key", "--ignored", "--nocapture"])
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    assert!(child.status.success());
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(said.contains("internal error at tests/leak.rs:"), "{said}");
    detector().assert_none("a panic", child.stderr);
    detector().assert_none("a panic", child.stdout);
}

#[test]
#[ignore = "started by the test `panics`, in a process of its own"]
fn panics_with_a_key() {
    run::guard_panics();
    let panicked = std::thread::spawn(|| panic!("{}", plant("{{master-key}}"))).join();
    assert!(panicked.is_err());
}
