//! Stores that somebody has damaged, or made to do harm.

use std::io::Write;
use std::sync::Mutex;

use flate2::{Compression, write::ZlibEncoder};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::source::git::fixture::Repo;

/// What became of each object: its length, or why it has none.
type Seen = Vec<(Option<Kind>, std::result::Result<u64, Damage>)>;

fn visited(directory: &Path) -> (Seen, usize) {
    let (objects, unopened) = Objects::open(directory, Vec::new(), 20);
    let seen = Mutex::new(Vec::new());
    objects.visit(
        2,
        |_, _| true,
        || (),
        |(), number, kind, body| {
            let what = match body {
                Body::Held(content, _) => Ok(content.len() as u64),
                Body::Streamed(mut stream) => {
                    let len = std::io::copy(&mut stream, &mut std::io::sink());
                    len.map_err(|_| Damage::Unreadable)
                }
                Body::Damaged(damage) => Err(damage),
            };
            seen.lock().unwrap().push((kind, what));
            objects.get(number).ok();
            objects.size(number);
            Some(Known::Plain)
        },
    );
    let lost = objects.lost().count();
    (seen.into_inner().unwrap(), lost + unopened.len())
}

fn compressed(content: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::best());
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

/// Kind and size as a pack has them.
fn header(kind: u8, mut size: u64) -> Vec<u8> {
    let mut bytes = vec![kind << 4 | (size & 15) as u8];
    size >>= 4;
    while size > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push((size & 0x7f) as u8);
        size >>= 7;
    }
    bytes
}

/// A size as a delta has it.
fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A store of one pack with these entries, named 1, 2, …
fn store(entries: &[Vec<u8>]) -> TempDir {
    let directory = TempDir::new().unwrap();
    let packs = directory.path().join("pack");
    std::fs::create_dir(&packs).unwrap();
    let count = entries.len() as u32;
    let mut pack = [b"PACK\0\0\0\x02", &count.to_be_bytes()[..]].concat();
    let mut offsets = Vec::new();
    for entry in entries {
        offsets.extend((pack.len() as u32).to_be_bytes());
        pack.extend(entry);
    }
    pack.extend([0; 20]);
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for _ in 0..256 {
        index.extend(count.to_be_bytes());
    }
    for at in 1..=count {
        index.extend(name(at));
    }
    index.extend(vec![0; 4 * entries.len()]);
    index.extend(offsets);
    index.extend([0; 40]);
    std::fs::write(packs.join("pack-a.pack"), pack).unwrap();
    std::fs::write(packs.join("pack-a.idx"), index).unwrap();
    directory
}

fn name(at: u32) -> [u8; 20] {
    let mut name = [0; 20];
    name[16..].copy_from_slice(&at.to_be_bytes());
    name
}

fn blob(content: &[u8]) -> Vec<u8> {
    [header(3, content.len() as u64), compressed(content)].concat()
}

/// A delta of what is called so.
fn delta(base: u32, operations: &[u8]) -> Vec<u8> {
    let content = compressed(operations);
    [
        &header(7, operations.len() as u64)[..],
        &name(base),
        &content,
    ]
    .concat()
}

/// Copies the first 64 KiB of its base again and again.
fn bomb(base: u64, copies: u64) -> Vec<u8> {
    let mut operations = [number(base), number(copies * 0x10000)].concat();
    operations.extend(vec![0x80; copies as usize]);
    operations
}

#[test]
fn a_small_delta_of_a_huge_object_costs_no_memory() {
    let base = vec![b'a'; 0x10000];
    // 16 MiB are held; 64 MiB, of 3 KB in the pack, are not.
    let (held, huge) = (bomb(0x10000, 256), bomb(0x10000, 1024));
    let directory = store(&[blob(&base), delta(1, &held), delta(1, &huge)]);
    let (seen, _) = visited(directory.path());
    let lens: Vec<_> = seen.iter().map(|(_, what)| *what).collect();
    assert_eq!(lens, [Ok(0x10000), Ok(16 << 20), Err(Damage::Large)]);
}

#[test]
fn deltas_of_one_another_are_lost_and_end() {
    let copy = |base: u32| delta(base, &bomb(0x10000, 1));
    let directory = store(&[copy(2), copy(1), copy(3), copy(99), blob(b"x")]);
    let (seen, lost) = visited(directory.path());
    assert_eq!((seen.len(), lost), (1, 4));
}

