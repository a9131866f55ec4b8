//! Listings of keys, and what is taken out of them.

use std::sync::LazyLock;

use regex::Regex;

use super::super::value::{Key, Place, Scope, Supply, Value, id, key, keys, says_key, says_master};
use super::Machine;

/// What leaves only names, numbers or yes and no of a listing.
static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\b(?:keys|length|has|type|count|Count|Keys|Length)\b\s*(?:\(|\||\[|$|\))
        | \|\s*keys | \.key\b | \bempty\b | PSObject(?:\.Properties)?\.Name | ^\s*type\s*$ | \[\]\.name\b",
    )
    .expect("a constant pattern, tested")
});

static KIND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)(?P<master>masterKey|\b_master\b)
        | (?P<kind>functionKeys|systemKeys)\s*(?:\\?["']?\])?(?:\.?\[?\\?["']?(?P<name>(?:\w|\u{fdd0}[^\u{fdd1}]*\u{fdd1})(?:[\w.\u{20}$/-]|\u{fdd0}[^\u{fdd1}]*\u{fdd1})*?)?\\?["']?\]?)(?:[^\w.-]|$)"#,
    )
    .expect("a constant pattern, tested")
});

impl Machine<'_> {
    /// A listing of the keys of a host, or of a function.
    pub(super) fn listing(&mut self, app: &str, function: Option<&str>, place: &Place) -> Value {
        let scope = match function {
            Some(_) => Scope::FunctionListing,
            None => Scope::HostListing,
        };
        let id = self.world.add(Key {
            from: Supply::Fetched,
            scope,
            name: String::new(),
            app: Some(app.to_owned()),
            function: function.map(str::to_owned),
            masked: false,
            altered: false,
            place: place.clone(),
            of: None,
        });
        key(id).to_string()
    }

    /// One key, fetched here.
    pub(super) fn fetched(
        &mut self,
        scope: Scope,
        name: &str,
        app: &str,
        function: Option<&str>,
        place: &Place,
    ) -> Value {
        let id = self.world.fetch(Key {
            from: Supply::Fetched,
            scope,
            name: name.to_owned(),
            app: Some(app.to_owned()).filter(|app| !app.is_empty()),
            function: function.map(str::to_owned),
            masked: false,
            altered: false,
            place: place.clone(),
            of: None,
        });
        key(id).to_string()
    }

    /// What a query (JMESPath, jq, a property of PowerShell) takes out of a
    /// value.
    pub(in super::super) fn select(&mut self, value: &str, query: &str, place: &Place) -> Value {
        // Nothing instead of a key that is missing.
        let query = query.replace("// empty", "");
        let query = query.trim();
        if keys(value).next().is_none() {
            return Value::new();
        }
        if NAMES.is_match(query) {
            return Value::new();
        }
        let mut out = Value::new();
        for listed in keys(value) {
            let known = self.world.keys[listed].clone();
            match known.scope {
                Scope::HostListing => out += &self.of_host(listed, &known, query, place),
                Scope::FunctionListing => {
                    let name = last_name(query);
                    match name {
                        Some(name) => {
                            let app = known.app.clone().unwrap_or_default();
                            let function = known.function.clone();
                            out += &self.taken(listed, Scope::Function, &name, |machine| {
                                let function = function.as_deref();
                                machine.fetched(Scope::Function, &name, &app, function, place)
                            });
                        }
                        None => out.push(key(listed)),
                    }
                }
                // `.functionKeys` was taken before, and a name of one now.
                Scope::Host if known.name.is_empty() => match last_name(query) {
                    Some(name) => {
                        let app = known.app.clone().unwrap_or_default();
                        out += &self.taken(listed, Scope::Host, &name, |machine| {
                            machine.fetched(Scope::Host, &name, &app, None, place)
                        });
                    }
                    None => out.push(key(listed)),
                },
                _ => out.push(key(listed)),
            }
        }
        // The text around the keys does not matter: it is no key.
        out
    }

    /// A key that is taken out of a listing: the same each time.
    fn taken(
        &mut self,
        listing: usize,
        scope: Scope,
        name: &str,
        fetch: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let known = (listing, scope, name.to_owned());
        if let Some(value) = self.taken.get(&known) {
            return value.clone();
        }
        let value = fetch(self);
        self.taken.insert(known, value.clone());
        value
    }

    fn of_host(&mut self, listed: usize, known: &Key, query: &str, place: &Place) -> Value {
        let app = known.app.clone().unwrap_or_default();
        let mut out = Value::new();
        for found in KIND.captures_iter(query) {
            if found.name("master").is_some() {
                out += &self.taken(listed, Scope::Master, "master", |machine| {
                    machine.fetched(Scope::Master, "master", &app, None, place)
                });
                continue;
            }
            let name = found.name("name").map_or("", |name| name.as_str()).trim();
            let scope = match found.name("kind").map(|kind| kind.as_str()) {
                Some("systemKeys") => Scope::System,
                _ => Scope::Host,
            };
            out += &self.taken(listed, scope, name, |machine| {
                machine.fetched(scope, name, &app, None, place)
            });
        }
        if out.is_empty() {
            out.push(key(listed));
        }
        out
    }

    /// A secret that is fetched from a vault, if its name says that it is a
    /// key of Azure Functions.
    pub(super) fn vault_secret(&mut self, name: &str, place: &Place) -> Value {
        if !says_key(name) {
            return Value::new();
        }
        let scope = match says_master(name) {
            true => Scope::Master,
            false => Scope::Unknown,
        };
        self.fetched(scope, name, "", None, place)
    }

    /// Whether all of a value is keys that a platform's mask does not know.
    pub(super) fn altered_of(&mut self, value: &str) -> Value {
        let ids: Vec<usize> = value.chars().filter_map(id).collect();
        ids.into_iter()
            .map(|id| key(self.world.altered(id)))
            .collect()
    }
}

