//! Paths without the keys that are in them.

use regex::bytes::Regex;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::LazyLock;

use super::keys;

/// The path with every key in it replaced whose format gives it away, or the
/// query that a download is named after, by a digest of its own: two files stay
/// two. Anything else stays: the names of bundles have digests in them, and a
/// report has to name files.
#[must_use]
pub fn redact_path(path: &str) -> String {
    let text = path.as_bytes();
    let mut masked = text.to_vec();
    for span in keys(text).chain(in_query(text)) {
        let digest = Sha256::digest(&text[span.clone()]);
        let name = format!("key-{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2]);
        masked[span.clone()].fill(b'*');
        let len = name.len().min(span.len());
        masked[span.start..span.start + len].copy_from_slice(&name.as_bytes()[..len]);
    }
    String::from_utf8_lossy(&masked).into_owned()
}

/// Values in the position of a key: `api/x?code=…`, as a download is called.
fn in_query(text: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    static VALUE: LazyLock<Regex> = LazyLock::new(|| {
        let names = r"(?:[?&@;]code|(?:functions?|func|host|master|system)[_-]?key)";
        let value = r"(?:=|%3d|%253d)(?P<value>[^&/\s]{8,})";
        Regex::new(&format!("(?i-u){names}{value}")).expect("a constant pattern, tested")
    });
    let found = memchr::memmem::find(text, b"=").or_else(|| memchr::memmem::find(text, b"%"));
    let found = found.map(|_| VALUE.captures_iter(text));
    let values = found.into_iter().flatten();
    let spans = values.filter_map(|found| Some(found.name("value")?.range()));
    // A path may be masked twice on its way, and has to be called the same.
    spans.filter(|span| !is_mask(&text[span.clone()]))
}

/// Whether it stands for a key that was there.
fn is_mask(value: &[u8]) -> bool {
    let digest = value.strip_prefix(b"key-");
    digest.is_some_and(|rest| rest.iter().all(|b| b.is_ascii_hexdigit() || *b == b'*'))
}

/// The path as a message shows it.
#[must_use]
pub fn shown_path(path: &std::path::Path) -> String {
    redact_path(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyKind, generate};

    #[test]
    fn what_a_download_is_named_after_is_masked() {
        let key = generate(KeyKind::Function, &[7; 33]);
        let chosen = "tz4bGsdmhAHsB5g7";
        for (path, secret) in [
            (format!("a.example/api/x?code={chosen}.txt"), chosen),
            (format!("x-functions-key={chosen}.txt"), chosen),
            (format!("deploy/FUNCTION_KEY={chosen}"), chosen),
            (format!("api?code={key}/index.html"), &key),
            (format!("api?code={}&x=1", key.replace('=', "%3D")), &key),
            (format!("dump-{key}.txt"), &key),
        ] {
            let masked = redact_path(&path);
            let shown = |part: &[u8]| masked.contains(std::str::from_utf8(part).unwrap());
            assert!(!secret.as_bytes().windows(8).any(shown), "{masked}");
            assert!(masked.contains("key-"), "{masked}");
            assert_eq!(redact_path(&masked), masked);
        }
    }

    #[test]
    fn names_of_files_stay() {
        for path in [
            "src/function-key=1.md",
            "dist/main.3f2a91c07d5e8b64.js",
            "api?code=de/x",
            "src/x-functions-key.ts",
        ] {
            assert_eq!(redact_path(path), path);
        }
    }
}
