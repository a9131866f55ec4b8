//! What an incident with a leaked key needs, in order: evidence, how long, who,
//! a new key, the end of the old one, and what has to be told.

use std::fmt::Write;

use super::Plan;
use super::document::{before, code, facts, item, kusto, record, refused, steps, tell, text};
use crate::inventory::{AuthLevel, Moment};
use crate::key::KeyClass;
use crate::rotation::quoted;

pub(super) fn runbook(plan: &Plan<'_>) -> String {
    let mut out = format!(
        "# Incident: {} of {} has leaked\n\n",
        plan.key.title, plan.key.app.title
    );
    facts(&mut out, plan);
    evidence(&mut out, plan);
    exposure(&mut out, plan);
    usage(&mut out, plan);
    before(&mut out, plan);
    tell(&mut out, plan);
    out.push_str("## Replace and revoke\n\n");
    out.push_str(match plan.key.kind {
        KeyClass::Master => "Renew it now: no caller needs it. Whoever had it could list every other key of the app, so replace those as well, one plan each.\n\n",
        KeyClass::System => "Renew it now: its extension knows one key only, and a leaked one lets a stranger speak as the extension's caller.\n\n",
        _ => "If the logs show calls that are not your callers', delete it at once and let them fail: a short outage is better. Otherwise, in this order and within the day:\n\n",
    });
    steps(&mut out, plan);
    out.push_str("## Afterwards\n\nWho is refused now has the old key: a caller that was forgotten, or the stranger.\n\n");
    let _ = writeln!(out, "```kusto\n{}\n```\n", refused(plan));
    out.push_str("```sh\nkeysweep sweep --save after.json\nkeysweep check after.json --leaks <report of the scan>\n```\n\nTake the value out of the file as well. It stays in the history, in clones and in caches: the new key is what ends it.\n\n");
    notification(&mut out, plan);
    record(&mut out, plan, "leaked");
    out
}

fn evidence(out: &mut String, plan: &Plan<'_>) {
    let app = &plan.key.app;
    out.push_str("## Evidence first\n\nBefore anything changes, and away from where it leaked. Logs run out, and a rotation writes into them.\n\n");
    if plan.places.is_empty() {
        out.push_str(
            "- Where it was found: give the report of the scan with `--leaks` to have it here.\n",
        );
    }
    for place in &plan.places {
        let _ = writeln!(out, "- found in {}", code(place));
    }
    out.push_str("- Who could read that place, since when: members, forks, clones, artifacts, backups, search engines.\n\n");
    item(
        out,
        1,
        "Keep what the Activity Log has of the app; the columns leave out the bodies of requests, which can hold values.",
        &[format!(
            "az monitor activity-log list --subscription {} --resource-id {} --offset 90d --query '[].{{time: eventTimestamp, operation: operationName.value, by: caller, status: status.value, id: resourceId}}' -o json > activity.json",
            quoted(&app.subscription_id),
            quoted(&app.id)
        )],
    );
    item(
        out,
        2,
        "Keep the commits that brought it, with their dates; the report of a scan of the history names them.",
        &["git log --format='%H %aI %an' -- <file>".to_owned()],
    );
}

/// The window: from the first commit that had this value, until it is revoked.
fn exposure(out: &mut String, plan: &Plan<'_>) {
    let age = &plan.key.age;
    out.push_str("## How long\n\n");
    let mut say = |text: String| {
        let _ = writeln!(out, "- {text}");
    };
    say(format!(
        "The value was there on {} at the latest: it is at least {} days old ({}).",
        day(plan.seen.days_before(age.min_days)),
        age.min_days,
        text(&age.proof)
    ));
    // A day of grace: ages are whole days, and clocks differ.
    let earliest = age
        .max_days
        .map(|days| plan.seen.days_before(days.saturating_add(1)));
    say(match age.max_days {
        Some(days) => format!(
            "It cannot be older than {}: it is at most {days} days old.",
            day(plan.seen.days_before(days))
        ),
        None => "How old it is at most, nothing says.".to_owned(),
    });
    match &plan.exposure {
        Some(leak) => {
            say(format!(
                "The first commit with it is {} of {}, by its author's date, which whoever commits can set.",
                code(&leak.commit),
                day(leak.since)
            ));
            if earliest.is_some_and(|earliest| leak.since < earliest) {
                say("That is before the value can have existed: one of the two dates is wrong, so take the earlier one.".to_owned());
            }
            let (since, days) = (leak.since, leak.since.days_to(plan.seen));
            let head = match leak.in_head {
                true => "HEAD still has it",
                false => "HEAD has it no more, and the history keeps it",
            };
            say(format!(
                "**Exposed since {}, for {days} days when the inventory was taken, and until it is revoked**; {head}.",
                day(since)
            ));
        }
        None => say(
            "It was exposed from its first commit on until it is revoked. `keysweep scan --history --output json=leaks.json` finds that commit; give the report with `--leaks` to have it here."
                .to_owned(),
        ),
    }
    out.push('\n');
}

