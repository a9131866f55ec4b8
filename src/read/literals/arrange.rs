//! The order in which a searcher gets its literals.
//!
//! Teddy compares the first bytes of a text with all literals at once: each of
//! its 8 or 16 buckets passes every text whose bytes have, place by place, the
//! halves of bytes of *some* of its literals, and what passes is compared with
//! each of them. Which bucket a literal falls into follows from its number
//! alone, so that the order decides how much passes: with similar literals in
//! one bucket a tenth of what passes in any order.
//!
//! Nothing but speed depends on it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Bytes of a literal that the searcher looks at first, at most.
const PREFIX: usize = 4;

/// Literals that the searcher keeps in one bucket, whatever their numbers: those
/// that begin with the same lower halves of bytes. They stay in order.
type Alike = Vec<usize>;

/// The numbers of the literals, in the order to search for them in.
pub(super) fn order(literals: &[&[u8]]) -> Vec<usize> {
    let shortest = literals.iter().map(|literal| literal.len()).min();
    let prefix = shortest.unwrap_or(0).min(PREFIX);
    let buckets = if literals.len() > 32 { 16 } else { 8 };
    let mut alike: BTreeMap<Vec<u8>, Alike> = BTreeMap::new();
    for (number, literal) in literals.iter().enumerate() {
        let key = literal[..prefix].iter().map(|byte| byte & 0xf).collect();
        alike.entry(key).or_default().push(number);
    }
    let passing =
        |group: &[Alike]| passing(group.iter().flatten().map(|n| &literals[*n][..prefix]));
    let groups = grouped(
        alike.into_values().collect(),
        buckets,
        literals.len(),
        passing,
    );
    placed(groups, buckets, literals.len())
}

/// How much of all text passes a bucket with these beginnings, in parts of
/// 256 to the power of their length.
fn passing<'l>(prefixes: impl Iterator<Item = &'l [u8]>) -> u64 {
    let mut halves = [(0_u16, 0_u16); PREFIX];
    let mut length = 0;
    for prefix in prefixes {
        length = prefix.len();
        for (byte, (low, high)) in prefix.iter().zip(&mut halves) {
            *low |= 1 << (byte & 0xf);
            *high |= 1 << (byte >> 4);
        }
    }
    let choices = |(low, high): &(u16, u16)| u64::from(low.count_ones() * high.count_ones());
    halves[..length].iter().map(choices).product()
}

/// As many groups as there are buckets: again and again, those two become one
/// that pass the least together.
fn grouped(
    alike: Vec<Alike>,
    buckets: usize,
    count: usize,
    passing: impl Fn(&[Alike]) -> u64,
) -> Vec<Vec<Alike>> {
    let mut groups: Vec<Vec<Alike>> = alike.into_iter().map(|alike| vec![alike]).collect();
    while groups.len() > buckets {
        let pairs = (0..groups.len()).flat_map(|a| (a + 1..groups.len()).map(move |b| (a, b)));
        let fits = |(a, b): &(usize, usize)| {
            groups[*a].len() + groups[*b].len() <= count.div_ceil(buckets)
        };
        let more = |(a, b): &(usize, usize)| {
            let both = [&groups[*a][..], &groups[*b][..]].concat();
            let apart = passing(&groups[*a]) + passing(&groups[*b]);
            passing(&both).saturating_sub(apart)
        };
        let Some((a, b)) = pairs.filter(fits).min_by_key(more) else {
            break;
        };
        let other = groups.remove(b);
        groups[a].extend(other);
    }
    groups
}

/// The order that brings each group into a bucket of its own: the first of those
/// that are alike decides for all.
fn placed(mut groups: Vec<Vec<Alike>>, buckets: usize, count: usize) -> Vec<usize> {
    groups.sort_by_key(|group| Reverse(group.len()));
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut rest: Vec<(usize, usize)> = Vec::new();
    for (bucket, group) in groups.iter().enumerate() {
        let mut free = (bucket % buckets..count).step_by(buckets);
        for alike in group {
            let at = free.find(|at| !places.contains_key(at));
            let others = match at {
                Some(at) => {
                    places.insert(at, alike[0]);
                    &alike[1..]
                }
                None => &alike[..],
            };
            rest.extend(others.iter().map(|number| (*number, at.unwrap_or(0))));
        }
    }
    rest.sort_unstable();
    for at in 0..count {
        if let Entry::Vacant(place) = places.entry(at) {
            let behind = rest.iter().position(|(_, first)| *first < at);
            let (number, _) = rest.remove(behind.unwrap_or(0));
            place.insert(number);
        }
    }
    places.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn each_literal_has_one_place() {
        let words: Vec<String> = (0..90_u8)
            .map(|n| format!("{}{n}-key", char::from(b'a' + n % 26)))
            .collect();
        for count in [0, 1, 8, 20, 33, 48, 64, 90] {
            let literals: Vec<&[u8]> = words[..count].iter().map(String::as_bytes).collect();
            let mut order = order(&literals);
            order.sort_unstable();
            assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_begins_like_another_stays_behind_it() {
        let literals: Vec<&[u8]> = vec![b"er_key", b"onKey", b"er_key_name", b"ER_KEY"];
        let order = order(&literals);
        let place = |number| order.iter().position(|n| *n == number);
        assert!(place(0) < place(2) && place(2) < place(3));
    }
}
