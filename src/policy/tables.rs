//! The lists of a policy: `[[pattern]]`, `[[exclude]]`, `[[exempt]]`,
//! `[[accept-gap]]`, `[[app]]` and `[[caller]]`.

use std::ops::Range;

use super::entries::{AcceptedGap, App, Caller, Exclude, Exempt, Pattern};
use super::error::{PolicyError, Problem};
use super::raw::{RawApp, RawCaller, RawPattern, Spot};
use super::resolve::{Layer, Resolver};
use super::source::Source;
use crate::key::KeyClass;

/// One searcher looks for all literal texts at once; it is fast for a few
/// dozen.
const MAX_KEYWORDS: usize = 32;

/// Adds the lists of one file, before those of the files that it extends.
pub(super) fn add(to: &mut Resolver, layer: &Layer) -> Result<(), PolicyError> {
    patterns(to, layer)?;
    excludes(to, layer)?;
    exempts(to, layer)?;
    accepted_gaps(to, layer)?;
    apps(to, layer)?;
    callers(to, layer)
}

fn patterns(to: &mut Resolver, layer: &Layer) -> Result<(), PolicyError> {
    let source = &layer.source;
    let mut added = Vec::new();
    for raw in &layer.raw.pattern {
        let pattern = pattern(to, source, raw)?;
        let id = raw.id.as_ref().map_or(raw.span(), Spot::span);
        once(to, source, id, "pattern", &pattern.id)?;
        added.push(pattern);
    }
    to.policy.patterns.splice(0..0, added);
    let mut keywords: Vec<_> = to
        .policy
        .patterns
        .iter()
        .flat_map(|p| &p.keywords)
        .collect();
    keywords.sort_unstable();
    keywords.dedup();
    match layer.raw.pattern.last() {
        Some(last) if keywords.len() > MAX_KEYWORDS => {
            let why = format!(
                "the patterns have {} of them together, and {MAX_KEYWORDS} are the limit",
                keywords.len()
            );
            Err(PolicyError::at(
                source,
                last.span(),
                Problem::BadKeyword(why),
            ))
        }
        _ => Ok(()),
    }
}

fn pattern(to: &Resolver, source: &Source, raw: &Spot<RawPattern>) -> Result<Pattern, PolicyError> {
    let table = to.table(source, "[[pattern]]");
    let header = raw.span();
    let id = table.needed(header.clone(), "id", &raw.id)?;
    let Some(keywords) = &raw.keywords else {
        let problem = Problem::Missing {
            table: table.name,
            field: "keywords",
        };
        return table.wrong(header, problem);
    };
    if keywords.is_empty() {
        let why = "there is none".to_owned();
        return table.wrong(keywords.span(), Problem::BadKeyword(why));
    }
    Ok(Pattern {
        id: table.word("pattern id", id)?,
        description: table.needed_text(header.clone(), "description", &raw.description)?,
        regex: table.finder(table.needed(header, "pattern", &raw.pattern)?)?,
        keywords: keywords
            .iter()
            .map(|keyword| table.keyword(keyword))
            .collect::<Result<_, _>>()?,
        files: table.path_globs(&raw.files)?,
    })
}

fn excludes(to: &mut Resolver, layer: &Layer) -> Result<(), PolicyError> {
    let mut added = Vec::new();
    for raw in &layer.raw.exclude {
        locked(to, layer, raw.span(), "exclude")?;
        let table = to.table(&layer.source, "[[exclude]]");
        added.push(Exclude {
            glob: table.path_glob(table.needed(raw.span(), "path", &raw.path)?)?,
            reason: table.needed_text(raw.span(), "reason", &raw.reason)?,
        });
    }
    to.policy.excludes.splice(0..0, added);
    Ok(())
}

fn exempts(to: &mut Resolver, layer: &Layer) -> Result<(), PolicyError> {
    let mut added = Vec::new();
    for raw in &layer.raw.exempt {
        locked(to, layer, raw.span(), "exempt")?;
        let table = to.table(&layer.source, "[[exempt]]");
        let rule = table.needed(raw.span(), "rule", &raw.rule)?;
        table.rule_id(rule)?;
        let (until, until_span) = table.needed_day(raw.span(), "until", &raw.until)?;
        added.push(Exempt {
            rule: (**rule).clone(),
            subject: table.subject(raw.span(), &raw.path, &raw.resource)?,
            reason: table.needed_text(raw.span(), "reason", &raw.reason)?,
            owner: table.needed_text(raw.span(), "owner", &raw.owner)?,
            until,
            inherited: layer.inherited,
            place: layer.source.place(rule.span()),
            until_place: layer.source.place(until_span),
        });
    }
    to.policy.exempts.splice(0..0, added);
    Ok(())
}

fn accepted_gaps(to: &mut Resolver, layer: &Layer) -> Result<(), PolicyError> {
    let mut added = Vec::new();
    for raw in &layer.raw.accept_gap {
        locked(to, layer, raw.span(), "accept-gap")?;
        let table = to.table(&layer.source, "[[accept-gap]]");
        added.push(AcceptedGap {
            subject: table.subject(raw.span(), &raw.path, &raw.resource)?,
            reason: table.needed_text(raw.span(), "reason", &raw.reason)?,
            until: table.needed_day(raw.span(), "until", &raw.until)?.0,
            place: layer.source.place(raw.span()),
        });
    }
    to.policy.accepted_gaps.splice(0..0, added);
    Ok(())
}

