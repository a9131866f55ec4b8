//! How long a key stood at a path, by the history of its repository.

use serde::Serialize;
use serde_json::{Value, json};

/// Digits of a commit's name that a message shows.
const SHORT: usize = 12;

/// How long a key stood at a path, by the history of its repository. Commits
/// are named in full; times are those of their authors, as RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lifetime {
    /// Whether it is in the text of a commit or tag, and in no file.
    pub in_text: bool,
    /// The commit that brought it to this path; none for what is in no commit.
    pub added_in: Option<String>,
    /// When that was made.
    pub added_at: Option<String>,
    /// Whether the clone begins with that commit, and the key may be older.
    pub since_before: bool,
    /// The last commit that took it out, where HEAD has it no more.
    pub removed_in: Option<String>,
    /// When that was made.
    pub removed_at: Option<String>,
    /// Whether HEAD has it.
    pub in_head: bool,
    /// Whether any ref leads to a commit that has it.
    pub reachable: bool,
    /// The first few refs that have it now, where HEAD has not; masked.
    pub refs: Vec<String>,
    /// How many further refs do.
    pub more_refs: u64,
    /// Every path that the key has stood at, as far as they are listed; masked.
    pub paths: Vec<String>,
}

impl Lifetime {
    /// What machines read.
    pub(super) fn properties(&self) -> Vec<(&'static str, Value)> {
        let refs = (!self.refs.is_empty()).then_some(&self.refs);
        vec![
            ("addedIn", json!(self.added_in)),
            ("addedAt", json!(self.added_at)),
            ("removedIn", json!(self.removed_in)),
            ("removedAt", json!(self.removed_at)),
            ("inHead", json!(self.in_head)),
            ("reachable", json!(self.reachable)),
            ("refs", json!(refs)),
            ("paths", json!(self.paths)),
        ]
    }

    /// What people read: sentences.
    pub(super) fn sentences(&self) -> String {
        let added = named(self.added_in.as_deref(), self.added_at.as_deref());
        let removed = named(self.removed_in.as_deref(), self.removed_at.as_deref());
        if self.in_text {
            let what = added.unwrap_or_else(|| "a tag".to_owned());
            return format!("It is in the text of {what}, not in a file.");
        }
        let began = match (&added, self.since_before) {
            (Some(added), false) => format!("{added} brought it in"),
            (Some(added), true) => format!("It is in {added}, where this clone begins"),
            (None, _) => "It is in no commit".to_owned(),
        };
        let holders = self.holders();
        let now = match (removed, holders) {
            _ if self.in_head => "HEAD still has it".to_owned(),
            (Some(removed), Some(holders)) => format!("{removed} took it out; {holders} still"),
            (Some(removed), None) => format!("{removed} took it out; the history keeps it"),
            (None, Some(holders)) => format!("HEAD has it not, {holders}"),
            (None, None) if self.reachable => "HEAD has it not, the history keeps it".to_owned(),
            (None, None) => "no ref leads to it, and the repository keeps it".to_owned(),
        };
        let mut text = format!("{began}; {now}.");
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        text
    }

    /// `'refs/stash' has it`.
    fn holders(&self) -> Option<String> {
        let names: Vec<String> = self.refs.iter().map(|name| format!("'{name}'")).collect();
        let (last, rest) = names.split_last()?;
        Some(match (rest, self.more_refs) {
            ([], 0) => format!("{last} has it"),
            (rest, 0) => format!("{} and {last} have it", rest.join(", ")),
            (_, more) => format!("{} and {more} more refs have it", names.join(", ")),
        })
    }
}

/// `commit 0123456789ab of 2021-03-04`.
fn named(commit: Option<&str>, at: Option<&str>) -> Option<String> {
    let commit = commit?;
    let short = commit.get(..SHORT).unwrap_or(commit);
    Some(match at.and_then(|at| at.split('T').next()) {
        Some(day) => format!("commit {short} of {day}"),
        None => format!("commit {short}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime() -> Lifetime {
        Lifetime {
            added_in: Some("a".repeat(40)),
            added_at: Some("2021-03-04T05:06:07+01:00".to_owned()),
            reachable: true,
            ..Lifetime::default()
        }
    }

    #[test]
    fn says_who_brought_it_and_where_it_is() {
        let removed_in = Some("b".repeat(40));
        let refs = vec!["refs/stash".to_owned()];
        let brought = "Commit aaaaaaaaaaaa of 2021-03-04 brought it in";
        for (lifetime, now) in [
            (
                Lifetime {
                    in_head: true,
                    ..lifetime()
                },
                "HEAD still has it",
            ),
            (
                Lifetime {
                    removed_in: removed_in.clone(),
                    ..lifetime()
                },
                "commit bbbbbbbbbbbb took it out; the history keeps it",
            ),
            (
                Lifetime {
                    removed_in,
                    refs: refs.clone(),
                    ..lifetime()
                },
                "commit bbbbbbbbbbbb took it out; 'refs/stash' has it still",
            ),
            (
                Lifetime {
                    refs,
                    more_refs: 2,
                    ..lifetime()
                },
                "HEAD has it not, 'refs/stash' and 2 more refs have it",
            ),
            (
                Lifetime {
                    reachable: false,
                    ..lifetime()
                },
                "no ref leads to it, and the repository keeps it",
            ),
        ] {
            assert_eq!(lifetime.sentences(), format!("{brought}; {now}."));
        }
    }

    #[test]
    fn says_what_is_not_known() {
        let cut = Lifetime {
            since_before: true,
            in_head: true,
            ..lifetime()
        };
        let begins = "It is in commit aaaaaaaaaaaa of 2021-03-04, where this clone begins";
        assert_eq!(cut.sentences(), format!("{begins}; HEAD still has it."));
        let text = Lifetime {
            in_text: true,
            ..lifetime()
        };
        let commit = "It is in the text of commit aaaaaaaaaaaa of 2021-03-04, not in a file.";
        assert_eq!(text.sentences(), commit);
        let nowhere = "It is in no commit; no ref leads to it, and the repository keeps it.";
        assert_eq!(Lifetime::default().sentences(), nowhere);
    }
}
