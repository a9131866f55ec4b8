use super::*;

fn details(json: &str) -> Details {
    serde_json::from_str::<RawSite>(json).unwrap().details()
}

#[test]
fn reads_rows_and_resources_alike() {
    let row = details(
        r#"{"id": "/s", "kind": "functionapp,linux", "location": "westeurope", "tags": null,
            "state": "Running", "sku": "Dynamic", "defaultHostName": "a.azurewebsites.net",
            "hostNames": ["A.azurewebsites.net", "api.contoso.example"],
            "publicNetworkAccess": null, "privateEndpointConnections": []}"#,
    );
    let resource = details(
        r#"{"id": "/s", "kind": "functionapp,linux", "location": "West Europe",
            "properties": {"state": "Running", "sku": "Dynamic",
            "defaultHostName": "a.azurewebsites.net", "hostNames": ["api.contoso.example"],
            "publicNetworkAccess": "Enabled", "privateEndpointConnections": null}}"#,
    );
    assert_eq!(row, resource);
    let hosts: Vec<&str> = row.hosts.iter().map(|host| host.as_str()).collect();
    assert_eq!(hosts, ["a.azurewebsites.net", "api.contoso.example"]);
    assert!(row.is_function_app() && row.public == Some(true));
}

#[test]
fn an_approved_private_endpoint_closes_the_public_way() {
    let with = |status: &str| {
        details(&format!(
            r#"{{"id": "/s", "privateEndpointConnections": [{{"properties":
                {{"privateLinkServiceConnectionState": {{"status": "{status}"}}}}}}]}}"#
        ))
    };
    assert_eq!(with("Approved").public, Some(false));
    assert_eq!(with("Approved").private_endpoints, 1);
    assert_eq!(with("Pending").public, Some(true));
}

#[test]
fn filters_by_group_tag_and_name() {
    let site = Site {
        id: ArmId::new(
            "/subscriptions/s/resourceGroups/RG-Pay/providers/Microsoft.Web/sites/pay/slots/b",
        ),
        details: details(r#"{"id": "/s", "tags": {"Team": "pay", "env": "prod"}}"#),
        created: None,
        group_tags: Tags::default(),
    };
    let passes = |groups: &[&str], apps: &[&str], tags: &[(&str, Option<&str>)]| {
        let filters = Filters {
            resource_groups: groups.iter().map(|name| Text::name(name)).collect(),
            apps: apps.iter().map(|name| Text::name(name)).collect(),
            tags: tags
                .iter()
                .map(|(name, value)| (Text::name(name), value.map(Text::name)))
                .collect(),
        };
        super::passes(&filters, &site)
    };
    assert!(passes(&[], &[], &[]));
    assert!(passes(
        &["rg-pay"],
        &["PAY"],
        &[("team", Some("pay")), ("env", None)]
    ));
    assert!(!passes(&["other"], &[], &[]));
    assert!(!passes(&[], &["other"], &[]));
    assert!(!passes(&[], &[], &[("team", Some("Pay"))]));
    assert!(!passes(&[], &[], &[("owner", None)]));
}
