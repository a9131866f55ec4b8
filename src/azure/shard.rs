//! `--shard I/N`: which of the machines reads what.
//!
//! By a digest of the id, so that machines that start at different times agree,
//! whatever has been created meanwhile. A site goes with its slots.

use sha2::{Digest, Sha256};

use crate::inventory::Shard;

/// Whether the resource is in this share.
pub(super) fn has(shard: Option<Shard>, id: &str) -> bool {
    let Some(shard) = shard else {
        return true;
    };
    let digest = Sha256::digest(id.to_ascii_lowercase());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(bytes) % u64::from(shard.count.max(1)) + 1 == u64::from(shard.index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_in_one_share() {
        let count = 4;
        let mut sizes = [0_u32; 4];
        for n in 0..1_000 {
            let id = format!("/subscriptions/{n}");
            let shares: Vec<u32> = (1..=count)
                .filter(|index| has(Some(Shard { index: *index, count }), &id.to_uppercase()))
                .collect();
            assert_eq!(shares.len(), 1);
            sizes[shares[0] as usize - 1] += 1;
            assert!(has(Some(Shard { index: shares[0], count }), &id));
        }
        assert!(sizes.iter().all(|size| (200..300).contains(size)), "{sizes:?}");
        assert!(has(None, "/subscriptions/1"));
    }
}
