//! Names in commands of a POSIX shell.

/// The text as one word of a shell, whatever is in it.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The same, but what stands in angle brackets is left for people to fill in.
pub(super) fn word(text: &str) -> String {
    match text.starts_with('<') && text.ends_with('>') {
        true => text.to_owned(),
        false => quoted(text),
    }
}

/// A name as a member of an object in a JMESPath query.
pub(super) fn member(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}
