//! What an app proves itself with, as the token endpoint is shown it.

use std::sync::Arc;

use entra::{AccessToken, Answered, ClientCertificate, Entra, Fault, TenantRef};
use secrecy::SecretString;

use crate::{clock::Clock, unique};

/// A client secret, or a certificate with its private key. It is never printed.
#[derive(Clone)]
pub(crate) enum SignInKey {
    /// A client secret.
    Secret(SecretString),
    /// A certificate.
    Certificate(Arc<ClientCertificate>),
}

impl SignInKey {
    /// A new token; none is ever kept for later.
    ///
    /// # Errors
    /// As [`Entra::token_by_secret`].
    pub(crate) async fn token(
        &self,
        entra: &Entra,
        tenant: &TenantRef,
        client_id: &str,
        clock: &dyn Clock,
    ) -> Result<Answered<AccessToken>, Fault> {
        match self {
            Self::Secret(secret) => entra.token_by_secret(tenant, client_id, secret).await,
            Self::Certificate(certificate) => {
                entra.token_by_certificate(tenant, client_id, certificate, clock.now(), unique::id()).await
            }
        }
    }

    /// The client secret, when it is one.
    pub(crate) fn secret(&self) -> Option<&SecretString> {
        match self {
            Self::Secret(secret) => Some(secret),
            Self::Certificate(_) => None,
        }
    }
}
