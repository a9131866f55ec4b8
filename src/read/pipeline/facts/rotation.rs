//! Keys that are deleted or made anew, and what stands before that.

use super::super::value::{is_known, shown, unknowns};
use super::super::world::{Event, Subject, What};
use super::{Maker, dialect};
use crate::excerpt::{redact, redact_path};
use crate::fact::{KeyRemoval, PipelineRotation};

impl Maker<'_> {
    pub(super) fn rotations(&self) -> Vec<PipelineRotation> {
        let events = &self.world.events;
        let rotation = |(at, event): (usize, &Event)| self.rotation(at, event);
        events.iter().enumerate().filter_map(rotation).collect()
    }

    fn rotation(&self, at: usize, event: &Event) -> Option<PipelineRotation> {
        let (removal, subject) = match &event.what {
            What::Delete(subject) => (KeyRemoval::Delete, subject),
            What::Regenerate(subject) => (KeyRemoval::Regenerate, subject),
            What::Create(subject) if self.is_made_anew(at, subject) => {
                (KeyRemoval::Regenerate, subject)
            }
            _ => return None,
        };
        let kind = subject.kind.to_ascii_lowercase();
        // There is one master key and one system key of a name: no other one
        // could be there beside it.
        let single =
            kind == "masterkey" || (kind == "systemkeys" && removal == KeyRemoval::Regenerate);
        if single || subject.name.eq_ignore_ascii_case("_master") {
            return None;
        }
        let before = &self.world.events[..at];
        let made = |event: &Event| match &event.what {
            What::Create(made) | What::Choose(made) => {
                same_app(made, subject).then(|| made.name.clone())
            }
            _ => None,
        };
        let names: Vec<(usize, String)> = before
            .iter()
            .enumerate()
            .filter_map(|(at, event)| Some((at, made(event)?)))
            .collect();
        let own = names.iter().any(|(_, name)| *name == subject.name);
        let replacement = names.iter().rfind(|(_, name)| *name != subject.name);
        let gate = self.world.jobs.get(event.job).is_some_and(|job| job.gate);
        let between = replacement.is_some_and(|(made, _)| {
            let behind = &before[made + 1..];
            let other_job = before[*made].job != event.job;
            behind.iter().any(stands_between) || (gate && other_job)
        });
        let checked = before.iter().any(|event| event.what == What::Check);
        let named = unknowns(&subject.name).any(|name| {
            name.contains("inputs.") || name.contains("parameters.") || name.starts_with("manual ")
        });
        let job = self.world.jobs.get(event.job).map(|job| redact(&job.name));
        Some(PipelineRotation {
            dialect: dialect(self.dialect),
            removal,
            app: shown(&subject.app),
            key: shown(&subject.name),
            replaced: replacement.is_some(),
            between,
            guarded: checked || gate,
            own,
            by_hand: self.by_hand && named,
            job: job.filter(|name| !name.is_empty()),
            path: redact_path(&event.place.source.path),
            location: event.place.source.place(event.place.span.clone()),
        })
    }
}

impl Maker<'_> {
    /// Whether a name is the same every time, or one of several that are.
    fn is_fixed(&self, name: &str) -> bool {
        unknowns(name).all(|unknown| {
            let items = self.world.several.get(unknown);
            items.is_some_and(|items| items.iter().all(|item| is_known(item)))
        })
    }

    /// Whether a key of this name was made the last time, too, and nothing tells
    /// of a second one beside it: its value is another one from then on.
    fn is_made_anew(&self, at: usize, subject: &Subject) -> bool {
        let of_app = |event: &Event| match &event.what {
            What::Create(other) | What::Delete(other) => same_app(other, subject),
            What::Choose(_) => true,
            What::Fetch => event
                .key
                .is_some_and(|key| self.world.keys[key].app.as_ref() == Some(&subject.app)),
            _ => false,
        };
        let (before, others) = self.world.events.split_at(at);
        let ends = |event: &Event| matches!(event.what, What::Create(_) | What::Delete(_));
        self.scheduled
            && !subject.name.is_empty()
            && self.is_fixed(&subject.name)
            && !before.iter().any(of_app)
            && !others[1..].iter().any(|event| ends(event) && of_app(event))
    }
}

/// Whether a key is of the same app; one of its functions may have another.
fn same_app(one: &Subject, other: &Subject) -> bool {
    one.app == other.app
}

/// Whether something lets the callers change to the new key, or shows that
/// they have. What is not known may do so.
fn stands_between(event: &Event) -> bool {
    matches!(
        event.what,
        What::Store(_) | What::Check | What::Unknown | What::Send(_)
    )
}