fn apps(to: &mut Resolver, layer: &Layer) -> Result<(), PolicyError> {
    let source = &layer.source;
    let mut added = Vec::new();
    for raw in &layer.raw.app {
        let (app, name) = app(to, source, raw)?;
        once(to, source, name, "app", &app.name.to_lowercase())?;
        added.push(app);
    }
    to.policy.apps.splice(0..0, added);
    Ok(())
}

fn app(
    to: &Resolver,
    source: &Source,
    raw: &Spot<RawApp>,
) -> Result<(App, Range<usize>), PolicyError> {
    let table = to.table(source, "[[app]]");
    let span = table.needed(raw.span(), "name", &raw.name)?.span();
    let name = table.resource_name("app name", &raw.name)?;
    let app = App {
        name: name.unwrap_or_default(),
        sensitive: raw.sensitive,
        environment: environment(to, source, &raw.environment)?,
    };
    Ok((app, span))
}

fn environment(
    to: &Resolver,
    source: &Source,
    written: &Option<Spot<String>>,
) -> Result<Option<String>, PolicyError> {
    let table = to.table(source, "environment");
    written
        .as_ref()
        .map(|name| table.word("environment name", name))
        .transpose()
}

fn callers(to: &mut Resolver, layer: &Layer) -> Result<(), PolicyError> {
    let source = &layer.source;
    let mut added = Vec::new();
    for raw in &layer.raw.caller {
        let (caller, name) = caller(to, source, raw)?;
        // A caller may hold several keys; one key of it is entered once.
        let slot = caller.slot.as_deref().unwrap_or("production");
        let parts = [
            Some(caller.name.as_str()),
            caller.app.as_deref(),
            Some(slot),
            caller.function.as_deref(),
            caller.key.as_deref(),
        ];
        let identity = parts.map(|part| part.unwrap_or_default().to_lowercase());
        once(to, source, name, "caller and key", &identity.join("\n"))?;
        added.push(caller);
    }
    to.policy.callers.splice(0..0, added);
    Ok(())
}

fn caller(
    to: &Resolver,
    source: &Source,
    raw: &Spot<RawCaller>,
) -> Result<(Caller, Range<usize>), PolicyError> {
    let table = to.table(source, "[[caller]]");
    let name = table.needed(raw.span(), "name", &raw.name)?;
    let day = |day: &Option<_>| day.as_ref().map(|day| table.day(day)).transpose();
    let caller = Caller {
        name: table.needed_text(raw.span(), "name", &raw.name)?,
        owner: table.text(&raw.owner),
        contact: table.text(&raw.contact),
        emergency: table.text(&raw.emergency),
        app: table.resource_name("app name", &raw.app)?,
        slot: table.resource_name("slot name", &raw.slot)?,
        function: table.resource_name("function name", &raw.function)?,
        key: table.key_name(&raw.key)?,
        class: class(raw),
        stored_in: table.text(&raw.stored_in),
        test: table.text(&raw.test),
        rotated: day(&raw.rotated)?,
        replaces: table.key_name(&raw.replaces)?,
        ended: day(&raw.ended)?,
        environment: environment(to, source, &raw.environment)?,
        paths: table.path_globs(&raw.paths)?,
        place: source.place(name.span()),
    };
    for (field, value, needs, needed) in [
        ("slot", &raw.slot, "app", &caller.app),
        ("function", &raw.function, "app", &caller.app),
        ("key", &raw.key, "app", &caller.app),
        ("replaces", &raw.replaces, "key", &caller.key),
    ] {
        if let (Some(value), None) = (value, needed) {
            return table.wrong(value.span(), Problem::Needs { field, needs });
        }
    }
    if let (Some(kind), Some(_)) = (&raw.kind, &raw.function)
        && **kind != KeyClass::Function
    {
        let why = "`function` says that the key is a function's own, and `kind` that it is not";
        return table.wrong(kind.span(), Problem::Contradiction(why));
    }
    if let (Some(replaces), true) = (&raw.replaces, caller.replaces == caller.key) {
        let why = "`replaces` names the key itself";
        return table.wrong(replaces.span(), Problem::Contradiction(why));
    }
    // A day of grace: it may be tomorrow already where the entry was written.
    if let (Some(day), Some(rotated)) = (&raw.rotated, caller.rotated)
        && rotated.yesterday().is_ok_and(|eve| eve > to.policy.today)
    {
        return table.wrong(day.span(), Problem::FutureDate("rotated"));
    }
    Ok((caller, name.span()))
}

/// The kind of a key, where the entry leaves it open.
fn class(raw: &RawCaller) -> KeyClass {
    let key = raw.key.as_ref().map_or("", |key| key.trim());
    match &raw.kind {
        Some(kind) => **kind,
        None if raw.function.is_some() => KeyClass::Function,
        None if key == "_master" => KeyClass::Master,
        None if key.ends_with("_extension") => KeyClass::System,
        None => KeyClass::Host,
    }
}

/// An entry that loosens something by being there.
fn locked(
    to: &Resolver,
    layer: &Layer,
    span: Range<usize>,
    setting: &'static str,
) -> Result<(), PolicyError> {
    to.loosened(&layer.source, span, setting, || {
        format!("remove this `[[{setting}]]`")
    })
}

/// Notes what may be said once only.
fn once(
    to: &mut Resolver,
    source: &Source,
    span: Range<usize>,
    what: &'static str,
    identity: &str,
) -> Result<(), PolicyError> {
    let place = source.place(span.clone());
    let place = format!("{}:{}", place.path, place.start.line);
    match to.said.insert(format!("{what}\n{identity}"), place) {
        None => Ok(()),
        Some(first) => Err(PolicyError::at(
            source,
            span,
            Problem::Duplicate { what, first },
        )),
    }
}
