//! A pack: a forest of objects, each the difference to the one above it.
//!
//! Walking down a tree of deltas rebuilds each object once, where asking for
//! one object after the other rebuilds the upper ones each time.

mod alone;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::header::{Header, HeaderKind, LONGEST};
use super::inflate::{Inflate, Stretch, read_at};
use super::walker::Walker;
use super::{Body, Damage, HELD, Id, Kind, Known, News, delta, index::Index};

/// No entry.
const NONE: u32 = u32::MAX;

/// Bytes of the pack that headers are read from at a time.
const WINDOW: usize = 256 * 1024;

pub(super) struct Pack {
    file: Arc<File>,
    index: Index,
    /// In the order of the file.
    entries: Vec<Entry>,
    /// Where each entry is, by its position in the index.
    by_position: Vec<u32>,
    /// Where the last entry ends.
    end: u64,
}

/// An object of the pack, and its place in the forest.
struct Entry {
    offset: u64,
    position: u32,
    base: u32,
    child: u32,
    sibling: u32,
    /// None when what it is based on is not there.
    kind: Option<Kind>,
}

impl Pack {
    /// Opens the pack of an index; `hash` is the length of a name in bytes.
    pub(super) fn open(index: &Path, hash: usize) -> Result<Self, Damage> {
        let unreadable = |_| Damage::Unreadable;
        let pack: PathBuf = index.with_extension("pack");
        let file = File::open(pack).map_err(unreadable)?;
        let len = file.metadata().map_err(unreadable)?.len();
        // Each object takes 9 bytes of a pack at least, and 48 of its index at
        // most: whatever is longer would only fill the memory.
        let longest = 4096 + len.saturating_mul(6);
        if std::fs::metadata(index).map_err(unreadable)?.len() > longest {
            return Err(Damage::Broken("its index is too long for it"));
        }
        let index = Index::parse(std::fs::read(index).map_err(unreadable)?, hash)?;
        let mut signature = [0; 12];
        let read = read_at(&file, &mut signature, 0).map_err(unreadable)?;
        let version = &signature[..8];
        let known = version == b"PACK\0\0\0\x02" || version == b"PACK\0\0\0\x03";
        if read < 12 || !known || len < 12 + hash as u64 {
            return Err(Damage::Broken("it is not a pack that keysweep knows"));
        }
        let mut pack = Self {
            file: Arc::new(file),
            index,
            entries: Vec::new(),
            by_position: Vec::new(),
            end: len - hash as u64,
        };
        pack.place()?;
        pack.link(hash)?;
        Ok(pack)
    }

    /// How many objects it has.
    pub(super) fn len(&self) -> u32 {
        self.index.len()
    }

    pub(super) fn find(&self, id: &Id) -> Option<u32> {
        self.index.find(id)
    }

    pub(super) fn id(&self, position: u32) -> Option<Id> {
        Id::from_bytes(self.index.name(position))
    }

    pub(super) fn kind(&self, position: u32) -> Option<Kind> {
        self.entry(position)?.kind
    }

    fn entry(&self, position: u32) -> Option<&Entry> {
        let at = *self.by_position.get(position as usize)?;
        self.entries.get(at as usize)
    }

    /// Lists the entries in the order of the file.
    fn place(&mut self) -> Result<(), Damage> {
        self.entries.reserve_exact(self.len() as usize);
        for position in 0..self.len() {
            let offset = self.index.offset(position)?;
            if offset < 12 || offset >= self.end {
                return Err(Damage::Broken("its index points past its end"));
            }
            self.entries.push(Entry {
                offset,
                position,
                base: NONE,
                child: NONE,
                sibling: NONE,
                kind: None,
            });
        }
        self.entries.sort_unstable_by_key(|entry| entry.offset);
        self.by_position = vec![NONE; self.entries.len()];
        for (at, entry) in (0..).zip(&self.entries) {
            if let Some(slot) = self.by_position.get_mut(entry.position as usize) {
                *slot = at;
            }
        }
        Ok(())
    }

