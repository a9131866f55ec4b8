//! Which operations of the Activity Log are about keys.

use crate::inventory::{ArmId, Operation};

/// What an operation does, and to what; none for one that is not about keys.
///
/// Names have no case, and those of slots have a `slots` in the middle. No name
/// is published for writing a master key, so any write below `host` counts.
pub(super) fn operation(name: &str, resource: &ArmId) -> Option<(Operation, ArmId)> {
    let name = name.to_ascii_lowercase();
    if let Some(rest) = name.strip_prefix("microsoft.apimanagement/service/subscriptions/") {
        let renewal = matches!(
            rest,
            "regenerateprimarykey/action" | "regeneratesecondarykey/action"
        );
        return renewal.then(|| (Operation::Renew, subscription_of(resource)));
    }
    let rest = name.strip_prefix("microsoft.web/sites/")?;
    let rest = rest.strip_prefix("slots/").unwrap_or(rest);
    if rest == "host/listkeys/action" || rest == "functions/listkeys/action" {
        return Some((Operation::List, resource.app()?));
    }
    let of_keys = rest.starts_with("host/") || rest.starts_with("functions/keys/");
    let operation = match rest.rsplit('/').next()? {
        "write" => Operation::Write,
        "delete" => Operation::Delete,
        _ => return None,
    };
    (of_keys && rest.matches('/').count() == 2).then(|| (operation, resource.clone()))
}

/// The subscription of API Management, where the row names what was done in it.
fn subscription_of(resource: &ArmId) -> ArmId {
    let id = resource.as_str();
    let lower = id.to_ascii_lowercase();
    let end = ["/regenerateprimarykey", "/regeneratesecondarykey"]
        .iter()
        .find_map(|tail| lower.strip_suffix(tail).map(str::len));
    ArmId::new(&id[..end.unwrap_or(id.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOT: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/orders/slots/staging";

    fn of(name: &str, tail: &str) -> Option<(Operation, String)> {
        let resource = ArmId::new(&format!("{SLOT}{tail}"));
        operation(name, &resource).map(|(operation, id)| (operation, id.to_string()))
    }

    #[test]
    fn knows_the_operations_of_keys() {
        let key = "/host/default/systemKeys/x";
        let id = |tail: &str| format!("{SLOT}{tail}");
        for (name, tail, expected) in [
            ("Microsoft.Web/sites/slots/host/systemKeys/write", key, Operation::Write),
            ("microsoft.web/sites/slots/host/systemkeys/delete", key, Operation::Delete),
            ("Microsoft.Web/sites/host/masterKey/write", "/host/default/masterKey/_master", Operation::Write),
            ("Microsoft.Web/sites/functions/keys/write", "/functions/F/keys/k", Operation::Write),
        ] {
            assert_eq!(of(name, tail), Some((expected, id(tail))), "{name}");
        }
        let listing = of("Microsoft.Web/sites/slots/functions/listKeys/action", "/functions/F");
        assert_eq!(listing, Some((Operation::List, SLOT.to_owned())));
        for other in [
            "Microsoft.Web/sites/write",
            "Microsoft.Web/sites/functions/write",
            "Microsoft.Web/sites/config/list/action",
            "Microsoft.Web/sites/host/sync/action",
            "Microsoft.Storage/storageAccounts/listKeys/action",
        ] {
            assert_eq!(of(other, ""), None, "{other}");
        }
    }

    #[test]
    fn a_renewal_is_of_a_subscription() {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/gw/subscriptions/p";
        let row = ArmId::new(&format!("{id}/regeneratePrimaryKey"));
        let name = "Microsoft.ApiManagement/service/subscriptions/regeneratePrimaryKey/action";
        assert_eq!(operation(name, &row), Some((Operation::Renew, ArmId::new(id))));
    }
}
