//! Documents that are held in memory, through the same readers: the examples of
//! rules, and tests.

use crate::collect::{Collection, Collector};
use crate::fact::Fact;
use crate::policy::Policy;
use crate::read::text::{Scratch, TextReader};
use crate::secret::Fingerprinter;
use crate::source::{Document, Sink};

/// Everything that the documents hold; their paths are relative.
///
/// # Errors
/// When the operating system has no random numbers to give.
pub fn collect_in_memory(
    files: &[(String, Vec<u8>)],
    policy: &Policy,
) -> Result<Collection, getrandom::Error> {
    let reader = TextReader::new(
        policy,
        vec![String::new()],
        Box::new(files.to_vec()),
        Fingerprinter::for_this_run()?,
    );
    let collector = Collector::new(&reader);
    let mut scratch = Scratch::default();
    for (path, text) in files {
        let document = Document::held(path.clone(), text.clone());
        collector.document(document, &mut scratch);
    }
    Ok(collector.finish())
}

/// The facts of the documents and of the policy, joins included.
///
/// # Errors
/// As for [`collect_in_memory`].
pub fn facts_of(
    files: &[(String, Vec<u8>)],
    policy: &Policy,
) -> Result<(Vec<Fact>, Collection), getrandom::Error> {
    let mut collection = collect_in_memory(files, policy)?;
    let mut rest = Collection {
        gaps: std::mem::take(&mut collection.gaps),
        ignores: std::mem::take(&mut collection.ignores),
        notices: std::mem::take(&mut collection.notices),
        ..Collection::default()
    };
    let mut found = super::scan::facts(collection, policy, &files.to_vec());
    found.facts.extend(policy.facts());
    rest.gaps.extend(found.gaps);
    rest.notices.extend(found.notices);
    Ok((found.facts, rest))
}
