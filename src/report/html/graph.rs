//! Who shares a key with whom: callers on the left, the keys that several of
//! them hold on the right, a line for each holding.
//!
//! Only shared keys are drawn; what has one caller needs no picture. Callers
//! are ordered by where their keys are, so that lines cross little.

use std::collections::BTreeMap;

/// Keys that are drawn: more lines no eye follows.
const MAX_KEYS: usize = 40;

/// Callers that are drawn.
const MAX_CALLERS: usize = 60;

/// From one row to the next.
const ROW: usize = 26;

/// Where the columns are.
const LEFT: usize = 330;
const RIGHT: usize = 610;

/// How often the columns are ordered by each other.
const SWEEPS: usize = 6;

/// A key that several callers hold.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// Its app, or whatever else says first whose it is.
    pub(super) of: String,
    /// Its name.
    pub(super) name: String,
    /// `master`, `host`, …: the class of its lines.
    pub(super) kind: &'static str,
    /// The id of what it links to.
    pub(super) anchor: String,
    /// Who holds it.
    pub(super) callers: Vec<String>,
}

/// The drawing.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) height: usize,
    pub(super) callers: Vec<Caller>,
    pub(super) keys: Vec<Key>,
    pub(super) lines: Vec<Line>,
    /// Shared keys that are not drawn.
    pub(super) left_out: usize,
}

#[derive(Debug)]
pub(super) struct Caller {
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) y: usize,
    pub(super) keys: usize,
}

#[derive(Debug)]
pub(super) struct Key {
    pub(super) number: usize,
    pub(super) of: String,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) anchor: String,
    pub(super) y: usize,
    pub(super) callers: usize,
}

/// From a caller to a key.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) caller: usize,
    pub(super) key: usize,
    pub(super) kind: &'static str,
    pub(super) path: String,
}

/// The drawing of the keys; none when none is shared.
pub(super) fn of(mut shared: Vec<Shared>) -> Option<Graph> {
    for key in &mut shared {
        key.callers.sort();
        key.callers.dedup();
        if key.callers.len() > MAX_CALLERS {
            let more = key.callers.len() - MAX_CALLERS + 1;
            key.callers.truncate(MAX_CALLERS - 1);
            key.callers.push(format!("{more} more callers"));
        }
    }
    shared.retain(|key| key.callers.len() > 1);
    let total = shared.len();
    shared.sort_by(|a, b| {
        let most = b.callers.len().cmp(&a.callers.len());
        most.then_with(|| (&a.of, &a.name).cmp(&(&b.of, &b.name)))
    });
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut drawn: Vec<Shared> = Vec::new();
    for key in shared.into_iter().take(MAX_KEYS) {
        let new = key
            .callers
            .iter()
            .filter(|name| !names.contains_key(*name))
            .count();
        if names.len() + new > MAX_CALLERS {
            continue;
        }
        for name in &key.callers {
            let next = names.len();
            names.entry(name.clone()).or_insert(next);
        }
        drawn.push(key);
    }
    if drawn.is_empty() {
        return None;
    }
    let left_out = total - drawn.len();
    let mut callers = vec![String::new(); names.len()];
    for (name, at) in &names {
        callers[*at].clone_from(name);
    }
    let edges: Vec<(usize, usize)> = drawn
        .iter()
        .enumerate()
        .flat_map(|(key, shared)| shared.callers.iter().map(move |name| (name, key)))
        .map(|(name, key)| (names[name], key))
        .collect();
    let (of_callers, of_keys) = order(callers.len(), drawn.len(), &edges);
    Some(draw(
        &callers,
        drawn,
        &edges,
        &of_callers,
        &of_keys,
        left_out,
    ))
}

/// The place of each caller and of each key in its column: each goes where its
/// neighbours are on average, some times to and fro.
fn order(callers: usize, keys: usize, edges: &[(usize, usize)]) -> (Vec<usize>, Vec<usize>) {
    let mut of_callers: Vec<usize> = (0..callers).collect();
    let mut of_keys: Vec<usize> = (0..keys).collect();
    for _ in 0..SWEEPS {
        let of_one = |one: usize| edges.iter().filter(move |edge| edge.0 == one);
        of_callers = settled(callers, |one| mean(of_one(one).map(|edge| of_keys[edge.1])));
        let of_one = |one: usize| edges.iter().filter(move |edge| edge.1 == one);
        of_keys = settled(keys, |one| mean(of_one(one).map(|edge| of_callers[edge.0])));
    }
    (of_callers, of_keys)
}

