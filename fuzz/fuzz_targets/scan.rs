//! Any bytes under any path, through everything that reads a document: no
//! panic, no place outside of it, and no piece of a known key in what is shown.
//!
//! The first line is the path. Placeholders in the rest become keys: a fuzzer
//! cannot guess a checksum, but it can move a name in braces about, and so puts
//! keys into every neighbourhood. Those are the keys that must not be seen
//! again; their formats give them away wherever they stand.

#![no_main]

use std::sync::LazyLock;

use keysweep::collect::Collection;
use keysweep::fix::apply;
use keysweep::gap::GapReason;
use keysweep::location::Location;
use keysweep::placeholder::expand_from;
use keysweep::policy::Policy;
use keysweep::read::structured::Structures;
use keysweep::rule::RuleSet;
use keysweep::run::collect_in_memory;
use libfuzzer_sys::fuzz_target;

/// Characters of a key that must not be seen together.
const WINDOW: usize = 8;

static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
    [
        "function-key",
        "master-key",
        "system-key",
        "apim-identifiable-key",
    ]
    .iter()
    .flat_map(|name| (1..4).map(move |number| format!("{{{{{name}:{number}}}}}")))
    .map(|template| expand_from("fuzz", &template).expect("a known placeholder"))
    .collect()
});

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let text = "[[pattern]]\nid = 'acme'\ndescription = 'd'\n\
        pattern = 'acme_(?<secret>[A-Za-z0-9]{4,40})'\nkeywords = ['acme_']\n";
    let rules = RuleSet::builtin();
    let metadata: Vec<_> = rules.iter().map(|rule| rule.metadata()).collect();
    Policy::from_text("keysweep.toml", text, Default::default(), metadata).expect("a policy")
});

fuzz_target!(|data: &[u8]| {
    let (path, text) = data.split_at(data.iter().position(|b| *b == b'\n').unwrap_or(0));
    let path = String::from_utf8_lossy(path).replace('\0', "");
    let text = match std::str::from_utf8(text) {
        Ok(text) => match expand_from("fuzz", text) {
            Ok(expanded) => expanded.into_bytes(),
            Err(_) => return,
        },
        Err(_) => text.to_vec(),
    };
    let files = [(path, text)];
    let mut found = collect_in_memory(&files, &POLICY).expect("random numbers");
    let structures = std::mem::take(&mut found.structures);
    check(&found, &files[0].1, data);
    follow(structures, &files);
});

/// Pipelines, templates and code are followed to their facts; what would mend
/// them is put into the text.
fn follow(structures: Structures, files: &[(String, Vec<u8>); 1]) {
    let found = structures.facts(&POLICY, &files.to_vec());
    assert!(found.gaps.is_empty(), "a reader has panicked");
    let Ok(text) = std::str::from_utf8(&files[0].1) else {
        return;
    };
    let fixes = found.facts.iter().filter_map(|fact| fact.record().fix());
    let fixed = apply(
        text.trim_start_matches('\u{feff}'),
        &fixes.collect::<Vec<_>>(),
    );
    assert!(fixed.text.len() <= 2 * text.len() + (1 << 20));
}

/// `data` is what the fuzzer wrote: a piece of a key that it has learnt to write
/// by itself, into a path for example, is text like any other.
fn check(found: &Collection, text: &[u8], data: &[u8]) {
    assert!(
        found
            .gaps
            .iter()
            .all(|gap| gap.reason != GapReason::Internal),
        "a reader has panicked"
    );
    let lines = 1 + text.iter().filter(|byte| **byte == b'\n').count() as u64;
    let mut shown = String::new();
    for occurrence in &found.occurrences {
        let Location::File(place) = &occurrence.location else {
            panic!("a key outside of files");
        };
        let (start, end) = (place.start, place.end);
        assert!((1..=lines).contains(&start.line) && end.line <= lines.max(start.line));
        assert!((start.line, start.column) < (end.line, end.column));
        assert!(start.column >= 1 && place.offset < 2 * text.len() as u64);
        let excerpt = occurrence.excerpt.as_ref().expect("an excerpt");
        let key = &excerpt.text()[excerpt.highlight()];
        assert!(!key.is_empty() && key.bytes().all(|byte| byte == b'*'));
        shown += &format!("{occurrence:?}\n{}\n", excerpt.text());
    }
    shown += &format!(
        "{:?} {:?} {:?}",
        found.stores, found.decryption_keys, found.ignores
    );
    shown += &format!("{:?} {:?}", found.gaps, found.notices);
    let shown = shown.as_bytes();
    for key in KEYS.iter() {
        for piece in key.trim_end_matches('=').as_bytes().windows(WINDOW) {
            assert!(
                !contains(shown, piece) || contains(data, piece),
                "a piece of a key is shown"
            );
        }
    }
}

fn contains(text: &[u8], piece: &[u8]) -> bool {
    text.windows(piece.len()).any(|window| window == piece)
}
