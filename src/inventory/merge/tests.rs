use super::super::fixture::{at, gap, inventory, key, print, setting, site};
use super::*;
use crate::inventory::{Identity, PrincipalType, Text};

fn names(inventory: &Inventory) -> Vec<&str> {
    inventory
        .apps
        .iter()
        .filter_map(|app| app.id.site())
        .collect()
}

fn shard(index: u32, apps: &[&str]) -> Inventory {
    let mut shard = inventory(1, apps);
    shard.sweep.shard = Some(Shard { index, count: 2 });
    shard
}

#[test]
fn shards_are_one_inventory() {
    let merged = Merged::new(vec![shard(2, &["b"]), shard(1, &["a", "c"])]).unwrap();
    assert_eq!(names(&merged.inventory), ["a", "b", "c"]);
    assert_eq!(merged.inventory.sweep.shard, None);
    assert_eq!(merged.inventory.sweep.coverage.assessed, 3);
    assert!(merged.inventory.gaps.is_empty() && merged.sweeps.len() == 2);
}

#[test]
fn a_missing_shard_is_a_gap() {
    for parts in [
        vec![shard(2, &["b"])],
        vec![shard(2, &["b"]), inventory(1, &["z"])],
    ] {
        let merged = Merged::new(parts).unwrap();
        let [gap] = &*merged.inventory.gaps else {
            panic!()
        };
        assert_eq!(gap.detail.as_deref(), Some("of 2 shards, 1 are missing"));
    }
}

#[test]
fn the_newest_of_an_app_counts() {
    let mut old = inventory(1, &["a", "b"]);
    old.apps[0].keys = vec![key(1, "k", print(1)), key(1, "deleted", print(9))];
    old.apps[1].keys = vec![key(1, "k", print(2))];
    old.holders = vec![
        setting(site("a"), "OLD", print(3)),
        setting(site("b"), "B", print(3)),
    ];
    old.gaps = vec![gap(site("a"), Family::Network)];
    let mut new = inventory(2, &["a"]);
    new.apps[0].keys = vec![key(2, "k", print(1))];
    new.holders = vec![setting(site("a"), "NEW", print(3))];
    for order in [vec![old.clone(), new.clone()], vec![new, old]] {
        let merged = Merged::new(order).unwrap().inventory;
        assert_eq!(names(&merged), ["a", "b"]);
        let [key] = &*merged.apps[0].keys else {
            panic!()
        };
        assert_eq!((key.first_seen, key.last_seen), (at(1, 3), at(2, 3)));
        let places: Vec<&str> = merged.holders.iter().map(|holder| &*holder.place).collect();
        assert_eq!(places, ["NEW", "B"]);
        assert!(merged.gaps.is_empty());
        assert_eq!(
            (merged.sweep.started, merged.sweep.ended),
            (at(1, 2), at(2, 4))
        );
    }
}

#[test]
fn chosen_values_of_two_runs_are_never_the_same() {
    let part = |name: &str, key_name: Option<&str>, print: &str| {
        let mut part = inventory(1, &[name]);
        part.sweep.fingerprint_key = key_name.map(Text::name);
        let print = Fingerprint::try_from(print.to_owned()).unwrap();
        part.apps[0].keys = vec![key(1, "k", print)];
        part
    };
    let prints = |a, b| {
        let merged = Merged::new(vec![a, b]).unwrap();
        let apps = merged.inventory.apps.iter();
        let prints: Vec<String> = apps
            .map(|app| app.keys[0].fingerprint.as_str().to_owned())
            .collect();
        (merged.chosen_comparable, prints[0] == prints[1])
    };
    let numbered = |name| part(name, None, "chosen-1");
    assert_eq!(prints(numbered("a"), numbered("b")), (false, false));
    let keyed = |name, key| part(name, Some(key), "hmac:R6+pDaPrTyjBTsNUJ6dj");
    assert_eq!(prints(keyed("a", "k1"), keyed("b", "k1")), (true, true));
    assert_eq!(prints(keyed("a", "k1"), keyed("b", "k2")), (false, false));
    let random = |name| part(name, None, print(1).as_str());
    assert_eq!(prints(random("a"), random("b")), (false, true));
}

#[test]
fn listings_are_counted_once() {
    let event = |day, count| Event {
        operation: Operation::List,
        subject: site("a"),
        time: at(day, 1),
        since: None,
        count,
        caller: Arc::new(Principal {
            id: Text::name("someone"),
            name: None,
            kind: PrincipalType::Unknown,
        }),
        status: super::super::EventStatus::Succeeded,
    };
    let (mut one, mut two) = (shard(1, &["a"]), shard(2, &["b"]));
    one.events = vec![event(1, 30)];
    two.events = vec![event(2, 31)];
    let merged = Merged::new(vec![one, two]).unwrap().inventory;
    let [event] = &*merged.events else { panic!() };
    assert_eq!((event.time, event.count), (at(2, 1), 31));
}

#[test]
fn every_identity_is_known() {
    let (mut one, mut two) = (shard(1, &["a"]), shard(2, &["b"]));
    for (part, id) in [(&mut one, "id-1"), (&mut two, "id-2")] {
        part.sweep.identity = Some(Identity {
            object_id: Some(Text::name(id)),
            application_id: None,
            name: None,
            kind: PrincipalType::ServicePrincipal,
        });
    }
    let merged = Merged::new(vec![one, two]).unwrap();
    let own = |id: &str| {
        merged.is_own(&Principal {
            id: Text::name(id),
            name: None,
            kind: PrincipalType::Unknown,
        })
    };
    assert!(own("ID-1") && own("id-2") && !own("id-3"));
}
