//! Objects by their names, where the same ones are named again and again.

use super::{Id, Number, Objects};

/// Names that are remembered: about as much as a processor keeps close by.
const SLOTS: usize = 1 << 14;

/// Finds objects; what was found of late is at hand. One version of a tree
/// names nearly the same objects as the one before.
pub(crate) struct Lookup<'o> {
    objects: &'o Objects,
    slots: Vec<Option<(Id, Option<Number>)>>,
}

impl<'o> Lookup<'o> {
    pub(crate) fn new(objects: &'o Objects) -> Self {
        Self {
            objects,
            slots: vec![None; SLOTS],
        }
    }

    /// The object of a name.
    pub(crate) fn find(&mut self, id: &Id) -> Option<Number> {
        // A digest is as good as random.
        let at = match id.as_bytes() {
            [a, b, ..] => usize::from(u16::from_le_bytes([*a, *b])) % SLOTS,
            _ => 0,
        };
        match &mut self.slots[at] {
            Some((known, number)) if known == id => *number,
            slot => {
                let number = self.objects.find(id);
                *slot = Some((*id, number));
                number
            }
        }
    }
}
