//! Who checks an account's password: the tenant itself, or another identity provider. Asked before or after a password
//! is sent; needs no rights. Source: Microsoft's own client libraries ask the same, `MSAL`'s `UserDiscoveryManager`.

use serde::{Deserialize, Serialize};

use crate::Answered;
use crate::exchange::Exchange;
use crate::fault::{Fault, FaultKind};

const USER_REALM_PATH: &str = "/common/UserRealm/{username}";

/// Who checks an account's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserRealm {
    /// Entra ID itself.
    Managed,
    /// Another identity provider, such as AD FS.
    Federated,
    /// Entra ID does not know the domain, or does not say.
    Unknown,
}

#[derive(Deserialize)]
struct UserRealmWire {
    account_type: Option<String>,
}

pub(crate) async fn ask(exchange: &Exchange, username: &str) -> Result<Answered<UserRealm>, Fault> {
    let place = exchange.discovery_place(USER_REALM_PATH);
    let mut url = exchange.authority_url(&["common", "UserRealm", username]);
    url.query_pairs_mut().append_pair("api-version", "1.0");
    let reply = exchange.get(&place, url).await?;
    let unreadable = || {
        reply.fault(&place, FaultKind::AnswerUnreadable, "The answer about the account's domain is not JSON.")
    };
    let wire: UserRealmWire = serde_json::from_slice(&reply.body).map_err(|_| unreadable())?;
    let realm = match wire.account_type.as_deref() {
        Some("Managed") => UserRealm::Managed,
        Some("Federated") => UserRealm::Federated,
        _ => UserRealm::Unknown,
    };
    Ok(reply.answered(realm))
}
