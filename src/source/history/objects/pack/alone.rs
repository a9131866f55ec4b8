//! One object of a pack by itself.

use super::super::header::{Header, HeaderKind};
use super::super::inflate::{Inflate, Inflated, Stretch};
use super::super::walker::MAX_AGAIN;
use super::super::{Damage, Kind, delta};
use super::{NONE, Pack};

/// Deltas above one another; git itself makes no more.
const MAX_DEPTH: usize = 4095;

impl Pack {
    /// One object by itself, down from its root; `budget` are the bytes that
    /// may be rebuilt on the way.
    pub(super) fn rebuild(
        &self,
        at: u32,
        inflate: &mut Inflate,
        budget: &mut u64,
    ) -> Result<Vec<u8>, Damage> {
        let mut chain = vec![at];
        let mut up = at;
        while let Some(entry) = self.entries.get(up as usize)
            && entry.base != NONE
        {
            if chain.len() > MAX_DEPTH {
                return Err(Damage::Broken("it is a delta of too many deltas"));
            }
            up = entry.base;
            chain.push(up);
        }
        let (mut base, mut delta, mut next) = (Vec::new(), Vec::new(), Vec::new());
        let mut parts = Vec::new();
        self.inflate(up, inflate, &mut base)?;
        for at in chain.into_iter().rev().skip(1) {
            self.inflate(at, inflate, &mut delta)?;
            delta::apply(&base, &delta, &mut next, &mut parts)?;
            let left = budget.checked_sub(next.len() as u64);
            *budget = left.ok_or(Damage::Broken("it takes too long to rebuild"))?;
            std::mem::swap(&mut base, &mut next);
        }
        Ok(base)
    }

    /// One object, by its position.
    pub(in super::super) fn get(&self, position: u32) -> Result<(Kind, Vec<u8>), Damage> {
        let at = self.by_position.get(position as usize);
        let at = *at.ok_or(Damage::Unreadable)?;
        let kind = self.entries[at as usize].kind;
        let kind = kind.ok_or(Damage::Broken("what it is a delta of is not there"))?;
        let mut budget = MAX_AGAIN;
        let content = self.rebuild(at, &mut Inflate::new(), &mut budget)?;
        Ok((kind, content))
    }

    /// The content of an object that is no delta, as a stream.
    pub(super) fn stream(&self, at: u32) -> Option<Inflated> {
        let mut inflate = Inflate::new();
        let place = self.stretch(at);
        let mut after = place;
        let hash = self.index.name(0).len();
        let header = inflate.head(&self.file, &mut after, |head| {
            let (header, len) = Header::parse(head, hash)?;
            Some(((header, len), len))
        });
        let (header, len) = header.ok()?;
        let HeaderKind::Whole(_) = header.kind else {
            return None;
        };
        let data = Stretch {
            start: place.start + len as u64,
            ..place
        };
        Some(Inflated::new(&self.file, data, 0, header.size))
    }

    /// The size that a delta too large to hold says its object has.
    pub(in super::super) fn size(&self, position: u32) -> Option<u64> {
        let at = *self.by_position.get(position as usize)?;
        let mut inflate = Inflate::new();
        let (header, mut stretch) = self.header(at, &mut inflate).ok()?;
        if let HeaderKind::Whole(_) = header.kind {
            return Some(header.size);
        }
        let mut head = Vec::with_capacity(24);
        inflate.fill(&self.file, &mut stretch, &mut head).ok()?;
        delta::result_size(&head)
    }
}