    /// Makes the forest.
    fn link(&mut self, hash: usize) -> Result<(), Damage> {
        let mut window = vec![0; WINDOW];
        let mut loaded = 0..0;
        // From the end, so that the first delta of a base is listed first.
        let mut bases = vec![NONE; self.entries.len()];
        for (at, base_of) in bases.iter_mut().enumerate() {
            let offset = self.entries[at].offset;
            let needed = (self.end - offset).min(LONGEST as u64);
            if offset < loaded.start || offset + needed > loaded.end {
                let read = read_at(&self.file, &mut window, offset);
                let read = read.map_err(|_| Damage::Unreadable)? as u64;
                loaded = offset..offset + read;
            }
            let from = usize::try_from(offset - loaded.start).unwrap_or(usize::MAX);
            let rest = window.get(from..).unwrap_or_default();
            let Some((header, _)) = Header::parse(rest, hash) else {
                continue;
            };
            match header.kind {
                HeaderKind::Whole(kind) => self.entries[at].kind = Some(kind),
                HeaderKind::Offset(back) => {
                    let base = offset
                        .checked_sub(back)
                        .and_then(|base| self.at_offset(base));
                    *base_of = base.unwrap_or(NONE);
                }
                HeaderKind::Named(id) => {
                    let position = self.index.find(&id);
                    let base = position.and_then(|at| self.by_position.get(at as usize));
                    *base_of = base.copied().unwrap_or(NONE);
                }
            }
        }
        for (at, base) in (0..self.len()).rev().zip(bases.into_iter().rev()) {
            if let Some(above) = self.entries.get_mut(base as usize) {
                let sibling = std::mem::replace(&mut above.child, at);
                self.entries[at as usize].sibling = sibling;
                self.entries[at as usize].base = base;
            }
        }
        self.tell_kinds();
        Ok(())
    }

    fn at_offset(&self, offset: u64) -> Option<u32> {
        let found = self
            .entries
            .binary_search_by_key(&offset, |entry| entry.offset);
        u32::try_from(found.ok()?).ok()
    }

    /// Gives every delta the kind of what it is based on in the end. Those that
    /// are based on each other in a circle get none.
    fn tell_kinds(&mut self) {
        let mut stack = Vec::new();
        for root in 0..self.entries.len() {
            if self.entries[root].base != NONE {
                continue;
            }
            let kind = self.entries[root].kind;
            stack.push(self.entries[root].child);
            while let Some(at) = stack.pop() {
                let Some(entry) = self.entries.get_mut(at as usize) else {
                    continue;
                };
                entry.kind = kind;
                stack.extend([entry.sibling, entry.child]);
            }
        }
    }

    /// The roots of trees with an object that is wanted, and which objects have
    /// to be rebuilt for it.
    pub(super) fn plan(&self, wanted: impl Fn(u32, Kind) -> bool) -> Plan {
        let mut needed = vec![false; self.entries.len()];
        let mut roots = Vec::new();
        for at in 0..self.entries.len() {
            let entry = &self.entries[at];
            let Some(kind) = entry.kind else { continue };
            if !wanted(entry.position, kind) {
                continue;
            }
            let mut up = at;
            while !std::mem::replace(&mut needed[up], true) {
                match self.entries[up].base {
                    NONE => roots.extend(u32::try_from(up)),
                    base => up = base as usize,
                }
            }
        }
        roots.sort_unstable();
        Plan { needed, roots }
    }

    /// The objects that no header leads to: they cannot be rebuilt.
    pub(super) fn lost(&self) -> impl Iterator<Item = u32> {
        let lost = self.entries.iter().filter(|entry| entry.kind.is_none());
        lost.map(|entry| entry.position)
    }

