//! Secrets of Key Vaults, and settings that refer to them.

use super::destination::of_id;
use super::program::Step;

/// The attributes of a secret that a reference is made of.
const ADDRESSES: &[&str] = &[
    "secretUri",
    "secretUriWithVersion",
    "versionless_id",
    "resource_versionless_id",
];

/// Whether a step leads to the address of a secret.
pub(super) fn is_address(step: &Step) -> bool {
    ADDRESSES.iter().any(|address| step.is(address))
}

/// The vault and the name of the secret that a rendered text refers to:
/// `@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/orders-key)`,
/// the same with `VaultName=kv;SecretName=orders-key`, or an id.
pub(super) fn secret(text: &str) -> Option<String> {
    let text = match text.split_once("@Microsoft.KeyVault(") {
        Some((_, reference)) => reference.split(')').next()?,
        None => text,
    };
    let part = |name: &str| {
        text.split(';').find_map(|part| {
            let (known, value) = part.split_once('=')?;
            known
                .trim()
                .eq_ignore_ascii_case(name)
                .then(|| value.trim())
        })
    };
    if let (Some(vault), Some(name)) = (part("VaultName"), part("SecretName")) {
        return Some(format!("{vault}/{name}"));
    }
    let (vault, name) = part("SecretUri").unwrap_or(text).split_once("/secrets/")?;
    let name = name.split('/').next().filter(|name| !name.is_empty())?;
    let vault = match vault.strip_prefix("https://") {
        Some(host) => host.split('.').next()?.to_owned(),
        None => of_id(vault),
    };
    Some(format!("{vault}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::secret;

    #[test]
    fn reads_what_a_setting_refers_to() {
        for (text, expected) in [
            (
                "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/k/0a1b)",
                Some("kv/k"),
            ),
            (
                "@Microsoft.KeyVault(VaultName=kv;SecretName=k)",
                Some("kv/k"),
            ),
            (
                "@Microsoft.KeyVault(SecretUri=/providers/Microsoft.KeyVault/vaults/kv/secrets/k)",
                Some("kv/k"),
            ),
            ("{vault_id}/secrets/k", Some("{vault_id}/k")),
            ("@Microsoft.KeyVault(SecretUri={uri})", None),
            ("https://kv.vault.azure.net/secrets/", None),
        ] {
            assert_eq!(secret(text).as_deref(), expected, "{text}");
        }
    }
}
