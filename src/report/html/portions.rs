//! Long lists, of which a browser is shown the beginning at first.
//!
//! Thousands of rows take a browser longer than anybody wants to wait for the
//! top of a page. What comes after the first ones is in the page as text, which
//! costs nothing; the script makes rows of it when the page stands.

/// Items in the order of the page.
pub(super) struct Portions<T> {
    items: Vec<T>,
    /// How many are rows from the beginning.
    first: usize,
    /// How many are made rows at a time.
    each: usize,
}

impl<T> Portions<T> {
    pub(super) fn new(items: Vec<T>, first: usize, each: usize) -> Self {
        Self { items, first, each }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What is there from the beginning.
    pub(super) fn first(&self) -> &[T] {
        &self.items[..self.len().min(self.first)]
    }

    /// The rest.
    pub(super) fn rest(&self) -> impl Iterator<Item = &[T]> {
        self.items[self.first().len()..].chunks(self.each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_one_portion() {
        for (len, portions) in [(0, 1), (3, 1), (4, 2), (8, 3)] {
            let list = Portions::new((0..len).collect(), 3, 4);
            let all = [list.first()].into_iter().chain(list.rest());
            let all: Vec<&[usize]> = all.collect();
            assert_eq!(all.len(), portions);
            assert_eq!(all.concat(), (0..len).collect::<Vec<_>>());
        }
    }
}
