//! Keys that several pipelines use, or that are sent to several apps.

use std::collections::{BTreeMap, BTreeSet};

use super::super::value::{Place, Scope, Supply, is_known, shown, unknowns};
use super::super::world::{What, World};
use super::supply;
use crate::excerpt::{redact_host, redact_path};
use crate::fact::{Fact, PipelineSharedKey, Related};

/// What tells one key from another, across the pipelines of a repository.
type Identity = (String, Supply, String, Option<String>, Option<String>);

/// The uses of keys, by key.
#[derive(Default)]
pub(in super::super) struct Shared(BTreeMap<Identity, Uses>);

#[derive(Default)]
struct Uses {
    pipelines: BTreeSet<String>,
    /// What it is sent to.
    hosts: BTreeSet<String>,
    /// What it is stored for.
    holders: BTreeSet<String>,
    places: Vec<(String, Place)>,
    key: Option<super::super::value::Key>,
}

impl Uses {
    /// The apps of several callers. One that the key is sent to and one that it
    /// is stored for are a check and a hand-over: that is how a rotation goes.
    fn apps(&self) -> impl Iterator<Item = &String> {
        let several = |apps: &BTreeSet<String>| apps.len() > 1 || self.pipelines.len() > 1;
        let all = [&self.hosts, &self.holders].into_iter();
        all.filter(move |apps| several(apps)).flatten()
    }
}

impl Shared {
    /// Adds the uses of one pipeline of a repository.
    pub(in super::super) fn add(&mut self, root: &str, pipeline: &str, world: &World) {
        for event in &world.events {
            let Some(id) = event.key.map(|id| world.root(id)) else {
                continue;
            };
            let key = &world.keys[id];
            let counts = match &event.what {
                What::Send(_) | What::Name | What::Store(_) => true,
                What::Fetch => key.from == Supply::Fetched,
                _ => false,
            };
            // A key that is fetched counts where it opens a whole app.
            let wide = key.from != Supply::Fetched || key.scope == Scope::Host;
            if !counts || !wide {
                continue;
            }
            let job = world.jobs.get(event.job);
            let values_of = job.and_then(|job| job.values_of.clone());
            let values_of = values_of.filter(|_| key.from != Supply::Fetched);
            let identity = (
                root.to_owned(),
                key.from,
                key.name.clone(),
                key.app.clone(),
                values_of.clone(),
            );
            // In a loop over callers each may have a key of its own.
            let app = key.app.as_deref().unwrap_or_default();
            let varying = [values_of.as_deref().unwrap_or_default(), &key.name, app].concat();
            let uses = self.0.entry(identity).or_default();
            uses.pipelines.insert(pipeline.to_owned());
            uses.places.push((pipeline.to_owned(), event.place.clone()));
            uses.key.get_or_insert_with(|| key.clone());
            match &event.what {
                What::Send(target) => {
                    let host = target.host.as_deref().unwrap_or_default();
                    let hosts = each(world, &host.to_ascii_lowercase(), &varying);
                    let hosts = hosts.into_iter().filter(|host| host.contains('.'));
                    uses.hosts.extend(hosts);
                }
                What::Store(target) if !target.is_empty() => {
                    let holders = each(world, target, &varying);
                    uses.holders
                        .extend(holders.into_iter().filter(|name| is_known(name)));
                }
                _ => {}
            }
        }
    }
}

/// The apps that a name or a host stands for: those of a matrix or a loop are
/// several, unless the values of the keys vary with it as well.
fn each(world: &World, named: &str, varying: &str) -> Vec<String> {
    let names: Vec<&str> = unknowns(named).collect();
    let [name] = names.as_slice() else {
        // What only a run knows may be one and the same.
        return match names.is_empty() {
            true => vec![named.to_owned()],
            false => Vec::new(),
        };
    };
    let several = world.several.get(*name).filter(|values| {
        let together = unknowns(varying).any(|varies| varies == *name);
        values.len() > 1 && !together
    });
    match several {
        Some(values) => {
            let unknown = super::super::value::unknown(name);
            values
                .iter()
                .map(|value| named.replace(&unknown, value))
                .collect()
        }
        None => vec![named.to_owned()],
    }
}

/// The keys that serve more than one caller.
pub(in super::super) fn share(shared: Shared) -> Vec<Fact> {
    let several = |uses: &Uses| uses.pipelines.len() > 1 || uses.apps().nth(1).is_some();
    let all = shared.0.into_iter().filter(|(_, uses)| several(uses));
    all.filter_map(|((_, from, name, app, _), mut uses)| {
        // A key that the pipeline fetches without a name may be any.
        if from == Supply::Fetched && (name.is_empty() || app.as_deref().is_none_or(str::is_empty))
        {
            return None;
        }
        let key = uses.key.take()?;
        let apps: BTreeSet<String> = uses.apps().map(|app| redact_host(&shown(app))).collect();
        uses.places.sort_by(|a, b| a.1.order().cmp(&b.1.order()));
        uses.places.dedup_by(|a, b| a.1.order() == b.1.order());
        let mut places = uses.places.into_iter();
        let (_, first) = places.next()?;
        let related = places.map(|(pipeline, place)| Related {
            location: place.source.place(place.span.clone()),
            message: format!("The same key, in '{}'.", redact_path(&pipeline)),
        });
        Some(Fact::from(PipelineSharedKey {
            supply: supply(&key),
            name: shown(&name),
            app: app.as_deref().map(shown),
            pipelines: uses
                .pipelines
                .iter()
                .map(|path| redact_path(path))
                .collect(),
            apps: apps.into_iter().collect(),
            path: redact_path(&first.source.path),
            location: first.source.place(first.span.clone()),
            related: related.collect(),
        }))
    })
    .collect()
}
