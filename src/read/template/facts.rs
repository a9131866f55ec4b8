//! Facts of all templates together.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::destination::{Arrival, blocks, find};
use super::listing::{Key, is_chain};
use super::program::{At, Instance, Program};
use super::vault;
use crate::excerpt::{redact, redact_path};
use crate::fact::{
    Destination, Fact, Related, Setting, TemplateKey, TemplateKeyFlow, TemplateKeyRef,
    TemplateSharedKey, UrlKey,
};
use crate::read::code::sent_by_policy;
use crate::read::structured::Source;
use crate::syntax::expression::{Expr, ExprKind};

/// The setting that says where keys are stored.
const STORE: &str = "AzureWebJobsSecretStorageType";

/// Gathers facts, each of them once.
pub(super) struct Facts<'p> {
    program: &'p Program,
    sources: BTreeMap<&'p str, &'p Arc<Source>>,
    facts: Vec<Fact>,
    /// What has been said, by what and where.
    said: BTreeSet<(String, String, usize)>,
    /// Who receives a key of a host.
    shared: BTreeMap<Shared, Vec<Handed<'p>>>,
    /// Who refers to a secret of a vault.
    references: BTreeMap<Referred, Vec<Handed<'p>>>,
}

/// A secret of a vault, and the file of parameters.
type Referred = (String, Option<usize>);

/// The app, the name of the key, and the file of parameters: what one of them
/// deploys is told from what another does.
type Shared = (String, Option<String>, Option<usize>);

/// A key that is handed over.
#[derive(Clone)]
struct Handed<'p> {
    caller: String,
    /// Whether to a secret of a vault, which stands for a caller.
    stored: bool,
    source: &'p Arc<Source>,
    span: Range<usize>,
}

impl<'p> Facts<'p> {
    pub(super) fn of(program: &'p Program, instances: &[Rc<Instance>]) -> Vec<Fact> {
        let mut sources = BTreeMap::new();
        for unit in &program.units {
            let all = unit.values.iter().map(|value| &value.source);
            let all = all.chain(unit.resources.iter().map(|resource| &resource.source));
            let all = all.chain(unit.outputs.iter().map(|output| &output.source));
            let all = all.chain(unit.modules.iter().map(|module| &module.source));
            for source in all {
                sources.insert(source.path.as_str(), source);
            }
        }
        let mut facts = Self {
            program,
            sources,
            facts: Vec::new(),
            said: BTreeSet::new(),
            shared: BTreeMap::new(),
            references: BTreeMap::new(),
        };
        for instance in instances {
            facts.instance(instance);
        }
        facts.sharing();
        facts.facts
    }

    /// Whether this is said for the first time.
    fn is_new(&mut self, what: &str, source: &Source, span: &Range<usize>) -> bool {
        self.said
            .insert((what.to_owned(), source.path.clone(), span.start))
    }