#[test]
fn sizes_that_lie_are_told() {
    let honest = compressed(&vec![b'a'; 1000]);
    let large = compressed(&vec![b'a'; 20 << 20]);
    let lies = [
        [header(3, 999), honest.clone()].concat(),
        [header(3, 1001), honest.clone()].concat(),
        [header(3, u64::MAX >> 8), honest].concat(),
        [header(3, 19 << 20), large.clone()].concat(),
        [header(3, 20 << 20), large].concat(),
    ];
    let (seen, _) = visited(store(&lies).path());
    // In no order: large objects are read by whichever thread is free.
    let good: Vec<_> = seen
        .iter()
        .filter_map(|(_, what)| what.as_ref().ok())
        .collect();
    assert_eq!((seen.len(), good), (5, vec![&(20 << 20)]), "{seen:?}");
}

#[test]
fn an_index_longer_than_its_pack_can_need_is_not_read() {
    let directory = store(&[blob(b"x")]);
    let index = directory.path().join("pack/pack-a.idx");
    let file = std::fs::File::options().write(true).open(&index).unwrap();
    // As sparse as it may be.
    file.set_len(1 << 40).unwrap();
    assert_eq!(visited(directory.path()).1, 1);
}

#[test]
fn a_long_chain_takes_no_stack_and_no_second_pass() {
    let mut entries = vec![blob(&vec![b'a'; 0x10000])];
    entries.extend((1..20_000).map(|base| delta(base, &bomb(0x10000, 1))));
    let directory = store(&entries);
    let (objects, _) = Objects::open(directory.path(), Vec::new(), 20);
    let count = AtomicUsize::new(0);
    objects.visit(
        2,
        |_, _| true,
        || (),
        |(), _, _, body| {
            assert!(matches!(body, Body::Held(..)));
            count.fetch_add(1, Ordering::Relaxed);
            Some(Known::Plain)
        },
    );
    assert_eq!(count.into_inner(), 20_000);
    assert!(objects.get(19_999).is_err(), "git makes none so deep");
}

/// The files of a real pack with deltas of all kinds.
fn real() -> &'static [(String, Vec<u8>)] {
    static FILES: std::sync::OnceLock<Vec<(String, Vec<u8>)>> = std::sync::OnceLock::new();
    FILES.get_or_init(|| {
        let repo = Repo::new();
        for n in 0..20 {
            let text = format!("{}{n}\n{}", "line\n".repeat(60 + n), "end\n".repeat(40));
            repo.write(format!("d/{}", n % 3), text).commit("-");
        }
        repo.git(&["tag", "-a", "v", "-m", "v"]);
        repo.git(&["repack", "-q", "-a", "-d", "--depth=8"]);
        let packs = repo.path().join(".git/objects/pack");
        let files = std::fs::read_dir(packs).unwrap().map(|file| {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            (name, std::fs::read(file.path()).unwrap())
        });
        let kept = files.filter(|(name, _)| name.ends_with("pack") || name.ends_with("idx"));
        kept.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Whatever is done to the files, reading them ends, and tells of every
    /// object once at most.
    #[test]
    fn damage_is_told(
        which in 0_usize..2,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let directory = TempDir::new().unwrap();
        let packs = directory.path().join("pack");
        std::fs::create_dir(&packs).unwrap();
        let mut whole = 0;
        for (at, (name, bytes)) in real().iter().enumerate() {
            let mut bytes = bytes.clone();
            whole = whole.max(bytes.len());
            if at == which {
                for (place, value) in &changes {
                    let place = place.index(bytes.len());
                    bytes[place] = *value;
                }
                if let Some(cut) = &cut {
                    bytes.truncate(cut.index(bytes.len()));
                }
            }
            std::fs::write(packs.join(name), bytes).unwrap();
        }
        let (seen, _) = visited(directory.path());
        prop_assert!(seen.len() <= whole);
    }

    #[test]
    fn any_bytes_are_a_delta_or_not(base in ".{0,40}", delta in prop::collection::vec(any::<u8>(), 0..60)) {
        let (mut out, mut parts) = (Vec::new(), Vec::new());
        if delta::apply(base.as_bytes(), &delta, &mut out, &mut parts).is_ok() {
            // What is in no part is the base's, and in its order.
            prop_assert!(parts.windows(2).all(|pair| pair[0].end < pair[1].start));
            prop_assert!(parts.last().is_none_or(|part| part.end <= out.len()));
        }
    }
}
