//! Where a template lists keys of a function app, and which of them it takes.

use super::program::{At, Program, Step};
use crate::fact::TemplateKey;
use crate::syntax::expression::{Call, Expr, ExprKind};

/// Keys that were listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// The app, as the template names it.
    pub(super) app: String,
    /// The function, where they are those of one.
    pub(super) function: Option<String>,
}

/// A key that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) app: String,
    pub(super) key: TemplateKey,
    pub(super) name: Option<String>,
    /// The expression that takes it out of the listing: file and bytes.
    pub(super) read: Option<(String, std::ops::Range<usize>)>,
}

/// What Terraform's data source of host keys has.
const HOST_KEYS: &[(&str, TemplateKey)] = &[
    ("primary_key", TemplateKey::Master),
    ("master_key", TemplateKey::Master),
    ("default_function_key", TemplateKey::Host),
    ("event_grid_extension_config_key", TemplateKey::System),
    ("event_grid_extension_key", TemplateKey::System),
    ("signalr_extension_key", TemplateKey::System),
    ("durabletask_extension_key", TemplateKey::System),
    ("webpubsub_extension_key", TemplateKey::System),
    ("blobs_extension_key", TemplateKey::System),
];

impl Program {
    /// The keys that a call lists: `listKeys(id, version)`, `host.listKeys()`.
    pub(super) fn listing(&self, at: &At<'_>, call: &Call) -> Option<Listing> {
        let function = call.function.to_ascii_lowercase();
        if !matches!(
            function.as_str(),
            "listkeys" | "listsecrets" | "listhostkeys" | "list"
        ) {
            return None;
        }
        let of = call.target.as_ref().or_else(|| call.arguments.first())?;
        let id = self.render(at, of);
        listing_of(&id, function == "listhostkeys")
    }

