//! Values of which some pieces are keys, and some are not known.
//!
//! A value is text. Where a key stands in it, it has a character that names the
//! key, and where something stands that nobody knows, the name of that. So what
//! is done to text, such as taking a URL apart, is done to values.

use std::ops::Range;
use std::sync::Arc;

use super::super::structured::Source;

/// Text with keys and unknown pieces in it.
pub(super) type Value = String;

/// The character of the first key.
const FIRST: u32 = 0xf_0000;

/// As many keys as one pipeline may have.
const MOST: usize = 0xf000;

/// Before and behind the name of something unknown: no characters of any text.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// A place in a document.
#[derive(Clone)]
pub(super) struct Place {
    pub source: Arc<Source>,
    pub span: Range<usize>,
}

impl Place {
    /// To tell places apart.
    pub(super) fn order(&self) -> (&str, usize, usize) {
        (&self.source.path, self.span.start, self.span.end)
    }
}

/// What a key opens, as far as a pipeline tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Scope {
    /// Everything.
    Master,
    /// An extension's webhooks.
    System,
    /// Every function of an app.
    Host,
    /// One function.
    Function,
    /// All keys of a host, or of a function: a listing.
    HostListing,
    FunctionListing,
    /// Not told.
    Unknown,
}

/// Where a pipeline has a key from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Supply {
    /// A secret of the platform, which masks it.
    Secret,
    /// A variable, which the platform may mask or not.
    Variable,
    /// The pipeline fetches it.
    Fetched,
}

/// A key that a pipeline handles.
#[derive(Clone)]
pub(super) struct Key {
    pub from: Supply,
    pub scope: Scope,
    /// Of a secret or a variable its name, else the key's.
    pub name: String,
    pub app: Option<String>,
    pub function: Option<String>,
    /// Whether the log shows asterisks for it.
    pub masked: bool,
    /// Whether it is in a form that no mask knows.
    pub altered: bool,
    /// Where it was fetched, or first named.
    pub place: Place,
    /// The key that this is made of.
    pub of: Option<usize>,
}

/// The character that stands for a key.
pub(super) fn key(id: usize) -> char {
    let id = u32::try_from(id.min(MOST)).unwrap_or(0);
    char::from_u32(FIRST + id).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The key that a character stands for.
pub(super) fn id(c: char) -> Option<usize> {
    let id = u32::from(c).checked_sub(FIRST)? as usize;
    (id <= MOST).then_some(id)
}

/// The keys in a value.
pub(super) fn keys(value: &str) -> impl Iterator<Item = usize> + '_ {
    value.chars().filter_map(id)
}

/// How the names of what commands write begin.
pub(super) const OUTPUT: &str = "output ";

/// Something that is not known, by its name.
pub(super) fn unknown(name: &str) -> Value {
    format!("{OPEN}{}{CLOSE}", name.replace([OPEN, CLOSE], ""))
}

/// Whether all of a value is known, or is a key.
pub(super) fn is_known(value: &str) -> bool {
    !value.contains(OPEN)
}

/// The name of the unknown piece that a value begins with, and the rest.
pub(super) fn leading_unknown(value: &str) -> Option<(&str, &str)> {
    value.strip_prefix(OPEN)?.split_once(CLOSE)
}

/// The names of the unknown pieces of a value.
pub(super) fn unknowns(value: &str) -> impl Iterator<Item = &str> {
    let pieces = value.split(OPEN).skip(1);
    pieces.filter_map(|piece| Some(piece.split_once(CLOSE)?.0))
}

/// The value as people read it: `${NAME}` for what is unknown, nothing of what
/// is a key.
pub(super) fn shown(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        let (name, behind) = behind.split_once(CLOSE).unwrap_or((behind, ""));
        text += before;
        // What a command writes has no name.
        match name.starts_with(OUTPUT) {
            true => text += "$(…)",
            false => text += &format!("${{{name}}}"),
        }
        rest = behind;
    }
    text += rest;
    crate::excerpt::redact(&text.replace(|c| id(c).is_some(), ""))
}