    fn instance(&mut self, instance: &Rc<Instance>) {
        let program = self.program;
        let unit = &program.units[instance.unit];
        let at = |source: &'p Arc<Source>| At {
            instance: Rc::clone(instance),
            source,
            items: None,
        };
        for output in &unit.outputs {
            let here = at(&output.source);
            self.reads(&here, &output.value);
            let keys = program.keys(&here, &output.value);
            if let Some(key) = keys.first()
                && self.is_new("output", &output.source, &output.name_span)
            {
                self.facts.push(
                    TemplateKeyFlow {
                        dialect: unit.dialect,
                        key: key.key,
                        app: shown(&key.app),
                        to: Destination::Output,
                        name: Some(redact(&output.name)),
                        receiver: None,
                        secret: output.secret,
                        path: redact_path(&output.source.path),
                        location: output.source.place(output.name_span.clone()),
                        fix: output
                            .remedy
                            .as_ref()
                            .filter(|_| !output.secret)
                            .map(|remedy| {
                                let what = "Declare the output secret.";
                                output.source.fix(what, std::slice::from_ref(remedy))
                            }),
                    }
                    .into(),
                );
            }
        }
        for value in &unit.values {
            self.reads(&at(&value.source), &value.value);
        }
        for module in &unit.modules {
            self.reads(&at(&module.source), &module.inputs);
        }
        for (number, resource) in unit.resources.iter().enumerate() {
            let here = at(&resource.source);
            self.reads(&here, &resource.body);
            for arrival in program.arrivals(instance, number) {
                self.arrival(&arrival);
            }
            self.queries(&here, &resource.kind, &resource.body);
        }
    }

    fn arrival(&mut self, arrival: &Arrival<'p>) {
        let program = self.program;
        let dialect = program.unit(&arrival.at).dialect;
        let source = arrival.at.source;
        let span = &arrival.expr.span;
        if arrival
            .name
            .as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case(STORE))
            && let Some((ExprKind::Text(value), ..)) = program.constant(&arrival.at, arrival.expr)
            && self.is_new("setting", source, span)
        {
            self.facts.push(
                Setting {
                    dialect,
                    name: STORE.to_owned(),
                    value: redact(&value.to_ascii_lowercase()),
                    app: shown(&arrival.receiver),
                    path: redact_path(&source.path),
                    location: source.place(span.clone()),
                }
                .into(),
            );
        }
        if arrival.to != Destination::KeyVault
            && let Some(secret) = vault::secret(&program.render(&arrival.at, arrival.expr))
        {
            let parameters = program.parameters(&arrival.at.instance);
            let by = self.references.entry((secret, parameters)).or_default();
            by.push(Handed {
                caller: arrival.receiver.clone(),
                stored: false,
                source,
                span: span.clone(),
            });
        }
        let keys = program.keys(&arrival.at, arrival.expr);
        for key in &keys {
            let own = key.app == arrival.receiver;
            if key.key == TemplateKey::Host && !own {
                let stored = arrival.to == Destination::KeyVault;
                let secret = arrival.name.as_deref().filter(|_| stored);
                let name = secret.map(|secret| format!("{}/{secret}", arrival.receiver));
                let name = name.as_deref().unwrap_or(&arrival.receiver);
                let receiver = (name, arrival.expr);
                let parameters = program.parameters(&arrival.at.instance);
                let receivers = program.receivers(&arrival.at, arrival.each, receiver, key);
                let callers = self
                    .shared
                    .entry((key.app.clone(), key.name.clone(), parameters))
                    .or_default();
                callers.extend(receivers.into_iter().map(|caller| Handed {
                    caller,
                    stored,
                    source,
                    span: span.clone(),
                }));
            }
        }
        if let Some(key) = keys.first() {
            self.flow(arrival, key);
        }
        if arrival.to == Destination::GatewayPolicy {
            self.policy(arrival);
        }
    }

    /// A policy that stands in the template and sends keys as `?code=`.
    fn policy(&mut self, arrival: &Arrival<'p>) {
        let (source, span) = match self.program.constant(&arrival.at, arrival.expr) {
            Some((_, at, expr)) => (at.source, &expr.span),
            None => (arrival.at.source, &arrival.expr.span),
        };
        let Some((text, start)) = source.text.get(span.clone()).and_then(policy_in) else {
            return;
        };
        // What is no XML by itself, such as one made of parts, says nothing.
        for sent in sent_by_policy(&text).unwrap_or_default() {
            let at = span.start + start + sent.span.start..span.start + start + sent.span.end;
            if self.is_new("query", source, &at) {
                self.facts.push(
                    UrlKey {
                        name: redact(&sent.name),
                        path: redact_path(&source.path),
                        location: source.place(at),
                    }
                    .into(),
                );
            }
        }
    }

    fn flow(&mut self, arrival: &Arrival<'p>, key: &Key) {
        let source = arrival.at.source;
        if !self.is_new("flow", source, &arrival.expr.span) {
            return;
        }
        self.facts.push(
            TemplateKeyFlow {
                dialect: self.program.unit(&arrival.at).dialect,
                key: key.key,
                app: shown(&key.app),
                to: arrival.to,
                name: arrival.name.as_deref().map(redact),
                receiver: Some(shown(&arrival.receiver)),
                secret: false,
                path: redact_path(&source.path),
                location: source.place(arrival.expr.span.clone()),
                fix: None,
            }
            .into(),
        );
    }

    /// The keys that the chains of an expression take out of listings.
    fn reads(&mut self, at: &At<'p>, expr: &'p Expr) {
        let mut todo = vec![expr];
        while let Some(expr) = todo.pop() {
            if is_chain(expr) {
                for key in self.program.keys(at, expr) {
                    self.read(at, &key);
                }
            }
            todo.extend(expr.children());
        }
    }

    fn read(&mut self, at: &At<'p>, key: &Key) {
        let Some((path, span)) = &key.read else {
            return;
        };
        let Some(source) = self.sources.get(path.as_str()).copied() else {
            return;
        };
        if key.key == TemplateKey::All || !self.is_new("read", source, span) {
            return;
        }
        self.facts.push(
            TemplateKeyRef {
                dialect: self.program.unit(at).dialect,
                key: key.key,
                name: key.name.as_deref().map(redact),
                app: shown(&key.app),
                path: redact_path(path),
                location: source.place(span.clone()),
            }
            .into(),
        );
    }

    /// A backend of API Management that sends a named value as `?code=`.
    fn queries(&mut self, at: &At<'p>, kind: &str, body: &'p Expr) {
        let credentials = match kind {
            "microsoft.apimanagement/service/backends" => {
                find(body, &["properties", "credentials"])
            }
            "azurerm_api_management_backend" => blocks(body, "credentials").next(),
            _ => None,
        };
        let query = credentials.and_then(|credentials| credentials.get("query"));
        let Some(code) = query.and_then(|query| query.value.get("code")) else {
            return;
        };
        if !self.is_new("query", at.source, &code.name_span) {
            return;
        }
        self.facts.push(
            UrlKey {
                name: "credentials.query.code".to_owned(),
                path: redact_path(&at.source.path),
                location: at.source.place(code.name_span.clone()),
            }
            .into(),
        );
    }

    /// Keys of a host that several receive.
    fn sharing(&mut self) {
        let references = std::mem::take(&mut self.references);
        for ((app, name, parameters), places) in std::mem::take(&mut self.shared) {
            // A caller may have the key from its secret: that is one of them.
            let (stored, mut given): (Vec<_>, Vec<_>) =
                places.into_iter().partition(|place| place.stored);
            for secret in &stored {
                let by = references.get(&(secret.caller.clone(), parameters));
                given.extend(
                    by.into_iter()
                        .flatten()
                        .filter(|by| by.caller != app)
                        .cloned(),
                );
            }
            let Some(mut places) = [given, stored].into_iter().find(|places| {
                let mut others = places.iter().skip(1);
                others.any(|other| other.caller != places[0].caller)
            }) else {
                continue;
            };
            places.sort_by(|a, b| {
                (&a.source.path, a.span.start).cmp(&(&b.source.path, b.span.start))
            });
            let callers: BTreeSet<&str> =
                places.iter().map(|place| place.caller.as_str()).collect();
            let Handed { source, span, .. } = &places[0];
            if !self.is_new("shared", source, span) {
                continue;
            }
            let mut seen = BTreeSet::from([(source.path.as_str(), span.start)]);
            let mut related = Vec::new();
            for Handed {
                caller,
                source,
                span,
                ..
            } in &places[1..]
            {
                if seen.insert((source.path.as_str(), span.start)) {
                    related.push(Related {
                        location: source.place(span.clone()),
                        message: format!("The same key, handed to '{}'.", shown(caller)),
                    });
                }
            }
            self.facts.push(
                TemplateSharedKey {
                    name: name.as_deref().map(redact),
                    app: shown(&app),
                    callers: callers.into_iter().map(shown).collect(),
                    path: redact_path(&source.path),
                    location: source.place(span.clone()),
                    related,
                }
                .into(),
            );
        }
    }
}

/// The XML of a string as it is written, and where it begins there: what is
/// escaped gives way to as many bytes.
fn policy_in(literal: &str) -> Option<(String, usize)> {
    let heredoc = literal.starts_with("<<");
    let start = literal.find(if heredoc { '\n' } else { '<' })?;
    let end = literal.rfind('>')? + 1;
    let text = literal.get(start..end)?;
    let mut plain = text.to_owned();
    for quote in ['"', '\''] {
        // The blank must not become part of an attribute.
        plain = plain.replace(&format!("=\\{quote}"), &format!("= {quote}"));
        plain = plain.replace(&format!("\\{quote}"), &format!("{quote} "));
    }
    for escaped in ["\\r", "\\n", "\\t"] {
        plain = plain.replace(escaped, "  ");
    }
    Some((plain, start))
}

/// A name of the template, as reports show it.
fn shown(name: &str) -> String {
    redact(name)
}
