//! One TLS for every connection: to the resource manager and to the authority.

use reqwest::{Certificate, Client, redirect};
use std::path::Path;
use std::time::Duration;

use super::SweepError;

/// Chooses the cryptography; reqwest brings none along.
pub(super) fn install() {
    // Only the first call counts, and any of them will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What the connections are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// The resource manager: nothing goes there in clear.
    Arm,
    /// Tokens: a managed identity is asked for its token in clear, on the
    /// machine itself.
    Tokens,
}

/// A client that trusts the system's authorities, and those of `ca_cert`.
///
/// It follows no redirects: the resource manager sends none for what a sweep
/// asks, and a token must not travel.
pub(super) fn client(ca_cert: Option<&Path>, purpose: For) -> Result<Client, SweepError> {
    install();
    let mut builder = Client::builder()
        .user_agent(concat!("keysweep/", env!("CARGO_PKG_VERSION")))
        .https_only(purpose == For::Arm)
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(15))
        // Shorter than what load balancers wait: a request on a connection that
        // is just being closed fails for nothing.
        .pool_idle_timeout(Duration::from_secs(50))
        .tls_version_min(reqwest::tls::Version::TLS_1_2);
    if purpose == For::Tokens {
        builder = builder.timeout(Duration::from_secs(60));
    }
    if let Some(file) = ca_cert {
        let refuse = |problem: String| SweepError::BadCertificate {
            file: crate::excerpt::shown_path(file),
            problem,
        };
        let pem = std::fs::read(file).map_err(|error| refuse(error.to_string()))?;
        let certificates = Certificate::from_pem_bundle(&pem)
            .map_err(|_| refuse("it is not in PEM".to_owned()))?;
        if certificates.is_empty() {
            return Err(refuse("it has no certificate".to_owned()));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| SweepError::NoTls {
        problem: error.to_string(),
    })
}