    /// The keys that a resource of Terraform lists.
    fn listing_resource(&self, at: &At<'_>, number: usize) -> Option<Listing> {
        let resource = &self.unit(at).resources[number];
        let there = at.in_source(&resource.source);
        let value = |name: &str| {
            let property = resource.body.get(name)?;
            Some(self.render(&there, &property.value))
        };
        match resource.kind.as_str() {
            "data.azurerm_function_app_host_keys" => Some(Listing {
                app: app_name(&value("name")?),
                function: None,
            }),
            "azapi_resource_action" | "data.azapi_resource_action" => {
                let action = value("action")?.to_ascii_lowercase();
                let id = value("resource_id")?;
                match action.trim_matches('/') {
                    "listkeys" | "listsecrets" => listing_of(&id, false),
                    "host/default/listkeys" => listing_of(&id, true),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The key that steps from a resource of Terraform lead to.
    pub(super) fn key_of_resource(
        &self,
        at: &At<'_>,
        number: usize,
        trail: &[Step],
    ) -> Option<Key> {
        let listing = self.listing_resource(at, number)?;
        let kind = &self.unit(at).resources[number].kind;
        if kind.ends_with("azapi_resource_action") {
            let output = trail
                .iter()
                .position(|step| step.is("output") || step.is("sensitive_output"))?;
            return take(listing, &trail[output + 1..]);
        }
        for step in trail {
            let known = HOST_KEYS.iter().find(|(name, _)| step.is(name));
            if let Some((name, key)) = known {
                return Some(Key {
                    app: listing.app,
                    key: *key,
                    name: (*key != TemplateKey::Master).then(|| (*name).to_owned()),
                    read: Some((step.path.clone(), step.span.clone())),
                });
            }
            if step.is("id") || step.is("name") || step.is("resource_group_name") {
                return None;
            }
        }
        take(listing, &[])
    }
}

/// The listing of an id; `whole` when the id is that of the app.
fn listing_of(id: &str, whole: bool) -> Option<Listing> {
    let lower = id.to_ascii_lowercase();
    let lower = lower.trim_end_matches('/');
    let id = &id[..lower.len()];
    if whole {
        let about = lower.contains("/sites/") || lower.starts_with('{');
        return about.then(|| Listing {
            app: app_name(id),
            function: None,
        });
    }
    if let Some(app) = lower.strip_suffix("/host/default") {
        return Some(Listing {
            app: app_name(&id[..app.len()]),
            function: None,
        });
    }
    // A computed name of the host is still one.
    if lower.contains("microsoft.web/sites/") && lower.contains("/host/") {
        let end = lower.find("/host/")?;
        return Some(Listing {
            app: app_name(&id[..end]),
            function: None,
        });
    }
    let at = lower.rfind("/functions/")?;
    let function = &id[at + "/functions/".len()..];
    let is_one = lower.contains("/sites/") || lower.starts_with('{');
    (is_one && !function.contains('/')).then(|| Listing {
        app: app_name(&id[..at]),
        function: Some(function.to_owned()),
    })
}

/// The app of an id: its name, with that of a slot.
fn app_name(id: &str) -> String {
    let lower = id.to_ascii_lowercase();
    match lower.rfind("/sites/") {
        Some(at) => id[at + "/sites/".len()..].to_owned(),
        None => id.rsplit("/providers/").next().unwrap_or(id).to_owned(),
    }
}

/// The key that steps from a listing lead to.
pub(super) fn take(listing: Listing, trail: &[Step]) -> Option<Key> {
    let Listing { app, function } = listing;
    let named = |step: Option<&Step>| step.and_then(Step::name).map(str::to_owned);
    let read = trail
        .first()
        .map(|step| (step.path.clone(), step.span.clone()));
    if let Some(function) = function {
        let name = named(trail.first());
        let key = match name.as_deref() {
            None => TemplateKey::All,
            Some("id" | "name" | "type" | "kind" | "href") => return None,
            Some(_) => TemplateKey::Function,
        };
        let name = name.map_or(function.clone(), |name| format!("{function}/{name}"));
        let name = Some(name);
        return Some(Key {
            app,
            key,
            name,
            read,
        });
    }
    let group = trail.first();
    let (key, name) = match group {
        None => (TemplateKey::All, None),
        Some(step) if step.is("masterKey") => (TemplateKey::Master, None),
        Some(step) if step.is("functionKeys") => (TemplateKey::Host, named(trail.get(1))),
        Some(step) if step.is("systemKeys") => (TemplateKey::System, named(trail.get(1))),
        Some(step) if step.name().is_none() => (TemplateKey::All, None),
        Some(_) => return None,
    };
    Some(Key {
        app,
        key,
        name,
        read,
    })
}

/// Whether a value passes through a function: as it is, or as a part of the
/// result. Others make something else of it.
pub(super) fn passes(function: &str) -> Option<Passing> {
    let as_it_is = [
        "any",
        "json",
        "jsondecode",
        "nonsensitive",
        "sensitive",
        "union",
        "merge",
        "coalesce",
        "try",
        "tomap",
        "toset",
        "tolist",
        "shallowmerge",
        "concat",
        "flatten",
        "tostring",
        "base64tojson",
        "yamldecode",
        "ephemeralasnull",
        "one",
    ];
    let part = [
        "format",
        "string",
        "base64",
        "base64encode",
        "base64decode",
        "base64tostring",
        "uri",
        "uricomponent",
        "uricomponenttostring",
        "urlencode",
        "replace",
        "trim",
        "trimspace",
        "tolower",
        "toupper",
        "lower",
        "upper",
        "substring",
        "substr",
        "join",
        "split",
        "jsonencode",
        "yamlencode",
        "datauri",
        "padleft",
        "templatefile",
        "createarray",
        "array",
        "compact",
        "distinct",
        "formatlist",
        "regex",
        "chomp",
        "trimsuffix",
        "trimprefix",
    ];
    let item = [
        "first", "last", "element", "values", "lookup", "skip", "take", "reverse", "slice",
    ];
    if as_it_is.contains(&function) {
        Some(Passing::AsItIs)
    } else if part.contains(&function) {
        Some(Passing::Part)
    } else if item.contains(&function) {
        Some(Passing::Item)
    } else {
        None
    }
}

/// How a value passes through a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passing {
    AsItIs,
    Part,
    Item,
}

/// Whether an expression is a chain that may read a key.
pub(super) fn is_chain(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Member(..) | ExprKind::Index(..))
}
