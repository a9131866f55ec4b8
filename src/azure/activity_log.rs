//! The Activity Log of a subscription: what was done to keys in 90 days, and
//! who listed them.
//!
//! Its filter takes a provider and a time and nothing else, so all that was
//! done with Microsoft.Web comes, and what is about keys is picked here. Rows
//! can hold the bodies of requests, which are keys: they are not asked for.

mod operation;

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::client::Ask;
use super::previous::written;
use super::run::Run;
use crate::inventory::{
    ActivityLog, ArmId, Callers, Event, EventStatus, Family, Moment, Operation, Principal,
    PrincipalType, Subscription, Text,
};
use operation::operation;

const ACTIVITY_LOG: &str = "2015-04-01";
const ACTION: &str = "Microsoft.Insights/eventtypes/values/read";

/// The service keeps so much, and gives no more.
const DAYS: u32 = 90;

/// Rows appear some minutes after the fact.
const LATE_SECONDS: i64 = 600;

/// No properties, no claims: neither is needed, and both have secrets in them.
const FIELDS: &str = "caller,correlationId,eventTimestamp,operationName,resourceId,status";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Raw {
    caller: Option<String>,
    correlation_id: Option<String>,
    event_timestamp: Option<String>,
    operation_name: Option<RawWord>,
    resource_id: Option<String>,
    status: Option<RawWord>,
}

#[derive(Deserialize)]
struct RawWord {
    value: Option<String>,
}

/// A row about keys.
#[derive(Serialize, Deserialize)]
struct Row {
    event: Event,
    /// The same for the rows of one operation.
    correlation: u64,
}

/// The rows of one page.
type Page = Vec<Row>;

/// What has been read so far. Writes and deletions are kept each, by operation;
/// listings are summed up, since a nightly sweep makes millions of rows.
///
/// Subjects are looked up by a digest: a second copy of each, thrown away in the
/// end, would leave holes between those that stay.
#[derive(Default)]
pub(super) struct Events {
    single: HashMap<(u64, u64, Operation), Event>,
    listings: HashMap<(u64, Arc<Principal>), Event>,
    callers: Callers,
}

/// Reads the events about keys of Microsoft.Web, and notes what they can prove.
pub(super) async fn read(run: &Run, subscription: &ArmId, scope: &Arc<str>) {
    let log = read_provider(run, subscription, scope, "Microsoft.Web").await;
    note(run, subscription, |one| one.activity_log = Some(log));
}

/// Reads when keys of API Management subscriptions were generated anew.
pub(super) async fn read_renewals(run: &Run, subscription: &ArmId, scope: &Arc<str>) {
    let log = read_provider(run, subscription, scope, "Microsoft.ApiManagement").await;
    note(run, subscription, |one| one.apim_activity_log = Some(log));
}

fn note(run: &Run, subscription: &ArmId, note: impl FnOnce(&mut Subscription)) {
    let mut found = run.found.borrow_mut();
    let one = found
        .subscriptions
        .iter_mut()
        .find(|one| one.id == *subscription);
    if let Some(one) = one {
        note(one);
    }
}

async fn read_provider(
    run: &Run,
    subscription: &ArmId,
    scope: &Arc<str>,
    provider: &str,
) -> ActivityLog {
    let name = format!("activity log of {provider} in {subscription}");
    // A resumed sweep goes on with the window that it began with.
    let window: (Moment, Moment) = run.client.decided(&format!("window of the {name}"), || {
        let now = Moment::now();
        (now.days_before(DAYS), now)
    });
    let path = format!("{subscription}/providers/Microsoft.Insights/eventtypes/management/values");
    let mut events = Events::default();
    let failure = match run.url(&path, ACTIVITY_LOG) {
        Ok(mut url) => {
            let filter = format!(
                "eventTimestamp ge '{}' and eventTimestamp le '{}' and resourceProvider eq '{provider}'",
                window.0, window.1
            );
            url.query_pairs_mut()
                .append_pair("$filter", &filter)
                .append_pair("$select", FIELDS);
            let ask = Ask::get(url, scope);
            let rows = |raw: Vec<Raw>| raw.into_iter().filter_map(row).collect::<Page>();
            let take = |page| events.take(page);
            run.client
                .pages(&name, ask, &run.budget(), rows, take)
                .await
        }
        Err(failure) => Some(failure),
    };
    if let Some(failure) = &failure {
        run.gap(subscription, Family::ActivityLog, failure, ACTION);
    }
    let events: Vec<Event> = events.all().collect();
    run.written.borrow_mut().extend(written(&events));
    run.found.borrow_mut().events.extend(events);
    let to = window.1.timestamp().as_second() - LATE_SECONDS;
    let to = jiff::Timestamp::from_second(to).map_or(window.1, Moment::new);
    ActivityLog {
        from: window.0,
        to,
        complete: failure.is_none(),
    }
}

