//! Tables of PowerShell as values: a line for each name, `name: value`, and what
//! a value has of further lines begins with a tab.

use super::super::value::Value;

/// A name and its value.
pub(super) fn line(name: &str, value: &str) -> Value {
    format!("{name}: {}\n", value.trim_end().replace('\n', "\n\t"))
}

/// The names and values, if it is a table.
fn entries(table: &str) -> Option<impl Iterator<Item = (&str, Value)>> {
    let lines = table.strip_suffix('\n')?;
    let mut starts = vec![0];
    for (at, _) in lines.match_indices('\n') {
        if !lines[at + 1..].starts_with('\t') {
            starts.push(at + 1);
        }
    }
    let ends: Vec<usize> = starts[1..]
        .iter()
        .map(|start| start - 1)
        .chain([lines.len()])
        .collect();
    let each = starts.into_iter().zip(ends);
    let each: Option<Vec<_>> = each
        .map(|(start, end)| lines[start..end].split_once(": "))
        .collect();
    let value = |(name, value): (_, &str)| (name, value.replace("\n\t", "\n"));
    Some(each?.into_iter().map(value))
}

/// The value that a path of names leads to.
pub(super) fn entry(table: &str, path: &str) -> Option<Value> {
    let mut value = table.to_owned();
    for wanted in path.split('.').filter(|name| !name.is_empty()) {
        // The last entry of a table lost the end of its line.
        if !value.ends_with('\n') {
            value.push('\n');
        }
        let mut entries = entries(&value)?;
        let (_, found) = entries.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        drop(entries);
        value = found;
    }
    Some(value)
}

/// The URL that a `UriBuilder` has become, whose query is set by its name.
pub(super) fn address(value: &str, path: &str) -> Option<Value> {
    let is_uri = ["uri", "uri.absoluteuri"];
    let path = path.trim_start_matches('.').to_ascii_lowercase();
    let (base, query) = value.split_once("query: ")?;
    let query = query.trim_end().trim_start_matches('?');
    is_uri
        .contains(&path.as_str())
        .then(|| format!("{base}?{query}"))
}

/// The table as the arguments of a command: `-name value`.
pub(super) fn arguments(table: &str) -> Option<Vec<Value>> {
    let pairs = entries(table)?;
    Some(
        pairs
            .flat_map(|(name, value)| [format!("-{name}"), value])
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_may_stand_in_tables() {
        let headers = line("x-functions-key", "K") + &line("Accept", "text/plain");
        let table = line("Method", "Post") + &line("Headers", &headers) + &line("Uri", "https://a");
        assert_eq!(entry(&table, ".headers.accept").unwrap(), "text/plain");
        assert_eq!(entry(&table, ".Uri").unwrap(), "https://a");
        assert_eq!(entry(&table, ".Body"), None);
        assert_eq!(entry("some text", ".Uri"), None);
        let words = arguments(&table).unwrap();
        assert_eq!(words[..2], ["-Method", "Post"]);
        assert_eq!(words[3], headers.trim_end());
        assert_eq!(arguments("-g rg -n app"), None);
    }

    #[test]
    fn a_query_belongs_to_its_builder() {
        let builder = "https://a/api/".to_owned() + &line("query", "?code=K");
        let url = Some("https://a/api/?code=K".to_owned());
        assert_eq!(address(&builder, ".Uri"), url);
        assert_eq!(address(&builder, ".Uri.AbsoluteUri"), url);
        assert_eq!(address(&builder, ".Host"), None);
        assert_eq!(address("https://a/api/", ".Uri"), None);
    }
}
