//! Writes the documents of the rules' examples as the corpus of the target
//! `scan`: the path, a line break, the text with its placeholders.

use std::fs;
use std::path::Path;

use keysweep::rule::RuleSet;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/scan");
    fs::create_dir_all(&corpus)?;
    for rule in RuleSet::builtin().iter() {
        let id = &rule.metadata().id;
        let examples = rule.examples().expect("the tests read them");
        let files = examples.iter().flat_map(|example| &example.templates);
        for (at, file) in files.enumerate() {
            let seed = format!("{}\n{}", file.path, file.text);
            fs::write(corpus.join(format!("{id}-{at}")), seed)?;
        }
    }
    Ok(())
}