fn row(raw: Raw) -> Option<Row> {
    let word = raw.operation_name?.value?;
    let resource = ArmId::new(&raw.resource_id?);
    let (operation, subject) = operation(&word, &resource)?;
    let status = match raw.status?.value?.to_ascii_lowercase().as_str() {
        "succeeded" => EventStatus::Succeeded,
        "failed" => EventStatus::Failed,
        _ => EventStatus::Unknown,
    };
    Some(Row {
        correlation: hash(raw.correlation_id.as_deref().unwrap_or_default()),
        event: Event {
            operation,
            subject,
            time: raw.event_timestamp?.parse().ok()?,
            since: None,
            count: 1,
            caller: principal(raw.caller.as_deref().unwrap_or("unknown")).into(),
            status,
        },
    })
}

/// A user has a name, anything else an id.
fn principal(caller: &str) -> Principal {
    let user = caller.contains('@');
    Principal {
        id: Text::name(caller),
        name: user.then(|| Text::name(caller)),
        kind: match user {
            true => PrincipalType::User,
            false if caller.len() == 36 => PrincipalType::ServicePrincipal,
            false => PrincipalType::Unknown,
        },
    }
}

fn hash(what: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

impl Events {
    fn take(&mut self, page: Page) {
        for mut row in page {
            self.callers.share(&mut row.event);
            match row.event.operation {
                Operation::List => self.listed(row.event),
                _ => self.done(row),
            }
        }
    }

    /// Several rows are of one operation: what came of it counts, and not that
    /// it was begun.
    fn done(&mut self, row: Row) {
        let Row { event, correlation } = row;
        let key = (correlation, hash(&event.subject), event.operation);
        match self.single.entry(key) {
            Entry::Vacant(free) => {
                free.insert(event);
            }
            Entry::Occupied(mut known) => {
                let unknown = |event: &Event| event.status == EventStatus::Unknown;
                if unknown(known.get()) && !unknown(&event) {
                    known.insert(event);
                }
            }
        }
    }

    fn listed(&mut self, event: Event) {
        if event.status != EventStatus::Succeeded {
            return;
        }
        let key = (hash(&event.subject), Arc::clone(&event.caller));
        match self.listings.get_mut(&key) {
            None => {
                self.listings.insert(key, event);
            }
            Some(sum) => {
                let since = sum.since.unwrap_or(sum.time).min(event.time);
                sum.time = sum.time.max(event.time);
                sum.since = Some(since).filter(|since| *since != sum.time);
                sum.count += event.count;
            }
        }
    }

    fn all(self) -> impl Iterator<Item = Event> {
        self.single.into_values().chain(self.listings.into_values())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/orders";

    fn raw(operation: &str, resource: &str, status: &str, time: &str, correlation: &str) -> Raw {
        serde_json::from_value(serde_json::json!({
            "caller": "ada@contoso.example", "correlationId": correlation,
            "eventTimestamp": time, "operationName": {"value": operation},
            "resourceId": format!("{SITE}{resource}"), "status": {"value": status},
        }))
        .unwrap()
    }

    fn events(rows: Vec<Raw>) -> Vec<Event> {
        let mut events = Events::default();
        events.take(rows.into_iter().filter_map(row).collect());
        let mut all: Vec<Event> = events.all().collect();
        all.sort_by_key(|event| event.time);
        all
    }

    #[test]
    fn an_operation_is_one_event() {
        let write = "Microsoft.Web/sites/host/functionKeys/write";
        let key = "/host/default/functionKeys/partner";
        let found = events(vec![
            raw(write, key, "Succeeded", "2026-03-01T10:00:02Z", "a"),
            raw(write, key, "Started", "2026-03-01T10:00:00Z", "a"),
            raw(write, key, "Failed", "2026-03-02T10:00:00Z", "b"),
            raw(write, key, "Started", "2026-03-03T10:00:00Z", "c"),
            raw(
                "Microsoft.Web/sites/write",
                "",
                "Succeeded",
                "2026-03-04T10:00:00Z",
                "d",
            ),
        ]);
        let statuses: Vec<EventStatus> = found.iter().map(|event| event.status).collect();
        use EventStatus::{Failed, Succeeded, Unknown};
        assert_eq!(statuses, [Succeeded, Failed, Unknown]);
        assert_eq!(found[0].subject, ArmId::new(&format!("{SITE}{key}")));
        assert_eq!(found[0].time.to_string(), "2026-03-01T10:00:02Z");
    }

    #[test]
    fn listings_are_summed_up() {
        let list = "Microsoft.Web/sites/functions/listkeys/action";
        let found = events(vec![
            raw(
                list,
                "/functions/A",
                "Succeeded",
                "2026-03-03T00:00:00Z",
                "a",
            ),
            raw(list, "/functions/A", "Started", "2026-03-03T00:00:00Z", "a"),
            raw(
                list,
                "/functions/B",
                "Succeeded",
                "2026-03-01T00:00:00Z",
                "b",
            ),
            raw(
                "microsoft.web/sites/host/listkeys/action",
                "/host/default",
                "Succeeded",
                "2026-03-02T00:00:00Z",
                "c",
            ),
        ]);
        assert_eq!(found.len(), 1);
        let sum = &found[0];
        assert_eq!((sum.count, sum.subject.as_str()), (3, SITE));
        assert_eq!(sum.time.to_string(), "2026-03-03T00:00:00Z");
        assert_eq!(sum.since.unwrap().to_string(), "2026-03-01T00:00:00Z");
    }
}
