//! Masking a whole text that somebody wrote by hand: a policy, a reason.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::{class, redact};

/// Base64 with slashes: shorter runs are paths and resource ids.
const SLASHED_RUN: usize = 40;

/// What follows these is a key in whatever form, unless it is a reference.
static SENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?ix-u) (?: [?&;](?:code|subscription-key)=
          | (?:x-functions-key|ocp-apim-subscription-key|--?key-?value) ["']? \s* [:=,\s] \s* ["']? )
          ((?u:[^\s"'&\#$<{@(])(?u:[^\s"'&\#]){3,})"#,
    )
    .expect("a constant expression")
});

/// The text with every key replaced by as many `*` as it had bytes: places in
/// the one are places in the other.
///
/// This masks more than [`redact`]: what could be a key of the old format or a
/// piece of one, and whatever is sent as a key.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut spans: Vec<Range<usize>> = SENT
        .captures_iter(text)
        .filter_map(|found| Some(found.get(1)?.range()))
        .collect();
    spans.extend(slashed_runs(text.as_bytes()));
    let mut masked = redact(text).into_bytes();
    if masked.len() != text.len() {
        // The masker would have to cut a character in two. It masks ASCII only.
        return "*".repeat(text.len());
    }
    for span in spans {
        masked[span].fill(b'*');
    }
    String::from_utf8(masked).unwrap_or_else(|_| "*".repeat(text.len()))
}

pub(super) fn slashed_runs(text: &[u8]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let len = text[at..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'_' | b'='))
            .count();
        if len >= SLASHED_RUN && is_random(&text[at..at + len]) {
            runs.push(at..at + len);
        }
        at += len.max(1);
    }
    runs
}

fn is_random(run: &[u8]) -> bool {
    let digits = run.iter().filter(|b| b.is_ascii_digit()).count();
    let changes = run
        .windows(2)
        .filter(|pair| class(pair[0]) != class(pair[1]))
        .count();
    digits >= 2 && changes * 3 >= run.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyKind, generate};

    fn random(seed: u8) -> [u8; 33] {
        std::array::from_fn(|i| (i as u8).wrapping_mul(73).wrapping_add(seed).rotate_left(3))
    }

    #[test]
    fn lengths_stay() {
        let key = generate(KeyKind::Master, &random(7));
        let text = format!("größe = '{key}' # später");
        let masked = mask(&text);
        assert_eq!(masked.len(), text.len());
        assert!(!masked.contains(&key[..8]) && !masked.contains("AzFu"));
        assert!(masked.starts_with("größe = '*") && masked.ends_with("*' # später"));
    }

    #[test]
    fn old_keys_are_masked_at_every_slash() {
        // A legacy shape, made here so that no scanner sees it in this file.
        let key: String = (0_u8..53)
            .map(|i| {
                let alphabet = b"a/Bq7Xr2/Ks9Zm4Tc1Vw8/Hn3";
                char::from(alphabet[usize::from(i) * 7 % alphabet.len()])
            })
            .chain("Q==".chars())
            .collect();
        for text in [
            format!("k = \"{key}\""),
            format!("/{key}"),
            format!("{}.", &key[..54]),
        ] {
            let masked = mask(&text);
            assert!(
                key.as_bytes()
                    .windows(8)
                    .all(|part| !masked.contains(std::str::from_utf8(part).unwrap())),
                "{masked}"
            );
        }
    }

    #[test]
    fn what_is_sent_as_a_key_is_masked() {
        for (text, masked) in [
            (
                concat!("curl -H 'x-functions-key: ", "hunter2x'"),
                "curl -H 'x-functions-key: ********'",
            ),
            (
                "https://a.test/api?code=hunter2x&b=1",
                "https://a.test/api?code=********&b=1",
            ),
            ("az … --key-value hunter2x", "az … --key-value ********"),
            ("x-functions-key: $KEY", "x-functions-key: $KEY"),
            (
                "https://a.test/api?code=<key>",
                "https://a.test/api?code=<key>",
            ),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn names_paths_and_ids_stay() {
        for text in [
            "environments/prod/orders-function-configuration/values2.yaml",
            "/subscriptions/1b2c3d4e-0000-4a5b-9c8d-7e6f5a4b3c2d/resourceGroups/rg-orders-01/providers/Microsoft.Web/sites/orders",
            "https://orders-kv.vault.azure.net/secrets/web-shop-key",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
