//! Apps and their functions.

use super::Estate;
use super::age::day;
use crate::fact::Fact;
use crate::fact::live::{LiveApp, LiveFunction, resource};
use crate::inventory::{App, AuthLevel, Function, Tags, Text};

/// Tags that say who answers for something.
const OWNER_TAGS: &[&str] = &["owner", "team", "contact"];

pub(super) fn add(estate: &Estate<'_>, app: &App, facts: &mut Vec<Fact>) {
    let reference = estate.reference(app);
    let http = |wanted: &dyn Fn(AuthLevel) -> bool| {
        let named = |function: &Function| {
            let open = !function.disabled && function.auth_level.is_some_and(wanted);
            open.then(|| function.name.to_string())
        };
        app.functions.iter().filter_map(named).collect::<Vec<_>>()
    };
    let text = |text: &Option<Text>| text.as_ref().map(ToString::to_string);
    facts.push(Fact::from(LiveApp {
        app: reference.clone(),
        region: text(&app.location),
        state: text(&app.state),
        sku: text(&app.sku),
        owner: owner(estate, app),
        public: app.access.public,
        restrictions: app.access.restrictions,
        private_endpoints: app.access.private_endpoints,
        auth_required: app.access.auth_required,
        key_store: app.key_store,
        key_functions: http(&|level| level != AuthLevel::Anonymous),
        anonymous_functions: http(&|level| level == AuthLevel::Anonymous),
        assessed: app.keys_read.is_some(),
        stale: app.stale.map(day),
        location: resource(app.id.as_str()),
    }));
    for function in &app.functions {
        let id = format!("{}/functions/{}", app.id, function.name);
        facts.push(Fact::from(LiveFunction {
            app: reference.clone(),
            name: function.name.to_string(),
            language: text(&function.language),
            enabled: !function.disabled,
            triggers: function.triggers.iter().map(ToString::to_string).collect(),
            auth_level: function.auth_level,
            auth_required: app.access.auth_required,
            stale: app.stale.map(day),
            location: resource(&id),
            id,
        }));
    }
}

/// Who answers for an app, as the nearest tag says: its own, its site's for a
/// slot, its resource group's.
pub(super) fn owner(estate: &Estate<'_>, app: &App) -> Option<String> {
    let site = app.id.slot().and_then(|_| app.id.site_id());
    let site = site.and_then(|id| estate.apps.get(&id).copied());
    let tags = [
        Some(&app.tags),
        site.map(|site| &site.tags),
        Some(&app.group_tags),
    ];
    let said = |tags: &Tags, name: &str| {
        let mut tags = tags.iter();
        tags.find(|(tag, value)| tag.eq_ignore_ascii_case(name) && !value.trim().is_empty())
            .map(|(_, value)| value.to_string())
    };
    tags.into_iter()
        .flatten()
        .find_map(|tags| OWNER_TAGS.iter().find_map(|name| said(tags, name)))
}
