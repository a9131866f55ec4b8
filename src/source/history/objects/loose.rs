//! Objects that have a file each.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::inflate::{Inflate, Inflated, LIED, Stretch};
use super::{Body, Damage, HELD, Id, Kind, Known, News};

/// Bytes of the longest header: `commit`, a space, a number, a zero.
const HEADER: usize = 32;

/// The loose objects of a directory: their names, in order.
pub(super) struct Loose {
    directory: PathBuf,
    ids: Vec<Id>,
}

impl Loose {
    /// Those below `objects`; `hash` is the length of a name in bytes.
    pub(super) fn open(directory: &Path, hash: usize) -> std::io::Result<Self> {
        let mut ids = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let folder = entry.file_name();
            let folder = folder.as_encoded_bytes();
            if folder.len() != 2 || !folder.iter().all(u8::is_ascii_hexdigit) {
                continue;
            }
            for file in std::fs::read_dir(entry.path())? {
                let rest = file?.file_name();
                // What is being written has another name.
                let name = [folder, rest.as_encoded_bytes()].concat();
                let id = Id::from_hex(&name).filter(|id| id.as_bytes().len() == hash);
                ids.extend(id);
            }
        }
        ids.sort_unstable();
        Ok(Self {
            directory: directory.to_owned(),
            ids,
        })
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.ids.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn find(&self, id: &Id) -> Option<u32> {
        u32::try_from(self.ids.binary_search(id).ok()?).ok()
    }

    pub(super) fn id(&self, position: u32) -> Option<Id> {
        self.ids.get(position as usize).copied()
    }

    /// Gives one object, if it is wanted.
    pub(super) fn read(
        &self,
        position: u32,
        inflate: &mut Inflate,
        wanted: impl FnOnce(Kind) -> bool,
        give: &mut dyn FnMut(Kind, Body<'_>) -> Option<Known>,
    ) -> Result<(), Damage> {
        let (file, mut stretch) = self.file(position)?;
        inflate.head(&file, &mut stretch, |_| Some(((), 0)))?;
        let mut head = Vec::with_capacity(HEADER);
        let ended = inflate.fill(&file, &mut stretch, &mut head)?;
        let broken = Damage::Broken("its header cannot be read");
        let (kind, size, len) = header(&head).ok_or(broken)?;
        if !wanted(kind) {
            return Ok(());
        }
        if size > HELD {
            let (file, place) = self.file(position)?;
            let stream = Inflated::new(&file, place, len as u64, size);
            give(kind, Body::Streamed(Box::new(stream)));
            return Ok(());
        }
        let size = usize::try_from(size).map_err(|_| Damage::Large)?;
        let mut content = head.split_off(len);
        content.reserve_exact(size + 1);
        let complete = ended || inflate.fill(&file, &mut stretch, &mut content)?;
        if !complete || content.len() != size {
            return Err(LIED);
        }
        give(kind, Body::Held(&content, News::All));
        Ok(())
    }

    fn file(&self, position: u32) -> Result<(Arc<File>, Stretch), Damage> {
        let hex = self.ids.get(position as usize).ok_or(Damage::Unreadable)?;
        let hex = hex.to_string();
        let path = self.directory.join(&hex[..2]).join(&hex[2..]);
        let file = File::open(path).map_err(|_| Damage::Unreadable)?;
        let end = file.metadata().map_err(|_| Damage::Unreadable)?.len();
        Ok((Arc::new(file), Stretch { start: 0, end }))
    }
}

/// `blob 12`, a zero: the kind, the size, and the length of all that.
fn header(head: &[u8]) -> Option<(Kind, u64, usize)> {
    let end = memchr::memchr(0, head)?;
    let text = std::str::from_utf8(&head[..end]).ok()?;
    let (kind, size) = text.split_once(' ')?;
    let kind = Kind::of(kind.as_bytes())?;
    Some((kind, size.parse().ok()?, end + 1))
}
