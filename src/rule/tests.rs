//! Rules as a whole: the built-in ones, an organisation's own, and what they
//! say about facts.

mod builtin;
mod evaluate;
mod examples;
mod load;

use crate::excerpt::Excerpt;
use crate::fact::*;
use crate::key::KeyKind;
use crate::location::{FilePlace, Location, Position};
use crate::secret::{Fingerprint, Fingerprinter, Secret};

fn at(path: &str, line: u64) -> Location {
    let position = |column| Position { line, column };
    Location::File(Box::new(FilePlace {
        path: path.to_owned(),
        start: position(5),
        end: position(9),
        offset: 0,
        line_hash: None,
        revision: None,
    }))
}

fn fingerprint(value: &str) -> Fingerprint {
    let value = Secret::from(value.as_bytes());
    Fingerprinter::for_this_run().unwrap().random(&value)
}

fn occurrence(path: &str, line: u64) -> KeyOccurrence {
    KeyOccurrence {
        service: Service::Functions,
        kind: KeyKind::Function,
        format: Format::Identifiable,
        checksum: Checksum::Valid,
        exposure: Exposure::Source,
        context: Context::Header,
        host: None,
        environment: None,
        name: None,
        pattern: None,
        caller: Caller {
            name: "shop".into(),
            supporting: false,
        },
        fingerprint: fingerprint("a"),
        path: path.into(),
        location: at(path, line),
        excerpt: Some(Excerpt::new(b"key = 'x'", &[], 7..8)),
        commit: None,
        lifetime: None,
    }
}

fn shared(callers: &[&str], environments: &[&str]) -> SharedKey {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    SharedKey {
        service: Service::Functions,
        kind: KeyKind::Function,
        format: Format::Identifiable,
        callers: owned(callers),
        environments: owned(environments),
        occurrences: 3,
        fingerprint: fingerprint("a"),
        path: "a/x.py".into(),
        location: at("a/x.py", 1),
        excerpt: None,
        related: vec![Related {
            location: at("b/y.py", 2),
            message: "Here too.".into(),
        }],
    }
}
