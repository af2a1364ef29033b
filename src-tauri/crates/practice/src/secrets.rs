//! What the portal's **Certificates & secrets** does with client secrets: makes one, whose value is shown once, and
//! removes one.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    registration::{Password, secret_value},
    scenario::Credential,
    state::Tenant,
};

/// Days that a secret lives when its maker does not say; the portal's own suggestion is 180.
const DAYS: u16 = 180;

/// The most that the portal takes: 24 months.
const MOST_DAYS: u16 = 730;

/// An hour is longer than any test or rehearsal waits.
pub(crate) const LATEST: u64 = 3_600_000;

/// A client secret that is wanted. Body of `POST /practice/secret`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSecret {
    /// Its description.
    pub description: Option<String>,
    /// Days that it lives, 1 to 730; 180 without.
    pub days: Option<u16>,
    /// So many milliseconds pass before the token endpoint knows it; without, as long as the knob or the scenario says.
    pub accepted_after_ms: Option<u64>,
}

/// A client secret that was made: the one time that its value is shown.
#[derive(Clone, Debug)]
pub struct MadeSecret {
    /// The **Secret ID**.
    pub secret_id: String,
    /// The **Value**.
    pub value: String,
    /// When it ends.
    pub ends: Timestamp,
}

impl Tenant {
    /// What **New client secret** does. The error is a sentence.
    pub(crate) fn new_secret(&self, wish: &NewSecret) -> Result<MadeSecret, String> {
        if matches!(self.plays().credential, Some(Credential::NoNewSecrets)) {
            return Err("Credential type not allowed as per assigned policy.".to_owned());
        }
        let days = wish.days.unwrap_or(DAYS);
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(format!("A secret lives 1 to {MOST_DAYS} days."));
        }
        if wish.accepted_after_ms.is_some_and(|delay| delay > LATEST) {
            return Err(format!("accepted_after_ms is at most {LATEST}."));
        }
        let now = self.now();
        let password = Password {
            key_id: self.draw_id(),
            value: secret_value(self.seed(), self.draw()),
            display_name: wish.description.clone().filter(|text| !text.trim().is_empty()),
            start: now + self.secret_delay(wish),
            end: now + SignedDuration::from_hours(24 * i64::from(days)),
        };
        let made = MadeSecret {
            secret_id: password.key_id.to_string(),
            value: password.value.clone(),
            ends: password.end,
        };
        self.changing().registration.passwords.push(password);
        Ok(made)
    }

    /// How long the token endpoint does not know a secret that is made now.
    fn secret_delay(&self, wish: &NewSecret) -> SignedDuration {
        let in_millis = |delay: u64| SignedDuration::from_millis(i64::try_from(delay).unwrap_or(i64::MAX));
        let of_scenario = || match self.plays().credential {
            Some(Credential::NotYet) => self.consent_delay(),
            _ => SignedDuration::ZERO,
        };
        let set = wish.accepted_after_ms.map(in_millis).or_else(|| self.changing().secret_delay);
        set.unwrap_or_else(of_scenario)
    }

    /// What **Delete** beside a secret does; false when there is none of this id.
    pub(crate) fn remove_secret(&self, secret_id: &str) -> bool {
        let Ok(wanted) = Uuid::parse_str(secret_id) else { return false };
        let mut changing = self.changing();
        let passwords = &mut changing.registration.passwords;
        let before = passwords.len();
        passwords.retain(|password| password.key_id != wanted);
        passwords.len() < before
    }
}
