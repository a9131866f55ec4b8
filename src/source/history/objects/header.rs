//! What precedes each object of a pack: its kind, its size and its base.

use super::{Id, Kind};

/// Bytes of the longest: type and size, and the name of a base.
pub(super) const LONGEST: usize = 10 + 32;

/// What the header of an entry says.
pub(super) struct Header {
    pub(super) kind: HeaderKind,
    pub(super) size: u64,
}

/// What an entry holds.
pub(super) enum HeaderKind {
    Whole(Kind),
    /// Based on what is so many bytes before it.
    Offset(u64),
    /// Based on the object of this name.
    Named(Id),
}

impl Header {
    /// Its fields, and its length.
    pub(super) fn parse(bytes: &[u8], hash: usize) -> Option<(Self, usize)> {
        let first = *bytes.first()?;
        let mut size = u64::from(first & 0x0f);
        let (mut len, mut shift, mut more) = (1, 4, first & 0x80 != 0);
        while more {
            let byte = *bytes.get(len)?;
            if shift > 57 {
                return None;
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            len += 1;
            more = byte & 0x80 != 0;
        }
        let kind = match first >> 4 & 7 {
            1 => HeaderKind::Whole(Kind::Commit),
            2 => HeaderKind::Whole(Kind::Tree),
            3 => HeaderKind::Whole(Kind::Blob),
            4 => HeaderKind::Whole(Kind::Tag),
            6 => {
                let mut back: u64 = 0;
                loop {
                    let byte = *bytes.get(len)?;
                    len += 1;
                    back = back.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
                    if byte & 0x80 == 0 {
                        break HeaderKind::Offset(back);
                    }
                    back = back.checked_add(1)?;
                }
            }
            7 => {
                let id = Id::from_bytes(bytes.get(len..len + hash)?)?;
                len += hash;
                HeaderKind::Named(id)
            }
            _ => return None,
        };
        Some((Self { kind, size }, len))
    }
}
