//! Marvin32, the checksum of identifiable keys.
//!
//! The variant is SymCrypt's (`lib/marvin32.c`): little-endian words, the tail
//! closed by `0x80`, two final rounds.

/// The 64-bit Marvin hash of `data`, high half in the upper 32 bits.
fn marvin64(data: &[u8], seed: u64) -> u64 {
    let (words, tail) = data.as_chunks::<4>();
    let mut state = State {
        lo: seed as u32,
        hi: (seed >> 32) as u32,
    };
    for word in words {
        state.mix(u32::from_le_bytes(*word));
    }
    let mut last = [0_u8; 4];
    last[..tail.len()].copy_from_slice(tail);
    last[tail.len()] = 0x80;
    state.mix(u32::from_le_bytes(last));
    state.mix(0);
    (u64::from(state.hi) << 32) | u64::from(state.lo)
}

/// The hash folded to the 32 bits that a key stores.
pub(super) fn marvin32(data: &[u8], seed: u64) -> u32 {
    let hash = marvin64(data, seed);
    (hash >> 32) as u32 ^ hash as u32
}

struct State {
    lo: u32,
    hi: u32,
}

impl State {
    fn mix(&mut self, word: u32) {
        let Self { lo, hi } = self;
        *lo = lo.wrapping_add(word);
        *hi ^= *lo;
        *lo = lo.rotate_left(20).wrapping_add(*hi);
        *hi = hi.rotate_left(9) ^ *lo;
        *lo = lo.rotate_left(27).wrapping_add(*hi);
        *hi = hi.rotate_left(19);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two self-test values of SymCrypt, and the edges of the tail.
    #[test]
    fn agrees_with_the_published_vectors() {
        for (seed, data, full, folded) in [
            (
                0xd53c_d9ce_cd08_93b7,
                b"abc".as_slice(),
                0x22c7_4339_4927_69bf,
                0x6be0_2a86,
            ),
            (
                0x0ddd_deee_efff_f000,
                b"abcdefghijklmnopqrstuvwxyz",
                0xa128_eb7e_7260_aca2,
                0xd348_47dc,
            ),
            (
                0x004f_b61a_001b_dbcc,
                b"",
                0x30ed_35c1_00cd_3c7d,
                0x3020_09bc,
            ),
            (
                0x004f_b61a_001b_dbcc,
                b"\xaf",
                0x48e7_3fc7_7d75_ddc1,
                0x3592_e206,
            ),
            (
                0x004f_b61a_001b_dbcc,
                b"\xe7\x0f",
                0xb5f6_e1fc_485d_bff8,
                0xfdab_5e04,
            ),
            (
                0x004f_b61a_001b_dbcc,
                b"\x37\xf4\x95",
                0xf0b0_7c78_9b8c_f7e8,
                0x6b3c_8b90,
            ),
        ] {
            assert_eq!(marvin64(data, seed), full, "{data:?}");
            assert_eq!(marvin32(data, seed), folded, "{data:?}");
        }
    }
}
