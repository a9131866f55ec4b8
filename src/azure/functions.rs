//! The functions of an app.

use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

use super::client::{Ask, Budget};
use super::failure::Failure;
use super::run::Run;
use super::sites::Site;
use crate::inventory::{AuthLevel, Function, Moment, Text};

/// The action that it needs.
pub(super) const ACTION: &str = "Microsoft.Web/sites/functions/read";

#[derive(Deserialize)]
pub(super) struct Raw {
    name: Option<String>,
    properties: Option<RawProperties>,
}

/// Microsoft.Web writes these names with underscores, and some with capitals.
#[derive(Deserialize)]
struct RawProperties {
    name: Option<String>,
    language: Option<String>,
    #[serde(rename = "isDisabled", alias = "is_disabled")]
    disabled: Option<bool>,
    config: Option<Value>,
}

/// Those that could be listed, when, and why not all of them.
pub(super) async fn read(
    run: &Run,
    scope: &Arc<str>,
    site: &Site,
    budget: &Budget,
) -> (Vec<Function>, Moment, Option<Failure>) {
    let mut functions: Vec<Function> = Vec::new();
    let mut first = None;
    let url = run.url(
        &format!("{}/functions", site.id),
        &run.options.web_api_version,
    );
    let failure = match url {
        Ok(url) => {
            let ask = Ask::get(url, scope);
            let facts = |raw: Vec<Raw>| {
                let functions: Vec<Function> = raw.into_iter().filter_map(function).collect();
                (Moment::now(), functions)
            };
            let name = ask.name();
            let taken = |(moment, page)| {
                first.get_or_insert(moment);
                functions.extend::<Vec<Function>>(page);
            };
            run.client.pages(&name, ask, budget, facts, taken).await
        }
        Err(failure) => Some(failure),
    };
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    functions.dedup_by(|a, b| a.name == b.name);
    (functions, first.unwrap_or_else(Moment::now), failure)
}

pub(super) fn function(raw: Raw) -> Option<Function> {
    let properties = raw.properties;
    let own = properties.as_ref().and_then(|it| it.name.as_deref());
    // `app/function`.
    let name = own.or_else(|| raw.name.as_deref()?.rsplit('/').next())?;
    let bindings = properties
        .as_ref()
        .and_then(|it| it.config.as_ref()?.get("bindings")?.as_array());
    let bindings = bindings.map_or(&[][..], Vec::as_slice);
    let text = |binding: &Value, name: &str| -> Option<String> {
        Some(binding.get(name)?.as_str()?.to_owned())
    };
    let triggers: Vec<(String, &Value)> = bindings
        .iter()
        .filter_map(|binding| Some((text(binding, "type")?, binding)))
        .filter(|(kind, _)| kind.to_ascii_lowercase().ends_with("trigger"))
        .collect();
    let http = triggers
        .iter()
        .find(|(kind, _)| kind.eq_ignore_ascii_case("httpTrigger"))
        .map(|(_, binding)| *binding);
    let route = http.and_then(|binding| text(binding, "route"));
    Some(Function {
        name: Text::name(name),
        language: properties
            .as_ref()
            .and_then(|it| it.language.as_deref())
            .map(Text::name),
        disabled: properties
            .as_ref()
            .and_then(|it| it.disabled)
            .unwrap_or(false),
        triggers: triggers.iter().map(|(kind, _)| Text::name(kind)).collect(),
        auth_level: http.map(|binding| auth_level(text(binding, "authLevel").as_deref())),
        route: route
            .filter(|route| route != name)
            .as_deref()
            .map(|route| Text::name(route).into()),
    })
}

fn auth_level(word: Option<&str>) -> AuthLevel {
    let is = |level: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(level));
    if is("anonymous") {
        AuthLevel::Anonymous
    } else if is("admin") {
        AuthLevel::Admin
    } else {
        AuthLevel::Function
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Function {
        function(serde_json::from_str(json).unwrap()).unwrap()
    }

    #[test]
    fn reads_triggers_and_levels() {
        let http = of(
            r#"{"name": "app/Place", "properties": {"name": "Place", "language": "dotnet-isolated",
                "isDisabled": true, "config": {"bindings": [
                {"type": "httpTrigger", "authLevel": "Anonymous", "route": "orders/{id}"},
                {"type": "http", "direction": "out"}]}}}"#,
        );
        assert_eq!(http.auth_level, Some(AuthLevel::Anonymous));
        assert_eq!(http.triggers.len(), 1);
        assert_eq!(http.route.unwrap().as_str(), "orders/{id}");
        assert!(http.disabled);
        let silent = of(
            r#"{"properties": {"name": "F", "config": {"bindings": [{"type": "HttpTrigger"}]}}}"#,
        );
        assert_eq!(silent.auth_level, Some(AuthLevel::Function));
        let timer = of(r#"{"name": "app/slot/Tick", "properties": {"config": null}}"#);
        assert_eq!((timer.name.as_str(), timer.auth_level), ("Tick", None));
    }
}
