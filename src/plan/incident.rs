//! What an incident with a leaked key needs, in order: evidence, how long, who,
//! a new key, the end of the old one, and what has to be told.

use std::fmt::Write;

use super::Plan;
use super::document::{before, code, facts, item, kusto, record, refused, steps, tell, text};
use crate::inventory::AuthLevel;
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

fn exposure(out: &mut String, plan: &Plan<'_>) {
    let age = &plan.key.age;
    let most = match age.max_days {
        Some(days) => format!("at most {days} days"),
        None => "how old at most, nothing says".to_owned(),
    };
    let _ = write!(
        out,
        "## How long\n\nThe key is at least {} days old ({}), {most}. It was exposed from the later of two days on, that of its first commit and that of its creation, until it is revoked. A first commit before the key's greatest age is of another value.\n\n",
        age.min_days,
        text(&age.proof)
    );
}

fn usage(out: &mut String, plan: &Plan<'_>) {
    let app = kusto(&plan.key.app.name);
    let only = match &plan.key.function {
        Some(function) => format!("\n| where OperationName =~ '{}'", kusto(function)),
        None => String::new(),
    };
    let _ = write!(
        out,
        "## Who used it\n\nNo log says with which key a call was made: look for callers that are not yours. Set the first line to the days of exposure.\n\n\
         ```kusto\nlet from = ago(90d);\nAppRequests\n| where TimeGenerated > from and AppRoleName =~ '{app}'{only}\n| where ResultCode !in ('401', '403')\n| summarize calls = count(), first = min(TimeGenerated), last = max(TimeGenerated) by OperationName, ClientIP, ClientCountryOrRegion\n| order by first asc\n```\n\n\
         Where requests are logged by the front end, with addresses in full:\n\n\
         ```kusto\nAppServiceHTTPLogs\n| where TimeGenerated > ago(90d) and _ResourceId has '/sites/{}'\n| summarize calls = count() by CIp, UserAgent, CsUriStem, ScStatus\n```\n\n\
         Who listed or changed keys:\n\n\
         ```kusto\nAzureActivity\n| where TimeGenerated > ago(90d) and _ResourceId has '/sites/{}'\n| where OperationNameValue has_any ('listkeys', 'functionkeys', 'systemkeys', 'masterkey', 'functions/keys')\n| project TimeGenerated, Caller, CallerIpAddress, OperationNameValue, ActivityStatusValue\n```\n\n",
        app.to_lowercase(),
        app.to_lowercase()
    );
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
        ("Where it stood, who could read it", String::new()),
        ("From when until when", String::new()),
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
