//! What a policy says, as facts that rules judge.

use jiff::civil::Date;

use super::Policy;
use super::entries::{Caller, Exempt};
use crate::fact::{Exemption, Fact, RegisterEntry};
use crate::location::Location;

pub(super) fn facts(policy: &Policy) -> Vec<Fact> {
    let exemptions = policy
        .exempts
        .iter()
        .map(|exempt| exemption(policy, exempt));
    let callers = policy
        .callers
        .iter()
        .map(|caller| register_entry(policy, caller));
    exemptions
        .map(Fact::from)
        .chain(callers.map(Fact::from))
        .collect()
}

fn exemption(policy: &Policy, exempt: &Exempt) -> Exemption {
    Exemption {
        rule: exempt.rule.clone(),
        subject: exempt.subject.written(),
        reason: exempt.reason.clone(),
        owner: exempt.owner.clone(),
        until: exempt.until.to_string(),
        days_past: days_between(exempt.until, policy.today),
        path: exempt.until_place.path.clone(),
        location: Location::File(Box::new(exempt.until_place.clone())),
    }
}

fn register_entry(policy: &Policy, caller: &Caller) -> RegisterEntry {
    RegisterEntry {
        name: caller.name.clone(),
        app: caller.app.clone(),
        function: caller.function.clone(),
        key: caller.key.clone(),
        kind: caller.class.as_str().to_owned(),
        days_since_rotation: caller
            .rotated
            .map(|rotated| days_between(rotated, policy.today).max(0)),
        max_age_days: i64::from(policy.max_age.of(caller.class)),
        ended: caller.ended.is_some_and(|ended| ended <= policy.today),
        missing: caller
            .missing()
            .into_iter()
            .map(ToOwned::to_owned)
            .collect(),
        path: caller.place.path.clone(),
        location: Location::File(Box::new(caller.place.clone())),
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}
