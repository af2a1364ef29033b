//! The sign-in account of a gateway that uses one: a device code first, user name and password where somebody insists.

use std::time::Duration;

use entra::{Answered, DeviceCode, DeviceCodeAnswer, Fault, TenantRef, UserRealm};
use jiff::Timestamp;
use secrecy::SecretString;
use tokio::time::Instant;
use url::Url;

use super::{Probing, refused, seen};
use crate::{
    connection::Connection,
    evidence::{AccountMethod, AccountSeen, CouldNotTell, Fact, Source},
};

/// How the sign-in account is to be tried.
#[derive(Clone, Debug)]
pub enum AccountSignIn {
    /// Somebody enters a code in a browser; given up after this long.
    DeviceCode {
        /// At most this long, and never longer than the code is good for.
        wait: Duration,
    },
    /// User name and password are sent. No account that must pass multi-factor authentication gets in this way.
    Password {
        /// User principal name.
        username: String,
        /// Its password.
        password: SecretString,
    },
}

/// A code that somebody has to enter in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCodeShown {
    /// The code.
    pub user_code: String,
    /// Where to enter it.
    pub address: Url,
    /// Until when.
    pub until: Timestamp,
}

/// The least that a gateway asks for when a person signs in at it.
const SCOPES: &[&str] = &["openid", "profile", "User.Read"];
/// How much longer the interval becomes when the service asks to slow down (RFC 8628, section 3.5).
const SLOWER_BY: Duration = Duration::from_secs(5);

/// Tries the account; not tried when none was given. The client secret is never sent along: gateways that need an
/// account sign it in as a public client.
pub(super) async fn sign_in(
    probing: Probing<'_>,
    connection: &Connection,
) -> (Fact<AccountSeen>, Option<UserRealm>) {
    let Some(account) = &probing.options.account else { return (Fact::NotTried, None) };
    let tried = tried(probing, connection, account).await;
    let realm = match account {
        AccountSignIn::Password { username, .. } if tried.refusal().is_some() => {
            probing.entra().user_realm(username).await.ok().map(|answer| answer.value)
        }
        _ => None,
    };
    (tried, realm)
}

async fn tried(probing: Probing<'_>, connection: &Connection, account: &AccountSignIn) -> Fact<AccountSeen> {
    let (Some(tenant), Some(client_id)) = (connection.tenant_ref(), connection.client_id.as_deref()) else {
        return Fact::NotTried;
    };
    let (by, answer) = match account {
        AccountSignIn::Password { username, password } => {
            let entra = probing.entra();
            let token = entra.token_by_password(&tenant, client_id, None, username, password, SCOPES).await;
            (AccountMethod::Password, token.map(|token| token.took))
        }
        AccountSignIn::DeviceCode { wait } => {
            match by_device_code(probing, &tenant, client_id, *wait).await {
                Ok(Some(took)) => (AccountMethod::DeviceCode, Ok(took)),
                Ok(None) => {
                    let because = "Nobody entered the code in time. Check again and enter the new one.";
                    let at = probing.clock.now();
                    return Fact::CouldNotTell(CouldNotTell { because: because.to_owned(), at });
                }
                Err(fault) => (AccountMethod::DeviceCode, Err(fault)),
            }
        }
    };
    let now = probing.clock.now();
    match answer {
        Ok(took) => seen(AccountSeen { by }, Source::TokenEndpoint, now, took),
        Err(fault) => refused(fault, Source::TokenEndpoint, now),
    }
}

/// How long the last answer took; none when nobody entered the code.
async fn by_device_code(
    probing: Probing<'_>,
    tenant: &TenantRef,
    client_id: &str,
    wait: Duration,
) -> Result<Option<Duration>, Fault> {
    let Probing { entra, clock, watcher, .. } = probing;
    let code: DeviceCode = probing.entra().device_code(tenant, client_id, SCOPES).await?.value;
    let wait = wait.min(code.expires_in);
    let until = clock.now().checked_add(wait).unwrap_or(Timestamp::MAX);
    let address = code.verification_uri.clone();
    watcher.device_code(&DeviceCodeShown { user_code: code.user_code.clone(), address, until });
    let (mut interval, began) = (code.interval, Instant::now());
    loop {
        // A person is waited for on purpose, so each poll has the deadline of one answer and no more.
        let Answered { value, took, .. } = entra.redeem_device_code(tenant, client_id, &code).await?;
        match value {
            DeviceCodeAnswer::Token(_) => return Ok(Some(took)),
            DeviceCodeAnswer::Declined(fault) => return Err(fault),
            DeviceCodeAnswer::Expired(_) => return Ok(None),
            DeviceCodeAnswer::SlowDown => interval += SLOWER_BY,
            DeviceCodeAnswer::Pending => {}
        }
        let left = wait.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        tokio::time::sleep(interval.min(left)).await;
    }
}
