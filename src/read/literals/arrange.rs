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
    let mut alike: BTreeMap<Vec<u8>, Bucket> = BTreeMap::new();
    for (number, literal) in literals.iter().enumerate() {
        let key = literal[..prefix].iter().map(|byte| byte & 0xf).collect();
        alike
            .entry(key)
            .or_default()
            .add(number, &literal[..prefix]);
    }
    let groups = grouped(alike.into_values().collect(), buckets, literals.len());
    placed(groups, buckets, literals.len())
}

/// What falls into one bucket, and what passes it.
#[derive(Default)]
struct Bucket {
    alike: Vec<Alike>,
    /// The lower and the upper halves of bytes that occur, place by place: a bit
    /// for each of the sixteen.
    halves: [(u16, u16); PREFIX],
}

impl Bucket {
    /// Takes one more of those that are alike.
    fn add(&mut self, number: usize, prefix: &[u8]) {
        for (byte, (low, high)) in prefix.iter().zip(&mut self.halves) {
            *low |= 1 << (byte & 0xf);
            *high |= 1 << (byte >> 4);
        }
        match self.alike.first_mut() {
            Some(alike) => alike.push(number),
            None => self.alike.push(vec![number]),
        }
    }

    fn merge(&mut self, other: Self) {
        self.alike.extend(other.alike);
        self.halves = both(&self.halves, &other.halves);
    }
}

fn both(one: &[(u16, u16); PREFIX], other: &[(u16, u16); PREFIX]) -> [(u16, u16); PREFIX] {
    std::array::from_fn(|at| (one[at].0 | other[at].0, one[at].1 | other[at].1))
}

/// How much of all text passes a bucket, in parts of 256 to the power of the
/// places that have halves of bytes.
fn passing(halves: &[(u16, u16); PREFIX]) -> u64 {
    let choices = |(low, high): &(u16, u16)| u64::from(low.count_ones() * high.count_ones());
    // A place behind the shortest literal is not looked at.
    halves.iter().map(choices).filter(|n| *n > 0).product()
}

/// As many groups as there are buckets: again and again, those two become one
/// that pass the least together.
fn grouped(mut groups: Vec<Bucket>, buckets: usize, count: usize) -> Vec<Vec<Alike>> {
    while groups.len() > buckets {
        let pairs = (0..groups.len()).flat_map(|a| (a + 1..groups.len()).map(move |b| (a, b)));
        let fits = |(a, b): &(usize, usize)| {
            groups[*a].alike.len() + groups[*b].alike.len() <= count.div_ceil(buckets)
        };
        let more = |(a, b): &(usize, usize)| {
            let (a, b) = (&groups[*a].halves, &groups[*b].halves);
            passing(&both(a, b)).saturating_sub(passing(a) + passing(b))
        };
        let Some((a, b)) = pairs.filter(fits).min_by_key(more) else {
            break;
        };
        let other = groups.remove(b);
        groups[a].merge(other);
    }
    groups.into_iter().map(|bucket| bucket.alike).collect()
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
