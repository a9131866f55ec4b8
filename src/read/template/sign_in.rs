//! Which apps require sign-in with Entra of everybody who calls them.

use std::rc::Rc;

use super::destination::find;
use super::kind::is_function_app;
use super::program::{At, Instance, Program};
use super::unit::Resource;
use crate::project::parent;
use crate::syntax::expression::{Expr, ExprKind};

/// A function app that a template makes or configures.
#[derive(Clone, Debug, PartialEq, Eq)]
struct App {
    /// The template.
    path: String,
    /// The app's name, as templates write it.
    name: String,
    requires: bool,
}

/// The function apps of all templates.
#[derive(Default)]
pub(crate) struct SignIn {
    apps: Vec<App>,
}

impl SignIn {
    /// Of all deployments.
    pub(super) fn of(program: &Program, instances: &[Rc<Instance>]) -> Self {
        let mut apps: Vec<(usize, App)> = Vec::new();
        for instance in instances {
            for (number, resource) in program.units[instance.unit].resources.iter().enumerate() {
                let at = At {
                    instance: Rc::clone(instance),
                    source: &resource.source,
                    items: None,
                };
                if let Some(app) = app(program, &at, number, resource) {
                    // An app and its settings meet where one template
                    // deploys both, or where two of one directory name it. A
                    // name that is a parameter is many apps'.
                    let deployment = root(instance);
                    let same = |(of, known): &&mut (usize, App)| {
                        let together = beside(&known.path, &app.path);
                        known.name == app.name
                            && (*of == deployment || (together && !app.name.contains('{')))
                    };
                    match apps.iter_mut().find(same) {
                        Some((_, known)) => known.requires |= app.requires,
                        None => apps.push((deployment, app)),
                    }
                }
            }
        }
        let apps = apps.into_iter().map(|(_, app)| app).collect();
        Self { apps }
    }

    /// Whether the app that a file is code of requires it: the templates are
    /// those of the nearest directory around the file that has some. Where some
    /// of their apps require it and others do not, the app's name has to be in
    /// the path of the file.
    pub(crate) fn covers(&self, file: &str) -> bool {
        let mut directory = parent(file);
        loop {
            let near: Vec<&App> = self
                .apps
                .iter()
                .filter(|app| is_below(&app.path, directory))
                .collect();
            if !near.is_empty() {
                if near.iter().all(|app| app.requires) {
                    return true;
                }
                let mut named = near.iter().filter(|app| names(&app.name, file)).peekable();
                return named.peek().is_some() && named.all(|app| app.requires);
            }
            if directory.is_empty() || directory == "/" {
                return false;
            }
            directory = parent(directory);
        }
    }
}

/// The unit that everything begins at which deploys this one.
fn root(instance: &Rc<Instance>) -> usize {
    match &instance.parent {
        Some((parent, _)) => root(parent),
        None => instance.unit,
    }
}

/// Whether one of the files lies in the directory of the other, or below it.
fn beside(one: &str, other: &str) -> bool {
    is_below(one, parent(other)) || is_below(other, parent(one))
}

fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty()
        || path
            .strip_prefix(directory)
            .is_some_and(|rest| rest.starts_with('/') || directory == "/")
}

/// Whether a directory of the path is named after the app: `func-orders-prod`
/// and `services/orders`.
fn names(app: &str, file: &str) -> bool {
    let app = app.to_ascii_lowercase();
    let words: Vec<&str> = app.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    parent(file)
        .split('/')
        .any(|part| part.len() > 2 && words.contains(&part.to_ascii_lowercase().as_str()))
}