/// The key's name at the end of a query on a listing of a function's keys.
fn last_name(query: &str) -> Option<String> {
    let query = query
        .trim_start_matches(['.', '@', '['])
        .trim_end_matches([']', ' ']);
    let query = query.trim_matches(['"', '\'', '\\', '`']);
    let plain = |c: char| c.is_alphanumeric() || "_-.$ ".contains(c) || !c.is_ascii();
    let is_name = !query.is_empty() && query.chars().all(plain);
    is_name.then(|| query.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_keys() {
        for query in [
            "keys(functionKeys)",
            "keys(@)",
            ".functionKeys | keys",
            "keys[]",
            "length(@)",
            "functionKeys | keys(@)",
            ".functionKeys|to_entries[]|.key",
            "keys",
        ] {
            assert!(NAMES.is_match(query), "{query}");
        }
        for query in [
            "functionKeys.default",
            ".masterKey",
            "systemKeys.eventgrid_extension",
            "functionKeys",
            "functionKeys.\"my-key\"",
            "@",
            ".",
        ] {
            assert!(!NAMES.is_match(query), "{query}");
        }
    }

    #[test]
    fn queries_say_what_they_take() {
        let kind = |query| {
            let found = KIND.captures(query)?;
            let kind = found
                .name("master")
                .or(found.name("kind"))?
                .as_str()
                .to_owned();
            Some((
                kind,
                found
                    .name("name")
                    .map_or("", |name| name.as_str())
                    .to_owned(),
            ))
        };
        for (query, expected) in [
            ("masterKey", ("masterKey", "")),
            (".functionKeys.default", ("functionKeys", "default")),
            ("functionKeys.\"my-key\"", ("functionKeys", "my-key")),
            ("functionKeys['my-key']", ("functionKeys", "my-key")),
            ("[\"functionKeys\"][\"x\"]", ("functionKeys", "x")),
            (
                "systemKeys.eventgrid_extension",
                ("systemKeys", "eventgrid_extension"),
            ),
            ("functionKeys", ("functionKeys", "")),
        ] {
            let (kind, name) = kind(query).unwrap_or_default();
            assert_eq!((kind.as_str(), name.as_str()), expected, "{query}");
        }
        assert_eq!(last_name(".default").as_deref(), Some("default"));
        assert_eq!(last_name("\"my-key\"").as_deref(), Some("my-key"));
        assert_eq!(last_name("[0].value"), None);
    }
}
