use super::*;
use crate::evidence::tests::tenant;

fn plan(subject: &str) -> Result<(String, String), SubjectError> {
    let tenant = tenant();
    let (policy, leaks) = (Policy::default(), Leaks::default());
    let plan = Plan::of(subject, &tenant, &policy, &leaks)?;
    Ok((plan.runbook(), plan.incident()))
}

#[test]
fn a_key_goes_by_several_names() {
    for subject in [
        "func-orders/shop",
        "FUNC-orders/placeorder/SHOP",
        "AAAAbbbbCCCCdddd0003",
        "/subscriptions/22222222-2222-2222-2222-222222222222/resourcegroups/orders/providers/microsoft.web/sites/func-orders/functions/PlaceOrder/keys/shop",
    ] {
        let (runbook, _) = plan(subject).unwrap();
        assert!(runbook.contains("AAAAbbbbCCCCdddd0003"), "{subject}");
    }
    let (staging, _) = plan("func-orders:staging/shop").unwrap();
    assert!(staging.contains("--slot staging") && staging.contains("0004"));
}

#[test]
fn what_is_not_clear_is_answered_with_candidates() {
    let unknown = plan("func-orders/shopp").unwrap_err();
    assert!(unknown.to_string().contains("is no key of the inventory"));
    assert!(
        unknown.help().contains("func-orders/PlaceOrder/shop"),
        "{}",
        unknown.help()
    );
    let nothing = plan("no-such-app/x").unwrap_err();
    assert!(nothing.help().contains("APP/FUNCTION/KEY"));
}

#[test]
fn the_runbook_has_everything_in_order() {
    let (runbook, incident) = plan("func-orders/PlaceOrder/shop").unwrap();
    let order = |text: &str, parts: &[&str]| {
        let mut from = 0;
        for part in parts {
            let at = text[from..].find(part);
            from += at.unwrap_or_else(|| panic!("{part} is missing, or too early, in\n{text}"));
        }
    };
    order(
        &runbook,
        &[
            "az account show --subscription 22222222-2222-2222-2222-222222222222",
            "az role assignment list",
            "app 'web-shop'",
            "--key-name shop-2 --output none",
            "--key-name shop\n",
            "cannot be undone",
            "Record to file",
            "replaces = \"shop\"",
        ],
    );
    order(
        &incident,
        &[
            "Evidence first",
            "How long",
            "finds that commit; give the report",
            "let leaked = ago(90d)",
            "AzureActivity",
            "Replace and revoke",
            "Facts for those",
        ],
    );
}

#[test]
fn the_exposure_is_told_by_commits_and_by_age() {
    let tenant = tenant();
    let commit = "c".repeat(40);
    let of = |at: &str| {
        let report = format!(
            r#"{{"version": 1, "findings": [{{"properties": {{"fingerprint": "AAAAbbbbCCCCdddd0003",
                "addedIn": "{commit}", "addedAt": "{at}", "inHead": false}}, "location": {{"path": "a.js"}}}}]}}"#
        );
        let leaks = Leaks::parse("leaks.json", report.as_bytes()).unwrap();
        let policy = Policy::default();
        let plan = Plan::of("func-orders/PlaceOrder/shop", &tenant, &policy, &leaks).unwrap();
        plan.incident()
    };
    let incident = of("2026-02-01T10:00:00+01:00");
    for part in [
        "The value was there on 2025-10-01 at the latest: it is at least 151 days old",
        "The first commit with it is `cccccccccccccccccccccccccccccccccccccccc` of 2026-02-01",
        "**Exposed since 2026-02-01, for 27 days when the inventory was taken, and until it is revoked**; HEAD has it no more",
        "let leaked = datetime(2026-02-01);",
        "From when until when: from 2026-02-01 until",
    ] {
        assert!(incident.contains(part), "{part} is missing in\n{incident}");
    }
    assert!(!incident.contains("before the value can have existed"));
    let early = of("2020-02-01T10:00:00Z");
    assert!(
        early.contains("That is before the value can have existed"),
        "{early}"
    );
}

#[test]
fn a_name_that_is_a_command_stays_a_name() {
    let (runbook, _) = plan("AAAAbbbbCCCCdddd0002").unwrap();
    for line in runbook
        .lines()
        .filter(|line| line.trim_start().starts_with("az "))
    {
        assert!(!line.contains(" =cmd|' /C"), "{line}");
    }
}
