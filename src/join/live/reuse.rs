//! Values that are several keys.

use std::collections::BTreeSet;

use super::{Estate, keys};
use crate::fact::Fact;
use crate::fact::live::{ReusedKey, related, resource};
use crate::inventory::{App, ArmId, Key};
use crate::key::KeyClass;

/// Values of which facts are made at once.
const PART: usize = 256;

/// The facts of some values after those of others: an estate has thousands.
pub(super) fn parts(estate: &Estate<'_>) -> impl Iterator<Item = Vec<Fact>> {
    let same = estate
        .keys
        .chunk_by(|(_, a), (_, b)| a.fingerprint == b.fingerprint);
    let reused = same.filter(|same| same.len() > 1);
    let mut facts = reused.filter_map(|same| reuse(estate, same).map(Fact::from));
    std::iter::from_fn(move || {
        let part: Vec<Fact> = facts.by_ref().take(PART).collect();
        (!part.is_empty()).then_some(part)
    })
}

fn reuse(estate: &Estate<'_>, same: &[(&App, &Key)]) -> Option<ReusedKey> {
    let mut same: Vec<(ArmId, &App, &Key)> = same
        .iter()
        .map(|(app, key)| (app.key_id(key), *app, *key))
        .collect();
    same.sort_by(|a, b| a.0.cmp(&b.0));
    let (first, others) = same.split_first()?;
    let title =
        |app: &App, key: &Key| format!("{} of {}", keys::title(key), estate.reference(app).title);
    let distinct = |of: &dyn Fn(&App, &Key) -> Option<String>| {
        let all: BTreeSet<String> = same
            .iter()
            .filter_map(|(_, app, key)| of(app, key))
            .collect();
        u32::try_from(all.len()).unwrap_or(u32::MAX)
    };
    let environments: BTreeSet<String> = same
        .iter()
        .filter_map(|(_, app, _)| estate.reference(app).environment)
        .collect();
    Some(ReusedKey {
        id: first.0.as_str().to_owned(),
        app: estate.reference(first.1),
        keys: same.iter().map(|(_, app, key)| title(app, key)).collect(),
        apps: distinct(&|app, _| app.id.site_id().map(|id| id.as_str().to_lowercase())),
        slots: distinct(&|app, _| Some(app.id.as_str().to_lowercase())),
        functions: distinct(&|app, key| {
            let function = key.function.as_deref().unwrap_or_default();
            Some(format!("{}/{function}", app.id).to_lowercase())
        }),
        environments: environments.into_iter().collect(),
        master: same.iter().any(|(_, _, key)| key.kind == KeyClass::Master),
        format: first.2.format,
        fingerprint: first.2.fingerprint.clone(),
        location: resource(first.0.as_str()),
        related: others
            .iter()
            .map(|(id, app, key)| {
                related(id.as_str(), format!("The same value: {}.", title(app, key)))
            })
            .collect(),
    })
}
