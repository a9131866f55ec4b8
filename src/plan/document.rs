//! The rotation runbook.

use std::fmt::Write;

use super::Plan;
use crate::excerpt::printable;
use crate::key::KeyClass;
use crate::rotation::{Step, quoted};

pub(super) fn runbook(plan: &Plan<'_>) -> String {
    let mut out = format!("# Replace {} of {}\n\n", plan.key.title, plan.key.app.title);
    facts(&mut out, plan);
    before(&mut out, plan);
    tell(&mut out, plan);
    out.push_str("## Steps\n\n");
    steps(&mut out, plan);
    undone(&mut out, plan);
    record(&mut out, plan, "scheduled rotation");
    out
}

/// What is known of the key.
pub(super) fn facts(out: &mut String, plan: &Plan<'_>) {
    let key = &plan.key;
    let age = match (key.age.min_days, key.age.max_days) {
        (least, Some(most)) => format!("{least} to {most} days"),
        (least, None) => format!("at least {least} days"),
    };
    let list = |names: &[String]| match names.is_empty() {
        true => "none known".to_owned(),
        false => names.join(", "),
    };
    out.push_str("| | |\n|---|---|\n");
    for (name, value) in [
        ("Key", code(&key.id)),
        ("Opens", text(&key.reach)),
        ("Fingerprint", code(key.fingerprint.as_str())),
        (
            "Age",
            format!(
                "{age} ({}); the policy allows {}",
                text(&key.age.proof),
                key.max_age_days
            ),
        ),
        ("Seen to hold it", text(&list(&key.observed))),
        ("Registered for", text(&list(&key.registered))),
        (
            "Owner",
            text(key.owner.as_deref().unwrap_or("not registered")),
        ),
        (
            "Contact",
            text(key.contact.as_deref().unwrap_or("not registered")),
        ),
        ("As of", plan.seen.to_string()),
    ] {
        let _ = writeln!(out, "| {name} | {} |", value.replace('|', "\\|"));
    }
    out.push('\n');
}

/// What has to be made sure of.
pub(super) fn before(out: &mut String, plan: &Plan<'_>) {
    let app = &plan.key.app;
    let subscription = quoted(&app.subscription_id);
    out.push_str("## Before\n\n");
    let tenant = match &plan.tenant {
        Some(tenant) => format!(
            "[ \"$(az account show --subscription {subscription} --query tenantId -o tsv)\" = {} ] && echo 'the right tenant' || echo 'STOP: another tenant'",
            quoted(tenant)
        ),
        None => format!(
            "az account show --subscription {subscription} --query '{{tenant: tenantId, subscription: name}}'"
        ),
    };
    item(
        out,
        1,
        "Be in the right tenant and subscription.",
        &[tenant],
    );
    item(
        out,
        2,
        "Be allowed to: `Microsoft.Web/sites/host/listkeys/action`, `…/functions/listkeys/action`, `…/host/functionkeys/write`, `…/functions/keys/write` and their `delete`; Website Contributor has them, and a write to each caller's store has to be allowed as well. A read-only lock refuses all of it.",
        &[
            format!(
                "az role assignment list --subscription {subscription} --scope {} --include-inherited --query '[].{{who: principalName, role: roleDefinitionName}}' -o table",
                quoted(&app.id)
            ),
            format!(
                "az lock list --subscription {subscription} -g {} --query \"[?level=='ReadOnly'].id\" -o tsv",
                quoted(&app.resource_group)
            ),
        ],
    );
    item(
        out,
        3,
        &format!(
            "See the names of the keys that are there. '{}' has to be among them, and its successor not.",
            plan.key.name
        ),
        &[plan.names()],
    );
}

/// Who has to know.
pub(super) fn tell(out: &mut String, plan: &Plan<'_>) {
    out.push_str("## Tell\n\n");
    let handovers = &plan.key.rotation.handovers;
    if handovers.is_empty() {
        out.push_str("No caller was seen or registered. Ask the owner of the app before anything is deleted: what nobody knows of can still be in use.\n\n");
        return;
    }
    for one in handovers {
        let contact = one
            .contact
            .as_ref()
            .map(|to| format!(", {}", text(to)))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "- {}: {}{contact}",
            text(&one.caller),
            text(&one.place)
        );
    }
    for entry in &plan.entries {
        if let Some(emergency) = &entry.emergency {
            let _ = writeln!(
                out,
                "- in an emergency of '{}': {}",
                text(&entry.name),
                text(emergency)
            );
        }
    }
    out.push('\n');
}

