//! Ids of Azure resources.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::excerpt::{printable, redact_path};
use crate::key::KeyClass;

/// The ARM id of a resource, or of a key in one.
///
/// The service spells the same id in several ways (`resourceGroups`,
/// `resourcegroups`), so ids are the same when they differ in case only. The
/// spelling is kept as it was. As with [`super::Text`], nothing of a key's
/// format gets in. An estate has them by the hundred thousand, so they have no
/// spare capacity.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct ArmId(Box<str>);

impl ArmId {
    /// The id, without a slash at its end.
    #[must_use]
    pub fn new(id: &str) -> Self {
        let id = printable(&redact_path(id));
        Self(match id.trim_end_matches('/') {
            "" if !id.is_empty() => "/".into(),
            trimmed => trimmed.into(),
        })
    }

    /// Of a key of the app or slot `self`; `function` is for a function's own.
    ///
    /// - `{site}/host/default/functionKeys/{name}`, `…/systemKeys/{name}`,
    ///   `…/masterKey/_master`
    /// - `{site}/functions/{function}/keys/{name}`
    #[must_use]
    pub fn key(&self, class: KeyClass, function: Option<&str>, name: &str) -> Self {
        Self::new(&match (class, function) {
            (KeyClass::Master, _) => format!("{}/host/default/masterKey/_master", self.0),
            (KeyClass::System, _) => format!("{}/host/default/systemKeys/{name}", self.0),
            (KeyClass::Function, Some(function)) => {
                format!("{}/functions/{function}/keys/{name}", self.0)
            }
            (KeyClass::Function | KeyClass::Host, _) => {
                format!("{}/host/default/functionKeys/{name}", self.0)
            }
        })
    }

    /// The id as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The segment after the one named `kind`: `value_of("sites")`.
    #[must_use]
    pub fn value_of(&self, kind: &str) -> Option<&str> {
        let mut segments = self.0.split('/');
        segments.find(|segment| segment.eq_ignore_ascii_case(kind))?;
        segments.next().filter(|value| !value.is_empty())
    }

    /// The GUID of its subscription.
    #[must_use]
    pub fn subscription(&self) -> Option<&str> {
        self.value_of("subscriptions")
    }

    /// The name of its resource group.
    #[must_use]
    pub fn resource_group(&self) -> Option<&str> {
        self.value_of("resourceGroups")
    }

    /// The name of the site that it is, or is in.
    #[must_use]
    pub fn site(&self) -> Option<&str> {
        self.value_of("sites")
    }

    /// The name of the slot that it is, or is in; none for production.
    #[must_use]
    pub fn slot(&self) -> Option<&str> {
        self.site()?;
        self.value_of("slots")
    }

    /// The site or slot that it is, or is in.
    #[must_use]
    pub fn app(&self) -> Option<Self> {
        self.up_to("slots").or_else(|| self.up_to("sites"))
    }

    /// What it is, or is in, of the type `kind`: `parent("factories")`.
    #[must_use]
    pub fn parent(&self, kind: &str) -> Option<Self> {
        self.up_to(kind)
    }

    /// The site that it is, or is in: a site and its slots are one caller.
    #[must_use]
    pub fn site_id(&self) -> Option<Self> {
        self.up_to("sites")
    }

    /// The API Management service that it is, or is in.
    #[must_use]
    pub fn apim_service(&self) -> Option<Self> {
        let service = self.up_to("service")?;
        let provider = service.value_of("providers")?;
        provider
            .eq_ignore_ascii_case("Microsoft.ApiManagement")
            .then_some(service)
    }

    /// The last segment.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether it is `scope`, or is in it; everything is in `/`.
    #[must_use]
    pub fn is_in(&self, scope: &Self) -> bool {
        let (id, scope) = (self.0.as_bytes(), scope.0.trim_end_matches('/').as_bytes());
        id.get(..scope.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scope))
            && matches!(id.get(scope.len()), None | Some(b'/'))
    }

    /// The id up to the value of the segment named `kind`.
    fn up_to(&self, kind: &str) -> Option<Self> {
        let mut end = 0;
        let mut segments = self.0.split('/');
        for segment in segments.by_ref() {
            end += segment.len() + 1;
            if segment.eq_ignore_ascii_case(kind) {
                let value = segments.next().filter(|value| !value.is_empty())?;
                return Some(Self(self.0[..end + value.len()].into()));
            }
        }
        None
    }

    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl PartialEq for ArmId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ArmId {}

impl PartialOrd for ArmId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ArmId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl Hash for ArmId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.folded() {
            state.write_u8(byte);
        }
        state.write_u8(0xff);
    }
}

impl std::fmt::Display for ArmId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ArmId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Ok(Self::new(&id))
    }
}

impl JsonSchema for ArmId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ArmId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^/"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOT: &str =
        "/subscriptions/s1/resourcegroups/rg/providers/Microsoft.Web/sites/orders/slots/staging";

    #[test]
    fn knows_its_parts() {
        let slot = ArmId::new(SLOT);
        let key = slot.key(KeyClass::Function, Some("Place"), "default");
        assert_eq!(key.as_str(), format!("{SLOT}/functions/Place/keys/default"));
        assert_eq!(key.subscription(), Some("s1"));
        assert_eq!(key.resource_group(), Some("rg"));
        assert_eq!(key.site(), Some("orders"));
        assert_eq!(key.slot(), Some("staging"));
        assert_eq!(key.app().unwrap(), slot);
        assert_eq!(key.site_id().unwrap().name(), "orders");
        let master = slot.site_id().unwrap().key(KeyClass::Master, None, "");
        assert!(
            master
                .as_str()
                .ends_with("/sites/orders/host/default/masterKey/_master")
        );
        assert_eq!(master.slot(), None);
        assert_eq!(master.apim_service(), None);
        let value = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/gw/namedValues/k";
        assert_eq!(ArmId::new(value).apim_service().unwrap().name(), "gw");
    }

    #[test]
    fn is_the_same_in_any_case() {
        let (a, b) = (ArmId::new(SLOT), ArmId::new(&SLOT.to_uppercase()));
        assert_eq!(a, b);
        assert_eq!(a.cmp(&b), Ordering::Equal);
        assert!(b.is_in(&ArmId::new("/subscriptions/S1/resourceGroups/RG/")));
        assert!(b.is_in(&ArmId::new("/")) && b.is_in(&a));
        assert!(!b.is_in(&ArmId::new("/subscriptions/s")));
    }

    #[test]
    fn takes_no_key_in() {
        let key = crate::key::generate(crate::key::KeyKind::Function, &[7; 33]);
        let id = ArmId::new(SLOT).key(KeyClass::Host, None, &key);
        assert!(!id.as_str().contains(&key[..12]), "{id}");
    }
}
