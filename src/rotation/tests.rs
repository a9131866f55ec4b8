use super::*;

fn rotation(kind: KeyClass, function: Option<&str>, name: &str) -> Rotation {
    Rotation {
        target: Target {
            subscription: "00000000-0000-0000-0000-000000000001".to_owned(),
            group: "rg shop".to_owned(),
            app: "orders".to_owned(),
            slot: Some("staging".to_owned()),
        },
        kind,
        function: function.map(ToOwned::to_owned),
        name: name.to_owned(),
        successor: successor(name, Some("Web Shop"), &|taken| taken == "web-2"),
        handovers: Vec::new(),
    }
}

fn text(steps: &[Step]) -> String {
    let lines = steps.iter().map(|step| {
        let commands: Vec<String> = step.commands.iter().map(|c| format!("  {c}\n")).collect();
        format!("{}\n{}", step.text, commands.concat())
    });
    lines.collect()
}

#[test]
fn a_two_key_rotation() {
    let mut rotation = rotation(KeyClass::Function, Some("Place"), "web");
    rotation.handovers = vec![
        Handover {
            caller: "app 'web'".to_owned(),
            place: "its setting 'ORDERS_KEY'".to_owned(),
            store: Store::Setting {
                site: Target {
                    subscription: "s2".to_owned(),
                    group: "rg".to_owned(),
                    app: "web".to_owned(),
                    slot: None,
                },
                function_app: false,
                name: "ORDERS_KEY".to_owned(),
                in_url: false,
            },
            resource: None,
            contact: None,
            test: None,
        },
        Handover {
            caller: "the registered caller 'shop'".to_owned(),
            place: "Key Vault contoso-shop".to_owned(),
            store: Store::Other,
            resource: None,
            contact: Some("shop@contoso.example".to_owned()),
            test: Some("place an order".to_owned()),
        },
    ];
    insta::assert_snapshot!(text(&rotation.steps()));
}

/// A caller that goes on with the old value is refused when that is deleted.
#[test]
fn a_reference_to_key_vault_is_read_anew() {
    let mut rotation = rotation(KeyClass::Host, None, "web");
    let site = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/shop/slots/a";
    let value = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/gw/namedValues/k";
    for (resource, path) in [
        (
            site,
            "/slots/a/config/configreferences/appsettings/refresh?",
        ),
        (value, "/namedValues/k/refreshSecret?"),
    ] {
        rotation.handovers = vec![Handover {
            caller: "it".to_owned(),
            place: "place".to_owned(),
            store: Store::Vault {
                vault: "kv".to_owned(),
                secret: "s".to_owned(),
                pinned: false,
            },
            resource: Some(resource.to_owned()),
            contact: None,
            test: None,
        }];
        let step = &rotation.steps()[1];
        assert!(
            step.commands[0].contains("az keyvault secret set"),
            "{step:?}"
        );
        assert!(step.commands[1].contains(path), "{step:?}");
    }
}

#[test]
fn keys_that_have_no_second_one() {
    let all = [
        rotation(KeyClass::Master, None, "_master"),
        rotation(KeyClass::System, None, "eventgrid_extension"),
        rotation(KeyClass::Host, None, "default"),
    ];
    let all: Vec<String> = all.iter().map(|one| text(&one.steps())).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn names_cannot_leave_their_word() {
    let key = "a'; rm -rf ~ #\"$(x)`";
    let steps = rotation(KeyClass::Host, None, key).steps();
    for command in steps.iter().flat_map(|step| &step.commands) {
        let words = std::process::Command::new("sh")
            .args([
                "-c",
                &format!(
                    "set -- {}\nprintf '%s\\n' \"$#\" \"$@\"",
                    command.replace(" | ", " ").replace(['<', '>'], "")
                ),
            ])
            .output()
            .unwrap();
        let words = String::from_utf8(words.stdout).unwrap();
        assert!(words.contains("a'; rm -rf ~ #"), "{words}");
    }
}

#[test]
fn successors_are_new_and_numbered() {
    let of = |name, caller| successor(name, caller, &|taken| taken == "web-2");
    assert_eq!(of("web", None), "web-3");
    assert_eq!(of("shop-9", None), "shop-10");
    assert_eq!(of("partner-b", None), "partner-b-2");
    assert_eq!(of("default", Some("Web: Shop")), "web-shop");
    assert_eq!(of("default", None), "caller-1");
}
