//! From what was seen in a pipeline to facts about it.

mod rotation;
mod sharing;

pub(super) use sharing::{Shared, share};

use std::collections::{BTreeMap, BTreeSet};

use super::name::Dialect;
use super::value::{Key, Scope, Supply, is_known, shown, unknowns, words};
use super::world::{Event, Way, What, World};
use crate::environment::Environments;
use crate::excerpt::{redact, redact_host, redact_path};
use crate::fact::{
    Fact, KeyAction, KeySupply, PipelineDialect, PipelineKeyKind, PipelineKeyUse, PrintWay, Related,
};
use crate::fix::Fix;
use crate::location::Location;
use crate::read::structured::Region;

/// Makes the facts of one pipeline.
pub(super) struct Maker<'f> {
    pub world: &'f World,
    pub dialect: Dialect,
    pub environments: &'f Environments,
    /// Whether only a person starts the pipeline.
    pub by_hand: bool,
    /// Whether it runs again and again, at set times.
    pub scheduled: bool,
}

impl Maker<'_> {
    pub(super) fn facts(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.uses().into_iter().map(Fact::from).collect();
        facts.extend(self.rotations().into_iter().map(Fact::from));
        facts
    }

    /// The jobs whose environment is known.
    pub(super) fn regions(&self) -> Vec<Region> {
        let jobs = self.world.jobs.iter().enumerate();
        let region = jobs.filter_map(|(number, job)| {
            let place = job.place.as_ref()?;
            Some(Region {
                environment: self.environment(number)?,
                place: place.source.place(place.span.clone()),
            })
        });
        region.collect()
    }

    fn uses(&self) -> Vec<PipelineKeyUse> {
        let mut seen = BTreeSet::new();
        let mut mixed = BTreeSet::new();
        let mut uses = Vec::new();
        for event in &self.world.events {
            let Some(mut fact) = self.use_of(event) else {
                continue;
            };
            let key = event.key.map(|id| self.world.root(id));
            let mark = (event.place.order(), fact.action, fact.way, key, event.job);
            if !seen.insert(mark) {
                continue;
            }
            if let Some((subject, other)) = self.mixes(event)
                && mixed.insert((event.job, subject))
            {
                fact.other_environment = Some(other);
                fact.related
                    .extend(key.and_then(|id| self.named_at(id, event)));
            }
            fact.fix = self.fix(event, &fact);
            uses.push(fact);
        }
        uses
    }

    /// Where a key is named that is used elsewhere.
    fn named_at(&self, key: usize, event: &Event) -> Option<Related> {
        let place = &self.world.keys[key].place;
        let location = place.source.place(place.span.clone());
        let used = event.place.source.place(event.place.span.clone());
        let line = |location: &Location| {
            let file = location.file()?;
            Some((file.path.clone(), file.start.line))
        };
        (line(&location) != line(&used)).then(|| Related {
            location,
            message: "The key is named here.".to_owned(),
        })
    }

    fn use_of(&self, event: &Event) -> Option<PipelineKeyUse> {
        let key = event.key.map(|id| &self.world.keys[id]);
        let action = match &event.what {
            What::Fetch => KeyAction::Fetch,
            What::Name => KeyAction::Name,
            What::Print(_) => KeyAction::Print,
            What::Pass { .. } => KeyAction::Pass,
            What::Send(_) => KeyAction::Send,
            What::Choose(_) => KeyAction::Choose,
            _ => return None,
        };
        let job = self.world.jobs.get(event.job);
        let path = redact_path(&event.place.source.path);
        let mut fact = PipelineKeyUse {
            dialect: dialect(self.dialect),
            action,
            kind: key.map_or(PipelineKeyKind::Unknown, kind),
            supply: key.map_or(KeySupply::Made, supply),
            name: key
                .map(|key| shown(&key.name))
                .filter(|name| !name.is_empty()),
            app: key.and_then(|key| key.app.as_deref()).map(shown),
            host: None,
            way: None,
            in_url: false,
            admin: false,
            masked: false,
            functions: Vec::new(),
            elsewhere: false,
            job: job
                .map(|job| redact(&job.name))
                .filter(|name| !name.is_empty()),
            environment: self.environment(event.job),
            other_environment: None,
            path,
            location: event.place.source.place(event.place.span.clone()),
            related: Vec::new(),
            fix: None,
        };
        match &event.what {
            What::Print(way) => fact.way = Some(print_way(*way)),
            What::Pass { masked } => fact.masked = *masked,
            What::Send(target) => {
                fact.host = target
                    .host
                    .as_deref()
                    .map(shown)
                    .map(|host| redact_host(&host));
                fact.in_url = target.in_url;
                fact.admin = target.path.contains("/admin/");
            }
            What::Choose(subject) => {
                fact.app = Some(shown(&subject.app));
                fact.name = Some(shown(&subject.name)).filter(|name| !name.is_empty());
            }
            What::Fetch => {
                let (functions, elsewhere) = self.called_with(key?);
                fact.functions = functions.into_iter().collect();
                fact.elsewhere = elsewhere;
            }
            _ => {}
        }
        Some(fact)
    }

    /// The change that mends a use, where nothing else is wrong with it.
    fn fix(&self, event: &Event, fact: &PipelineKeyUse) -> Option<Fix> {
        let mend = event.mend.as_ref()?;
        let alone = fact.kind != PipelineKeyKind::Master
            && !fact.admin
            && fact.other_environment.is_none()
            && mend.source.path == event.place.source.path;
        alone.then(|| mend.source.fix(mend.what, &mend.edits))
    }

    /// The functions that are called with a key, wherever it is fetched, and
    /// whether anything else is done with it.
    fn called_with(&self, key: &Key) -> (BTreeSet<String>, bool) {
        let mut functions = BTreeSet::new();
        let mut elsewhere = false;
        for event in &self.world.events {
            let Some(other) = event.key.map(|id| &self.world.keys[self.world.root(id)]) else {
                continue;
            };
            let same = other.scope == key.scope && other.app == key.app && other.name == key.name;
            if !same {
                continue;
            }
            match &event.what {
                What::Send(target) => match function(&target.path) {
                    Some(function) if !self.is_several(&function) => {
                        functions.insert(shown(&function));
                    }
                    _ => elsewhere = true,
                },
                What::Store(_) => elsewhere = true,
                _ => {}
            }
        }
        (functions, elsewhere)
    }

    /// Whether a value stands for more than one.
    fn is_several(&self, value: &str) -> bool {
        // `$_` is each item of what comes down a pipe.
        unknowns(value)
            .any(|name| name == "_" || name.starts_with("each ") || name.starts_with("matrix."))
    }

    /// The environment of a job: what it says, else a word of its name that can
    /// mean nothing else.
    fn environment(&self, job: usize) -> Option<String> {
        let job = self.world.jobs.get(job)?;
        match &job.environment {
            Some(named) if is_known(named) && !named.trim().is_empty() => {
                let named = named.trim();
                let named = named.split('.').next().unwrap_or(named);
                let alone = self.environments.normalised(named);
                // `orders-production` is production, too.
                let word = self.environments.of_app(named, None);
                Some(redact(&word.unwrap_or(alone)))
            }
            Some(_) => None,
            None => {
                let words = words(&job.name);
                let clear = ["prod", "production", "prd", "staging", "uat", "preprod"];
                let word = words.iter().find(|word| clear.contains(&word.as_str()))?;
                Some(self.environments.normalised(word))
            }
        }
    }

    /// The environment of what an event is about, where it is not the job's;
    /// and what that is.
    fn mixes(&self, event: &Event) -> Option<(String, String)> {
        let environment = self.environment(event.job)?;
        let swaps = self
            .world
            .events
            .iter()
            .any(|other| other.job == event.job && other.what == What::Swap);
        let key = event.key.map(|id| &self.world.keys[id]);
        let mut candidates = Vec::new();
        if let Some(key) = key.filter(|key| key.from != Supply::Fetched)
            && matches!(event.what, What::Name | What::Send(_))
        {
            let name = words(&key.name).join("-");
            candidates.push((format!("key {name}"), self.environments.of_app(&name, None)));
        }
        if let What::Send(target) = &event.what
            && let Some(host) = target
                .host
                .as_deref()
                .filter(|host| host.contains('.') && !swaps)
        {
            let known = host
                .split(['\u{fdd0}', '\u{fdd1}'])
                .collect::<Vec<_>>()
                .concat();
            candidates.push((format!("host {host}"), self.environments.of_host(&known)));
        }
        if let (What::Fetch, Some(app)) = (&event.what, key.and_then(|key| key.app.as_deref()))
            && !swaps
            && is_known(app)
        {
            let (app, slot) = app
                .split_once('/')
                .map_or((app, None), |(app, slot)| (app, Some(slot)));
            candidates.push((format!("host {app}"), self.environments.of_app(app, slot)));
        }
        candidates.into_iter().find_map(|(subject, other)| {
            let other = other?;
            (other != environment).then(|| (subject, redact(&other)))
        })
    }
}

