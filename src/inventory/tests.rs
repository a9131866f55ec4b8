use super::*;
use crate::fact::{Checksum, Format};
use crate::key::{KeyClass, KeyKind, generate};
use crate::secret::{Fingerprint, Fingerprinter, Secret};
use std::collections::BTreeMap;
use std::path::Path;

const SITE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Web/sites/orders";

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

fn sweep() -> Sweep {
    Sweep {
        tool: Tool::this(),
        started: moment("2026-11-01T02:00:00Z"),
        ended: moment("2026-11-01T02:10:00.5Z"),
        tenant: Some(Text::name("00000000-0000-0000-0000-000000000000")),
        cloud: Some(Text::name("public")),
        identity: None,
        policy: None,
        scope: Scope::default(),
        filters: Filters {
            tags: BTreeMap::from([(Text::name("team"), None)]),
            ..Filters::default()
        },
        shard: Some(Shard { index: 1, count: 4 }),
        metadata_only: false,
        fingerprint_key: None,
        coverage: Coverage::default(),
    }
}

fn key(name: &str, fingerprint: Fingerprint) -> Key {
    Key {
        kind: KeyClass::Host,
        function: None,
        name: Text::name(name),
        format: Format::Chosen,
        seed: None,
        checksum: Checksum::None,
        fingerprint,
        strength: Some(Strength::of(&Secret::from(&b"guess me"[..]))),
        first_seen: moment("2026-11-01T02:01:00Z"),
        last_seen: moment("2026-11-01T02:01:00Z"),
        stale: false,
        unseen: None,
        replaced: None,
        stored: None,
    }
}

/// One of everything.
fn full() -> Inventory {
    let prints = Fingerprinter::for_this_run().unwrap();
    let chosen = |value: &str| prints.chosen(&Secret::from(value.as_bytes()));
    let mut inventory = Inventory::new(sweep());
    let mut app = App::new(ArmId::new(SITE));
    app.keys = vec![
        key("b", chosen("two")),
        key("a", chosen("one")),
        key("c", chosen("two")),
    ];
    app.keys_read = Some(moment("2026-11-01T02:01:00Z"));
    app.functions.push(Function {
        name: Text::name("Place"),
        language: None,
        disabled: false,
        triggers: vec![Text::name("httpTrigger")].into(),
        auth_level: Some(AuthLevel::Function),
        route: None,
    });
    inventory.apps = vec![App::new(ArmId::new(&format!("{SITE}/slots/staging"))), app];
    let gateway = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/gw";
    let named_value = ArmId::new(&format!("{gateway}/namedValues/k"));
    inventory.holders.push(Holder {
        id: ArmId::new(&format!("{gateway}/backends/orders")),
        kind: HolderKind::ApimBackend,
        place: Text::name("credentials.header.x-functions-key"),
        form: Form::Literal,
        vault_secret: None,
        named_value: None,
        sent: Some(Transport::Header),
        host: None,
        target: Some(ArmId::new(SITE)),
        format: Some(Format::Chosen),
        seed: None,
        fingerprint: Some(chosen("two")),
        stale: None,
    });
    inventory.apim_named_values.push(ApimNamedValue {
        id: named_value,
        display_name: Text::name("k"),
        secret: true,
        vault_secret: None,
        format: Some(Format::Chosen),
        seed: None,
        fingerprint: Some(chosen("two")),
        stale: None,
    });
    inventory.apim_subscriptions.push(ApimSubscription {
        id: ArmId::new(&format!("{gateway}/subscriptions/master")),
        display_name: None,
        scope: Text::name("/"),
        state: ApimSubscriptionState::Active,
        created: None,
        expires: None,
        owner: None,
        allow_tracing: true,
        stale: None,
    });
    let caller = Principal {
        id: Text::name("00000000-0000-0000-0000-000000000009"),
        name: Some(Text::name("ada@contoso.example")),
        kind: PrincipalType::User,
    };
    inventory.events.push(Event {
        operation: Operation::List,
        subject: ArmId::new(SITE),
        time: moment("2026-10-30T00:00:00Z"),
        since: Some(moment("2026-10-01T00:00:00Z")),
        count: 30,
        caller: caller.clone().into(),
        status: EventStatus::Succeeded,
    });
    inventory.readers.push(Reader {
        id: ArmId::new("/providers/Microsoft.Authorization/roleAssignments/1"),
        scope: ArmId::new("/"),
        principal: caller,
        role: Text::name("Contributor"),
        built_in: true,
        abilities: vec![Ability::ListHostKeys],
    });
    inventory.gaps.push(Gap {
        subject: ArmId::new(&format!("{SITE}/slots/staging")),
        family: Family::HostKeys,
        reason: Reason::Forbidden,
        action: Some(Text::name("Microsoft.Web/sites/slots/host/listkeys/action")),
        detail: None,
    });
    inventory.subscriptions.push(Subscription {
        id: ArmId::new("/subscriptions/00000000-0000-0000-0000-000000000001"),
        name: Text::name("production"),
        state: None,
        tenant: None,
        management_groups: Vec::new(),
        activity_log: None,
        apim_activity_log: None,
    });
    inventory.finish();
    inventory
}

