use super::*;
use crate::inventory::fixture::at;
use crate::inventory::sketch::sketch;
use crate::inventory::{Inventory, Text};

/// An inventory of a day of November.
fn taken(day: u8, text: &str) -> Inventory {
    sketch(text, at(day, 0)).unwrap()
}

fn compare(old: &str, new: &str) -> Diff {
    of_inventories(("old", &taken(10, old)), ("new", &taken(20, new))).unwrap()
}

/// `what about name` of every change.
fn told(diff: &Diff) -> Vec<String> {
    let short = |change: &Change| {
        let name = change.id.rsplit('/').next().unwrap_or_default();
        format!("{} {} {name}", word(&change.what), word(&change.about))
    };
    diff.changes.iter().map(short).collect()
}

/// The one change that there is.
fn only(diff: &Diff) -> &Change {
    assert_eq!(diff.changes.len(), 1, "{:#?}", diff.changes);
    &diff.changes[0]
}

const WEB: &str = "[[subscriptions]]\nactivityLog = 90\n[[apps]]\nid = 'orders'\ncreated = 400\n\
    functions = [{ name = 'Place' }]\nkeys = [{ name = 'web' }]\n";

/// The same key with another value.
fn renewed() -> String {
    WEB.replace(
        "{ name = 'web' }",
        "{ name = 'web', fingerprint = 'AAAAbbbbCCCCdddd0009' }",
    )
}

#[test]
fn nothing_changes_by_time_alone() {
    let diff = compare(WEB, WEB);
    assert_eq!(diff.changes, []);
    assert_eq!(diff.verdict(false), Verdict::Clean);
}

#[test]
fn keys_come_and_go_and_the_log_says_by_whom() {
    let new = format!(
        "{}[[events]]\noperation = 'write'\ntime = 3\ncaller = {{ id = 'ada' }}\nsubject = \
         'orders/host/default/functionKeys/feed'\n",
        WEB.replace("'web'", "'feed'")
    );
    let diff = compare(WEB, &new);
    assert_eq!(told(&diff), ["new key feed", "gone key web"]);
    let evidence = diff.changes[0].evidence.as_deref().unwrap();
    assert!(
        evidence.starts_with("recorded: the Activity Log shows it on 2026-11-17")
            && evidence.ends_with("by 'ada'"),
        "{evidence}"
    );
    assert_eq!(diff.changes[1].evidence, None);
    assert_eq!(diff.verdict(false), Verdict::Findings);
}

#[test]
fn a_rotation_names_its_evidence() {
    let announced = format!(
        "{}[[events]]\noperation = 'write'\ntime = 2\ncaller = {{ id = 'o', name = 'ada' }}\n\
         subject = 'orders/host/default/functionKeys/web'\n",
        renewed()
    );
    let silent_log = renewed().replace("activityLog = 90", "");
    for (new, said) in [
        (
            announced,
            "recorded: the Activity Log shows it on 2026-11-18 00:00 UTC, by 'ada'",
        ),
        (renewed(), "changed behind Azure Resource Manager's back"),
        (silent_log, "does not say by whom"),
    ] {
        let diff = compare(WEB, &new);
        let change = only(&diff);
        assert_eq!((change.about, change.what), (About::Key, What::Rotated));
        let evidence = change.evidence.as_deref().unwrap();
        assert!(evidence.contains(said), "{evidence}");
        assert!(
            evidence.contains("at most 10 days old") || evidence.contains("at most 2 days old"),
            "{evidence}"
        );
        assert_eq!(change.fields[0].name, "fingerprint");
    }
}

#[test]
fn a_value_that_another_key_had_is_said_to_be_no_new_one() {
    let two = WEB.replace(
        "{ name = 'web' }",
        "{ name = 'web' }, { name = 'feed', fingerprint = 'AAAAbbbbCCCCdddd0009' }",
    );
    let diff = compare(&two, &renewed());
    let rotated = &diff.changes[1];
    assert!(
        rotated.message.ends_with(
            "has another value: the one that host key 'feed' of 'orders' (subscription 'live') had"
        ),
        "{}",
        rotated.message
    );
}

