use super::*;
use crate::fact::live::{KeyHolder, LiveKey, Match};
use crate::inventory::Moment;
use crate::inventory::sketch::sketch;
use jiff::civil::Date;

const KEY: &str = "{{function-key|fingerprint}}";

fn facts(policy: &str, text: &str) -> Vec<Fact> {
    let now: Moment = "2026-01-31T12:00:00Z".parse().unwrap();
    let text = crate::placeholder::expand(text).unwrap();
    let merged = Merged::new(vec![sketch(&text, now).unwrap()]).unwrap();
    let today = Date::constant(2026, 1, 31);
    let policy = Policy::from_text("keysweep.toml", policy, today, []).unwrap();
    let leaks = Leaks::default();
    let estate = Estate::new(&merged, &policy, &leaks);
    estate
        .apps()
        .flatten()
        .chain(estate.rest().flatten())
        .collect()
}

fn key(policy: &str, text: &str) -> LiveKey {
    let found = facts(policy, text).into_iter().find_map(|fact| match fact {
        Fact::Key(key) => Some(key),
        _ => None,
    });
    found.unwrap()
}

fn holders(text: &str) -> Vec<KeyHolder> {
    let all = facts("", text).into_iter();
    all.filter_map(|fact| match fact {
        Fact::Holder(holder) => Some(holder),
        _ => None,
    })
    .collect()
}

/// An app with a key that everybody below holds.
fn app() -> String {
    format!(
        "[[apps]]\nid = 'orders'\nhosts = ['orders.azurewebsites.net']\n\
         keys = [{{ name = 'web', fingerprint = '{KEY}' }}]\n"
    )
}

fn holder(id: &str, kind: &str) -> String {
    format!("[[holders]]\nid = '{id}'\nkind = '{kind}'\nplace = 'p'\nfingerprint = '{KEY}'\n")
}

#[test]
fn a_site_a_service_and_a_workflow_each_count_once() {
    let gateway = "Microsoft.ApiManagement/service/gw";
    let text = [
        app(),
        holder("shop", "app-setting"),
        holder("shop/slots/staging", "app-setting"),
        holder(&format!("{gateway}/backends/a"), "apim-backend"),
        holder(&format!("{gateway}/apis/x/policies/policy"), "apim-policy"),
        holder("Microsoft.Logic/workflows/w", "logic-app"),
        holder(
            "Microsoft.DataFactory/factories/f/linkedservices/l",
            "data-factory",
        ),
        // Its own slot calls it: nobody else holds the key for that.
        holder("orders/slots/staging", "app-setting"),
    ]
    .concat();
    let key = key("", &text);
    assert_eq!(
        key.observed,
        [
            "API Management 'gw'",
            "app 'shop'",
            "data factory 'f'",
            "logic app 'w'"
        ]
    );
    assert_eq!(key.callers, 4);
}

#[test]
fn references_lead_to_the_key() {
    let gateway = "Microsoft.ApiManagement/service/gw";
    let text = format!(
        "{}[[apimNamedValues]]\nid = '{gateway}/namedValues/v1'\ndisplayName = 'Orders-Key'\n\
         vaultSecret = {{ vault = 'kv', secret = 's' }}\nfingerprint = '{KEY}'\n\
         [[holders]]\nid = '{gateway}/backends/b'\nkind = 'apim-backend'\nplace = 'p'\n\
         form = 'named-value'\nnamedValue = 'orders-key'\n\
         [[holders]]\nid = 'shop'\nplace = 'ORDERS'\nform = 'key-vault'\n\
         vaultSecret = {{ vault = 'KV.vault.azure.net', secret = 'S', version = '1' }}\n",
        app()
    );
    let key = key("", &text);
    assert_eq!(key.observed, ["API Management 'gw'", "app 'shop'"]);
    let all = holders(&text);
    assert!(all.iter().all(|holder| holder.matches == Match::Live));
    assert!(
        all.iter()
            .all(|holder| holder.key.as_deref() == Some("host key 'web'"))
    );
}

