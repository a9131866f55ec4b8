//! Requests to what administers keys.

use std::sync::LazyLock;

use regex::Regex;

use super::super::value::{Place, Scope, Value};
use super::super::world::{Subject, What};
use super::http::{Request, parts};
use super::{Chunk, Machine};

/// The keys of an app, as its own administration or Azure's names them.
static ADMINISTRATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix-u)(?:sites/(?P<site>(?u:[^/])+)/(?:slots/(?u:[^/])+/)?)?
          (?: host/default/(?P<kind>functionkeys|systemkeys|listkeys|masterkey)
            | functions/(?P<function>(?u:[^/?])+)/(?P<own>keys|listkeys)
            | admin/host/(?P<admin>keys|functionkeys|systemkeys) )
          (?:/(?P<name>(?u:[^/?])+))?",
    )
    .expect("a constant pattern, tested")
});

static VALUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)["']?\bvalue\\?["']?\s*[:=]\s*\\?["']?(?P<value>[^\s"'},]+)"#)
        .expect("a constant pattern, tested")
});

impl Machine<'_> {
    /// A request to what administers keys.
    pub(super) fn administration(&mut self, request: &Request<'_>, place: &Place) -> Option<Chunk> {
        let found = ADMINISTRATION.captures(request.url)?;
        let text = |name: &str| found.name(name).map(|part| part.as_str().to_owned());
        let kind = text("kind")
            .or(text("admin"))
            .or(text("own"))?
            .to_ascii_lowercase();
        let app = text("site").unwrap_or_else(|| parts(request.url).0.unwrap_or_default());
        let function = text("function");
        let name = text("name").unwrap_or_default();
        let name = name
            .split(['?', '"', '\''])
            .next()
            .unwrap_or_default()
            .to_owned();
        let listing = |machine: &mut Self| {
            let text = machine.listing(&app, function.as_deref(), place);
            Some(Chunk {
                text,
                place: place.clone(),
            })
        };
        let subject = Subject {
            app: app.clone(),
            function: function.clone(),
            kind: match kind.as_str() {
                "keys" if function.is_some() => "functionKeys".to_owned(),
                "keys" | "functionkeys" => "functionKeys".to_owned(),
                other => other.to_owned(),
            },
            name: name.clone(),
        };
        match (request.method.as_str(), kind.as_str()) {
            (_, "listkeys") => return listing(self),
            ("get", "keys" | "functionkeys" | "systemkeys") if text("admin").is_some() => {
                if name == "_master" {
                    let text = self.fetched(Scope::Master, "master", &app, None, request.place);
                    return Some(Chunk {
                        text,
                        place: place.clone(),
                    });
                }
                return listing(self);
            }
            ("put" | "post" | "patch", _) if !name.is_empty() => {
                let value = VALUE
                    .captures(&request.body)
                    .map(|found| found["value"].to_owned());
                let chosen = value.filter(|value| value != "null" && !value.starts_with('\\'));
                let what = match chosen {
                    Some(_) => What::Choose(subject),
                    None => What::Create(subject),
                };
                self.world.event(what, None, place);
            }
            ("delete", _) if !name.is_empty() => {
                self.world.event(What::Delete(subject), None, place)
            }
            _ => return None,
        }
        Some(Chunk {
            text: Value::new(),
            place: place.clone(),
        })
    }
}