/// The mean in thousandths, so that sorting needs no fractions.
fn mean(places: impl Iterator<Item = usize>) -> usize {
    let (sum, n) = places.fold((0, 0), |(sum, n), place| (sum + place * 1_000, n + 1));
    sum / n.max(1)
}

/// The place of each when sorted by a measure; the same measure keeps the order.
fn settled(n: usize, measure: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..n).collect();
    sorted.sort_by_key(|one| (measure(*one), *one));
    let mut places = vec![0; n];
    for (place, one) in sorted.into_iter().enumerate() {
        places[one] = place;
    }
    places
}

fn draw(
    callers: &[String],
    keys: Vec<Shared>,
    edges: &[(usize, usize)],
    of_callers: &[usize],
    of_keys: &[usize],
    left_out: usize,
) -> Graph {
    let height = ROW * callers.len().max(keys.len());
    // The shorter column is spread over the height of the longer one.
    let y = |place: usize, n: usize| height * (2 * place + 1) / (2 * n);
    let (many, few) = (callers.len(), keys.len());
    let lines = edges.iter().map(|(caller, key)| {
        let (from, to) = (y(of_callers[*caller], many), y(of_keys[*key], few));
        let (near, far) = (LEFT + 110, RIGHT - 110);
        Line {
            caller: *caller,
            key: *key,
            kind: keys[*key].kind,
            path: format!("M{LEFT} {from}C{near} {from} {far} {to} {RIGHT} {to}"),
        }
    });
    let lines = lines.collect();
    let degree = |one: usize| edges.iter().filter(|edge| edge.0 == one).count();
    let mut drawn_callers: Vec<Caller> = callers
        .iter()
        .enumerate()
        .map(|(number, name)| Caller {
            number,
            name: name.clone(),
            y: y(of_callers[number], many),
            keys: degree(number),
        })
        .collect();
    drawn_callers.sort_by_key(|caller| caller.y);
    let mut drawn_keys: Vec<Key> = keys
        .into_iter()
        .enumerate()
        .map(|(number, key)| Key {
            number,
            y: y(of_keys[number], few),
            callers: key.callers.len(),
            of: key.of,
            name: key.name,
            kind: key.kind,
            anchor: key.anchor,
        })
        .collect();
    drawn_keys.sort_by_key(|key| key.y);
    Graph {
        height,
        callers: drawn_callers,
        keys: drawn_keys,
        lines,
        left_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, callers: &[&str]) -> Shared {
        Shared {
            of: "app".to_owned(),
            name: name.to_owned(),
            kind: "host",
            anchor: name.to_owned(),
            callers: callers.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn what_nobody_shares_is_not_drawn() {
        assert!(of(vec![key("a", &["x"]), key("b", &["y", "y"])]).is_none());
        let graph = of(vec![key("a", &["x"]), key("b", &["x", "y"])]).unwrap();
        assert_eq!(graph.keys.len(), 1);
        assert_eq!(graph.lines.len(), 2);
    }

    #[test]
    fn lines_that_need_not_cross_do_not() {
        let graph = of(vec![key("a", &["1", "4"]), key("b", &["2", "3"])]).unwrap();
        let names: Vec<_> = graph.callers.iter().map(|caller| &*caller.name).collect();
        let apart = |x: &str, y: &str| {
            let at = |name| names.iter().position(|n| *n == name).unwrap();
            at(x).abs_diff(at(y))
        };
        assert_eq!((apart("1", "4"), apart("2", "3")), (1, 1), "{names:?}");
    }

    #[test]
    fn a_crowd_is_cut_and_said_so() {
        let names: Vec<String> = (0..500).map(|n| format!("caller {n}")).collect();
        let keys: Vec<_> = (0..200)
            .map(|n| {
                key(
                    &format!("k{n}"),
                    &[&*names[n], &*names[n + 1], &*names[n + 2]],
                )
            })
            .collect();
        let graph = of(keys).unwrap();
        assert!(graph.callers.len() <= MAX_CALLERS && graph.keys.len() <= MAX_KEYS);
        assert_eq!(graph.keys.len() + graph.left_out, 200);
        // Nothing lies on anything.
        let mut heights: Vec<_> = graph.callers.iter().map(|caller| caller.y).collect();
        heights.dedup();
        assert_eq!(heights.len(), graph.callers.len());
    }

    #[test]
    fn one_key_of_a_thousand_callers_is_still_drawn() {
        let names: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let graph = of(vec![key("default", &names)]).unwrap();
        assert_eq!((graph.keys.len(), graph.callers.len()), (1, MAX_CALLERS));
        assert!(
            graph
                .callers
                .iter()
                .any(|caller| caller.name == "941 more callers")
        );
    }
}
