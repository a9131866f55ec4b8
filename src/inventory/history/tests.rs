use super::super::fixture::{at, gap, inventory, key, print, setting, site};
use super::*;
use crate::inventory::{Text, Triggers};
use crate::secret::Fingerprint;

#[test]
fn the_same_value_is_as_old_as_its_first_sight() {
    let mut old = inventory(1, &["a"]);
    old.apps[0].keys = vec![key(1, "same", print(1)), key(1, "changed", print(2))];
    let mut new = inventory(2, &["a"]);
    new.apps[0].keys = vec![
        key(2, "same", print(1)),
        key(2, "changed", print(3)),
        key(2, "added", print(4)),
    ];
    new.carry(&old);
    let [added, changed, same] = &*new.apps[0].keys else {
        panic!()
    };
    assert_eq!((same.first_seen, same.last_seen), (at(1, 3), at(2, 3)));
    assert_eq!((same.unseen, &same.replaced), (None, &None));
    assert_eq!(
        (changed.first_seen, changed.unseen),
        (at(2, 3), Some(at(1, 3)))
    );
    assert_eq!(changed.replaced, Some(print(2).into()));
    assert_eq!((added.unseen, &added.replaced), (Some(at(1, 3)), &None));

    let mut third = inventory(3, &["a"]);
    third.apps[0].keys = vec![key(3, "changed", print(3))];
    third.carry(&new);
    let changed = &third.apps[0].keys[0];
    assert_eq!(
        (changed.first_seen, changed.unseen),
        (at(2, 3), Some(at(1, 3)))
    );
    assert_eq!(
        changed.replaced,
        Some(print(2).into()),
        "kept as long as the value"
    );
}

#[test]
fn chosen_values_are_compared_under_one_key_only() {
    let keyed = || Fingerprint::try_from("hmac:R6+pDaPrTyjBTsNUJ6dj".to_owned()).unwrap();
    for (old_key, new_key, compared) in [
        (Some("k1"), Some("k1"), true),
        (Some("k1"), Some("k2"), false),
        (None, None, false),
    ] {
        let mut old = inventory(1, &["a"]);
        old.sweep.fingerprint_key = old_key.map(Text::name);
        old.apps[0].keys = vec![key(1, "k", keyed())];
        let mut new = inventory(2, &["a"]);
        new.sweep.fingerprint_key = new_key.map(Text::name);
        new.apps[0].keys = vec![key(2, "k", keyed())];
        new.carry(&old);
        let key = &new.apps[0].keys[0];
        assert_eq!(
            key.first_seen == at(1, 3),
            compared,
            "{old_key:?} {new_key:?}"
        );
        assert_eq!(key.unseen, None);
    }
}

#[test]
fn what_could_not_be_read_stays_and_is_stale() {
    let mut old = inventory(1, &["locked", "gone", "unlisted"]);
    for app in &mut old.apps {
        app.keys = vec![key(1, "k", print(1)), key(1, "l", print(2))];
    }
    old.holders = vec![
        setting(site("locked"), "KEY", print(3)),
        setting(site("open"), "KEY", print(3)),
    ];
    let mut new = inventory(2, &["locked", "open"]);
    new.apps[0].keys_read = None;
    new.apps[0].keys = vec![key(2, "k", print(1))];
    new.gaps = vec![
        gap(site("locked"), Family::HostKeys),
        gap(site("locked"), Family::Settings),
        gap(site("unlisted"), Family::Apps),
    ];
    new.carry(&old);
    let names: Vec<_> = new.apps.iter().filter_map(|app| app.id.site()).collect();
    assert_eq!(
        names,
        ["locked", "open", "unlisted"],
        "what is gone is gone"
    );
    let stale: Vec<_> = new.apps[0].keys.iter().map(|key| key.stale).collect();
    assert_eq!(stale, [false, true], "'k' was read, 'l' was not");
    assert!(new.apps[2].keys_read.is_none() && new.apps[2].keys.iter().all(|key| key.stale));
    let [holder] = &*new.holders else { panic!() };
    assert_eq!(
        (&holder.id, holder.stale),
        (&site("locked"), Some(at(1, 4)))
    );

    let mut third = inventory(3, &["locked"]);
    third.apps[0].keys_read = None;
    third.gaps = new.gaps.clone();
    third.carry(&new);
    assert_eq!(
        third.apps[0].keys[1].last_seen,
        at(1, 3),
        "as of when it was seen"
    );
    assert_eq!(third.holders[0].stale, Some(at(1, 4)));
}

#[test]
fn what_an_app_offers_stays_where_it_could_not_be_read() {
    use crate::inventory::{AuthLevel, Function, KeyStore};
    let mut old = inventory(1, &["down"]);
    old.apps[0].functions = vec![Function {
        name: Text::name("Place"),
        language: None,
        disabled: false,
        triggers: Triggers::default(),
        auth_level: Some(AuthLevel::Anonymous),
        route: None,
    }];
    old.apps[0].access.auth_required = Some(false);
    old.apps[0].access.public = Some(true);
    old.apps[0].key_store = Some(KeyStore::Files);

    let mut new = inventory(2, &["down"]);
    new.apps[0].access.public = Some(false);
    new.carry(&old);
    let app = &new.apps[0];
    assert_eq!(app.functions, old.apps[0].functions);
    assert_eq!(
        (app.access.public, app.access.auth_required, app.key_store),
        (Some(false), Some(false), Some(KeyStore::Files)),
        "what was read tonight counts"
    );
    assert_eq!(app.stale, Some(at(1, 4)));

    let mut read = inventory(2, &["down"]);
    read.apps[0].functions_read = Some(at(2, 3));
    read.apps[0].settings_read = Some(at(2, 3));
    read.apps[0].access = old.apps[0].access;
    read.carry(&old);
    assert_eq!((read.apps[0].stale, read.apps[0].key_store), (None, None));
    assert!(read.apps[0].functions.is_empty(), "they are gone");
}