/// `2026-03-01`.
fn day(moment: Moment) -> String {
    moment.timestamp().strftime("%Y-%m-%d").to_string()
}

fn usage(out: &mut String, plan: &Plan<'_>) {
    let app = kusto(&plan.key.app.name);
    let only = match &plan.key.function {
        Some(function) => format!("\n    | where OperationName =~ '{}'", kusto(function)),
        None => String::new(),
    };
    let leaked = match &plan.exposure {
        Some(leak) => format!("let leaked = datetime({});", day(leak.since)),
        None => {
            "let leaked = ago(90d); // the day of the first commit, once it is known".to_owned()
        }
    };
    let _ = write!(
        out,
        "## Who used it\n\nNo log says with which key a call was made: look for callers that are not yours. Addresses that called since the leak and never in the month before it:\n\n\
         ```kusto\n{leaked}\nlet calls = AppRequests\n    | where AppRoleName =~ '{app}'{only}\n    | where ResultCode !in ('401', '403');\nlet known = calls | where TimeGenerated between (leaked - 30d .. leaked) | distinct ClientIP;\ncalls\n| where TimeGenerated > leaked and ClientIP !in (known)\n| summarize calls = count(), first = min(TimeGenerated), last = max(TimeGenerated) by OperationName, ClientIP, ClientCountryOrRegion\n| order by first asc\n```\n\n\
         How much was called, day by day, before and after:\n\n\
         ```kusto\n{leaked}\nAppRequests\n| where TimeGenerated > leaked - 30d and AppRoleName =~ '{app}'\n| summarize calls = count(), refused = countif(ResultCode in ('401', '403')) by bin(TimeGenerated, 1d), leaked = TimeGenerated > leaked\n| order by TimeGenerated asc\n```\n\n\
         Where requests are logged by the front end, with addresses in full:\n\n\
         ```kusto\n{leaked}\nAppServiceHTTPLogs\n| where TimeGenerated > leaked and _ResourceId has '/sites/{}'\n| summarize calls = count() by CIp, UserAgent, CsUriStem, ScStatus\n```\n\n\
         Who listed or changed keys:\n\n\
         ```kusto\n{leaked}\nAzureActivity\n| where TimeGenerated > leaked and _ResourceId has '/sites/{}'\n| where OperationNameValue has_any ('listkeys', 'functionkeys', 'systemkeys', 'masterkey', 'functions/keys')\n| project TimeGenerated, Caller, CallerIpAddress, OperationNameValue, ActivityStatusValue\n```\n\n",
        app.to_lowercase(),
        app.to_lowercase()
    );
}

/// Where it stood, as far as a report says.
fn places(plan: &Plan<'_>) -> String {
    let places: Vec<String> = plan.places.iter().map(|place| code(place)).collect();
    match places.is_empty() {
        true => String::new(),
        false => format!("{}; read by: ", places.join(", ")),
    }
}

fn since(plan: &Plan<'_>) -> String {
    let leak = plan.exposure.as_ref();
    leak.map_or_else(String::new, |leak| {
        format!("from {} until ", day(leak.since))
    })
}

fn notification(out: &mut String, plan: &Plan<'_>) {
    let key = &plan.key;
    out.push_str("## Facts for those who have to be told\n\n");
    let functions = plan.app.functions.iter().filter(|function| {
        let own = key.function.as_ref();
        !function.disabled
            && own.is_none_or(|own| own.eq_ignore_ascii_case(&function.name))
            && (key.kind == KeyClass::Master || function.auth_level == Some(AuthLevel::Function))
    });
    let functions: Vec<_> = functions.map(|function| text(&function.name)).collect();
    let opened = match functions.is_empty() {
        true => text(&key.reach),
        false => functions.join(", "),
    };
    for (what, value) in [
        (
            "What leaked",
            format!(
                "a key of kind '{}'; no password, no personal data by itself",
                key.kind.as_str()
            ),
        ),
        ("What it opens", opened),
        ("Where it stood, who could read it", places(plan)),
        ("From when until when", since(plan)),
        ("Whether it was used, by whom", String::new()),
        (
            "What data those functions give or change, of whom",
            String::new(),
        ),
        ("When it was noticed, by whom", String::new()),
        ("When it was revoked", String::new()),
    ] {
        let _ = writeln!(out, "- {what}: {value}");
    }
    out.push_str("\nIf personal data may have been read, the clock of the law runs from when it was noticed (72 hours under Article 33 of the GDPR): ask whoever decides that now, not after the rotation.\n\n");
}
