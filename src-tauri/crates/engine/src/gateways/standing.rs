//! Where a gateway stands: pure, from what was sealed for it and what it answered.

use bundle::{RecipientKind, SelfTest};

use super::Gateway;
use crate::connection::{Connection, Kept};

/// How far a gateway has come with the connection's current credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayStanding {
    /// There is no key to seal its bundles to.
    NoKey,
    /// Nothing was sealed for it yet.
    NotSealed,
    /// Its newest bundle holds an earlier credential.
    Outdated,
    /// Its newest bundle holds the current credential, and no receipt for it came.
    Unconfirmed,
    /// As [`Unconfirmed`](Self::Unconfirmed), and no receipt can come: an age key cannot sign.
    CannotConfirm,
    /// It has the current credential; its test with it worked, or it made none.
    Confirmed,
    /// It has the credential of its newest bundle. Whether that is the current one cannot be told: the connection's secret
    /// comes with each call and is kept nowhere.
    CouldNotTell,
    /// It has the current credential, and its test with it failed with this code.
    Failed(String),
    /// It did not install the current credential, because its test failed with this code, and goes on with what it had.
    HeldBack(String),
}

/// Which credential a gateway has, as far as its receipts tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holding {
    /// No receipt came, the newest is about a bundle that it did not install, or the current credential has no lasting
    /// label.
    Unknown,
    /// The current one.
    Current,
    /// Another one, with this label.
    Other(String),
}

impl GatewayStanding {
    /// The id in JSON and tables.
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::NotSealed => "not-sealed",
            Self::Outdated => "outdated",
            Self::Unconfirmed => "unconfirmed",
            Self::CannotConfirm => "cannot-confirm",
            Self::Confirmed => "confirmed",
            Self::CouldNotTell => "could-not-tell",
            Self::Failed(_) => "failed",
            Self::HeldBack(_) => "held-back",
        }
    }
}

impl Gateway {
    /// How far it has come with the current credential of the connection.
    pub fn standing(&self, connection: &Connection) -> GatewayStanding {
        let Some(newest) = self.newest() else {
            let keyless = self.recipient.is_none();
            return if keyless { GatewayStanding::NoKey } else { GatewayStanding::NotSealed };
        };
        match self.confirmed.as_ref() {
            Some(confirmed) if self.is_current(connection, &confirmed.credential_id) => {
                match (&confirmed.self_test, confirmed.held_back()) {
                    (_, Some(code)) => GatewayStanding::HeldBack(code.to_owned()),
                    (SelfTest::Failed { code }, None) => GatewayStanding::Failed(code.clone()),
                    _ if !is_certain(connection, &confirmed.credential_id) => GatewayStanding::CouldNotTell,
                    (SelfTest::Ok | SelfTest::NotRun, None) => GatewayStanding::Confirmed,
                }
            }
            _ if !self.is_current(connection, &newest.credential_id) => GatewayStanding::Outdated,
            _ if self.key().is_some_and(|key| key.kind() == RecipientKind::X25519) => {
                GatewayStanding::CannotConfirm
            }
            _ => GatewayStanding::Unconfirmed,
        }
    }

    /// Which credential it has, as far as its receipts tell.
    pub fn holding(&self, connection: &Connection) -> Holding {
        match &self.confirmed {
            None => Holding::Unknown,
            Some(confirmed) if confirmed.held_back().is_some() => Holding::Unknown,
            Some(confirmed) if self.is_current(connection, &confirmed.credential_id) => {
                let certain = is_certain(connection, &confirmed.credential_id);
                if certain { Holding::Current } else { Holding::Unknown }
            }
            Some(confirmed) => Holding::Other(confirmed.credential_id.clone()),
        }
    }

    /// Whether this is the label of the connection's credential. One that comes with each call and is not kept has no
    /// lasting label; there, the credential of the newest bundle stands for it.
    pub(crate) fn is_current(&self, connection: &Connection, credential_id: &str) -> bool {
        match &connection.credential {
            Some(credential) if credential.kept != Kept::Caller || credential.certificate().is_some() => {
                credential.id() == credential_id
            }
            _ => self.newest().is_some_and(|newest| newest.credential_id == credential_id),
        }
    }
}

/// Whether a credential that counts as the current one is known to be it: where one is given, it has this label.
fn is_certain(connection: &Connection, credential_id: &str) -> bool {
    connection.credential.as_ref().is_none_or(|credential| credential.id() == credential_id)
}
