//! What is said of policies, rules and arguments that are broken.

use super::*;

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
