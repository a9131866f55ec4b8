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

    #[derive(serde::Deserialize)]
    struct Vectors {
        marvin: Vec<Vector>,
    }

    #[derive(serde::Deserialize)]
    struct Vector {
        seed: String,
        data: String,
        full: String,
        folded: String,
    }

    /// The two self-test values of SymCrypt, and the edges of the tail.
    #[test]
    fn agrees_with_the_published_vectors() {
        let vectors: Vectors =
            toml::from_str(include_str!("../../testdata/key-vectors.toml")).unwrap();
        assert_eq!(vectors.marvin.len(), 32);
        for vector in vectors.marvin {
            let seed = u64::from_str_radix(&vector.seed, 16).unwrap();
            let data: Vec<u8> = (0..vector.data.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&vector.data[at..at + 2], 16).unwrap())
                .collect();
            let full = format!("{:016x}", marvin64(&data, seed));
            let folded = format!("{:08x}", marvin32(&data, seed));
            assert_eq!((full, folded), (vector.full, vector.folded), "{data:x?}");
        }
    }
}
