//! Which of the known words somebody meant.

/// The candidate nearest to `word`, if one is near enough to be a slip: a
/// letter wrong, missing, doubled or swapped, one in three at most.
pub(crate) fn similar<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).min(3);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The advice for an unknown word: the nearest one, else all of them.
pub(crate) fn advice(word: &str, candidates: &[&str]) -> String {
    match similar(word, candidates.iter().copied()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!("use {}", either(candidates)),
    }
}

/// `'a', 'b' or 'c'`.
pub(crate) fn either(words: &[&str]) -> String {
    enumerate(words, "or")
}

/// `'a', 'b' and 'c'`.
pub(crate) fn all_of(words: &[&str]) -> String {
    enumerate(words, "and")
}

fn enumerate(words: &[&str], conjunction: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => format!("'{only}'"),
        [head @ .., last] => {
            let head: Vec<_> = head.iter().map(|word| format!("'{word}'")).collect();
            format!("{} {conjunction} '{last}'", head.join(", "))
        }
    }
}

/// Edits between two words, case ignored, a swap of neighbours counted once.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().flat_map(char::to_lowercase).collect();
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let substituted = above[j] + usize::from(a != b);
            let mut cost = substituted.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_that_was_meant() {
        let words = ["kind", "host", "environment", "exposure"];
        assert_eq!(similar("knid", words), Some("kind"));
        assert_eq!(similar("enviroment", words), Some("environment"));
        assert_eq!(similar("Host", words), Some("host"));
        assert_eq!(similar("caller", words), None);
        assert_eq!(advice("x", &["a1b", "c2d"]), "use 'a1b' or 'c2d'");
    }

    #[test]
    fn counts_a_swap_once() {
        assert_eq!(distance("abcd", "abdc"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
