//! Files that do not behave: they vanish, change, fail, or break a reader.

use std::io::{Cursor, Error, ErrorKind, Read, Seek, SeekFrom};

use super::*;
use crate::placeholder::expand;
use crate::policy::Policy;
use crate::secret::Fingerprinter;
use crate::source::Misbehaving;

/// Content that does as it is told after so many bytes.
struct Trick {
    text: Cursor<Vec<u8>>,
    after: u64,
    then: fn() -> std::io::Result<usize>,
}

impl Read for Trick {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.after.saturating_sub(self.text.position());
        if left == 0 {
            return (self.then)();
        }
        let len = buffer.len().min(usize::try_from(left).unwrap());
        self.text.read(&mut buffer[..len])
    }
}

impl Seek for Trick {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.text.seek(to)
    }
}

fn collected(path: &str, len: u64, content: impl Misbehaving + 'static) -> Collection {
    let policy = Policy::default();
    let prints = Fingerprinter::for_this_run().unwrap();
    let files: Vec<(String, Vec<u8>)> = Vec::new();
    let reader = TextReader::new(&policy, vec![String::new()], Box::new(files), prints);
    let collector = Collector::new(&reader);
    let mut document = Document::held(path.to_owned(), Vec::new());
    document.len = len;
    document.content = Content::Misbehaving(Box::new(content));
    let mut scratch = Scratch::default();
    collector.document(document, &mut scratch);
    // The thread goes on with the same buffers.
    let text = expand("x-functions-key: {{function-key:2}}\n").unwrap();
    collector.document(Document::held("next.sh".into(), text.into()), &mut scratch);
    collector.finish()
}

fn trick(after: usize, then: fn() -> std::io::Result<usize>) -> (u64, Trick) {
    let key = "x-functions-key: {{function-key}}\n";
    let mut text = expand(key).unwrap().into_bytes();
    text.resize(300_000, b'\n');
    let len = text.len() as u64;
    let text = Cursor::new(text);
    let after = after as u64;
    (len, Trick { text, after, then })
}

fn reasons(all: &Collection) -> Vec<&GapReason> {
    assert_eq!(all.occurrences.last().unwrap().path, "next.sh");
    all.gaps.iter().map(|gap| &gap.reason).collect()
}

#[test]
fn one_that_is_cut_meanwhile_has_changed() {
    for after in [0, 10, 1_000, 65_536, 200_000] {
        let (len, content) = trick(after, || Ok(0));
        let all = collected("a.sh", len, content);
        assert_eq!(reasons(&all), [&GapReason::Changed], "{after}");
    }
}

#[test]
fn one_that_grows_meanwhile_has_changed() {
    let (len, content) = trick(300_000, || Ok(0));
    let all = collected("a.sh", len - 1, content);
    assert_eq!(reasons(&all), [&GapReason::Changed]);
    // What was read of it counts.
    assert_eq!(all.occurrences.len(), 2);
}

#[test]
fn one_that_cannot_be_read_is_a_gap() {
    for (kind, reason) in [
        (ErrorKind::PermissionDenied, GapReason::PermissionDenied),
        (ErrorKind::NotFound, GapReason::Vanished),
    ] {
        let then: fn() -> _ = match kind {
            ErrorKind::NotFound => || Err(Error::from(ErrorKind::NotFound)),
            _ => || Err(Error::from(ErrorKind::PermissionDenied)),
        };
        for after in [0, 70_000] {
            let (len, content) = trick(after, then);
            assert_eq!(reasons(&collected("a.sh", len, content)), [&reason]);
        }
    }
    let (len, content) = trick(5, || Err(Error::other("a broken disk")));
    let all = collected("a.sh", len, content);
    let reason = GapReason::Unreadable("a broken disk".into());
    assert_eq!(reasons(&all), [&reason]);
}

#[test]
fn a_panic_costs_one_document_and_tells_nothing() {
    let key = expand("{{master-key}}").unwrap();
    for after in [0, 70_000] {
        let (len, content) = trick(after, || panic!("{}", expand("{{master-key}}").unwrap()));
        let all = collected("a.sh", len, content);
        assert_eq!(reasons(&all), [&GapReason::Internal]);
        let told = format!("{:?} {:?} {:?}", all.gaps, all.occurrences, all.notices);
        let pieces = key.as_bytes().windows(8);
        for piece in pieces.map(|piece| std::str::from_utf8(piece).unwrap()) {
            assert!(!told.contains(piece));
        }
    }
}

#[test]
fn an_interruption_is_none() {
    static BEFORE: AtomicU64 = AtomicU64::new(0);
    let (len, content) = trick(100, || match BEFORE.fetch_add(1, Ordering::Relaxed) {
        0..3 => Err(Error::from(ErrorKind::Interrupted)),
        _ => Err(Error::from(ErrorKind::NotFound)),
    });
    let all = collected("a.sh", len, content);
    assert_eq!(reasons(&all), [&GapReason::Vanished]);
    assert_eq!(BEFORE.load(Ordering::Relaxed), 4);
}

/// What the readers of structured documents have to say of one.
fn noticed(path: &str, text: &str) -> Vec<String> {
    let len = text.len() as u64;
    let all = collected(path, len, Cursor::new(text.as_bytes().to_vec()));
    assert_eq!(all.gaps, []);
    let files: Vec<(String, Vec<u8>)> = Vec::new();
    let found = all.structures.facts(&Policy::default(), &files);
    let notices = found.notices.iter();
    notices.map(ToString::to_string).collect()
}

#[test]
fn a_document_that_does_not_parse_is_told_with_its_place() {
    let broken = "on: push\njobs:\n  a: [b\nc: d\n";
    let padded = format!("{}{broken}", "# c\n".repeat(30_000));
    for (path, text, place) in [
        (".github/workflows/a.yml", broken, ":4:2: "),
        (".github/workflows/a.yml", &padded, ":30004:2: "),
        (".github/workflows/a.yml", "on: push\njobs: {}\n", ""),
        ("values.yml", broken, ""),
    ] {
        let notices = noticed(path, text);
        let told = notices.iter().all(|notice| {
            let rest = notice.strip_prefix(path);
            rest.is_some_and(|rest| rest.starts_with(place) && rest.contains("not parsed"))
        });
        assert!(told, "{notices:?}");
        assert_eq!(notices.len(), usize::from(!place.is_empty()), "{notices:?}");
    }
}

#[test]
fn a_document_that_is_too_long_to_parse_is_told() {
    let text = "# a line\n".repeat(1_000_000);
    let notices = noticed("azure-pipelines.yml", &text);
    assert_eq!(
        notices,
        ["azure-pipelines.yml: only searched as text, not parsed: it has more than 8 MiB"]
    );
}

#[test]
fn code_in_another_encoding_is_code() {
    let text = "public class F { [Function(\"a\")] public R Run(\n\
        [HttpTrigger(AuthorizationLevel.Anonymous)] Req r) => null; }\n";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        text.as_bytes().to_vec(),
        wide.clone(),
        [b"\xff\xfe".to_vec(), wide].concat(),
    ] {
        let all = collected("F.cs", bytes.len() as u64, Cursor::new(bytes));
        let files: Vec<(String, Vec<u8>)> = Vec::new();
        assert_eq!(
            all.structures.facts(&Policy::default(), &files).facts.len(),
            1
        );
    }
}
