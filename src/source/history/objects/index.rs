//! Which objects a pack has, and where: its `.idx`, as gitformat-pack(5) has it.

use super::{Damage, Id};

const BROKEN: Damage = Damage::Broken("its index is damaged");
const SIGNATURE: &[u8] = b"\xfftOc";

/// An index in memory, its names in order.
pub(super) struct Index {
    bytes: Vec<u8>,
    hash: usize,
    /// How many objects.
    len: u32,
    /// The first version has no header, and each offset before its name.
    first: bool,
}

impl Index {
    /// Checks the sizes; `hash` is the length of a name in bytes.
    pub(super) fn parse(bytes: Vec<u8>, hash: usize) -> Result<Self, Damage> {
        let first = !bytes.starts_with(SIGNATURE);
        let mut index = Self {
            bytes,
            hash,
            len: 0,
            first,
        };
        if !first && index.number(4)? != 2 {
            return Err(Damage::Broken(
                "its index is of a version that keysweep does not know",
            ));
        }
        let mut before = 0;
        for byte in 0..=255 {
            let count = index.fan_out(byte).ok_or(BROKEN)?;
            if count < before {
                return Err(BROKEN);
            }
            before = count;
        }
        index.len = before;
        let each = if first { 4 + hash } else { hash + 8 };
        let least = index.table() as u64 + u64::from(before) * each as u64;
        if (index.bytes.len() as u64) < least {
            return Err(BROKEN);
        }
        Ok(index)
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    fn number(&self, at: usize) -> Result<u32, Damage> {
        let bytes = self.bytes.get(at..at + 4).ok_or(BROKEN)?;
        let bytes = bytes.try_into().map_err(|_| BROKEN)?;
        Ok(u32::from_be_bytes(bytes))
    }

    /// Objects whose name begins with this byte or a lower one.
    fn fan_out(&self, byte: usize) -> Option<u32> {
        let header = if self.first { 0 } else { 8 };
        self.number(header + 4 * byte).ok()
    }

    /// Where the entries begin.
    fn table(&self) -> usize {
        if self.first { 1024 } else { 8 + 1024 }
    }

    /// The name of the object at a position.
    pub(super) fn name(&self, position: u32) -> &[u8] {
        let position = position as usize;
        let at = self.table()
            + match self.first {
                true => position * (4 + self.hash) + 4,
                false => position * self.hash,
            };
        self.bytes.get(at..at + self.hash).unwrap_or_default()
    }

    /// Where in the pack it is.
    pub(super) fn offset(&self, position: u32) -> Result<u64, Damage> {
        let (position, len) = (position as usize, self.len as usize);
        if self.first {
            let at = self.table() + position * (4 + self.hash);
            return self.number(at).map(u64::from);
        }
        let offsets = self.table() + len * (self.hash + 4);
        let offset = self.number(offsets + 4 * position)?;
        if offset >> 31 == 0 {
            return Ok(u64::from(offset));
        }
        let at = offsets + 4 * len + 8 * (offset & 0x7fff_ffff) as usize;
        let (high, low) = (self.number(at)?, self.number(at + 4)?);
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    /// The position of an object, if it is there.
    pub(super) fn find(&self, id: &Id) -> Option<u32> {
        let wanted = id.as_bytes();
        let byte = usize::from(*wanted.first()?);
        let mut from = match byte {
            0 => 0,
            _ => self.fan_out(byte - 1)?,
        };
        let mut to = self.fan_out(byte)?;
        while from < to {
            let middle = from + (to - from) / 2;
            match self.name(middle).cmp(wanted) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}
