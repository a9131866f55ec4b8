//! What was before the identifiable key, and what the runtime stores of it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

/// Whether the value has the shape of the generator that v1 and all hosts
/// before v4.3.0 (March 2022) use: the base64 of 40 bytes with `a` for `+`.
///
/// A shape, no proof: 43 % of all 40-byte values in base64 have it. It counts
/// only where the context says that a key stands there.
#[must_use]
pub fn is_legacy(value: &[u8]) -> bool {
    let [body @ .., last, b'=', b'='] = value else {
        return false;
    };
    body.len() == 53
        && matches!(last, b'A' | b'Q' | b'g' | b'w')
        && body.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'/')
        && is_varied(body)
        && !is_refrain(body)
}

/// Whether a piece of six or more letters stands three times in a row: nothing
/// random does that, and the examples of Microsoft's own documents do.
#[must_use]
pub(crate) fn is_refrain(value: &[u8]) -> bool {
    value.len() <= 200
        && (6..=value.len() / 3).any(|piece| {
            value.windows(3 * piece).any(|run| {
                run[..piece] == run[piece..2 * piece] && run[..piece] == run[2 * piece..]
            })
        })
}

/// The text inside a second layer of base64 when that has the legacy shape
/// (Kubernetes Secret `data:`).
#[must_use]
pub fn is_legacy_wrapped(value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // With the end of a line, of Windows at that.
    if !matches!(value.len(), 76 | 80) {
        return None;
    }
    let mut inner = Zeroizing::new(BASE64_STANDARD.decode(value).ok()?);
    while inner.last().is_some_and(u8::is_ascii_whitespace) {
        inner.pop();
    }
    is_legacy(&inner).then_some(inner)
}

/// Whether the value is an ASP.NET Data Protection payload: an *encrypted* key
/// in a secret store, and just as well any cookie of any ASP.NET site.
#[must_use]
pub fn is_ciphertext(value: &[u8]) -> bool {
    value.len() > 60
        && value.starts_with(b"CfDJ8")
        && value
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// A generated key uses many letters; `xxxx…==` in a document does not.
fn is_varied(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in body {
        seen[usize::from(*byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count() >= 16
}