/// The text of a value as a script, with a placeholder, the first of which is
/// `first`, for each piece that is no text; and those pieces.
pub(super) fn with_holes(value: &str, first: u32) -> (String, Vec<Value>) {
    let mut text = String::with_capacity(value.len());
    let mut holes = Vec::new();
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        let piece = match leading_unknown(rest) {
            Some((_, behind)) => &rest[..rest.len() - behind.len()],
            None => &rest[..c.len_utf8()],
        };
        let hole = || char::from_u32(first + u32::try_from(holes.len()).ok()?);
        match hole().filter(|_| piece.contains(is_ours)) {
            Some(hole) if is_ours(hole) => {
                text.push(hole);
                holes.push(piece.to_owned());
            }
            _ => text += &clean(piece),
        }
        rest = &rest[piece.len()..];
    }
    (text, holes)
}

/// Text as a value: without the characters that mean something here.
pub(super) fn clean(text: &str) -> Value {
    match text.contains(is_ours) {
        true => text.chars().filter(|c| !is_ours(*c)).collect(),
        false => text.to_owned(),
    }
}

fn is_ours(c: char) -> bool {
    matches!(c, OPEN | CLOSE | '\u{e000}'..='\u{f8ff}') || id(c).is_some()
}

/// The words of a name, in small letters: `FUNC_KEY`, `funcKey`, `func-key`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let new =
            !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase());
        if new && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a name says that it is that of a key of Azure Functions.
pub(super) fn says_key(name: &str) -> bool {
    // What Azure Functions itself calls a secret of its vault.
    if [
        "host--masterKey--",
        "host--functionKey--",
        "host--systemKey--",
        "function--",
    ]
    .iter()
    .any(|start| name.starts_with(start))
    {
        return true;
    }
    let joined = words(name).concat();
    let says_function = ["func", "azfu"].iter().any(|part| joined.contains(part))
        || words(name)
            .iter()
            .any(|word| word == "fn" || word == "fnapp");
    let says_key = joined.contains("key") || words(name).iter().any(|word| word == "code");
    let about = ["name", "vault", "id", "type", "url", "rotation", "policy"];
    let other = [
        "storage",
        "subscription",
        "insights",
        "publish",
        "ssh",
        "public",
        "cosmos",
    ];
    says_function
        && says_key
        && !words(name)
            .last()
            .is_some_and(|word| about.contains(&word.as_str()))
        && !other.iter().any(|part| joined.contains(part))
}

/// Whether a name says that it is that of a master key.
pub(super) fn says_master(name: &str) -> bool {
    words(name).concat().contains("masterkey")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_are() {
        for name in [
            "FUNC_KEY",
            "functionKey",
            "ORDERS_FUNCTION_HOST_KEY",
            "fn-key",
            "AZURE_FUNCTION_CODE",
        ] {
            assert!(says_key(name), "{name}");
        }
        for name in [
            "KEY",
            "FUNCTION_NAME",
            "SSH_HOST_KEY",
            "FUNCTIONAPP_KEYVAULT_NAME",
            "FUNC_STORAGE_KEY",
            "FUNCTION_KEY_NAME",
            "PUBLIC_KEY",
        ] {
            assert!(!says_key(name), "{name}");
        }
        assert!(says_master("FUNC_MASTER_KEY") && !says_master("KEY"));
    }

    #[test]
    fn unknown_pieces_keep_their_names() {
        let value = format!("https://{}.azurewebsites.net/{}", unknown("APP"), key(3));
        assert!(!is_known(&value));
        assert_eq!(unknowns(&value).collect::<Vec<_>>(), ["APP"]);
        assert_eq!(keys(&value).collect::<Vec<_>>(), [3]);
        assert_eq!(shown(&value), "https://${APP}.azurewebsites.net/");
        assert_eq!(clean("a\u{fdd0}\u{f0001}b"), "ab");
        let (text, holes) = with_holes(&value, 0xe000);
        assert_eq!(text, "https://\u{e000}.azurewebsites.net/\u{e001}");
        assert_eq!(holes, [unknown("APP"), key(3).to_string()]);
    }
}
