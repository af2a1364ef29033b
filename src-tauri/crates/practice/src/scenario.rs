//! The faults that the practice tenant can show, each one a state that admins meet in the field.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One state of the practice tenant's app registration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Everything is set up well.
    #[default]
    Healthy,
    /// Permissions are listed on the registration and were never granted.
    ConsentMissing,
    /// The grant exists, and arrives late.
    ConsentSlow,
    /// The secret at hand is not the one that the app has.
    SecretWrong,
    /// The secret at hand has ended.
    SecretExpired,
    /// Permissions were added as delegated ones.
    DelegatedOnly,
    /// The directory knows no app with this client id.
    AppUnknown,
    /// Public client flows are off, and the app may read its own registration.
    PublicClientOff,
}

impl Scenario {
    /// All scenarios, healthy first, then along the chain of proof.
    pub const ALL: &[Self] = &[
        Self::Healthy,
        Self::AppUnknown,
        Self::SecretWrong,
        Self::SecretExpired,
        Self::DelegatedOnly,
        Self::ConsentMissing,
        Self::ConsentSlow,
        Self::PublicClientOff,
    ];

    /// The id on the command line and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::ConsentMissing => "consent-missing",
            Self::ConsentSlow => "consent-slow",
            Self::SecretWrong => "secret-wrong",
            Self::SecretExpired => "secret-expired",
            Self::DelegatedOnly => "delegated-only",
            Self::AppUnknown => "app-unknown",
            Self::PublicClientOff => "public-client-off",
        }
    }

    /// A short name for a list.
    pub fn title(self) -> &'static str {
        match self {
            Self::Healthy => "Everything works",
            Self::ConsentMissing => "Admin consent was never given",
            Self::ConsentSlow => "Admin consent arrives late",
            Self::SecretWrong => "The secret is not the right one",
            Self::SecretExpired => "The secret has ended",
            Self::DelegatedOnly => "Delegated permissions in place of application permissions",
            Self::AppUnknown => "The app is not in this directory",
            Self::PublicClientOff => "Public client flows are off",
        }
    }

    /// What happened before the admin sat down, in one or two sentences.
    pub fn story(self) -> &'static str {
        match self {
            Self::Healthy => {
                "Contoso's app is registered, its secret works and an administrator has given consent."
            }
            Self::ConsentMissing => {
                "Somebody added the permissions and went home. They are listed on the app, and nobody has granted them."
            }
            Self::ConsentSlow => {
                "An administrator has just given consent. The directory needs a moment until tokens carry the roles."
            }
            Self::SecretWrong => {
                "The secret came in a chat message, and it is not a secret of this app any more."
            }
            Self::SecretExpired => {
                "The gateway worked for a year. Yesterday its client secret ended, and sign-in with it."
            }
            Self::DelegatedOnly => {
                "The names of the permissions are right, but they were added as delegated ones, so the app alone gets none."
            }
            Self::AppUnknown => {
                "The registration was deleted, or it lives in another tenant. This directory has no such app."
            }
            Self::PublicClientOff => {
                "Everything is granted. The gateway's sign-in needs public client flows, and the setting is off."
            }
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|scenario| scenario.id() == id)
            .ok_or_else(|| UnknownScenario(id.to_owned()))
    }
}

/// A scenario id that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "There is no scenario “{0}”. Known are healthy, app-unknown, secret-wrong, secret-expired, delegated-only, consent-missing, consent-slow and public-client-off."
)]
pub struct UnknownScenario(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_and_serde_agrees() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse::<Scenario>().as_ref(), Ok(scenario));
            assert_eq!(serde_json::to_value(scenario).unwrap(), scenario.id());
            assert!(scenario.story().ends_with('.'));
            assert!(UnknownScenario(String::new()).to_string().contains(scenario.id()));
        }
        assert_eq!(Scenario::ALL.len(), 8);
        assert!("Healthy".parse::<Scenario>().is_err());
    }
}