#[test]
fn what_a_value_is_none_of_is_said_only_if_it_is_known() {
    let gone = "fingerprint = '{{function-key:2|fingerprint}}'";
    let locked = "[[apps]]\nid = 'stock'\nkeysRead = false\nhosts = ['stock.azurewebsites.net']\n";
    let sent =
        |host: &str| format!("[[holders]]\nid = 'shop'\nplace = 'p'\nhost = '{host}'\n{gone}\n");
    let bare = format!("[[holders]]\nid = 'shop'\nplace = 'p'\n{gone}\n");
    for (text, expected) in [
        (app() + &sent("ORDERS.azurewebsites.net:443"), Match::Gone),
        (
            app() + locked + &sent("stock.azurewebsites.net"),
            Match::Untold,
        ),
        (app() + &sent("partner.example"), Match::Untold),
        (app() + &bare, Match::Gone),
        (app() + locked + &bare, Match::Untold),
        (
            app() + "[sweep]\nfilters = { apps = ['orders'] }\n" + &bare,
            Match::Untold,
        ),
        (
            app()
                + "[[gaps]]\nsubject = '/subscriptions/1'\nfamily = 'apps'\nreason = 'forbidden'\n"
                + &bare,
            Match::Untold,
        ),
    ] {
        assert_eq!(holders(&text)[0].matches, expected, "{text}");
    }
}

#[test]
fn the_register_speaks_of_the_key_that_it_names() {
    let entry =
        |more: &str| format!("[[caller]]\nname = 'web'\nowner = 'o'\napp = 'ORDERS'\n{more}\n");
    let key = |more: &str| key(&entry(more), &app());
    assert_eq!(key("key = 'WEB'").registered, ["web"]);
    assert_eq!(
        key("").registered,
        ["web"],
        "a key that is called as its caller"
    );
    assert_eq!(key("key = 'WEB'").owner.as_deref(), Some("o"));
    for other in [
        "key = 'feed'",
        "key = 'web'\nfunction = 'Place'",
        "key = 'web'\nslot = 'staging'",
    ] {
        assert_eq!(key(other).registered, [""; 0], "{other}");
    }
    let ended = key("key = 'web'\nended = 2026-01-01");
    assert_eq!(
        (ended.registered.len(), ended.owner.as_deref()),
        (0, Some("o"))
    );
    assert_eq!(key("key = 'web'\nslot = 'production'").registered, ["web"]);
}

#[test]
fn observed_callers_may_be_the_registered_ones() {
    let policy = "[[caller]]\nname = 'a'\napp = 'orders'\nkey = 'web'\n";
    let one = app() + &holder("shop", "app-setting");
    assert_eq!(key(policy, &one).callers, 1);
    let two = format!("{policy}[[caller]]\nname = 'b'\napp = 'orders'\nkey = 'web'\n");
    assert_eq!(key(&two, &one).callers, 2);
    assert_eq!(
        key(&two, &(one + &holder("feed", "app-setting"))).callers,
        2
    );
}

#[test]
fn says_which_callers_could_not_be_looked_at() {
    use crate::inventory::fixture::{at, inventory, key, print, setting, site};
    let mut inventory = inventory(9, &["orders"]);
    inventory.apps[0].keys = vec![key(9, "web", print(1))];
    inventory.apps[0].stale = Some(at(3, 4));
    let mut held = setting(site("shop"), "ORDERS_KEY", print(1));
    held.stale = Some(at(2, 4));
    inventory.holders = vec![held];
    let merged = Merged::new(vec![inventory]).unwrap();
    let (policy, leaks) = (Policy::default(), Leaks::default());
    let estate = Estate::new(&merged, &policy, &leaks);
    let facts: Vec<Fact> = estate
        .apps()
        .flatten()
        .chain(estate.rest().flatten())
        .collect();
    let stale = |fact: &Fact| fact.record().stale().map(ToOwned::to_owned);
    for fact in &facts {
        match fact {
            Fact::App(_) => assert_eq!(stale(fact).as_deref(), Some("2026-11-03")),
            Fact::Holder(_) => assert_eq!(stale(fact).as_deref(), Some("2026-11-02")),
            Fact::Key(key) => {
                assert_eq!(
                    fact.record().remark().as_deref(),
                    Some(
                        "What is said of app 'shop' was known on 2026-11-02; it could not be \
                         looked at since."
                    )
                );
                assert!(key.related[0].message.contains("as known on 2026-11-02"));
            }
            _ => {}
        }
    }
}
