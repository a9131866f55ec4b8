//! Long lists, of which the page shows a portion until more is asked for.
//!
//! Thousands of rows take a browser longer than anybody wants to wait for the
//! top of a page, and nobody reads them one after the other. What comes after
//! the first portion is in the page as text, which costs nothing; the script
//! makes rows of it when they are searched, linked to, printed or asked for.

/// Rows in a portion. The script has the same number.
pub(super) const ROWS: usize = 60;

/// Items in the order of the page.
pub(super) struct Portions<T> {
    portions: Vec<Vec<T>>,
    len: usize,
}

impl<T> Portions<T> {
    /// Of items that are one row each.
    pub(super) fn new(items: Vec<T>) -> Self {
        Self::of(items, |_| 1)
    }

    /// Of items of several rows. One that has more than fit is a portion.
    pub(super) fn of(items: Vec<T>, rows: impl Fn(&T) -> usize) -> Self {
        let len = items.len();
        let mut portions: Vec<Vec<T>> = Vec::new();
        let mut filled = ROWS;
        for item in items {
            let more = rows(&item);
            match portions.last_mut() {
                Some(portion) if filled + more <= ROWS => {
                    filled += more;
                    portion.push(item);
                }
                _ => {
                    filled = more;
                    portions.push(vec![item]);
                }
            }
        }
        Self { portions, len }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What is there from the beginning.
    pub(super) fn first(&self) -> &[T] {
        self.portions.first().map_or(&[], Vec::as_slice)
    }

    /// The rest.
    pub(super) fn rest(&self) -> &[Vec<T>] {
        self.portions.get(1..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_one_portion() {
        for (len, portions) in [(0, 0), (1, 1), (ROWS, 1), (ROWS + 1, 2), (3 * ROWS, 3)] {
            let list = Portions::new((0..len).collect());
            let all: Vec<&[usize]> = std::iter::once(list.first())
                .chain(list.rest().iter().map(Vec::as_slice))
                .filter(|portion| !portion.is_empty())
                .collect();
            assert_eq!(all.len(), portions);
            assert_eq!(all.concat(), (0..len).collect::<Vec<_>>());
            assert_eq!((list.len(), list.is_empty()), (len, len == 0));
        }
    }

    #[test]
    fn a_portion_has_no_more_rows_than_fit() {
        let list = Portions::of(vec![ROWS + 1, 1, ROWS - 1, 1], |rows| *rows);
        assert_eq!(list.first(), [ROWS + 1]);
        assert_eq!(list.rest(), [vec![1, ROWS - 1], vec![1]]);
    }
}
