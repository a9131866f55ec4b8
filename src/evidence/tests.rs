use super::*;

const TENANT: &[u8] = include_bytes!("../../testdata/inventory.json");

pub(crate) fn tenant() -> Merged {
    let inventory = Inventory::parse("inventory.json", TENANT).unwrap();
    Merged::new(vec![inventory]).unwrap()
}

fn text(format: Format) -> String {
    let evidence = Evidence::of(&tenant(), &Policy::default());
    let mut out = Vec::new();
    write(&evidence, format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_key_is_a_row() {
    let evidence = Evidence::of(&tenant(), &Policy::default());
    assert_eq!(evidence.keys.len(), 5);
    let shop = evidence
        .keys
        .iter()
        .find(|row| row.key == "shop" && row.slot.is_none())
        .unwrap();
    assert_eq!(
        (shop.min_age_days, shop.age_state),
        (151, AgeState::Overdue)
    );
    assert_eq!(shop.observed, ["app 'web-shop'"]);
    assert_eq!(
        shop.stored_in,
        ["app 'web-shop': the setting 'ORDERS_KEY', in clear"]
    );
    let young = evidence
        .keys
        .iter()
        .find(|row| row.kind == KeyClass::Host)
        .unwrap();
    assert_eq!(young.age_state, AgeState::NotProven);
}

#[test]
fn the_table_of_a_spreadsheet_holds_no_formula() {
    let table = text(Format::Csv);
    assert_eq!(table.lines().count(), 6);
    assert!(table.contains(",'=cmd"), "{table}");
    assert!(!table.contains(",=cmd"), "{table}");
}

#[test]
fn tables_for_scripts_and_documents() {
    let json: serde_json::Value = serde_json::from_str(&text(Format::Json)).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["keys"].as_array().unwrap().len(), 5);
    let markdown = text(Format::Markdown);
    assert_eq!(
        markdown
            .lines()
            .filter(|line| line.starts_with("| live |"))
            .count(),
        5
    );
}

#[test]
fn a_swap_leaves_keys_of_the_slot_behind() {
    let tenant = tenant();
    let evidence = Evidence::of(&tenant, &Policy::default());
    let swaps = swaps(&tenant.inventory, &evidence, "FUNC-ORDERS").unwrap();
    assert_eq!(swaps.len(), 1);
    let lost: Vec<_> = swaps[0].losses.iter().map(|loss| &*loss.key).collect();
    assert_eq!(lost, ["partner"]);
    assert_eq!(swaps[0].arriving, ["CancelOrder"]);
    let unknown = super::swaps(&tenant.inventory, &evidence, "func-order").unwrap_err();
    assert_eq!(unknown.meant.as_deref(), Some("func-orders"));
}

#[test]
fn a_store_on_files_loses_all() {
    let mut tenant = tenant();
    tenant.inventory.apps[1].key_store = Some(crate::inventory::KeyStore::Files);
    let evidence = Evidence::of(&tenant, &Policy::default());
    let swaps = swaps(&tenant.inventory, &evidence, "func-orders").unwrap();
    assert!(swaps[0].resets);
    assert_eq!(swaps[0].losses.len(), 5);
}

/// `UPDATE=1 cargo test` writes the schema anew.
#[test]
fn the_committed_schema_is_fresh() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/evidence.schema.json");
    let fresh = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "stale: UPDATE=1 cargo test --lib evidence"
    );
}