/// The rotation, with a look at the names after each change.
pub(super) fn steps(out: &mut String, plan: &Plan<'_>) {
    let steps = plan.key.rotation.steps();
    let last = steps.len();
    for (at, Step { text, commands }) in steps.iter().enumerate() {
        item(out, at + 1, text, commands);
        let changes = commands
            .iter()
            .any(|command| command.starts_with("az functionapp"));
        if changes && at + 1 < last && plan.key.kind != KeyClass::Master {
            let _ = writeln!(out, "   Check:\n\n   ```sh\n   {}\n   ```\n", plan.names());
        }
    }
    out.push_str("A caller that was not seen may refer to Key Vault, too: App Service reads a reference anew within a day, API Management within four hours, or at once after a POST to `<id of the app>/config/configreferences/appsettings/refresh` or `<id of the named value>/refreshSecret`.\n\n");
}

fn undone(out: &mut String, plan: &Plan<'_>) {
    out.push_str("## What cannot be undone, and the way back\n\n");
    match plan.key.kind {
        KeyClass::Host | KeyClass::Function => {
            let _ = writeln!(
                out,
                "- Until the last step both keys work: let the caller use the old one again, and delete '{}'.\n- The last step cannot be undone: nobody has the old value any more. A caller that is refused then gets the new key.\n",
                text(&plan.key.rotation.successor)
            );
        }
        KeyClass::System | KeyClass::Master => {
            out.push_str("- Renewing cannot be undone: the old value is refused from that moment on, and there is no second key. Do it when it hurts least, and have each caller ready.\n\n");
        }
    }
    out.push_str("Refused calls show whether somebody was forgotten; run it before and after the last step (Log Analytics, workspace of the app's Application Insights):\n\n");
    let _ = writeln!(out, "```kusto\n{}\n```\n", refused(plan));
    out.push_str("Then sweep again: the old fingerprint must be gone.\n\n```sh\nkeysweep sweep --save after.json\nkeysweep check after.json\n```\n\n");
}

/// Calls that were refused.
pub(super) fn refused(plan: &Plan<'_>) -> String {
    format!(
        "AppRequests\n| where TimeGenerated > ago(1d) and AppRoleName =~ '{}'\n| where ResultCode in ('401', '403')\n| summarize calls = count() by bin(TimeGenerated, 15m), OperationName, ClientIP",
        kusto(&plan.key.app.name)
    )
}

/// The record to file, and the register's new lines.
pub(super) fn record(out: &mut String, plan: &Plan<'_>, reason: &str) {
    let key = &plan.key;
    out.push_str("## Record to file\n\n| | |\n|---|---|\n");
    for (name, value) in [
        ("Reason", reason.to_owned()),
        ("Key", code(&key.id)),
        ("Old fingerprint", code(key.fingerprint.as_str())),
        ("New key", text(&key.rotation.successor)),
        ("New fingerprint", "from the sweep afterwards".to_owned()),
        ("Created at, by", String::new()),
        ("Handed over to, at", String::new()),
        ("Confirmed by, how", String::new()),
        ("Old key deleted at, by", String::new()),
        ("Refused calls afterwards", String::new()),
    ] {
        let _ = writeln!(out, "| {name} | {} |", value.replace('|', "\\|"));
    }
    if matches!(key.kind, KeyClass::Host | KeyClass::Function) {
        let quote = |text: &str| serde_json::Value::from(printable(text)).to_string();
        let _ = write!(
            out,
            "\nIn the register (`keysweep.toml`), in each entry of this key:\n\n```toml\nkey = {}\nreplaces = {}\nrotated = <today>\n```\n",
            quote(&key.rotation.successor),
            quote(&key.name)
        );
    }
}

/// An entry of a numbered list, with its commands.
pub(super) fn item(out: &mut String, number: usize, words: &str, commands: &[String]) {
    let _ = writeln!(out, "{number}. {}\n", printable(words));
    if !commands.is_empty() {
        out.push_str("   ```sh\n");
        for command in commands {
            let _ = writeln!(out, "   {}", printable(command));
        }
        out.push_str("   ```\n\n");
    }
}

/// A name as text of a document.
pub(super) fn text(name: &str) -> String {
    printable(name).replace(['`', '<', '>'], "'")
}

pub(super) fn code(name: &str) -> String {
    format!("`{}`", printable(name).replace('`', "'"))
}

/// A name in a query.
pub(super) fn kusto(name: &str) -> String {
    printable(name).replace('\\', "\\\\").replace('\'', "\\'")
}
