use super::*;
use crate::inventory::{App, Inventory, Moment, Sweep, Tool};
use crate::key::{KeyClass, KeyKind, generate};

fn key(seed: u8) -> String {
    generate(KeyKind::Function, &[seed; 33])
}

const CHOSEN: &str = "partner7Feed2023";

/// In a file a placeholder, and in this tenant a key.
const CARELESS: &str = "changeme1234";

/// A sweep that has listed the key 1, and two with chosen values.
fn known(prints: &Fingerprinter) -> Known {
    let now = Moment::now();
    let mut inventory = Inventory::new(Sweep {
        tool: Tool::this(),
        started: now,
        ended: now,
        tenant: None,
        cloud: None,
        identity: None,
        policy: None,
        scope: Default::default(),
        filters: Default::default(),
        shard: None,
        metadata_only: false,
        fingerprint_key: None,
        coverage: Default::default(),
    });
    let mut app = App::new(ArmId::new("/subscriptions/s/…/sites/orders"));
    app.hosts = vec![
        Text::name("orders.azurewebsites.net"),
        Text::name("api.contoso.example"),
    ];
    for value in [key(1).as_str(), CHOSEN, CARELESS] {
        let value = value_of(&Secret::from(value.as_bytes()), prints);
        app.keys.push(crate::inventory::Key {
            kind: KeyClass::Host,
            function: None,
            name: Text::name("k"),
            format: value.format,
            seed: value.seed,
            checksum: value.checksum,
            fingerprint: value.fingerprint,
            strength: value.strength,
            first_seen: now,
            last_seen: now,
            stale: false,
            unseen: None,
            replaced: None,
            stored: None,
        });
    }
    inventory.apps.push(app);
    Known::of(&inventory)
}

fn searched(text: &str) -> Vec<(Format, Option<Transport>, Option<String>)> {
    let prints = Fingerprinter::keyed("a key for tests");
    let known = known(&prints);
    let searcher = Searcher {
        prints: &prints,
        known: &known,
    };
    let found = searcher.search(text).into_iter();
    found
        .map(|held| (held.value.format, held.sent, held.host))
        .collect()
}

#[test]
fn finds_keys_by_format_by_where_they_are_sent_and_by_value() {
    use Format::{Chosen, Identifiable};
    let query = Some(Transport::Query);
    let host = |name: &str| Some(name.to_owned());
    for (text, expected) in [
        (key(2), vec![(Identifiable, None, None)]),
        (
            format!("Endpoint=x;Key={};v=1", key(1)),
            vec![(Identifiable, None, None)],
        ),
        (
            format!("https://orders.azurewebsites.net/api/Place?code={}", key(1)),
            vec![(Identifiable, query, host("orders.azurewebsites.net"))],
        ),
        // A custom domain of an app of the sweep.
        (
            "https://api.contoso.example/api/Place?code=Tr0ub4dor-and-3".to_owned(),
            vec![(Chosen, query, host("api.contoso.example"))],
        ),
        (CHOSEN.to_owned(), vec![(Chosen, None, None)]),
        (CARELESS.to_owned(), vec![(Chosen, None, None)]),
        (
            format!("https://orders.azurewebsites.net/api/Place?code={CARELESS}"),
            vec![(Chosen, query, host("orders.azurewebsites.net"))],
        ),
        // Somebody else's `code`, another secret, a reference, a placeholder.
        (
            "https://login.example/callback?code=Tr0ub4dor-and-3&state=1".to_owned(),
            vec![],
        ),
        (
            "https://shop.example/?code=Tr0ub4dor-and-3".to_owned(),
            vec![],
        ),
        ("Server=tcp:db;Password=Tr0ub4dor-and-3".to_owned(), vec![]),
        (
            "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/k)".to_owned(),
            vec![],
        ),
        (
            "https://orders.azurewebsites.net/api/Place?code=<function-key>".to_owned(),
            vec![],
        ),
        (String::new(), vec![]),
    ] {
        assert_eq!(searched(&text), expected, "{}", text.len());
    }
}

#[test]
fn what_is_sent_is_a_key_unless_it_is_a_placeholder() {
    let prints = Fingerprinter::keyed("a key for tests");
    let known = known(&prints);
    let searcher = Searcher {
        prints: &prints,
        known: &known,
    };
    let sent = |text: &str| searcher.sent(text, Transport::Header, None).is_some();
    let generated = key(2);
    for value in ["Tr0ub4dor-and-3", &generated, CARELESS] {
        assert!(sent(value));
    }
    for placeholder in ["changeme", "<function-key>", " "] {
        assert!(!sent(placeholder), "{placeholder}");
    }
}

#[test]
fn reads_references_to_key_vault() {
    let secret = |text| {
        vault_secret(text).map(|it| (it.vault.to_string(), it.secret.to_string(), it.version))
    };
    let uri = "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/orders/)";
    assert_eq!(
        secret(uri),
        Some(("v.vault.azure.net".into(), "orders".into(), None))
    );
    let pinned = "@microsoft.keyvault(SecretUri=https://v.vault.azure.net/secrets/orders/0a1b)";
    assert_eq!(secret(pinned).unwrap().2.unwrap().as_str(), "0a1b");
    let parts = "@Microsoft.KeyVault(VaultName=v;SecretName=orders)";
    assert_eq!(secret(parts), Some(("v".into(), "orders".into(), None)));
    assert_eq!(secret("@Microsoft.KeyVault(SecretName=orders)"), None);
    assert_eq!(secret("plain"), None);
}

#[test]
fn knows_names_of_keys() {
    for name in [
        "FUNCTION_KEY",
        "OrdersFunctionKey",
        "OrdersFunc__HostKey",
        "FunctionsApiKey",
        "PAYMENTS_FUNC_CODE",
        "MasterKey",
    ] {
        assert!(names_a_key(name), "{name}");
    }
    for name in [
        "SqlPassword",
        "AzureWebJobsStorage",
        "FUNCTIONS_WORKER_RUNTIME",
        "ApiKey",
    ] {
        assert!(!names_a_key(name), "{name}");
    }
}
