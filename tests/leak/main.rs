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

mod changes;
mod documents;
mod errors;
#[path = "../harness/mod.rs"]
mod harness;
mod tenant;

use clap::ValueEnum;
use harness::Tree;
use harness::detector::Detector;
use keysweep::outcome::Outcome;
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
        let id = &rule.metadata().id;
        let mut all = Outcome {
            rules: rules.enabled(),
            ..Outcome::default()
        };
        for (at, example) in rule.examples().unwrap().iter().enumerate() {
            let (texts, found) = everything_about(example, &rules, &mut all);
            planted += found;
            for text in texts {
                detector.assert_none(&format!("example {at} of {id}"), text);
            }
        }
        for text in reports(&all) {
            detector.assert_none(&format!("a report on the examples of {id}"), text);
        }
    }
    assert!(planted > 50, "only {planted} keys were found");
}

/// Reads an example and judges it; the outcome is added to those of others.
fn everything_about(example: &Example, rules: &RuleSet, all: &mut Outcome) -> (Vec<String>, usize) {
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
    all.findings.extend(findings);
    all.gaps.extend([gaps, rest.gaps].concat());
    all.notices.extend([applied.notices, rest.notices].concat());
    let collection = run::collect_in_memory(&files, &policy).expect("random numbers");
    texts.push(format!("{:?}", collection.stores));
    texts.push(format!("{:?}", collection.decryption_keys));
    (texts, collection.occurrences.len())
}

fn reports(outcome: &Outcome) -> Vec<String> {
    let mut texts = vec![format!("{outcome:#?}")];
    for format in Format::value_variants() {
        for group in [Group::Rule, Group::Control] {
            let mut out = Vec::new();
            let style = Style {
                colour: *format == Format::Human,
                width: 90,
                group,
            };
            report::write(*format, outcome, style, &mut out).expect("a vector takes it");
            texts.push(String::from_utf8(out).expect("a text"));
        }
    }
    texts
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
    assert!(
        said.contains("internal error at tests/leak/main.rs:"),
        "{said}"
    );
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
