//! Places, as people read them.

use crate::excerpt::printable;
use crate::fact::Related;
use crate::location::Location;

/// A place: of a resource without the words that every id has.
pub(super) fn name(location: &Location) -> String {
    let Location::Resource(place) = location else {
        return printable(&location.to_string());
    };
    // `/subscriptions/…/resourceGroups/…/providers/Microsoft.Web/sites/orders`
    let own = place.id.rsplit("/providers/").next().unwrap_or(&place.id);
    let id = match own.split_once('/') {
        Some((_, rest)) if own.len() < place.id.len() => rest,
        _ => own,
    };
    printable(&match &place.property {
        Some(property) => format!("{id} ({property})"),
        None => id.to_owned(),
    })
}

/// Another place of a finding, and what is there. Of a resource inside of the
/// finding's own only what is not said already.
pub(super) fn beside(related: &Related, subject: &str) -> String {
    let Related { location, message } = related;
    let inside = match location {
        Location::Resource(place) => place.id.strip_prefix(subject),
        Location::File(_) => None,
    };
    let place = match inside.filter(|rest| rest.starts_with('/')) {
        Some(rest) => printable(&format!("…{rest}")),
        None => name(location),
    };
    printable(&format!("{place}: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::live::{property, related, resource};

    const SITE: &str = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Web/sites/orders";

    #[test]
    fn ids_are_short() {
        assert_eq!(name(&resource(SITE)), "sites/orders");
        assert_eq!(name(&property(SITE, "KEY")), "sites/orders (KEY)");
        assert_eq!(name(&resource("/subscriptions/1")), "/subscriptions/1");
        let key = related(&format!("{SITE}/host/default/functionKeys/a"), "Old.");
        assert_eq!(beside(&key, SITE), "…/host/default/functionKeys/a: Old.");
        assert_eq!(
            beside(&key, "/x"),
            "sites/orders/host/default/functionKeys/a: Old."
        );
    }
}