#[test]
fn chosen_values_are_compared_where_their_names_hold() {
    let chosen = |print: &str| {
        WEB.replace(
            "{ name = 'web' }",
            &format!("{{ name = 'web', format = 'chosen', fingerprint = '{print}' }}"),
        )
    };
    let (a, b) = (
        chosen("hmac:AAAAbbbbCCCCdddd0001"),
        chosen("hmac:AAAAbbbbCCCCdddd0002"),
    );
    assert_eq!(told(&compare(&a, &b)), ["rotated key web"]);
    // A value that was chosen is none that was generated, whatever its name.
    assert_eq!(
        told(&compare(WEB, &chosen("chosen-1"))),
        ["rotated key web"]
    );
    let (old, mut new) = (taken(10, &a), taken(20, &b));
    new.sweep.fingerprint_key = Some(Text::name("another"));
    let diff = of_inventories(("old", &old), ("new", &new)).unwrap();
    assert_eq!(diff.changes, []);
    assert!(diff.notices[0].starts_with("1 chosen value could not be compared"));
}

#[test]
fn a_gap_makes_nothing_new_or_gone() {
    let locked = "[[apps]]\nid = 'orders'\nkeysRead = false\nfunctions = [{ name = 'Place' }]\n\
        [[gaps]]\nsubject = 'orders'\nfamily = 'host-keys'\nreason = 'locked'\n";
    let diff = compare(WEB, locked);
    assert_eq!(told(&diff), ["not-compared key orders", "new gap orders"]);
    assert_eq!(diff.verdict(false), Verdict::Incomplete);
    assert_eq!(diff.verdict(true), Verdict::Findings);
    let back = compare(locked, WEB);
    assert_eq!(told(&back), ["not-compared key orders", "gone gap orders"]);

    let blind = "apps = []\n[[gaps]]\nsubject = '/subscriptions/00000000-0000-0000-0000-000000000001'\n\
        family = 'apps'\nreason = 'forbidden'\n";
    let unseen = compare(WEB, blind);
    assert_eq!(told(&unseen)[0], "not-compared app orders");
    assert_eq!(
        told(&compare(WEB, "apps = []")),
        ["gone key web", "gone app orders"]
    );
}

#[test]
fn what_a_sweep_was_not_asked_for_is_left_out() {
    let (old, mut new) = (taken(10, WEB), taken(20, "apps = []"));
    new.sweep.filters.apps = vec![Text::name("stock")];
    let diff = of_inventories(("old", &old), ("new", &new)).unwrap();
    assert_eq!(diff.changes, []);
    assert!(
        diff.notices[0].contains("1 thing was of one side alone left out")
            || diff.notices[0].contains("left out")
    );
    let wide = of_inventories(("old", &new), ("new", &old)).unwrap();
    assert_eq!(wide.changes, [], "{:?}", wide.changes);
    new.sweep.metadata_only = true;
    let diff = of_inventories(("old", &taken(10, WEB)), ("new", &new)).unwrap();
    assert_eq!(told(&diff), ["not-compared key "]);
}

/// The caller `shop` of an app with two keys.
fn held(by: &str) -> String {
    format!(
        "{}[[holders]]\nid = 'shop'\nplace = 'ORDERS_KEY'\nhost = 'orders.azurewebsites.net'\n{by}\n",
        WEB.replace(
            "keys = [{ name = 'web' }]",
            "hosts = ['orders.azurewebsites.net']\nkeys = [{ name = 'web', fingerprint = \
             'AAAAbbbbCCCCdddd0001' }, { name = 'web-2', fingerprint = 'AAAAbbbbCCCCdddd0002' }]"
        )
    )
}

#[test]
fn callers_that_moved_are_told_from_those_that_did_not() {
    let first = held("fingerprint = 'AAAAbbbbCCCCdddd0001'");
    let second = held("fingerprint = 'AAAAbbbbCCCCdddd0002'");
    let diff = compare(&first, &second);
    let change = only(&diff);
    assert_eq!(
        change.message,
        "app 'shop' moved from the host key 'web' of 'orders' (subscription 'live') to the host \
         key 'web-2' of 'orders' (subscription 'live') in the setting 'ORDERS_KEY'"
    );
    // The key is renewed, and the caller has the old value.
    let forgotten = first.replace(
        "name = 'web', fingerprint = 'AAAAbbbbCCCCdddd0001'",
        "name = 'web', fingerprint = 'AAAAbbbbCCCCdddd0003'",
    );
    let diff = compare(&first, &forgotten);
    assert_eq!(told(&diff), ["rotated key web", "changed holder shop"]);
    assert!(
        diff.changes[1]
            .message
            .contains("it opens nothing any more"),
        "{:?}",
        diff.changes
    );
    // Both have the new one.
    let followed = first.replace("AAAAbbbbCCCCdddd0001", "AAAAbbbbCCCCdddd0003");
    let diff = compare(&first, &followed);
    assert!(
        diff.changes[1]
            .message
            .starts_with("app 'shop' holds another value of the host key 'web'"),
        "{:?}",
        diff.changes
    );
    let nobody = first.split("[[holders]]").next().unwrap();
    assert_eq!(told(&compare(&first, nobody)), ["gone holder shop"]);
    assert_eq!(told(&compare(nobody, &first)), ["new holder shop"]);
}