    /// Gives each object of a tree that the plan needs, by its position; the
    /// answers are as for [`super::Objects::visit`].
    pub(super) fn tree(
        &self,
        root: u32,
        plan: &Plan,
        walker: &mut Walker,
        give: &mut dyn FnMut(u32, Kind, Body<'_>) -> Option<Known>,
    ) {
        let mut content = walker.buffer();
        if let Err(damage) = self.whole(root, walker, &mut content) {
            return self.refuse(root, plan, damage, give);
        }
        let known = self.give(root, &content, News::All, give);
        let child = self.next(self.entries[root as usize].child, plan);
        walker.push(root, content, child, known);
        while let Some(frame) = walker.stack.last_mut() {
            let at = frame.next;
            if at == NONE {
                let content = walker.pop();
                content
                    .into_iter()
                    .for_each(|content| walker.recycle(content));
                continue;
            }
            frame.next = self.next(self.entries[at as usize].sibling, plan);
            let above = frame.known;
            let mut content = walker.buffer();
            match self.below_top(at, walker, &mut content) {
                Ok(()) => {
                    let news = match above {
                        Some(known) => News::Parts(&walker.parts, known),
                        None => News::All,
                    };
                    let known = self.give(at, &content, news, give);
                    let child = self.next(self.entries[at as usize].child, plan);
                    // The last delta of its base leaves it nothing to wait for.
                    if walker.stack.last().is_some_and(|frame| frame.next == NONE) {
                        let above = walker.pop();
                        above.into_iter().for_each(|above| walker.recycle(above));
                    }
                    if child == NONE {
                        walker.recycle(content);
                    } else {
                        walker.push(at, content, child, known);
                    }
                }
                Err(damage) => {
                    walker.recycle(content);
                    self.refuse(at, plan, damage, give);
                }
            }
        }
    }

    fn give(
        &self,
        at: u32,
        content: &[u8],
        news: News<'_>,
        give: &mut dyn FnMut(u32, Kind, Body<'_>) -> Option<Known>,
    ) -> Option<Known> {
        let entry = &self.entries[at as usize];
        give(entry.position, entry.kind?, Body::Held(content, news))
    }

    /// The first of the siblings that is needed.
    fn next(&self, mut at: u32, plan: &Plan) -> u32 {
        while at != NONE && !plan.needed[at as usize] {
            at = self.entries[at as usize].sibling;
        }
        at
    }

    /// Says of an object and all that is based on it that they were not
    /// rebuilt here. One that is only large and whole can still be streamed.
    fn refuse(
        &self,
        at: u32,
        plan: &Plan,
        damage: Damage,
        give: &mut dyn FnMut(u32, Kind, Body<'_>) -> Option<Known>,
    ) {
        let mut stack = vec![at];
        while let Some(next) = stack.pop() {
            let entry = &self.entries[next as usize];
            if let Some(kind) = entry.kind {
                let stream = (damage == Damage::Large)
                    .then(|| self.stream(next))
                    .flatten();
                let body = stream.map_or(Body::Damaged(damage), |stream| {
                    Body::Streamed(Box::new(stream))
                });
                give(entry.position, kind, body);
            }
            let mut child = self.next(entry.child, plan);
            while child != NONE {
                stack.push(child);
                child = self.next(self.entries[child as usize].sibling, plan);
            }
        }
    }

    fn stretch(&self, at: u32) -> Stretch {
        let start = self.entries[at as usize].offset;
        let next = self.entries.get(at as usize + 1);
        let end = next.map_or(self.end, |next| next.offset);
        Stretch { start, end }
    }

    /// The header of an entry, and what is left of its data.
    fn header(&self, at: u32, inflate: &mut Inflate) -> Result<(Header, Stretch), Damage> {
        let mut stretch = self.stretch(at);
        let hash = self.index.name(0).len();
        let header = inflate.head(&self.file, &mut stretch, |head| Header::parse(head, hash))?;
        Ok((header, stretch))
    }

    /// Inflates what an entry has: an object or a delta.
    fn inflate(&self, at: u32, inflate: &mut Inflate, out: &mut Vec<u8>) -> Result<(), Damage> {
        let (header, mut stretch) = self.header(at, inflate)?;
        if header.size > HELD {
            return Err(Damage::Large);
        }
        let size = usize::try_from(header.size).map_err(|_| Damage::Large)?;
        inflate.whole(&self.file, &mut stretch, size, out)
    }

    /// An object that is no delta.
    fn whole(&self, at: u32, walker: &mut Walker, out: &mut Vec<u8>) -> Result<(), Damage> {
        self.inflate(at, &mut walker.inflate, out)
    }

    /// A delta of the object on top of the stack.
    fn below_top(&self, at: u32, walker: &mut Walker, out: &mut Vec<u8>) -> Result<(), Damage> {
        let mut delta = std::mem::take(&mut walker.delta);
        let mut parts = std::mem::take(&mut walker.parts);
        let inflated = self.inflate(at, &mut walker.inflate, &mut delta);
        let applied = inflated.and_then(|()| {
            let top = walker.stack.last().ok_or(Damage::Unreadable)?;
            if let Some(base) = &top.content {
                return delta::apply(base, &delta, out, &mut parts);
            }
            let base = self.rebuild(top.entry, &mut walker.inflate, &mut walker.again)?;
            delta::apply(&base, &delta, out, &mut parts)
        });
        walker.delta = delta;
        walker.parts = parts;
        applied
    }
}

/// What has to be rebuilt.
pub(super) struct Plan {
    needed: Vec<bool>,
    pub(super) roots: Vec<u32>,
}
