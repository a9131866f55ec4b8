//! Triggers of functions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

use super::Text;

/// The types of a function's triggers: nearly always one, for which there is no
/// allocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Vec<Text>", into = "Vec<Text>")]
#[schemars(inline)]
pub struct Triggers(#[schemars(with = "Vec<Text>")] Kept);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept {
    One(Text),
    List(Box<[Text]>),
}

impl Triggers {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        (**self).is_empty()
    }
}

impl Default for Triggers {
    fn default() -> Self {
        Self(Kept::List(Box::default()))
    }
}

impl Deref for Triggers {
    type Target = [Text];

    fn deref(&self) -> &[Text] {
        match &self.0 {
            Kept::One(one) => std::slice::from_ref(one),
            Kept::List(list) => list,
        }
    }
}

impl From<Vec<Text>> for Triggers {
    fn from(mut list: Vec<Text>) -> Self {
        Self(match (list.pop(), list.is_empty()) {
            (Some(one), true) => Kept::One(one),
            (Some(last), false) => {
                list.push(last);
                Kept::List(list.into())
            }
            (None, _) => Kept::List(Box::default()),
        })
    }
}

impl FromIterator<Text> for Triggers {
    fn from_iter<I: IntoIterator<Item = Text>>(list: I) -> Self {
        Vec::from_iter(list).into()
    }
}

impl From<Triggers> for Vec<Text> {
    fn from(triggers: Triggers) -> Self {
        match triggers.0 {
            Kept::One(one) => vec![one],
            Kept::List(list) => list.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_takes_no_more_room_than_its_name() {
        assert_eq!(size_of::<Triggers>(), size_of::<Text>());
    }

    #[test]
    fn are_written_as_they_were_read() {
        for json in ["[]", r#"["httpTrigger"]"#, r#"["a","b"]"#] {
            let triggers: Triggers = serde_json::from_str(json).unwrap();
            assert_eq!(triggers.is_empty(), json == "[]");
            assert_eq!(serde_json::to_string(&triggers).unwrap(), json);
        }
    }
}