#[test]
fn rights_are_those_of_principals_and_not_of_assignments() {
    let reader = |id: &str, who: &str, scope: &str| {
        format!(
            "[[readers]]\nid = '/a/{id}'\nscope = '{scope}'\nrole = 'Contributor'\n\
             principal = {{ id = '{who}', name = '{who}' }}\n"
        )
    };
    let subscription = "/subscriptions/00000000-0000-0000-0000-000000000001";
    let group = format!("{subscription}/resourceGroups/rg");
    let old = format!("{WEB}{}", reader("1", "ada", subscription));
    // Made anew, it gives nothing new.
    let again = format!("{WEB}{}", reader("2", "ada", subscription));
    assert_eq!(compare(&old, &again).changes, []);
    let bob = format!("{old}{}", reader("3", "bob", &group));
    let diff = compare(&old, &bob);
    assert_eq!(
        only(&diff).message,
        format!("'bob' gained the right to list host keys at {group}, by the role 'Contributor'")
    );
    assert!(
        only(&compare(&bob, &old))
            .message
            .starts_with("'bob' lost the right")
    );
    let twice = format!("{old}{}", reader("3", "ada", &group));
    let diff = compare(&old, &twice);
    assert!(
        only(&diff).message.ends_with(&format!(
            "; but had it already through an assignment at {subscription}"
        )),
        "{:?}",
        diff.changes
    );
}

#[test]
fn apps_functions_and_subscriptions_of_the_gateway_change() {
    let gateway = |state: &str| {
        format!(
            "[[apimSubscriptions]]\nid = 'Microsoft.ApiManagement/service/gw/subscriptions/all'\n\
             scope = '/apis'\nstate = '{state}'\n"
        )
    };
    let old = format!("{WEB}{}", gateway("active"))
        .replace("created = 400", "created = 400\nkeyStore = 'blob'");
    let new = format!("{WEB}{}", gateway("suspended"))
        .replace("created = 400", "created = 400\nkeyStore = 'files'")
        .replace(
            "{ name = 'Place' }",
            "{ name = 'Place', authLevel = 'anonymous' }, { name = 'Cancel' }",
        );
    let diff = compare(&old, &new);
    assert_eq!(
        told(&diff),
        [
            "changed app orders",
            "new function Cancel",
            "changed function Place",
            "changed apim-subscription all",
        ]
    );
    assert_eq!(diff.changes[2].fields[0].new.as_deref(), Some("anonymous"));
}

#[test]
fn two_tenants_are_not_compared() {
    let (mut old, mut new) = (taken(10, WEB), taken(20, WEB));
    old.sweep.tenant = Some(Text::name("a"));
    new.sweep.tenant = Some(Text::name("b"));
    let error = of_inventories(("old", &old), ("new", &new)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the inventories are of two tenants, a and b"
    );
}

#[test]
fn the_committed_schema_is_current_and_holds() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diff.schema.json");
    let fresh = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "docs/diff.schema.json is stale: UPDATE=1 cargo test --lib diff"
    );
    let validator = jsonschema::validator_for(schema().as_value()).unwrap();
    let value = serde_json::to_value(compare(WEB, &renewed())).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn people_scripts_and_tickets_read_the_same() {
    let diff = compare(WEB, &renewed());
    let text = |format| {
        let mut out = Vec::new();
        write(&diff, format, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let human = text(Format::Human);
    assert!(
        human.starts_with(
            "Keys\n  ~ host key 'web' of 'orders' (subscription 'live') has another value\n"
        ),
        "{human}"
    );
    assert!(
        human.ends_with("from old (2026-11-10 00:00) to new (2026-11-20 00:00): 1 key rotated\n"),
        "{human}"
    );
    let json: serde_json::Value = serde_json::from_str(&text(Format::Json)).unwrap();
    assert_eq!(json["summary"]["key"]["rotated"], 1);
    assert!(text(Format::Markdown).contains("| rotated | host key 'web'"));
}