fn json(inventory: &Inventory) -> serde_json::Value {
    serde_json::to_value(inventory).unwrap()
}

fn parse(value: &serde_json::Value) -> Result<Inventory, ReadError> {
    Inventory::parse("inv.json", value.to_string().as_bytes())
}

/// `UPDATE=1 cargo test` writes the schema anew.
#[test]
fn the_committed_schema_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/inventory.schema.json");
    let fresh = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed.replace("\r\n", "\n") == fresh,
        "stale: run UPDATE=1 cargo test --lib inventory"
    );
}

#[test]
fn what_is_written_obeys_the_schema_and_reads_back() {
    let validator = jsonschema::validator_for(schema().as_value()).unwrap();
    for inventory in [Inventory::new(sweep()), full()] {
        let value = json(&inventory);
        let errors: Vec<_> = validator.iter_errors(&value).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let mut text = Vec::new();
        inventory.write(&mut text).unwrap();
        assert_eq!(Inventory::parse("inv.json", &text).unwrap(), inventory);
    }
}

#[test]
fn is_in_order_and_counted() {
    let inventory = full();
    let ids: Vec<_> = inventory.apps.iter().map(|app| app.id.slot()).collect();
    assert_eq!(ids, [None, Some("staging")]);
    let keys = &inventory.apps[0].keys;
    let prints: Vec<_> = keys.iter().map(|key| key.fingerprint.as_str()).collect();
    assert_eq!(prints, ["chosen-1", "chosen-2", "chosen-2"]);
    assert_eq!(
        inventory.holders[0].fingerprint,
        Some(keys[1].fingerprint.clone())
    );
    let coverage = &inventory.sweep.coverage;
    assert_eq!((coverage.apps, coverage.assessed), (2, 1));
    assert_eq!((coverage.functions, coverage.keys), (1, 3));
    assert_eq!(json(&inventory), json(&full()), "the same in every run");
}

#[test]
fn unknown_fields_are_for_newer_versions_only() {
    let mut value = json(&full());
    value["apps"][0]["keys"][1]["colour"] = "red".into();
    let error = parse(&value).unwrap_err().to_string();
    assert!(
        error.contains("at apps[0].keys[1].colour: this version has no such field"),
        "{error}"
    );
    value["version"] = "1.7".into();
    assert_eq!(parse(&value).unwrap().apps, full().apps);
    value["version"] = "2.0".into();
    assert!(matches!(parse(&value), Err(ReadError::Version { .. })));
}

#[test]
fn says_what_is_wrong_and_quotes_no_key() {
    let key = generate(KeyKind::Function, &[7; 33]);
    let mut value = json(&full());
    value["apps"][0]["keys"][0]["fingerprint"] = key.clone().into();
    let error = parse(&value).unwrap_err().to_string();
    assert!(
        error.ends_with("at apps[0].keys[0].fingerprint: this is not a fingerprint"),
        "{error}"
    );
    let mut value = json(&full());
    value["apps"][0]["keys"][0]["kind"] = key.clone().into();
    let error = parse(&value).unwrap_err().to_string();
    assert!(
        error.contains("apps[0].keys[0].kind") && !error.contains(&key[..12]),
        "{error}"
    );

    let broken = |text: &[u8]| Inventory::parse("inv.json", text).unwrap_err().to_string();
    assert!(broken(b"{\"version\": \"1.0\",").contains("line 1, column 18"));
    assert!(broken(b"[]").contains("is no inventory"));
    assert!(broken(b"{\"version\": 1}").contains("is no inventory"));
}

#[test]
fn names_are_masked_on_the_way_in() {
    let key = generate(KeyKind::System, &[7; 33]);
    let mut value = json(&full());
    value["apps"][0]["keys"][0]["name"] = key.clone().into();
    value["apps"][0]["hosts"] = serde_json::json!([format!("a\u{1b}[2J{key}")]);
    let text = json(&parse(&value).unwrap()).to_string();
    assert!(!text.contains(&key[..12]) && !text.contains('\u{1b}'));
}
