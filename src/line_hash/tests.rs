use super::*;
use proptest::prelude::*;

fn hashes(pieces: &[&[u8]], wanted: impl IntoIterator<Item = u64>) -> Vec<(u64, String)> {
    let mut hasher = LineHasher::new(wanted);
    for piece in pieces {
        hasher.feed(piece);
    }
    hasher.finish()
}

fn all(text: &str) -> Vec<String> {
    let found = hashes(&[text.as_bytes()], 1..=100);
    found.into_iter().map(|(_, hash)| hash).collect()
}

/// The algorithm as it is told, with nothing clever: the reference.
fn reference(text: &str) -> Vec<String> {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let units: Vec<u16> = unified
        .encode_utf16()
        .filter(|unit| *unit != 32 && *unit != 9)
        .chain([END])
        .collect();
    let mut seen = std::collections::BTreeMap::new();
    let mut starts = vec![0];
    for (at, unit) in units.iter().enumerate() {
        if *unit == 10 {
            starts.push(at + 1);
        }
    }
    starts
        .into_iter()
        .map(|start| {
            let hash = (start..start + 100).fold(0_u64, |hash, at| {
                let unit = units.get(at).copied().unwrap_or(0);
                hash.wrapping_mul(37).wrapping_add(u64::from(unit))
            });
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            format!("{hash:x}:{count}")
        })
        .collect()
}

const GREETINGS: [&str; 7] = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
];

/// The vectors of the upload action's own tests.
#[test]
fn agrees_with_the_upload_action() {
    assert_eq!(all(""), ["c129715d7a2bc9a3:1"]);
    assert_eq!(
        all(" a\nb\n  \t\tc\n d"),
        [
            "271789c17abda88f:1",
            "54703d4cd895b18:1",
            "180aee12dab6264:1",
            "a23a3dc5e078b07b:1"
        ]
    );
    assert_eq!(
        all(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"),
        [
            "8b7cf3e952e7aeb2:1",
            "b1ae1287ec4718d9:1",
            "bff680108adb0fcc:1",
            "c6805c5e1288b612:1",
            "b86d3392aea1be30:1",
            "e6ceba753e1a442:1",
        ]
    );
    for text in [
        " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
        " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
    ] {
        assert_eq!(all(text), GREETINGS);
    }
    assert_eq!(
        all(&"Lorem ipsum dolor sit amet.\n".repeat(10)),
        [
            "a7f2ff13bc495cf2:1",
            "a7f2ff13bc495cf2:2",
            "a7f2ff13bc495cf2:3",
            "a7f2ff13bc495cf2:4",
            "a7f2ff13bc495cf2:5",
            "a7f2ff13bc495cf2:6",
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            "c129715d7a2bc9a3:1"
        ]
    );
}

#[test]
fn the_reference_agrees_too() {
    let text = " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n";
    assert_eq!(reference(text), GREETINGS);
}

/// After a lone CR, GitHub's lines are not ours.
#[test]
fn a_lone_cr_ends_what_can_be_said() {
    let text = " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n";
    assert_eq!(all(text), GREETINGS[..4]);
    assert_eq!(all("one\r"), reference("one\r")[..1]);
    assert_eq!(hashes(&[b"a\r", b"\nb"], [2]).len(), 1);
    assert_eq!(hashes(&[b"a\r", b"b\nc"], [2]).len(), 0);
    assert_eq!(hashes(&[b"a\r", b" \nc"], [2]).len(), 0);
}

#[test]
fn says_nothing_of_lines_that_are_not_there() {
    assert_eq!(hashes(&[b"a\nb"], [0, 3, 7]), []);
    assert_eq!(hashes(&[b"a\nb"], [MAX_LINES + 1]), []);
    assert!(LineHasher::new([]).is_done());
}

#[test]
fn stops_once_it_knows() {
    let mut hasher = LineHasher::new([1]);
    hasher.feed(&[b'x'; 99]);
    assert!(!hasher.is_done());
    hasher.feed(b"x");
    assert!(hasher.is_done());
    hasher.feed("\u{1f511}\r\r\r".as_bytes());
    let line = "x".repeat(200);
    assert_eq!(hasher.finish()[0].1, reference(&line)[0]);
}

proptest! {
    #[test]
    fn all_at_once_are_as_one_by_one(text in "[ab \t\r\n]{0,300}") {
        let all = LineHashes::of(text.as_bytes());
        for line in 1..=310 {
            let one = hashes(&[text.as_bytes()], [line]).pop();
            prop_assert_eq!(all.get(line), one.map(|(_, hash)| hash), "{} of {:?}", line, text);
        }
    }

    #[test]
    fn any_pieces_give_the_same(
        text in "([ -~é漢🔑\t\n]|\r\n){0,400}",
        cuts in prop::collection::vec(0_usize..800, 0..20),
    ) {
        let bytes = text.as_bytes();
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts {
            pieces.push(&bytes[from..cut]);
            from = cut;
        }
        pieces.push(&bytes[from..]);
        let found = hashes(&pieces, 1..=1000);
        let expected: Vec<_> = (1..).zip(reference(&text)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn broken_text_in_any_pieces_gives_the_same(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        cut in 0_usize..300,
    ) {
        let cut = cut.min(bytes.len());
        let whole = hashes(&[&bytes], 1..=300);
        prop_assert_eq!(&hashes(&[&bytes[..cut], &bytes[cut..]], 1..=300), &whole);
        let text = String::from_utf8_lossy(&bytes);
        let expected = reference(&text);
        for (line, hash) in whole {
            prop_assert_eq!(&hash, &expected[line as usize - 1]);
        }
    }
}
