//! Tokens by what an application or an account proves itself with, besides a client secret.

mod account;
mod assertion;
mod certificate;
mod certificate_file;
mod certificate_kept;
mod certificate_problem;
mod confidence;
mod device_code;
mod new_certificate;
mod private_key;
mod user_realm;

pub use certificate::ClientCertificate;
pub use certificate_problem::{CertificateField, CertificateProblem};
pub use device_code::{DeviceCode, DeviceCodeAnswer};
pub use new_certificate::{KeySize, NewCertificate};
pub use user_realm::UserRealm;

use jiff::Timestamp;
use secrecy::SecretString;
use uuid::Uuid;

use crate::endpoint::Endpoints;
use crate::fault::Fault;
use crate::tenant::TenantRef;
use crate::token::AccessToken;
use crate::{Answered, Entra};

impl Entra {
    /// Fetches an app-only token with a certificate (RFC 7523, section 2.2). Never cached: each call is a new token.
    ///
    /// The assertion is signed with PS256 and names the certificate by its SHA-256. Where the refusal could be about
    /// that, the older form, RS256 and SHA-1, is tried once; when that is refused too, the first refusal is told.
    /// Where the assertion's dates are refused and the answer tells another time, it is dated again once, by that time.
    /// `now` dates the assertion and `jti` is its id: a random one, new for each call.
    /// Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.
    ///
    /// # Errors
    /// As [`Entra::token_by_secret`].
    pub async fn token_by_certificate(
        &self,
        tenant: &TenantRef,
        client_id: &str,
        certificate: &ClientCertificate,
        now: Timestamp,
        jti: Uuid,
    ) -> Result<Answered<AccessToken>, Fault> {
        assertion::by_certificate(&self.exchange, tenant, client_id, certificate, now, jti).await
    }

    /// Fetches a token for an account with its user name and password (RFC 6749, section 4.3). With the client
    /// secret it works whatever *Allow public client flows* says; without, the flag must be on. It works for no
    /// account that must pass multi-factor authentication.
    ///
    /// `scopes` are delegated permissions of Graph by name, such as `User.Read`, and scopes of OpenID Connect; none
    /// asks for everything consented to.
    /// Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc>.
    ///
    /// # Errors
    /// As [`Entra::token_by_secret`].
    pub async fn token_by_password(
        &self,
        tenant: &TenantRef,
        client_id: &str,
        secret: Option<&SecretString>,
        username: &str,
        password: &SecretString,
        scopes: &[&str],
    ) -> Result<Answered<AccessToken>, Fault> {
        account::by_password(&self.exchange, tenant, client_id, secret, username, password, scopes).await
    }

    /// Asks who checks the password of an account: `GET {authority}/common/UserRealm/{username}`. Sends no password.
    ///
    /// # Errors
    /// Network faults, and [`FaultKind::AnswerUnreadable`](crate::FaultKind::AnswerUnreadable).
    pub async fn user_realm(&self, username: &str) -> Result<Answered<UserRealm>, Fault> {
        user_realm::ask(&self.exchange, username).await
    }

    /// Begins a sign-in with a device code (RFC 8628): somebody enters the user code in a browser. That the code is
    /// given says nothing about *Allow public client flows*, which must be on to redeem it. `scopes` as for
    /// [`Entra::token_by_password`].
    ///
    /// # Errors
    /// As [`Entra::token_by_secret`].
    pub async fn device_code(
        &self,
        tenant: &TenantRef,
        client_id: &str,
        scopes: &[&str],
    ) -> Result<Answered<DeviceCode>, Fault> {
        device_code::request(&self.exchange, tenant, client_id, scopes).await
    }

    /// Asks once whether somebody has signed in with this code. Waiting between two calls, for
    /// [`DeviceCode::interval`], and giving up after [`DeviceCode::expires_in`] is the caller's part.
    ///
    /// # Errors
    /// As [`Entra::token_by_secret`]; AADSTS7000218 when public client flows are off.
    pub async fn redeem_device_code(
        &self,
        tenant: &TenantRef,
        client_id: &str,
        code: &DeviceCode,
    ) -> Result<Answered<DeviceCodeAnswer>, Fault> {
        device_code::redeem(&self.exchange, tenant, client_id, code).await
    }
}

/// Scopes of OpenID Connect, which belong to no resource.
const OPENID_SCOPES: [&str; 4] = ["email", "offline_access", "openid", "profile"];

/// Delegated permissions of Graph with Graph's address before them; every permission consented to where none is named.
fn graph_scope(endpoints: &Endpoints, names: &[&str]) -> String {
    let everything = endpoints.scope();
    let graph = everything.trim_end_matches("/.default");
    if names.is_empty() {
        return everything;
    }
    let full = names.iter().map(|name| match *name {
        name if OPENID_SCOPES.contains(&name) => name.to_owned(),
        name => format!("{graph}/{name}"),
    });
    full.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;

    #[test]
    fn permissions_are_graphs_own_and_openid_scopes_are_nobodys() {
        let scope = graph_scope(&Endpoints::of(Cloud::China), &["User.Read", "openid", "offline_access"]);
        assert_eq!(scope, "https://microsoftgraph.chinacloudapi.cn/User.Read openid offline_access");
        let everything = graph_scope(&Endpoints::of(Cloud::Global), &[]);
        assert_eq!(everything, "https://graph.microsoft.com/.default");
    }
}
