//! As whom a token is: what its claims say. Nobody trusts them for more than
//! the header of an inventory, so the signature is not checked.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::inventory::{Identity, PrincipalType, Text};

#[derive(Default, Deserialize)]
struct Claims {
    oid: Option<String>,
    tid: Option<String>,
    appid: Option<String>,
    azp: Option<String>,
    upn: Option<String>,
    preferred_username: Option<String>,
    app_displayname: Option<String>,
    idtyp: Option<String>,
}

/// The identity, and the GUID of its tenant.
pub(in crate::azure) fn identity_of(bearer: &str) -> (Identity, Option<Text>) {
    let claims = bearer
        .split('.')
        .nth(1)
        .and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok())
        .and_then(|json| serde_json::from_slice::<Claims>(&json).ok())
        .unwrap_or_default();
    let text = |claim: Option<String>| claim.map(|claim| Text::name(&claim));
    let user = claims.upn.or(claims.preferred_username);
    let kind = match (&user, claims.idtyp.as_deref(), &claims.oid) {
        (_, Some("app"), _) => PrincipalType::ServicePrincipal,
        (Some(_), ..) | (_, Some("user"), _) => PrincipalType::User,
        // Tokens of the first version say nothing of it for applications.
        (None, _, Some(_)) => PrincipalType::ServicePrincipal,
        (None, _, None) => PrincipalType::Unknown,
    };
    let application = match kind {
        // A user's token names the program that asked for it.
        PrincipalType::User => None,
        _ => claims.appid.or(claims.azp),
    };
    let identity = Identity {
        object_id: text(claims.oid),
        application_id: text(application),
        name: text(user.or(claims.app_displayname)),
        kind,
    };
    (identity, text(claims.tid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(claims: &str) -> (Identity, Option<Text>) {
        let part = BASE64_URL_SAFE_NO_PAD.encode(claims);
        identity_of(&format!("Bearer e30.{part}.sig"))
    }

    #[test]
    fn knows_applications_and_users() {
        let (identity, tenant) = of(r#"{"oid": "o", "tid": "t", "appid": "a", "ver": "1.0"}"#);
        assert_eq!(identity.kind, PrincipalType::ServicePrincipal);
        assert_eq!(identity.application_id.unwrap().as_str(), "a");
        assert_eq!(tenant.unwrap().as_str(), "t");
        let (identity, _) = of(r#"{"oid": "o", "appid": "cli", "upn": "ada@contoso.example"}"#);
        assert_eq!(identity.kind, PrincipalType::User);
        assert_eq!(identity.name.unwrap().as_str(), "ada@contoso.example");
        assert_eq!(identity.application_id, None);
        assert_eq!(identity_of("Bearer opaque").0.kind, PrincipalType::Unknown);
    }
}
