//! Findings as they are kept until the report is written.
//!
//! A tenant of ten thousand apps has some fifty thousand, and what they say
//! (the places, the steps, the same sentences with other names in them) is
//! several times what the inventory says. Compressed, and each beside another
//! one of its rule, it is a tenth of that.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Finding, Properties};
use crate::fact::Related;
use crate::location::{Location, ResourcePlace};
use crate::rotation::Step;

/// As far back as the compression looks.
const WINDOW: usize = 32 * 1024;

/// Compresses findings.
pub struct Packer {
    deflate: Compress,
    /// What the first finding of each rule says: the others say much the same.
    first: BTreeMap<SmolStr, Arc<[u8]>>,
}

/// What a finding says, compressed.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    bytes: Box<[u8]>,
    /// How many bytes it was.
    len: usize,
    like: Arc<[u8]>,
}

/// What is compressed of a finding.
#[derive(Serialize, Deserialize)]
struct Texts(String, Vec<Place>, Properties, Vec<Step>);

/// A place that belongs to a finding: the id, the property, the message.
#[derive(Serialize, Deserialize)]
struct Place(String, Option<String>, String);

impl Default for Packer {
    fn default() -> Self {
        Self {
            deflate: Compress::new(Compression::default(), false),
            first: BTreeMap::new(),
        }
    }
}

impl Packer {
    /// Compresses what a finding says. The message, the related places, the
    /// properties and the steps are empty then, and [`Finding::unpacked`] has
    /// them; what findings are counted, sorted and put together by stays.
    ///
    /// One that names places in files stays as it is: of those there are never
    /// so many.
    pub fn pack(&mut self, finding: &mut Finding) {
        if finding.packed.is_some() || !finding.related.iter().all(is_resource) {
            return;
        }
        let place = |related: Related| match related.location {
            Location::Resource(place) => Some(Place(place.id, place.property, related.message)),
            Location::File(_) => None,
        };
        let related = std::mem::take(&mut finding.related);
        let texts = Texts(
            std::mem::take(&mut finding.message),
            related.into_iter().filter_map(place).collect(),
            std::mem::take(&mut finding.properties),
            std::mem::take(&mut finding.steps),
        );
        let text = serde_json::to_vec(&texts).expect("texts, numbers and lists are JSON");
        let like = self.first.entry(finding.rule.clone());
        let like = like.or_insert_with(|| text[..text.len().min(WINDOW)].into());
        finding.packed = Some(Packed::of(&text, like, &mut self.deflate));
    }
}

impl Packed {
    fn of(text: &[u8], like: &Arc<[u8]>, deflate: &mut Compress) -> Self {
        deflate.reset();
        let told = deflate.set_dictionary(like);
        // What cannot be compressed grows by a few bytes for each block.
        let mut bytes = Vec::with_capacity(text.len() + text.len() / 100 + 64);
        let done = told.and_then(|_| deflate.compress_vec(text, &mut bytes, FlushCompress::Finish));
        done.expect("memory takes everything");
        Self {
            bytes: bytes.into_boxed_slice(),
            len: text.len(),
            like: Arc::clone(like),
        }
    }

    fn texts(&self) -> Texts {
        let mut inflate = Decompress::new(false);
        let told = inflate.set_dictionary(&self.like);
        let mut text = Vec::with_capacity(self.len);
        told.and_then(|_| inflate.decompress_vec(&self.bytes, &mut text, FlushDecompress::Finish))
            .expect("it is what was written above");
        serde_json::from_slice(&text).expect("it is what was written above")
    }
}

impl Finding {
    /// The finding with all that it says, if it was packed.
    #[must_use]
    pub fn unpacked(&self) -> Cow<'_, Self> {
        let Some(packed) = &self.packed else {
            return Cow::Borrowed(self);
        };
        let Texts(message, places, properties, steps) = packed.texts();
        let related = |Place(id, property, message)| Related {
            location: Location::Resource(ResourcePlace { id, property }),
            message,
        };
        Cow::Owned(Self {
            message,
            related: places.into_iter().map(related).collect(),
            properties,
            steps,
            packed: None,
            ..self.bare()
        })
    }

    /// Everything else.
    fn bare(&self) -> Self {
        Self {
            excerpt: self.excerpt.clone(),
            stable_id: self.stable_id.clone(),
            group: self.group.clone(),
            suppressed: self.suppressed.clone(),
            fix: self.fix.clone(),
            baseline: self.baseline,
            ..Self::new(&*self.rule, self.severity, self.location.clone())
        }
    }
}

fn is_resource(related: &Related) -> bool {
    matches!(related.location, Location::Resource(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::location::FilePlace;
    use serde_json::json;

    fn place(id: &str, property: Option<&str>) -> Location {
        Location::Resource(ResourcePlace {
            id: id.to_owned(),
            property: property.map(ToOwned::to_owned),
        })
    }

    fn related(location: Location) -> Related {
        Related {
            location,
            message: "It has the same value.".to_owned(),
        }
    }

    #[test]
    fn says_the_same_afterwards() {
        let id = "/subscriptions/s/sites/größe";
        let mut finding = Finding::new("KS4001", Severity::High, place(id, None));
        finding.message = "Its keys are old.".to_owned();
        finding.related = vec![related(place(id, Some("KEY"))); 50];
        finding.properties = [("days".into(), json!(90)), ("app".into(), json!("a"))].into();
        finding.steps = vec![Step {
            text: "Renew it.".to_owned(),
            commands: vec!["az".to_owned()],
        }];
        let before = format!("{finding:?}");
        let mut packer = Packer::default();
        packer.pack(&mut finding);
        assert!(finding.message.is_empty() && finding.related.is_empty());
        let after = finding.unpacked();
        assert_eq!(format!("{after:?}"), before);
        assert_eq!(after.sort_key(), finding.sort_key());
        // A second time changes nothing.
        let mut twice = finding.clone();
        packer.pack(&mut twice);
        assert_eq!(format!("{:?}", twice.unpacked()), before);
    }

    #[test]
    fn places_in_files_are_left_alone() {
        let file = Location::File(Box::new(FilePlace::in_text("a.py", b"x = 1", 0..1)));
        let mut finding = Finding::new("KS1003", Severity::High, file.clone());
        finding.related = vec![related(file)];
        let before = format!("{finding:?}");
        Packer::default().pack(&mut finding);
        assert_eq!(format!("{finding:?}"), before);
    }
}