fn app<'p>(
    program: &'p Program,
    at: &At<'p>,
    number: usize,
    resource: &'p Resource,
) -> Option<App> {
    let id = || program.resource_id(at, number, 12);
    let name = |id: &str| {
        let lower = id.to_ascii_lowercase();
        let start = lower.find("/sites/")? + "/sites/".len();
        Some(id[start..].split('/').next().unwrap_or_default().to_owned())
    };
    let found = |name: String, requires: bool| App {
        path: resource.source.path.clone(),
        name,
        requires,
    };
    match resource.kind.as_str() {
        "microsoft.web/sites" if !resource.existing => {
            let kind = resource
                .body
                .get("kind")
                .map(|kind| program.render(at, &kind.value));
            // One whose kind is not told may be a function app.
            let other =
                kind.is_some_and(|kind| !kind.contains("functionapp") && !kind.contains('{'));
            (!other).then(|| Some(found(name(&id())?, false)))?
        }
        "microsoft.web/sites/config" => {
            let id = id();
            let settings = id
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let properties = resource.body.get("properties")?;
            let requires = match settings.as_str() {
                "authsettingsv2" => version_two(program, at, &properties.value),
                "authsettings" => version_one(program, at, &properties.value),
                _ => return None,
            };
            Some(found(name(&id)?, requires))
        }
        kind if is_function_app(kind) && !resource.existing => {
            let requires = find(&resource.body, &["auth_settings_v2"])
                .is_some_and(|block| block_two(program, at, block))
                || find(&resource.body, &["auth_settings"])
                    .is_some_and(|block| block_one(program, at, block));
            Some(found(name(&id())?, requires))
        }
        _ => None,
    }
}

/// `true` or `false`, if that is told.
fn flag<'p>(program: &'p Program, at: &At<'p>, of: &'p Expr, path: &[&str]) -> Option<bool> {
    match program.constant(at, find(of, path)?)? {
        (ExprKind::Bool(value), ..) => Some(*value),
        (ExprKind::Text(text), ..) => text.parse().ok(),
        _ => None,
    }
}

/// A word, if it is told.
fn word<'p>(program: &'p Program, at: &At<'p>, of: &'p Expr, path: &[&str]) -> Option<String> {
    match program.constant(at, find(of, path)?)? {
        (ExprKind::Text(text), ..) => Some(text.to_ascii_lowercase()),
        _ => None,
    }
}

/// `authsettingsV2`
fn version_two<'p>(program: &'p Program, at: &At<'p>, properties: &'p Expr) -> bool {
    let flag = |path: &[&str]| flag(program, at, properties, path);
    let action = ["globalValidation", "unauthenticatedClientAction"];
    find(properties, &["identityProviders", "azureActiveDirectory"]).is_some()
        && flag(&["identityProviders", "azureActiveDirectory", "enabled"]) != Some(false)
        && flag(&["platform", "enabled"]) != Some(false)
        && flag(&["globalValidation", "requireAuthentication"]) == Some(true)
        && word(program, at, properties, &action).is_none_or(|action| action != "allowanonymous")
}

/// `authsettings`
fn version_one<'p>(program: &'p Program, at: &At<'p>, properties: &'p Expr) -> bool {
    flag(program, at, properties, &["enabled"]) == Some(true)
        && word(program, at, properties, &["unauthenticatedClientAction"])
            .is_some_and(|action| action == "redirecttologinpage")
        && find(properties, &["clientId"]).is_some()
}

/// `auth_settings_v2`
fn block_two<'p>(program: &'p Program, at: &At<'p>, block: &'p Expr) -> bool {
    flag(program, at, block, &["auth_enabled"]) == Some(true)
        && flag(program, at, block, &["require_authentication"]) == Some(true)
        && word(program, at, block, &["unauthenticated_action"])
            .is_none_or(|action| action != "allowanonymous")
        && find(block, &["active_directory_v2"]).is_some()
}

/// `auth_settings`
fn block_one<'p>(program: &'p Program, at: &At<'p>, block: &'p Expr) -> bool {
    flag(program, at, block, &["enabled"]) == Some(true)
        && word(program, at, block, &["unauthenticated_client_action"])
            .is_some_and(|action| action == "redirecttologinpage")
        && find(block, &["active_directory"]).is_some()
}
