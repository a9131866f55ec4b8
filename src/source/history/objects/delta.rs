//! An object as the difference to another one, as gitformat-pack(5) has it.

use std::ops::Range;

use super::{Damage, HELD};

/// Rebuilds an object from its base. `parts` becomes what of it is not in the
/// base, in order; an empty part is a seam, where two pieces of the base meet
/// that do not meet there.
///
/// # Errors
/// When the delta is not one of this base, or makes something too large.
pub(super) fn apply(
    base: &[u8],
    delta: &[u8],
    out: &mut Vec<u8>,
    parts: &mut Vec<Range<usize>>,
) -> Result<(), Damage> {
    let broken = Damage::Broken("its delta does not fit its base");
    let (result, mut rest) = sizes(base.len(), delta).ok_or(broken)?;
    if result > HELD {
        return Err(Damage::Large);
    }
    let size = usize::try_from(result).map_err(|_| broken)?;
    out.clear();
    out.reserve_exact(size);
    parts.clear();
    // Where the base goes on after what was copied last.
    let mut goes_on = 0;
    while let [operation, after @ ..] = rest {
        rest = after;
        let at = out.len();
        let part = if operation & 0x80 == 0 {
            let literal = usize::from(*operation);
            let (part, after) = rest.split_at_checked(literal).ok_or(broken)?;
            rest = after;
            note(parts, at..at + literal);
            part
        } else {
            let copied = copied(*operation, &mut rest).ok_or(broken)?;
            if copied.start != goes_on {
                note(parts, at..at);
            }
            goes_on = copied.end;
            base.get(copied).ok_or(broken)?
        };
        // Zero is reserved, and would not end.
        if part.is_empty() || out.len() + part.len() > size {
            return Err(broken);
        }
        out.extend_from_slice(part);
    }
    if out.len() != size {
        return Err(broken);
    }
    if goes_on != base.len() {
        note(parts, size..size);
    }
    Ok(())
}

/// Adds a part, to the last one if that ends where it begins.
fn note(parts: &mut Vec<Range<usize>>, part: Range<usize>) {
    match parts.last_mut() {
        Some(last) if last.end == part.start => last.end = part.end,
        _ => parts.push(part),
    }
}

/// The size of what a delta makes, and its operations, if it is one of a base
/// of this size.
fn sizes(base: usize, delta: &[u8]) -> Option<(u64, &[u8])> {
    let (of, rest) = size(delta)?;
    let (result, rest) = size(rest)?;
    (of == base as u64).then_some((result, rest))
}

/// The size that a delta says its result has.
pub(super) fn result_size(delta: &[u8]) -> Option<u64> {
    let (_, rest) = size(delta)?;
    size(rest).map(|(result, _)| result)
}

/// A number in groups of seven bits, the lowest first.
fn size(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (at, byte) in text.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &text[at + 1..]));
        }
    }
    None
}

/// Which part of the base: the operation's bits say which bytes of offset and
/// size follow.
fn copied(operation: u8, rest: &mut &[u8]) -> Option<Range<usize>> {
    let mut number = |bits: std::ops::Range<u32>| {
        let mut value = 0;
        for (at, bit) in bits.enumerate() {
            if operation & 1 << bit != 0 {
                let (byte, after) = rest.split_first()?;
                *rest = after;
                value |= usize::from(*byte) << (8 * at);
            }
        }
        Some(value)
    };
    let offset: usize = number(0..4)?;
    let size = match number(4..7)? {
        0 => 0x10000,
        size => size,
    };
    Some(offset..offset.checked_add(size)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        apply(base, delta, &mut out, &mut Vec::new()).ok()?;
        Some(out)
    }

    #[test]
    #[expect(clippy::single_range_in_vec_init, reason = "lists of parts")]
    fn what_is_new_is_told() {
        let parts = |delta: &[u8]| {
            let (mut out, mut parts) = (Vec::new(), vec![7..9]);
            apply(b"hello", delta, &mut out, &mut parts).unwrap();
            parts
        };
        // All of it; in two pieces; with two letters between them.
        assert!(parts(&[5, 5, 0x90, 5]).is_empty());
        assert!(parts(&[5, 5, 0x90, 2, 0x91, 2, 3]).is_empty());
        assert_eq!(
            parts(&[5, 7, 0x90, 2, 1, b'x', 1, b'y', 0x91, 2, 3]),
            [2..4]
        );
        // Without the first letter, the one in the middle, the last.
        assert_eq!(parts(&[5, 4, 0x91, 1, 4]), [0..0]);
        assert_eq!(parts(&[5, 4, 0x90, 2, 0x91, 3, 2]), [2..2]);
        assert_eq!(parts(&[5, 4, 0x90, 4]), [4..4]);
        // Nothing of it.
        assert_eq!(parts(&[5, 1, 1, b'x']), [0..1]);
    }

    #[test]
    fn copies_and_inserts() {
        // Five bytes become: `lo` from 3, then `p!`.
        let delta = [5, 4, 0x91, 3, 2, 2, b'p', b'!'];
        assert_eq!(applied(b"hello", &delta).unwrap(), b"lop!");
        assert_eq!(applied(b"x", &[1, 0]).unwrap(), b"");
    }

    #[test]
    fn a_size_of_zero_is_64_kib() {
        let base = vec![7; 0x10000];
        let delta = [0x80, 0x80, 4, 0x80, 0x80, 4, 0x80];
        assert_eq!(applied(&base, &delta).unwrap(), base);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for delta in [
            &[][..],
            &[5],
            &[4, 1, 1, b'x'],       // another base
            &[5, 1],                // too short
            &[5, 1, 2, b'x', b'y'], // too long
            &[5, 2, 2, b'x'],       // cut
            &[5, 1, 0, b'x'],       // reserved
            &[5, 3, 0x91, 3, 3],    // past the base
            &[5, 3, 0x91, 3],       // cut in the numbers
            &[
                5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            ],
        ] {
            assert_eq!(applied(b"hello", delta), None, "{delta:?}");
        }
        let bomb = [5, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1];
        let mut out = Vec::new();
        let made = apply(b"hello", &bomb, &mut out, &mut Vec::new());
        assert_eq!(made, Err(Damage::Large));
        assert_eq!(result_size(&bomb), Some(1 << 42));
    }
}