/// The function that a path calls: `/api/<function>`.
fn function(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("/api/")?;
    let name = rest.split('/').next().unwrap_or_default();
    Some(name.to_owned()).filter(|name| !name.is_empty())
}

pub(super) fn dialect(dialect: Dialect) -> PipelineDialect {
    match dialect {
        Dialect::Workflow | Dialect::Action => PipelineDialect::Github,
        Dialect::Azure => PipelineDialect::Azure,
        Dialect::Gitlab => PipelineDialect::Gitlab,
    }
}

fn kind(key: &Key) -> PipelineKeyKind {
    match key.scope {
        Scope::Master => PipelineKeyKind::Master,
        Scope::System => PipelineKeyKind::System,
        Scope::Host => PipelineKeyKind::Host,
        Scope::Function => PipelineKeyKind::Function,
        Scope::HostListing | Scope::FunctionListing => PipelineKeyKind::Listing,
        Scope::Unknown => PipelineKeyKind::Unknown,
    }
}

fn supply(key: &Key) -> KeySupply {
    match key.from {
        Supply::Secret => KeySupply::Secret,
        Supply::Variable => KeySupply::Variable,
        Supply::Fetched => KeySupply::Fetched,
    }
}

fn print_way(way: Way) -> PrintWay {
    match way {
        Way::Listing => PrintWay::Listing,
        Way::Output => PrintWay::Output,
        Way::Altered => PrintWay::Altered,
        Way::Trace => PrintWay::Trace,
        Way::Verbose => PrintWay::Verbose,
        Way::Artifact => PrintWay::Artifact,
    }
}

/// The facts once each: a piece that several pipelines use is followed in all
/// of them.
pub(super) fn once(facts: Vec<Fact>) -> Vec<Fact> {
    let mut all: BTreeMap<String, Fact> = BTreeMap::new();
    for fact in facts {
        let record = fact.record();
        let place = record
            .location()
            .file()
            .map(|place| (place.path.clone(), place.offset));
        let what = serde_json::to_value(&fact).unwrap_or_default();
        let field = |name: &str| what.get(name).cloned().unwrap_or_default();
        let key = format!(
            "{:?} {place:?} {} {} {} {}",
            fact.fact_type(),
            field("action"),
            field("way"),
            field("name"),
            field("other_environment"),
        );
        all.entry(key).or_insert(fact);
    }
    all.into_values().collect()
}
